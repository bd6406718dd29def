"""What the review's selection counts and keeps of each batch, and who is chosen in the end.

Bounded but for ids: of every record under the threshold the id is kept, because none of them may be forgotten; content
is kept only of those that can still be chosen. Nothing is redacted here: that is done once, for those that were.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

from twokey.canonical import quantise
from twokey.config.review import Review
from twokey.record import Batch, Record
from twokey.review.auditing import audit_size
from twokey.sample import AUDIT, keys
from twokey.scorers.accuracy import Accuracy

SHOWN = b"twokey shown"
"""The purpose of the order among equally confident records."""

IMPACT = b"twokey impact"
"""The purpose of the order among records of high impact."""

HIGH_IMPACT = frozenset({"high", "critical"})
FLIP = b"twokey flip"
"""The purpose of the order among answers that changed sides."""

MOST_IMPACT = 500
"""So many records of high impact are shown; of a recording that calls everything high the rest waits in the queue."""


class Doubt(NamedTuple):
    """The place of a low-confidence record: known confidences first, the lowest of them first; then by keyed hash.

    A record without a confidence cannot be ranked, and comes after all that can. `confidence` is 0 there.
    """

    unknown: bool
    confidence: float
    key: int
    id: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may yet be chosen, and its place in the order that it would be chosen by."""

    order: tuple[float | int | str, ...]
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTally:
    """Counts of records; `low` are all of low confidence, sorted; `least` the first of them, with content.

    For the audit, records of high impact (`audit_impact`) and others (`audit_plain`) are kept apart, because only so
    many of each can be shown before the audit is drawn. `impact` has those that are shown for their impact, `flips`
    those that were right in the baseline and are wrong, then the reverse.
    """

    total: int = 0
    errored: int = 0
    unscorable: int = 0
    low: tuple[Doubt, ...] = ()
    least: tuple[Candidate, ...] = ()
    impact_ids: tuple[str, ...] = ()
    impact: tuple[Candidate, ...] = ()
    flips: tuple[Candidate, ...] = ()
    audit_plain: tuple[Candidate, ...] = ()
    audit_impact: tuple[Candidate, ...] = ()

    @property
    def reviewable(self) -> int:
        """How many records have an output that somebody could look at."""
        return self.total - self.errored - self.unscorable

    @property
    def without_confidence(self) -> int:
        """How many of them carry no confidence."""
        return sum(doubt.unknown for doubt in self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Who is shown and audited, and who waits: `pool` is the number of records that are not shown.

    `waiting` are the low-confidence records that nobody looks at yet, with their ranks among all of low confidence;
    `waiting_impact` the ids of high impact for which there was no room.
    """

    low: tuple[Record, ...]
    impact: tuple[Record, ...]
    flips: tuple[Record, ...]
    audit: tuple[Record, ...]
    pool: int
    waiting: tuple[tuple[int, Doubt], ...]
    waiting_impact: tuple[str, ...]


def is_high_impact(record: Record) -> bool:
    """Say whether a record is always shown."""
    return record.impact is not None and record.impact.strip().lower() in HIGH_IMPACT


def tallied(batch: Batch, rules: Review, seed: int) -> ReviewTally:
    """Count a batch of the candidate; its keys in the audit's draw are taken from it, where somebody made them."""
    records, audit = batch.records, batch.audit
    made = audit if audit is not None else keys([r.id for r in records] if audit_size(rules) else [], seed, AUDIT)
    kept = [record.error is None and record.output is not None for record in records]
    answered, made = list(compress(records, kept)), list(compress(made, kept))
    limit = quantise(rules.confidence_below)
    near = limit + 1e-5  # most are far above, and rounding costs
    low = [r for r in answered if (sure := r.confidence) is None or (sure < near and quantise(sure) < limit)]
    doubts = list(zip(_doubts(low, seed), low, strict=True))
    is_high = [record.impact is not None and is_high_impact(record) for record in answered]
    high = list(compress(answered, is_high))
    is_plain = [not one for one in is_high]
    errored = len(records) - [record.error for record in records].count(None)
    return ReviewTally(
        total=len(records),
        errored=errored,
        unscorable=len(records) - errored - len(answered),
        low=tuple(sorted(doubt for doubt, _ in doubts)),
        least=_first((Candidate(doubt, record) for doubt, record in doubts), rules.show),
        impact_ids=tuple(sorted(record.id for record in high)),
        impact=_keyed(high, keys([record.id for record in high], seed, IMPACT), MOST_IMPACT),
        flips=_flips(batch, kept, rules.flips, seed),
        audit_plain=_keyed(
            compress(answered, is_plain), list(compress(made, is_plain)), rules.show + rules.flips + audit_size(rules)
        )
        if audit_size(rules)
        else (),
        audit_impact=_keyed(high, list(compress(made, is_high)), MOST_IMPACT + audit_size(rules))
        if audit_size(rules)
        else (),
    )


def merged(left: ReviewTally, right: ReviewTally, rules: Review) -> ReviewTally:
    """Return what tallying both together would have given."""
    return ReviewTally(
        total=left.total + right.total,
        errored=left.errored + right.errored,
        unscorable=left.unscorable + right.unscorable,
        low=tuple(sorted(left.low + right.low)),
        least=_first(left.least + right.least, rules.show),
        impact_ids=tuple(sorted(left.impact_ids + right.impact_ids)),
        impact=_first(left.impact + right.impact, MOST_IMPACT),
        flips=_first(left.flips + right.flips, rules.flips),
        audit_plain=_first(left.audit_plain + right.audit_plain, rules.show + rules.flips + audit_size(rules)),
        audit_impact=_first(left.audit_impact + right.audit_impact, MOST_IMPACT + audit_size(rules)),
    )


def choose(tally: ReviewTally, rules: Review) -> Chosen:
    """Choose the shown, then draw the audit from everything that is not shown."""
    low = tuple(candidate.record for candidate in tally.least)
    shown = {record.id for record in low}
    impact = tuple(candidate.record for candidate in tally.impact if candidate.record.id not in shown)
    shown |= {record.id for record in impact}
    flips = tuple(candidate.record for candidate in tally.flips if candidate.record.id not in shown)
    shown |= {record.id for record in flips}
    rest = (c for c in tally.audit_plain + tally.audit_impact if c.record.id not in shown)
    audit = tuple(candidate.record for candidate in _first(rest, audit_size(rules)))
    seen = shown | {record.id for record in audit}
    return Chosen(
        low=low,
        impact=impact,
        flips=flips,
        audit=audit,
        pool=tally.reviewable - len(shown),
        waiting=tuple((rank, doubt) for rank, doubt in enumerate(tally.low, start=1) if doubt.id not in seen),
        waiting_impact=tuple(id_ for id_ in tally.impact_ids if id_ not in seen),
    )


def _flips(batch: Batch, kept: Sequence[bool], most: int, seed: int) -> tuple[Candidate, ...]:
    """Return the records that changed sides since the baseline: those that got worse come first."""
    was = batch.before.scores.get(Accuracy.name) if batch.before is not None else None
    if was is None or not most:
        return ()
    now = Accuracy().score(batch.records)
    found = [
        (before, record)
        for record, score, before, there in zip(batch.records, now, was, kept, strict=True)
        if there and score is not None and before is not None and score != before
    ]
    orders = keys([record.id for _, record in found], seed, FLIP)
    rows = zip(found, orders, strict=True)
    return _first((Candidate((not before, order, record.id), record) for (before, record), order in rows), most)


def _doubts(records: Sequence[Record], seed: int) -> Iterator[Doubt]:
    for record, order in zip(records, keys([record.id for record in records], seed, SHOWN), strict=True):
        if record.confidence is None:
            yield Doubt(True, 0.0, order, record.id)
        else:
            yield Doubt(False, quantise(record.confidence), order, record.id)


def _keyed(records: Iterable[Record], found: Sequence[int], most: int) -> tuple[Candidate, ...]:
    """Return the first records in the order of their keys; only for those is anything made."""
    worst = heapq.nsmallest(most, found)[-1:] or [0]
    near = [(order, record) for order, record in zip(found, records, strict=True) if order <= worst[0]]
    return _first((Candidate((order, record.id), record) for order, record in near), most)


def _first(candidates: Iterable[Candidate], most: int) -> tuple[Candidate, ...]:
    return tuple(heapq.nsmallest(most, candidates, key=lambda candidate: candidate.order))
