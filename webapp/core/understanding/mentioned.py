"""What a typed text says in passing about properties that nobody asked for just now."""

from collections.abc import Iterator
from dataclasses import replace

from webapp.core.flow import Flow
from webapp.core.playbook import Property
from webapp.core.understanding import (
    choices,
    committees,
    countries,
    horizons,
    introductions,
)
from webapp.core.understanding.books import Book, book
from webapp.core.understanding.choices import Meant
from webapp.core.understanding.heard import Heard
from webapp.core.understanding.number_words import EACH
from webapp.core.understanding.quantities import Quantity
from webapp.core.understanding.reading import (
    Reading,
    holds_a_name,
    holds_a_title,
    of_choices,
    of_money,
    of_number,
    of_piece,
    settled,
)
from webapp.core.understanding.times import When, is_deadline
from webapp.core.understanding.words import Said
from webapp.core.values import YES_OR_NO, Type

_PEOPLE_CUES = frozenset(
    "team size employees people headcount staff users seats company mitarbeiter teamgroesse "
    "firmengroesse unternehmensgroesse groesse".split()
)
_TEAM = frozenset("team user users seat seats licence license nutzer".split())
_COMPANY = frozenset(
    "company employee employees staff we're we us headcount firma unternehmen mitarbeiter wir "
    "organisation organization business".split()
)
_MONEY_NEAR = frozenset("budget spend spending invest price range ausgeben investieren".split())
_SPENT = frozenset(
    "cost costs lost lose loses revenue turnover sales raised paid last kostete kosten umsatz "
    "verloren bezahlt funding saves save".split()
)
_WISH = frozenset(
    "want need needs wants start begin launch live ready decide decision implement rollout roll "
    "buy purchase switch move replace run running timeline deadline go done use must has kick "
    "wollen will brauchen moechten muss start starten beginnen einfuehren entscheiden umsetzen "
    "fertig loslegen".split()
)
_TO_SPEND = frozenset({("for", "it"), ("for", "this"), ("for", "that"), ("to", "spend")})
_MEETING = frozenset(
    "call ring meet meeting speak talk phone email mail reach available anrufen ruf rufen treffen "
    "sprechen".split()
)
_FILLING = frozenset(", . ; ! and und so ideally preferably hopefully please bitte am is".split())
_EMPLOYED = frozenset(
    "us employee employees staff headcount ftes fte mitarbeiter mitarbeiterinnen mitarbeitende "
    "mitarbeitenden angestellte beschaeftigte".split()
)
_WE = frozenset("we we're are have has us wir sind haben team company firma".split())
_LONG_CLAUSE = 12


def readings(heard: Heard, flow: Flow, asked: Property | None) -> Iterator[Reading]:
    """Readings of the flow's other properties, one at most for each."""
    found: dict[str, Reading] = {}
    for id in flow.by_property:
        property = heard.playbook.properties.get(id)
        if property is None or property is asked or property.type in YES_OR_NO:
            continue
        readings = settled(_of(heard, property, asked))
        if len(readings) == 1:
            found[id] = readings[0]
    yield from _without_rivals(heard, found)


def _of(heard: Heard, property: Property, asked: Property | None) -> Iterator[Reading]:
    said, known = heard.said, book(property)
    match property.type:
        case Type.CHOICE:
            yield from of_choices(heard, property, _meant(heard, known, asked))
        case Type.CHOICES:
            # A mention seldom names them all, so the question is asked, with this as a guess.
            for each in of_choices(heard, property, _meant(heard, known, asked)):
                yield replace(each, certainty="likely")
        case Type.MONEY:
            for amount in heard.amounts:
                if _may_be_spent(heard, known, amount, asked):
                    yield from of_money(heard, property, amount)
        case Type.NUMBER:
            for amount in heard.amounts:
                people = amount.counts_people and known.cues & _PEOPLE_CUES
                if (people or amount.thing in known.cues) and not heard.is_used(amount):
                    yield of_number(heard, property, amount)
        case Type.DATE:
            for when in heard.times:
                if when.day and known.cues & set(said.clause(when.start)):
                    yield Reading(property.id, when.day, said.quote(when.start, when.end), "sure")
        case Type.EMAIL:
            yield from of_piece(heard, property, heard.email)
        case Type.PHONE:
            yield from of_piece(heard, property, heard.phone)
        case Type.URL:
            yield from of_piece(heard, property, heard.url)
        case Type.COUNTRY:
            country = countries.country_in(said, heard.locale, asked=False)
            yield from of_piece(heard, property, country)
        case Type.COMPANY:
            yield from of_piece(heard, property, introductions.company_in(said, asked=False))
        case Type.TEXT if holds_a_name(property):
            yield from of_piece(heard, property, introductions.name_in(said, asked=False))
        case Type.TEXT if holds_a_title(property):
            yield from of_piece(heard, property, introductions.title_in(said, asked=False))


