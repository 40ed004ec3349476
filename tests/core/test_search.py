"""People are found by how the words about them begin, however they are spelled."""

import pytest

from webapp.core.search import LONGEST, MOST_WORDS, entries, terms

ANN = entries("Ann Müller-Lüdenscheidt", "Søren & Söhne (Nord)", "ann.mueller@acme.example")


def found(query: str) -> bool:
    asked = terms(query)
    return bool(asked) and all(any(e.startswith(term) for e in ANN) for term in asked)


@pytest.mark.parametrize(
    "query",
    [
        *("ann", "MULLER", "lüden", "müller-lü", "søren", "sohne", "nord", "(nord", "söhne ann"),
        *("ann.mueller@acme.example", "mueller@ac", "@acme", "acme.ex", "example", " ann   acme "),
    ],
)
def test_the_beginning_of_any_word_finds_somebody(query: str) -> None:
    assert found(query)


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("Jörg Müller", ["müller", "Mueller", "MULLER", "joerg mue"]),
        ("h.mueller@werk.example", ["Müller", "mueller", "muller"]),
        ("Søren Ærø", ["soren", "Soeren", "aero", "ærø"]),
        ("Łukasz Groß, Łódź", ["lukasz", "gross", "lodz", "łódź"]),
        ("Işıl Yıldız", ["isil", "yildiz", "IŞIL"]),
    ],
)
def test_whoever_has_not_the_letters_of_a_name_finds_it_all_the_same(
    name: str, queries: list[str]
) -> None:
    stored = entries(name)
    for query in queries:
        for term in terms(query):
            assert any(each.startswith(term) for each in stored), query


@pytest.mark.parametrize(
    ("query", "name"),
    [("joe", "John Smith"), ("sue", "Susan Lee"), ("zoe", "Zora Hill"), ("joel", "Jolanda Roe")],
)
def test_nothing_is_left_out_of_a_name_that_was_typed(query: str, name: str) -> None:
    [spellings] = terms(query)
    assert not [each for each in entries(name) if each.startswith(spellings)]


def test_a_long_name_keeps_its_last_word_beside_all_other_spellings() -> None:
    assert "zuletzt" in entries(" ".join(f"Mueller{n}" for n in range(38)) + " Zuletzt")


@pytest.mark.parametrize("query", ["", "  ", "%", "_", "nn", "uller", "ann bob", "acme@ann"])
def test_the_middle_of_a_word_signs_alone_or_another_word_do_not(query: str) -> None:
    assert not found(query)


def test_somebody_with_endless_names_is_found_by_the_first_of_them() -> None:
    many = entries("word " + " ".join(f"a{n}" for n in range(500)) + " " + "x" * 5_000)
    assert "word" in many
    assert len(many) <= MOST_WORDS
    assert max(len(each) for each in entries("x" * 5_000)) == LONGEST
    assert terms("x" * 5_000) == [("x" * LONGEST,)]


def test_who_has_nothing_is_found_by_nothing() -> None:
    assert entries(None, "", None) == frozenset()
