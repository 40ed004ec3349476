"""Where the playbook keeps the points that answers to a question bring."""

import re
from collections.abc import Mapping

from webapp.core.values import Type
from webapp.flow_files.merging import Locate
from webapp.flow_files.rendering import Plain
from webapp.web.studio import places
from webapp.web.studio.loaded import Studied

CATEGORIES = ("fit", "intent")


def table(book: Plain | None, property: str) -> tuple[str, dict[str, Plain] | None]:
    """The scoring rule whose table holds points for the property's values."""
    for category in CATEGORIES:
        for rule in places.listed(book, "scoring", category, "rules"):
            if rule.get("property") == property and isinstance(rule.get("points"), dict):
                return category, rule
    return "fit", None


def any_rule(book: Plain | None, property: str) -> tuple[str, dict[str, Plain] | None]:
    """The scoring rule that rewards any answer."""
    for category in CATEGORIES:
        for rule in places.listed(book, "scoring", category, "rules"):
            if rule.get("when") == {property: {"known": "true"}}:
                return category, rule
    return "fit", None


def ranges(studied: Studied, property: str) -> tuple[int, int] | None:
    """The least and most points that answers to a question about the property bring."""
    _, rule = table(studied.book, property)
    _, other = any_rule(studied.book, property)
    points: list[int] = []
    if rule and isinstance(rule.get("points"), dict):
        points = [int(each) for each in places.at(rule, "points").values() if whole(str(each))]
        if "otherwise" in rule and whole(str(rule["otherwise"])):
            points.append(int(str(rule["otherwise"])))
        known = studied.playbook.properties.get(property)
        if known and known.type is Type.CHOICES and points:
            points = [min(0, sum(p for p in points if p < 0)), sum(p for p in points if p > 0)]
            if whole(str(rule.get("at_most", ""))):
                points[1] = min(points[1], int(str(rule["at_most"])))
    if other and whole(str(other.get("points", ""))):
        points.append(int(str(other["points"])))
    return (min(points), max(points)) if points else None


def rule_at(category: str, rule: Mapping[str, Plain]) -> Locate:
    return places.place_in_list(("scoring", category, "rules"), str(rule.get("id", "")))


def whole(text: str) -> bool:
    return re.fullmatch(r"[-+]?\d{1,6}", text.strip()) is not None
