"""The order in which a reviewer meets everything: the items by their ranks, and sealed seeds spread among them.

Page, terminal and server all ask here, so that nobody's screen shows a seed where another's shows none. It does not
choose: items were chosen in `select`, seeds in `sealing`. It knows nothing of which seeds are bad.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def presented(items: Iterable[Row], seeds_rows: Iterable[Row], key: str) -> tuple[Row, ...]:
    """Return all rows in the order in which they are met; without seeds, the items in the order of their ranks.

    A seed's rank says before which item it stands. Where that would leave two seeds side by side, as when a reviewer
    has only some of the items, or would leave all of them at the end, each stands in a stretch of its own, at a place
    that `key` draws (the manifest's digest, as a rule). Among seeds the ranks are counted anew, since two rows of the
    same rank would tell.

    Args:
        items: rows of review/items.jsonl, in any order; a row without a rank comes after those that have one.
        seeds_rows: rows of review/seeds.json; one whose id is an item's is left out.
        key: what draws the places; the same key gives the same order.
    """
    shown = sorted(items, key=_rank)
    known = {str(row["id"]) for row in shown}
    seeds = sorted((row for row in seeds_rows if str(row["id"]) not in known), key=lambda row: (_rank(row), row["id"]))
    if not seeds:
        return tuple(shown)
    places = _by_rank(shown, seeds)
    if len({*places}) < len(places) or places[-1] >= len(shown) > 0:
        places = _stretches(len(shown), seeds, key)
    mixed: list[Row] = []
    before = 0
    for place, seed in zip(places, seeds, strict=True):
        mixed += [*shown[before:place], seed]
        before = place
    mixed += shown[before:]
    return tuple({**row, "rank": number} for number, row in enumerate(mixed, start=1))


def _rank(row: Row) -> float:
    rank = row.get("rank")
    return float(rank) if isinstance(rank, int) and not isinstance(rank, bool) else float("inf")


def _by_rank(shown: Sequence[Row], seeds: Sequence[Row]) -> list[int]:
    """Return before how many-th item each seed stands by its rank: the first item whose rank is not smaller."""
    ranks = [_rank(row) for row in shown]
    return [sum(rank < _rank(seed) for rank in ranks) for seed in seeds]


def _stretches(items: int, seeds: Sequence[Row], key: str) -> list[int]:
    """Return a place for each seed, each in its own of equally long stretches of the items."""
    places = []
    for number, seed in enumerate(seeds):
        first, last = items * number // len(seeds), items * (number + 1) // len(seeds)
        drawn = hashlib.sha256(f"twokey order\n{key}\n{seed['id']}".encode("utf-8", "surrogatepass")).digest()
        places.append(first + int.from_bytes(drawn[:8]) % max(last - first, 1))
    return places
