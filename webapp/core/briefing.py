"""A record as a rep reads it before the call: one value for page, Markdown, text and e-mail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from webapp.core.agreed_call import AgreedCall

Sure = Literal["confirmed", "said", "seen", "inferred", "unknown"]

GLYPHS: Mapping[Sure, str] = {
    "confirmed": "●",
    "said": "●",
    "seen": "●",
    "inferred": "◐",
    "unknown": "○",
}
SURE: Mapping[str, Sure] = {
    "confirmed": "confirmed",
    "stated": "said",
    "observed": "seen",
    "enriched": "inferred",
    "inferred": "inferred",
}
_UNKNOWN = {
    "unknown": "not asked",
    "skipped": "asked, not answered",
    "expired": "known once, too old",
    "conflict": "answered in two ways",
}
_CAME_OF_IT = {
    "waiting": "waiting for somebody",
    "assigned": "not taken on yet, held",
    "rejected": "sent back",
    "disqualified": "closed",
    "recycled": "returned to nurture",
    "opportunity": "an opportunity, held",
}
_CONTACT = ("name", "first_name", "email", "phone", "company", "title", "domain")


@dataclass(frozen=True, slots=True)
class Known:
    """One thing about the lead: how surely it is known, and the words or fact it rests on.

    ``about`` is the property's id, ``evidence`` the id of what shows it.
    """

    about: str
    label: str
    value: str
    sure: Sure
    note: str
    evidence: str | None = None

    @property
    def glyph(self) -> str:
        return GLYPHS[self.sure]


@dataclass(frozen=True, slots=True)
class Briefing:
    """What there is to know before picking up the phone, in the order a call needs it."""

    who: str
    title: str
    company: str
    email: str | None
    phone: str | None
    country: str | None
    timezone: str | None
    in_one_line: str
    ask_first: str
    do: str
    opening_line: str
    channel: str
    tier: str
    total: int
    low: int
    high: int
    known: tuple[Known, ...]
    unknown: tuple[Known, ...]
    why: tuple[Mapping[str, Any], ...]
    open_lines: tuple[Mapping[str, Any], ...]
    checks: tuple[Mapping[str, Any], ...]
    icp: Mapping[str, Any]
    red_flags: tuple[str, ...]
    talking_points: tuple[str, ...]
    uncertainties: tuple[Mapping[str, Any], ...]
    engagement: str
    answers: tuple[Mapping[str, Any], ...]
    history: tuple[Mapping[str, Any], ...]
    frameworks: Mapping[str, Any]
    call: Mapping[str, Any] | None


def briefing(record: Mapping[str, Any], call: AgreedCall | None = None) -> Briefing:
    """Read a handoff record (version 1) as a briefing. Nothing is worked out again.

    ``call`` is what was agreed on since it was written: it comes first of what to do.
    """
    lead, verdict = record["lead"], record["verdict"]
    action = record["next_action"] or {}
    unsure = record["uncertainties"]
    asking = next((u for u in unsure if u["kind"] != "inferred"), unsure[0] if unsure else None)
    advice = action.get("do", "")
    return Briefing(
        who=_value(lead, "name") or _value(lead, "email") or "Name not given",
        title=_value(lead, "title") or "",
        company=_value(lead, "company") or _company_domain(record),
        email=_value(lead, "email"),
        phone=_value(lead, "phone"),
        country=_label_of(record, "country") or _value(lead, "country"),
        timezone=_value(lead, "timezone"),
        in_one_line=_in_one_line(record),
        ask_first=asking["ask"] if asking else "",
        do=_flat(call.instead_of(advice) if call else advice),
        opening_line=_flat(action.get("opening_line", "")),
        channel=action.get("channel", "email"),
        tier=verdict["tier"],
        total=verdict["score"]["total"],
        low=verdict["score"]["low"],
        high=verdict["score"]["high"],
        known=tuple(_known(record)),
        unknown=tuple(_unknown(record)),
        why=tuple(line for line in record["score_lines"] if line["status"] != "open"),
        open_lines=tuple(line for line in record["score_lines"] if line["status"] == "open"),
        checks=tuple(record["disqualifiers"]),
        icp=verdict["icp"],
        red_flags=tuple(_flat(each["sentence"]) for each in record["red_flags"]),
        talking_points=tuple(_flat(each["sentence"]) for each in record["talking_points"]),
        uncertainties=tuple(unsure),
        engagement=record["engagement"]["summary"],
        answers=tuple(record["answers"]),
        history=tuple(record["history"]),
        frameworks=record["frameworks"],
        call=record.get("call"),
    )


def _in_one_line(record: Mapping[str, Any]) -> str:
    line = str(record["why"][0]["sentence"]) if record["why"] else "Nothing is known yet."
    return f"Left before the end. {line}" if record["depth"] == "partial" else line


def _value(lead: Mapping[str, Any], name: str) -> str | None:
    found = lead.get(name)
    return str(found["value"]) if found else None


def _company_domain(record: Mapping[str, Any]) -> str:
    """The e-mail's domain stands in for a company nobody named, unless it is a public mailbox."""
    kinds = [e["value"] for e in record["evidence"].values() if e["property"] == "email_kind"]
    return (_value(record["lead"], "domain") or "") if kinds == ["business"] else ""


