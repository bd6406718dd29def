"""What graded items teach, and what they do not."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_world import waiting

from twokey.evidence.bundle import Evidence
from twokey.review.grades import Grade, Grades
from twokey.review.learning import BAD_REFERENCES, CASES, KNOWN_BAD, PAST, appended, labels, learned

ANN, BOB = "ann@example.com", "bob@example.com"


def evidence(*items: dict[str, Any]) -> Evidence:
    made = [
        {"id": f"r{number}", "stratum": "audit", "input": f"q{number}", **item} for number, item in enumerate(items)
    ]
    return replace(waiting().evidence, items=tuple(made))


def by(reviewer: str, found: Evidence, *grades: Grade) -> Grades:
    return Grades(manifest=found.digest, reviewer=reviewer, grades=grades)


FAILED = Grade(item="r0", grade="fail", severity="high", reason="names a customer")
EDITED = Grade(item="r0", grade="edit", reason="older", correction="14 days")
PASSED = Grade(item="r0", grade="pass")
ITEM = {"output": "30 days", "expected": "14 days (policy)", "confidence": 0.4, "context": "...", "label": None}


def test_an_edit_is_a_case_with_its_correction_a_known_bad_output_and_a_past_case() -> None:
    found = evidence(ITEM)
    files = learned(found, [by(ANN, found, EDITED)]).files
    assert files[CASES] == ({"input": "q0", "context": "...", "expected": "14 days", "why": "older"},)
    assert files[KNOWN_BAD] == (
        {"input": "q0", "output": "30 days", "context": "...", "expected": "14 days", "why": "older"},
    )
    assert files[PAST] == ({"input": "q0", "output": "30 days", "confidence": 0.4, "failed": True},)
    assert files[labels(found)] == ({"id": "r0", "hallucinated": True},)


def test_a_fail_is_a_case_only_where_somebody_said_what_is_right() -> None:
    found = evidence(ITEM)
    assert learned(found, [by(ANN, found, FAILED)]).files[CASES][0]["expected"] == "14 days (policy)"
    bare = evidence({"output": "30 days"})
    taught = learned(bare, [by(ANN, bare, FAILED)])
    assert taught.files[CASES] == ()
    assert taught.files[KNOWN_BAD] == (
        {"input": "q0", "output": "30 days", "why": "names a customer", "severity": "high"},
    )
    assert "of 1 failing items nobody said what would be right: they make no case" in taught.notes
    assert taught.files[labels(bare)] == ()


def test_a_pass_is_a_past_case_and_nothing_else() -> None:
    found = evidence(ITEM)
    files = learned(found, [by(ANN, found, PASSED)]).files
    assert [row["failed"] for row in files[PAST]] == [False]
    assert (files[CASES], files[KNOWN_BAD], files[BAD_REFERENCES]) == ((), (), ())


@pytest.mark.parametrize("value", ["escalate", "ask"])
def test_what_is_open_teaches_nothing(value: Any) -> None:
    found = evidence(ITEM)
    taught = learned(found, [by(ANN, found, Grade(item="r0", grade=value, reason="who?"))])
    assert not any(taught.files.values())
    assert taught.notes == ("1 item was escalated or asked about, and nothing is learned of them",)


def test_a_bad_reference_gives_no_label_and_is_listed_for_mending() -> None:
    found = evidence(ITEM)
    taught = learned(found, [by(ANN, found, Grade(item="r0", grade="bad-reference", reason="is 14"))])
    assert taught.files.pop(BAD_REFERENCES) == (  # type: ignore[attr-defined]  # it is a dict
        {"id": "r0", "input": "q0", "output": "30 days", "expected": "14 days (policy)", "why": "is 14"},
    )
    assert not any(taught.files.values())


def test_a_structure_is_corrected_as_the_json_that_it_was_shown_as() -> None:
    found = evidence({"output": {"days": 30}})
    for correction, expected in (('{"days": 14}', {"days": 14}), ("fourteen", "fourteen")):
        grade = Grade(item="r0", grade="edit", reason="older", correction=correction)
        assert learned(found, [by(ANN, found, grade)]).files[CASES][0]["expected"] == expected


def test_reviewers_who_differ_teach_nothing_of_that_item_and_those_who_agree_do() -> None:
    found = evidence(ITEM, ITEM)
    second = replace(EDITED, item="r1")
    taught = learned(found, [by(BOB, found, EDITED, second), by(ANN, found, PASSED, replace(FAILED, item="r1"))])
    assert [one.item["id"] for one in taught.settled] == ["r1"]
    assert taught.files[CASES][0]["expected"] == "14 days", "the grade that says most is the one that is kept"
    assert taught.notes[0] == "1 item was graded differently by different reviewers, and left out: r0"


def test_the_order_of_reviewers_does_not_show() -> None:
    found = evidence(ITEM)
    both = [by(ANN, found, FAILED), by(BOB, found, replace(FAILED, reason="rude"))]
    assert learned(found, both) == learned(found, reversed(both))


def test_sealed_items_are_no_outputs_of_the_model_and_teach_nothing() -> None:
    found = evidence(ITEM)
    taught = learned(found, [by(ANN, found, replace(FAILED, item="sealed-1"))])
    assert not any(taught.files.values())


def test_the_reserve_teaches_as_well() -> None:
    found = replace(evidence(), reserve=({"id": "s0", "stratum": "audit", "output": "x"},))
    assert len(learned(found, [by(ANN, found, replace(PASSED, item="s0"))]).files[PAST]) == 1


# Appending

JSON = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=3)


def test_lines_that_are_there_stay_as_they_are_and_none_comes_twice() -> None:
    before = b'# a note\n{"b": 2,   "a": 1}\n{"c": 3}'
    after, fresh = appended(before, [{"a": 1, "b": 2}, {"d": 4}, {"d": 4}])
    assert after == before + b'\n{"d":4}\n'
    assert fresh == 1


@given(st.lists(JSON), st.lists(JSON), st.booleans())
def test_appending_again_changes_nothing(first: list[Any], second: list[Any], ended: bool) -> None:
    before = b"\n".join(json.dumps(row).encode() for row in first) + b"\n" * ended
    once, _ = appended(before, second)
    assert once.startswith(before)
    assert appended(once, second) == (once, 0)
    kept = [json.loads(line) for line in once.splitlines() if line]
    assert all(row in kept for row in second)
