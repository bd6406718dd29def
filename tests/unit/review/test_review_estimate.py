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
from twokey.stats.hypergeometric import defects_upper_bound

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


STAGED = Review(show=50, max_failure_rate=0.05, stages=3)


def staged(
    given: Given = CLEAN, *, upto: int, extras: int = 0, partly: int = 0, outputs: int = 2000, review: Review = STAGED
) -> GateResult:
    """50 shown, stages of 65, 65 and 33, all graded up to a stage; `partly` more of the next, then some extras."""
    rows = items(audit=65)
    further = [(1, 65), (2, 33)]
    reserve = [{"id": f"s{stage}-{n}", "stratum": "audit"} for stage, size in further for n in range(size)]
    more = [{"id": f"x{n}", "stratum": "low-confidence"} for n in range(20)]
    taken = reserve[: sum(size for stage, size in further if stage <= upto) + partly] + more[:extras]
    facts = {**pool(rows, outputs), "audit_stage_of": {row["id"]: int(row["id"][1]) for row in reserve}}
    return assess(rows, graded([*rows, *taken], given), review, facts, reserve=[*more, *reserve])


def test_one_stage_with_a_failure_asks_for_the_next_rather_than_guess() -> None:
    found = metric(staged(fails(50, 1), upto=0), "max_failure_rate")
    assert found.status is Status.INCONCLUSIVE
    assert found.reason.startswith("64 of 65 audit items clean (stage 1 of 3), 0 of 50 shown failed: at most ")
    assert found.reason.endswith(
        "; at most 5% allowed; 65 more audit items (stage 2) would settle it if none of them fails: the review page"
        " offers them"
    )
    settled = staged(fails(50, 1), upto=1)
    assert metric(settled, "max_failure_rate").status is Status.PASS
    assert metric(settled, "graded").reason == "all 180 items are graded, 65 of them from the reserve"
    assert settled.status is Status.PASS


def test_what_would_settle_it_is_what_settles_it() -> None:
    for failed in range(1, 4):
        facts = staged(fails(50, failed), upto=0).facts["audit"]["settled_by"]
        if facts["stage"] is None:
            continue
        more: dict[str, GradeValue] = {f"s1-{n}": "fail" for n in range(facts["may_fail"])}
        enough: Given = {**fails(50, failed), **more}
        assert metric(staged(enough, upto=facts["stage"] - 1), "max_failure_rate").status is Status.PASS
        one_more: Given = {**enough, f"s1-{facts['may_fail']}": "fail"}
        assert metric(staged(one_more, upto=facts["stage"] - 1), "max_failure_rate").status is not Status.PASS


def test_two_failures_skip_a_stage_that_could_not_settle_it() -> None:
    found = metric(staged(fails(50, 2), upto=0), "max_failure_rate")
    assert "; 98 more audit items (stages 2 to 3) would settle it if none of them fails" in found.reason


def test_after_the_last_stage_only_a_full_review_settles_it() -> None:
    result = staged(fails(50, 3), upto=2)
    found = metric(result, "max_failure_rate")
    assert found.status is Status.INCONCLUSIVE
    assert found.reason.endswith(
        "; a full review of the other 1,787 settles it, and passes if at most 97 of them fail: set review.audit to 1950"
        " and run again, which is new evidence, graded anew"
    )
    assert result.facts["audit"]["settled_by"] == {"items": 1787, "may_fail": 97, "stage": None}


def test_an_audit_too_small_for_any_result_says_what_would_do_and_that_does() -> None:
    def found(audit: int, low: int = 50) -> Metric:
        rows = items(low=low, audit=audit)
        review = Review(show=50, audit=audit, max_failure_rate=0.05)
        return metric(judged(rows, review=review), "max_failure_rate")

    small = found(20)
    assert small.status is Status.INCONCLUSIVE
    assert small.reason.endswith("; no result among 20 audit items can show that: if none fails, audit: 58 would do")
    assert found(58).status is Status.PASS
    assert found(20, low=0).reason.endswith("audit: 57 would do")
    assert [found(size, low=0).status for size in (56, 57)] == [Status.INCONCLUSIVE, Status.PASS]


def test_failures_among_the_shown_leave_less_room_for_the_next_stage() -> None:
    found = metric(staged(fails(0, 20) | fails(50, 1), upto=0), "max_failure_rate")
    assert "; 98 more audit items (stages 2 to 3) would settle it if none of them fails" in found.reason
    assert metric(staged(fails(0, 20) | fails(50, 1), upto=1), "max_failure_rate").status is Status.INCONCLUSIVE
    assert metric(staged(fails(0, 20) | fails(50, 1), upto=2), "max_failure_rate").status is Status.PASS


def test_whoever_is_not_settled_counts_as_failed_above_and_as_clean_below() -> None:
    cases: tuple[Given, ...] = ({}, {"r0": "escalate"})
    clean, open_ = (metric(judged(items(), given), "max_failure_rate").estimate for given in cases)
    assert clean is not None
    assert open_ is not None
    assert open_.high - clean.high == pytest.approx(1 / 2000)
    assert (open_.low, open_.value) == (clean.low, clean.value)


