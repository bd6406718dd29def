"""What the review's selection counts and keeps of each batch.

Bounded but for ids: of every record under the threshold the id is kept, because none of them may be forgotten; content
is kept only of those that can still be chosen, and of a draw that the others are compared with. Nobody is chosen here,
and nothing is redacted: that is done once, for those that were.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, NamedTuple

from twokey.canonical import quantise
from twokey.config.review import Review
from twokey.record import Batch, Record, Sighting
from twokey.review.auditing import audit_size, most_drawn
from twokey.sample import AUDIT, keys
from twokey.scorers.accuracy import Accuracy

SHOWN = b"twokey shown"
"""The purpose of the order among equally confident records."""

IMPACT = b"twokey impact"
"""The purpose of the order among records of high impact."""

HIGH_IMPACT = frozenset({"high", "critical"})
FLIP = b"twokey flip"
"""The purpose of the order among answers that changed sides."""

DRAWN = b"twokey drawn"
"""The purpose of the draw that a second opinion is fitted on; independent of the audit's, which must stay random."""

MOST_DRAWN = 2000
"""So many records are drawn for it; of as many or fewer it is all."""

MOST_RANKED = 2000
"""So many of the least confident are ranked by all signals; those after them by their confidence alone."""

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


class Candidate(NamedTuple):
    """A record that may yet be chosen, and its place in the order that it would be chosen by.

    `near` counts what detectors saw in its output that does not count; `verdict` is what a judge says against it, in
    ten-thousandths, None where there is none.
    """

    order: tuple[float | int | str, ...]
    record: Record
    near: int = 0
    verdict: int | None = None


Told = dict[str, tuple[int, int | None]]
"""What Candidate says of a record beside its place, by id; of most there is nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTally:
    """Counts of records; `low` are all of low confidence, sorted; `least` the first of them, with content.

    `drawn` are records of any confidence, drawn at random, that a second opinion is fitted on.

    For the audit, records of high impact (`audit_impact`) and others (`audit_plain`) are kept apart, because only so
    many of each can be shown before the audit is drawn. `impact` has those that are shown for their impact, `flips`
    those that were right in the baseline and are wrong, then the reverse.
    """

    total: int = 0
    errored: int = 0
    unscorable: int = 0
    low: tuple[Doubt, ...] = ()
    least: tuple[Candidate, ...] = ()
    drawn: tuple[Candidate, ...] = ()
    impact_ids: tuple[str, ...] = ()
    impact: tuple[Candidate, ...] = ()
    flips: tuple[Candidate, ...] = ()
    audit_plain: tuple[Candidate, ...] = ()
    audit_impact: tuple[Candidate, ...] = ()
    chosen: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was chosen of it, so that nothing is fitted twice; no part of its value."""

    @property
    def reviewable(self) -> int:
        """How many records have an output that somebody could look at."""
        return self.total - self.errored - self.unscorable

    @property
    def without_confidence(self) -> int:
        """How many of them carry no confidence."""
        return sum(doubt.unknown for doubt in self.low)


def is_high_impact(record: Record) -> bool:
    """Say whether a record is always shown."""
    return record.impact is not None and record.impact.strip().lower() in HIGH_IMPACT


def tallied(batch: Batch, rules: Review, seed: int) -> ReviewTally:
    """Count a batch of the candidate; its keys in the audit's draw are taken from it, where somebody made them."""
    records, audit = batch.records, batch.audit
    made = audit if audit is not None else keys([r.id for r in records] if audit_size(rules) else [], seed, AUDIT)
    kept = [record.error is None and record.output is not None for record in records]
    answered, made, told = list(compress(records, kept)), list(compress(made, kept)), _told(batch)
    is_high = [record.impact is not None and is_high_impact(record) for record in answered]
    is_plain = [not one for one in is_high]
    high = list(compress(answered, is_high))
    high_ids = [record.id for record in high]
    errored = len(records) - [record.error for record in records].count(None)
    low, least = _low(answered, rules, seed, told)
    drawn = keys([record.id for record in answered] if rules.show else [], seed, DRAWN)
    return ReviewTally(
        total=len(records),
        errored=errored,
        unscorable=len(records) - errored - len(answered),
        low=low,
        least=least,
        drawn=_keyed(answered, drawn, MOST_DRAWN if rules.show else 0, told),
        impact_ids=tuple(sorted(high_ids)),
        impact=_keyed(high, keys(high_ids, seed, IMPACT), MOST_IMPACT, told),
        flips=_flips(batch, kept, rules.flips, seed),
        audit_plain=_keyed(compress(answered, is_plain), list(compress(made, is_plain)), _plain(rules), told),
        audit_impact=_keyed(high, list(compress(made, is_high)), _high(rules), told),
    )


