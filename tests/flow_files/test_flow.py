"""Reading a flow: questions, endings and early ends."""

import pytest

from tests.flow_files.small import check, flow, only_problem, playbook, problems, release
from webapp.core.errors import FlowError
from webapp.flow_files import load_flow, load_playbook


def read(**changes):
    return release(demo=flow(**changes)).flows["demo"]


def questions(*items: str) -> str:
    return f"[{', '.join(items)}]"


def test_a_flow_keeps_everything_said_of_it():
    found = read(
        intent="demo_request",
        greeting="Hello.",
        ask_at_most="5",
        stop_when_settled="true",
        finish_when="[{id: early, when: {role: other}, to: later, because: Not a buyer}]",
        endings="{sales: Thanks., later: Bye., decline: Sorry.}",
        questions=questions(
            "{property: size, ask: {en: Size?, de: Grösse?}, help: Roughly., required: false}",
            "{property: role, id: job, ask: Role?, always: true, choices: [chief, other], "
            "confirm: 'You are {role}, right?', input: radio, when: {size: [m, l]}}",
        ),
    )
    size, role = found.questions
    assert (found.intent, found.ask_at_most, found.stop_when_settled) == ("demo_request", 5, True)
    assert (found.finish_when[0].id, found.finish_when[0].to) == ("early", "later")
    assert list(found.endings) == ["sales", "later", "decline"]
    assert (size.id, size.required, size.always, str(size.help)) == (
        "size",
        False,
        False,
        "Roughly.",
    )
    assert size.ask.to("de") == "Grösse?"
    assert (role.id, role.property, role.required, role.always) == ("job", "role", True, True)
    assert (role.choices, role.input) == (("chief", "other"), "radio")
    assert role.when is not None
    assert str(role.where).startswith("demo.yaml:4:")


def test_a_flow_without_a_title_is_called_by_its_id():
    demo = flow(flow="price-list", title=None)
    assert str(release(demo=demo).flows["price-list"].title) == "Price list"


def test_a_property_may_be_asked_twice_under_different_conditions():
    """Rule A76."""
    found = read(
        questions=questions(
            "{property: role, ask: Your role?, when: {size: s}}",
            "{property: role, ask: Your title?, when: {size: [m, l]}}",
        )
    )
    assert [question.id for question in found.questions] == ["role", "role-2"]


@pytest.mark.parametrize(
    ("items", "says"),
    [
        (["{property: role, ask: A?}", "{property: role, ask: B?}"], "asked twice under the same"),
        (
            [
                "{property: role, ask: A?, when: {size: [s, m]}}",
                "{property: role, ask: B?, id: again, when: {size: [s, m]}}",
            ],
            "`role` is asked twice under the same condition.",
        ),
        (
            ["{property: role, ask: A?}", "{property: size, id: role, ask: B?}"],
            "Two questions are called `role`",
        ),
        (["{property: rolle, ask: A?}"], "There is no property `rolle`. Did you mean `role`?"),
        (["{property: email_kind, ask: A?}"], "`email_kind` is built in and cannot be asked."),
        (["{ask: A?}"], "`property` is missing."),
        (["{property: role}"], "`ask` is missing."),
        (["{property: role, ask: }"], "`ask` is empty."),
        (["{property: role, ask: A?, next: size}"], "`next` is not a key of a question."),
        (["{property: role, ask: A?, choices: [boss]}"], "`role` has no choice `boss`."),
        (["{property: role, ask: A?, choices: []}"], "The list is empty."),
        (["{property: email, ask: A?, choices: [a]}"], "`email` has no choices to narrow."),
        (["{property: role, ask: A?, required: no}"], "`no` is not `true` or `false`."),
        (["{property: role, ask: 'You, {nobody}?'}"], "Nothing fills the placeholder `{nobody}`."),
        (["{property: role, ask: {de: Rolle?}}"], "lacks the playbook's locale `en`"),
        (["role"], "A question is a mapping, not `role`."),
        (["{property: role, ask: A?, id: 1st}"], "`1st` cannot be an id."),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(items, says):
    """Rules A25, A76 and A78."""
    found = problems(demo=flow(questions=questions(*items)))
    assert any(says in each for each in found), found


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"flow": None}, "`flow` is missing. Give the flow an id"),
        ({"flow": "Demo Request"}, "`Demo Request` cannot be an id."),
        ({"flow": "playbook"}, "A flow cannot be called `playbook`."),
        ({"format": "'2'"}, "Format `2` is not known here."),
        ({"questions": None}, "`questions` is missing."),
        ({"questions": "[]"}, "The list is empty."),
        ({"ask_at_most": "some"}, "`some` is not a whole number of at least 0."),
        ({"stop_when_settled": "yes"}, "`yes` is not `true` or `false`."),
        ({"endings": "{sells: Thanks.}"}, "no destination or kind `sells`. Did you mean `sales`?"),
        ({"endings": "{sales: '{rep_nam} calls.'}"}, "Did you mean `rep_name`?"),
        ({"finish_when": "[{id: a, when: {role: other}, to: home}]"}, "no destination `home`."),
        ({"finish_when": "[{id: a}]"}, "`when` is missing."),
        (
            {"finish_when": "[{id: a, when: {role: lead}}, {id: a, when: {size: s}}]"},
            "Two finish rules are called `a`",
        ),
        ({"questons": "[]"}, "Did you mean `questions`?"),
    ],
)
def test_a_flow_that_makes_no_sense_is_refused(changes, says):
    found = problems(demo=flow(**changes))
    assert any(says in each for each in found), found


def test_two_flows_with_one_id_are_refused():
    from webapp.flow_files import check_texts

    texts = {"playbook.yaml": playbook(), "a.yaml": flow(), "b.yaml": flow()}
    loaded, [found] = check_texts(texts)
    assert loaded is None
    assert str(found).startswith(
        "b.yaml:1:1: error: Two flows are called `demo`, the other in a.yaml"
    )


def test_a_flow_is_loaded_alone_for_a_playbook():
    book = load_playbook(playbook())
    assert load_flow(flow(), "demo.yaml", book).id == "demo"
    with pytest.raises(FlowError, match=r"demo.yaml:4:24: error: There is no property `rolle`"):
        load_flow(flow(questions="[{property: rolle, ask: A?}]"), "demo.yaml", book)


def test_templates_in_texts_stay_the_text_they_are():
    """Texts are never a template language."""
    written = "{{7*7}} {% if x %} <script> ${jndi:ldap}"
    assert str(read(greeting=f"'{written}'").greeting) == written


def test_a_warning_alone_stops_nothing():
    demo = flow(questions=questions("{property: role, ask: A?, choices: [lead, chief, lead]}"))
    loaded, [warning] = check(demo=demo)
    assert loaded is not None
    assert loaded.flows["demo"].questions[0].choices == ("lead", "chief")
    assert warning.severity == "warning"
    assert "`lead` stands twice" in only_problem(demo=demo)
