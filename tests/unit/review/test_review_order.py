from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from twokey.review.order import presented


def rows(number: int, letter: str = "i", stratum: str = "audit") -> list[dict[str, Any]]:
    return [{"id": f"{letter}{n}", "stratum": stratum, "rank": n} for n in range(1, number + 1)]


def ids(found: Any) -> list[str]:
    return [row["id"] for row in found]


@given(st.integers(0, 40), st.integers(0, 12), st.text(max_size=5), st.randoms())
def test_everything_is_met_once_in_an_order_that_only_the_key_draws(
    items: int, seeds: int, key: str, any_: Any
) -> None:
    whole, bad = rows(items), rows(seeds, "s")
    found = presented(whole, bad, key)
    assert sorted(ids(found)) == sorted(ids(whole) + ids(bad))
    assert [row["rank"] for row in found] == list(range(1, items + seeds + 1))
    any_.shuffle(whole)
    any_.shuffle(bad)
    assert ids(presented(whole, bad, key)) == ids(found)


@given(st.integers(1, 40), st.text(max_size=5), st.data())
def test_a_part_has_the_order_of_the_whole(items: int, key: str, data: Any) -> None:
    whole = rows(items)
    part = data.draw(st.lists(st.sampled_from(whole), unique_by=lambda row: row["id"]))
    left = [id_ for id_ in ids(presented(whole, rows(5, "s"), key)) if id_ in ids(part)]
    assert ids(presented(part, (), key)) == left


def test_a_place_tells_neither_stratum_nor_seed() -> None:
    doubtful, audited, seeds = rows(50, "d", "low-confidence"), rows(50, "a"), rows(10, "s")
    firsts = dict.fromkeys("das", 0)
    for n in range(200):
        for id_ in ids(presented([*doubtful, *audited], seeds, f"key {n}"))[:11]:
            firsts[id_[0]] += 1
    assert 900 < firsts["d"] < 1100  # of 2,200 places 1,000 are expected, give or take 23
    assert 900 < firsts["a"] < 1100
    assert 140 < firsts["s"] < 260  # 200, give or take 14


def test_a_seed_that_has_an_items_id_is_left_out() -> None:
    assert sorted(ids(presented(rows(3), [{"id": "i2", "stratum": "audit", "rank": 3}], "key"))) == ["i1", "i2", "i3"]
