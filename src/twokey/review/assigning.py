"""Who sees what where several people review one bundle: by a keyed hash, so that nobody chooses their own items.

Each item goes to one of them, and under `overlap` a share of all to a second one. Seeds and practice items are no part
of this: everybody gets them, since each reviewer is tested. Who settles what two see differently is in `merging`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from twokey.canonical import sha256
from twokey.config.review import Reviewers
from twokey.errors import TwokeyError
from twokey.sample.keys import key as drawn

FIRST = b"twokey first"
"""The purpose of the draw of who sees an item."""

SECOND = b"twokey second"
"""The purpose of the draw of which items a second one sees."""

PEOPLE = b"twokey people"
"""The purpose of the draw of who is dealt to first, and so may have one item more."""

Row = Mapping[str, Any]


def assigned(items: Iterable[Row], reviewers: Reviewers, key: str) -> Mapping[str, tuple[str, ...]]:
    """Return the ids of the items that each reviewer grades, in the order of the items.

    Every item has a reviewer. Each reviewer has as many items as any other, give or take one, and as many of each
    stratum, second looks aside. The order in which policy names people, and that of the items, change nothing.

    Args:
        items: rows of review/items.jsonl, without seeds.
        reviewers: policy's.
        key: what draws; the manifest's digest.
    """
    items, seed = tuple(items), int(sha256(key.encode()), 16)
    people = sorted(reviewers.people, key=lambda one: (drawn(one, seed, PEOPLE), one))
    dealt = sorted(items, key=lambda row: (str(row["stratum"]), drawn(str(row["id"]), seed, FIRST), str(row["id"])))
    ids = [str(row["id"]) for row in dealt]
    parts = {person: set(ids[place :: len(people)]) for place, person in enumerate(people)}
    if reviewers.assign == "overlap":
        for person, id_ in _seconds(ids, people, reviewers.share, seed):
            parts[person].add(id_)
    order = [str(row["id"]) for row in items]
    return {person: tuple(id_ for id_ in order if id_ in parts[person]) for person in reviewers.people}


def _seconds(ids: Sequence[str], people: Sequence[str], share: float, seed: int) -> list[tuple[str, str]]:
    """Return who takes a second look at which item, never their own.

    The items were dealt in rounds, one to each person. A round that is seen twice is dealt once more, moved on by some
    places, so whole rounds load everybody alike. The last one may be seen in part: it is moved on by as many places as
    the first deal's last round has items, so that whoever had none there comes first.
    """
    count = len(people)
    rounds = [ids[start : start + count] for start in range(0, len(ids), count)]
    whole = [one for one in rounds if len(one) == count]
    mixed = sorted(whole, key=lambda one: (drawn(one[0], seed, SECOND), one)) + rounds[len(whole) :]
    left, found = -int(-(share * len(ids) - 1e-9) // 1), list[tuple[str, str]]()
    for number, one in enumerate(mixed):
        step = 1 + number % (count - 1) if left >= count else len(ids) % count or 1
        found += [(people[(place + step) % count], id_) for place, id_ in enumerate(one[: max(0, left)])]
        left -= len(one)
    return found


def part(principal: str, items: Iterable[Row], reviewers: Reviewers | None, key: str) -> tuple[Row, ...]:
    """Return the rows that a person grades: all of them where policy names no reviewers.

    Raises TwokeyError where policy names reviewers, and not this one.
    """
    items = tuple(items)
    if reviewers is None:
        return items
    if principal not in reviewers.people:
        named = ", ".join(reviewers.people)
        raise TwokeyError(
            f"{principal!r} is none of the reviewers that policy names: {named}",
            hint="--as names one; to settle disagreements: twokey grades merge",
        )
    mine = set(assigned(items, reviewers, key)[principal])
    return tuple(row for row in items if str(row["id"]) in mine)
