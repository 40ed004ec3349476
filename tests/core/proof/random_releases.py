"""Random small releases and visitors, by seed: every part of the language, and values of all kinds
that lie between, on and beyond what conditions name."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from tests.core.made_of import CategoryId, property_, text
from webapp.core.case import Case
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
    Derive,
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
from webapp.core.values import Money, Type, Value

AT = datetime(2026, 1, 15, 10, tzinfo=UTC)

KINDS = ("business", "free", "disposable", "role")
PROPERTIES = {
    each.id: each
    for each in (
        property_("goal", Type.CHOICE, ("grow", "save", "learn")),
        property_("when", Type.CHOICE, ("now", "soon", "later"), ordered=True),
        property_("who", Type.CHOICES, ("cfo", "it", "board")),
        property_("size", Type.NUMBER),
        property_("budget", Type.MONEY),
        property_("start", Type.DATE),
        property_("sure", Type.YES_NO),
        property_("story", Type.LONG_TEXT),
        property_("title", Type.TEXT),
        property_(
            "level",
            Type.CHOICE,
            ("top", "middle", "rest"),
            derive=Derive("title", words={"top": ("chief",), "middle": ("head", "vp")}),
        ),
        property_("country", Type.COUNTRY),
        property_(
            "region",
            Type.CHOICE,
            ("europe", "america", "elsewhere"),
            derive=Derive(
                "country",
                values={"europe": ("DE", "FR"), "america": ("US",)},
                otherwise="elsewhere",
            ),
        ),
        property_("email", Type.EMAIL),
        property_("phone", Type.PHONE),
        property_("unread", Type.TEXT),
        property_("email_domain", Type.TEXT, built_in=True),
        property_("email_kind", Type.CHOICE, KINDS, built_in=True),
        property_("first_name", Type.TEXT, built_in=True),
    )
}
ASKABLE = tuple(p.id for p in PROPERTIES.values() if not p.built_in and p.id != "unread")
READABLE = tuple(p for p in PROPERTIES if p not in ("first_name", "unread"))

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
    "size": tuple(Decimal(n) for n in ("-1", "0", "9", "10", "10.5", "19", "20", "21", "1000")),
    "budget": (
        Money(Decimal(0), "EUR"),
        Money(Decimal(500), "EUR"),
        Money(Decimal(1000), "EUR"),
        Money(Decimal(5000), "EUR"),
        Money(Decimal(1000), "USD"),
        Money(Decimal(7), "JPY"),
    ),
    "start": (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 1), date(2026, 6, 2)),
    "sure": ("yes", "no"),
    "story": ("nothing", "we must migrate", "Move off soon", "migrate: move off!", "moveoff"),
    "title": ("Chief of staff", "head", "VP", "chief vp", "clerk", "SVP"),
    "level": ("top", "middle", "rest"),
    "country": ("DE", "FR", "US", "JP", "CH"),
    "region": ("europe", "america", "elsewhere"),
    "email": (
        "ana@firm.example",
        "bo@mit.edu",
        "info@firm.example",
        "c@gmail.com",
        "d@mailinator.com",
        "e@rival.example",
        "f@edu.mailinator.com",
    ),
    "phone": ("+44 808 157 0192", "12345"),
    "unread": ("something",),
}

SIGNALS = {
    each.id: each
    for each in (
        Signal("visit", visit="every"),
        Signal("page_view", event="page_view"),
        Signal("back", visit="return"),
        Signal("pricing", event="page_view", pages=("/pricing", "/pricing/*")),
        Signal("any_price", event="page_view", pages=("*pric*",)),
        Signal("blog", event="page_view", pages=("/blog/*",)),
        Signal("mail", event="visit", utm={"utm_medium": "email"}),
        Signal("human", event="human"),
    )
}
PAGES = ("/pricing", "/pricing/eu", "/prices", "/blog/pricing", "/blog/a", "/", "/about")
WITHINS = (None, None, timedelta(days=2), timedelta(days=7), timedelta(minutes=15))


@dataclass
class Made:
    """A random release with one flow, ``flow``."""

    seed: int
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.names = self._some(READABLE, 3, 7)
        self.sightings = self.random.random() < 0.5

    def _some(self, pool: tuple[str, ...], least: int, most: int) -> tuple[str, ...]:
        return tuple(self.random.sample(pool, self.random.randint(least, min(most, len(pool)))))

    def maybe(self, share: float) -> bool:
        return self.random.random() < share

    # Conditions

    def test(self, name: str) -> Test:
        random, property = self.random, PROPERTIES[name]
        if self.maybe(0.15):
            return Known(self.maybe(0.5))
        match property.type:
            case Type.CHOICE if property.ordered and self.maybe(0.6):
                order = tuple(property.choices)
                bound = random.choice(order)
                return random.choice((AtLeast(bound, order), AtMost(bound, order)))
            case Type.CHOICE:
                pool: tuple[Value, ...] = tuple(property.choices)
            case Type.CHOICES:
                some = tuple(random.sample(tuple(property.choices), random.randint(1, 2)))
                return random.choice((Is(some), IsNot(some), Includes(some)))
            case Type.NUMBER:
                bound_ = random.choice((Decimal(10), Decimal(20)))
                return random.choice((AtLeast(bound_), AtMost(bound_), Is((bound_,))))
            case Type.MONEY:
                money = random.choice((Money(Decimal(1000), "EUR"), Money(Decimal(10), "USD")))
                return random.choice((AtLeast(money), AtMost(money), Is((money,)), IsNot((money,))))
            case Type.DATE:
                day = random.choice((date(2026, 1, 1), date(2026, 6, 1)))
                return random.choice((AtLeast(day), AtMost(day)))
            case Type.YES_NO:
                pool = ("yes", "no")
            case Type.COUNTRY:
                pool = ("DE", "US", "JP")
            case _ if name == "email_domain":
                tests = (Mentions(("edu",)), Is(("rival.example",)), IsNot(("rival.example",)))
                return random.choice(tests)
            case _ if name == "email":
                return Known(self.maybe(0.7))
            case _:
                words = (("migrate",), ("move off",), ("chief", "nothing"), ("head",))
                return random.choice((Mentions(random.choice(words)), Is(("nothing",))))
        chosen = tuple(random.sample(pool, random.randint(1, max(1, len(pool) - 1))))
        return random.choice((Is(chosen), Is(chosen), IsNot(chosen)))

    def compare(self, *, verdict: bool = False, gates: bool = False) -> Compare:
        random = self.random
        if verdict and self.maybe(0.4):
            return random.choice(
                (
                    Compare(Subject("tier"), (Is((random.choice(("hot", "warm", "cold")),)),)),
                    Compare(
                        Subject("icp"), (Is(tuple(self._some(("yes", "partial", "no"), 1, 2))),)
                    ),
                    Compare(Subject("score", "total"), (AtLeast(Decimal(random.randint(0, 20))),)),
                    Compare(Subject("score", "fit"), (AtMost(Decimal(random.randint(0, 9))),)),
                    Compare(Subject("score", "intent"), (AtLeast(Decimal(5)),)),
                )
            )
        if gates and self.maybe(0.3):
            result = random.choice(("clear", "tripped", "unknown"))
            return random.choice(
                (
                    Compare(Subject("disqualified"), (Is((random.choice(("yes", "no")),)),)),
                    Compare(Subject("disqualified"), (Known(self.maybe(0.5)),)),
                    Compare(Subject("disqualifier", "g0"), (Is((result,)),)),
                )
            )
        if self.maybe(0.12):
            return random.choice(
                (
                    Compare(Subject("spam"), (Is(("yes",)),)),
                    Compare(Subject("returning"), (Is((random.choice(("yes", "no")),)),)),
                    Compare(Subject("locale"), (Is(("de",)),)),
                    Compare(Subject("source", "utm_source"), (Is(("google",)),)),
                    Compare(Subject("source", "utm_source"), (IsNot(("google",)),)),
                    Compare(Subject("source", "utm_medium"), (Mentions(("mail",)),)),
                    Compare(Subject("flow", "intent"), (Is(("demo",)),)),
                )
            )
        if self.sightings and self.maybe(0.3):
            subject = Subject(
                "signal", random.choice(tuple(SIGNALS)), within=random.choice(WITHINS)
            )
            count = Decimal(random.randint(0, 2))
            return Compare(
                subject, (random.choice((AtLeast(count + 1), AtMost(count), Is((count,)))),)
            )
        name = random.choice(self.names)
        tests = tuple(self.test(name) for _ in range(2 if self.maybe(0.15) else 1))
        return Compare(Subject("property", name, PROPERTIES[name].type), tests)

    def condition(self, depth: int = 2, *, verdict: bool = False, gates: bool = False) -> Condition:
        if depth == 0 or self.maybe(0.5):
            return self.compare(verdict=verdict, gates=gates)
        parts = tuple(
            self.condition(depth - 1, verdict=verdict, gates=gates)
            for _ in range(self.random.randint(1, 3))
        )
        return self.random.choice((All, All, Any, Nothing))(parts)

    # The playbook

    def scoring_rule(self, id: str, category: CategoryId) -> ScoringRule:
        random = self.random
        points = random.randint(-8, 15)
        cap = random.choice((None, None, random.randint(0, 12)))
        tables = tuple(
            n for n in self.names if PROPERTIES[n].choices or PROPERTIES[n].type is Type.YES_NO
        )
        if self.sightings and self.maybe(0.4):
            each = self.maybe(0.4)
            return ScoringRule(
                id,
                category,
                signal=random.choice(tuple(SIGNALS)),
                points=random.randint(1, 6) if each else points,
                each=each,
                within=random.choice(WITHINS),
                half_life=timedelta(days=3) if self.maybe(0.25) else None,
                at_most=random.randint(4, 12) if each else cap,
            )
        if tables and self.maybe(0.5):
            name = random.choice(tables)
            keys = tuple(PROPERTIES[name].choices) or ("yes", "no")
            table: dict[Value, int] = {
                k: random.randint(-8, 15) for k in self._some(keys, 1, len(keys))
            }
            otherwise = random.choice((None, points))
            return ScoringRule(
                id,
                category,
                property=name,
                table=table,
                otherwise=otherwise,
                at_most=cap,
            )
        return ScoringRule(id, category, when=self.condition(1), points=points, at_most=cap)

    def playbook(self) -> Playbook:
        random = self.random

        def category(id: CategoryId) -> Category:
            rules = tuple(self.scoring_rule(f"{id}{n}", id) for n in range(random.randint(0, 4)))
            return Category(id, rules, random.choice((None, random.randint(0, 25))))

        routing = tuple(
            RoutingRule(
                f"r{n}",
                random.choice(("sales", "nurture", "no")),
                self.condition(1, verdict=True, gates=True),
            )
            for n in range(random.randint(1, 4))
        )
        return Playbook(
            name=text("Random"),
            locale="en",
            timezone="UTC",
            properties=PROPERTIES,
            signals=SIGNALS,
            icp=tuple(Criterion(f"c{n}", self.condition(1)) for n in range(random.randint(1, 3))),
            disqualifiers=tuple(
                Disqualifier(f"g{n}", self.condition(1), random.choice(("hard", "flag")))
                for n in range(random.randint(1, 2))
            ),
            fit=category("fit"),
            intent=category("intent"),
            tiers=(Tier("hot", random.randint(10, 25)), Tier("warm", 5), Tier("cold", None)),
            routing=(*routing, RoutingRule("rest", "nurture")),
            destinations={
                "sales": Destination("sales", "sales", timedelta(minutes=15)),
                "nurture": Destination("nurture", "nurture", track="general"),
                "no": Destination("no", "decline"),
            },
            teams=(Team("all", (Rep("desk@example.com"),)),),
            guidance=Guidance((Advice(text("Call.")),), (), ()),
        )

    def flow(self, *, settling: bool = False) -> Flow:
        random = self.random
        readable = [name for name in self.names if name in ASKABLE]
        asked = list(dict.fromkeys((*readable, "email", "goal")))
        random.shuffle(asked)
        if self.maybe(0.2):
            asked.append(random.choice(asked))
        questions = []
        for place, name in enumerate(asked[:6]):
            choices: tuple[str, ...] = ()
            if PROPERTIES[name].choices and self.maybe(0.2):
                choices = self._some(tuple(PROPERTIES[name].choices), 2, 2)
            questions.append(
                Question(
                    id=f"{name}{place}",
                    property=name,
                    ask=text(f"{name}?"),
                    when=self.condition(1) if self.maybe(0.4) else None,
                    required=self.maybe(0.6),
                    always=self.maybe(0.2),
                    choices=choices,
                )
            )
        finish = tuple(
            FinishRule(
                f"f{n}",
                self.condition(1, gates=True),
                random.choice((None, "sales", "no")),
            )
            for n in range(random.choice((0, 0, 1, 2)))
        )
        return Flow(
            id="flow",
            title=text("Flow"),
            questions=tuple(questions),
            intent=random.choice((None, "demo")),
            ask_at_most=random.choice((None, None, 1, 2, 3)),
            stop_when_settled=settling,
            finish_when=finish,
            endings={k: text("Bye.") for k in ("sales", "nurture", "decline")},
        )

    def release(self, *, settling: bool = False) -> Release:
        playbook = self.playbook()
        return Release(playbook, {"flow": self.flow(settling=settling)}, {})


def visitor(random: Random, *, fresh: bool) -> Case:
    """Anybody: facts of every certainty and age, events at any time, an answer for everything."""
    facts: list[Fact] = []
    dated = False
    if not fresh:
        for name in random.sample(tuple(VALUES), random.randint(0, 8)):
            for _ in range(random.choice((1, 1, 1, 2))):
                at = AT
                certainty = random.choice(tuple(Certainty))
                if random.random() < 0.3:
                    at = AT - timedelta(hours=random.randint(1, 500))
                    dated = dated or certainty is not Certainty.inferred
                facts.append(Fact(name, random.choice(VALUES[name]), certainty, "case", at))
    events = [_event(random) for _ in range(random.choice((0, 0, 1, 2, 3, 5)))]
    answers = {
        name: random.choice(found) for name, found in VALUES.items() if random.random() < 0.85
    }
    source = {}
    if random.random() < 0.4:
        source["utm_source"] = random.choice(("google", "bing"))
    if random.random() < 0.4:
        source["utm_medium"] = random.choice(("mail shot", "cpc"))
    return Case(
        flow="flow",
        at=AT,
        facts=tuple(facts),
        dated_known=dated,
        events=tuple(events),
        answers=answers,
        source=source,
        spam=random.random() < 0.2,
        locale=random.choice((None, "de", "fr")),
    )


def _event(random: Random) -> Event:
    age = random.choice(
        (
            timedelta(minutes=random.randint(0, 40)),
            timedelta(hours=random.randint(0, 60)),
            timedelta(days=random.randint(0, 20)),
            timedelta(days=2),
            timedelta(minutes=30),
        )
    )
    if random.random() < 0.2:
        return random.choice(
            (Event(AT - age, event="human"), Event(AT - age, event="visit", utm_medium="email"))
        )
    return Event(AT - age, page=random.choice(PAGES))
