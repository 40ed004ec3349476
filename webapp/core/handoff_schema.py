"""The published JSON Schema of the handoff record, version 1."""

from typing import Any

Schema = dict[str, Any]


def _object(required: dict[str, Schema], **optional: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
VALUE: Schema = {"type": ["string", "number", "array", "null"], "items": TEXT}
CERTAINTY: Schema = {"enum": ["confirmed", "stated", "observed", "enriched", "inferred"]}
TRUTH: Schema = {"enum": ["true", "false", "unknown"]}
EVIDENCE_IDS: Schema = _list({"type": "string", "pattern": "^e[0-9]+$"})

SENTENCE = _object({"sentence": TEXT, "evidence": EVIDENCE_IDS})
SURE_VALUE = _maybe(_object({"value": VALUE, "certainty": CERTAINTY}, evidence=EVIDENCE_IDS))
CRITERIA = _list(_object({"id": TEXT, "because": TEXT}))
SLOT = _object(
    {
        "status": {"enum": ["known", "inferred", "unknown"]},
        "value": VALUE,
        "label": _maybe(TEXT),
        "evidence": EVIDENCE_IDS,
    }
)
POINTS = _object(
    dict.fromkeys(("total", "fit", "intent", "known", "inferred", "low", "high"), WHOLE)
)

LEAD = _object(
    {
        "id": _maybe(TEXT),
        **dict.fromkeys(
            (
                "name",
                "first_name",
                "title",
                "company",
                "domain",
                "email",
                "phone",
                "country",
                "timezone",
                "locale",
            ),
            SURE_VALUE,
        ),
    }
)

TOUCH: Schema = {"type": "object", "additionalProperties": TEXT}
SOURCE = _object(
    # None is required: records of earlier releases leave out what they know nothing of.
    {},
    site=_maybe(TEXT),
    page=_maybe(TEXT),
    referrer=_maybe(TEXT),
    utm_source=TEXT,
    utm_medium=TEXT,
    utm_campaign=TEXT,
    referrer_host=TEXT,
    first_touch=TOUCH,
    last_touch=TOUCH,
    captured_at=INSTANT,
    variant=TEXT,
)

VERDICT = _object(
    {
        "rule": TEXT,
        "destination": TEXT,
        "kind": {"enum": ["sales", "nurture", "decline", "review"]},
        "because": TEXT,
        "tier": TEXT,
        "tier_settled": FLAG,
        "icp": _object(
            {
                "match": {"enum": ["yes", "partial", "no"]},
                "met": CRITERIA,
                "missed": CRITERIA,
                "unknown": CRITERIA,
            }
        ),
        "score": POINTS,
    }
)

SCORE_LINE = _object(
    {
        "rule": TEXT,
        "category": {"enum": ["fit", "intent"]},
        "points": WHOLE,
        "because": TEXT,
        "status": {"enum": ["known", "inferred", "open", "cap"]},
        "low": WHOLE,
        "high": WHOLE,
        "evidence": EVIDENCE_IDS,
    }
)

DISQUALIFIER = _object(
    {
        "id": TEXT,
        "because": TEXT,
        "gate": {"enum": ["hard", "flag"]},
        "result": {"enum": ["clear", "tripped", "unknown"]},
        "evidence": EVIDENCE_IDS,
    }
)

UNCERTAINTY = _object(
    {
        "about": TEXT,
        "label": TEXT,
        "kind": {"enum": ["unknown", "inferred", "conflict", "expired", "skipped"]},
        "why_it_matters": TEXT,
        "could_change": _object({"low": WHOLE, "high": WHOLE}, destination=TEXT),
        "ask": TEXT,
    }
)

ANSWER = _object(
    {
        "question": TEXT,
        "property": TEXT,
        "about": TEXT,
        "asked_as": TEXT,
        "value": VALUE,
        "label": TEXT,
        "said": _maybe(TEXT),
        "skipped": FLAG,
        "at": INSTANT,
        "edited": FLAG,
        "set_aside": FLAG,
    },
    sensitive=FLAG,
    on_call=INSTANT,
)

ENGAGEMENT = _object(
    {
        "summary": TEXT,
        "first_seen": _maybe(INSTANT),
        "last_seen": _maybe(INSTANT),
        "visits": WHOLE,
        "highlights": _list(SENTENCE),
        "timeline": _list(
            _object({"at": INSTANT, "event": TEXT, "page": _maybe(TEXT), "title": _maybe(TEXT)})
        ),
    }
)

EVIDENCE = _object(
    {
        "kind": {"enum": ["answer", "event", "derived", "provider", "call"]},
        "property": TEXT,
        "value": VALUE,
        "certainty": CERTAINTY,
        "at": _maybe(INSTANT),
        "quote": _maybe(TEXT),
        "from": TEXT,
    },
    about=TEXT,
    label=TEXT,
    sensitive=FLAG,
)

FRAMEWORK: Schema = {"type": "object", "additionalProperties": SLOT}

NEXT_ACTION = _object(
    {
        "do": TEXT,
        "opening_line": TEXT,
        "by": _maybe(INSTANT),
        "channel": {"enum": ["phone", "email"]},
        "because": TEXT,
    }
)

PROVENANCE = _object(
    {
        "flow": TEXT,
        "playbook": TEXT,
        "engine": TEXT,
        "trace": _list(_object({"rule": TEXT, "result": TRUTH})),
        "facts_hash": TEXT,
    }
)

FROM_CALL = _maybe(_object({"value": VALUE, "label": _maybe(TEXT), "evidence": EVIDENCE_IDS}))
CALL = _object(
    {
        "by": TEXT,
        "started_at": INSTANT,
        "ended_at": INSTANT,
        "notes": TEXT,
        "objections": FROM_CALL,
        "timing": FROM_CALL,
        "why_serious": FROM_CALL,
    }
)

SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "/api/schema/handoff-1.json",
    "title": "Baton handoff record",
    **_object(
        {
            "schema": {"const": "handoff/1"},
            "id": _maybe(TEXT),
            "supersedes": _maybe(TEXT),
            "created_at": INSTANT,
            "depth": {"enum": ["partial", "qualified", "warmed", "call_qualified"]},
            "scenario": TEXT,
            "test": FLAG,
            "lead": LEAD,
            "source": SOURCE,
            "verdict": VERDICT,
            "why": _list(SENTENCE),
            "score_lines": _list(SCORE_LINE),
            "frameworks": _object({"bant": FRAMEWORK, "champ": FRAMEWORK, "meddic": FRAMEWORK}),
            "disqualifiers": _list(DISQUALIFIER),
            "uncertainties": _list(UNCERTAINTY),
            "answers": _list(ANSWER),
            "engagement": ENGAGEMENT,
            "history": _list({"type": "object"}),
            "red_flags": _list(SENTENCE),
            "talking_points": _list(SENTENCE),
            "next_action": _maybe(NEXT_ACTION),
            "evidence": {"type": "object", "additionalProperties": EVIDENCE},
            "provenance": PROVENANCE,
        },
        call=CALL,
    ),
}
