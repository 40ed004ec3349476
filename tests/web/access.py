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

PUBLIC_WORDS = {"skin": "f", "flow": "demo-request", "question": "goal", "filename": "baton.svg"}
"""What to put into an address where the value is no secret and belongs to nobody."""
