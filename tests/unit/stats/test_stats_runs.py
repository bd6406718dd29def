from itertools import permutations

import pytest

from twokey.stats.runs import chance_of_run, longest_run


def test_the_longest_run_is_the_first_of_the_longest() -> None:
    assert longest_run([]) == (0, "")
    assert longest_run(["a", "b", "b", "a", "a"]) == (2, "b")
    assert longest_run(["a", "a", "a"]) == (3, "a")


@pytest.mark.parametrize(("total", "alike"), [(7, 4), (7, 6), (6, 6), (7, 1), (6, 3)])
def test_the_chance_of_a_run_is_that_of_all_orders_counted(total: int, alike: int) -> None:
    orders = set(permutations("a" * alike + "b" * (total - alike)))
    for run in range(1, total + 1):
        found = sum("a" * run in "".join(order) for order in orders) / len(orders)
        assert chance_of_run(total, alike, run) == pytest.approx(found)
