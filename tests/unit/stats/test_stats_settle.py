import importlib
from collections import Counter
from typing import Any

import pytest

from twokey.stats.intervals import clopper_pearson
from twokey.stats.paired_exact import exact_paired_difference
from twokey.stats.settle import cases_to_settle, pairs_to_settle, scores_to_settle, smallest_size

scipy_stats: Any = importlib.import_module("scipy.stats")


@pytest.mark.parametrize("answer", [1, 2, 3, 64, 65, 999])
def test_the_smallest_size_is_found(answer: int) -> None:
    assert smallest_size(lambda size: size >= answer) == answer
    assert smallest_size(lambda size: size > answer, most=answer) is None


@pytest.mark.parametrize(("rate", "limit"), [(0.95, 0.93), (0.02, 0.05), (0.5, 0.4)])
def test_so_many_cases_settle_a_rate_in_80_of_100_runs(rate: float, limit: float) -> None:
    size = cases_to_settle(round(1000 * rate), 1000, limit)
    assert size is not None
    settled = sum(
        scipy_stats.binom.pmf(k, size, rate)
        for k in range(size + 1)
        if (clopper_pearson(k, size).low > limit if rate > limit else clopper_pearson(k, size).high < limit)
    )
    assert 0.75 <= settled <= 0.87


def test_a_clean_recording_is_settled_where_the_bound_meets_the_limit() -> None:
    size = cases_to_settle(0, 50, 0.01)
    assert size == 368
    assert clopper_pearson(0, 368).high < 0.01 <= clopper_pearson(0, 367).high


def test_nothing_settles_a_rate_on_its_limit() -> None:
    assert cases_to_settle(93, 100, 0.93) is None
    assert pairs_to_settle(3, 5, 100, -0.02) is None
    assert scores_to_settle({500: 10}, 1000, 0.5) is None
    assert cases_to_settle(50_000_001, 100_000_000, 0.5) is None
    with pytest.raises(ValueError, match="no cases"):
        cases_to_settle(0, 0, 0.5)


@pytest.mark.parametrize(("fixed", "broken", "margin"), [(30, 50, -0.02), (30, 10, 0.0), (10, 60, -0.01)])
def test_so_many_pairs_settle_a_change_in_80_of_100_runs(fixed: int, broken: int, margin: float) -> None:
    size = pairs_to_settle(fixed, broken, 2000, margin)
    assert size is not None
    generator = importlib.import_module("numpy").random.default_rng(5)
    shares = [fixed / 2000, broken / 2000, 1 - (fixed + broken) / 2000]
    settled = 0
    for one, other, _ in generator.multinomial(size, shares, 400).tolist():
        low, high = exact_paired_difference(one, other, size)
        settled += low > margin if (fixed - broken) / 2000 > margin else high < margin
    assert 0.72 <= settled / 400 <= 0.88


def test_pairs_without_any_flip_settle_by_their_number() -> None:
    size = pairs_to_settle(0, 0, 100, -0.01)
    assert size is not None
    assert exact_paired_difference(0, 0, size).low > -0.01 >= exact_paired_difference(0, 0, size - 1).low
    with pytest.raises(ValueError, match="cannot be"):
        pairs_to_settle(3, 5, 7)


def test_scores_settle_sooner_the_further_the_limit_is() -> None:
    scores = Counter({600: 100, 800: 300, 1000: 100})
    near, far = scores_to_settle(scores, 1000, 0.79), scores_to_settle(scores, 1000, 0.7)
    assert near is not None
    assert far is not None
    assert near > 20 * far
    assert scores_to_settle(scores, 1000, 0.81) == pytest.approx(near, rel=0.02)


def test_differences_of_scores_settle_against_a_margin() -> None:
    differences = Counter({-200: 30, 0: 200, 200: 28})
    size = scores_to_settle(differences, 1000, -0.02, least=-1000, most=1000)
    assert size is not None
    assert 100 < size < 2000