def test_after_a_full_review_the_plain_estimate_is_the_truth_and_not_what_the_audit_projects() -> None:
    rows = items(low=10, audit=10)
    waiting = [{"id": f"w{n}", "stratum": "low-confidence"} for n in range(20)]
    grades = graded([*rows, *waiting], fails(10, 1))
    found = metric(assess(rows, grades, REVIEW, pool(rows, 40), reserve=waiting), "max_failure_rate")
    assert found.status is Status.PASS
    assert found.estimate is not None
    assert (found.estimate.low, found.estimate.value, found.estimate.high) == (1 / 40, 1 / 40, 1 / 40)


def test_known_failures_and_open_ones_add_up() -> None:
    rows = items(low=10, audit=60)
    waiting = [{"id": f"w{n}", "stratum": "low-confidence"} for n in range(20)]
    failed: Given = {f"w{n}": "fail" for n in range(20)}
    grades = graded([*rows, *waiting], {**failed, **fails(0, 3, "escalate")})
    found = metric(assess(rows, grades, REVIEW, pool(rows, 95), reserve=waiting), "max_failure_rate").estimate
    assert found is not None
    assert found.low == pytest.approx(20 / 95, abs=1e-6)
    assert found.high == pytest.approx(23 / 95, abs=1e-6)


@pytest.mark.parametrize(("failed", "status"), [(2, Status.PASS), (3, Status.FAIL)])
def test_a_full_review_settles_it_either_way(failed: int, status: Status) -> None:
    rows = items(low=10, audit=10)
    waiting = [{"id": f"w{n}", "stratum": "low-confidence"} for n in range(20)]
    bad: dict[str, GradeValue] = {f"w{n}": "fail" for n in range(failed)}
    review = Review(show=10, audit=10, max_failure_rate=0.05)
    before = metric(assess(rows, graded(rows), review, pool(rows, 40), reserve=waiting), "max_failure_rate")
    assert before.status is Status.INCONCLUSIVE
    assert before.reason.endswith(
        "; a full review of the other 20 settles it, and passes if at most 2 of them fail: the review page offers them"
    )
    whole = graded([*rows, *waiting], bad)
    after = metric(assess(rows, whole, review, pool(rows, 40), reserve=waiting), "max_failure_rate")
    assert after.status is status
    assert after.estimate is not None
    assert (after.estimate.low, after.estimate.high, after.estimate.confidence) == (failed / 40, failed / 40, 1.0)
    assert "every output was looked at" in after.reason


def test_the_bound_is_the_least_of_the_stages_looked_at_each_at_its_share_of_the_risk() -> None:
    highs = [metric(staged(fails(50, 1), upto=stage), "max_failure_rate").estimate for stage in range(3)]
    for found, (drawn, risk) in zip(highs, [(65, 0.033334), (130, 0.008333), (163, 0.008333)], strict=True):
        assert found is not None
        assert found.high == pytest.approx(defects_upper_bound(1950, drawn, 1, risk) / 2000)
        assert found.confidence == 0.95


def test_a_stage_that_was_stopped_in_the_middle_raises_no_claim() -> None:
    before, after = staged(fails(50, 1), upto=0), staged(fails(50, 1), upto=0, partly=64)
    high, still = (metric(result, "max_failure_rate").estimate for result in (before, after))
    assert high is not None
    assert still is not None
    assert still.high == high.high
    told = metric(after, "max_failure_rate")
    assert told.status is Status.INCONCLUSIVE
    assert "0 of 64 graded in addition failed" in told.reason
    assert "; 1 more audit item (stage 2) would settle it if none of them fails" in told.reason


def test_failures_in_an_unfinished_stage_and_among_extras_are_known_ones() -> None:
    more: Given = dict.fromkeys(["s1-0", "s1-1", *(f"x{n}" for n in range(5))], "fail")
    result = staged(more, upto=0, partly=10, extras=8)
    found = metric(result, "max_failure_rate").estimate
    assert found is not None
    assert found.low == pytest.approx(7 / 2000)
    clean = metric(staged(upto=0), "max_failure_rate").estimate
    assert clean is not None
    assert found.high == clean.high
    assert "7 of 18 graded in addition failed" in metric(result, "max_failure_rate").reason
    assert result.facts["audit"]["in_addition_failed"] == 7


def test_extras_do_not_enter_the_plain_limit() -> None:
    review = Review(show=50, max_failure_rate=0.05, stages=3, max_failures=0.1)
    result = staged({f"x{n}": "fail" for n in range(20)}, upto=0, extras=20, review=review)
    assert metric(result, "max_failures").reason.startswith("0 of the 50 least confident items failed")
    assert metric(result, "max_failures").status is Status.PASS