def _meant(heard: Heard, known: Book, asked: Property | None) -> list[Meant]:
    said = heard.said
    found: list[Meant] = []
    match known.kind:
        case "people":
            return committees.people(known, said, asked=False)
        case "money":
            amounts = [a for a in heard.amounts if _may_be_spent(heard, known, a, asked)]
            return _best(known, amounts)
        case "count":
            return _counted(heard, known)
        case "time":
            for when in heard.times:
                found += _wished_for(heard, known, when)
    return found or choices.mentioned(known, said) or choices.by_idea(known, said, asked=False)


def _best(known: Book, amounts: list[Quantity]) -> list[Meant]:
    """The best fitting band of each amount: in passing nobody is asked to choose."""
    return [meant for amount in amounts for meant in choices.in_bands(known, [amount])[:1]]


def _counted(heard: Heard, known: Book) -> list[Meant]:
    """People counted in passing: sure where it is said that they are theirs."""
    found: list[Meant] = []
    for amount in heard.amounts:
        if amount.counts_people and not heard.is_used(amount):
            best = _best(known, [amount])
            ours = _are_theirs(heard.said, amount)
            found += best if ours else [each._replace(certainty="likely") for each in best]
    return found


def _are_theirs(said: Said, amount: Quantity) -> bool:
    before = set(said.words[max(0, amount.start - 3) : amount.start])
    if amount.thing == "us" and said.word(amount.end) in _WISH:
        # "Five of us decide" counts a committee.
        return False
    if EACH & set(said.clause(amount.start)):
        return False
    return amount.thing in _EMPLOYED or bool(before & _WE) or said.word(amount.end) == "company"


def _wished_for(heard: Heard, known: Book, when: When) -> list[Meant]:
    """A time counts as their timeline where they say what they want by then, or say it alone."""
    said = heard.said
    clause = set(said.clause(when.start))
    today_only = when.first == when.last == heard.today
    denied = said.denied(when.start, when.end)
    if when.bare or today_only or denied or _MEETING & clause or heard.is_used(when):
        return []
    fits = horizons.fitting(known.horizons(heard.today), when, heard.today)[:1]
    alone = clause <= {*said.words[when.start : when.end], *_FILLING}
    sure = is_deadline(said, when) or alone or bool(_WISH & clause)
    if _SPENT & clause or (when.at_once and len(clause) > _LONG_CLAUSE):
        sure = False
    return [
        Meant(choice, certainty if sure else "likely", when.start, when.end)
        for choice, certainty in fits
    ]


def _may_be_spent(heard: Heard, known: Book, amount: Quantity, asked: Property | None) -> bool:
    """An amount of money they may spend: not one that something cost, nor a number of things."""
    clause = set(heard.said.clause(amount.start))
    if amount.time_unit or amount.counts_people or _SPENT & clause or heard.is_used(amount):
        return False
    near = clause & (_MONEY_NEAR | known.cues)
    talking = asked is not None and book(asked).about_money
    ready = tuple(heard.said.words[amount.end : amount.end + 2]) in _TO_SPEND
    bare = amount.scaled and (ready or (talking and not amount.thing))
    return bool(amount.currency or near) or bare


def _without_rivals(heard: Heard, found: dict[str, Reading]) -> Iterator[Reading]:
    """Where the same words were read for two properties, keep the one they point at."""
    by_quote: dict[str, list[Reading]] = {}
    for reading in found.values():
        by_quote.setdefault(reading.quote, []).append(reading)
    words = set(heard.said.words)
    for rivals in by_quote.values():
        if len(rivals) == 1:
            yield rivals[0]
            continue
        points = [_points(book(heard.playbook.properties[r.property]), words) for r in rivals]
        if points.count(max(points)) == 1:
            yield rivals[points.index(max(points))]


def _points(known: Book, words: set[str]) -> int:
    """How strongly the words of a sentence point at a property."""
    team = "team" in known.cues and bool(words & _TEAM)
    company = "company" in known.cues and bool(words & _COMPANY)
    return 2 * len(words & known.cues) + team + company
