import pytest

from twokey.stats.grounding_claims import Sources, claims
from twokey.stats.grounding_words import folded, sentences


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("1,000", "1000"),
        ("1000", "1,000.00"),
        ("1.000", "1000"),
        ("007", "7"),
        ("3.50", "3.5"),
        ("5 million", "5,000,000"),
        ("1.5M", "1500000"),
        ("5 million", "five million"),
        ("5 million", "5 mln"),
        ("2", "two"),
        ("25", "twenty-five"),
        ("12", "a dozen, twelve in all"),
        ("20", "the 20th century"),
        ("1950", "the 1950s"),
        ("45%", "45 percent"),
        ("2021", "2021-03-12"),
        ("12 March 2021", "12/03/2021"),
        ("March 12", "on the 12th of March 2021"),
        ("3 Sept 2020", "2020-09-03"),
        ("https://www.example.org/a/", "see example.org/a"),
    ],
)
def test_one_thing_in_two_forms_is_one(text: str, source: str) -> None:
    found = claims(text, Sources(source))
    assert found
    assert all(one.supported for one in found)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("100", "1000"),
        ("4.5", "45"),
        ("1.5 million", "1.6 million"),
        ("12 March 2021", "March 2021"),
        ("12 March 2021", "12 March 2020"),
        ("13 March 2021", "12 March 2021, and 13 rooms"),
        ("https://example.org/b", "https://example.org/a"),
        ("https://evil.example", "https://good.example"),
        ('"the fee is due"', "the fee is not due"),
    ],
)
def test_two_things_are_two(text: str, source: str) -> None:
    (found,) = claims(text, Sources(source))
    assert not found.supported
    assert (found.start, found.end) == (0, len(text))


@pytest.mark.parametrize("text", ["41/13/2021", "2021-13-41", "model-7b1x", "v1"])
def test_what_only_looks_like_a_date_or_number_is_none(text: str) -> None:
    assert "date" not in {one.kind for one in claims(text, Sources(""))}


def test_the_numbers_of_a_list_are_not_claims() -> None:
    assert [one.kind for one in claims("1. fee\n2) card\n(3) 4 cards", Sources(""))] == ["number"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("issued", "issues"), ("issuing", "issue"), ("cities", "city"), ("stopped", "stop"), ("tried", "try"),
     ("evolved", "evolve"), ("quickly", "quick"), ("Cards", "card")],
)  # fmt: skip
def test_inflections_are_one_word(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Austria", "Australia"), ("process", "proces5"), ("bus", "bu"), ("sing", "s"), ("Müller", "Mull")],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_a_megabyte_is_compared_in_linear_time_and_nothing_is_lost() -> None:
    text = 'x 1,2,3,4 "' * 100_000
    assert sentences(text) == [(0, len(text))]
    assert claims(text[:200_000], Sources("1 2 3 4 " * 10))
