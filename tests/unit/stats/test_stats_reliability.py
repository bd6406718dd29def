import importlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.calibration import BINS, expected_calibration_error
from twokey.stats.intervals import clopper_pearson
from twokey.stats.reliability import (
    bin_of,
    brier,
    confident_errors,
    equal_mass_bins,
    equal_width_bins,
    reliability_curve,
)

metrics: Any = importlib.import_module("sklearn.metrics")
calibration: Any = importlib.import_module("sklearn.calibration")

COUNTS = st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
LEVELS = st.dictionaries(st.integers(0, 1000), COUNTS, min_size=1, max_size=40)


def answers(levels: dict[int, tuple[int, int]]) -> tuple[list[int], list[float]]:
    truth, confidences = [], []
    for level, (n, right) in levels.items():
        truth += [1] * right + [0] * (n - right)
        confidences += [level / 1000] * n
    return truth, confidences


@given(levels=LEVELS)
def test_the_brier_score_agrees_with_scikit_learn_and_its_parts_add_up(levels: dict[int, tuple[int, int]]) -> None:
    found = brier(levels, 1000)
    truth, confidences = answers(levels)
    assert found.score == pytest.approx(metrics.brier_score_loss(truth, confidences, pos_label=1), abs=1e-12)
    assert found.score == pytest.approx(found.reliability - found.resolution + found.uncertainty, abs=1e-12)


def test_with_one_confidence_a_bin_the_parts_are_murphys() -> None:
    levels = {100: (10, 2), 500: (20, 9), 900: (30, 30)}
    found, rate = brier(levels, 1000), 41 / 60
    assert found.reliability == pytest.approx((10 * 0.1**2 + 20 * 0.05**2 + 30 * 0.1**2) / 60)
    assert found.resolution == pytest.approx(
        (10 * (0.2 - rate) ** 2 + 20 * (0.45 - rate) ** 2 + 30 * (1 - rate) ** 2) / 60
    )


def test_the_curve_agrees_with_scikit_learn() -> None:
    levels = {37: (9, 1), 300: (20, 9), 310: (4, 4), 640: (30, 18), 999: (50, 44)}
    shares, means = calibration.calibration_curve(*answers(levels), n_bins=BINS)
    curve = reliability_curve(equal_width_bins(levels, 1000))
    assert [point.accuracy for point in curve] == pytest.approx(list(shares))
    assert [point.confidence for point in curve] == pytest.approx(list(means))
    assert [point.n for point in curve] == [9, 24, 30, 50]
    assert [point.right for point in curve] == [1, 13, 18, 44]
    assert curve[1].interval == clopper_pearson(13, 24)


@given(levels=LEVELS)
def test_a_points_mean_confidence_names_the_bin_that_its_answers_are_in(levels: dict[int, tuple[int, int]]) -> None:
    curve = reliability_curve(equal_width_bins(levels, 1000))
    in_bins: dict[int, int] = {}
    for level, (n, _) in levels.items():
        place = bin_of(level / 1000, 1000)
        in_bins[place] = in_bins.get(place, 0) + n
    assert {bin_of(point.confidence, 1000): point.n for point in curve} == in_bins


def test_full_confidence_is_in_the_last_bin() -> None:
    (only,) = equal_width_bins({1000: (3, 2), 934: (1, 1)}, 1000)
    assert (only.n, only.right) == (4, 3)
    assert only.confidence == pytest.approx(3.934)


@given(levels=LEVELS, count=st.integers(1, 20))
def test_bins_lose_no_answer(levels: dict[int, tuple[int, int]], count: int) -> None:
    for bins in (equal_width_bins(levels, 1000, count), equal_mass_bins(levels, 1000, count)):
        assert sum(part.n for part in bins) == sum(n for n, _ in levels.values())
        assert sum(part.right for part in bins) == sum(right for _, right in levels.values())
        assert len(bins) <= count
        assert 0 <= expected_calibration_error(bins) <= 1


def test_bins_of_equal_mass_hold_about_equally_many() -> None:
    levels = dict.fromkeys(range(100), (1, 0)) | dict.fromkeys(range(900, 1000), (1, 1))
    assert [part.n for part in equal_mass_bins(levels, 1000, 10)] == [20] * 10
    assert [part.n for part in equal_mass_bins({500: (90, 40), 501: (10, 2)}, 1000, 5)] == [90, 10]


def test_confident_errors_are_counted_from_the_threshold_on() -> None:
    levels = {500: (10, 4), 900: (20, 19), 990: (30, 28)}
    rows = confident_errors(levels, 1000, [0.9, 0.95, 1.0])
    assert [(row.threshold, row.n, row.wrong) for row in rows] == [(0.9, 50, 3), (0.95, 30, 2), (1.0, 0, 0)]
    assert rows[0].interval == clopper_pearson(3, 50)
    assert rows[2].interval == (0, 1)


def test_no_answers_and_impossible_ones_are_refused() -> None:
    with pytest.raises(ValueError, match="no answers"):
        brier({}, 1000)
    for levels in ({500: (3, 4)}, {1001: (3, 2)}, {-1: (3, 2)}):
        with pytest.raises(ValueError, match="cannot be"):
            equal_width_bins(levels, 1000)
    assert equal_mass_bins({}, 1000) == ()
    assert reliability_curve([]) == ()
