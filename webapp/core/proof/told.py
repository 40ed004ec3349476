"""The words of a proof, for whoever shows one and makes none: they cost no start an engine."""

from collections.abc import Mapping
from typing import Literal

Verdict = Literal["proved", "refuted", "not proved"]
Remedy = Literal["remove", "always", "require", "below"]
"""What would settle a finding without a thought: take the thing away, take away its condition, let
nobody skip it, or ask it further down, below all that its condition reads."""

POINTS: Mapping[int, str] = {
    1: "Every question can be reached",
    2: "No condition is always true or always false, and no rule is shadowed",
    3: "Every visitor gets one route, to a destination that is served",
    4: "Every tier can be attained",
    5: "Whoever reaches sales can be reached, and there is a next action",
    6: "No condition reads a question that is asked only later",
    7: "It is known what each question is used for",
    8: "The longest path is known",
}

TIME_IS_UP = "The time given ran out before this was decided."
