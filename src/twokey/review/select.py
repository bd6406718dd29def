"""Which outputs people look at: the least confident, those of high impact, and a random audit of the rest.

A gate like the others: tallied, merged and judged with them, and an error where nothing could be chosen. It judges no
output; what reviewers find is judged in `estimate`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from twokey.canonical import quantise
from twokey.config.review import Review
from twokey.errors import TwokeyError
from twokey.gates.base import Scans, Setting
from twokey.gates.limits import counted
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.record import Batch, Record
from twokey.review import AUDITED, FLIPPED, HIGH, LOW, REVIEW
from twokey.review.items import item
from twokey.review.tally import Chosen, ReviewTally, choose, merged, tallied

SELECTOR = "least-confidence/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows of review/items.jsonl in the order of their ranks, of queue.jsonl, and of reserve.jsonl."""

    items: tuple[dict[str, Any], ...]
    queue: tuple[dict[str, Any], ...]
    reserve: tuple[dict[str, Any], ...] = ()


NOTHING = Selection(items=(), queue=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewGate:
    """Chooses the outputs that people grade, and says how many wait.

    ```yaml
    review: {confidence_below: 0.6, show: 50, max_failures: 40%, audit: 59, max_failure_rate: 5%}
    ```

    **What it chooses.** Of all outputs under `confidence_below`, the `show` least confident: a hunt for bugs, which
    estimates nothing. Every output whose record has an `impact` of `high` or `critical`, up to 500. Up to `flips`
    answers that the baseline had right and this has wrong, then the reverse. And a random
    `audit` of everything that is not shown, drawn by a keyed hash of the id: the only part that a number for all
    outputs can stand on. All other low-confidence outputs wait in queue.jsonl, by id.

    **Without a confidence** an output cannot be ranked: it counts as low-confidence, comes after those that can be
    ranked, and waits in the queue. If no output has one and `show` is not 0, that is an error.

    **How it is judged.** `selection` passes if there was something to choose from. `low_confidence_share` is only
    shown: it is a count of these outputs, and a checkpoint may open at it. Errored records and those without an
    output cannot be reviewed; they are in the books.

    **What becomes of grades.** `max_failures` is a limit on the low-confidence items shown. `max_failure_rate` is
    compared with the exact 95% upper bound on the share of all outputs that fail: failures shown are counted, those of
    the rest are bounded by the audit. 59 random items without a failure claim at most 5%, 299 at most 1%.

    **Limits.** Confidence is the model's own word; what it is sure and wrong of only the audit finds.

    **To fix an error**, map `recordings.candidate.confidence`, or set `show: 0` for a random audit alone.
    """

    name: ClassVar[str] = REVIEW
    summary: ClassVar[str] = "which outputs people look at: least confident, high impact, random audit"
    Options: ClassVar[type[Review]] = Review

    options: Review
    scanner: Scans
    hiding: Scans
    seed: int = 0

    @classmethod
    def build(cls, options: Review, setting: Setting, scanner: Scans | None = None) -> Self:
        """Make the selection. Raises TwokeyError without a scanner, since items are never shown unredacted."""
        if scanner is None:
            raise TwokeyError("the review was given no detectors to redact its items with")
        return cls(options=options, scanner=scanner, hiding=setting.naming() or scanner, seed=setting.seed)

    def tally(self, batch: Batch) -> ReviewTally:
        """Count a batch of the candidate; the baseline is not reviewed."""
        if batch.role != "candidate":
            return ReviewTally()
        return tallied(batch, self.options, self.seed)

    def merge(self, left: ReviewTally, right: ReviewTally) -> ReviewTally:
        """Return what tallying both together would have given."""
        return merged(left, right, self.options)

    def judge(self, tally: ReviewTally) -> GateResult:
        """Say whether a selection could be made, and how large each part of it is."""
        chosen = choose(tally, self.options)
        books = Books(total=tally.total, scored=tally.reviewable, errored=tally.errored, unscorable=tally.unscorable)
        metrics = (self._selection(tally, chosen, books), self._share(tally, books))
        return conclude_gate(self.name, books, metrics, facts=self._facts(tally, chosen))

    def selection(self, tally: ReviewTally) -> Selection:
        """Return the items to grade, redacted, and the ids that wait."""
        chosen = choose(tally, self.options)
        return Selection(items=tuple(self._items(chosen)), queue=tuple(_queue(chosen)))

    def _items(self, chosen: Chosen) -> Iterator[dict[str, Any]]:
        rank = 0
        odds = quantise(len(chosen.audit) / chosen.pool) if chosen.pool else 0.0
        for stratum, records in _strata(chosen):
            for record in records:
                rank += 1
                yield item(
                    record,
                    self.scanner,
                    self.hiding,
                    stratum=stratum,
                    rank=rank,
                    inclusion_probability=odds if stratum == AUDITED else 1.0,
                    selector=SELECTOR,
                    seed=self.seed,
                )

    def _selection(self, tally: ReviewTally, chosen: Chosen, books: Books) -> Metric:
        status, reason = Status.PASS, _sentence(tally, chosen)
        if tally.reviewable == 0:
            status, reason = Status.ERROR, f"selection: none of {tally.total:,} records has an output to look at"
        elif tally.without_confidence == tally.reviewable and self.options.show:
            status = Status.ERROR
            reason = (
                f"selection: none of {tally.reviewable:,} outputs carries a confidence, so the least confident cannot"
                " be found: map recordings.candidate.confidence, set show: 0 for a random audit alone, or remove the"
                " review section"
            )
        shown = sum(len(records) for _, records in _strata(chosen))
        estimate = counted(shown, tally.reviewable) if tally.reviewable else None
        return Metric(name="selection", status=status, reason=reason, books=books, estimate=estimate, unit="items")

    def _share(self, tally: ReviewTally, books: Books) -> Metric:
        known = tally.reviewable > tally.without_confidence
        low, below = len(tally.low), self.options.confidence_below
        reason = f"{low:,} of {tally.reviewable:,} outputs are under a confidence of {below:g}"
        if tally.without_confidence:
            reason += f", {tally.without_confidence:,} of them because they carry none"
        if not known:
            reason = f"low_confidence_share: none of {tally.reviewable:,} outputs carries a confidence"
        estimate = counted(low / tally.reviewable, tally.reviewable) if known else None
        return Metric(name="low_confidence_share", status=Status.OFF, reason=reason, books=books, estimate=estimate)

    def _facts(self, tally: ReviewTally, chosen: Chosen) -> Mapping[str, Any]:
        return {
            "selector": SELECTOR,
            "seed": self.seed,
            "confidence_below": self.options.confidence_below,
            "outputs": tally.reviewable,
            "low_confidence": len(tally.low),
            "without_confidence": tally.without_confidence,
            "high_impact": len(tally.impact_ids),
            "shown": len(chosen.low),
            "shown_for_impact": len(chosen.impact),
            "shown_for_flips": len(chosen.flips),
            "audited": len(chosen.audit),
            "not_shown": chosen.pool,
            "queued": len(chosen.waiting),
            "queued_for_impact": len(chosen.waiting_impact),
            "items": {record.id: stratum for stratum, records in _strata(chosen) for record in records},
        }


def _strata(chosen: Chosen) -> tuple[tuple[str, tuple[Record, ...]], ...]:
    return ((LOW, chosen.low), (HIGH, chosen.impact), (FLIPPED, chosen.flips), (AUDITED, chosen.audit))


def _sentence(tally: ReviewTally, chosen: Chosen) -> str:
    text = f"{len(chosen.low):,} of {len(tally.low):,} low-confidence outputs are shown"
    if tally.impact_ids:
        text += f", and {len(chosen.impact):,} for their impact"
    if chosen.flips:
        text += f", and {len(chosen.flips):,} that changed sides since the baseline"
    text += f"; {len(chosen.audit):,} of the {chosen.pool:,} others are audited at random"
    waiting = len(chosen.waiting) + len(chosen.waiting_impact)
    return f"{text}; {waiting:,} wait in the queue" if waiting else text


def _queue(chosen: Chosen) -> Iterator[dict[str, Any]]:
    for rank, doubt in chosen.waiting:
        confidence = None if doubt.unknown else doubt.confidence
        yield {"id": doubt.id, "confidence": confidence, "rank": rank, "why": LOW}
    queued = {doubt.id for _, doubt in chosen.waiting}
    for id_ in chosen.waiting_impact:
        if id_ not in queued:
            yield {"id": id_, "confidence": None, "rank": None, "why": HIGH}
