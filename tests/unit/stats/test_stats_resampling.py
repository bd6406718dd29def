import importlib
import math
from collections import Counter
from itertools import islice
from typing import Any

import pytest

from twokey.stats.intervals import Interval
from twokey.stats.resampling import bca, bootstrap_mean, draws, normal_tail, normals, percentiles, words

numpy: Any = importlib.import_module("numpy")
scipy_stats: Any = importlib.import_module("scipy.stats")

SCORES = Counter({0: 12, 250: 3, 700: 20, 810: 9, 990: 31, 1000: 25})


def test_the_same_name_draws_the_same_numbers_everywhere() -> None:
    assert next(words("mean"))[:4] == (228167068, 2142848241, 1893449155, 3569954374)
    assert next(draws("mean", 10, 8)) == next(draws("mean", 10, 8))
    assert next(draws("mean", 10, 30)) != next(draws("pairs", 10, 30))


def test_draws_go_on_over_the_blocks_and_favour_no_index() -> None:
    drawn = [index for some in islice(draws("even", 7, 1000), 140) for index in some]
    assert set(drawn) == set(range(7))
    assert scipy_stats.chisquare(list(Counter(drawn).values())).pvalue > 0.001
    assert drawn[:1000] != drawn[65_536:66_536]


def test_normal_numbers_are_normal() -> None:
    drawn = [z for some in islice(normals("normal", 100), 100) for z in some]
    assert scipy_stats.kstest(drawn, "norm").pvalue > 0.001


def test_the_bootstrap_is_scipys_but_for_chance() -> None:
    values = numpy.array([value for value, count in SCORES.items() for _ in range(count)]) / 1000
    theirs = scipy_stats.bootstrap((values,), numpy.mean, n_resamples=20_000, method="BCa", rng=3)
    assert bootstrap_mean(SCORES, 1000, resamples=20_000) == pytest.approx(
        (theirs.confidence_interval.low, theirs.confidence_interval.high), abs=2e-3
    )


def test_the_bootstrap_does_not_depend_on_the_order_of_the_counts() -> None:
    turned = dict(reversed(list(SCORES.items())))
    assert bootstrap_mean(turned, 1000) == bootstrap_mean(SCORES, 1000)


def test_many_scores_go_over_into_the_limit() -> None:
    def scaled(times: int) -> Interval:
        return bootstrap_mean({value: times * count for value, count in SCORES.items()}, 1000)

    drawn, limit = scaled(50), scaled(51)
    assert limit == pytest.approx(drawn, abs=1.5e-3)
    wider = scaled(200)
    assert (wider.high - wider.low) == pytest.approx((limit.high - limit.low) * math.sqrt(51 / 200), rel=1e-3)


def test_scores_that_are_all_the_same_have_a_point() -> None:
    assert bootstrap_mean({300: 40}, 1000) == (0.3, 0.3)
    with pytest.raises(ValueError, match="no scores"):
        bootstrap_mean({}, 1000)


def test_without_bias_and_acceleration_bca_is_the_percentiles() -> None:
    replicates = [float(number) for number in range(1001)]
    assert bca(replicates, 500.0, 0.0) == pytest.approx(percentiles(replicates), abs=2)
    assert percentiles(replicates, 0.9) == (50, 950)


def test_bias_moves_bca_to_the_other_side() -> None:
    replicates = [float(number) for number in range(1001)]
    low, high = bca(replicates, 600.0, 0.0)
    assert low > 25
    assert high > 980


@pytest.mark.parametrize("z", [-3.0, 0.0, 1.96, 8.0])
def test_the_normal_tail_agrees_with_scipy(z: float) -> None:
    assert normal_tail(z) == pytest.approx(scipy_stats.norm.sf(z), rel=1e-12)
