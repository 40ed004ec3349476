"""A typed text as the reply to the question that was asked."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from webapp.core.playbook import Property
from webapp.core.understanding import (
    addresses,
    bands,
    choices,
    committees,
    concepts,
    countries,
    horizons,
    introductions,
    replies,
)
from webapp.core.understanding.books import Book, book
from webapp.core.understanding.choices import Meant, in_bands
from webapp.core.understanding.heard import Heard
from webapp.core.understanding.horizons import Horizon
from webapp.core.understanding.number_words import EACH
from webapp.core.understanding.quantities import ONE
from webapp.core.understanding.reading import (
    MOST_DOUBTS,
    Reading,
    holds_a_name,
    holds_a_title,
    of_choices,
    of_money,
    of_number,
    of_piece,
)
from webapp.core.understanding.words import Said
from webapp.core.values import Type

_A_PLAIN_WORD_OR_FOUR = 4


def readings(
    heard: Heard, property: Property, narrowed: tuple[str, ...], text: str
) -> Iterator[Reading]:
    """Readings of the property that was asked for. ``text`` is the whole of a long answer."""
    said = heard.said
    match property.type:
        case Type.CHOICE | Type.CHOICES:
            meant = _meant(heard, property, narrowed or tuple(property.choices))
            for each in meant:
                heard.use(each.start, each.end)
            yield from of_choices(heard, property, meant)
        case Type.YES_NO | Type.CONSENT:
            yield from _yes_or_no(heard, property)
        case _ if heard.declines:
            return
        case Type.MONEY:
            for amount in heard.amounts:
                if not amount.time_unit and not amount.counts_people:
                    heard.use(amount.start, amount.end)
                    yield from of_money(heard, property, amount)
        case Type.NUMBER:
            counts = [amount for amount in heard.amounts if not amount.currency]
            for amount in [a for a in counts if not a.time_unit] or counts:
                heard.use(amount.start, amount.end)
                yield of_number(heard, property, amount)
        case Type.DATE:
            for when in heard.times:
                heard.use(when.start, when.end)
                quote = said.quote(when.start, when.end)
                if when.day:
                    yield Reading(property.id, when.day, quote, "sure")
                elif when.edge:
                    yield Reading(property.id, when.edge, quote, "likely")
        case Type.EMAIL:
            yield from _email(heard, property)
        case Type.PHONE:
            phone = addresses.phone_in(heard.text, heard.territory, asked=True)
            yield from of_piece(heard, property, phone)
        case Type.URL:
            yield from of_piece(heard, property, addresses.url_in(heard.text, asked=True))
        case Type.COUNTRY:
            country = countries.country_in(said, heard.locale, asked=True)
            yield from of_piece(heard, property, country)
        case Type.COMPANY:
            yield from of_piece(heard, property, introductions.company_in(said, asked=True))
        case Type.TEXT if holds_a_name(property):
            yield from of_piece(heard, property, introductions.name_in(said, asked=True))
        case Type.TEXT if holds_a_title(property):
            yield from of_piece(heard, property, introductions.title_in(said, asked=True))
        case Type.TEXT | Type.LONG_TEXT if said.plain:
            yield Reading(property.id, text.strip(), text.strip(), "sure")


def _email(heard: Heard, property: Property) -> Iterator[Reading]:
    found = islice(addresses.emails_in(heard.text), MOST_DOUBTS + 1)
    several = {piece.value.casefold(): piece for piece in found}
    if len(several) > 1:
        for piece in several.values():
            yield from of_piece(heard, property, piece._replace(certainty="likely"))
        return
    for typed in of_piece(heard, property, heard.email):
        if other := addresses.meant_email(str(typed.value)):
            yield replace(typed, value=other, certainty="likely")
            yield replace(typed, certainty="likely")
        else:
            yield typed


def _yes_or_no(heard: Heard, property: Property) -> Iterator[Reading]:
    """Consent is given by a plain yes only; a "yes, if ..." is none."""
    reply = replies.yes_or_no(heard.said)
    if reply is None:
        return
    answer, certainty, end = reply
    plain = certainty == "sure" and len(heard.said.plain) <= _A_PLAIN_WORD_OR_FOUR
    if property.type is Type.YES_NO or plain or answer == "no":
        yield Reading(property.id, answer, heard.said.quote(0, end), certainty)


def _meant(heard: Heard, property: Property, allowed: tuple[str, ...]) -> list[Meant]:
    """The choices meant, from the plainest way to say it to the least plain."""
    said, known = heard.said, book(property)
    found: list[Meant] = []
    if known.kind == "people":
        found = _allowed(committees.people(known, said, asked=True), allowed)
    else:
        found = _allowed(choices.named(known, said), allowed)
    if known.kind == "time":
        found = [each for each in found if not _within_a_time(heard, each)]
    for read in (_by_amount_or_time, _by_country, _by_idea):
        if any(each.certainty == "sure" for each in found):
            return found
        found = _allowed(read(heard, known), allowed) or found
    if found or said.asks:
        return found
    agreed = _allowed(_by_yes_or_no(heard, known), allowed)
    return agreed or choices.by_spelling(known, said, allowed)


def _allowed(found: list[Meant], allowed: tuple[str, ...]) -> list[Meant]:
    return [each for each in found if each.choice in allowed]


def _within_a_time(heard: Heard, meant: Meant) -> bool:
    """ "Last quarter" is not the choice called quarter, "six months from now" not the one now."""
    return any(
        when.start <= meant.start and meant.end <= when.end
        for when in heard.times
        if when.manner == "past" or when.end - when.start > meant.end - meant.start
    )


def _by_amount_or_time(heard: Heard, known: Book) -> list[Meant]:
    match known.kind:
        case "time":
            return _by_time(heard, known)
        case "money":
            amounts = [a for a in heard.amounts if not a.time_unit and not a.counts_people]
            return in_bands(known, amounts)
        case "count":
            return _by_count(heard, known)
    return []


def _by_time(heard: Heard, known: Book) -> list[Meant]:
    found: list[Meant] = []
    for when in heard.times:
        if when.manner == "after" or not heard.said.denied(when.start, when.end):
            fits = horizons.fitting(known.horizons(heard.today), when, heard.today)
            found += [Meant(*fit, when.start, when.end) for fit in fits]
    return found or _soon(heard.said, known.horizons(heard.today))


def _soon(said: Said, horizons: Sequence[Horizon]) -> list[Meant]:
    """The two nearest times: how soon that is, only they can say."""
    nearest = sorted((each for each in horizons if each.last), key=lambda each: str(each.last))
    return [
        Meant(each.choice, "likely", start, end)
        for start, end, _ in concepts.SOON.find(said)
        if not said.denied(start, end) and said.word(end) != "as"
        for each in nearest[:2]
    ]


def _by_count(heard: Heard, known: Book) -> list[Meant]:
    amounts = [a for a in heard.amounts if not a.time_unit and not a.currency]
    counted = [a for a in amounts if a.counts_people]
    found = in_bands(known, counted or amounts)
    if not amounts:
        alone = next(iter(concepts.ALONE_SAID.find(heard.said)), None)
        fits = bands.fitting(known.bands, ONE) if alone else []
        return [Meant(choice, "likely", alone.start, alone.end) for choice, _ in fits if alone]
    words = set(heard.said.words)
    parts = len(amounts) > len(counted) and (words & {"and", "und", "plus", "+"} or words & EACH)
    if counted and parts:
        # "85 full-time and 20 part-time people", "3 offices with 20 people each": what adds up to
        # what is for them to say.
        return [each._replace(certainty="likely") for each in found]
    return found


def _by_country(heard: Heard, known: Book) -> list[Meant]:
    """A region by the country it holds, where the playbook derives it so."""
    derive = known.property.derive
    source = derive and heard.playbook.properties.get(derive.source)
    if not derive or not derive.values or not source or source.type is not Type.COUNTRY:
        return []
    country = countries.country_in(heard.said, heard.locale, asked=True)
    if country is None:
        return []
    choice = next((c for c, codes in derive.values.items() if country.value in codes), None)
    choice = choice or derive.otherwise
    plain = heard.said.plain
    return [Meant(choice, country.certainty, plain[0], plain[-1] + 1)] if choice else []


def _by_idea(heard: Heard, known: Book) -> list[Meant]:
    return choices.by_idea(known, heard.said, asked=True)


def _by_yes_or_no(heard: Heard, known: Book) -> list[Meant]:
    """ "Yes" to a choice: sure where one is labelled so, likely where one only agrees."""
    reply = replies.yes_or_no(heard.said)
    if reply is None:
        return []
    answer, certainty, end = reply
    if choice := known.ideas.get(answer):
        return [Meant(choice, certainty, 0, end)]
    agreeing = known.ideas.get("approved" if answer == "yes" else "no_budget")
    return [Meant(agreeing, "likely", 0, end)] if agreeing and known.about_money else []
