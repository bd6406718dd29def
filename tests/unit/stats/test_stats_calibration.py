import importlib
import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.stats.calibration import (
    Bin,
    calibration_bootstrap,
    calibration_interval,
    debiased_calibration_error,
    expected_calibration_error,
)

BIN = st.integers(1, 40).flatmap(
    lambda n: st.builds(
        Bin, n=st.just(n), right=st.integers(0, n), confidence=st.floats(0, 1).map(lambda mean: mean * n)
    )
)


def test_the_error_is_the_weighted_distance() -> None:
    bins = [Bin(n=10, right=9, confidence=9.5), Bin(n=30, right=18, confidence=21.0)]
    assert expected_calibration_error(bins) == pytest.approx(10 / 40 * 0.05 + 30 / 40 * 0.1)


def test_over_and_underconfidence_in_one_bin_do_not_add_up() -> None:
    assert expected_calibration_error([Bin(n=2, right=1, confidence=1.0)]) == 0


def test_no_answers_have_no_error() -> None:
    with pytest.raises(ValueError, match="no answers"):
        expected_calibration_error([])


@given(bins=st.lists(BIN, min_size=1, max_size=15))
def test_the_interval_holds_the_estimate(bins: list[Bin]) -> None:
    low, high = calibration_interval(bins)
    assert 0 <= low <= expected_calibration_error(bins) <= high <= 1


def test_the_interval_is_the_two_inequalities() -> None:
    bins = [Bin(n=900, right=450, confidence=630.0), Bin(n=100, right=90, confidence=95.0)]
    error, distance, bias = 0.18 + 0.005, math.sqrt(math.log(40) / 2000), (30 + 10) / 2000
    assert calibration_interval(bins) == pytest.approx((error - distance - bias, error + distance))


def test_a_confident_model_of_one_answer_is_not_called_calibrated() -> None:
    assert calibration_interval([Bin(n=1, right=1, confidence=1.0)]) == (0, 1)


@pytest.mark.parametrize("truth", [(0.9, 0.6), (0.5, 0.5), (1.0, 0.2), (0.05, 0.95)])
def test_the_interval_covers_the_true_error_of_the_bins(truth: tuple[float, float]) -> None:
    sizes, means = (30, 20), (0.9, 0.6)
    true_error = sum(n * abs(p - m) for n, p, m in zip(sizes, truth, means, strict=True)) / sum(sizes)
    covered = 0.0
    for rights in itertools.product(*(range(n + 1) for n in sizes)):
        chance = math.prod(
            math.comb(n, k) * p**k * (1 - p) ** (n - k) for n, k, p in zip(sizes, rights, truth, strict=True)
        )
        bins = [Bin(n=n, right=k, confidence=n * m) for n, k, m in zip(sizes, rights, means, strict=True)]
        low, high = calibration_interval(bins)
        covered += chance * (low <= true_error <= high)
    assert covered >= 0.95


def test_debiasing_takes_out_what_chance_puts_in() -> None:
    generator = importlib.import_module("numpy").random.default_rng(2)
    means = [0.55, 0.65, 0.75, 0.85, 0.95]
    for off in (0.0, 0.04):
        plain, debiased = [], []
        for _ in range(300):
            rights = generator.binomial(40, [mean - off for mean in means]).tolist()
            bins = [Bin(n=40, right=right, confidence=40 * mean) for right, mean in zip(rights, means, strict=True)]
            plain.append(expected_calibration_error(bins))
            debiased.append(debiased_calibration_error(bins))
        assert sum(plain) / 300 - off > 0.015
        assert abs(sum(debiased) / 300 - off) < 0.6 * abs(sum(plain) / 300 - off)


def test_many_answers_leave_no_bias_to_take_out() -> None:
    bins = [Bin(n=10**9, right=6 * 10**8, confidence=7.5 * 10**8)]
    assert debiased_calibration_error(bins) == pytest.approx(0.15, abs=1e-6)
    assert calibration_bootstrap(bins) == pytest.approx((0.15, 0.15), abs=1e-3)


@settings(max_examples=25)
@given(bins=st.lists(BIN, min_size=1, max_size=15))
def test_what_is_shown_stays_between_nothing_and_all(bins: list[Bin]) -> None:
    assert 0 <= debiased_calibration_error(bins) <= expected_calibration_error(bins) + 0.5
    low, high = calibration_bootstrap(bins, resamples=40)
    assert 0 <= low <= high <= 1


def test_the_bootstrap_is_shorter_than_what_decides_and_the_same_each_time() -> None:
    bins = [Bin(n=900, right=450, confidence=630.0), Bin(n=100, right=90, confidence=95.0)]
    shown, deciding = calibration_bootstrap(bins), calibration_interval(bins)
    assert deciding.low < shown.low < 0.185 < shown.high < deciding.high
    assert calibration_bootstrap(bins) == shown
