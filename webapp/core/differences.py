"""What differs between two releases, in sentences, for whoever is about to publish one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from webapp.core import wording
from webapp.core.flow import Flow, Question, Release
from webapp.core.playbook import Advice, Category, Playbook, Property, ScoringRule, Text
from webapp.core.sentences import sentence
from webapp.core.values import Value


class Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True)
class Change:
    """``where`` is the playbook's part or the flow's title."""

    where: str
    what: str


def differences(before: Release | None, after: Release) -> list[Change]:
    """Every difference that a visitor, a rep or a marketer could notice, in words."""
    if before is None:
        return [
            Change(_title(id, after.flows), "Published for the first time") for id in after.flows
        ]
    return [*_playbook(before.playbook, after.playbook), *_flows(before, after)]


def _flows(before: Release, after: Release) -> Iterator[Change]:
    both = {**before.flows, **after.flows}
    for id in (*after.flows, *(id for id in before.flows if id not in after.flows)):
        title = _title(id, both)
        if id not in before.flows:
            yield Change(title, f"New flow, with {len(after.flows[id].questions)} questions")
        elif id not in after.flows:
            yield Change(title, "Taken out: nobody can begin it any more")
        else:
            for what in _flow(before, after, before.flows[id], after.flows[id]):
                yield Change(title, what)


def _title(id: str, flows: Mapping[str, Flow]) -> str:
    """A flow's title; with its id where another, such as its copy, has the same."""
    title = str(flows[id].title)
    return (
        title
        if [str(each.title) for each in flows.values()].count(title) == 1
        else f"{title} ({id})"
    )


def _flow(before: Release, after: Release, old: Flow, new: Flow) -> Iterator[str]:
    yield from _text("Title", old.title, new.title)
    yield from _text("Greeting", old.greeting, new.greeting)
    yield from _value("What they come for", old.intent, new.intent)
    yield from _value("New questions at most", old.ask_at_most, new.ask_at_most)
    yield from _value("Stops when settled", old.stop_when_settled, new.stop_when_settled)
    labels = {p.id: str(p.label) for p in after.playbook.properties.values()}
    yield from _listed(
        "question",
        old.questions,
        new.questions,
        lambda q: labels.get(q.property, q.id),
        lambda first, second: _question(before.playbook, after.playbook, first, second),
    )
    yield from _listed(
        "early end",
        old.finish_when,
        new.finish_when,
        lambda rule: rule.id,
        lambda first, second: [
            *_value(
                "when",
                sentence(first.when, before.playbook),
                sentence(second.when, after.playbook),
            ),
            *_value(
                "goes to",
                _destination(before.playbook, first.to),
                _destination(after.playbook, second.to),
            ),
            *_text("because", first.because, second.because),
        ],
    )
    for key in dict.fromkeys((*old.endings, *new.endings)):
        ending = _destination(after.playbook, key)
        yield from _text(f"Ending “{ending}”", old.endings.get(key), new.endings.get(key))


def _question(
    old_book: Playbook, new_book: Playbook, old: Question, new: Question
) -> Iterator[str]:
    yield from _text("wording", old.ask, new.ask)
    yield from _text("help", old.help, new.help)
    yield from _text("confirmation", old.confirm, new.confirm)
    yield from _value("asked when", sentence(old.when, old_book), sentence(new.when, new_book))
    yield from _value("must be answered", old.required, new.required)
    yield from _value("asked always", old.always, new.always)
    yield from _value(
        "asks about", _property(old_book, old.property), _property(new_book, new.property)
    )
    yield from _value("choices offered", _offered(old_book, old), _offered(new_book, new))


def _property(playbook: Playbook, id: str) -> str:
    known = playbook.properties.get(id)
    return str(known.label) if known else id


def _offered(playbook: Playbook, question: Question) -> str:
    known = playbook.properties.get(question.property)
    labels = {id: str(choice.label) for id, choice in known.choices.items()} if known else {}
    return ", ".join(labels.get(id, id) for id in question.choices) or "all"


