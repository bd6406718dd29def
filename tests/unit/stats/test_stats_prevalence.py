import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.intervals import clopper_pearson
from twokey.stats.prevalence import better_than_chance, lang_reiczigel, rogan_gladen


def test_a_flawless_judge_known_for_certain_changes_nothing() -> None:
    value, interval = rogan_gladen(30, 400, 10**9, 10**9, 10**9, 10**9)
    assert value == pytest.approx(30 / 400)
    assert interval == pytest.approx(clopper_pearson(30, 400, 1 - 0.05 / 3), abs=1e-6)


def test_the_value_is_rogan_and_gladens() -> None:
    value, interval = rogan_gladen(150, 1000, 90, 100, 190, 200)
    assert value == pytest.approx((0.15 + 0.95 - 1) / (0.9 + 0.95 - 1))
    assert value is not None
    assert interval.low < value < interval.high


def test_the_value_stays_between_nothing_and_all() -> None:
    assert rogan_gladen(0, 1000, 90, 100, 90, 100)[0] == 0
    assert rogan_gladen(1000, 1000, 90, 100, 90, 100)[0] == 1


def test_a_judge_that_tosses_a_coin_tells_nothing() -> None:
    assert not better_than_chance(50, 100, 50, 100)
    assert rogan_gladen(500, 1000, 50, 100, 50, 100) == (None, (0, 1))
    assert lang_reiczigel(500, 1000, 50, 100, 50, 100) is None


def test_an_unlabelled_judge_tells_nothing() -> None:
    assert rogan_gladen(5, 1000, 0, 0, 99, 100)[0] is None
    assert rogan_gladen(5, 1000, 0, 0, 0, 0) == (None, (0, 1))
    assert not better_than_chance(0, 0, 99, 100)


def test_rates_that_the_labelled_cases_rule_out_leave_everything_open() -> None:
    # Labelled cases say that half of the good ones are flagged, and of these none is.
    assert rogan_gladen(0, 1000, 90, 100, 50, 100)[1] == (0, 1)


@given(k=st.integers(0, 200), hits=st.integers(60, 100), quiet=st.integers(60, 100))
def test_the_interval_holds_the_value(k: int, hits: int, quiet: int) -> None:
    value, interval = rogan_gladen(k, 200, hits, 100, quiet, 100)
    assert value is not None
    assert interval.low - 1e-12 <= value <= interval.high + 1e-12


@given(k=st.integers(0, 200), hits=st.integers(0, 100), quiet=st.integers(0, 100))
def test_counting_the_clean_ones_is_the_mirror_image(k: int, hits: int, quiet: int) -> None:
    low, high = rogan_gladen(k, 200, hits, 100, quiet, 100)[1]
    mirrored = rogan_gladen(200 - k, 200, quiet, 100, hits, 100)[1]
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize("prevalence", [0.0, 0.02, 0.3, 1.0])
@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.9, 0.95), (0.6, 0.7), (0.3, 0.4)])
def test_the_interval_covers_the_prevalence(prevalence: float, sensitivity: float, specificity: float) -> None:
    n, labelled, covered = 12, 7, 0.0
    flagged = prevalence * sensitivity + (1 - prevalence) * (1 - specificity)

    def chance(k: int, size: int, p: float) -> float:
        return math.comb(size, k) * p**k * (1 - p) ** (size - k)

    for k in range(n + 1):
        for hits in range(labelled + 1):
            for quiet in range(labelled + 1):
                low, high = rogan_gladen(k, n, hits, labelled, quiet, labelled, 0.8)[1]
                weight = chance(k, n, flagged) * chance(hits, labelled, sensitivity)
                covered += weight * chance(quiet, labelled, specificity) * (low <= prevalence <= high)
    assert covered >= 0.8


def test_lang_and_reiczigels_interval_is_shorter_and_holds_the_value() -> None:
    value, wide = rogan_gladen(150, 1000, 90, 100, 190, 200)
    short = lang_reiczigel(150, 1000, 90, 100, 190, 200)
    assert value is not None
    assert short is not None
    assert wide.low < short.low < value < short.high < wide.high


def test_lang_and_reiczigels_interval_tends_to_the_delta_methods() -> None:
    times = 10_000
    short = lang_reiczigel(150 * times, 1000 * times, 90 * times, 100 * times, 190 * times, 200 * times)
    assert short is not None
    value, gain = 0.1 / 0.85, 0.85
    variance = 0.15 * 0.85 / 1000 + value**2 * 0.9 * 0.1 / 100 + (1 - value) ** 2 * 0.95 * 0.05 / 200
    half = 1.959964 * math.sqrt(variance / times) / gain
    assert short == pytest.approx((value - half, value + half), abs=1e-5)