def merged(left: ReviewTally, right: ReviewTally, rules: Review) -> ReviewTally:
    """Return what tallying both together would have given."""
    return ReviewTally(
        total=left.total + right.total,
        errored=left.errored + right.errored,
        unscorable=left.unscorable + right.unscorable,
        low=tuple(sorted(left.low + right.low)),
        least=first(left.least + right.least, _ranked(rules)),
        drawn=first(left.drawn + right.drawn, MOST_DRAWN),
        impact_ids=tuple(sorted(left.impact_ids + right.impact_ids)),
        impact=first(left.impact + right.impact, MOST_IMPACT),
        flips=first(left.flips + right.flips, rules.flips),
        audit_plain=first(left.audit_plain + right.audit_plain, _plain(rules)),
        audit_impact=first(left.audit_impact + right.audit_impact, _high(rules)),
    )


def _ranked(rules: Review) -> int:
    return max(MOST_RANKED, rules.show + rules.more) if rules.show else 0


def _plain(rules: Review) -> int:
    """Return how many may have to be looked at until the audit is found: so many others can be shown before it."""
    return rules.show + rules.flips + most_drawn(rules) if audit_size(rules) else 0


def _high(rules: Review) -> int:
    return MOST_IMPACT + most_drawn(rules) if audit_size(rules) else 0


def _told(batch: Batch) -> Told:
    near = {at: count for at, seen in enumerate(batch.sightings) if seen and (count := sum(map(_is_near, seen)))}
    verdicts: Sequence[int | None] = ()
    if batch.judged is not None:
        from twokey.gates.quality_tally import VERDICT  # few policies have a judge, and it brings much with it

        verdicts = batch.judged.scores.get(VERDICT, ())
    judged = {at: verdict for at, verdict in enumerate(verdicts) if verdict is not None}
    return {batch.records[at].id: (near.get(at, 0), judged.get(at)) for at in {**near, **judged}}


def _is_near(seen: Sighting) -> bool:
    return seen.field == "output" and (seen.quoted or seen.allowed is not None or seen.severity == "low")


def _low(
    records: Sequence[Record], rules: Review, seed: int, told: Told
) -> tuple[tuple[Doubt, ...], tuple[Candidate, ...]]:
    """Return the places of all of low confidence, sorted, and the first of them with content."""
    limit = quantise(rules.confidence_below)
    near = limit + 1e-5  # most are far above, and rounding costs
    low = [one for one in records if (sure := one.confidence) is None or (sure < near and quantise(sure) < limit)]
    ordered = sorted(zip(_doubts(low, seed), low, strict=True), key=_place)
    least = tuple(_candidate(doubt, record, told) for doubt, record in ordered[: _ranked(rules)])
    return tuple(doubt for doubt, _ in ordered), least


def _place(one: tuple[Doubt, Record]) -> Doubt:
    return one[0]


def _candidate(order: tuple[float | int | str, ...], record: Record, told: Told) -> Candidate:
    return Candidate(order, record, *told[record.id]) if record.id in told else Candidate(order, record)


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
    return first((Candidate((not before, order, record.id), record) for (before, record), order in rows), most)


def _doubts(records: Sequence[Record], seed: int) -> Iterator[Doubt]:
    for record, order in zip(records, keys([record.id for record in records], seed, SHOWN), strict=True):
        if record.confidence is None:
            yield Doubt(True, 0.0, order, record.id)
        else:
            yield Doubt(False, quantise(record.confidence), order, record.id)


def _keyed(records: Iterable[Record], found: Sequence[int], most: int, told: Told) -> tuple[Candidate, ...]:
    """Return the first records in the order of their keys; only for those is anything made."""
    if not most or not found:
        return ()
    worst = sorted(found)[:most][-1]
    near = [(order, record) for order, record in zip(found, records, strict=True) if order <= worst]
    return first([_candidate((order, record.id), record, told) for order, record in near], most)


def first(candidates: Iterable[Candidate], most: int) -> tuple[Candidate, ...]:
    """Return the first candidates in their order."""
    return tuple(sorted(candidates, key=_order)[:most])


def _order(candidate: Candidate) -> tuple[float | int | str, ...]:
    return candidate.order
