"""What a page shows, made from a conversation's state: a question, a doubt, a warning, an end.

A screen is all a template gets, and a state holds no score: neither can say one.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from webapp.core import clocks, values, wording
from webapp.core.flow import Question
from webapp.core.understanding import Reading
from webapp.core.values import Type, Value
from webapp.services.prospects import resuming
from webapp.services.prospects.states import Given, Promise, State
from webapp.web.prospect.addresses import Addresses
from webapp.web.prospect.forms import TurnForm
from webapp.web.prospect.stamps import trap
from webapp.web.shared import controls
from webapp.web.shared.controls import Attempt, Control
from webapp.web.shared.language import gettext, ngettext, speak

_LONGEST_HEADING = 70
_A_FEW = 4


@dataclass(frozen=True)
class Turn:
    """A finished turn, with the way to change it. ``taken_as`` is what typed words were taken for,
    where the words themselves do not say it."""

    asked: str
    said: str
    taken_as: str | None
    change: str


@dataclass(frozen=True)
class Progress:
    """``words`` for people; the bar fills towards the longest way, so it never runs back."""

    words: str
    done: int
    longest: int


@dataclass(frozen=True)
class Removal:
    """An edit that would set later answers aside, to be confirmed."""

    words: str
    turns: tuple[Turn, ...]
    values: tuple[str, ...]
    said: str | None
    skip: bool


@dataclass(frozen=True)
class Offered:
    """One thing the words may mean. ``values`` is what choosing it sends."""

    values: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Meant:
    """Typed words that may mean several things, or one that is not sure."""

    said: str
    ask: str
    readings: tuple[Offered, ...]


@dataclass(frozen=True)
class Ending:
    heading: str
    paragraphs: tuple[str, ...]
    mood: str
    reference: str
    meeting: str | None = None
    call: str | None = None
    closed: str | None = None


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One page. ``address`` takes the answer, ``here`` shows the question being put, ``talk`` what
    a person wrote, once one was asked for, ``later`` offers a link to go on with. ``earnest`` leads
    out of a test. ``stuck`` is somebody whose answers were refused twice, ``notice`` is for whoever
    just asked for a person."""

    template: str
    skin: str
    title: str
    flow_title: str
    address: str
    here: str
    person: str | None
    trap: str
    begun: bool
    talk: str | None = None
    earnest: str | None = None
    later: str | None = None
    turn: str = ""
    news: str | None = None
    notice: str | None = None
    back: str | None = None
    keep: str | None = None
    greeting: str | None = None
    question: Control | None = None
    confirming: bool = False
    problems: Sequence[tuple[str, str]] = ()
    progress: Progress | None = None
    stuck: bool = False
    history: tuple[Turn, ...] = ()
    removal: Removal | None = None
    meant: Meant | None = None
    ending: Ending | None = None
    again: str | None = None


def question(
    state: State,
    put: Question,
    at: Addresses,
    *,
    turn: str | None = None,
    attempt: Attempt | None = None,
    news: str | None = None,
) -> Screen:
    """Put a question: the one whose turn it is, or an earlier one to change its answer.

    ``news`` is the question of whose answer became something that they may not expect.
    """
    frame = _frame(state, at, "_chat.html" if at.skin == "c" else "_question.html")
    edited = state.answer_to(put.id)
    asked = _asked(state, put)
    guess = None if edited else _guess(state, put)
    property = state.playbook.properties[put.property]
    control = controls.control(
        put,
        property,
        _locale(state),
        text=asked,
        help=state.say(put.help) if put.help else None,
        value=edited.value if edited else guess,
        attempt=attempt,
    )
    title = f"{asked} – {state.say(state.flow.title)}"
    before = _before(state, put)
    problem = attempt.problem if attempt else None
    return replace(
        frame,
        title=gettext("Error: %(title)s") % {"title": title} if problem else title,
        turn=turn or secrets.token_urlsafe(9),
        news=_still_stands(state, put) if news == put.id else _news(state, news),
        notice=_notice(state),
        back=at.question(before.question.id) if before and at.token else None,
        keep=at.here if edited and at.token else None,
        greeting=_greeting(state) if not state.transcript else None,
        question=control,
        # Whether "Yes" is offered beside the choices; of yes and no it would be one too many.
        confirming=guess is not None and not problem and property.type is Type.CHOICE,
        problems=[("answer", problem)] if problem else (),
        progress=_progress(state, put),
        history=_history(state, at, until=put) if at.skin == "c" else (),
        again=_again(at) if state.recognised else None,
    )