def _playbook(old: Playbook, new: Playbook) -> Iterator[Change]:
    parts: tuple[tuple[str, Iterable[str]], ...] = (
        ("What we know", _properties(old, new)),
        ("What they do", _signals(old, new)),
        ("Our ideal customer", _ruled("criterion", old, new, old.icp, new.icp)),
        ("Gates", _ruled("gate", old, new, old.disqualifiers, new.disqualifiers)),
        ("Points for fit", _category(old, new, old.fit, new.fit)),
        ("Points for intent", _category(old, new, old.intent, new.intent)),
        ("Tiers", _tiers(old, new)),
        ("Routing", _ruled("rule", old, new, old.routing, new.routing)),
        ("Destinations", _destinations(old, new)),
        ("Teams", _teams(old, new)),
        ("What the rep is told", _guidance(old, new)),
    )
    for where, sentences in parts:
        for what in sentences:
            yield Change(where, what)


def _properties(old: Playbook, new: Playbook) -> Iterator[str]:
    def label(property: Property) -> str:
        return str(property.label)

    def inside(first: Property, second: Property) -> Iterator[str]:
        yield from _text("label", first.label, second.label)
        yield from _value("type", str(first.type), str(second.type))
        yield from _value("ordered", first.ordered, second.ordered)
        yield from _value("expires after", first.expires, second.expires)
        yield from _value("sensitive", first.sensitive, second.sensitive)
        yield from _listed(
            "choice",
            first.choices.values(),
            second.choices.values(),
            lambda choice: str(choice.label),
            lambda a, b: [
                *_text("label", a.label, b.label),
                *_value("synonyms", ", ".join(a.synonyms), ", ".join(b.synonyms)),
            ],
        )
        if first.derive != second.derive:
            yield "how it is worked out changed"

    yield from _listed(
        "property", old.properties.values(), new.properties.values(), label, inside, ordered=False
    )


def _signals(old: Playbook, new: Playbook) -> Iterator[str]:
    yield from _listed(
        "signal",
        old.signals.values(),
        new.signals.values(),
        lambda signal: str(signal.label or signal.id),
        lambda a, b: (
            ["what counts changed"]
            if (a.event, a.pages, a.visit, a.utm) != (b.event, b.pages, b.visit, b.utm)
            else []
        ),
        ordered=False,
    )


def _ruled(
    what: str, old: Playbook, new: Playbook, first: Iterable[N], second: Iterable[N]
) -> Iterator[str]:
    """Rules with a condition, whatever else they hold."""

    def inside(a: N, b: N) -> Iterator[str]:
        conditions = (
            sentence(getattr(a, "when", None), old),
            sentence(getattr(b, "when", None), new),
        )
        yield from _value("when", *conditions)
        yield from _value(
            "goes to",
            _destination(old, getattr(a, "to", None)),
            _destination(new, getattr(b, "to", None)),
        )
        yield from _value("gate", getattr(a, "gate", None), getattr(b, "gate", None))
        yield from _text("because", getattr(a, "because", None), getattr(b, "because", None))

    yield from _listed(what, first, second, lambda rule: rule.id, inside)


def _category(old: Playbook, new: Playbook, first: Category, second: Category) -> Iterator[str]:
    yield from _value("At most", first.at_most, second.at_most)

    def name(rule: ScoringRule) -> str:
        known = new.properties.get(rule.property or "") or old.properties.get(rule.property or "")
        return str(known.label) if known else rule.id

    def inside(a: ScoringRule, b: ScoringRule) -> Iterator[str]:
        yield from _value("points", a.points, b.points)
        yield from _value("reads", _reads(old, a), _reads(new, b))
        for value in dict.fromkeys((*a.table, *b.table)):
            label = _label(new, old, b.property or a.property, value)
            yield from _value(label, a.table.get(value), b.table.get(value), unit=" points")
        yield from _value("any other value", a.otherwise, b.otherwise, unit=" points")
        if a.when or b.when:
            yield from _value("when", sentence(a.when, old), sentence(b.when, new))
        yield from _value("at most", a.at_most, b.at_most)
        yield from _value("each time", a.each, b.each)
        yield from _value("within", a.within, b.within)
        yield from _value("halves every", a.half_life, b.half_life)
        yield from _text("because", a.because, b.because)

    yield from _listed("rule", first.rules, second.rules, name, inside, ordered=False)
    had = {rule.id for rule in first.rules}
    for rule in second.rules:
        if rule.id not in had:
            # What it adds is what there is to see of it.
            nothing = ScoringRule(rule.id, rule.category, rule.property, signal=rule.signal)
            yield from (f"{name(rule)} · {change}" for change in inside(nothing, rule))


def _reads(playbook: Playbook, rule: ScoringRule) -> str | None:
    if rule.property:
        return _property(playbook, rule.property)
    signal = playbook.signals.get(rule.signal or "")
    return str(signal.label) if signal and signal.label else rule.signal


