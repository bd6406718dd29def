"""The first pass over a recording: what is there, from which the sample is drawn, and whether an id stands twice.

Knows nothing of how many records are wanted.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise
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

    Eight bytes a record, in any order, made for `purpose`: to be drawn from they must be those of the sample, to find
    ids that stand twice any will do. `examples` are the first unreadable lines, as (index of the shard, line in it,
    reason); see `unreadable_lines`.
    """

    seed: int
    purpose: bytes = SAMPLE
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

    def __init__(self, seed: int, shard: int, purpose: bytes = SAMPLE) -> None:
        """Take the seed and the purpose of the keys, and the index of the shard."""
        self._seed = seed
        self._purpose = purpose
        self._shard = shard
        self._keys: dict[Cell, Keys] = {}
        self._unreadable = 0
        self._examples: list[tuple[int, int, str]] = []

    def add(self, rows: Sequence[Record | Unreadable]) -> Keys:
        """Count some rows, and return the keys of the records among them.

        Raises TwokeyError where there are too many strata to be strata.
        """
        records = [row for row in rows if type(row) is Record]
        made = keys([record.id for record in records], self._seed, self._purpose)
        cells: defaultdict[Cell, list[int]] = defaultdict(list)
        for record, each in zip(records, made, strict=True):
            cells[record.source, record.stratum].append(each)
        for cell, found in cells.items():
            self._keys.setdefault(cell, array("Q")).extend(found)
        _refuse_many(self._keys)
        if len(records) < len(rows):
            lines = [row for row in rows if isinstance(row, Unreadable)]
            self._unreadable += len(lines)
            room = MAX_EXAMPLES - len(self._examples)
            self._examples += [(self._shard, line.line, line.reason) for line in lines[:room]]
        return made

    def census(self) -> Census:
        """Return what was counted."""
        return Census(
            seed=self._seed,
            purpose=self._purpose,
            keys=self._keys,
            unreadable=self._unreadable,
            examples=tuple(self._examples),
        )


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
        purpose=left.purpose,
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
            if not isinstance(row, Record) or key(row.id, census.seed, census.purpose) not in suspects:
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
    # In parts by their first bits, which are looked up in sorted pieces: a set of all would take ten times the memory.
    pieces = [array("Q", sorted(found[at : at + _PIECE])) for found in arrays for at in range(0, len(found), _PIECE)]
    edges = [(part << 64) // len(pieces) for part in range(len(pieces) + 1)] if pieces else []
    repeated: set[int] = set()
    for low, high in pairwise(edges):
        near = list(chain.from_iterable(piece[bisect_left(piece, low) : bisect_left(piece, high)] for piece in pieces))
        if len(set(near)) < len(near):
            near.sort()
            repeated.update(one for one, other in pairwise(near) if one == other)
    return frozenset(repeated)


_PIECE = 20_000
