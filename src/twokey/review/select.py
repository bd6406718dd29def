"""Which outputs people look at: the most doubtful, those of high impact, and a random audit of the rest.

A gate like the others: tallied, merged and judged with them, and an error where nothing could be chosen. It judges no
output; what reviewers find is judged in `estimate`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, ClassVar, Self

from twokey.canonical import quantise
from twokey.config.review import Review
from twokey.errors import TwokeyError
from twokey.gates.base import Scans, Setting
from twokey.gates.limits import counted
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.record import Batch, Record
from twokey.review import AUDITED, DOUBTED, FLIPPED, HIGH, LOW, REVIEW
from twokey.review.auditing import audit_facts
from twokey.review.choosing import Chosen, choose
from twokey.review.items import item, redacted
from twokey.review.past import Case, past_cases
from twokey.review.tally import ReviewTally, merged, tallied

SELECTOR = "doubt/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows of review/items.jsonl in the order of their ranks, of queue.jsonl, and of reserve.jsonl."""

    items: tuple[dict[str, Any], ...]
    queue: tuple[dict[str, Any], ...]
    reserve: tuple[dict[str, Any], ...] = ()


NOTHING = Selection(items=(), queue=())
Strata = tuple[tuple[str, tuple[Record, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewGate:
    """Chooses the outputs that people grade, and says how many wait.

    ```yaml
    review: {confidence_below: 0.6, show: 50, max_failures: 40%, audit: 59, max_failure_rate: 5%}
    ```

    **What it chooses.** Of all outputs under `confidence_below`, the `show` most doubtful: a hunt for bugs, which
    estimates nothing. Doubt is confidence, the margin over `alternatives` where they are mapped, and a second
    classifier that is fitted on what was said of the other inputs; with a judge's verdicts and detectors' near-misses,
    where there are any. Up to `second_opinion` of the `show` are confident outputs that the second opinion, the judge
    or the past speaks against; of those that may be, one in ten surely is. `learned` names past cases with labels or
    grades, which teach the second opinion.

    Beside them, every output whose record has an `impact` of `high` or `critical`, up to 500. Up to `flips` answers
    that the baseline had right and this has wrong, then the reverse. And a random `audit` of everything that is not
    shown, drawn by a keyed hash of the id: the only part that a number for all outputs can stand on.

    All other low-confidence outputs wait in queue.jsonl, by id. The next `more` of them, and the further stages of the
    audit, are whole in reserve.jsonl, for whoever takes more.

    **Without a confidence** an output counts as low-confidence, and is ranked by the other signals. If no signal can
    rank any output and `show` is not 0, that is an error.

    **How it is judged.** `selection` passes if there was something to choose from. `low_confidence_share` is only
    shown: it is a count of these outputs, and a checkpoint may open at it. Errored records and those without an
    output cannot be reviewed; they are in the books.

    **What becomes of grades.** `max_failures` is a limit on the low-confidence items shown. `max_failure_rate` is
    compared with the exact 95% upper bound on the share of all outputs that fail: failures shown are counted, those of
    the rest are bounded by the audit. 59 random items without a failure claim at most 5%, 299 at most 1%.

    **Limits.** The second opinion needs labels that repeat: of free text it says nothing. It is fitted on 2,000 drawn
    outputs and ranks the 2,000 least confident; those after them are ranked by confidence alone. What the model is sure
    and wrong of, and like inputs do not show, only the audit finds. docs/selection.md has what it finds, measured.

    **To fix an error**, map `recordings.candidate.confidence`, or set `show: 0` for a random audit alone.
    """

    name: ClassVar[str] = REVIEW
    summary: ClassVar[str] = "which outputs people look at: least confident, high impact, random audit"
    Options: ClassVar[type[Review]] = Review

    options: Review
    scanner: Scans
    hiding: Scans
    seed: int = 0
    cases: tuple[Case, ...] = ()

    @classmethod
    def build(cls, options: Review, setting: Setting, scanner: Scans | None = None) -> Self:
        """Make the selection.

        Raises:
            TwokeyError: there is no scanner, and items are never shown unredacted; or past cases cannot be read.
            ConfigError: the file of past cases holds something else.
        """
        if scanner is None:
            raise TwokeyError("the review was given no detectors to redact its items with")
        path = options.learned
        cases = past_cases(setting.read(path), path) if path is not None else ()
        hiding = setting.naming() or scanner
        return cls(options=options, scanner=scanner, hiding=hiding, seed=setting.seed, cases=cases)

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
        chosen = self._chosen(tally)
        books = Books(total=tally.total, scored=tally.reviewable, errored=tally.errored, unscorable=tally.unscorable)
        metrics = (self._selection(tally, chosen, books), self._share(tally, books))
        return conclude_gate(self.name, books, metrics, facts=self._facts(tally, chosen))

    def selection(self, tally: ReviewTally) -> Selection:
        """Return the items to grade and those in reserve, redacted, and the ids that wait."""
        chosen = self._chosen(tally)
        return Selection(
            items=tuple(self._rows(chosen, _strata(chosen), stage=0, ranks=0)),
            queue=tuple(_queue(chosen)),
            reserve=tuple(self._reserve(chosen)),
        )

    def _chosen(self, tally: ReviewTally) -> Chosen:
        """Choose once for a tally: judging it and writing its items ask for the same."""
        key = (self.options, self.cases)
        found: Chosen = tally.chosen.get(key) or choose(tally, self.options, self.cases)
        tally.chosen[key] = found
        return found

    def _reserve(self, chosen: Chosen) -> Iterator[dict[str, Any]]:
        ranks = sum(len(records) for _, records in _strata(chosen))
        yield from self._rows(chosen, ((LOW, chosen.next_low),), stage=0, ranks=ranks)
        ranks += len(chosen.next_low)
        for stage, records in enumerate(chosen.stages, start=1):
            yield from self._rows(chosen, ((AUDITED, records),), stage=stage, ranks=ranks)
            ranks += len(records)

    def _rows(self, chosen: Chosen, strata: Strata, *, stage: int, ranks: int) -> Iterator[dict[str, Any]]:
        drawn = len(chosen.audit) + sum(len(records) for records in chosen.stages[:stage])
        odds = quantise(drawn / chosen.pool) if chosen.pool else 0.0
        rows = ((stratum, record) for stratum, records in strata for record in records)
        quoted = cache(partial(self._quoted, chosen))
        for rank, (stratum, record) in enumerate(rows, start=ranks + 1):
            doubts = chosen.doubted.says(record.id, quoted)
            yield item(
                record,
                self.scanner,
                self.hiding,
                stratum=stratum,
                stage=stage,
                rank=rank,
                inclusion_probability=odds if stratum == AUDITED else 1.0,
                selector=SELECTOR,
                seed=self.seed,
                doubts=[{**one, "says": redacted(one["says"], self.hiding)} for one in doubts],
            )

    def _quoted(self, chosen: Chosen, label: str) -> str:
        """Return a label to quote beside another output, unless it holds, wherever it was given, what is not shown."""
        giving = chosen.doubted.giving(label) or (Record(id="", output=label),)
        seen = self.scanner.scan_records(giving)
        told = any(one.field == "output" for found in seen for one in found)
        return "something else" if told or redacted(label, self.hiding) != label else label

    def _selection(self, tally: ReviewTally, chosen: Chosen, books: Books) -> Metric:
        status, reason = Status.PASS, _sentence(tally, chosen)
        if tally.reviewable == 0:
            status, reason = Status.ERROR, f"selection: none of {tally.total:,} records has an output to look at"
        elif tally.without_confidence == tally.reviewable and self.options.show and not chosen.doubted.used:
            status = Status.ERROR
            reason = (
                f"selection: none of {tally.reviewable:,} outputs carries a confidence, and nothing else tells which"
                " are doubtful: map recordings.candidate.confidence, set show: 0 for a random audit alone, or remove"
                " the review section"
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
            "ranked_by": list(chosen.doubted.used),
            "shown": len(chosen.low),
            "shown_for_doubt": len(chosen.second),
            "shown_for_impact": len(chosen.impact),
            "shown_for_flips": len(chosen.flips),
            "audited": len(chosen.audit),
            "not_shown": chosen.pool,
            "queued": len(chosen.waiting),
            "queued_for_impact": len(chosen.waiting_impact),
            "items": {record.id: stratum for stratum, records in _strata(chosen) for record in records},
            "reserve": _reserved(chosen),
            "audit_stage_of": {r.id: stage for stage, found in enumerate(chosen.stages, start=1) for r in found},
            "audit": audit_facts(self.options, chosen.pool, tally.reviewable),
        }


def _strata(chosen: Chosen) -> Strata:
    return (
        (LOW, chosen.low),
        (DOUBTED, chosen.second),
        (HIGH, chosen.impact),
        (FLIPPED, chosen.flips),
        (AUDITED, chosen.audit),
    )


def _reserved(chosen: Chosen) -> dict[str, str]:
    audited = (record for records in chosen.stages for record in records)
    return {**{record.id: LOW for record in chosen.next_low}, **{record.id: AUDITED for record in audited}}


def _sentence(tally: ReviewTally, chosen: Chosen) -> str:
    text = f"{len(chosen.low):,} of {len(tally.low):,} low-confidence outputs are shown"
    if chosen.doubted.used and tally.reviewable and tally.without_confidence == tally.reviewable:
        text += f" (none carries a confidence: ranked by {' and '.join(chosen.doubted.used)})"
    if chosen.second:
        ones = "one" if len(chosen.second) == 1 else "ones"
        text += f", and {len(chosen.second):,} confident {ones} that a second opinion doubts"
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
