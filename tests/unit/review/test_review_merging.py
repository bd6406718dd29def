from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from twokey.errors import TwokeyError
from twokey.review.following import follows
from twokey.review.grades import GRADE_VALUES, SEVERITIES, Grade, Grades, missing, parse, render
from twokey.review.merging import Conflict, Source, merge, source, substance

MANIFEST = "a" * 64
ANN, BOB, CY, JO = "ann@example.com", "bob@example.com", "cy@example.com", "jo@example.com"
ITEMS: list[dict[str, Any]] = [{"id": f"r{n}", "stratum": "audit"} for n in range(1, 6)]
IDS = [str(item["id"]) for item in ITEMS]


def row(item: str, grade: str = "pass", **more: Any) -> Grade:
    more = {"reason": "so it is", **more}
    if grade == "fail":
        more = {"severity": "medium", **more}
    if grade == "edit":
        more = {"correction": "that", **more}
    return Grade(item=item, grade=grade, **more)  # type: ignore[arg-type]


def file(reviewer: str, *rows: Grade, **more: Any) -> Source:
    return source(Grades(manifest=MANIFEST, reviewer=reviewer, grades=rows, **more))


@st.composite
def rows(draw: st.DrawFn, item: str) -> Grade:
    grade = draw(st.sampled_from(GRADE_VALUES))
    reason = st.sampled_from(["so", "it is", *([""] if grade == "pass" else [])])
    more: dict[str, Any] = {"reason": draw(reason), "seconds": draw(st.integers(0, 3))}
    if grade == "fail":
        more["severity"] = draw(st.sampled_from(SEVERITIES))
    if grade == "edit":
        more["correction"] = draw(st.sampled_from(["x", "yy"]))
    return row(item, grade, **more)


@st.composite
def files(draw: st.DrawFn) -> list[Source]:
    """A file of each of two or three people, and mostly one of the adjudicator's; each of some items."""
    people = draw(st.sampled_from([(ANN, BOB), (ANN, BOB, JO), (ANN, BOB, CY, JO)]))
    ids = st.sets(st.sampled_from(IDS))
    return [file(who, *[draw(rows(id_)) for id_ in sorted(draw(ids))]) for who in people]


@given(found=files(), data=st.data())
def test_the_order_of_files_and_one_that_comes_twice_change_nothing(found: list[Source], data: st.DataObject) -> None:
    once = merge(found, ITEMS, by=JO)
    again = merge(data.draw(st.permutations([*found, found[0]])), ITEMS, by=JO)
    assert again == once
    assert render(again.grades) == render(once.grades)


@given(found=files())
def test_nothing_is_lost_and_no_failure_goes_without_the_adjudicators_row(found: list[Source]) -> None:
    merged = merge(found, ITEMS, by=JO)
    for item in IDS:
        said = [(one.grades.reviewer, grade) for one in found for grade in one.grades.grades if grade.item == item]
        row = merged.grades.of(item)
        if not said:
            assert row is None
            assert item in merged.without
        elif row is None:
            assert [set(conflict.said) for conflict in merged.conflicts if conflict.item == item] == [set(said)]
        else:
            assert row in [grade for _, grade in said]
            if len({substance(grade) for _, grade in said}) > 1:
                assert (JO, row) in said
                assert len({substance(grade) for who, grade in said if who != JO}) > 1


@given(found=files(), adjudicates=st.booleans())
def test_what_was_merged_follows_and_survives_being_written(found: list[Source], adjudicates: bool) -> None:
    merged = merge(found, ITEMS, by=JO, adjudicates=adjudicates).grades
    assert follows(merged, found, adjudicates=adjudicates) == ()
    assert parse(render(merged), "g.json", ITEMS) == merged


@given(found=files(), data=st.data())
def test_whoever_changes_adds_or_leaves_out_a_merged_row_is_noticed(found: list[Source], data: st.DataObject) -> None:
    merged = merge(found, ITEMS, by=JO).grades
    item = data.draw(st.sampled_from(IDS))
    other = data.draw(rows(item))
    assume(other != merged.of(item))
    assert any(item in reason for reason in follows(merged.with_grade(other), found, adjudicates=True))
    if merged.of(item) is not None:
        (reason,) = follows(merged.without(item), found, adjudicates=True)
        assert reason == f"the grade of {item!r} was left out of it"


@given(found=files())
def test_without_an_adjudicator_what_is_seen_differently_stays_open(found: list[Source]) -> None:
    settled, unsettled = (merge(found, ITEMS, by=JO, adjudicates=may) for may in (True, False))
    assert unsettled.differing == settled.differing
    assert {one.item for one in unsettled.conflicts} == {one.item for one in unsettled.differing}
    only_theirs = {grade.item for grade in settled.grades.grades} - {grade.item for grade in unsettled.grades.grades}
    assert len(follows(settled.grades, found, adjudicates=False)) == len(only_theirs)


def test_of_rows_that_agree_in_substance_the_worse_and_fuller_one_is_taken() -> None:
    ann = (row("r1", "fail", severity="low"), row("r2", "pass"), row("r3", "edit"), row("r4", "escalate"))
    bob = (
        row("r1", "fail", severity="high"),
        row("r2", "bad-reference"),
        row("r3", "fail", severity="low"),
        row("r4", "escalate", reason="legal has to say so it is"),
    )
    merged = merge([file(ANN, *ann), file(BOB, *bob)], ITEMS, by=JO)
    assert [(one.grade, one.severity, one.reason) for one in merged.grades.grades] == [
        ("fail", "high", "so it is"),
        ("bad-reference", None, "so it is"),
        ("fail", "low", "so it is"),
        ("escalate", None, "legal has to say so it is"),
    ]
    assert merged.conflicts == ()
    assert merged.without == ("r5",)


