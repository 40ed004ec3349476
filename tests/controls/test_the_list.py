"""The list of controls fits the tree: `make controls` can take out each of them."""

from tests.controls.listed import controls, stale, threats


def test_every_control_stands_where_the_list_says_and_its_test_exists() -> None:
    assert [problem for each in controls() if (problem := stale(each))] == []


def test_against_every_threat_something_stands_that_can_be_taken_out() -> None:
    listed = controls()
    assert {each.threat for each in listed} == set(threats())
    names = [each.name for each in listed]
    assert sorted(set(names)) == sorted(names)
    assert all(each.old != each.new for each in listed)
