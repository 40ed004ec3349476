"""A screen as a response: in the visitor's language, in the site's colours, kept by nobody."""

import gzip
import re
from typing import Any

from flask import Response, request

from webapp.core.errors import AnswerRefused
from webapp.services.flows.sites import ways_to_reach
from webapp.services.prospects.states import State
from webapp.store import sites
from webapp.store.sites import SiteRow
from webapp.web.prospect import work
from webapp.web.prospect.addresses import framed
from webapp.web.prospect.screens import Screen
from webapp.web.shared import headers, language
from webapp.web.shared.render import respond, swapping

_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
# Browsers refuse autofocus in a frame of another site and once anything has the focus, and say so
# in the console.
_FOCUS = {"tabindex": "-1", "autofocus": ""}
_FOCUS_BY_SCRIPT = {"tabindex": "-1", "data-focus": ""}
_INK, _WHITE = "#1b2421", "#ffffff"


def show(screen: Screen, state: State, *, status: int = 200) -> Response:
    locale = state.locale or state.playbook.locale
    part, in_frame = swapping(), framed()
    response = respond(
        "prospect/_turn.html" if part else "prospect/page.html",
        status=status,
        screen=screen,
        swapping=part,
        locale=locale,
        direction=language.direction(locale),
        framed=in_frame,
        takes_focus=_FOCUS_BY_SCRIPT if part or in_frame else _FOCUS,
        marks=_marks(screen, state) if in_frame else {},
        work=None if screen.begun else _work(state),
        **({} if part else {"theme": theme(), **clothes(state.site_id)}),
    )
    return private(response)


def spoken(state: State, message: str) -> str:
    """A sentence of ours in the conversation's language."""
    language.speak(state.locale or state.playbook.locale)
    return language.gettext(message)


def explained(state: State, refusal: AnswerRefused) -> str:
    """Why an answer was refused, in the conversation's language."""
    language.speak(state.locale or state.playbook.locale)
    return language.explained(refusal)


def private(response: Response) -> Response:
    """Nobody but the visitor sees this page's address; the page itself is kept by nobody anyway."""
    response.headers.add("Referrer-Policy", "no-referrer")
    return response


def packed(response: Response) -> Response:
    """A page with its styles is a tenth of a second on a slow phone, and a third of that packed,
    also where no proxy does it."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(response.get_data(), 6))
        response.headers["Content-Encoding"] = "gzip"
    return response


def theme() -> str | None:
    asked = request.args.get("theme")
    return asked if asked in ("light", "dark") else None


def _marks(screen: Screen, state: State) -> dict[str, str]:
    """What the page around a frame may be told: how far the visitor is, never what they said. How
    it ended is told only where the site was set up so."""
    marks = {
        "flow": state.flow.id,
        "version": state.version,
        "title": screen.flow_title,
        "answered": str(sum(not each.set_aside for each in state.transcript)),
    }
    if state.variant:
        marks["variant"] = state.variant
    if screen.begun:
        marks["conversation"] = state.id
    if state.human_asked_at:
        marks["human"] = "true"
    if screen.question:
        marks["question"] = screen.question.id
    if state.ending:
        marks["ended"] = "true"
        site = sites.get(state.site_id)
        if site and site.settings.get("tell_ending"):
            marks["ending"] = state.ending.kind
    return {f"data-{name}": value for name, value in marks.items()}


def _work(state: State) -> int | None:
    """What a browser has to do before the first answer, where the site asks for it."""
    site = sites.get(state.site_id)
    return work.ZEROS if site and site.settings.get("proof_of_work") else None


def let_frame(site: SiteRow) -> list[str]:
    """Let the site's own pages show this one in a frame; says who they are."""
    framers = [*site.origins, "'self'"] if site.settings.get("demo") else site.origins
    headers.may_be_framed_by(framers)
    return framers


def clothes(site_id: str) -> dict[str, Any]:
    """The site's colour, who may put the page into a frame, and how to reach somebody: for whole
    pages."""
    site = sites.get(site_id)
    if site is None:
        return {}
    framers = let_frame(site)
    found: dict[str, Any] = {"framers": " ".join(framers), "ways": ways_to_reach(site)}
    accent = str(site.settings.get("accent", ""))
    if _COLOUR.fullmatch(accent):
        found |= {"accent": accent, "on_accent": readable_on(accent)}
    return found


def readable_on(colour: str) -> str:
    """White or ink, whichever stands out more on the colour (WCAG relative luminance)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return _WHITE if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.066 else _INK
