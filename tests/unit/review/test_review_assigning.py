from collections import Counter
from math import ceil
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.config.review import Reviewers
from twokey.errors import TwokeyError
from twokey.review.assigning import assigned, part

KEY = "a" * 64
PEOPLE = ("ann@example.com", "bob@example.com", "cy@example.com", "dee@example.com", "eve@example.com")


def rows(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"id": f"{name}-{n}", "stratum": name} for name, count in counts.items() for n in range(count)]


def reviewers(people: int, assign: Literal["split", "overlap"] = "overlap", share: float = 1.0) -> Reviewers:
    return Reviewers(people=PEOPLE[:people], assign=assign, share=share)


COUNTS = st.fixed_dictionaries({"low-confidence": st.integers(0, 40), "audit": st.integers(0, 60)})


@given(counts=COUNTS, people=st.integers(1, 5), key=st.text(max_size=5))
def test_a_split_gives_each_item_to_one_person_balanced_to_within_one_in_every_stratum(
    counts: dict[str, int], people: int, key: str
) -> None:
    items = rows(counts)
    parts = assigned(items, reviewers(people, "split"), key)
    seen = Counter(id_ for part in parts.values() for id_ in part)
    assert seen == Counter(row["id"] for row in items)
    for of in ("low-confidence", "audit", ""):
        sizes = [sum(id_.startswith(of) for id_ in part) for part in parts.values()]
        assert max(sizes) - min(sizes) <= 1


@given(counts=COUNTS, people=st.integers(2, 5), share=st.floats(0, 1), key=st.text(max_size=5))
def test_an_overlap_shows_the_share_to_a_second_person_and_loads_everybody_alike(
    counts: dict[str, int], people: int, share: float, key: str
) -> None:
    items = rows(counts)
    parts = assigned(items, reviewers(people, share=share), key)
    seen = Counter(id_ for part in parts.values() for id_ in part)
    assert seen.keys() == {row["id"] for row in items}
    assert max(seen.values(), default=1) <= 2
    assert sum(count == 2 for count in seen.values()) == ceil(share * len(items) - 1e-9)
    sizes = [len(part) for part in parts.values()]
    assert max(sizes) - min(sizes) <= 1
    assert all(len(set(part)) == len(part) for part in parts.values())


@given(order=st.permutations(rows({"low-confidence": 7, "audit": 8})), people=st.permutations(PEOPLE[:3]))
def test_neither_the_order_of_items_nor_that_of_people_shows(order: list[Any], people: list[str]) -> None:
    usual = assigned(rows({"low-confidence": 7, "audit": 8}), reviewers(3, share=0.4), KEY)
    other = assigned(order, Reviewers(people=tuple(people), share=0.4), KEY)
    assert {who: set(part) for who, part in usual.items()} == {who: set(part) for who, part in other.items()}
    for ids in other.values():
        assert list(ids) == [row["id"] for row in order if row["id"] in ids]


def test_other_evidence_is_dealt_otherwise_and_everybody_is_paired_with_everybody() -> None:
    items = rows({"audit": 60})
    first, second = (assigned(items, reviewers(3), key) for key in (KEY, "b" * 64))
    assert first != second
    who = [frozenset(one for one, part in first.items() if row["id"] in part) for row in items]
    assert len(set(who)) == 3


def test_a_part_is_of_rows_and_who_is_no_reviewer_has_none() -> None:
    items = rows({"audit": 4})
    assert part("who@ever.example", items, None, KEY) == tuple(items)
    mine = part(PEOPLE[0], items, reviewers(2, "split"), KEY)
    assert len(mine) == 2
    assert all(row in items for row in mine)
    with pytest.raises(TwokeyError, match=r"policy names: ann@example\.com, bob@example\.com"):
        part("eve@example.com", items, reviewers(2), KEY)
