"""Texts changed byte by byte towards what the loader has not done yet, as Atheris finds them.

    pip install atheris
    python -m tests.flow_files.fuzz -max_total_time=600

Ends at the first text that is neither a flow that works nor refused in words, that takes a second
of the processor or too much memory, and keeps it in a file that can be given instead of the option.
"""

import random
import re
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import atheris

with atheris.instrument_imports(include=["webapp.core", "webapp.flow_files", "yaml"]):
    from tests.flow_files import small
    from tests.flow_files.judging import case_judged, judged, walked

ACME = Path(__file__).parent / "acme"
BOOK, DEMO, CASE = (
    (ACME / each).read_text(encoding="utf-8")
    for each in ("playbook.yaml", "demo-request.yaml", "cases/ana.yaml")
)
EXAMPLES = {b"acme": (BOOK, DEMO, CASE), b"tiny": (small.playbook(), small.flow(), small.case())}
FLOWS = {b"acme": "demo-request", b"tiny": "demo"}
KINDS = (b"book", b"flow", b"case")
"""The first eight bytes say which of these the rest is to be, beside the others as they are."""
MOST_SECONDS = 1.0
MOST_MB = 256

RELEASES = {
    name: judged({"playbook.yaml": book, "flow.yaml": flow})
    for name, (book, flow, _) in EXAMPLES.items()
}
WORDS = sorted(
    {word for some in EXAMPLES.values() for text in some for word in re.findall(r"[\w.-]+", text)}
)


def one_text(data: bytes) -> None:
    name, kind = data[:4], data[4:8]
    if name not in EXAMPLES or kind not in KINDS:
        return
    text = data[8:].decode("utf-8", "surrogateescape")
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    if kind == b"case":
        release = RELEASES[name]
        assert release is not None
        case_judged(text, release)
    else:
        book, flow, _ = EXAMPLES[name]
        texts = (text, flow) if kind == b"book" else (book, text)
        walked(judged(dict(zip(("playbook.yaml", "flow.yaml"), texts, strict=True))), FLOWS[name])
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _too_long(*_: Any) -> NoReturn:
    raise TimeoutError(f"It took over {MOST_SECONDS:g} s of the processor.")


def changed(data: bytes, most: int, seed: int) -> bytes:
    """Bytes anywhere, or lines and words: from bytes alone hardly anything new would be YAML."""
    chance = random.Random(seed)
    head, lines = data[:8], data[8:].split(b"\n")
    at = chance.randrange(len(lines))
    match chance.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(chance.randrange(len(lines)), lines[at])
        case 2:
            lines.insert(chance.randrange(len(lines)), lines.pop(at))
        case 3:
            words = re.split(rb"\b", lines[at])
            words[chance.randrange(len(words))] = chance.choice(WORDS).encode()
            lines[at] = b"".join(words)
        case _:
            return head + bytes(atheris.Mutate(data[8:], most - 8))
    return (head + b"\n".join(lines))[:most]


def main() -> None:
    signal.signal(signal.SIGVTALRM, _too_long)
    with tempfile.TemporaryDirectory() as corpus:
        for name, texts in EXAMPLES.items():
            for kind, text in zip(KINDS, texts, strict=True):
                (Path(corpus) / f"{name!r}{kind!r}").write_bytes(name + kind + text.encode())
        options = [f"-rss_limit_mb={MOST_MB}", "-max_len=40000", *sys.argv[1:], corpus]
        atheris.Setup([sys.argv[0], *options], one_text, custom_mutator=changed)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
