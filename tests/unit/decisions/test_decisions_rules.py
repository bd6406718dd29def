"""Every rule over few people and roles, against brute force: nothing is left to what a random test happens to draw."""

from collections.abc import Iterator
from itertools import chain, combinations, permutations, product

import pytest

from twokey.config.shape import Close
from twokey.decisions.rules import satisfies

PEOPLE, ROLES = ("ann", "bob", "cy"), ("x", "y", "z")
PAIRS = tuple(product(PEOPLE, ROLES))


def subsets(items: tuple[tuple[str, str], ...]) -> Iterator[tuple[tuple[str, str], ...]]:
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


def places(close: Close) -> list[tuple[str, ...]]:
    """For each person that a rule asks for, the roles that they may have signed in."""
    if close.any_of:
        return [close.any_of]
    return [(role,) for role in close.all_of] or [close.of] * (close.count or 0)


def by_hand(close: Close, given: tuple[tuple[str, str], ...]) -> bool:
    """Seat people in every way, nobody twice; without `distinct` each role for itself."""
    wanted = places(close)
    if close.all_of and not close.distinct:
        return all(any(role == held for _, held in given) for role in close.all_of)
    return any(
        all(any((who, role) in given for role in roles) for who, roles in zip(seated, wanted, strict=True))
        for seated in permutations(PEOPLE, len(wanted))
    )


RULES = [
    made
    for size in (1, 2, 3)
    for names in combinations(ROLES, size)
    for made in (
        Close(any_of=names),
        Close(all_of=names),
        Close(all_of=names, distinct=False),
        *(Close(count=count, of=names) for count in (1, 2, 3, 4)),
    )
]


@pytest.mark.parametrize("close", RULES, ids=str)
def test_a_rule_over_every_set_of_approvals_is_what_seating_people_by_hand_gives(close: Close) -> None:
    differ = [given for given in subsets(PAIRS) if satisfies(close, given) != by_hand(close, given)]
    assert differ == []


def test_overlapping_approvers_neither_fill_two_places_nor_lock_each_other_out() -> None:
    both = Close(all_of=("x", "y"))
    assert not satisfies(both, [("ann", "x"), ("ann", "y")])
    assert satisfies(both, [("ann", "x"), ("ann", "y"), ("bob", "x")]), "Ann gives way to Bob"
    assert not satisfies(Close(count=2, of=("x", "y")), [("ann", "x"), ("ann", "y")])
