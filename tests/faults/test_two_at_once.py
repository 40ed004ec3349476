"""Whatever two people do about the same lead in the same instant: nothing is lost, nobody's or
half done, and who is erased is gone."""

import random
import threading
from collections.abc import Collection, Iterator
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tests.faults.deeds import World, deeds, make_world
from tests.faults.promises import broken
from tests.fixtures.applications import Prepared, contents_of
from tests.fixtures.injuries import Tell, often
from tests.waiting import eventually, somebody_waits
from webapp.core.errors import BatonError
from webapp.services.operations.verification import verify
from webapp.services.prospects.conversations import token_hash
from webapp.store import conversations, failpoints
from webapp.store.database import db
from webapp.store.handoffs import HandoffRow

ONCE_WENT_WRONG = [
    ("conversations.answer", "erasure.erase"),
    ("erasure.erase", "conversations.answer"),
    ("partial_leads.write_down", "erasure.erase"),
    ("conversations.answer", "retention.forget_the_old"),
]


@pytest.mark.promise(5)
@pytest.mark.timeout(3_600)
# On SQLite whoever writes has it to themselves.
@pytest.mark.parametrize("database", [pytest.param("sqlite", marks=pytest.mark.long), "postgresql"])
def test_whatever_two_do_at_once_about_a_lead_it_is_whole_afterwards(
    request: pytest.FixtureRequest, database: str, tell: Tell
) -> None:
    app = request.getfixturevalue(f"prepared_{database}").as_new()
    with app.app_context():
        here = make_world()
    world = Prepared(app, contents_of(app))
    pairs = [*ONCE_WENT_WRONG, *_in_any_order(deeds(here))]
    pairs = pairs[: often(len(ONCE_WENT_WRONG), len(pairs))]
    wrong = [f"{first}, then {second}: {fault}" for first, second in pairs
             for fault in _at_once(world, here, first, second)]  # fmt: skip
    tell(len(pairs), "pairs of things done to one lead in the same instant", lost=len(wrong))
    assert wrong == []


def _in_any_order(names: Collection[str]) -> list[tuple[str, str]]:
    """All other pairs; a run that is cut short tries some of each kind."""
    pairs = sorted({*product(names, names)} - {*ONCE_WENT_WRONG})
    random.Random(5).shuffle(pairs)
    return pairs


def _at_once(world: Prepared, here: World, first: str, second: str) -> Iterator[str]:
    """Stop the first just before its commit until the second waits for it or is done; then say
    what is wrong."""
    app, do = world.as_new(), deeds(here)
    faults: list[str] = []
    done: set[str] = set()

    def in_its_own(deed: str) -> None:
        with app.app_context():
            try:
                do[deed]()
                done.add(deed)
            except (BatonError, OperationalError):
                pass  # a sentence why not, or to try again
            except Exception as fault:  # noqa: BLE001 - whatever it is, it is told
                faults.append(f"{deed}: {fault!r}")
            finally:
                db.session.rollback()

    beside = threading.Thread(target=in_its_own, args=(second,))

    def meanwhile() -> None:
        if beside.ident is None:
            beside.start()
            eventually(lambda: not beside.is_alive() or somebody_waits(app))

    with failpoints.armed(f"{first.split()[0]}.before_commit", meanwhile):
        in_its_own(first)
    if beside.ident is not None:
        beside.join()
    yield from faults
    with app.app_context():
        yield from broken()
        yield from verify().problems
        for deed, token in here.answering.items():
            erased = any(each.startswith("erasure") for each in (first, second))
            if deed in done and not erased and conversations.by_token(token_hash(token)) is None:
                yield f"{deed}: it was taken and is gone"
        for row in db.session.scalars(select(HandoffRow).where(HandoffRow.lead_id.is_(None))):
            yield f"handoff {row.id} is of nobody we know"
