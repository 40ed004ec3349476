"""Who may use each route. A route missing here fails the tests, as does one too many."""

ANYONE = frozenset({"stranger", "rep", "marketer", "manager", "admin"})
STAFF = ANYONE - {"stranger"}
SALES = frozenset({"rep", "manager", "admin"})
MARKETING = frozenset({"marketer", "manager", "admin"})
ADMINS = frozenset({"admin"})

ACCESS = {
    "account.create_session": ANYONE,
    "account.destroy_session": STAFF,
    "account.show": STAFF,
    "account.sign_in": ANYONE,
    "account.update_password": STAFF,
    "api.events.create_events": ANYONE,
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
    "desk.inbox_part": SALES,
    "desk.index": SALES,
    "desk.show": SALES,
    "desk.show_json": SALES,
    "desk.show_markdown": SALES,
    "desk.show_text": SALES,
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
    "prospect.question": ANYONE,
    "static": ANYONE,
}

THINGS = {"desk": {"id": "handoff"}, "demo": {"key": "demo key"}, "prospect": {"token": "token"}}
"""What an address of a part names by each of its secret words: see ``World.things``."""

PUBLIC_WORDS = {"skin": "f", "flow": "demo-request", "question": "goal", "filename": "baton.svg"}
"""What to put into an address where the value is no secret and belongs to nobody."""
