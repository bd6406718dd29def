import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.errors import TwokeyError
from twokey.review.grades import (
    MAX_BYTES,
    MAX_REASON,
    SEVERITIES,
    TYPE,
    Counts,
    Grade,
    Grades,
    count,
    filename,
    missing,
    parse,
    render,
    summarise,
)

MANIFEST = "a" * 64
ITEMS = [
    {"id": "r1", "stratum": "low-confidence"},
    {"id": "r2", "stratum": "low-confidence"},
    {"id": "r3", "stratum": "audit"},
]
FAILED = Grade(item="r1", grade="fail", severity="high", reason="wrong account", seconds=12)
EDITED = Grade(item="r2", grade="edit", reason="half right", correction="It is 14 days.", seconds=30)
PASSED = Grade(item="r3", grade="pass", seconds=4)
GRADES = Grades(manifest=MANIFEST, reviewer="ann@example.com", grades=(FAILED, EDITED, PASSED))


def document(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(GRADES))
    return {**found, **changes}


def row(**changes: Any) -> dict[str, Any]:
    one: dict[str, Any] = document()["grades"][0]
    return {**one, **changes}


def read(value: Any) -> Grades:
    return parse(json.dumps(value).encode(), "grades-ann@example.com.json", ITEMS)


def test_what_was_written_is_read_again() -> None:
    found = read(document())
    assert set(found.grades) == set(GRADES.grades)
    assert (found.manifest, found.reviewer) == (MANIFEST, "ann@example.com")


def test_the_order_of_grading_does_not_show_in_the_file() -> None:
    other = Grades(manifest=MANIFEST, reviewer="ann@example.com", grades=(PASSED, EDITED, FAILED))
    assert render(other) == render(GRADES)


def test_the_file_is_named_after_the_reviewer() -> None:
    assert filename("ann@example.com") == "grades-ann@example.com.json"


REFUSED = {
    "another type": (document(type="urn:twokey:grades:v2"), "is no grades file"),
    "an unknown field": (document(verdict="pass"), "is no grades file"),
    "no object": ([], "is no grades file"),
    "a manifest that is no digest": (document(manifest="A" * 64), "manifest is no SHA-256"),
    "a reviewer that is a path": (document(reviewer="../ann"), "reviewer is no principal"),
    "grades that are no list": (document(grades={}), "grades is no list"),
    "sources that repeat": (document(sources=["a" * 64] * 2), "names a file twice"),
    "too many sources": (document(sources=[f"{n:064x}" for n in range(101)]), "more than 100"),
    "a source that is no digest": (document(sources=["a"]), "is no SHA-256"),
    "a grade with another field": (document(grades=[row(note="x")]), "grade 1: expected item"),
    "a grade without a field": (document(grades=[{"item": "r1", "grade": "pass"}]), "grade 1: expected item"),
    "a grade that is no word": (document(grades=[row(grade="maybe")]), "'maybe' is no grade"),
    "a grade that is a list": (document(grades=[row(grade=["pass"])]), "expected texts"),
    "a fail without severity": (document(grades=[row(severity=None)]), "a fail needs a severity: one of low"),
    "a severity of its own": (document(grades=[row(severity="dire")]), "'dire' is no severity"),
    "a severity on a pass": (document(grades=[row(grade="pass")]), "a severity belongs to a fail"),
    "a fail without reason": (document(grades=[row(reason="  ")]), "a grade of fail needs a reason"),
    "an edit without correction": (
        document(grades=[row(grade="edit", severity=None)]),
        "a correction belongs to an edit",
    ),
    "a correction on a fail": (document(grades=[row(correction="x")]), "a correction belongs to an edit"),
    "an escalation without reason": (
        document(grades=[row(grade="escalate", severity=None, reason="")]),
        "a grade of escalate needs a reason",
    ),
    "a bad reference without reason": (
        document(grades=[row(grade="bad-reference", severity=None, reason="")]),
        "a grade of bad-reference needs a reason",
    ),
    "seconds that are true": (document(grades=[row(seconds=True)]), "seconds is no whole number"),
    "seconds below nothing": (document(grades=[row(seconds=-1)]), "seconds lie between"),
    "a reason without end": (document(grades=[row(reason="x" * (MAX_REASON + 1))]), "a reason has at most"),
    "an item twice": (document(grades=[row(), row()]), "'r1' is graded 2 times"),
    "an item of elsewhere": (document(grades=[row(item="r9")]), "'r9' is not in this review bundle"),
}


@pytest.mark.parametrize(("value", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_grades_file_is_refused_with_the_reason(value: Any, why: str) -> None:
    with pytest.raises(TwokeyError, match=why) as caught:
        read(value)
    assert str(caught.value).startswith("grades-ann@example.com.json: ")


def test_a_key_twice_and_a_huge_file_are_refused() -> None:
    twice = render(GRADES).replace(b'"type"', b'"reviewer": "eve", "type"')
    with pytest.raises(TwokeyError, match="appears twice"):
        parse(twice, "g.json", ITEMS)
    with pytest.raises(TwokeyError, match="more than the"):
        parse(b" " * (MAX_BYTES + 1), "g.json", ITEMS)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=1))
def test_with_a_byte_changed_a_file_is_refused_or_still_says_one_thing(place: int, byte: bytes) -> None:
    data = render(GRADES)
    place %= len(data)
    try:
        found = parse(data[:place] + byte + data[place + 1 :], "g.json", ITEMS)
    except TwokeyError:
        return
    again = parse(render(found), "g.json", ITEMS)
    assert (again.manifest, again.reviewer, set(again.grades)) == (found.manifest, found.reviewer, set(found.grades))


def test_the_document_says_its_type() -> None:
    assert document()["type"] == TYPE


def test_a_newer_grade_replaces_an_older_one_and_can_be_taken_back() -> None:
    again = GRADES.with_grade(Grade(item="r1", grade="pass"))
    assert len(again.grades) == 3
    found = again.of("r1")
    assert found is not None
    assert found.grade == "pass"
    assert again.without("r1").of("r1") is None
    assert missing(again.without("r1"), ITEMS) == ("r1",)


def test_missing_items_come_in_the_order_of_the_bundle() -> None:
    assert missing(Grades(manifest=MANIFEST, reviewer="ann"), ITEMS) == ("r1", "r2", "r3")
    assert missing(GRADES, ITEMS) == ()


def test_the_summary_counts_by_stratum_and_severity() -> None:
    found = summarise(GRADES.without("r2"), ITEMS)
    assert found.total == Counts(items=3, graded=2, passed=1, failed=1, edited=0, escalated=0, bad_reference=0)
    assert found.strata["low-confidence"].items == 2
    assert found.strata["low-confidence"].graded == 1
    assert found.strata["audit"].passed == 1
    assert found.severities == {severity: int(severity == "high") for severity in SEVERITIES}
    assert count(GRADES) == {"pass": 1, "fail": 1, "edit": 1, "escalate": 0, "bad-reference": 0, "ask": 0}
