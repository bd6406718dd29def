"""What the performance gate counts: how often each rounded latency and memory size was seen, and the span of time.

Values are rounded to four significant digits while counting, so that the counts stay small however many records pass.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

from twokey.record import Record
from twokey.stats.counts import add_counts

Counts = Mapping[str, int]
_ROUNDED = "%.4g".__mod__


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one recording's answers cost. `latency` and `memory` count rounded values in milliseconds and 10^6 bytes.

    `timed` answered records say when they were sent: the first at `first`, the last of them answered at `last`, in
    seconds since the epoch.
    """

    total: int = 0
    errored: int = 0
    latency: Counts = field(default_factory=dict)
    memory: Counts = field(default_factory=dict)
    timed: int = 0
    first: float = inf
    last: float = -inf


def count(records: Iterable[Record]) -> Costs:
    """Count some records. Errored ones are counted as such and cost nothing; impossible values are left out."""
    records = list(records)
    answered = [record for record in records if record.error is None]
    spans = _spans(answered)
    return Costs(
        total=len(records),
        errored=len(records) - len(answered),
        latency=_counted([record.latency_ms for record in answered]),
        memory=_counted([record.memory_mb for record in answered]),
        timed=len(spans),
        first=min((start for start, _ in spans), default=inf),
        last=max((end for _, end in spans), default=-inf),
    )


def _counted(values: list[float | None]) -> Counts:
    present = [value for value in values if value is not None]
    # The sum shows a NaN or an infinity without looking at each value.
    if present and not (min(present) >= 0 and sum(present) < inf):
        present = [value for value in present if 0 <= value < inf]
    return Counter(map(_ROUNDED, present))


def _spans(answered: list[Record]) -> list[tuple[float, float]]:
    sent = [record.at for record in answered]
    if sent.count(None) == len(sent):
        return []
    spans = [
        (at, at + (record.latency_ms or 0.0) / 1000)
        for record, at in zip(answered, sent, strict=True)
        if at is not None
    ]
    return [(start, end) for start, end in spans if -inf < start <= end < inf]


def add(left: Costs, right: Costs) -> Costs:
    """Return what counting both together would have given."""
    return Costs(
        total=left.total + right.total,
        errored=left.errored + right.errored,
        latency=add_counts(left.latency, right.latency),
        memory=add_counts(left.memory, right.memory),
        timed=left.timed + right.timed,
        first=min(left.first, right.first),
        last=max(left.last, right.last),
    )
