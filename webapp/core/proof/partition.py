"""What a flow's visitors may hold of each property: one value for each cell that matters."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from webapp.core.cells import Readings, cells, readings
from webapp.core.conditions import Condition, Is, IsNot, Known, Mentions, Subject, Test, test_of
from webapp.core.facts import Certainty, Fact, Profile
from webapp.core.flow import Flow
from webapp.core.playbook import Playbook, ScoringRule
from webapp.core.proof.addresses import addresses
from webapp.core.proof.moments import AT
from webapp.core.rules import table_points
from webapp.core.values import CONTACT, Type, Value

BUILT_IN_FROM_EMAIL = ("email_domain", "email_kind", "first_name")


def conditions(playbook: Playbook, flow: Flow | None) -> Iterator[Condition]:
    """Every condition that can matter to a visitor of the flow."""
    owners: list[Condition | None] = [rule.when for rule in playbook.rules]
    owners += [gate.when for gate in playbook.disqualifiers]
    owners += [criterion.when for criterion in playbook.icp]
    owners += [rule.when for rule in playbook.routing]
    owners += [team.covers for team in playbook.teams]
    advice = playbook.guidance
    owners += [a.when for a in (*advice.next_action, *advice.talking_points, *advice.red_flags)]
    if flow:
        owners += [question.when for question in flow.questions]
        owners += [rule.when for rule in flow.finish_when]
    yield from (condition for condition in owners if condition is not None)


class Partition:
    """The properties that matter to some flows, and the cells of each.

    Two values of one cell answer every test alike, bring the same points, and are offered by the
    same questions; so do the values that follow from them.
    """

    def __init__(self, playbook: Playbook, flows: Sequence[Flow]) -> None:
        self.playbook = playbook
        self.flows = flows
        every = [c for flow in (*flows, None) for c in conditions(playbook, flow)]
        self.tests: Readings = {**readings(every)}
        self.asked = {question.property for flow in flows for question in flow.questions}
        self.tables: dict[str, list[ScoringRule]] = {}
        for rule in playbook.rules:
            if rule.property:
                self.tables.setdefault(rule.property, []).append(rule)
        self._narrow()
        self.relevant = self._relevant()
        self._values: dict[str, tuple[Value, ...]] = {}

    def values(self, property_id: str) -> tuple[Value, ...]:
        """One value for each cell, never unknown.

        Raises: TooMany.
        """
        found = self._values.get(property_id)
        if found is None:
            found = self._values[property_id] = self._cells(property_id)
        return found

    def source(self, property_id: str) -> tuple[str, ...]:
        """The relevant properties this one follows from."""
        playbook = self.playbook
        email = playbook.email_property
        if property_id in BUILT_IN_FROM_EMAIL:
            found = [email.id] if email else []
            if property_id == "first_name" and "name" in playbook.properties:
                found.append("name")
        else:
            derive = playbook.properties[property_id].derive
            found = [derive.source] if derive else []
        return tuple(each for each in found if each in self.relevant)

    def _narrow(self) -> None:
        """A question with fewer choices tells apart what it offers from what it does not."""
        tests = {name: list(found) for name, found in self.tests.items()}
        for flow in self.flows:
            for question in flow.questions:
                property = self.playbook.properties[question.property]
                left_out = tuple(c for c in property.choices if c not in question.choices)
                if question.choices and left_out:
                    subject = Subject("property", property.id, property.type)
                    tests.setdefault(property.id, []).append((subject, IsNot(left_out)))
        self.tests = tests

    def _relevant(self) -> dict[str, None]:
        """Read, asked or a way to reach somebody; and what such a property follows from."""
        playbook = self.playbook
        direct = dict.fromkeys((*self.tests, *self.tables, *self.asked))
        direct |= {p.id: None for p in playbook.properties.values() if p.type in CONTACT}
        found = dict(direct)
        for property_id in direct:
            chain: list[str] = []
            at = property_id
            while (derive := playbook.properties[at].derive) is not None:
                at = derive.source
                chain.append(at)
                if at in direct:
                    found |= dict.fromkeys(chain)
            if property_id in BUILT_IN_FROM_EMAIL:
                if playbook.email_property:
                    found[playbook.email_property.id] = None
                if property_id == "first_name" and "name" in playbook.properties:
                    found["name"] = None
        # In the playbook's order, whatever read them first.
        return {each: None for each in playbook.properties if each in found}

    def _cells(self, property_id: str) -> tuple[Value, ...]:
        property = self.playbook.properties[property_id]
        followers = [p for p in self.relevant if property_id in self._ancestors(p)]
        hints = [hint for p in followers for hint in self._hints(p)]
        more: Iterator[Value] = iter(())
        if property.type is Type.EMAIL and followers:
            named = [test for _, test in self.tests.get("first_name", ())]
            domain = [test for _, test in self.tests.get("email_domain", ())]
            domain += [
                test for _, test in self.tests.get(property_id, ()) if isinstance(test, Mentions)
            ]
            more = addresses(domain, named)
        elif "first_name" in followers:
            named = [test for _, test in self.tests.get("first_name", ())]
            more = (str(v) for test in named if isinstance(test, Is | IsNot) for v in test.values)
        return cells(
            property,
            self.tests.get(property_id, ()),
            self.tables.get(property_id, ()),
            follows=self._follows(property_id, followers) if followers else None,
            hints=hints,
            more=more,
        )

    def _ancestors(self, property_id: str) -> set[str]:
        found: set[str] = set()
        open_ = [*self.source(property_id)]
        while open_:
            each = open_.pop()
            if each not in found:
                found.add(each)
                open_.extend(self.source(each))
        return found

    def _hints(self, property_id: str) -> Iterator[Test]:
        derive = self.playbook.properties[property_id].derive
        if derive and derive.words:
            yield from (Mentions(phrases) for phrases in derive.words.values())
        if derive and derive.values:
            yield from (Is(members) for members in derive.values.values())

    def _follows(self, property_id: str, followers: Sequence[str]) -> Callable[[Value], object]:
        """What tells two values apart by what follows from them."""
        seen = {p: self._seen(p) for p in followers}

        def follows(value: Value) -> object:
            fact = Fact(property_id, value, Certainty.stated, "proof", AT)
            profile = Profile(self.playbook, [fact], AT)
            return tuple(see(profile.value(p)) for p, see in seen.items())

        return follows

    def _seen(self, property_id: str) -> Callable[[Value | None], object]:
        property = self.playbook.properties[property_id]
        tables: Mapping[str, list[ScoringRule]] = self.tables
        asked = [
            test_of(subject, test)
            for subject, test in self.tests.get(property_id, ())
            if not isinstance(test, Known)
        ]
        rules = tables.get(property_id, [])

        def see(value: Value | None) -> object:
            if value is None:
                return None
            points = tuple(table_points(rule, property, value) for rule in rules)
            return tuple(test(value) for test in asked), points

        return see
