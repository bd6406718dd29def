import itertools
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from twokey.review.order import presented


def items(number: int) -> list[dict[str, Any]]:
    return [{"id": f"i{rank}", "stratum": "audit", "rank": rank} for rank in range(1, number + 1)]


def seeds(*ranks: int) -> list[dict[str, Any]]:
    return [{"id": f"s{place}", "stratum": "audit", "rank": rank} for place, rank in enumerate(ranks)]


def ids(rows: Sequence[Any]) -> list[str]:
    return [row["id"] for row in rows]


def test_without_seeds_the_items_come_by_rank_and_are_left_as_they_are() -> None:
    assert list(presented(reversed(items(5)), [], "key")) == items(5)


def test_a_seed_stands_before_the_item_of_its_rank() -> None:
    assert ids(presented(items(6), seeds(2, 5), "key")) == ["i1", "s0", "i2", "i3", "i4", "s1", "i5", "i6"]


def test_among_seeds_ranks_are_counted_anew_so_that_none_stands_twice() -> None:
    assert [row["rank"] for row in presented(items(6), seeds(2, 5), "key")] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_reviewer_who_has_few_of_the_items_does_not_meet_all_seeds_at_the_end() -> None:
    few = items(100)[:12]
    rows = ids(presented(few, seeds(60, 70, 80, 90), "key"))
    assert [number for number, row in enumerate(rows) if row[0] == "s"] != [12, 13, 14, 15]
    assert not any(left[0] == right[0] == "s" for left, right in itertools.pairwise(rows))


def test_another_key_draws_other_places() -> None:
    orders = {tuple(ids(presented(items(40), seeds(1, 1, 1), f"key {n}"))) for n in range(20)}
    assert len(orders) > 10


def test_a_row_that_is_an_item_already_is_not_shown_twice() -> None:
    assert ids(presented(items(3), [{"id": "i2", "stratum": "audit", "rank": 3}], "key")) == ["i1", "i2", "i3"]


@given(
    number=st.integers(0, 60),
    ranks=st.lists(st.integers(-5, 100), max_size=12),
    key=st.text(max_size=5),
)
def test_all_is_there_once_items_keep_their_order_and_seeds_are_apart_where_they_can_be(
    number: int, ranks: list[int], key: str
) -> None:
    rows = ids(presented(items(number), seeds(*ranks), key))
    assert [row for row in rows if row[0] == "i"] == ids(items(number))
    assert sorted(rows) == sorted([*ids(items(number)), *ids(seeds(*ranks))])
    assert rows == ids(presented(items(number), seeds(*reversed(ranks)), key)) or len(set(ranks)) > 1
    if number >= len(ranks):
        assert not any(left[0] == right[0] == "s" for left, right in itertools.pairwise(rows))