def test_a_conflict_names_who_said_what_and_the_adjudicator_settles_it_with_a_reason() -> None:
    found = [file(ANN, row("r1", "fail")), file(BOB, row("r1"))]
    (conflict,) = merge(found, ITEMS, by=JO).conflicts
    assert conflict == Conflict(item="r1", said=((ANN, row("r1", "fail")), (BOB, row("r1"))))
    assert conflict.reviewers == (ANN, BOB)
    assert not conflict.of_one
    assert merge([*found, file(JO, row("r1", reason=""))], ITEMS, by=JO).conflicts
    settled = merge([*found, file(JO, row("r1", reason="fits"))], ITEMS, by=JO)
    assert settled.conflicts == ()
    assert len(settled.differing) == 1
    assert settled.grades.of("r1") == row("r1", reason="fits")


def test_an_adjudicator_with_a_question_has_not_settled_anything() -> None:
    found = [file(ANN, row("r1", "fail")), file(BOB, row("r1")), file(JO, row("r1", "ask"))]
    merged = merge(found, ITEMS[:1], by=JO)
    assert [conflict.item for conflict in merged.conflicts] == ["r1"]
    assert missing(merged.grades, ITEMS[:1]) == ("r1",)


def test_nobody_settles_a_disagreement_that_they_are_part_of() -> None:
    found = [file(ANN, row("r1", "fail")), file(BOB, row("r1"))]
    merged = merge(found, ITEMS, by=BOB)
    assert len(merged.conflicts) == 1
    bent = merged.grades.with_grade(row("r1"))
    assert follows(bent, found, adjudicates=True) == (
        "the grade of 'r1' was given by nobody, or settles what it cannot settle",
    )


def test_what_merged_grades_rest_on_has_to_be_at_hand_and_unchanged() -> None:
    found = [file(ANN, row("r1")), file(BOB, row("r2"))]
    merged = merge(found, ITEMS, by=JO).grades
    assert "are not here or were changed" in follows(merged, found[:1], adjudicates=True)[0]
    assert "of other evidence" in follows(replace(merged, manifest="b" * 64), found, adjudicates=True)[0]
    assert "no grades to merge" in follows(replace(merged, sources=()), found, adjudicates=True)[0]
    assert "other sealed seeds" in follows(replace(merged, seeds="c" * 64), found, adjudicates=True)[0]


def test_a_reviewers_file_cannot_be_left_out_to_lose_a_failure() -> None:
    found = [file(ANN, row("r1")), file(BOB, row("r1", "fail"))]
    bent = merge(found[:1], ITEMS, by=JO).grades
    assert follows(bent, found, adjudicates=True, parts={ANN: ("r1",), BOB: ("r1", "r2")}) == (
        f"2 of the 2 items assigned to {BOB} have no grade of theirs",
    )


def test_nobodys_grades_count_that_policy_does_not_name() -> None:
    found = [file(ANN, row("r1")), file(CY, row("r2")), file(JO, row("r3"))]
    merged = merge(found, ITEMS, by=JO).grades
    parts = {ANN: ("r1",)}
    assert follows(merged, found, adjudicates=True, parts=parts) == (
        f"{CY} is none of the reviewers that policy names",
        f"{JO} is no reviewer that policy names, and alone graded 'r3'",
    )
    assert len(follows(merged, found, adjudicates=False, parts=parts)) == 2


def test_seeds_test_each_reviewer_and_are_not_merged() -> None:
    found = [file(ANN, row("r1"), row("r5", "fail"), seeds="d" * 64), file(BOB, row("r1"), row("r5"), seeds="d" * 64)]
    merged = merge(found, ITEMS, by=JO, seeds={"r5"})
    assert [grade.item for grade in merged.grades.grades] == ["r1"]
    assert merged.grades.seeds == "d" * 64
    assert merged.differing == ()
    assert merged.without == ("r2", "r3", "r4")
    assert follows(merged.grades, found, adjudicates=False, seeds={"r5"}) == ()


def test_what_cannot_be_merged_is_said() -> None:
    one, other = file(ANN, row("r1")), file(BOB, row("r1"))
    with pytest.raises(TwokeyError, match="no grades to merge"):
        merge([], ITEMS, by=JO)
    with pytest.raises(TwokeyError, match="about different evidence"):
        merge([one, source(replace(other.grades, manifest="b" * 64))], ITEMS, by=JO)
    with pytest.raises(TwokeyError, match="were merged themselves"):
        merge([one, source(merge([other], ITEMS, by=JO).grades)], ITEMS, by=JO)
    with pytest.raises(TwokeyError, match="different sealed seeds"):
        merge([file(ANN, seeds="c" * 64), file(BOB, seeds="d" * 64)], ITEMS, by=JO)


def test_two_files_of_one_reviewer_are_one_where_they_say_the_same_and_theirs_to_settle_where_not() -> None:
    page = file(ANN, row("r1", seconds=4), row("r2", "fail"), row("r3"))
    terminal = file(ANN, row("r1", seconds=9), row("r2"), row("r4"))
    found = [page, terminal, file(BOB, row("r2")), file(JO, row("r2", reason="fits"))]
    merged = merge(found, ITEMS, by=JO)
    assert [grade.item for grade in merged.grades.grades] == ["r1", "r3", "r4"]
    assert merged.grades.of("r1") == row("r1", seconds=9)
    (conflict,) = merged.conflicts
    assert (conflict.item, conflict.of_one) == ("r2", True)
