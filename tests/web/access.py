"""Who may use each route. A route missing here fails the tests, as does one too many."""

ANYONE = frozenset({"stranger", "rep", "marketer", "manager", "admin"})
STAFF = ANYONE - {"stranger"}
SALES = frozenset({"rep", "manager", "admin"})
MARKETING = frozenset({"marketer", "manager", "admin"})
ADMINS = frozenset({"admin"})

BY_KEY = frozenset[str]()
"""The API knows nobody by a cookie: without key or token everybody is turned away."""

ACCESS = {
    "account.create_session": ANYONE,
    "account.destroy_session": STAFF,
    "account.show": STAFF,
    "account.sign_in": ANYONE,
    "account.update_password": STAFF,
    "api_conversations.Answers": BY_KEY,
    "api_conversations.Conversation": BY_KEY,
    "api_conversations.Conversations": ANYONE,
    "api_conversations.Human": BY_KEY,
    "api_conversations.Score": BY_KEY,
    "api_docs.docs": ANYONE,
    "api_docs.handoff_schema": ANYONE,
    "api_docs.openapi": ANYONE,
    "api_events.create_events": ANYONE,
    "api_flows.Check": BY_KEY,
    "api_flows.FlowText": BY_KEY,
    "api_flows.Flows": BY_KEY,
    "api_flows.Publish": BY_KEY,
    "api_handoffs.Accept": BY_KEY,
    "api_handoffs.Contact": BY_KEY,
    "api_handoffs.Handoff": BY_KEY,
    "api_handoffs.Handoffs": BY_KEY,
    "api_handoffs.Outcome": BY_KEY,
    "api_handoffs.Reject": BY_KEY,
    "api_leads.Export": BY_KEY,
    "api_leads.Lead": BY_KEY,
    "api_leads.Leads": BY_KEY,
    "demo.index": ANYONE,
    "demo.seen": ANYONE,  # what the team sees of a demo conversation, and of no other
    "desk.create_acceptance": SALES,
    "desk.create_contact": SALES,
    "desk.create_correction": SALES,
    "desk.create_disqualification": SALES,
    "desk.create_next_step": SALES,
    "desk.create_note": SALES,
    "desk.create_outcome": SALES,
    "desk.create_reassignment": SALES,
    "desk.create_recycling": SALES,
    "desk.create_rejection": SALES,
    "desk.create_snooze": SALES,
    "desk.create_message": SALES,
    "desk.create_presence": SALES,
    "desk.destroy_presence": SALES,
    "desk.inbox_part": SALES,
    "desk.live_index": SALES,
    "desk.live_show": SALES,
    "desk.index": SALES,
    "desk.show": SALES,
    "desk.show_json": SALES,
    "desk.show_markdown": SALES,
    "desk.show_text": SALES,
    "embed.loader": ANYONE,
    "insights.create_what_if": MARKETING,
    "insights.index": STAFF,
    "insights.table": STAFF,
    "insights.what_if": MARKETING,
    "ops.healthz": ANYONE,
    "ops.metrics": ANYONE,  # from this machine and its private network
    "ops.readyz": ANYONE,
    "ops.version": ANYONE,
    "prospect.answer": ANYONE,
    "prospect.ask_for_person": ANYONE,
    "prospect.begin": ANYONE,
    "prospect.begin_with_person": ANYONE,
    "prospect.conversation": ANYONE,
    "prospect.flow": ANYONE,
    "prospect.create_message": ANYONE,
    "prospect.question": ANYONE,
    "prospect.talk": ANYONE,
    "settings.connection": ADMINS,
    "settings.connections": ADMINS,
    "settings.create_connection": ADMINS,
    "settings.create_key": ADMINS,
    "settings.create_replay": ADMINS,
    "settings.create_replays": ADMINS,
    "settings.create_test": ADMINS,
    "settings.deliveries": ADMINS,
    "settings.edit_connection": ADMINS,
    "settings.index": ADMINS,
    "settings.new_connection": ADMINS,
    "settings.update_connection": ADMINS,
    "settings.update_switch": ADMINS,
    "static": ANYONE,
    "unsubscribe.create_unsubscription": ANYONE,  # whoever holds the signed address
    "unsubscribe.unsubscribe": ANYONE,
}

THINGS = {
    "/<any(f, c):skin>/<flow>/<token>": {"token": "conversation"},
    "/demo/seen/<key>": {"key": "demo visitor"},
    "/desk/handoffs/<id>": {"id": "handoff"},
    "/settings/connections/<id>": {"id": "connection"},
    "/settings/deliveries/<id>": {"id": "delivery"},
    "/unsubscribe/<token>": {"token": "unsubscription"},
}
"""What the secret words of addresses that begin so name: see ``World.things``."""

PUBLIC_WORDS = {
    "filename": "baton.svg",
    "flow": "demo-request",
    "kind": "webhook",
    "question": "goal",
    "skin": "f",
}
"""What to put into an address where the value is no secret and belongs to nobody."""
