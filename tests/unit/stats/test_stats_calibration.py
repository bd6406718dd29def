import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.calibration import Bin, calibration_interval, expected_calibration_error

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
