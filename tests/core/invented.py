"""Small invented playbooks and visitors, for properties that must hold of every one of them.

Every strategy is made once: Hypothesis looks through each new one before it draws from it, which
takes longer than to draw, and much longer than what is tested.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Literal, TypeVar

from hypothesis import strategies as st

from tests.core.made_of import CategoryId, property_, text
from webapp.core.conditions import (
    All,
    Any,
    AtLeast,
    AtMost,
    Compare,
    Condition,
    Includes,
    Is,
    IsNot,
    Known,
    Mentions,
    Nothing,
    Subject,
    Test,
)
from webapp.core.facts import Certainty, Fact
from webapp.core.flow import FinishRule, Flow, Question, Release
from webapp.core.playbook import (
    Advice,
    Category,
    Criterion,
    Destination,
    Disqualifier,
    Guidance,
    Playbook,
    Rep,
    RoutingRule,
    ScoringRule,
    Signal,
    Team,
    Tier,
)
from webapp.core.signals import Event
from webapp.core.situation import Visit
from webapp.core.values import Type, Value

T = TypeVar("T")

YES_OR_NO = st.booleans()
SELDOM = st.sampled_from((False, False, True))
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)

PROPERTIES = {
    each.id: each
    for each in (
        property_("goal", Type.CHOICE, ("grow", "save", "learn")),
        property_("when", Type.CHOICE, ("now", "soon", "later"), ordered=True),
        property_("who", Type.CHOICES, ("cfo", "it", "board")),
        property_("size", Type.NUMBER),
        property_("sure", Type.YES_NO),
        property_("story", Type.LONG_TEXT),
        property_("email", Type.EMAIL),
        property_("email_domain", Type.TEXT, built_in=True),
        property_(
            "email_kind", Type.CHOICE, ("business", "free", "disposable", "role"), built_in=True
        ),
        property_("first_name", Type.TEXT, built_in=True),
    )
}
ASKABLE = tuple(p for p in PROPERTIES.values() if not p.built_in)
SIGNALS = {
    "visit": Signal("visit", visit="every"),
    "page_view": Signal("page_view", event="page_view"),
    "pricing": Signal("pricing", event="page_view", pages=("/pricing",)),
}

VALUES: dict[str, tuple[Value, ...]] = {
    "goal": ("grow", "save", "learn"),
    "when": ("now", "soon", "later"),
    "who": (
        ("cfo",),
        ("it",),
        ("board",),
        ("cfo", "it"),
        ("cfo", "board"),
        ("it", "board"),
        ("cfo", "it", "board"),
    ),
    "size": tuple(Decimal(n) for n in (-1, 9, 10, 15, 20, 25)),
    "sure": ("yes", "no"),
    "story": ("nothing", "we must migrate", "move off soon", "migrate: move off"),
    "email": ("ana@firm.test", "bo@school.edu"),
}
"""Every value the invented conditions can tell apart."""


def subject(property_id: str) -> Subject:
    return Subject("property", property_id, PROPERTIES[property_id].type)


@cache
def whole(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


@cache
def either(*these: T) -> st.SearchStrategy[T]:
    return st.sampled_from(these)


@cache
def maybe(something: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    return st.none() | something


@cache
def comparisons(properties: tuple[str, ...]) -> st.SearchStrategy[Compare]:
    @cache
    def of(property_id: str) -> st.SearchStrategy[Compare]:
        type_ = PROPERTIES[property_id].type
        tests: list[st.SearchStrategy[Test]] = [st.builds(Known, st.booleans())]
        if type_ in (Type.CHOICE, Type.YES_NO):
            some = st.lists(
                st.sampled_from(VALUES[property_id]), min_size=1, max_size=2, unique=True
            ).map(tuple)
            tests += [st.builds(Is, some), st.builds(IsNot, some)]
        if property_id == "when":
            order = ("now", "soon", "later")
            bound = st.sampled_from(order)
            tests += [
                st.builds(AtLeast, bound, st.just(order)),
                st.builds(AtMost, bound, st.just(order)),
            ]
        if type_ is Type.CHOICES:
            some = st.lists(
                st.sampled_from(("cfo", "it", "board")), min_size=1, max_size=2, unique=True
            ).map(tuple)
            tests += [st.builds(Is, some), st.builds(IsNot, some), st.builds(Includes, some)]
        if type_ is Type.NUMBER:
            bound = st.sampled_from((Decimal(10), Decimal(20)))
            tests += [st.builds(AtLeast, bound), st.builds(AtMost, bound)]
        if type_ is Type.LONG_TEXT:
            tests.append(st.sampled_from((Mentions(("migrate",)), Mentions(("move off",)))))
        if type_ is Type.EMAIL:
            tests = [st.builds(Known, st.booleans())]
        return st.lists(st.one_of(tests), min_size=1, max_size=2).map(
            lambda found: Compare(subject(property_id), tuple(found))
        )

    return st.sampled_from(properties).flatmap(of)


SIGNAL_COMPARISONS = st.builds(
    lambda least: Compare(Subject("signal", "pricing"), (AtLeast(Decimal(least)),)),
    st.integers(1, 2),
)


@cache
def conditions(
    properties: tuple[str, ...] = tuple(VALUES), *, depth: int = 2, signals: bool = True
) -> st.SearchStrategy[Condition]:
    leaf: st.SearchStrategy[Condition] = comparisons(properties)
    if signals:
        leaf = st.one_of(leaf, leaf, SIGNAL_COMPARISONS)
    if depth == 0:
        return leaf
    inner = conditions(properties, depth=depth - 1, signals=signals)
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        leaf, st.builds(All, several), st.builds(Any, several), st.builds(Nothing, several)
    )


@cache
def tables(property_id: str) -> st.SearchStrategy[dict[Value, int]]:
    keys = tuple(PROPERTIES[property_id].choices) or ("yes", "no")
    return st.dictionaries(st.sampled_from(keys), whole(-10, 20), min_size=1)


def scoring_rule(draw: st.DrawFn, id: str, category: CategoryId) -> ScoringRule:
    points = whole(-10, 20)
    cap = draw(maybe(whole(0, 15)))
    kind = draw(either("table", "when", "when", "signal"))
    if kind == "table":
        name = draw(either("goal", "when", "who", "sure"))
        table = draw(tables(name))
        otherwise = draw(maybe(points))
        return ScoringRule(
            id, category, property=name, table=table, otherwise=otherwise, at_most=cap
        )
    if kind == "signal":
        half_life = draw(either(None, timedelta(days=1)))
        return ScoringRule(
            id,
            category,
            signal=draw(either("pricing", "visit")),
            points=draw(points),
            each=draw(YES_OR_NO),
            within=draw(either(None, timedelta(days=2))),
            half_life=half_life,
            at_most=cap,
        )
    return ScoringRule(
        id,
        category,
        when=draw(conditions(depth=1)),
        points=draw(points),
        at_most=cap,
    )


DECIDING = st.one_of(
    conditions(depth=1),
    st.sampled_from(
        (
            Compare(Subject("tier"), (Is(("hot",)),)),
            Compare(Subject("icp"), (Is(("yes", "partial")),)),
            Compare(Subject("disqualified"), (Is(("yes",)),)),
            Compare(Subject("score", "total"), (AtLeast(Decimal(5)),)),
        )
    ),
)


@st.composite
def playbooks(draw: st.DrawFn) -> Playbook:
    def category(id: CategoryId) -> Category:
        count = draw(whole(0, 3))
        rules = tuple(scoring_rule(draw, f"{id}{n}", id) for n in range(count))
        return Category(id, rules, draw(maybe(whole(0, 30))))

    gate: Literal["hard", "flag"] = draw(either("hard", "flag"))
    routing = tuple(
        RoutingRule(f"r{n}", draw(either("sales", "nurture", "no")), draw(DECIDING))
        for n in range(draw(whole(0, 3)))
    )
    return Playbook(
        name=text("Invented"),
        locale="en",
        timezone="UTC",
        properties=PROPERTIES,
        signals=SIGNALS,
        icp=tuple(Criterion(f"c{n}", draw(conditions(depth=1))) for n in range(2)),
        disqualifiers=(Disqualifier("gate", draw(conditions(depth=1)), gate),),
        fit=category("fit"),
        intent=category("intent"),
        tiers=(Tier("hot", 20), Tier("warm", 5), Tier("cold", None)),
        routing=(*routing, RoutingRule("rest", "nurture")),
        destinations={
            "sales": Destination("sales", "sales", timedelta(minutes=15)),
            "nurture": Destination("nurture", "nurture", track="general"),
            "no": Destination("no", "decline"),
        },
        teams=(Team("all", (Rep("desk@example.com"),)),),
        guidance=Guidance((Advice(text("Call and confirm {goal}.")),), (), ()),
    )


ORDERS = st.permutations([p.id for p in ASKABLE])


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    order = draw(ORDERS)
    count = draw(whole(1, 5))
    questions = tuple(
        Question(
            id=name,
            property=name,
            ask=text(f"{name}?"),
            when=draw(maybe(conditions(depth=1))),
            required=draw(YES_OR_NO),
            always=draw(SELDOM),
        )
        for name in order[:count]
    )
    finish = draw(maybe(conditions(depth=0)))
    return Flow(
        id="flow",
        title=text("Flow"),
        questions=questions,
        ask_at_most=draw(maybe(whole(1, 3))),
        stop_when_settled=draw(YES_OR_NO),
        finish_when=(FinishRule("early", finish),) if finish else (),
    )


releases = st.builds(lambda p, f: Release(p, {"flow": f}, {}), playbooks(), flows())

some_facts = st.lists(
    st.sampled_from(tuple(VALUES)).flatmap(
        lambda name: st.builds(
            Fact,
            st.just(name),
            st.sampled_from(VALUES[name]),
            st.sampled_from((Certainty.stated, Certainty.inferred, Certainty.enriched)),
            st.just("test"),
            st.integers(0, 3).map(lambda days: NOW - timedelta(days=days)),
            st.integers(0, 9),
        )
    ),
    max_size=4,
).map(tuple)

some_events = st.lists(
    st.builds(
        Event,
        at=st.integers(0, 5_000).map(lambda minutes: NOW - timedelta(minutes=minutes)),
        page=st.sampled_from(("/pricing", "/", "/blog/a")),
    ),
    max_size=4,
).map(tuple)

visits = st.builds(Visit, now=st.just(NOW), facts=some_facts, events=some_events)

some_answers = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(found) for name, found in VALUES.items()}
)
