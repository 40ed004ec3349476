"""Loads a release: the playbook with all flows, from a folder or from texts kept elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePath
from typing import TypeVar, cast

from webapp.core.conditions import Condition
from webapp.core.errors import FlowError, Problem, Where
from webapp.core.flow import Flow, Release
from webapp.core.playbook import Playbook
from webapp.flow_files.conditions import condition
from webapp.flow_files.flow import read_flow
from webapp.flow_files.nodes import Absent, Node
from webapp.flow_files.playbook import read_playbook
from webapp.flow_files.problems import Problems, as_far_as_it_goes, quoted
from webapp.flow_files.subjects import Stage
from webapp.flow_files.vocabulary import Vocabulary
from webapp.flow_files.yaml_text import MAX_BYTES, decode, parse

T = TypeVar("T")

PLAYBOOK = "playbook.yaml"


def load_release(folder: Path | str) -> Release:
    """The playbook and every flow of a folder.

    Raises: FlowError, with the problems of all its files.
    """
    return _or_raise(*check_release(folder))


def load_texts(texts: Mapping[str, str]) -> Release:
    """The same from memory: texts by file name, ``playbook.yaml`` (or ``playbook``) among them.

    Raises: FlowError, with the problems of all texts.
    """
    return _or_raise(*check_texts(texts))


def load_playbook(text: str, file: str = PLAYBOOK) -> Playbook:
    """One playbook on its own.

    Raises: FlowError.
    """
    problems = Problems(file)
    playbook, _ = only(problems, lambda: read_playbook(parse(text, problems)))
    return playbook


def load_flow(text: str, file: str, playbook: Playbook) -> Flow:
    """One flow on its own, for a playbook that is loaded.

    Raises: FlowError.
    """
    problems = Problems(file)
    return only(problems, lambda: read_flow(parse(text, problems), Vocabulary.of(playbook)))


def load_condition(text: str, playbook: Playbook, stage: Stage = Stage.facts) -> Condition:
    """One condition on its own, to stand where ``stage`` says.

    Raises: FlowError.
    """
    problems = Problems("condition")
    read = condition(Vocabulary.of(playbook), stage)
    # mypy joins the members of the union to object where it infers it.
    return cast(Condition, only(problems, lambda: read(parse(text, problems))))


def only(problems: Problems, read: Callable[[], T | None]) -> T:
    """What ``read`` makes of one file.

    Raises: FlowError, if there is an error in it.
    """
    made = as_far_as_it_goes(read)
    if made is None or problems.errors:
        raise FlowError(problems.in_order())
    return made


def check_release(folder: Path | str) -> tuple[Release | None, list[Problem]]:
    """A folder's release, or None, with every problem of its files, warnings included."""
    folder = Path(folder)
    if not folder.is_dir():
        where = Where(str(folder), 1, 1)
        return None, [Problem(where, "There is no such folder.", "Name the folder of the flows.")]
    files = sorted(path for path in folder.glob("*.yaml") if path.name[0] not in "._")
    release, problems = _check(
        {str(path): partial(_start_of, path) for path in files}, str(folder / PLAYBOOK)
    )
    return release, [*problems, *_passed_over(folder)]


def _passed_over(folder: Path) -> Iterator[Problem]:
    """Files that somebody may take for flows."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yaml":
            yield Problem(
                Where(str(path), 1, 1),
                "This file is not read: the name of a flow ends in `.yaml`.",
                f"Rename it to {quoted(path.stem + '.yaml')}.",
                severity="warning",
            )


def check_texts(texts: Mapping[str, str]) -> tuple[Release | None, list[Problem]]:
    """The same for texts by file name."""
    playbook = next((name for name in texts if PurePath(name).stem == "playbook"), PLAYBOOK)
    return _check({name: _encoded(text) for name, text in texts.items()}, playbook)


def _start_of(path: Path) -> bytes:
    """The file, or enough of it to see that it is too big."""
    with path.open("rb") as file:
        return file.read(2 * MAX_BYTES)


def _encoded(text: str) -> Callable[[], bytes]:
    return lambda: text.encode("utf-8", "surrogatepass")


def _or_raise(release: Release | None, problems: list[Problem]) -> Release:
    if release is None:
        raise FlowError(problem for problem in problems if problem.severity == "error")
    return release


class _File:
    """One file while it is checked: its text, its root node and what is wrong with it."""

    def __init__(self, name: str, read: Callable[[], bytes]) -> None:
        self.problems = Problems(name)
        self.text = decode(read, self.problems)
        self.root = self._parsed()
        self.is_yaml = not isinstance(self.root, Absent)

    def _parsed(self) -> Node:
        text, root = self.text, None
        if text is not None:
            root = as_far_as_it_goes(lambda: parse(text, self.problems))
        return root or Absent(Where(self.problems.file, 1, 1), self.problems)

    @property
    def hash(self) -> str:
        return sha256((self.text or "").encode()).hexdigest()


def _check(
    sources: Mapping[str, Callable[[], bytes]], playbook_name: str
) -> tuple[Release | None, list[Problem]]:
    files = {name: _File(name, read) for name, read in sources.items()}
    book = files.pop(playbook_name, None)
    if book is None:
        where = Where(playbook_name, 1, 1)
        missing = Problem(where, "There is no playbook.", f"Add {PLAYBOOK} to the flows.")
        return None, [missing, *_problems(files.values())]
    release = _release(book, files.values()) if book.is_yaml else None
    problems = _problems([book, *files.values()])
    if any(problem.severity == "error" for problem in problems):
        release = None
    return release, problems


def _release(book: _File, files: Iterable[_File]) -> Release | None:
    """Read the playbook, then the flows with its words; None if the playbook gave none."""
    found = as_far_as_it_goes(lambda: read_playbook(book.root))
    if found is None:
        return None
    playbook, names = found
    flows: dict[str, Flow] = {}
    hashes = {"playbook": book.hash}
    for file in files:
        flow = as_far_as_it_goes(partial(read_flow, file.root, names)) if file.is_yaml else None
        if flow is None:
            continue
        if first := flows.get(flow.id):
            file.problems.error(
                flow.where,
                f"Two flows are called {quoted(flow.id)}, the other in {first.where.file}.",
                "Give each its own id.",
            )
        flows[flow.id] = flow
        hashes[flow.id] = file.hash
    names.warn_of_unknown_flows(flows)
    return Release(playbook, flows, hashes)


def _problems(files: Iterable[_File]) -> list[Problem]:
    return [problem for file in files for problem in file.problems.in_order()]
