import importlib
import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.counts import add_counts
from twokey.stats.quantiles import Distribution, quantile_interval, values_needed

scipy_stats: Any = importlib.import_module("scipy.stats")
VALUES = st.lists(st.integers(0, 30).map(float), min_size=1, max_size=200)


def ranks(n: int) -> Distribution:
    """The values 1 to n, so that a value is its own rank."""
    return Distribution.of({float(i): 1 for i in range(1, n + 1)})


@given(values=VALUES, q=st.sampled_from([0.01, 0.25, 0.5, 0.95, 0.99]))
def test_a_quantile_is_the_smallest_value_that_enough_do_not_exceed(values: list[float], q: float) -> None:
    found = Distribution.of(Counter(values)).quantile(q)
    assert sum(value <= found for value in values) >= q * len(values)
    assert sum(value < found for value in values) < q * len(values)


@given(values=VALUES)
def test_ranks_count_repeated_values(values: list[float]) -> None:
    distribution = Distribution.of(Counter(values))
    assert [distribution.at(rank) for rank in range(1, len(values) + 1)] == sorted(values)
    for outside in (0, len(values) + 1):
        with pytest.raises(IndexError):
            distribution.at(outside)


@pytest.mark.parametrize(("n", "q"), [(2_000, 0.5), (2_000, 0.95), (2_000, 0.99), (400, 0.99), (100, 0.95), (10, 0.5)])
def test_each_tail_has_at_most_half_of_the_rest_and_no_rank_is_given_away(n: int, q: float) -> None:
    interval = quantile_interval(ranks(n), q).interval
    low, high = int(interval.low), int(interval.high)
    binomial = scipy_stats.binom(n, q)
    assert binomial.cdf(low - 1) <= 0.025 < binomial.cdf(low)
    assert binomial.sf(high - 1) <= 0.025 < binomial.sf(high - 2)


@pytest.mark.parametrize(("n", "q"), [(60, 0.9), (150, 0.95), (20, 0.5)])
def test_the_interval_covers_at_least_what_it_says(n: int, q: float) -> None:
    found = quantile_interval(ranks(n), q)
    low, high = int(found.interval.low), int(found.interval.high)
    below_quantile = scipy_stats.binom(n, q)
    assert found.closed
    assert below_quantile.cdf(high - 1) - below_quantile.cdf(low - 1) >= 0.95


@given(values=VALUES, q=st.sampled_from([0.5, 0.95, 0.99]))
def test_the_interval_holds_its_quantile(values: list[float], q: float) -> None:
    distribution = Distribution.of(Counter(values))
    low, high = quantile_interval(distribution, q).interval
    assert 0 <= low <= distribution.quantile(q) <= high


@pytest.mark.parametrize(("q", "needed"), [(0.5, 6), (0.95, 72), (0.99, 368)])
def test_a_tail_stays_open_until_there_are_enough_values(q: float, needed: int) -> None:
    assert values_needed(q) == needed
    closed, open_above = quantile_interval(ranks(needed), q), quantile_interval(ranks(needed - 1), q)
    assert closed.closed
    assert closed.confidence == 0.95
    assert not open_above.closed
    assert open_above.confidence < 0.95
    assert open_above.interval.high == needed - 1


def test_the_first_values_do_not_bound_from_below() -> None:
    assert quantile_interval(ranks(1), 0.5).interval == (0, 1)
    assert quantile_interval(ranks(1), 0.5, floor=-5).interval.low == -5


def test_without_values_there_is_no_interval() -> None:
    with pytest.raises(ValueError, match="no values"):
        quantile_interval(Distribution.of({}), 0.5)
    with pytest.raises(ValueError, match="no values"):
        quantile_interval(Distribution.of({3.0: 0}), 0.5)


@given(a=VALUES, b=VALUES)
def test_adding_counts_is_counting_together(a: list[float], b: list[float]) -> None:
    assert add_counts(Counter(a), Counter(b)) == Counter(a + b) == add_counts(Counter(b), Counter(a))


def test_a_quantile_of_equal_parts_takes_the_lower_one() -> None:
    assert Distribution.of({1.0: 1, 2.0: 1}).quantile(0.5) == 1
    assert Distribution.of({1.0: 19, 9.0: 1}).quantile(0.95) == 1
    assert math.isclose(Distribution.of({1.0: 94, 9.0: 6}).quantile(0.95), 9)