def stuck(screen: Screen, state: State, *, typed: bool) -> Screen:
    """A second refusal does not repeat the first: it names what can be said, and the ways out."""
    put = screen.question
    assert put is not None
    problem = put.problem or ""
    if typed and put.options and put.kind in ("radios", "checkboxes"):
        problem = gettext("There was no answer in that either. You can say %(choices)s.") % {
            "choices": _some_of(put.options, _locale(state))
        }
    if ways := _ways_out(may_skip=not put.required, may_ask=screen.person is not None):
        problem = f"{problem} {ways}"
    return replace(
        screen,
        question=replace(put, problem=problem),
        problems=[("answer", problem)],
        stuck=True,
    )


def _some_of(options: controls.Options, locale: str) -> str:
    """Choices in words, or the first of them: more than a few are a wall, and all stand above."""
    few = options if len(options) <= _A_FEW else options[: _A_FEW - 1]
    quoted = [gettext("“%(answer)s”") % {"answer": label} for _, label in few]
    if len(few) < len(options):
        quoted.append(gettext("one of the others"))
    return wording.either(quoted, locale)


def _ways_out(*, may_skip: bool, may_ask: bool) -> str:
    if may_skip and may_ask:
        return gettext("You can also skip this question, or talk to a person.")
    if may_skip:
        return gettext("You can also skip this question.")
    return gettext("You can also talk to a person.") if may_ask else ""


def removal(screen: Screen, at: Addresses, dropped: Sequence[Given], form: TurnForm) -> Screen:
    """Ask before an edit sets later answers aside."""
    words = ngettext(
        "%(count)s later answer no longer applies",
        "%(count)s later answers no longer apply",
        len(dropped),
    ) % {"count": len(dropped)}
    turns = tuple(_turn(each, at) for each in dropped)
    return replace(
        screen,
        template="prospect/_removal.html",
        title=f"{words} – {screen.flow_title}",
        removal=Removal(words, turns, form.answer, form.words, form.skip),
    )


def meant(screen: Screen, state: State, said: str, readings: Sequence[Reading]) -> Screen:
    """Ask what typed words mean: never guess silently."""
    offered = tuple(_offered(state, each) for each in readings)
    if len(offered) == 1:
        ask = gettext("Did you mean “%(answer)s”?") % {"answer": offered[0].words}
        offered = (replace(offered[0], words=gettext("Yes")),)
    else:
        ask = gettext("Which of these do you mean?")
    return replace(
        screen,
        template="prospect/_meant.html",
        title=f"{ask} – {screen.flow_title}",
        meant=Meant(said, ask, offered),
    )


def ending(state: State, at: Addresses, *, news: str | None = None) -> Screen:
    """The end of the way: what happens next, and what was said."""
    assert state.ending is not None
    screen = _frame(state, at, "_ending.html")
    heading, paragraphs = _headed(state.ending.text or gettext("Thank you. We have your answers."))
    return replace(
        screen,
        title=f"{heading} – {screen.flow_title}",
        news=_news(state, news),
        notice=_notice(state),
        history=_history(state, at),
        ending=Ending(
            heading,
            paragraphs,
            "aside" if state.ending.kind == "decline" else "onward",
            state.id[-8:].upper(),
            state.ending.promise.meeting,
            _call(state.ending.promise, state.locale),
            _closed(state.ending.back_in, state.locale),
        ),
        again=_again(at),
    )


def _closed(back_in: timedelta | None, locale: str | None) -> str | None:
    """How long nobody is there who could be in touch."""
    if back_in is None:
        return None
    return gettext("Our team is back in %(span)s.") % {"span": wording.wait(back_in, locale)}


def _call(promise: Promise, locale: str | None) -> str | None:
    """When they are called, if that was agreed on."""
    if promise.call_at is None or promise.caller is None:
        return None
    zone = clocks.zone(promise.timezone)
    told = gettext("%(rep)s calls you on %(day)s at %(time)s.") % {
        "rep": promise.caller,
        "day": wording.day(promise.call_at, zone, locale),
        "time": wording.time_of_day(promise.call_at, zone, locale),
    }
    return f"{told} ({zone.key})"


def _frame(state: State, at: Addresses, template: str) -> Screen:
    """What every screen has. Made first: from here on we speak the conversation's language."""
    speak(_locale(state))
    return Screen(
        template=f"prospect/{template}",
        skin=at.skin,
        title="",
        flow_title=state.say(state.flow.title),
        address=at.answers,
        here=at.here,
        person=None if state.human_asked_at else at.person,
        trap=trap(at.flow),
        begun=at.token is not None,
        earnest=at.in_earnest if state.test else None,
        later=at.later if at.token and state.question and resuming.offered() else None,
        talk=at.person if state.human_asked_at and at.token else None,
    )


def _again(at: Addresses) -> str:
    """The first page as somebody else would see it."""
    return Addresses(at.skin, at.flow).as_somebody_else


