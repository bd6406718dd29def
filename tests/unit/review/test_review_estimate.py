import math
import random
from collections.abc import Mapping
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.config.review import Review
from twokey.errors import TwokeyError
from twokey.outcome import GateResult, Metric, Status
from twokey.review.estimate import assess
from twokey.review.grades import Grade, Grades, GradeValue

REVIEW = Review(show=50, audit=59, max_failures=0.4, max_failure_rate=0.05)


def items(low: int = 50, audit: int = 59, impact: int = 0) -> list[dict[str, Any]]:
    strata = ["low-confidence"] * low + ["impact"] * impact + ["audit"] * audit
    return [{"id": f"r{n}", "stratum": stratum} for n, stratum in enumerate(strata)]


def grade(item: str, value: GradeValue) -> Grade:
    return Grade(
        item=item,
        grade=value,
        severity="high" if value == "fail" else None,
        reason="" if value == "pass" else "because",
        correction="better" if value == "edit" else None,
    )


Given = Mapping[str, GradeValue]
CLEAN: Given = {}


def graded(rows: list[dict[str, Any]], given: Given = CLEAN) -> Grades:
    """All pass but those given."""
    grades = tuple(grade(row["id"], given.get(row["id"], "pass")) for row in rows)
    return Grades(manifest="a" * 64, reviewer="ann", grades=grades)


def fails(first: int, number: int, value: GradeValue = "fail") -> dict[str, GradeValue]:
    return {f"r{n}": value for n in range(first, first + number)}


def pool(rows: list[dict[str, Any]], outputs: int = 2000) -> dict[str, int]:
    shown = sum(row["stratum"] != "audit" for row in rows)
    return {"outputs": outputs, "not_shown": outputs - shown}


def judged(
    rows: list[dict[str, Any]], given: Given = CLEAN, *, review: Review = REVIEW, outputs: int = 2000
) -> GateResult:
    return assess(rows, graded(rows, given), review, pool(rows, outputs))


def metric(result: GateResult, name: str) -> Metric:
    found = result.metric(name)
    assert found is not None
    return found


def test_the_sentence_that_an_auditor_wants() -> None:
    result = judged(items())
    assert result.status is Status.PASS
    found = metric(result, "max_failure_rate")
    assert found.reason == (
        "59 of 59 audit items clean, 0 of 50 shown failed: at most 4.8% of these 2,000 outputs fail, 95%;"
        " at most 5% allowed"
    )
    assert found.limit == "max 5%"


def test_without_a_low_confidence_output_the_audit_stands_alone() -> None:
    rows = items(low=0)
    found = metric(judged(rows, outputs=100_000), "max_failure_rate")
    assert found.reason.startswith("59 of 59 audit items clean: at most 5.0% of these 100,000 outputs fail, 95%")
    low = metric(judged(rows), "max_failures")
    assert (low.status, low.estimate) == (Status.PASS, None)


def test_the_bound_is_what_the_hypergeometric_distribution_says() -> None:
    found = metric(judged(items(), fails(0, 3) | fails(50, 2), outputs=1000), "max_failure_rate").estimate
    assert found is not None

    def at_most_two(defects: int) -> float:
        ways = sum(math.comb(defects, k) * math.comb(950 - defects, 59 - k) for k in range(3))
        return ways / math.comb(950, 59)

    most = max(defects for defects in range(2, 894) if at_most_two(defects) > 0.05)
    assert found.high == pytest.approx((3 + most) / 1000)
    assert found.low == pytest.approx(5 / 1000)
    assert found.value == pytest.approx((3 + 2 / 59 * 950) / 1000, abs=1e-6)
    assert found.method == "exact stratified bound, hypergeometric"


def test_failures_shown_are_limited_and_counted_but_not_extrapolated() -> None:
    at_limit = judged(items(), fails(0, 20))
    assert metric(at_limit, "max_failures").status is Status.PASS
    above = metric(judged(items(), fails(0, 21)), "max_failures")
    assert above.status is Status.FAIL
    assert above.reason == "21 of the 50 least confident items failed; at most 40% may fail"
    clean, dirty = (metric(result, "max_failure_rate").estimate for result in (judged(items()), at_limit))
    assert clean is not None
    assert dirty is not None
    assert dirty.high - clean.high == pytest.approx(20 / 2000)


def test_an_edit_counts_as_a_failure_and_a_bad_reference_does_not() -> None:
    assert metric(judged(items(), fails(0, 21, "edit")), "max_failures").status is Status.FAIL
    result = judged(items(), fails(0, 21, "bad-reference"))
    assert metric(result, "max_failures").status is Status.PASS
    assert metric(result, "bad_references").reason.startswith("21 items have a reference that is wrong itself")
    assert result.status is Status.PASS


def test_a_point_under_the_limit_with_a_bound_above_is_inconclusive() -> None:
    found = metric(judged(items(), fails(50, 1)), "max_failure_rate")
    assert found.status is Status.INCONCLUSIVE
    assert "58 of 59 audit items clean" in found.reason


def test_a_point_above_the_limit_fails() -> None:
    assert metric(judged(items(), fails(50, 4)), "max_failure_rate").status is Status.FAIL


