"""Pairing the candidate's answers with the baseline's by id, eight bytes to a record.

A key is the upper 58 bits of a keyed hash of the id and, below, six bits that say how the answer came out. Two ids of
one recording that share a hash (1 chance in 500,000 at a million records) are left unpaired, and counted as such.
"""

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from twokey.record import Record

Chunks = tuple["array[int]", ...]
_STATE = 0b111111
_PASS = 50_000


@dataclass(frozen=True, slots=True)
class Keys:
    """Makes keys; the seed keeps them from being chosen to collide by whoever names the records."""

    seed: int

    def of(self, records: Sequence[Record], states: Sequence[int]) -> Chunks:
        """Return the keys of the records that were scored in any way."""
        blank = blake2b(digest_size=8, key=str(self.seed).encode()[:64]).copy
        digests: list[bytes] = []
        for record in records:
            hashed = blank()
            hashed.update(record.id.encode("utf-8", "surrogatepass"))
            digests.append(hashed.digest())
        hashes = array("Q", b"".join(digests))
        if sys.byteorder == "big":
            hashes.byteswap()
        keys = array("Q", [value & ~_STATE | state for value, state in zip(hashes, states, strict=True) if state])
        return (keys,) if keys else ()


def joined(left: Chunks, right: Chunks) -> Chunks:
    """Return all keys, in few chunks: small ones are put together, so that merging many batches stays cheap."""
    chunks: list[array[int]] = []
    for chunk in sorted((*left, *right), key=len, reverse=True):
        while chunks and len(chunks[-1]) < 2 * len(chunk):
            chunk = chunks.pop() + chunk
        chunks.append(chunk)
    return tuple(chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """How often each pair of states (candidate, baseline) was seen, and how many had no partner."""

    states: Mapping[tuple[int, int], int]
    only_candidate: int
    only_baseline: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One yes-or-no outcome on the pairs where both sides have one: it `rose` from no to yes, `fell`, or stayed."""

    n: int
    rose: int
    fell: int
    before: int


def pair(candidate: Chunks, baseline: Chunks) -> Pairs:
    """Pair by id. Works through the hashes in parts, so that memory stays flat."""
    states: Counter[tuple[int, int]] = Counter()
    totals = [sum(map(len, chunks)) for chunks in (candidate, baseline)]
    parts = 1 + max(totals) // _PASS
    for part in range(parts):
        now, before = _unique(candidate, part, parts), _unique(baseline, part, parts)
        states.update((state, before[key]) for key, state in now.items() if key in before)
    paired = states.total()
    return Pairs(states=dict(states), only_candidate=totals[0] - paired, only_baseline=totals[1] - paired)


def _unique(chunks: Iterable["array[int]"], part: int, parts: int) -> dict[int, int]:
    found: dict[int, int] = {}
    twice: set[int] = set()
    for chunk in chunks:
        for value in chunk:
            key = value >> 6
            if key % parts == part:
                if key in found:
                    twice.add(key)
                found[key] = value & _STATE
    return {key: state for key, state in found.items() if key not in twice} if twice else found


def table(pairs: Pairs, shift: int) -> Table:
    """Return the pairs' table for the outcome that the two bits from `shift` on hold: 0 none, 1 no, 2 yes."""
    seen: Counter[tuple[int, int]] = Counter()
    for (now, before), count in pairs.states.items():
        seen[now >> shift & 3, before >> shift & 3] += count
    return Table(
        n=seen[1, 1] + seen[1, 2] + seen[2, 1] + seen[2, 2],
        rose=seen[2, 1],
        fell=seen[1, 2],
        before=seen[1, 2] + seen[2, 2],
    )
