"""The first pass over a recording: what is there, from which the sample is drawn, and whether an id stands twice.

Knows nothing of how many records are wanted.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import TypeAlias

from twokey.config.shape import Recording, Sample
from twokey.errors import Place, TwokeyError
from twokey.readers.base import Reader, Shard
from twokey.record import Record, Source, Unreadable
from twokey.sample.keys import SAMPLE, key, keys

MAX_STRATA = 1000
MAX_EXAMPLES = 20
AT_ONCE = 1000

Cell = tuple[Source, str]
"""A source and a stratum."""

Keys: TypeAlias = "array[int]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """What one pass saw: the key of every record by source and stratum, and the lines that could not be read.

    Eight bytes a record, in any order. `examples` are the first unreadable lines, as (index of the shard, line in it,
    reason); see `unreadable_lines`.
    """

    seed: int
    keys: Mapping[Cell, Keys] = field(default_factory=dict)
    unreadable: int = 0
    examples: tuple[tuple[int, int, str], ...] = ()

    @property
    def records(self) -> int:
        """How many records there are, without the unreadable lines."""
        return sum(map(len, self.keys.values()))

    def available(self, source: Source) -> int:
        """How many records have this source."""
        return sum(len(found) for (origin, _), found in self.keys.items() if origin == source)


class Counter:
    """Makes a Census of rows as they come, for whoever passes over the rows anyway, as when every record is judged."""

    def __init__(self, seed: int, shard: int) -> None:
        """Take the seed of the draw and the index of the shard."""
        self._seed = seed
        self._shard = shard
        self._keys: dict[Cell, Keys] = {}
        self._unreadable = 0
        self._examples: list[tuple[int, int, str]] = []

    def add(self, rows: Iterable[Record | Unreadable]) -> None:
        """Count some rows. Raises TwokeyError where there are too many strata to be strata."""
        ids: defaultdict[Cell, list[str]] = defaultdict(list)
        for row in rows:
            if type(row) is Record:
                ids[row.source, row.stratum].append(row.id)
            elif isinstance(row, Unreadable):
                self._unreadable += 1
                if len(self._examples) < MAX_EXAMPLES:
                    self._examples.append((self._shard, row.line, row.reason))
        for cell, found in ids.items():
            self._keys.setdefault(cell, array("Q")).extend(keys(found, self._seed, SAMPLE))
        _refuse_many(self._keys)

    def census(self) -> Census:
        """Return what was counted."""
        return Census(seed=self._seed, keys=self._keys, unreadable=self._unreadable, examples=tuple(self._examples))


def census(reader: Reader, shard: Shard, recording: Recording, sample: Sample) -> Census:
    """Count one shard. Raises TwokeyError where the file cannot be read, or there are too many strata to be strata."""
    counter = Counter(sample.seed, shard.index)
    rows = reader.rows(shard, recording, sample.stratify_by)
    while chunk := list(islice(rows, AT_ONCE)):
        counter.add(chunk)
    return counter.census()


def merge_census(left: Census, right: Census) -> Census:
    """Return what counting both together would have given. Raises TwokeyError where there are too many strata."""
    keys = {cell: left.keys.get(cell, _NONE) + right.keys.get(cell, _NONE) for cell in {**left.keys, **right.keys}}
    _refuse_many(keys)
    return Census(
        seed=left.seed,
        keys=keys,
        unreadable=left.unreadable + right.unreadable,
        examples=tuple(sorted(left.examples + right.examples)[:MAX_EXAMPLES]),
    )


_NONE: Keys = array("Q")


def _refuse_many(keys: Mapping[Cell, Keys]) -> None:
    if len(keys) > MAX_STRATA:
        message = f"stratify_by gives more than {MAX_STRATA:,} strata; it needs a group whose values repeat"
        raise TwokeyError(message, hint="a channel or a language, not a name or an id")


def first_lines(reader: Reader, shards: Sequence[Shard]) -> tuple[int, ...]:
    """Return for each shard how many lines of the file come before it. Reads the file, so ask only to tell somebody."""
    found = [0]
    for shard in shards[:-1]:
        found.append(found[-1] + reader.lines(shard))
    return tuple(found)


def unreadable_lines(census: Census, reader: Reader, shards: Sequence[Shard]) -> tuple[tuple[int, str], ...]:
    """Return the first unreadable lines of the file, at most 20, with their reasons; lines count from 1."""
    if not census.examples:
        return ()
    before = first_lines(reader, shards)
    return tuple((before[shard] + line, reason) for shard, line, reason in census.examples)


def refuse_duplicates(census: Census, reader: Reader, shards: Sequence[Shard], recording: Recording) -> None:
    """Look whether an id stands twice; the file is read again only where two keys are equal.

    Two different ids whose keys happen to be equal are no duplicates.

    Raises:
        TwokeyError: an id stands on two lines; names both.
    """
    suspects = _repeated(census.keys.values())
    if not suspects:
        return
    seen: dict[str, tuple[Shard, int]] = {}
    for shard in shards:
        for line, row in reader.numbered(shard, recording, None):
            if not isinstance(row, Record) or key(row.id, census.seed, SAMPLE) not in suspects:
                continue
            if row.id in seen:
                raise _twice(row.id, seen[row.id], (shard, line), first_lines(reader, shards))
            seen[row.id] = (shard, line)


def _twice(name: str, first: tuple[Shard, int], second: tuple[Shard, int], before: Sequence[int]) -> TwokeyError:
    earlier, later = (Place(file=shard.path, line=before[shard.index] + line) for shard, line in (first, second))
    shown = name if len(name) <= 80 else name[:79] + "…"
    message = f"the id {shown!r} stands on line {earlier.line} and on line {later.line}; expected every id once"
    return TwokeyError(message, where=later, hint=f"the other is {earlier}")


def _repeated(arrays: Iterable[Keys]) -> frozenset[int]:
    """Return the keys that occur more than once."""
    arrays = tuple(arrays)
    # Sorted in parts by their first bits: a list of all would take five times the memory of the arrays.
    parts = max(1, sum(map(len, arrays)) // 20_000)
    buckets = [array("Q") for _ in range(parts)]
    for found in arrays:
        for item in found:
            buckets[item * parts >> 64].append(item)
    return frozenset(one for bucket in buckets for one, other in pairwise(sorted(bucket)) if one == other)
