import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.config.scalars import Allowance, Change
from twokey.config.shape import Limit
from twokey.gates.limits import (
    Measured,
    combined_difference,
    counted,
    estimated,
    judge_allowance,
    judge_limit,
    numerals,
    proportion,
    settle,
)
from twokey.outcome import Books, Estimate, Metric, Status

BOOKS = Books(total=2000, scored=2000)
INTERVAL = st.tuples(st.floats(-100, 100), st.floats(-100, 100)).map(lambda ends: (min(ends), max(ends)))


def known(value: float, low: float, high: float, confidence: float = 0.95) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=2000, method="Clopper-Pearson", confidence=confidence)


def judged(estimate: Estimate | None, limit: Limit | None, **more: object) -> Metric:
    return judge_limit("accuracy", Measured(estimate=estimate, **more), limit, BOOKS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high", "status"),
    [
        (0.95, 0.97, Status.PASS),
        (0.951, 0.97, Status.PASS),
        (0.949999, 0.97, Status.INCONCLUSIVE),
        (0.9, 0.95, Status.INCONCLUSIVE),
        (0.9, 0.949999, Status.FAIL),
    ],
)
def test_a_minimum_is_settled_by_the_side_the_interval_is_on(low: float, high: float, status: Status) -> None:
    assert judged(known((low + high) / 2, low, high), Limit(min=0.95)).status is status


@pytest.mark.parametrize(
    ("low", "high", "status"),
    [
        (0.01, 0.02, Status.PASS),
        (0.01, 0.020001, Status.INCONCLUSIVE),
        (0.02, 0.03, Status.INCONCLUSIVE),
        (0.020001, 0.03, Status.FAIL),
    ],
)
def test_a_maximum_mirrors_it(low: float, high: float, status: Status) -> None:
    assert judged(known((low + high) / 2, low, high), Limit(max=0.02)).status is status


@given(interval=INTERVAL, threshold=st.floats(-100, 100), nearer=st.floats(0, 50))
def test_a_higher_threshold_never_helps(interval: tuple[float, float], threshold: float, nearer: float) -> None:
    assert settle(*interval, threshold).rank <= settle(*interval, threshold + nearer).rank


@given(interval=INTERVAL, threshold=st.floats(-100, 100), wider=st.floats(0, 50))
def test_a_wider_interval_never_settles_the_other_way(
    interval: tuple[float, float], threshold: float, wider: float
) -> None:
    low, high = interval
    narrow, wide = settle(low, high, threshold), settle(low - wider, high + wider, threshold)
    assert wide in (narrow, Status.INCONCLUSIVE)


@pytest.mark.parametrize("numbers", [(math.nan, 1, 0), (0, math.nan, 0), (0, 1, math.nan), (1, 0, 0)])
def test_what_is_no_number_settles_nothing(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="cannot be judged"):
        settle(*numbers)


def test_the_sentences_name_number_interval_threshold_and_n() -> None:
    below = judged(known(0.943, 0.932, 0.949), Limit(min=0.95))
    around = judged(known(0.95, 0.94, 0.959), Limit(min=0.95))
    above = judged(known(0.97, 0.962, 0.977), Limit(min=0.95))
    interval = "accuracy 0.943 (95% interval 0.932 to 0.949, n=2,000)"
    assert below.reason == f"{interval} is below the minimum 0.95"
    assert around.reason == (
        "accuracy 0.95 (95% interval 0.94 to 0.959, n=2,000) cannot be told apart from the minimum 0.95"
    )
    assert above.reason == "accuracy 0.97 (95% interval 0.962 to 0.977, n=2,000) is at or above the minimum 0.95"
    assert below.limit == "min 0.95"


def test_the_worst_part_of_a_limit_decides_and_speaks() -> None:
    metric = judged(known(0.97, 0.96, 0.98), Limit(min=0.95, max=0.955))
    assert metric.status is Status.FAIL
    assert metric.reason == "accuracy 0.97 (95% interval 0.96 to 0.98, n=2,000) is above the maximum 0.955"


def test_without_a_limit_a_number_is_only_shown() -> None:
    metric = judged(known(0.97, 0.96, 0.98), None)
    assert metric.status is Status.OFF
    assert metric.limit is None
    assert "policy sets no limit" in metric.reason


