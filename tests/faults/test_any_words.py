"""Whatever is typed or sent, both databases keep the same, and it is read back as what it was."""

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from tests.fixtures.applications import FRIDAY, Prepared
from tests.fixtures.injuries import often
from webapp.config import ROOT
from webapp.core import values
from webapp.core.errors import AnswerRefused
from webapp.core.playbook import Property
from webapp.flow_files import load_release
from webapp.store.database import db
from webapp.store.sites import SiteRow

TOGETHER = 50
MANY = often(10, 1_000)
PROPERTIES = [
    each for each in load_release(ROOT / "question_flows").playbook.properties.values()
    if not each.built_in
]  # fmt: skip
TYPED = st.text(st.characters(), max_size=200) | st.sampled_from(
    ["\x00", "\ud800", "\udfff\ud800", "1e309", "-0", "２０", "\u202eabc", "=1+1", "NaN", "🙂" * 50]
)
SENT = TYPED | st.integers() | st.floats() | st.booleans() | st.lists(TYPED, max_size=3) | st.none()


@pytest.fixture(scope="module")
def both(prepared_sqlite: Prepared, prepared_postgresql: Prepared) -> Iterator[list[Flask]]:
    yield [each.as_new() for each in (prepared_sqlite, prepared_postgresql)]
    for each in (prepared_sqlite, prepared_postgresql):
        each.as_new()


def read(about: Property, sent: object) -> object:
    """As it is kept; None where it is refused, or nothing."""
    try:
        found = values.read(about, sent)
    except AnswerRefused:
        return None
    return None if found is None else values.write(found)


def kept(app: Flask, rows: list[dict[str, object]]) -> list[tuple[str, object]]:
    """What comes back of names and documents, once they were in the database."""
    with app.app_context():
        db.session.execute(insert(SiteRow), rows)
        db.session.flush()
        ids = [row["id"] for row in rows]
        query = select(SiteRow.name, SiteRow.settings).where(SiteRow.id.in_(ids))
        found = db.session.execute(query.order_by(SiteRow.id)).all()
        db.session.rollback()
    return [(name, settings["said"]) for name, settings in found]


@pytest.mark.promise(19, MANY * TOGETHER, "texts, numbers and lists kept by both databases")
@pytest.mark.timeout(14_400)
@settings(
    max_examples=MANY,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    st.lists(
        st.tuples(st.sampled_from(PROPERTIES), SENT, TYPED),
        min_size=TOGETHER,
        max_size=TOGETHER,
    )
)
def test_any_words_are_kept_alike(
    both: list[Flask], said: list[tuple[Property, object, str]]
) -> None:
    wanted = [(values.clean(text), read(about, sent)) for about, sent, text in said]
    rows: list[dict[str, object]] = [
        {
            "id": f"s{n:03}", "key": f"k{n}", "name": text, "origins": [],
            "settings": {"said": value}, "created_at": FRIDAY,
        }
        for n, (text, value) in enumerate(wanted)
    ]  # fmt: skip
    for app in both:
        assert kept(app, rows) == wanted
    for (about, _, _), (_, value) in zip(said, wanted, strict=True):
        assert value is None or read(about, value) == value, "it is read back as what it was"
