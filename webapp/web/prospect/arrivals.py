"""Who comes to a first page, and from where: told by the address and the browser alone."""

from urllib.parse import urlsplit

from flask import current_app, request

from webapp.core.call import CALL_SCRIPT
from webapp.core.values import clean
from webapp.services.flows import releases
from webapp.services.operations import demo
from webapp.services.prospects.conversations import Arrival, UnknownFlow
from webapp.store import sites
from webapp.store.sites import SiteRow
from webapp.web.prospect.addresses import came_from
from webapp.web.shared import language

_CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign")
_LONGEST = 500
_SKINS = {"f": "form", "c": "chat"}


class UnknownSite(LookupError):
    """The address names a site that is not there, or none is set up."""


def arrival(skin: str, flow_id: str) -> Arrival:
    """Raises: UnknownFlow, UnknownSite, NothingPublished."""
    _, release = releases.live()
    flow = release.flows.get(flow_id)
    if flow is None or flow.intent == CALL_SCRIPT:
        raise UnknownFlow(flow_id)
    config = current_app.extensions["baton"]
    at = site()
    return Arrival(
        site=at,
        skin=_SKINS[skin],
        locale=language.wanted(flow.locales, release.playbook.locale),
        visitor_key=_said("visitor") or None,
        source=_source(),
        identity=request.form.get("identity", ""),  # in no address: those are logged
        test=_said("test") == "true",
        demo=bool(config.demo and at.settings.get("demo")),
    )


def site() -> SiteRow:
    """The site named in the address, else the first one; while we are a demo, the demo's."""
    config = current_app.extensions["baton"]
    key = _said("site") or (demo.KEY if config.demo else "")
    found = sites.by_key(key) if key else sites.first()
    if found is None and key == demo.KEY:
        found = sites.first()
    if found is None:
        raise UnknownSite(key)
    return found


def _source() -> dict[str, str]:
    said = {name: _said(name) for name in (*_CAMPAIGN, "page", "referrer")}
    source = came_from() | {name: value for name, value in said.items() if value}
    source["referrer_host"] = _host(source.get("referrer", ""))
    return {name: value for name, value in source.items() if value}


def _said(name: str) -> str:
    # A page in a frame hears where its visitor came from only once it is open, and adds it to the
    # first answer.
    said = request.form.get(name) or request.args.get(name, "")
    return clean(said)[:_LONGEST].strip()


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