def test_a_limit_on_nothing_is_an_error_by_name() -> None:
    metric = judged(None, Limit(min=0.9), missing="no record carries expected")
    assert metric.status is Status.ERROR
    assert metric.reason == "accuracy: no record carries expected"
    assert judged(None, None).status is Status.OFF


@pytest.mark.parametrize(
    ("limit", "low", "high", "status"),
    [
        (Limit(max_drop=Change(absolute=0.01)), -0.01, 0.02, Status.PASS),
        (Limit(max_drop=Change(absolute=0.01)), -0.010001, 0.02, Status.INCONCLUSIVE),
        (Limit(max_drop=Change(absolute=0.01)), -0.03, -0.01, Status.INCONCLUSIVE),
        (Limit(max_drop=Change(absolute=0.01)), -0.03, -0.010001, Status.FAIL),
        (Limit(max_increase=Change(absolute=0.01)), 0.0, 0.01, Status.PASS),
        (Limit(max_increase=Change(absolute=0.01)), 0.005, 0.02, Status.INCONCLUSIVE),
        (Limit(max_increase=Change(absolute=0.01)), 0.010001, 0.02, Status.FAIL),
        (Limit(max_drop=Change(relative=0.1)), -0.05, 0.02, Status.PASS),
        (Limit(max_drop=Change(relative=0.1)), -0.2, -0.06, Status.FAIL),
        (Limit(max_drop=Change(relative=0.1, absolute=0.1)), -0.09, -0.06, Status.PASS),
        (Limit(max_drop=Change(absolute=0)), 0.0, 0.1, Status.PASS),
    ],
)
def test_a_change_is_settled_by_the_interval_of_the_difference(
    limit: Limit, low: float, high: float, status: Status
) -> None:
    metric = judged(
        known(0.5, 0.4, 0.6), limit, baseline=known(0.5, 0.4, 0.6), difference=known((low + high) / 2, low, high)
    )
    assert metric.status is status
    assert metric.baseline == 0.5


def test_a_change_without_a_baseline_is_an_error_by_name() -> None:
    for measured in ({}, {"baseline": known(0.5, 0.4, 0.6)}, {"difference": known(0, -1, 1)}):
        metric = judged(known(0.5, 0.4, 0.6), Limit(max_drop=Change(absolute=0.1)), **measured)
        assert metric.status is Status.ERROR
        assert metric.reason == "accuracy: there is no baseline to compare with, so its drop cannot be judged"


def test_the_sentence_of_a_change_carries_the_note() -> None:
    metric = judged(
        known(0.93, 0.92, 0.94),
        Limit(max_drop=Change(relative=0.02)),
        baseline=known(0.95, 0.94, 0.96),
        difference=known(-0.02, -0.03, -0.01),
        note="20 fixed and 60 broken of 2,000 pairs",
    )
    assert metric.reason == (
        "accuracy: the drop from the baseline's 0.95 is 0.02 (95% interval 0.01 to 0.03, n=2,000), and cannot be told"
        " apart from the allowed 2%, which is 0.019; 20 fixed and 60 broken of 2,000 pairs"
    )


def test_a_number_without_an_upper_bound_can_fail_a_maximum_and_never_pass_it() -> None:
    open_above = known(400, 300, 500, confidence=0.8)
    assert judged(open_above, Limit(max=600)).status is Status.INCONCLUSIVE
    assert judged(open_above, Limit(max=299)).status is Status.FAIL
    assert judged(open_above, Limit(min=600)).status is Status.INCONCLUSIVE
    assert judged(open_above, Limit(min=300)).status is Status.PASS
    assert "no upper bound at n=2,000" in judged(open_above, Limit(max=600)).reason


def test_a_difference_of_open_intervals_settles_nothing() -> None:
    for change in (known(-5, -9, -1, 0.7), known(50, 40, 60, 0.7)):
        metric = judged(
            known(5, 4, 6), Limit(max_increase=Change(absolute=1)), baseline=known(5, 4, 6), difference=change
        )
        assert metric.status is Status.INCONCLUSIVE


