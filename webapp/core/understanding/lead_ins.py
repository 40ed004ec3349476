"""Ways to begin a sentence before the thing itself: "my name is", "we are"."""

from webapp.core.understanding.words import Said

GREETINGS = frozenset("hi hello hey hallo sure yes ok well so , !".split())
# What ends a name or a lead-in's clause.
STOPS = frozenset(
    {",", ".", ";", ":", "!", "?", "\n", "(", ")", "|", "–", "at", "@", "bei", "from"}
    | {"aus", "here", "speaking", "hier", "but", "aber", "who", "which", "we", "wir"}
)


class LeadIns:
    """Phrases such as "my name is", found at the beginning of a clause or right before a token."""

    def __init__(self, phrases: str) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        self._by_last: dict[str, list[tuple[str, ...]]] = {}
        words = {tuple(Said(each).words) for each in phrases.split("|")}
        for phrase in sorted(words, key=lambda phrase: (-len(phrase), phrase)):
            self._by_first.setdefault(phrase[0], []).append(phrase)
            self._by_last.setdefault(phrase[-1], []).append(phrase)

    def after(self, said: Said) -> tuple[int | None, bool]:
        """Where what follows the first lead-in begins, else the text; and whether there was one."""
        place = 0
        while said.word(place) in GREETINGS:
            place += 1
        if place >= len(said):
            return None, False
        for start in range(place, len(said) - 1):
            if start != place and said.words[start - 1] not in STOPS:
                continue
            for phrase in self._by_first.get(said.words[start], ()):
                if said.starts(start, phrase) and start + len(phrase) < len(said):
                    return start + len(phrase), True
        return place, False

    def before(self, said: Said, start: int) -> bool:
        """Whether one of them ends right before a token."""
        return any(
            start >= len(phrase) and said.starts(start - len(phrase), phrase)
            for phrase in self._by_last.get(said.word(start - 1), ())
        )
