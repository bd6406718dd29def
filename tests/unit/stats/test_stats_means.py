import itertools
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.intervals import clopper_pearson
from twokey.stats.means import bounded_mean, mean_interval, mean_of, stakes_of, variance_of

SCORES = st.lists(st.integers(0, 1000), min_size=1, max_size=60)


def test_mean_and_variance_are_those_of_the_scores() -> None:
    scores = Counter({0: 2, 500: 1, 1000: 1})
    assert mean_of(scores, 1000) == 0.375
    assert variance_of(scores, 1000) == pytest.approx((2 * 0.375**2 + 0.125**2 + 0.625**2) / 3)
    assert variance_of({700: 1}, 1000) == 0


def test_no_scores_have_no_mean() -> None:
    with pytest.raises(ValueError, match="no scores"):
        mean_of({}, 1000)
    assert mean_interval({}, 1000) == (0, 1)


@given(scores=SCORES, confidence=st.sampled_from([0.8, 0.95, 0.999]))
def test_the_interval_holds_the_mean_and_mirrors(scores: list[int], confidence: float) -> None:
    low, high = mean_interval(Counter(scores), 1000, confidence)
    assert 0 <= low <= sum(scores) / len(scores) / 1000 <= high <= 1
    mirrored = mean_interval(Counter(1000 - score for score in scores), 1000, confidence)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(scores=SCORES)
def test_more_confidence_is_wider(scores: list[int]) -> None:
    narrow, wide = mean_interval(Counter(scores), 1000, 0.8), mean_interval(Counter(scores), 1000, 0.99)
    assert wide.low <= narrow.low <= narrow.high <= wide.high


@given(scores=SCORES)
def test_the_unit_does_not_matter(scores: list[int]) -> None:
    fine = mean_interval(Counter(1000 * score for score in scores), 1_000_000)
    assert mean_interval(Counter(scores), 1000) == pytest.approx(fine, abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 12])
@pytest.mark.parametrize("shares", [(0.2, 0.3, 0.5), (0.9, 0.09, 0.01), (0.01, 0.0, 0.99), (0.05, 0.9, 0.05)])
def test_the_interval_covers_the_mean_as_often_as_it_says(n: int, shares: tuple[float, float, float]) -> None:
    truth, covered = shares[1] * 0.4 + shares[2], 0.0
    for zeros in range(n + 1):
        for middles in range(n + 1 - zeros):
            ones = n - zeros - middles
            ways = math.factorial(n) // (math.factorial(zeros) * math.factorial(middles) * math.factorial(ones))
            low, high = mean_interval({0: zeros, 2: middles, 5: ones}, 5, 0.8)
            chance = ways * shares[0] ** zeros * shares[1] ** middles * shares[2] ** ones
            covered += chance * (low <= truth <= high)
    assert covered >= 0.8


def test_the_average_winnings_are_at_most_the_stake() -> None:
    from twokey.stats.means import _winnings

    values, shares, truth = (0.0, 0.4, 1.0), (0.2, 0.5, 0.3), 0.5
    expected = 0.0
    for drawn in itertools.product(range(3), repeat=5):
        stakes = [(1.0, values[one], 1.0) for one in drawn]
        expected += math.prod(shares[one] for one in drawn) * math.exp(_winnings(stakes, [0.5], truth))
    assert expected == pytest.approx(1.0)


def test_small_spread_makes_a_short_interval() -> None:
    steady = mean_interval({790: 500, 810: 500}, 1000)
    assert steady.high - steady.low < 0.01
    wild = mean_interval({0: 200, 1000: 800}, 1000)
    exact = clopper_pearson(800, 1000)
    assert wild.low < exact.low < exact.high < wild.high


def test_the_figure_that_the_docs_name() -> None:
    low, high = mean_interval({740: 1000, 860: 1000}, 1000)
    assert variance_of({740: 1000, 860: 1000}, 1000) ** 0.5 == pytest.approx(0.06, abs=1e-4)
    assert round((high - low) / 2, 3) == 0.004
    assert round(math.sqrt(math.log(40) / 4000), 3) == 0.030


def test_sharing_out_among_cells_keeps_the_mean_and_only_widens() -> None:
    scores = Counter(value * value % 10_007 for value in range(1, 3000))
    cells = stakes_of(scores, 0, 10_007)
    assert len(cells) <= 257
    n = math.fsum(count for count, _, _ in cells)
    assert n == pytest.approx(2999)
    assert math.fsum(count * value for count, value, _ in cells) / n == pytest.approx(mean_of(scores, 10_007))
    whole = bounded_mean([(count, value / 10_007, 1.0) for value, count in scores.items()])
    low, high = mean_interval(scores, 10_007)
    assert whole.low - 1e-3 < low <= whole.low
    assert whole.high <= high < whole.high + 1e-3


def test_scores_may_have_other_bounds() -> None:
    low, high = mean_interval({-10: 30, 0: 40, 10: 30}, 10, least=-10, most=10)
    shifted = mean_interval({0: 30, 10: 40, 20: 30}, 20)
    assert (low, high) == pytest.approx((2 * shifted.low - 1, 2 * shifted.high - 1))


@pytest.mark.parametrize(("value", "confidence"), [(-1, 0.95), (1001, 0.95), (5, 1.0), (5, 0.0)])
def test_scores_out_of_bounds_and_no_confidence_are_refused(value: int, confidence: float) -> None:
    with pytest.raises(ValueError, match=r"score"):
        mean_interval({value: 1}, 1000, confidence)
