"""Another recording's scores by id, ten bytes to a record or a few more: what the candidate's records are met with.

The baseline and a judge's verdicts are read first. What they say is kept under a keyed hash of each id, sorted, and
handed to whoever reads the candidate, so that each pair is met once, and nothing is kept of the candidate. Two ids of
one recording that share a hash (1 chance in 30 million at a million records) are left unpaired.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Self

from twokey.record import Partnered, Record
from twokey.scorers.base import Score

NONE = 0
"""No score; a score is kept as one more than itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some records' hashes, and for each metric their scores."""

    keys: "array[int]"
    scores: Mapping[str, "array[int]"]

    @classmethod
    def of(cls, records: Sequence[Record], scores: Mapping[str, Sequence[Score]], seed: int) -> Self:
        """Keep the scores of some records."""
        columns = {
            name: array("H", [NONE if score is None else score + 1 for score in found])
            for name, found in scores.items()
        }
        return cls(keys=hashes(records, seed), scores=columns)

    def __add__(self, other: Self) -> Self:
        """Return both, one after the other."""
        columns = {name: found + other.scores[name] for name, found in self.scores.items()}
        return type(self)(keys=self.keys + other.keys, scores=columns)

    def __len__(self) -> int:
        """Return how many records they are of."""
        return len(self.keys)


Chunks = tuple[Chunk, ...]


def joined(left: Chunks, right: Chunks) -> Chunks:
    """Return all, in few chunks: small ones are put together, so that merging many batches stays cheap."""
    chunks: list[Chunk] = []
    for chunk in sorted((*left, *right), key=len, reverse=True):
        while chunks and len(chunks[-1]) < 2 * len(chunk):
            chunk = chunks.pop() + chunk
        chunks.append(chunk)
    return tuple(chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partners:
    """Scores by hash, in the order of the hashes. Picklable."""

    seed: int
    keys: "array[int]"
    scores: Mapping[str, "array[int]"] = field(default_factory=dict)

    @classmethod
    def of(cls, chunks: Iterable[Chunk], seed: int) -> Self:
        """Put what was kept in order."""
        every = joined((), tuple(chunks))
        whole = every[0] if every else None
        for chunk in every[1:]:
            assert whole is not None  # noqa: S101 for the type checker
            whole += chunk
        if whole is None:
            return cls(seed=seed, keys=array("Q"))
        order = sorted(range(len(whole)), key=whole.keys.__getitem__)
        columns = {name: array("H", map(found.__getitem__, order)) for name, found in whole.scores.items()}
        return cls(seed=seed, keys=array("Q", map(whole.keys.__getitem__, order)), scores=columns)

    def __len__(self) -> int:
        """Return how many records there are to be compared with."""
        return len(self.keys)

    def of_records(self, records: Sequence[Record]) -> Partnered:
        """Return what the partner of each record scored."""
        places = [self._place(key) for key in hashes(records, self.seed)]
        return Partnered(
            partnered=tuple(place is not None for place in places),
            scores={
                name: [None if place is None or not found[place] else found[place] - 1 for place in places]
                for name, found in self.scores.items()
            },
        )

    def _place(self, key: int) -> int | None:
        place = bisect_left(self.keys, key)
        if self.keys[place : place + 1] != array("Q", (key,)) or self.keys[place + 1 : place + 2] == array("Q", (key,)):
            return None
        return place


def hashes(records: Sequence[Record], seed: int) -> "array[int]":
    """Return 64 bits for each id; the seed keeps them from being chosen to collide by whoever names the records."""
    blank = blake2b(digest_size=8, key=str(seed).encode()[:64]).copy
    digests: list[bytes] = []
    for record in records:
        hashed = blank()
        hashed.update(record.id.encode("utf-8", "surrogatepass"))
        digests.append(hashed.digest())
    found = array("Q", b"".join(digests))
    if sys.byteorder == "big":
        found.byteswap()
    return found
