"""The prospect's routes. GET keeps nothing; each POST is one answer, or a wish for a person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug import Response as BaseResponse

from webapp.core.errors import AnswerRefused, sentence
from webapp.core.flow import Question
from webapp.services.flows import archived
from webapp.services.flows.trials import Shown
from webapp.services.prospects import conversations, receipts
from webapp.services.prospects.conversations import Arrival
from webapp.services.prospects.hearing import PersonWanted, Unsure
from webapp.services.prospects.states import Given, State
from webapp.services.prospects.taking import NotThisQuestion, TurnAnswered
from webapp.web.prospect import arrivals, checks, refusals, screens, showing, stamps
from webapp.web.prospect.addresses import Addresses
from webapp.web.prospect.forms import TurnForm
from webapp.web.prospect.stamps import BadStamp
from webapp.web.shared.controls import Attempt
from webapp.web.shared.render import swapping

bp = Blueprint("prospect", __name__)
refusals.register(bp)

TOO_OLD = sentence("This page was too old. Your answer is still here: send it once more.")


@bp.before_request
def keep_pace() -> None:
    if request.method == "POST":
        checks.keep_pace((request.view_args or {}).get("token"))


@bp.get("/<any(f, c):skin>/<flow>")
def flow(skin: str, flow: str) -> ResponseReturnValue:
    """The first question. Looking at it keeps nothing."""
    arrival = arrivals.arrival(skin, flow)
    if arrival.site.archived_at:
        return refusals.archived(arrival.site)
    response = _first(arrival, Addresses(skin, flow), _now())
    # Not no-store: whoever comes back with the Back button shall find the same stamp, and go on
    # with the conversation begun from it instead of beginning another. For the same reason answers
    # go to another address: a POST to this one would make browsers forget the page.
    response.headers["Cache-Control"] = "private, no-cache"
    # To part a window from whoever opened it, a browser starts another process once the answer is
    # there: a third of the time that a first question takes. Whoever opened it can lead the tab
    # elsewhere, as they could beforehand, and reads nothing of what is said in it.
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return showing.packed(response)


@bp.get("/<any(f, c):skin>/<flow>/answers")
@bp.get("/<any(f, c):skin>/<flow>/person")
def begin_again(skin: str, flow: str) -> ResponseReturnValue:
    """Where a browser without script is left by what could not be kept: that can be opened, too.

    Raises: UnknownFlow, UnknownSite, NothingPublished.
    """
    arrivals.arrival(skin, flow)
    return redirect(Addresses(skin, flow).first, 303)


@bp.post("/<any(f, c):skin>/<flow>/answers")
def begin(skin: str, flow: str) -> ResponseReturnValue:
    """Begin a conversation with the answer to its first question."""
    return _begin(Addresses(skin, flow), TurnForm.sent(request.form))


@bp.post("/<any(f, c):skin>/<flow>/person")
def begin_with_person(skin: str, flow: str) -> ResponseReturnValue:
    """Begin a conversation by asking for a person."""
    return _begin(Addresses(skin, flow), TurnForm.sent(request.form, wants_person=True))


@bp.get("/<any(f, c):skin>/<flow>/<token>")
def conversation(skin: str, flow: str, token: str) -> ResponseReturnValue:
    """The question being put, or the end."""
    state = conversations.show(token, now=_now())
    at = Addresses(skin, state.flow.id, token)
    return _shown(state, at, state.question, news=request.args.get("news"))


@bp.get("/<any(f, c):skin>/<flow>/<token>/<question>")
def question(skin: str, flow: str, token: str, question: str) -> ResponseReturnValue:
    """One question of the conversation: the one being put, or an earlier one to change."""
    state = conversations.show(token, now=_now())
    at = Addresses(skin, state.flow.id, token)
    given = state.answer_to(question)
    if given and not given.set_aside:
        return showing.show(screens.question(state, given.question, at), state)
    if state.question and state.question.id == question:
        return _shown(state, at, state.question, news=request.args.get("news"))
    return redirect(at.here, 303)


@bp.post("/<any(f, c):skin>/<flow>/<token>")
def answer(skin: str, flow: str, token: str) -> ResponseReturnValue:
    """Take one answer and show whatever comes next."""
    at, form, now = Addresses(skin, flow, token), TurnForm.sent(request.form), _now()
    if form.denied:
        state = conversations.show(token, now=now)
        return _next(state, replace(at, flow=state.flow.id), typed=form)
    return _answer(at, form, now)


@bp.post("/<any(f, c):skin>/<flow>/<token>/person")
def ask_for_person(skin: str, flow: str, token: str) -> ResponseReturnValue:
    """Note that somebody would rather talk to a person."""
    state = conversations.ask_for_person(token, now=_now())
    form = TurnForm.sent(request.form)
    return _next(state, Addresses(skin, state.flow.id, token), typed=form if form.holds else None)


def _first(
    arrival: Arrival, at: Addresses, now: datetime, *, form: TurnForm | None = None
) -> Response:
    """The first page, with a new stamp; ``form`` is what an unusable page sent, to be kept."""
    token = stamps.new_token()
    state = conversations.opening(at.flow, arrival, token=token, now=now)
    stamp = stamps.make(checks.key(), at.flow, token, state.version, now=now)
    if state.question is None:
        return showing.show(screens.ending(state, at), state)
    if form is None:
        return showing.show(screens.question(state, state.question, at, turn=stamp), state)
    problem = showing.spoken(state, TOO_OLD)
    screen = screens.question(
        state, state.question, at, turn=stamp, attempt=_attempt(form, problem)
    )
    return showing.show(screen, state, status=422)


def _begin(at: Addresses, form: TurnForm) -> ResponseReturnValue:
    now = _now()
    arrival = arrivals.arrival(at.skin, at.flow)
    try:
        if checks.foreign():
            raise BadStamp("The form was sent from another site.")
        stamp = stamps.read(checks.key(), form.turn, at.flow, now=now)
    except BadStamp:
        return _first(arrival, at, now, form=form)
    odd = [
        *checks.spam(at.flow, stamp.shown_at, now),
        *checks.idle(arrival.site, form.turn),
        *checks.crowd(arrival.site.id),
    ]
    shown = Shown(stamp.version, stamp.shown_at)
    arrival = replace(arrival, spam_because=odd, shown=shown)
    started = conversations.start(at.flow, arrival, token=stamp.token, now=now)
    if arrival.site.archived_at:
        archived.somebody_came(arrival.site, now=now)
    at = replace(at, token=stamp.token)
    if form.wants_person:
        if form.holds and not swapping():
            return redirect(at.person, 307)  # sends it all to an address that can be opened again
        state = conversations.ask_for_person(stamp.token, now=now)
        return _next(state, at, typed=form if form.holds else None)
    # The page may come back by the Back button, long after its first answer.
    edit = started.state.answer_to(form.question) is not None
    return _answer(at, replace(form, edit=edit, turn=""), now)


def _answer(at: Addresses, form: TurnForm, now: datetime) -> ResponseReturnValue:
    assert at.token is not None
    asked, given = form.question, form.given
    try:
        if form.edit and not form.confirmed:
            dropped = conversations.preview_removal(at.token, asked, **given, now=now)
            if dropped:
                return _removal(at, form, dropped, now)
        state = conversations.answer(
            at.token,
            asked,
            **given,
            turn=form.shown,
            now=now,
            flags=checks.oddities(),
            spam_because=checks.spam(at.flow),
        )
    except AnswerRefused as refusal:
        return _refused(at, form, refusal, now)
    except Unsure as doubt:
        return _meant(at, form, doubt, now)
    except PersonWanted:
        return _next(conversations.ask_for_person(at.token, now=now), at)
    except TurnAnswered as known:
        return _next(known.state, replace(at, flow=known.state.flow.id), typed=form, news=asked)
    except NotThisQuestion as elsewhere:
        news = asked if elsewhere.was_put else None
        return _next(elsewhere.state, replace(at, flow=elsewhere.state.flow.id), news=news)
    stands = state.answer_to(asked)
    instead = stands is not None and stands.before is not None and stands.at == now
    at = Addresses(at.skin, state.flow.id, at.token)
    response = _next(state, at, news=asked if instead and not form.edit else None)
    response.headers.add(receipts.HEADER, state.receipt)
    return response


def _next(
    state: State, at: Addresses, *, typed: TurnForm | None = None, news: str | None = None
) -> BaseResponse:
    """What comes next: swapped in, or by a redirect to its own address. ``typed`` is what was sent
    and not taken for an answer: no address carries that, so its question comes back with it.
    ``news`` is the question of which there is something to say."""
    put = _still_there(typed, state) if typed else None
    kept = _attempt(typed, None) if typed and put else None
    put = put or state.question
    address = at.question(put.id) if put else at.here
    if not swapping() and not kept:
        # Without script the talk would show its end: go to where the question is.
        if news:
            address += ("&" if "?" in address else "?") + urlencode({"news": news})
        return redirect(f"{address}#asked" if put and at.skin == "c" else address, 303)
    response = _shown(state, at, put, kept=kept, news=news)
    response.headers.add("HX-Push-Url", address)
    if request.view_args and "token" not in request.view_args:
        # The first page has no address of its own conversation: without one, Back would begin anew.
        given = state.transcript
        first = at.question(given[0].question.id) if given else address
        response.headers["HX-Trigger"] = f'{{"begun": "{first}"}}'
    return response


def _shown(
    state: State,
    at: Addresses,
    put: Question | None,
    *,
    kept: Attempt | None = None,
    news: str | None = None,
) -> Response:
    if put is None:
        return showing.show(screens.ending(state, at, news=news), state)
    return showing.show(screens.question(state, put, at, attempt=kept, news=news), state)


def _still_there(form: TurnForm, state: State) -> Question | None:
    """The question that somebody was answering, where it is put or can be changed."""
    put = state.question
    if put is not None and put.id == form.question:
        return put
    given = state.answer_to(form.question)
    return given.question if given and not given.set_aside else None


def _refused(
    at: Addresses, form: TurnForm, refusal: AnswerRefused, now: datetime
) -> ResponseReturnValue:
    state = conversations.show(at.token or "", now=now)
    at = replace(at, flow=state.flow.id)
    put = state.flow.question(form.question) or state.question
    if put is None:
        return _next(state, at)
    problem = showing.explained(state, refusal)
    screen = screens.question(state, put, at, attempt=_attempt(form, problem))
    if form.refused:
        screen = screens.stuck(screen, state, typed=form.words is not None)
    return showing.show(screen, state, status=422)


def _meant(at: Addresses, form: TurnForm, doubt: Unsure, now: datetime) -> Response:
    """Ask which of its readings the typed text means."""
    state = conversations.show(at.token or "", now=now)
    at = replace(at, flow=state.flow.id)
    screen = screens.question(state, doubt.question, at)
    return showing.show(screens.meant(screen, state, form.words or "", doubt.readings), state)


def _removal(at: Addresses, form: TurnForm, dropped: Sequence[Given], now: datetime) -> Response:
    state = conversations.show(at.token or "", now=now)
    at = replace(at, flow=state.flow.id)
    put = state.flow.question(form.question)
    assert put is not None
    screen = screens.removal(screens.question(state, put, at), at, dropped, form)
    return showing.show(screen, state)


def _attempt(form: TurnForm, problem: str | None) -> Attempt:
    return Attempt(problem, form.words, form.answer)


def _now() -> datetime:
    return datetime.now(UTC)
