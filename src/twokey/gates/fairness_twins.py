"""Twins: records that share a `pair` and differ in one group only, kept in 24 bytes each and compared when all are in.

Three numbers stand for a record: a keyed hash of its pair, a code for the values of its groups, and a digest of its
label with its confidence. It judges nothing: what comes out are counts and sums.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import combinations

from twokey.record import Record

MAX_TWINS = 1_000_000
MAX_COMBINATIONS = 2_000
NAMED = 1_000
EXAMPLES = 5
MILLION = 1_000_000
SCALE = 10_000
_UNIT = MILLION // SCALE
_NO_CONFIDENCE = (1 << 20) - 1
_PASS = 50_000

Values = tuple[str | None, ...]
Chunks = tuple["array[int]", ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Makes hashes; the seed keeps them from being chosen to collide by whoever names the records."""

    seed: int

    def of(self, *texts: str | None) -> int:
        """Return 64 bits that stand for the texts."""
        hashed = blake2b(digest_size=8, key=str(self.seed).encode()[:64])
        for text in texts:
            content = b"" if text is None else text.encode("utf-8", "surrogatepass")
            hashed.update(b"-" if text is None else str(len(content)).encode() + b":")
            hashed.update(content)
        return int.from_bytes(hashed.digest(), "big")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The records that say they have a twin: three numbers to each in `rows`, and what the codes of values stand for.

    `rows` is None where there are too many. `names` holds the ids of the records in some pairs, for examples.
    """

    rows: Chunks | None = ()
    values: Mapping[int, Values] = field(default_factory=dict)
    names: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def keep(
    records: Sequence[Record],
    given: Sequence[str | None],
    groups: tuple[str, ...],
    positive: frozenset[str],
    mark: Mark,
) -> Kept:
    """Return what is kept of the answered records that carry a pair."""
    rows: array[int] = array("Q")
    values: dict[int, Values] = {}
    names: dict[int, list[str]] = {}
    for record, label in zip(records, given, strict=True):
        if record.pair is None or record.error is not None:
            continue
        pair = mark.of(record.pair)
        theirs = tuple([record.groups.get(group) for group in groups])
        code = mark.of(*theirs)
        values[code] = theirs
        names.setdefault(pair, []).append(record.id)
        rows.extend((pair, code, _answer(label, record.confidence, positive, mark)))
    return _bounded(Kept(rows=(rows,) if rows else (), values=values, names=_fewest(names)))


def _answer(label: str | None, sure: float | None, positive: frozenset[str], mark: Mark) -> int:
    known = sure is not None and 0 <= sure <= 1
    millionths = int((sure or 0.0) * MILLION + 0.5) if known else _NO_CONFIDENCE
    return (mark.of(label) >> 21 << 21) | (label in positive) << 20 | millionths


def _fewest(names: Mapping[int, Sequence[str]]) -> dict[int, tuple[str, ...]]:
    """Keep the pairs with the smallest hashes: the same ones, whatever the order they came in."""
    return {pair: tuple(sorted(names[pair])[:EXAMPLES]) for pair in sorted(names)[:NAMED]}


def together(left: Kept, right: Kept) -> Kept:
    """Return what keeping both together would have given."""
    if left.rows is None or right.rows is None:
        return _TOO_MANY
    names = {pair: (*left.names.get(pair, ()), *right.names.get(pair, ())) for pair in {*left.names, *right.names}}
    rows = _joined(left.rows, right.rows)
    return _bounded(Kept(rows=rows, values={**left.values, **right.values}, names=_fewest(names)))


def _joined(left: Chunks, right: Chunks) -> Chunks:
    """Return all rows in few chunks: small ones are put together, so that merging many batches stays cheap."""
    chunks: list[array[int]] = []
    for chunk in sorted((*left, *right), key=len, reverse=True):
        while chunks and len(chunks[-1]) < 2 * len(chunk):
            chunk = chunks.pop() + chunk
        chunks.append(chunk)
    return tuple(chunks)


def _bounded(kept: Kept) -> Kept:
    many = sum(map(len, kept.rows or ())) > 3 * MAX_TWINS or len(kept.values) > MAX_COMBINATIONS
    return _TOO_MANY if many else kept


_TOO_MANY = Kept(rows=None)


@dataclass(slots=True)
class Between:
    """Twins with these two values of a group: how many, how many labels differ, how confidence moves from one to other.

    `first` and `second` count twins of whom only that one got a positive label. `shifts` counts second minus first, in
    units of 1/10,000, over the twins that both carry a confidence.
    """

    n: int = 0
    flipped: int = 0
    first: int = 0
    second: int = 0
    shifts: Counter[int] = field(default_factory=Counter)

    def add(self, left: int, right: int) -> None:
        """Count one more pair of answers."""
        good = (left >> 20 & 1, right >> 20 & 1)
        self.n += 1
        self.flipped += left >> 21 != right >> 21
        self.first += good == (1, 0)
        self.second += good == (0, 1)
        sures = (left & _NO_CONFIDENCE, right & _NO_CONFIDENCE)
        if _NO_CONFIDENCE not in sures:
            self.shifts[(sures[1] - sures[0] + _UNIT // 2) // _UNIT] += 1


@dataclass(slots=True)
class Attribute:
    """What is known of one group from twins that differ in it alone: `sets` of them, with `records` in all.

    `sure` of the records carry a confidence that can be compared with a twin's.
    """

    sets: int = 0
    records: int = 0
    flipped: int = 0
    sure: int = 0
    between: dict[tuple[str, str], Between] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """All twins, by the group that they differ in, and why the other records that carry a pair could not be compared.

    `alone`: nobody shares the pair. `alike`: no group differs, or a value comes twice. `several`: more than one do.
    """

    by_group: Mapping[str, Attribute]
    unusable: Mapping[str, int]

    @property
    def reasons(self) -> str:
        """The records left out, in words that end a sentence; empty where there are none."""
        said = [
            f"{self.unusable[why]:,} records have {text}" for why, text in _UNUSABLE.items() if self.unusable.get(why)
        ]
        return "".join(f"; {text}" for text in said)


_UNUSABLE = {
    "alone": "nobody who shares their pair",
    "alike": "a twin with the same values, or without one",
    "several": "twins that differ in more than one group",
}


def compare(kept: Kept, groups: tuple[str, ...]) -> Twins:
    """Compare the twins. Works through the hashes in parts, so that memory stays flat."""
    found = {group: Attribute() for group in groups}
    unusable: Counter[str] = Counter()
    parts = 1 + sum(map(len, kept.rows or ())) // 3 // _PASS
    for part in range(parts):
        for pair, members in _sets(kept.rows or (), part, parts):
            rows = [(kept.values[code], answer) for code, answer in members]
            place = _differs(rows)
            if isinstance(place, str):
                unusable[place] += len(rows)
            else:
                told = [(values[place] or "", answer) for values, answer in rows]
                _add_set(found[groups[place]], sorted(told), kept.names.get(pair, ()))
    return Twins(by_group=found, unusable=unusable)


def _sets(rows: Chunks, part: int, parts: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    sets: dict[int, list[tuple[int, int]]] = {}
    for chunk in rows:
        for place in range(0, len(chunk), 3):
            if chunk[place] % parts == part:
                sets.setdefault(chunk[place], []).append((chunk[place + 1], chunk[place + 2]))
    yield from sorted(sets.items())


def _differs(rows: list[tuple[Values, int]]) -> int | str:
    """Return the place of the one group that the twins differ in, each in its own way, or why they are none."""
    if len(rows) < 2:
        return "alone"
    columns = list(zip(*[values for values, _ in rows], strict=True))
    places = [place for place, column in enumerate(columns) if len({*column}) > 1]
    if len(places) > 1:
        return "several"
    usable = places and len({*columns[places[0]]} - {None}) == len(rows)
    return places[0] if usable else "alike"


def _add_set(known: Attribute, rows: list[tuple[str, int]], names: Sequence[str]) -> None:
    flipped = len({answer >> 21 for _, answer in rows}) > 1
    known.sets += 1
    known.records += len(rows)
    known.flipped += flipped
    sure = sum(answer & _NO_CONFIDENCE != _NO_CONFIDENCE for _, answer in rows)
    known.sure += sure if sure > 1 else 0
    if flipped and names:
        known.examples = sorted([*known.examples, *names])[:EXAMPLES]
    for (one, left), (other, right) in combinations(rows, 2):
        known.between.setdefault((one, other), Between()).add(left, right)
