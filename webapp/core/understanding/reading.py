"""What a typed answer was understood to say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from webapp.core import values
from webapp.core.errors import AnswerRefused
from webapp.core.playbook import Property
from webapp.core.understanding.choices import Meant
from webapp.core.understanding.heard import Heard
from webapp.core.understanding.pieces import Certainty, Piece
from webapp.core.understanding.quantities import Quantity, currencies_in
from webapp.core.understanding.words import Said
from webapp.core.values import Money, Type, Value

# More than this to choose from is no question but a puzzle: then the text stays a note.
MOST_DOUBTS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of a property, with the words it came from. A likely one must be confirmed."""

    property: str
    value: Value
    quote: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one typed answer said. ``asked`` is the property that was asked for, if any.

    ``skips``: they would rather not answer. ``wants_person``: they ask to speak with someone.
    ``denies``: what they were asked to confirm is wrong.
    """

    asked: str | None = None
    readings: tuple[Reading, ...] = ()
    skips: bool = False
    wants_person: bool = False
    denies: bool = False

    @property
    def answer(self) -> Reading | None:
        """What was surely answered to the question asked."""
        return next((r for r in self.of(self.asked) if r.certainty == "sure"), None)

    @property
    def doubts(self) -> tuple[Reading, ...]:
        """Likely answers to the question asked, to be confirmed: "Did you mean ...?"."""
        return () if self.answer else self.of(self.asked)

    @property
    def others(self) -> tuple[Reading, ...]:
        """What the same words say about other properties."""
        return tuple(r for r in self.readings if r.property != self.asked)

    def of(self, property: str | None) -> tuple[Reading, ...]:
        return tuple(r for r in self.readings if r.property == property)


def settled(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """One sure reading, or a few likely ones: two different sure ones are both doubtful."""
    found = list(readings)
    sure = {r.value: r for r in reversed(found) if r.certainty == "sure"}
    if len(sure) == 1:
        return tuple(sure.values())
    doubts: dict[Value, Reading] = {}
    for each in found:
        if not sure or each.value in sure:
            doubts.setdefault(each.value, replace(each, certainty="likely"))
    return tuple(doubts.values()) if len(doubts) <= MOST_DOUBTS else ()


def of_choices(heard: Heard, property: Property, meant: Iterable[Meant]) -> Iterator[Reading]:
    """Choices as readings; those of a multi-choice property make one."""
    if property.type is Type.CHOICE:
        for each in meant:
            quote = heard.said.quote(each.start, each.end)
            yield Reading(property.id, each.choice, quote, each.certainty)
        return
    found = list(meant)
    surely = [each for each in found if each.certainty == "sure"]
    if kept := surely or found:
        chosen = {each.choice for each in kept}
        start, end = min(each.start for each in kept), max(each.end for each in kept)
        value = tuple(choice for choice in property.choices if choice in chosen)
        quote = heard.said.quote(start, end)
        yield Reading(property.id, value, quote, "sure" if surely else "likely")


def of_money(heard: Heard, property: Property, amount: Quantity) -> Iterator[Reading]:
    """Of a range the least; sure only where amount and currency are both plain."""
    plain = amount.low == amount.high and amount.per in (None, "year")
    currency = amount.currency or _named_in_label(property)
    certainty: Certainty = "sure" if plain and currency else "likely"
    currency = currency or heard.currency
    if currency:
        quote = heard.said.quote(amount.start, amount.end)
        yield Reading(property.id, Money(amount.least, currency), quote, certainty)


def of_number(heard: Heard, property: Property, amount: Quantity) -> Reading:
    """Of a range the least, to be confirmed."""
    quote = heard.said.quote(amount.start, amount.end)
    certainty: Certainty = "sure" if amount.low == amount.high else "likely"
    return Reading(property.id, amount.least, quote, certainty)


def of_piece(heard: Heard, property: Property, piece: Piece | None) -> Iterator[Reading]:
    """A value found whole in the text, if the property takes it."""
    if piece is None:
        return
    try:
        value = values.read(property, piece.value)
    except AnswerRefused:
        return
    if value is not None:
        quote = heard.text[piece.start : piece.end]
        yield Reading(property.id, value, quote, piece.certainty)


def holds_a_name(property: Property) -> bool:
    """By its id: format A25 gives ``name`` its meaning."""
    return property.id in ("name", "full_name", "contact_name", "your_name")


def holds_a_title(property: Property) -> bool:
    return bool({"job", "title", "position"} & set(property.id.split("_")))


def _named_in_label(property: Property) -> str | None:
    """The currency a label names, as in "Budget (EUR)"."""
    labels = property.label.by_locale.values()
    found = {currency for text in labels for currency in currencies_in(Said(text))}
    return found.pop() if len(found) == 1 else None
