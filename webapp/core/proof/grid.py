"""Sets of points that can be reached, as the bits of one large number.

Bit (intent, fit) says that somebody can have these points before the categories' caps. Adding a
rule's points shifts all of them at once. With wider slots than one bit the same number counts how
many classes of visitors have each pair.
"""

from collections.abc import Callable, Iterator

from webapp.core.playbook import Playbook

Points = tuple[int, int]
"""Points of fit and of intent."""


class Grid:
    """All pairs between the least and the greatest points, row by row of intent.

    Intent comes mostly of what was seen on the site, which is looked at last: until then the
    numbers are one row long. ``slot`` is the width of one place in bits: 1 for sets, more for
    counts.
    """

    def __init__(self, playbook: Playbook, least: Points, most: Points, slot: int = 1) -> None:
        self.playbook = playbook
        self.least, self.most, self.slot = least, most, slot
        self.columns = most[0] - least[0] + 1
        self.rows = most[1] - least[1] + 1
        fit, intent = playbook.fit.at_most, playbook.intent.at_most
        self._fits = [f if fit is None else min(f, fit) for f in range(least[0], most[0] + 1)]
        self._intents = [
            i if intent is None else min(i, intent) for i in range(least[1], most[1] + 1)
        ]

    @property
    def start(self) -> int:
        """Nobody has any points yet."""
        return 1 << self.slot * self.place((0, 0))

    @property
    def everything(self) -> int:
        return (1 << self.slot * self.rows * self.columns) - 1

    def place(self, points: Points) -> int:
        return (points[1] - self.least[1]) * self.columns + points[0] - self.least[0]

    def shift(self, points: Points) -> int:
        """By how many bits these points move everybody; negative to the right."""
        return self.slot * (points[1] * self.columns + points[0])

    def points(self, place: int) -> Points:
        """The points of a place, before the caps."""
        row, column = divmod(place, self.columns)
        return column + self.least[0], row + self.least[1]

    def capped(self, points: Points) -> Points:
        fit, intent = self.playbook.fit.at_most, self.playbook.intent.at_most
        return (
            points[0] if fit is None else min(points[0], fit),
            points[1] if intent is None else min(points[1], intent),
        )

    def mask(self, part: str, accepts: Callable[[int], bool]) -> int:
        """Everybody whose ``total``, ``fit`` or ``intent`` after the caps is accepted."""
        match part:
            case "fit":
                row = self._spans([accepts(fit) for fit in self._fits])
                rows = [row] * self.rows
            case "intent":
                rows = [self._row(accepted=accepts(intent)) for intent in self._intents]
            case _:
                rows = self._by_total(accepts)
        return self._stacked(rows)

    def _by_total(self, accepts: Callable[[int], bool]) -> list[int]:
        """Each row is the row of all totals, from where it begins to where fit is capped."""
        lowest, free = self._fits[0] + self._intents[0], len(dict.fromkeys(self._fits))
        capped = self._row(accepted=True) >> self.slot * free << self.slot * free
        totals = [accepts(lowest + n) for n in range(self._intents[-1] - self._intents[0] + free)]
        every, some = self._spans(totals), (1 << self.slot * free) - 1
        made: dict[int, int] = {}
        for intent in self._intents:
            if intent not in made:
                skipped = intent - self._intents[0]
                row = every >> self.slot * skipped & some
                made[intent] = row | capped if totals[skipped + free - 1] else row
        return [made[intent] for intent in self._intents]

    def _row(self, *, accepted: bool) -> int:
        return (1 << self.slot * self.columns) - 1 if accepted else 0

    def _spans(self, accepted: list[bool]) -> int:
        """Places side by side, all bits set where accepted, a run of them at a time."""
        row, start = 0, 0
        for column in range(len(accepted) + 1):
            if column < len(accepted) and accepted[column]:
                continue
            if column > start:
                row |= ((1 << self.slot * (column - start)) - 1) << self.slot * start
            start = column + 1
        return row

    def _stacked(self, rows: list[int]) -> int:
        length, width = self.slot * self.columns, (self.slot * self.columns + 7) // 8
        if length % 8 == 0:
            return int.from_bytes(b"".join(r.to_bytes(width, "little") for r in rows), "little")
        return _pile(rows, length)

    def count(self, held: int) -> int:
        """How many classes are held, when slots are wide enough that none overflows."""
        return held % ((1 << self.slot) - 1) if held else 0

    def places(self, held: int) -> Iterator[int]:
        """Every place held, the lowest first. For sets, not for counts."""
        # Searching the digits is linear; taking off the lowest bit each time is quadratic.
        digits = bin(held)[:1:-1]
        at = digits.find("1")
        while at >= 0:
            yield at
            at = digits.find("1", at + 1)

    def extreme(self, held: int, sign: int) -> tuple[int, int]:
        """The greatest (sign 1) or least (sign -1) total held, and a place that has it."""
        return max(
            (
                (sign * sum(self.capped(self.points(place))), place)
                for place in self._corners(held, sign)
            ),
            key=lambda found: found[0],
        )

    def _corners(self, held: int, sign: int) -> Iterator[int]:
        """In each row only the outermost place can have the greatest or least total."""
        full = (1 << self.columns) - 1
        for row in range(self.rows):
            line = held >> row * self.columns & full
            if line:
                column = line.bit_length() - 1 if sign > 0 else (line & -line).bit_length() - 1
                yield row * self.columns + column


def shifted(held: int, shift: int) -> int:
    """All that are held, with that many bits more points; negative is fewer."""
    return held << shift if shift >= 0 else held >> -shift


def _pile(rows: list[int], length: int) -> int:
    """Join rows of ``length`` bits two by two, which costs n log n instead of n squared."""
    while len(rows) > 1:
        rows = [
            rows[i] | (rows[i + 1] << length if i + 1 < len(rows) else 0)
            for i in range(0, len(rows), 2)
        ]
        length *= 2
    return rows[0] if rows else 0
