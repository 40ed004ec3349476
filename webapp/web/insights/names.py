"""What the reports call things: by the words of the playbook that is live, and never by an id."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.core.playbook import Destination, Playbook, ScoringRule, Tier
from webapp.core.sentences import sentence
from webapp.services.people import suppression
from webapp.services.sales import handoffs

REASONS = handoffs.REASONS | suppression.REASONS


@dataclass(frozen=True, slots=True)
class Names:
    """By id; what has left the playbook since is called by what its id says."""

    known: Mapping[str, str]

    def __getitem__(self, id: str) -> str:
        return self.known.get(id) or id.replace("_", " ").capitalize()


def of_rules(playbook: Playbook) -> Names:
    """Scoring rules by what they look at, and gates, which a rep may call misleading too."""
    gates = {each.id: str(each.because) for each in playbook.disqualifiers if each.because}
    return Names(gates | {each.id: _looks_at(each, playbook) for each in playbook.rules})


def of_labelled(found: Iterable[Tier | Destination]) -> Names:
    return Names({each.id: str(each.label) for each in found if each.label})


def _looks_at(rule: ScoringRule, playbook: Playbook) -> str:
    if rule.property:
        return str(playbook.properties[rule.property].label)
    if rule.signal:
        return str(playbook.signals[rule.signal].label or "")
    return sentence(rule.when, playbook, playbook.locale)