def test_known_failures_beyond_the_limit_block_whatever_the_audit_says() -> None:
    result = staged({f"x{n}": "fail" for n in range(20)}, upto=0, extras=20, outputs=399)
    found = metric(result, "max_failure_rate")
    assert found.status is Status.FAIL
    assert found.estimate is not None
    assert found.estimate.low <= found.estimate.value <= found.estimate.high


def test_a_further_stage_that_is_bad_undoes_an_early_pass() -> None:
    assert metric(staged(upto=0), "max_failure_rate").status is Status.PASS
    bad: Given = {f"s1-{n}": "fail" for n in range(12)}
    found = metric(staged(bad, upto=1), "max_failure_rate")
    assert found.status is Status.FAIL
    assert found.estimate is not None
    assert found.estimate.low <= found.estimate.value <= found.estimate.high


def test_a_question_leaves_its_stage_unfinished_and_an_escalation_counts_as_failed() -> None:
    asked = staged({**fails(50, 1), "s1-3": "ask"}, upto=1)
    assert asked.facts["audit"]["stage"] == 1
    assert metric(asked, "graded").status is Status.PASS
    escalated = staged({**fails(50, 1), "s1-3": "escalate"}, upto=1)
    assert escalated.facts["audit"]["stage"] == 2
    assert escalated.facts["audit"]["unresolved"] == 1
    assert metric(escalated, "graded").status is Status.INCONCLUSIVE
    assert metric(escalated, "max_failure_rate").status is Status.INCONCLUSIVE
    assert metric(escalated, "max_failure_rate").reason.endswith("; what is not settled comes first")


def test_kept_evidence_says_the_same() -> None:
    rows = items(audit=65)
    reserve = [{"id": f"s1-{n}", "stratum": "audit", "stage": 1, "output": "x"} for n in range(65)]
    facts = {**pool(rows), "audit_stage_of": {row["id"]: 1 for row in reserve}}
    grades = graded([*rows, *reserve], fails(50, 1))
    kept = [{"id": row["id"], "stratum": row["stratum"]} for row in sorted(reserve, key=lambda row: str(row["id"]))]
    assert assess(rows, grades, STAGED, facts, reserve=reserve) == assess(rows, grades, STAGED, facts, reserve=kept)


@pytest.mark.parametrize("stages", [{}, {"s1-0": 3}, {"s1-0": 0}, {"s1-0": True}, {"s1-0": "1"}])
def test_a_stage_that_the_facts_do_not_name_is_refused(stages: Mapping[str, Any]) -> None:
    rows = items(audit=65)
    reserve = [{"id": "s1-0", "stratum": "audit"}]
    with pytest.raises(TwokeyError, match="name no stage of this policy for 's1-0'"):
        assess(rows, graded(rows), STAGED, {**pool(rows), "audit_stage_of": stages}, reserve=reserve)


def test_more_in_the_audit_than_was_not_shown_is_refused() -> None:
    rows = items(audit=30)
    reserve = [{"id": f"x{n}", "stratum": "low-confidence"} for n in range(31)]
    with pytest.raises(TwokeyError, match="50 shown and 61 audited or taken in addition"):
        assess(rows, graded([*rows, *reserve]), REVIEW, pool(rows, 110), reserve=reserve)


def test_another_risk_is_told_with_the_bound() -> None:
    review = Review(max_failure_rate=0.05, risk=0.01)
    rows = items(audit=90)
    found = metric(judged(rows, review=review), "max_failure_rate")
    assert found.status is Status.PASS
    assert found.reason.endswith("of these 2,000 outputs fail, 99%; at most 5% allowed")
    assert found.estimate is not None
    assert found.estimate.high == pytest.approx(defects_upper_bound(1950, 90, 0, 0.01) / 2000)
    assert found.estimate.confidence == 0.99


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


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), VALUES), min_size=14, max_size=14), st.integers(0, 13), st.integers(0, 40))
def test_a_worse_grade_in_a_further_stage_never_improves_the_review_either(
    given: list[GradeValue | None], place: int, unseen: int
) -> None:
    review = Review(show=2, audit=4, max_failure_rate=0.3, stages=3, risk=0.3)
    rows = items(low=2, audit=4)
    reserve = [{"id": f"s{n}", "stratum": "audit" if n < 6 else "low-confidence"} for n in range(8)]
    facts = {**pool(rows, 14 + unseen), "audit_stage_of": {f"s{n}": 1 + n // 3 for n in range(6)}}

    def result(values: list[GradeValue | None]) -> Metric:
        pairs = zip([*rows, *reserve], values, strict=True)
        grades = tuple(grade(str(row["id"]), value) for row, value in pairs if value is not None)
        given_grades = Grades(manifest="a" * 64, reviewer="ann", grades=grades)
        return metric(assess(rows, given_grades, review, facts, reserve=reserve), "max_failure_rate")

    better, worse = list(given), list(given)
    better[place], worse[place] = "pass", "fail"
    assert result(worse).status.rank >= result(better).status.rank
    estimate = result(given).estimate
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
