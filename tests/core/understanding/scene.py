"""The playbook and flow that the understanding tests talk to, and a way to say things to it."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from webapp.core import values
from webapp.core.flow import Flow, Question, Release
from webapp.core.playbook import Category, Choice, Derive, Guidance, Playbook, Property, Text
from webapp.core.understanding import Understanding, understand
from webapp.core.values import Type, Value
from webapp.flow_files import load_release

HERE = Path(__file__).parent
TODAY = date(2026, 11, 21)


def text(english: str) -> Text:
    return Text({"en": english}, "en")


def prop(id: str, label: str, type: str, choices: dict | None = None, **more) -> Property:
    made = {}
    for choice, worded in (choices or {}).items():
        label_, *synonyms = worded if isinstance(worded, list) else [worded]
        made[choice] = Choice(choice, text(label_), tuple(synonyms))
    return Property(id, text(label), Type(type), choices=made, **more)


PROPERTIES = [
    prop(
        "goal",
        "Main goal",
        "choice",
        {
            "leads": "More qualified leads",
            "faster": "Faster follow-up",
            "replace": "Replace our current tool",
            "reporting": "Better reporting",
            "other": "Something else",
        },
    ),
    prop("challenge", "Challenge", "long_text"),
    prop(
        "budget_status",
        "Budget status",
        "choice",
        {
            "allocated": "Allocated",
            "planned": "Planned, not approved yet",
            "exploring": "Still exploring",
            "none": "No budget yet",
        },
    ),
    prop(
        "budget_range",
        "Budget range",
        "choice",
        {
            "under_10k": "Under €10,000",
            "10k-50k": "€10,000 to €50,000",
            "50k-100k": "€50,000 to €100,000",
            "over_100k": "More than €100,000",
            "undecided": "Not decided yet",
            "private": "Prefer not to say",
        },
        ordered=True,
    ),
    prop("budget", "Budget", "money"),
    prop(
        "timeline",
        "Timeline",
        "choice",
        {
            "now": "Within a month",
            "quarter": "This quarter",
            "half_year": "Within six months",
            "later": "Later",
            "exploring": "Just exploring",
        },
        ordered=True,
    ),
    prop("start_date", "Start date", "date"),
    prop(
        "committee",
        "Who else decides",
        "choices",
        {
            "just_me": "Just me",
            "finance": "Finance",
            "it": "IT",
            "board": "The board",
            "procurement": "Procurement",
        },
    ),
    prop(
        "company_size",
        "Company size",
        "choice",
        {
            "1-49": "1–49 people",
            "50-199": "50–199 people",
            "200-500": "200–500 people",
            "501-1000": "501–1,000 people",
            "1001+": "More than 1,000 people",
        },
        ordered=True,
    ),
    prop("team_size", "Team size", "number"),
    prop(
        "industry",
        "Industry",
        "choice",
        {
            "technology": ["Technology", "software", "saas", "IT services"],
            "professional_services": ["Professional services", "consulting"],
            "ecommerce": ["E-commerce", "online shop", "retail"],
            "manufacturing": "Manufacturing",
            "other": "Another industry",
        },
    ),
    prop("job_title", "Job title", "text"),
    prop(
        "role_level",
        "Seniority",
        "choice",
        {
            "c_level": "C-level",
            "vp_director": "VP or director",
            "manager": "Manager",
            "specialist": "Specialist",
        },
        derive=Derive(
            "job_title",
            words={
                "c_level": ("chief", "ceo", "cto", "cfo", "founder"),
                "vp_director": ("vp", "vice president", "director", "head"),
                "manager": ("manager", "lead"),
            },
            otherwise="specialist",
        ),
    ),
    prop("has_crm", "Do you use a CRM?", "yes_no"),
    prop("consent", "Consent", "consent"),
    prop("name", "Name", "text"),
    prop("company", "Company", "company"),
    prop("email", "Email", "email"),
    prop("phone", "Phone", "phone"),
    prop("website", "Website", "url"),
    prop("country", "Country", "country"),
]


def playbook(properties: list[Property]) -> Playbook:
    return Playbook(
        name=text("Example"),
        locale="en",
        timezone="Europe/Berlin",
        properties={p.id: p for p in properties},
        signals={},
        icp=(),
        disqualifiers=(),
        fit=Category("fit"),
        intent=Category("intent"),
        tiers=(),
        routing=(),
        destinations={},
        teams=(),
        guidance=Guidance(),
    )


PLAYBOOK = playbook(PROPERTIES)
ORDINARY = [p.id for p in PROPERTIES if p.id not in ("budget", "start_date", "role_level")]


@cache
def starter() -> Release:
    """What everybody begins with, and the demo's visitors talk to."""
    return load_release(HERE.parents[2] / "question_flows")


