import importlib
import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats import intervals
from twokey.stats.intervals import Interval, beta_quantile, clopper_pearson, incomplete_beta, outward, wilson

scipy_stats: Any = importlib.import_module("scipy.stats")

SIZES = (1, 2, 3, 7, 50, 59, 299, 2_000, 100_000, 100_000_000)
CASES = sorted({(k, n) for n in SIZES for k in (0, 1, 2, n // 3, n // 2, n - 1, n) if 0 <= k <= n})


@pytest.mark.parametrize(("k", "n"), CASES)
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.975])
def test_clopper_pearson_agrees_with_scipy(k: int, n: int, confidence: float) -> None:
    low, high = clopper_pearson(k, n, confidence)
    theirs = scipy_stats.binomtest(k, n).proportion_ci(confidence, method="exact")
    assert low == pytest.approx(theirs.low, abs=1e-11, rel=1e-9)
    assert high == pytest.approx(theirs.high, abs=1e-11, rel=1e-9)


@pytest.mark.parametrize(("k", "n"), CASES)
def test_one_sided_bounds_agree_with_scipy(k: int, n: int) -> None:
    test = scipy_stats.binomtest(k, n, alternative="less")
    assert intervals.upper_bound(k, n, 0.05) == pytest.approx(test.proportion_ci(0.95).high, abs=1e-11)
    test = scipy_stats.binomtest(k, n, alternative="greater")
    assert intervals.lower_bound(k, n, 0.05) == pytest.approx(test.proportion_ci(0.95).low, abs=1e-11)


@pytest.mark.parametrize(("k", "n"), CASES)
def test_wilson_agrees_with_scipy(k: int, n: int) -> None:
    theirs = scipy_stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert wilson(k, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_the_published_table_for_fifty_items() -> None:
    exact = [round(100 * intervals.upper_bound(k, 50), 2) for k in range(6)]
    score = [round(100 * wilson(k, 50).high, 2) for k in range(6)]
    assert exact == [5.82, 9.14, 12.06, 14.78, 17.38, 19.88]
    assert score == [7.13, 10.50, 13.46, 16.22, 18.84, 21.36]


@pytest.mark.parametrize("n", [1, 2, 5, 13, 40])
@pytest.mark.parametrize("p", [0.001, 0.02, 0.1, 0.35, 0.5, 0.77, 0.95, 0.999])
def test_clopper_pearson_covers_at_least_what_it_says(n: int, p: float) -> None:
    covered = math.fsum(
        math.comb(n, k) * p**k * (1 - p) ** (n - k)
        for k in range(n + 1)
        if clopper_pearson(k, n).low <= p <= clopper_pearson(k, n).high
    )
    assert covered >= 0.95


@given(n=st.integers(1, 3000), share=st.floats(0, 1), confidence=st.floats(0.5, 0.999))
def test_an_interval_holds_its_estimate_and_mirrors(n: int, share: float, confidence: float) -> None:
    k = round(n * share)
    low, high = clopper_pearson(k, n, confidence)
    assert 0 <= low <= k / n <= high <= 1
    assert clopper_pearson(n - k, n, confidence) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(n=st.integers(2, 3000), share=st.floats(0, 1))
def test_one_more_success_moves_both_bounds_up(n: int, share: float) -> None:
    k = round((n - 1) * share)
    one, two = clopper_pearson(k, n), clopper_pearson(k + 1, n)
    assert one.low < two.low
    assert one.high < two.high


@given(n=st.integers(1, 3000), share=st.floats(0, 1))
def test_more_confidence_is_wider(n: int, share: float) -> None:
    k = round(n * share)
    narrow, wide = clopper_pearson(k, n, 0.8), clopper_pearson(k, n, 0.95)
    assert wide.low <= narrow.low <= narrow.high <= wide.high


def test_nothing_seen_is_nothing_known() -> None:
    assert clopper_pearson(0, 0) == Interval(0, 1)
    assert wilson(0, 0) == Interval(0, 1)


@pytest.mark.parametrize(
    ("k", "n", "confidence"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0), (1, 2, 0.0), (math.nan, 2, 0.95)]
)
def test_impossible_counts_are_refused(k: float, n: float, confidence: float) -> None:
    with pytest.raises(ValueError, match="no interval"):
        clopper_pearson(k, n, confidence)
    with pytest.raises(ValueError, match="no interval"):
        wilson(k, n, confidence)


@pytest.mark.parametrize(("a", "b"), list(itertools.product([0.01, 0.5, 1, 3.7, 40, 2_000, 5e7], repeat=2)))
def test_incomplete_beta_agrees_with_scipy(a: float, b: float) -> None:
    for p in (1e-6, 0.025, 0.5, 0.975):
        x = scipy_stats.beta.ppf(p, a, b)
        if 1e-290 < x < 1:
            assert incomplete_beta(a, b, x) == pytest.approx(scipy_stats.beta.cdf(x, a, b), abs=1e-9, rel=1e-9)
            if x > 1e-12:
                assert beta_quantile(p, a, b) == pytest.approx(x, abs=1e-9)


@pytest.mark.parametrize("n", [1, 20, 333])
def test_binomial_cdf_agrees_with_scipy(n: int) -> None:
    for p in (0.01, 0.5, 0.95):
        for k in range(-1, n + 2, max(1, n // 20)):
            assert intervals.binomial_cdf(k, n, p) == pytest.approx(scipy_stats.binom.cdf(k, n, p), abs=1e-13)


@given(low=st.floats(-1e6, 1e6), width=st.floats(0, 1e6))
def test_rounding_outwards_never_narrows(low: float, width: float) -> None:
    rounded = outward(low, low + width)
    assert rounded.low <= low + 1e-8
    assert rounded.high >= low + width - 1e-8
    assert rounded.low == pytest.approx(low, abs=2e-6)
    assert outward(*rounded) == rounded


def test_rounding_outwards_ignores_the_last_bits() -> None:
    assert outward(0.95 - 1e-14, 0.97 + 1e-14) == Interval(0.95, 0.97)
    assert outward(0.9499995, 0.9700001) == Interval(0.949999, 0.970001)
    assert str(outward(-1e-14, 0.0)) == str(Interval(0.0, 0.0))