def test_ungraded_items_are_an_error_that_counts_them() -> None:
    rows = items()
    result = assess(rows, graded(rows[:-7]), REVIEW, pool(rows))
    assert result.status is Status.ERROR
    assert metric(result, "graded").reason == "7 of 109 items are not graded"
    assert metric(result, "max_failure_rate").status is Status.INCONCLUSIVE
    assert "7 not settled and taken for failed" in metric(result, "max_failure_rate").reason
    assert result.books.plain() == {"total": 109, "scored": 102, "errored": 0, "unscorable": 7, "excluded": 0}


def test_what_is_ungraded_cannot_undo_a_failure() -> None:
    rows = items()
    result = assess(rows, graded(rows[:50], fails(0, 21)), REVIEW, pool(rows))
    assert metric(result, "max_failures").status is Status.FAIL


def test_no_grade_at_all_passes_nothing() -> None:
    rows = items()
    result = assess(rows, graded([]), REVIEW, pool(rows))
    assert {metric.status for metric in result.metrics} == {Status.ERROR, Status.INCONCLUSIVE}


def test_an_escalated_item_waits_for_somebody() -> None:
    result = judged(items(), {"r0": "escalate"})
    assert result.status is Status.INCONCLUSIVE
    assert metric(result, "graded").reason == "1 of 109 items were escalated, and nobody settled them"
    assert metric(result, "max_failures").status is Status.PASS  # whatever becomes of one, 20 may fail
    assert metric(judged(items(), {"r60": "escalate"}), "max_failure_rate").status is Status.INCONCLUSIVE


def test_a_pool_that_is_audited_whole_is_known_exactly() -> None:
    rows = items(low=50, audit=40)
    found = metric(judged(rows, fails(0, 3) | fails(50, 1), outputs=90), "max_failure_rate")
    assert found.estimate is not None
    assert (found.estimate.low, found.estimate.high, found.estimate.confidence) == (0.044444, 0.044445, 1.0)
    assert found.status is Status.PASS
    assert "every output was looked at, and 4.5% of these 90 outputs fail" in found.reason


def test_nothing_left_to_audit_is_known_exactly() -> None:
    rows = items(low=10, audit=0)
    found = metric(judged(rows, outputs=10), "max_failure_rate")
    assert (found.status, found.estimate and found.estimate.high) == (Status.PASS, 0)


def test_high_impact_items_are_counted_among_the_shown() -> None:
    rows = items(low=50, impact=10)
    result = judged(rows, fails(50, 10))
    assert metric(result, "max_failures").estimate == metric(judged(rows), "max_failures").estimate
    assert "10 of 60 shown failed" in metric(result, "max_failure_rate").reason


def test_without_limits_the_numbers_are_only_shown() -> None:
    result = judged(items(), fails(0, 50), review=Review())
    assert metric(result, "max_failures").status is Status.OFF
    assert metric(result, "max_failure_rate").status is Status.OFF
    assert result.status is Status.PASS


def test_a_limit_on_what_nobody_audited_is_an_error() -> None:
    result = judged(items(audit=0))
    assert metric(result, "max_failure_rate").status is Status.ERROR


def test_facts_that_do_not_fit_the_items_are_refused() -> None:
    rows = items()
    facts: tuple[Mapping[str, int], ...] = ({}, {"outputs": 2000, "not_shown": 2000}, {"outputs": 60, "not_shown": 10})
    for wrong in facts:
        with pytest.raises(TwokeyError, match="do not fit its items"):
            assess(rows, graded(rows), REVIEW, wrong)


def test_the_reviewer_and_the_severities_stand_in_the_facts() -> None:
    facts = judged(items(), fails(0, 2)).facts
    assert facts["reviewer"] == "ann"
    assert facts["grades"]["fail"] == 2
    assert facts["severities"]["high"] == 2
    assert facts["strata"]["audit"]["passed"] == 59


VALUES = st.sampled_from(get_args(GradeValue))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), VALUES), min_size=12, max_size=12), st.integers(0, 11), st.integers(0, 60))
def test_a_worse_grade_never_improves_the_review(given: list[GradeValue | None], place: int, unseen: int) -> None:
    rows = items(low=5, audit=6, impact=1)
    review = Review(show=5, audit=6, max_failures=0.4, max_failure_rate=0.3)

    def result(values: list[GradeValue | None]) -> GateResult:
        grades = tuple(grade(row["id"], v) for row, v in zip(rows, values, strict=True) if v is not None)
        return assess(rows, Grades(manifest="a" * 64, reviewer="ann", grades=grades), review, pool(rows, 12 + unseen))

    better, worse = list(given), list(given)
    better[place], worse[place] = "pass", "fail"
    for name in ("max_failures", "max_failure_rate"):
        assert metric(result(worse), name).status.rank >= metric(result(better), name).status.rank
    estimate = metric(result(given), "max_failure_rate").estimate
    assert estimate is not None
    assert estimate.low <= estimate.value <= estimate.high


def test_the_bound_covers_the_truth_at_its_confidence() -> None:
    chance = random.Random(5)
    rows = items(low=10, audit=30)
    missed = 0
    for _ in range(300):
        bad = set(chance.sample(range(200), 20))
        audited = chance.sample(range(10, 200), 30)
        places = [*range(10), *audited]
        given: dict[str, GradeValue] = {f"r{n}": "fail" for n, place in enumerate(places) if place in bad}
        estimate = metric(judged(rows, given, outputs=200), "max_failure_rate").estimate
        assert estimate is not None
        missed += estimate.high < 20 / 200
    assert missed <= 24  # 5% of 300, and two and a half standard errors
