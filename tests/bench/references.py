"""What the product is measured against: one answer's work, written for speed and nothing else.

All four take the same form post. ``bare`` only answers; the others find a lead, keep its answer,
read all its answers, run 40 rules over 12 conditions, keep the score and render about 2 kB, in one
transaction: ``raw`` with sqlite3 alone, ``core`` with prebuilt SQLAlchemy statements, ``orm`` with
mapped objects. They know nothing of flows, facts, forged tokens or explanations.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, cast

from flask import Flask, request
from jinja2 import Environment
from sqlalchemy import (
    Engine,
    ForeignKey,
    Table,
    bindparam,
    create_engine,
    event,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import QueuePool

from webapp.store.database import sqlite_module

LEADS = 1_000
QUESTIONS = 25
Condition = Callable[[dict[str, str]], bool]


def _wants(*wanted: str) -> Condition:
    return lambda answers: all(answers.get(question) == "yes" for question in wanted)


CONDITIONS = [_wants(f"q{i}", f"q{i + 1}") for i in range(12)]
RULES = [(5 + i % 7, _wants(f"q{i % QUESTIONS}")) for i in range(40)]
PAGE = Environment(autoescape=True).from_string("""<section id="turn">
<h1>{{ question }}</h1><p>{{ score }} points, {{ met }} met</p>
<form method="post">{% for i in range(17) %}
<label><input type="radio" name="value" value="choice-{{ i }}"> A choice worth reading,
number {{ i }}, for {{ question }}</label>{% endfor %}<button>Next</button></form></section>""")


def bare() -> Flask:
    app = Flask(__name__)

    @app.post("/")
    def answer() -> str:
        return f"<p>{request.form['question']}</p>"

    return app


def raw(path: str) -> Flask:
    app = Flask(__name__)
    connections: list[sqlite3.Connection] = []

    def connection() -> sqlite3.Connection:
        if not connections:
            connections.append(sqlite_module().connect(path, isolation_level=None))
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                connections[0].execute(f"PRAGMA {pragma}")
        return connections[0]

    @app.post("/")
    def answer() -> str:
        lead, question, value = _sent()
        db = connection()
        db.execute("BEGIN IMMEDIATE")
        db.execute("SELECT id, score FROM leads WHERE id = ?", (lead,)).fetchone()
        db.execute(
            "INSERT INTO answers (lead_id, question, value) VALUES (?, ?, ?)"
            " ON CONFLICT (lead_id, question) DO UPDATE SET value = excluded.value",
            (lead, question, value),
        )
        answers = dict(
            db.execute("SELECT question, value FROM answers WHERE lead_id = ?", (lead,)).fetchall()
        )
        score, met = _judge(answers)
        db.execute("UPDATE leads SET score = ?, last = ? WHERE id = ?", (score, question, lead))
        db.execute("COMMIT")
        return _page(question, score, met)

    return app


class Base(DeclarativeBase):
    pass


class LeadRow(Base):
    __tablename__ = "leads"

    id: Mapped[int] = mapped_column(primary_key=True)
    score: Mapped[int]
    last: Mapped[str | None]


class AnswerRow(Base):
    __tablename__ = "answers"

    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


def core(url: str) -> Flask:
    app = Flask(__name__)
    engine = app.extensions["engine"] = _engine(url)
    leads, answers = cast(Table, LeadRow.__table__), cast(Table, AnswerRow.__table__)
    find = (
        select(leads.c.id, leads.c.score).where(leads.c.id == bindparam("lead")).with_for_update()
    )
    put = (sqlite_insert if engine.dialect.name == "sqlite" else postgresql_insert)(answers)
    keep = put.on_conflict_do_update(
        index_elements=["lead_id", "question"], set_={"value": put.excluded.value}
    )
    read = select(answers.c.question, answers.c.value).where(answers.c.lead_id == bindparam("lead"))
    keep_score = leads.update().where(leads.c.id == bindparam("lead"))

    @app.post("/")
    def answer() -> str:
        lead, question, value = _sent()
        with engine.begin() as db:
            db.execute(find, {"lead": lead}).one()
            db.execute(keep, {"lead_id": lead, "question": question, "value": value})
            known = {row[0]: row[1] for row in db.execute(read, {"lead": lead})}
            score, met = _judge(known)
            db.execute(keep_score, {"lead": lead, "score": score, "last": question})
        return _page(question, score, met)

    return app


def orm(url: str) -> Flask:
    app = Flask(__name__)
    engine = _engine(url)

    @app.post("/")
    def answer() -> str:
        lead_id, question, value = _sent()
        with Session(engine) as session:
            lead = session.get_one(LeadRow, lead_id, with_for_update=True)
            rows = session.scalars(select(AnswerRow).where(AnswerRow.lead_id == lead_id)).all()
            known = {row.question: row for row in rows}
            if question in known:
                known[question].value = value
            else:
                known[question] = AnswerRow(lead_id=lead_id, question=question, value=value)
                session.add(known[question])
            score, met = _judge({name: row.value for name, row in known.items()})
            lead.score, lead.last = score, question
            session.commit()
        return _page(question, score, met)

    return app


def fill(url: str) -> None:
    """Make the tables, with leads to answer for."""
    engine = _engine(url)
    Base.metadata.create_all(engine)
    with engine.begin() as db:
        db.execute(
            cast(Table, LeadRow.__table__).insert(), [{"id": i, "score": 0} for i in range(LEADS)]
        )
    engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url)
    engine = create_engine(url, module=sqlite_module(), poolclass=QueuePool)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _sent() -> tuple[int, str, str]:
    form = request.form
    return int(form["lead"]), form["question"], form["value"]


def _judge(answers: dict[str, str]) -> tuple[int, int]:
    met = sum(condition(answers) for condition in CONDITIONS)
    return sum(points for points, rule in RULES if rule(answers)), met


def _page(question: str, score: int, met: int) -> str:
    return PAGE.render(question=question, score=score, met=met)
