"""Which routing rule decides, for all points at once, where nothing but points is left open."""

from collections.abc import Iterator

from webapp.core.proof.formulas import FALSE, TRUE
from webapp.core.proof.grid import Grid
from webapp.core.proof.ledger import Page
from webapp.core.proof.translate import Translator


class Verdicts:
    """Reads the pages of one release on a grid of points."""

    def __init__(self, translator: Translator, grid: Grid) -> None:
        self.translator = translator
        self.formulas = translator.formulas
        self.grid = grid
        self._masks: dict[int, int] = {}

    def mask(self, formula: int) -> int:
        """Everybody for whom a formula holds that only points are left of."""
        if formula == FALSE:
            return 0
        if formula == TRUE:
            return self.grid.everything
        found = self._masks.get(formula)
        if found is None:
            found = self._masks[formula] = self._mask(formula)
        return found

    def _mask(self, formula: int) -> int:
        kind = self.formulas.kind(formula)
        if kind == "literal":
            part, _ = self.translator.scores[formula]
            judge = self.translator.judge_points
            return self.grid.mask(part, lambda points: judge(formula, points))
        masks = [self.mask(part) for part in self.formulas.parts(formula)]
        found = masks[0]
        for each in masks[1:]:
            found = found & each if kind == "and" else found | each
        return found

    def decided(self, page: Page, held: int) -> Iterator[tuple[int, int]]:
        """The routing rules (by place) that decide for those held, each with its share.

        A finish rule that took over the routing comes as -1 - its place.
        """
        if page.early >= 0:
            yield -1 - page.early, held
            return
        for place, formula in page.routing:
            taken = held & self.mask(formula)
            if taken:
                yield place, taken
                held ^= taken
            if not held:
                return
