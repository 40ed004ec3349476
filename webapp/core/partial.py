"""Who may be written to although they left in the middle."""

from webapp.core.decision import Decision
from webapp.core.values import Type

_CONTACT = frozenset({Type.EMAIL, Type.PHONE})


def may_be_pursued(decision: Decision) -> bool:
    """Whether somebody gave an address or a number in this conversation and agreed to something in
    it: yes to at least one question for consent, and no to none.

    What was said elsewhere does not count, nor what no longer applies, nor what words were only
    taken to mean.
    """
    properties = decision.playbook.properties
    said = [
        (properties[id].type, answer.value)
        for id, answer in decision.answers.items()
        if answer.value is not None and id not in decision.path.set_aside
    ]
    agreed = [value for type, value in said if type is Type.CONSENT]
    reached = any(type in _CONTACT for type, _ in said)
    return reached and bool(agreed) and all(value == "yes" for value in agreed)