def _label_of(record: Mapping[str, Any], property: str) -> str | None:
    return next(
        (e["label"] for e in record["evidence"].values() if e["property"] == property), None
    )


def _known(record: Mapping[str, Any]) -> Iterable[Known]:
    """Every fact of the record, answers first and in their order, guesses after."""
    facts = {
        each["property"]: (id, each)
        for id, each in record["evidence"].items()
        if "about" in each and each["property"] not in ("email_domain", "email_kind", "first_name")
    }
    answered = [a["property"] for a in record["answers"] if not a["set_aside"]]
    order = [p for p in dict.fromkeys(answered) if p in facts]
    order += sorted(
        (p for p in facts if p not in order),
        key=lambda p: SURE[facts[p][1]["certainty"]] == "inferred",
    )
    for property in order:
        id, fact = facts[property]
        sure = SURE[fact["certainty"]]
        label, note = _flat(fact["label"]), _flat(_note(fact, sure))
        yield Known(property, fact["about"], label, sure, note, id)


def _note(fact: Mapping[str, Any], sure: Sure) -> str:
    if fact["kind"] == "provider" and fact["quote"]:
        return f"inferred: {fact['from']} says “{fact['quote']}”"
    if sure == "inferred":
        rests_on = f"“{fact['quote']}”" if fact["quote"] else fact["from"].replace("_", " ")
        return f"inferred from {rests_on}"
    quoted = fact["quote"] and fact["quote"] != fact["label"]
    return f"{sure}: “{fact['quote']}”" if quoted else sure


def _unknown(record: Mapping[str, Any]) -> Iterable[Known]:
    for each in record["uncertainties"]:
        if each["kind"] in _UNKNOWN:
            yield Known(
                each["about"], each["label"], "—", "unknown", f"unknown: {_UNKNOWN[each['kind']]}"
            )


def markdown(record: Mapping[str, Any], call: AgreedCall | None = None) -> str:
    """The briefing as Markdown, for a CRM note or a wiki."""
    found = briefing(record, call)
    who = ", ".join(_md(part) for part in (found.who, found.title, found.company) if part)
    parts = [f"# {who}", "", f"**{_md(found.in_one_line)}**", ""]
    parts += [f"- {name}: {_md(value)}" for name, value in _contact(found)]
    if found.do:
        parts += ["", "## Do next", "", _md(found.do)]
    if found.opening_line:
        parts += ["", f"Opening line: {_md(found.opening_line)}"]
    if found.ask_first:
        parts += ["", f"Ask first: {_md(found.ask_first)}"]
    parts += _section("What we know", (_known_line(each) for each in found.known))
    parts += _section("What we do not know", (_known_line(each) for each in found.unknown))
    parts += _section("On the phone", (f"{k}: {_md(v)}" for k, v in on_the_phone(found)))
    parts += _section(f"Why {found.total} points{_range(found)}", _why(found))
    parts += _section("Careful", (_md(flag) for flag in found.red_flags))
    parts += _section("Bring up", (_md(point) for point in found.talking_points))
    parts += _section("Checked", (_check(each) for each in found.checks))
    parts += _section("Ideal customer", _icp(found))
    parts += ["", "## On the site", "", _md(found.engagement)]
    parts += _section("In their words", (_answer(each) for each in found.answers))
    parts += _section("Earlier", (_md(_dated(each)) for each in found.history))
    return "\n".join(parts).strip() + "\n"


