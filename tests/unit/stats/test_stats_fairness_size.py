import pytest

from twokey.stats.fairness_size import detectable_gap, smallest_group
from twokey.stats.rates import difference_interval


@pytest.mark.parametrize(("limit", "groups", "rate"), [(0.05, 2, 0.0), (0.1, 2, 0.5), (0.1, 4, 0.0), (0.02, 3, 0.0)])
def test_the_smallest_group_is_the_first_that_can_pass(limit: float, groups: int, rate: float) -> None:
    n = smallest_group(limit, groups=groups, rate=rate)
    assert n is not None
    level = 1 - 0.05 / {2: 1, 3: 3, 4: 6}[groups]
    assert difference_interval(rate * n, n, rate * n, n, level).high <= limit
    n -= 1
    assert difference_interval(rate * n, n, rate * n, n, level).high > limit


def test_the_figures_that_the_docs_name() -> None:
    assert [smallest_group(limit) for limit in (0.01, 0.05, 0.1, 0.2)] == [466, 92, 45, 21]


def test_no_size_will_do_for_a_limit_of_nearly_nothing() -> None:
    assert smallest_group(1e-9) is None
    for limit, groups in [(0.0, 2), (1.0, 2), (0.1, 1)]:
        with pytest.raises(ValueError, match="no size"):
            smallest_group(limit, groups=groups)


def test_a_smaller_gap_shows_in_larger_groups() -> None:
    small, large = detectable_gap(200, 200, 0.1), detectable_gap(2000, 2000, 0.1)
    assert small is not None
    assert large is not None
    assert 0 < large < small / 2
    assert detectable_gap(200, 200, 0.9) == pytest.approx(small)


def test_the_gap_is_found_at_the_unfavourable_end_and_not_below_it() -> None:
    effect = detectable_gap(300, 300, 0.1)
    assert effect is not None
    noise = 0.1 * 0.9 / 300, (0.1 + effect) * (0.9 - effect) / 300
    shift = [0.8416212 * part / sum(noise) ** 0.5 for part in noise]
    low = difference_interval(300 * (0.1 + effect - shift[1]), 300, 300 * (0.1 + shift[0]), 300).low
    assert low == pytest.approx(0, abs=1e-4)


def test_tiny_groups_show_nothing_and_more_groups_show_less() -> None:
    assert detectable_gap(2, 2, 0.1) is None
    two, six = detectable_gap(300, 300, 0.1), detectable_gap(300, 300, 0.1, groups=6)
    assert two is not None
    assert six is not None
    assert six > two
    beyond = detectable_gap(300, 300, 0.1, limit=0.05)
    assert beyond is not None
    assert beyond > two + 0.03


def test_impossible_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="no gap"):
        detectable_gap(0, 10, 0.1)