def _label(new: Playbook, old: Playbook, property_id: str | None, value: Value) -> str:
    known = new.properties.get(property_id or "") or old.properties.get(property_id or "")
    if known is None:
        return str(value)
    choice = known.choices.get(str(value))
    return str(choice.label) if choice else wording.label(known, value, new.locale)


def _tiers(old: Playbook, new: Playbook) -> Iterator[str]:
    yield from _listed(
        "tier",
        old.tiers,
        new.tiers,
        lambda tier: str(tier.label or tier.id),
        lambda a, b: [*_value("begins at", a.least, b.least), *_text("label", a.label, b.label)],
    )


def _destinations(old: Playbook, new: Playbook) -> Iterator[str]:
    yield from _listed(
        "destination",
        old.destinations.values(),
        new.destinations.values(),
        lambda each: str(each.label or each.id),
        lambda a, b: [
            *_value("kind", a.kind, b.kind),
            *_value("respond within", a.respond_within, b.respond_within),
            *_value("track", a.track, b.track),
            *_text("label", a.label, b.label),
        ],
        ordered=False,
    )


def _teams(old: Playbook, new: Playbook) -> Iterator[str]:
    yield from _listed(
        "team",
        old.teams,
        new.teams,
        lambda team: str(team.label or team.id),
        lambda a, b: [
            *_value(
                "reps",
                ", ".join(rep.email for rep in a.reps),
                ", ".join(rep.email for rep in b.reps),
            ),
            *(
                ["weights or capacities changed"]
                if a.reps != b.reps
                and [rep.email for rep in a.reps] == [rep.email for rep in b.reps]
                else []
            ),
            *_value("covers", sentence(a.covers, old), sentence(b.covers, new)),
            *_value("lead", a.lead, b.lead),
            *(
                ["hours or holidays changed"]
                if (a.hours, a.holidays) != (b.hours, b.holidays)
                else []
            ),
        ],
    )


def _destination(playbook: Playbook, id: str | None) -> str | None:
    found = playbook.destinations.get(id or "")
    return str(found.label) if found and found.label else id


def _guidance(old: Playbook, new: Playbook) -> Iterator[str]:
    for name in ("next_action", "talking_points", "red_flags"):
        first = [_advice(each, old) for each in getattr(old.guidance, name)]
        second = [_advice(each, new) for each in getattr(new.guidance, name)]
        words = name.replace("_", " ")
        yield from (f"Added {words}: {each}" for each in second if each not in first)
        yield from (f"Removed {words}: {each}" for each in first if each not in second)
        if first != second and sorted(first) == sorted(second):
            yield f"The order of {words} changed"


def _advice(advice: Advice, playbook: Playbook) -> str:
    return f"“{advice.say}” ({sentence(advice.when, playbook)})"


def _listed(
    what: str,
    old: Iterable[N],
    new: Iterable[N],
    name: Callable[[N], str],
    inside: Callable[[N, N], Iterable[str]],
    *,
    ordered: bool = True,
) -> Iterator[str]:
    first: Mapping[str, N] = {each.id: each for each in old}
    second: Mapping[str, N] = {each.id: each for each in new}
    for id, each in second.items():
        if id not in first:
            yield f"Added {what} “{name(each)}”"
        else:
            yield from (f"{name(each)} · {change}" for change in inside(first[id], each))
    for id, each in first.items():
        if id not in second:
            yield f"Removed {what} “{name(each)}”"
    kept_before = [id for id in first if id in second]
    kept_after = [id for id in second if id in first]
    if ordered and kept_before != kept_after:
        yield f"The order of the {what}s changed"


def _value(what: str, old: object, new: object, *, unit: str = "") -> Iterator[str]:
    if old != new:
        yield f"{what}: {_said(old)} → {_said(new)}{unit}"


def _text(what: str, old: Text | None, new: Text | None) -> Iterator[str]:
    first = dict(old.by_locale) if old else {}
    second = dict(new.by_locale) if new else {}
    for locale in dict.fromkeys((*second, *first)):
        if first.get(locale) != second.get(locale):
            tongue = f" ({locale})" if len({*first, *second}) > 1 else ""
            yield f"{what}{tongue}: {_quoted(first.get(locale))} → {_quoted(second.get(locale))}"


def _quoted(text: str | None) -> str:
    return "nothing" if text is None else f"“{text}”"


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None or value == "" else str(value)