def plain(record: Mapping[str, Any], call: AgreedCall | None = None) -> str:
    """The briefing as plain text, short enough for a note: no markup, the same facts."""
    found = briefing(record, call)
    lines = [", ".join(part for part in (found.who, found.title, found.company) if part)]
    lines += [f"{name}: {value}" for name, value in _contact(found)]
    lines += ["", found.in_one_line]
    lines += ["", f"Do next: {found.do}"] if found.do else []
    lines += [f"Ask first: {found.ask_first}"] if found.ask_first else []
    lines += [f"{name}: {value}" for name, value in on_the_phone(found)]
    lines += ["", "Known:"] if found.known else []
    lines += [f"  {k.glyph} {k.label}: {k.value} ({k.note})" for k in found.known]
    lines += ["Not known:"] if found.unknown else []
    lines += [f"  {k.glyph} {k.label} ({k.note})" for k in found.unknown]
    lines += ["", f"Why {found.total} points:"]
    lines += [f"  {line['points']:+d} {line['because']}" for line in found.why]
    lines += [f"Careful: {flag}" for flag in found.red_flags]
    lines += [f"Bring up: {point}" for point in found.talking_points]
    lines += ["", "Earlier:"] if found.history else []
    lines += [f"  {_dated(each)}" for each in found.history]
    lines += ["", f"On the site: {found.engagement}"]
    return "\n".join(lines).strip() + "\n"


def on_the_phone(found: Briefing) -> Sequence[tuple[str, str]]:
    """What only a call brought, where there was one."""
    if found.call is None:
        return ()
    written = (
        ("Why it is serious", found.call["why_serious"]),
        ("Timing", found.call["timing"]),
        ("Objections", found.call["objections"]),
    )
    said = [(name, each["label"] or "kept back") for name, each in written if each]
    notes = found.call["notes"]
    return [*said, ("Notes", notes)] if notes else said


def _contact(found: Briefing) -> Sequence[tuple[str, str]]:
    listed = (
        ("Phone", found.phone),
        ("E-mail", found.email),
        ("Country", found.country),
        ("Time zone", found.timezone),
    )
    return [(name, value) for name, value in listed if value]


def _range(found: Briefing) -> str:
    return "" if found.low == found.high else f", {found.low} to {found.high} possible"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    bullets = [f"- {line}" for line in lines]
    return ["", f"## {title}", "", *bullets] if bullets else []


def _known_line(each: Known) -> str:
    value = f": {_md(each.value)}" if each.sure != "unknown" else ""
    return f"{each.glyph} {_md(each.label)}{value} ({_md(each.note)})"


def _why(found: Briefing) -> Iterable[str]:
    for line in found.why:
        guess = " (inferred)" if line["status"] == "inferred" else ""
        yield f"{line['points']:+d} {_md(line['because'])}{guess}"
    for line in found.open_lines:
        yield f"? {_md(line['because'])} ({line['low']:+d} to {line['high']:+d})"


def _check(each: Mapping[str, Any]) -> str:
    return f"{each['result']}: {_md(each['because'])}"


def _icp(found: Briefing) -> Iterable[str]:
    for result in ("met", "missed", "unknown"):
        for each in found.icp[result]:
            yield f"{result}: {_md(each['because'])}"


def _answer(each: Mapping[str, Any]) -> str:
    said = each["said"] or each["label"] or "skipped"
    aside = " (no longer counts)" if each["set_aside"] else ""
    return f"{_md(each['asked_as'])} {_md(said)}{aside}"


def _dated(each: Mapping[str, Any]) -> str:
    return f"{each.get('at', '')[:10]} {earlier(each)}".strip()


def earlier(each: Mapping[str, Any]) -> str:
    """One entry of the history in a sentence: what it was, what it came to, what sales made of
    it. An entry of somebody else's making may bring its own ``summary``."""
    if "summary" in each:
        return str(each["summary"])
    flow, to = (each[name].replace("-", " ").replace("_", " ") for name in ("flow", "destination"))
    words = f"{flow.capitalize()}: {each['tier']}, {each['total']} points, to {to}"
    status = each.get("status")
    if status:
        words += f"; {_CAME_OF_IT.get(status, status)}"
        words += f" by {each['owner']}" if each.get("owner") else ""
        words += f" ({each['reason']})" if each.get("reason") else ""
    return f"{words}."


def _md(text: str) -> str:
    """Text that Markdown will show as it is: answers are data, not markup."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|!" else c for c in _flat(text))


def _flat(text: str) -> str:
    """On one line: what somebody typed must not look like lines of ours in a mail or a note."""
    return " ".join(text.split())
