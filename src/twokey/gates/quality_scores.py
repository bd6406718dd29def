"""What is counted of one metric's scores: how often each was given, against the baseline's, by slice and by cluster.

Scores are whole ten-thousandths, so that every sum is exact, and nothing is kept per record but the ids that a person
may look at.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from twokey.gates.kept import EXAMPLES, Kept, order_key, smallest
from twokey.record import Record
from twokey.scorers.base import SCALE, Score
from twokey.stats.counts import add_counts

MAX_SLICES = 200
MAX_CLUSTERS = 100_000
FLIPS = 200
NO_VALUE = "(none)"

Histogram = Mapping[int, int]
"""How often each score was given."""

BySlice = Mapping[str, Mapping[tuple[str, int], int] | None]
"""By group, how often each (value, score) was; None where there are too many values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One metric's scores.

    `pairs` counts (candidate's, baseline's) where both were scored, `lost` answers where only the baseline's was.
    `clusters` holds for each hash of a cluster how
    many records were scored and the sum of their scores; None where there are too many, empty where policy maps none.
    `worst` are a few of the worst, `fixed` and `broken` those that changed sides of one half, all by a keyed hash.
    """

    histogram: Histogram = field(default_factory=dict)
    pairs: Mapping[tuple[int, int], int] = field(default_factory=dict)
    lost: int = 0
    slices: BySlice = field(default_factory=dict)
    clusters: Mapping[int, tuple[int, int]] | None = field(default_factory=dict)
    worst: tuple[Kept, ...] = ()
    fixed: tuple[Kept, ...] = ()
    broken: tuple[Kept, ...] = ()

    @property
    def n(self) -> int:
        """How many records were scored."""
        return sum(self.histogram.values())

    @property
    def total(self) -> int:
        """The sum of all scores, in ten-thousandths."""
        return sum(score * seen for score, seen in self.histogram.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What is the same for every metric of a batch: the records, and the value of each in every group to look at."""

    records: Sequence[Record]
    groups: Mapping[str, Sequence[str]]
    clustered: bool
    seed: int


def count_scores(
    side: Side, scores: Sequence[Score], before: Sequence[Score] | None, *, lower: bool, sliced: bool = True
) -> Scores:
    """Count one metric's scores of a batch; `lower` says that low ones are good, `sliced` that slices are counted."""
    histogram = Counter(scores)
    unscored = histogram.pop(None, 0)
    pairs = Counter(zip(scores, before, strict=True)) if before is not None else Counter[tuple[Score, Score]]()
    lost = sum(seen for (now, was), seen in pairs.items() if now is None and was is not None)
    if unscored == len(scores):
        return Scores(lost=lost)
    return Scores(
        histogram={score: seen for score, seen in histogram.items() if score is not None},
        pairs={(now, was): seen for (now, was), seen in pairs.items() if now is not None and was is not None},
        slices={group: _bounded(_by_slice(values, scores)) for group, values in side.groups.items() if sliced},
        lost=lost,
        clusters=_clusters(side.records, scores) if side.clustered else {},
        worst=_worst(side, scores, histogram, lower=lower),
        fixed=_crossed(side, scores, before, up=not lower) if before is not None else (),
        broken=_crossed(side, scores, before, up=lower) if before is not None else (),
    )


def add_scores(left: Scores, right: Scores) -> Scores:
    """Return what counting both together would have given."""
    return Scores(
        histogram=add_counts(left.histogram, right.histogram),
        pairs=add_counts(left.pairs, right.pairs),
        lost=left.lost + right.lost,
        slices={group: _add_slices(left, right, group) for group in sorted({*left.slices, *right.slices})},
        clusters=_add_clusters(left.clusters, right.clusters),
        worst=smallest((*left.worst, *right.worst)),
        fixed=smallest((*left.fixed, *right.fixed), FLIPS),
        broken=smallest((*left.broken, *right.broken), FLIPS),
    )


def _by_slice(values: Sequence[str], scores: Sequence[Score]) -> Mapping[tuple[str, int], int]:
    found = Counter(zip(values, scores, strict=True))
    return {(value, score): seen for (value, score), seen in found.items() if score is not None}


def _bounded(found: Mapping[tuple[str, int], int]) -> Mapping[tuple[str, int], int] | None:
    too_many = len(found) > MAX_SLICES and len({value for value, _ in found}) > MAX_SLICES
    return None if too_many else found


def _add_slices(left: Scores, right: Scores, group: str) -> Mapping[tuple[str, int], int] | None:
    one, other = left.slices.get(group, {}), right.slices.get(group, {})
    return None if one is None or other is None else _bounded(add_counts(one, other))


def _clusters(records: Sequence[Record], scores: Sequence[Score]) -> Mapping[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for record, score in zip(records, scores, strict=True):
        if score is not None:
            # A record that names none stands alone.
            named = f"c{record.cluster}" if record.cluster is not None else f"r{record.id}"
            key = int.from_bytes(blake2b(named.encode("utf-8", "surrogatepass"), digest_size=8).digest())
            n, total = found.get(key, (0, 0))
            found[key] = (n + 1, total + score)
    return found


def _add_clusters(
    left: Mapping[int, tuple[int, int]] | None, right: Mapping[int, tuple[int, int]] | None
) -> Mapping[int, tuple[int, int]] | None:
    if not left or not right:
        return None if left is None or right is None else left or right
    found = dict(left)
    for key, (n, total) in right.items():
        seen, so_far = found.get(key, (0, 0))
        found[key] = (seen + n, so_far + total)
    return found if len(found) <= MAX_CLUSTERS else None


def _worst(side: Side, scores: Sequence[Score], given: Iterable[Score], *, lower: bool) -> tuple[Kept, ...]:
    """Keep some records on the bad side of one half; `given` are the scores that there are, each once."""
    bad = {score for score in given if score is not None and (2 * score > SCALE if lower else 2 * score < SCALE)}
    ids = [record.id for record, score in zip(side.records, scores, strict=True) if score in bad] if bad else []
    return _kept(ids, side.seed, EXAMPLES)


def _crossed(side: Side, scores: Sequence[Score], before: Sequence[Score], *, up: bool) -> tuple[Kept, ...]:
    """Keep some records that crossed one half, upwards or downwards."""
    found = [
        record.id
        for record, now, was in zip(side.records, scores, before, strict=True)
        if now is not None and was is not None and now != was and crossed(was, now, up=up)
    ]
    return _kept(found, side.seed, FLIPS)


def crossed(was: int, now: int, *, up: bool) -> bool:
    """Return whether a score went from one side of one half to the other."""
    low, high = (was, now) if up else (now, was)
    return 2 * low < SCALE <= 2 * high


def _kept(ids: Iterable[str], seed: int, most: int) -> tuple[Kept, ...]:
    first = heapq.nsmallest(most, [(order_key(each, seed), each) for each in ids])  # of the others nothing is made
    return tuple(Kept(key=key, id=each) for key, each in first)
