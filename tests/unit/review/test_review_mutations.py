"""Each mutation makes an output wrong by its record's own account, or is not made."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.record import Record
from twokey.review.mutations import MUTATIONS, Around, Mutation, around, drawn, is_good, mutated, put
from twokey.review.mutations_text import names_in
from twokey.scorers.accuracy import Accuracy

KEY = bytes(range(32))
LABELS = Around(labels={"billing": 9, "refund": 9, "Refunds": 9, "delivery": 9}, mistaken={"billing": {"refund": 4}})
NOBODY = Around(labels={}, mistaken={})
CONTEXT = "Parcels are delivered within 5 days. The office in Leeds can help on 12 March 2021. Refunds cost 250 euros."


def record(output: Any, **known: Any) -> Record:
    known.setdefault("label", output)
    return Record(id="r1", input="What now?", output=output, **known)


def by(name: str, of: Record, known: Around = NOBODY, key: bytes = KEY) -> Any:
    return MUTATIONS[name](of, known, lambda most: drawn(key, name, of.id) % most)


def test_another_label_is_one_of_the_list_and_those_mistaken_for_it_come_first() -> None:
    chosen = {by("other-label", record("billing", expected="billing"), LABELS, bytes([n])).label for n in range(40)}
    assert chosen <= {"refund", "Refunds", "delivery"}
    only = Around(labels={"billing": 9, "refund": 9}, mistaken={})
    assert by("other-label", record("billing", expected="billing"), only).label == "refund"


def test_another_spelling_of_the_same_label_is_no_other_label() -> None:
    only = Around(labels={"refund": 9, "Refunds": 9}, mistaken={})
    assert by("other-label", record("refund", expected="refund"), only) is None


def test_what_is_no_list_of_labels_gets_no_other_label() -> None:
    free = Around(labels={f"answer {n}": 1 for n in range(50)}, mistaken={})
    assert by("other-label", record("answer 1", expected="answer 1"), free) is None


def test_a_wrong_label_is_not_made_another() -> None:
    assert by("other-label", record("billing", expected="refund"), LABELS) is None
    assert by("other-label", record("billing"), LABELS) is None


def test_within_an_output_only_the_label_is_changed() -> None:
    output = {"label": "billing", "reply": "We look at your bill.", "score": 0.5}
    found = by("other-label", record(output, label="billing", expected="billing"), LABELS)
    assert found.output == {**output, "label": found.label}
    twice = {"label": "billing", "queue": "billing"}
    assert by("other-label", record(twice, label="billing", expected="billing"), LABELS) is None


def test_a_field_is_dropped_or_two_are_swapped_where_the_structure_was_right() -> None:
    right = {"name": "Ada", "town": "Leeds", "age": 7}
    dropped = by("field-dropped", record(right, expected=right)).output
    assert len(dropped) == 2
    assert dropped.items() < right.items()
    assert by("fields-swapped", record(right, expected=right)).output == {"name": "Leeds", "town": "Ada", "age": 7}
    for name in ("field-dropped", "fields-swapped"):
        assert by(name, record(right, expected={**right, "age": 8})) is None
        assert by(name, record(right)) is None
    assert by("fields-swapped", record({"a": "x", "b": "x"}, expected={"a": "x", "b": "x"})) is None


def test_a_number_becomes_one_that_no_source_has() -> None:
    found = by("number-changed", record("A refund costs 250 euros.", context=CONTEXT))
    assert found.output.startswith("A refund costs ")
    number = found.output.split()[3]
    assert number != "250"
    assert number not in CONTEXT
    assert number in found.why


@pytest.mark.parametrize("key", range(12))
def test_a_number_that_a_source_has_elsewhere_is_none_to_change_it_to(key: int) -> None:
    context = "A refund costs 250 euros. Others cost " + ", ".join(f"{n}50" for n in (1, 3, 4, 5, 6, 7, 9)) + " euros."
    found = by("number-changed", record("A refund costs 250 euros.", context=context), key=bytes([key]))
    assert found.output == "A refund costs 850 euros."


@pytest.mark.parametrize(
    "output", ["A refund costs 990 euros.", "A refund costs money.", "It costs two hundred."], ids=str
)
def test_a_number_that_no_source_has_is_left_alone(output: str) -> None:
    assert by("number-changed", record(output, context=CONTEXT)) is None


def test_without_context_or_anything_expected_no_text_is_surely_wrong() -> None:
    of = record("The office in Leeds can help on 12 March 2021, and a refund costs 250 euros.")
    assert mutated(of, LABELS, KEY) is None


def test_a_date_becomes_one_that_no_source_has() -> None:
    found = by("date-changed", record("Come on 12 March 2021.", context=CONTEXT))
    assert found.output != "Come on 12 March 2021."
    assert "12 March 2021" in found.why
    assert by("date-changed", record("Come on 13 March 2021.", context=CONTEXT)) is None


def test_a_name_becomes_one_of_other_records() -> None:
    known = Around(labels={}, mistaken={}, names=("Leeds", "York"))
    found = by("name-changed", record("Please visit Leeds, for in Leeds they help.", context=CONTEXT), known)
    assert found.output == "Please visit York, for in York they help."
    assert by("name-changed", record("Please visit Leeds.", context=CONTEXT)) is None
    assert by("name-changed", record("Please visit Bonn.", context=CONTEXT), known) is None


@pytest.mark.parametrize(
    ("said", "opposite"),
    [
        ("Parcels are delivered within 5 days.", "Parcels are not delivered within 5 days."),
        ("You can pay by card.", "You cannot pay by card."),
        ("You cannot pay by card.", "You can pay by card."),
        ("Cards will not be taken today.", "Cards will be taken today."),
    ],
)
def test_a_sentence_of_a_source_becomes_its_opposite(said: str, opposite: str) -> None:
    found = by("opposite", record(f"Well then. {said}", context=f"Know this. {said} And more."))
    assert found.output == f"Well then. {opposite}"


@pytest.mark.parametrize(
    "said",
    [
        "Parcels are mostly delivered within 5 days.",  # in no source
        "Are parcels delivered within 5 days?",
        "It is said that cards are taken here.",  # two verbs
        "It is not so that none come here.",  # two negations
        "Cards are taken only on Mondays here.",
        "It is.",
    ],
)
def test_where_the_opposite_is_not_surely_wrong_there_is_none(said: str) -> None:
    context = CONTEXT if "mostly" in said else f"Know this. {said}"
    assert by("opposite", record(said, context=context)) is None


def test_what_the_sources_say_themselves_is_no_opposite() -> None:
    both = "You can pay by card. Abroad: You cannot pay by card."
    assert by("opposite", record("You can pay by card.", context=both)) is None


@given(st.integers(0, 2**32))
def test_a_mutated_record_is_wrong_by_its_own_account_and_the_key_alone_decides_how(number: int) -> None:
    key = number.to_bytes(32)
    right = {"label": "billing", "sum": "250", "by": "12 March 2021"}
    of = record(right, expected=right, context=CONTEXT)
    found = mutated(of, LABELS, key)
    assert isinstance(found, Mutation)
    assert found == mutated(of, LABELS, key)
    assert Accuracy().score([found.record]) == [0]
    assert found.record.id == of.id
    assert found.record.input == of.input
    assert found.name in MUTATIONS


def test_all_that_may_be_made_of_a_record_is_made_under_some_key() -> None:
    right = {"label": "billing", "sum": "250", "by": "12 March 2021", "town": "in Leeds"}
    known = Around(labels={}, mistaken={}, names=("York",))
    of = record(right, expected=right, context=CONTEXT)
    made = [mutated(of, known, bytes([n])) for n in range(200)]
    assert {one.name for one in made if one} == set(MUTATIONS) - {"other-label", "opposite"}


def test_an_output_is_good_where_it_is_the_expected_one_or_somebody_said_so() -> None:
    assert is_good(record("billing", expected="billing"))
    assert is_good(record("a long answer", hallucinated=False))
    assert not is_good(record("billing", expected="refund"))
    assert not is_good(record("billing"))
    assert not is_good(record("a long answer", hallucinated=True))
    assert not is_good(record("billing", expected="billing", error="timeout"))


def test_the_records_as_a_whole_say_labels_mistakes_and_names() -> None:
    rows = [record("refund", expected="billing")] * 3 + [record("billing", expected="billing", context=CONTEXT)]
    found = around(rows)
    assert found.labels == {"billing": 4}
    assert found.mistaken == {"billing": {"refund": 3}}
    assert found.names == ["Leeds"]
    assert not found.closed


def test_names_are_words_with_a_capital_within_a_sentence() -> None:
    assert names_in("The office in Leeds is near Bradford. Parcels go to Leeds.") == ("Leeds", "Bradford")
    assert names_in(None) == ()


def test_something_is_put_only_where_it_stands_once() -> None:
    assert put({"a": [1, "x"]}, "x", "y") == {"a": [1, "y"]}
    assert put("x", "x", "y") == "y"
    assert put(["x", "x"], "x", "y") is None
    assert put({"x": 1}, "x", "y") is None
    assert put([True], 1, 2) is None
