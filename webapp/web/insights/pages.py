"""Reports as pages: each picture has its sentence, its table and its CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.core.calibration import suggestions
from webapp.core.errors import FlowError
from webapp.core.tally import Tally
from webapp.flow_files import load_texts
from webapp.services.figures import counting, insights, trends
from webapp.services.figures.trends import Week
from webapp.services.flows import drafts, releases
from webapp.services.people.exports import inert
from webapp.web.insights import READERS, bp, names
from webapp.web.shared.auth import allowed

SHOWN = 20
PERIODS = {"30": "30 days", "90": "90 days", "365": "12 months"}


@bp.get("")
@allowed(*READERS)
def index() -> ResponseReturnValue:
    """Every report of one period on one page."""
    by_week = _by_week()
    past, weeks = counting.together(by_week.items()), _trend(by_week)
    _, release = releases.live()
    flow = _flow(release.flows)
    return render_template(
        "insights/index.html",
        periods=PERIODS,
        period=_period(),
        behind=counting.behind(since=_since(), now=datetime.now(UTC)),
        flows={id: str(each.title) for id, each in release.flows.items()},
        flow=flow,
        starts=insights.starts(past),
        steps=insights.funnel(past, flow),
        bands=insights.bands(past),
        responses=insights.responses(past),
        rejections=insights.rejections(past),
        sources=insights.sources(past),
        weeks=weeks,
        lines=trends.lines(weeks),
        calibration=suggestions(past),
        rules=names.of_rules(release.playbook),
        reasons=names.Names(names.REASONS),
    )


@bp.get("/<report>.csv")
@allowed(*READERS)
def table(report: str) -> ResponseReturnValue:
    """One report as CSV. Words of visitors that a spreadsheet would run are quoted."""
    by_week = _by_week()
    past = counting.together(by_week.items())
    _, release = releases.live()
    match report:
        case "funnel":
            steps = insights.funnel(past, _flow(release.flows))
            rows: Iterable[Sequence[Any]] = (
                (s.question, s.asked_as, s.shown, s.answered, s.skipped, s.left) for s in steps
            )
            return _csv(("question", "asked as", "shown", "answered", "skipped", "left"), rows)
        case "bands":
            rows = (
                (
                    *(b.tier, b.leads, b.accepted.count, b.accepted.of, b.won.count, b.won.of),
                    "; ".join(_amounts(b.revenue)),
                    b.median_days,
                )
                for b in insights.bands(past)
            )
            head = (
                *("tier", "leads", "accepted", "of decided", "won", "of closed"),
                *("revenue", "median days to close"),
            )
            return _csv(head, rows)
        case "speed":
            within = insights.responses(past).within
            rows = ((minutes, heard.count, heard.of) for minutes, heard in within)
            return _csv(("minutes", "heard from us by then", "of leads"), rows)
        case "rejections":
            found = insights.rejections(past)
            return _csv(("reason", "leads"), ((reason, count) for reason, count, _ in found))
        case "sources":
            rows = (
                (s.name, s.conversations, s.hot.count, s.won.count, s.won.of)
                for s in insights.sources(past)
            )
            return _csv(("source", "conversations", "hot", "won", "of closed"), rows)
        case "weeks":
            rows = (
                (
                    *(w.begins, "yes" if w.over else "no", w.begun, w.finished, w.leads),
                    *(w.in_time.count, w.in_time.of),
                    "; ".join(f"{each.id}: {each.why}" for each in w.published),
                )
                for w in _trend(by_week)
            )
            head = (
                *("week from", "over", "begun", "finished", "leads"),
                *("heard in time", "of those promised a time", "published"),
            )
            return _csv(head, rows)
    abort(404)


@bp.get("/what-if")
@allowed("marketer", "manager", "admin")
def what_if() -> ResponseReturnValue:
    """Ask what the draft, or other points, would have done."""
    return render_template("insights/what_if.html", **_asked())


@bp.post("/what-if")
@allowed("marketer", "manager", "admin")
def create_what_if() -> ResponseReturnValue:
    """Replay the past under the studio's draft, or a playbook typed in. Nothing is kept."""
    page = _asked()
    typed = request.form.get("playbook")
    texts = page["draft"].texts
    if typed is not None:
        live = releases.texts_of(releases.live_manifest())
        texts = {**live, releases.PLAYBOOK: typed.replace("\r\n", "\n")}
        page["text"] = typed
    try:
        release = load_texts(texts)
    except FlowError as refusal:
        found = render_template("insights/what_if.html", problems=refusal.problems, **page)
        return found, 422
    playbook, result = release.playbook, insights.what_if(release, since=_since())
    return render_template(
        "insights/what_if.html",
        result=result,
        moved=insights.named(result.moved[:SHOWN]),
        tiers=[each.id for each in playbook.tiers],
        tier=names.of_labelled(playbook.tiers),
        destination=names.of_labelled(playbook.destinations.values()),
        rules=names.of_rules(playbook),
        **page,
    )


def _asked() -> dict[str, Any]:
    """What the page asks: about the draft, or about a text to change."""
    text = releases.texts_of(releases.live_manifest())[releases.PLAYBOOK]
    draft = drafts.now_drafted()
    return {"draft": draft, "text": text, "periods": PERIODS, "period": _period()}


def _period() -> str:
    wanted = request.values.get("days", "90")
    return wanted if wanted in PERIODS else "90"


def _since() -> datetime:
    """The first midnight of the period: reports tell of whole days, and of today so far."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=int(_period()))


def _by_week() -> Mapping[date, Tally]:
    return counting.by_week(since=_since(), now=datetime.now(UTC))


def _trend(by_week: Mapping[date, Tally]) -> list[Week]:
    return trends.weekly(by_week, since=_since(), now=datetime.now(UTC))


def _flow(flows: Iterable[str]) -> str:
    wanted, known = request.args.get("flow", ""), list(flows)
    return wanted if wanted in known else next((f for f in known if "demo" in f), known[0])


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    response = make_response(out.getvalue())
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = "attachment"
    return response


@bp.app_template_filter("amounts")
def _amounts(revenue: Mapping[str, Decimal]) -> list[str]:
    """Each currency for itself, as a sales person writes it."""
    return [f"{total:,.0f} {currency}".strip() for currency, total in sorted(revenue.items())]


@bp.app_template_filter("minutes")
def in_words(minutes: float) -> str:
    """A number of minutes in its natural unit."""
    if minutes < 120:
        return f"{minutes:.0f} minutes"
    hours = minutes / 60
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