def test_the_difference_of_two_estimates_adds_their_uncertainty() -> None:
    now, before = known(0.9, 0.85, 0.93, 0.975), known(0.8, 0.77, 0.84, 0.975)
    difference = combined_difference(now, before)
    assert difference is not None
    assert (difference.value, difference.low, difference.high) == pytest.approx((0.1, 0.01, 0.16))
    assert difference.confidence == 0.95
    assert combined_difference(now, None) is None
    assert combined_difference(None, before) is None


def test_an_open_estimate_leaves_the_difference_open() -> None:
    difference = combined_difference(known(5, 4, 6, 0.8), known(5, 4, 6, 0.975))
    assert difference is not None
    assert difference.confidence < 0.95


def test_the_difference_of_observed_numbers_is_observed() -> None:
    assert combined_difference(counted(5, 10, "largest seen"), counted(3, 10, "largest seen")) == counted(
        2, 10, "largest seen"
    )


@pytest.mark.parametrize(
    ("count", "allowance", "status"),
    [
        (0, Allowance(count=0), Status.PASS),
        (1, Allowance(count=0), Status.FAIL),
        (3, Allowance(count=3), Status.PASS),
        (0, Allowance(share=0.01), Status.PASS),
        (10, Allowance(share=0.01), Status.INCONCLUSIVE),
        (50, Allowance(share=0.01), Status.FAIL),
        (0, Allowance(share=0.0), Status.INCONCLUSIVE),
        (1000, Allowance(share=1.0), Status.PASS),
    ],
)
def test_an_allowance_counts_exactly_and_a_share_is_a_rate(count: int, allowance: Allowance, status: Status) -> None:
    metric = judge_allowance("unreadable", count, 1000, allowance, BOOKS, what="lines could not be read")
    assert metric.status is status
    assert metric.reason.startswith(f"{count:,} of 1,000 lines could not be read: at most {allowance} allowed")


def test_an_allowance_of_nothing_is_an_error() -> None:
    for allowance in (Allowance(count=0), Allowance(share=1.0)):
        metric = judge_allowance("unreadable", 0, 0, allowance, BOOKS, what="lines")
        assert metric.status is Status.ERROR


def test_an_allowance_exceeded_takes_the_status_it_is_given() -> None:
    metric = judge_allowance("x", 9, 10, Allowance(share=0.1), BOOKS, what="lines", exceeded=Status.ERROR)
    assert metric.status is Status.ERROR


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ((0.943, 0.95), ["0.943", "0.95"]),
        ((0.94996, 0.95), ["0.94996", "0.95"]),
        ((1234.5, 500), ["1,234", "500"]),
        ((0.0, -0.0), ["0", "0"]),
        ((0.0000001,), ["0"]),
        ((-0.0000001,), ["0"]),
        ((-0.5, 12.34), ["-0.5", "12.3"]),
        ((1e9,), ["1,000,000,000"]),
        ((100.0, 100.01), ["100", "100.01"]),
    ],
)
def test_numbers_are_written_with_as_few_digits_as_tell_them_apart(values: list[float], written: list[str]) -> None:
    show = numerals(*values)
    assert [show(value) for value in values] == written


@given(k=st.integers(0, 300), more=st.integers(0, 300))
def test_a_proportion_is_bounded_by_its_interval(k: int, more: int) -> None:
    estimate = proportion(k, k + more)
    if estimate is None:
        assert k + more == 0
    else:
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
        assert estimate.n == k + more


@given(value=st.floats(0, 1e6), low=st.floats(0, 1e6), width=st.floats(0, 1e6))
def test_estimates_are_quantised(value: float, low: float, width: float) -> None:
    estimate = estimated(value, (low, low + width), 3, "x")
    for number in (estimate.value, estimate.low, estimate.high):
        assert number == round(number, 6)


@pytest.mark.parametrize(("records", "told"), [(7, "7"), (99, "99"), (831, "840"), (27452, "28,000"), (1000, "1,000")])
def test_what_would_settle_it_is_told_as_exactly_as_it_is_known(records: int, told: str) -> None:
    found = judged(known(0.95, 0.94, 0.96), Limit(min=0.95), settled_by=lambda _limit: records)
    assert found.reason.endswith(f"; about {told} records like these would settle it")
