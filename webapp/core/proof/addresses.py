"""E-mail addresses of every kind that conditions can tell apart by domain, mailbox or name."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from webapp.core import values
from webapp.core.builtins import email_domain, email_kind
from webapp.core.conditions import Is, IsNot, Mentions, Test
from webapp.core.mailboxes import DISPOSABLE, FREE

BUSINESS = "nordwind.example"
STRANGE = "qqx.example"


def addresses(domain_tests: Sequence[Test], name_tests: Sequence[Test]) -> Iterator[str]:
    """Addresses worth a try: each kind of mailbox at each domain the tests can tell apart."""
    for name in ("lee", *_named(name_tests), "ana.qqx"):
        mailbox = f"{name.casefold()}.qqx" if name not in ("lee", "ana.qqx") else name
        for domain in _domains(domain_tests):
            yield f"{mailbox}@{domain}"
            if name == "lee":
                yield f"info@{domain}"


def _domains(tests: Sequence[Test]) -> Iterator[str]:
    """A domain of ours, the named ones, well-known ones, and made-up ones with each phrase."""
    yield from (BUSINESS, STRANGE)
    named = {name.casefold().strip() for name in _named(tests)}
    yield from sorted(name for name in named if "." in name)
    mentioned = [test for test in tests if isinstance(test, Mentions)]
    for well_known in (FREE, DISPOSABLE):
        yield from _told_apart(well_known, frozenset(named), tuple(mentioned))
    disposable = min(DISPOSABLE)
    for labels in _labels(mentioned):
        yield f"{labels}.qqx.example"
        yield f"{labels}.{disposable}"
        yield f"qqx.{labels}"


@lru_cache(maxsize=16)
def _told_apart(
    domains: frozenset[str], named: frozenset[str], mentioned: tuple[Mentions, ...]
) -> tuple[str, ...]:
    """One well-known domain for each way the tests see it."""
    # Kept, since the flows of a release ask the same of hundreds of domains.
    found: dict[object, str] = {}
    for domain in sorted(domains):
        mentions = tuple(values.mentions_any(domain, test.phrases) for test in mentioned)
        mark = (domain if domain in named else None, mentions, email_kind(f"lee@{domain}"))
        found.setdefault(mark, domain)
    return tuple(found.values())


def _labels(mentioned: Sequence[Mentions]) -> Iterator[str]:
    """Domain labels that meet each set of tests which can be met at once."""
    met: dict[frozenset[int], tuple[str, ...]] = {frozenset(): ()}
    for phrase in dict.fromkeys(phrase for test in mentioned for phrase in test.phrases):
        alone = ".".join(values.words(phrase))
        if email_domain(f"lee@{alone}.example") != f"{alone}.example":
            continue
        adds = frozenset(
            n
            for n, test in enumerate(mentioned)
            if any(values.mentions(alone, other) for other in test.phrases)
        )
        for held, some in list(met.items()):
            if held | adds not in met:
                met[held | adds] = (*some, alone)
                yield ".qqx.".join(met[held | adds])


def _named(tests: Sequence[Test]) -> Iterator[str]:
    for test in tests:
        if isinstance(test, Is | IsNot):
            yield from map(str, test.values)
