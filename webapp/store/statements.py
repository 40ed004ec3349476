"""Statements made for every answer: worded once for each kind of database, then put to its driver.

To run one it has met before SQLAlchemy makes 70 to 110 calls, and PostgreSQL's driver 8 for each
column that it is asked to describe: together a seventh of all that an answer takes. Everywhere else
prefer SQLAlchemy.
"""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import ClauseElement, Dialect, Select
from sqlalchemy.exc import DBAPIError

from webapp.store.database import connection


class Statement:
    """``clause`` in the words of whichever database is asked, with the columns that are given.

    It joins the transaction that is going on, fails with SQLAlchemy's errors, and whoever listens
    to the engine hears of it.
    """

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause
        self._worded: dict[tuple[str, frozenset[str]], _Worded] = {}

    def run(self, given: Mapping[str, Any]) -> None:
        """Run it for what it does."""
        self._cursor(given)[0].close()

    def one_or_none(self, given: Mapping[str, Any]) -> SimpleNamespace | None:
        """Its one row, a column an attribute. For a query that finds no second one."""
        cursor, worded = self._cursor(given)
        found = cursor.fetchone()
        cursor.close()
        return None if found is None else SimpleNamespace(**worded.read(found))

    def _cursor(self, given: Mapping[str, Any]) -> tuple[Any, "_Worded"]:
        on = connection()
        raw: Any = on.connection.dbapi_connection
        key = on.dialect.name, frozenset(given)
        worded = self._worded.get(key)
        if worded is None:
            worded = self._worded[key] = _word(self._clause, on.dialect, given)
        cursor = raw.cursor()
        heard = (on, cursor, worded.sql, (), None, False)
        for listener in on.engine.dispatch.before_cursor_execute:
            listener(*heard)
        try:
            cursor.execute(worded.sql, worded.write(given))
        except on.dialect.loaded_dbapi.Error as error:
            gone = on.dialect.is_disconnect(error, raw, cursor)
            if gone:
                on.invalidate(error)
            raise DBAPIError.instance(
                worded.sql,
                None,
                error,
                on.dialect.loaded_dbapi.Error,
                connection_invalidated=gone,
                dialect=on.dialect,
            ) from error
        return cursor, worded


class _Worded(NamedTuple):
    """``order`` is that of the question marks, where the driver takes those; ``writers`` and
    ``readers`` are for the columns that are kept as something else than they are."""

    sql: str
    order: Sequence[str] | None
    writers: Mapping[str, Callable[[Any], Any]]
    names: Sequence[str]
    readers: Mapping[str, Callable[[Any], Any]]

    def write(self, given: Mapping[str, Any]) -> Any:
        written = dict(given)
        for name, write in self.writers.items():
            written[name] = write(written[name])
        return written if self.order is None else [written[name] for name in self.order]

    def read(self, found: Sequence[Any]) -> dict[str, Any]:
        row = dict(zip(self.names, found, strict=True))
        for name, read in self.readers.items():
            row[name] = read(row[name])
        return row


def _word(clause: ClauseElement, dialect: Dialect, given: Mapping[str, Any]) -> _Worded:
    compiled: Any = clause.compile(dialect=dialect, column_keys=[*given])
    columns = clause.selected_columns if isinstance(clause, Select) else ()
    return _Worded(
        sql=str(compiled),
        order=compiled.positiontup,
        writers={
            name: write
            for name, bound in compiled.binds.items()
            if (write := bound.type.dialect_impl(dialect).bind_processor(dialect))
        },
        names=[str(column.key) for column in columns],
        readers={
            str(column.key): read
            for column in columns
            if (read := column.type.dialect_impl(dialect).result_processor(dialect, None))
        },
    )