@cache
def asked_in_the_demo() -> list[str]:
    """The properties that its flows ask of visitors."""
    flows = (each for id, each in starter().flows.items() if id != "discovery-call")
    return list(dict.fromkeys(p for each in flows for p in each.by_property))


def flow(*properties: str) -> Flow:
    questions = tuple(Question(p, p, text(f"{p}?")) for p in properties)
    return Flow("demo", text("Demo"), questions)


def hear(
    says: str,
    asked: str | None = None,
    *,
    locale: str = "en",
    today: date = TODAY,
    choices: tuple[str, ...] = (),
    guess: Value | Callable[[], Value | None] | None = None,
    playbook: Playbook = PLAYBOOK,
) -> Understanding:
    """What is understood of ``says`` in reply to a question about ``asked``, or whether that is
    what ``guess`` says."""
    ordinary = ORDINARY if playbook is PLAYBOOK else asked_in_the_demo()
    properties = ordinary if asked in ordinary or not asked else [*ordinary, asked]
    question = Question(asked, asked, text("?"), choices=choices) if asked else None
    return understand(
        says,
        asked=question,
        flow=flow(*properties),
        playbook=playbook,
        today=today,
        locale=locale,
        guess=guess if callable(guess) else lambda: guess,
    )


def utterances(name: str) -> list[dict]:
    """A list of things people say, with what they mean."""
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))


def verdict(utterance: dict, playbook: Playbook = PLAYBOOK) -> str | None:
    """What was misunderstood, or None."""
    asked, says = utterance.get("asked"), str(utterance["says"])
    heard = hear(says, asked, locale=utterance.get("locale", "en"), playbook=playbook)
    want_sure = _read(utterance.get("means", {}), playbook)
    want_asked = _read(utterance.get("only_perhaps", {}), playbook)
    want_likely = _read(utterance.get("perhaps", {}), playbook) | want_asked
    sure = {r.property: r.value for r in heard.readings if r.certainty == "sure"}
    likely: dict[str, list] = {}
    for r in heard.readings:
        if r.certainty == "likely":
            likely.setdefault(r.property, []).append(r.value)
    if asked and playbook.properties[asked].type in (Type.LONG_TEXT,) and asked not in want_sure:
        sure.pop(asked, None)
    # Sure of what was only expected to be likely is no mistake.
    want_sure |= {p: v for p, v in want_likely.items() if sure.get(p) == v and p not in want_asked}
    want_likely = {p: v for p, v in want_likely.items() if p not in want_sure}
    wrong = [f"{p} surely {v}" for p, v in sure.items() if want_sure.get(p) != v]
    missed = [f"not {p}: {v}" for p, v in want_sure.items() if sure.get(p) != v]
    missed += [
        f"not perhaps {p}: {v}" for p, v in want_likely.items() if v not in likely.get(p, [])
    ]
    if asked and asked in likely and asked not in {**want_sure, **want_likely}:
        missed.append(f"perhaps {asked}: {likely[asked]}")
    if heard.skips != utterance.get("skips", False):
        missed.append(f"skips: {heard.skips}")
    if heard.wants_person != utterance.get("person", False):
        missed.append(f"wants a person: {heard.wants_person}")
    if wrong:
        return "WRONG " + "; ".join(wrong + missed)
    return "missed " + "; ".join(missed) if missed else None


def _read(means: dict, playbook: Playbook) -> dict:
    return {
        p: values.read(playbook.properties[p], str(v) if isinstance(v, int) else v)
        for p, v in means.items()
    }