def _locale(state: State) -> str:
    return state.locale or state.playbook.locale


def _asked(state: State, put: Question) -> str:
    if put == state.question and state.confirming and put.confirm:
        return state.say(put.confirm)
    return state.say(put.ask)


def _guess(state: State, put: Question) -> Value | None:
    """What to confirm, chosen beforehand. It rests on this conversation's own words."""
    if put == state.question and state.confirming:
        return state.guess
    return None


def _greeting(state: State) -> str:
    if state.flow.greeting:
        return state.say(state.flow.greeting)
    return gettext("I'm an automated assistant. A few questions, then a person.")


def _notice(state: State) -> str | None:
    """Said once, right after somebody asked for a person; from then on the bar says it."""
    asked_at = state.human_asked_at
    if asked_at is None or any(given.at > asked_at for given in state.transcript):
        return None
    if not state.team_told:
        return gettext("We cannot put you through to a person here.")
    if state.ending:
        return gettext("We have told our team that you would rather talk to a person.")
    return gettext(
        "We have told our team. Go on meanwhile, so that they know what you need "
        "and how to reach you."
    )


def _news(state: State, question: str | None) -> str | None:
    """What became of an answer, for somebody who may have another window open."""
    put = state.flow.question(question) if question else None
    if put is None:
        return None
    given = state.answer_to(put.id)
    if given is None or given.set_aside:
        return gettext(
            "“%(question)s” is not asked any more, after another answer: "
            "what you sent was not kept."
        ) % {"question": state.say(put.ask)}
    if given.before is None:
        return None
    # The later answer stands: whoever sent it may not know of the first.
    return gettext(
        "“%(question)s” was answered before, perhaps in another window: “%(before)s”. "
        "Your answer is now “%(now)s”."
    ) % {
        "question": given.asked_as,
        "before": given.before or gettext("Skipped"),
        "now": _said(given),
    }


def _still_stands(state: State, put: Question) -> str | None:
    """Said where one page was sent twice, with something else the second time."""
    given = state.answer_to(put.id)
    if given is None:
        return None
    return gettext(
        "This was answered before, perhaps in another window: “%(before)s”. That stands. "
        "To have instead what you sent just now, send it once more."
    ) % {"before": _said(given)}


def _standing(state: State) -> tuple[Given, ...]:
    return tuple(each for each in state.transcript if not each.set_aside)


def _before(state: State, put: Question) -> Given | None:
    """The answer given before this question."""
    earlier = None
    for each in _standing(state):
        if each.question.id == put.id:
            return earlier
        earlier = each
    return earlier


def _history(state: State, at: Addresses, *, until: Question | None = None) -> tuple[Turn, ...]:
    turns = []
    for each in _standing(state):
        if until is not None and each.question.id == until.id:
            break
        turns.append(_turn(each, at))
    return tuple(turns)


def _turn(given: Given, at: Addresses) -> Turn:
    said = _said(given)
    taken_as = given.label if given.said and given.label.casefold() not in said.casefold() else None
    return Turn(given.asked_as, said, taken_as, at.question(given.question.id))


def _said(given: Given) -> str:
    return given.said or given.label or gettext("Skipped")


def _offered(state: State, reading: Reading) -> Offered:
    property = state.playbook.properties[reading.property]
    written = values.write(reading.value)
    return Offered(
        tuple(written) if isinstance(written, list) else (written,),
        wording.label(property, reading.value, _locale(state)),
    )


def _progress(state: State, put: Question) -> Progress:
    left = state.progress
    longest = left.answered + left.most_left
    if put != state.question:
        return Progress(gettext("Changing your answer"), left.answered, longest)
    number = left.answered + 1
    after = (left.least_left - 1, left.most_left - 1)
    if after == (0, 0):
        words = gettext("Question %(number)s, the last one") % {"number": number}
    elif after[0] == after[1]:
        words = gettext("Question %(number)s of %(total)s") % {"number": number, "total": longest}
    elif after[0] == 0:
        words = gettext("Question %(number)s, at most %(most)s left") % {
            "number": number,
            "most": after[1],
        }
    else:
        words = gettext("Question %(number)s, %(least)s to %(most)s left") % {
            "number": number,
            "least": after[0],
            "most": after[1],
        }
    return Progress(words, left.answered, longest)


def _headed(text: str) -> tuple[str, tuple[str, ...]]:
    """A short first sentence is the heading; else a thank-you is."""
    first, _, rest = text.partition(". ")
    if len(first) <= _LONGEST_HEADING:
        heading, paragraphs = first.rstrip("."), rest
    else:
        heading, paragraphs = gettext("Thank you"), text
    paragraphs = paragraphs[:1].upper() + paragraphs[1:]
    return heading, tuple(each for each in paragraphs.split("\n") if each.strip())
