"""The gate for whether the world has moved: it sets what was asked and answered beside a reference, the baseline.

It is an early warning and no red light: at worst it asks for a person. It judges no single answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from twokey.gates.base import Scans, Setting, merge_roles
from twokey.gates.drift_categories import categories
from twokey.gates.drift_judging import judged
from twokey.gates.drift_measures import amounts, missing
from twokey.gates.drift_options import DriftOptions
from twokey.gates.drift_tally import Seen, add, count
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.record import Batch, Role

LEAST = 20
"""Answered records from which on a recording can be compared."""

DriftTally = Mapping[Role, Seen]


@dataclass(frozen=True, slots=True)
class DriftGate:
    """Warns where inputs, outputs or confidences are no longer those of the baseline recording.

    `drift: {}` watches all that the records carry, with the limits below. Nothing here fails: what drifted is
    `inconclusive`, for a person to look at. Name `drift` in a checkpoint's `opens`, or its findings block.

    A warning needs both: an effect over its limit, and a p-value of at most `alpha` (5%) after Holm's correction for
    the number of limits looked at. So a small sample does not cry wolf, and a large one not over trifles. Where so few
    records could not have shown a drift of just the limit, the reason says so.

    - `input_length`, `output_length`: characters (of structured outputs bytes of JSON) in bins of equal ratio.
      `input_script`: tenths of the letters that are not ASCII. `confidence`: in thousandths. Effect: PSI over about
      ten ranges, equally filled by both recordings together (`max_psi`, 0.25: a major shift by the industry's
      rule), with the chi-square test; or the largest gap D between the distribution functions (`max_ks`, 0.1 for
      confidence), with the Kolmogorov-Smirnov test and an interval.
    - `labels`, `sources`, `group[...]`: the mix of categories, by PSI (0.25) or Cramer's V (`max_v`), both with the
      chi-square test. Categories too rare to be expected five times in each recording are taken together.
    - `labels_new`, `labels_vanished`, likewise of groups: the share of records whose category the other recording has
      not, beyond the share that Good and Turing expect of that recording (1%). A limit that policy gives is settled as
      it is written, without expectations: `new_categories: {max: 0}`.
    - `input_words`: the share of the words of inputs that the baseline's have not, beyond what is to be expected (3
      points). Tested as if all new words of an input were one.
    - `missing`: the field whose share of records without it rose most (5 points), corrected for the number of fields.

    Errored records are in no measure. A measure that policy names and that has nothing to compare is an error; so is
    all of it without a baseline. Labels with more than 1,000 values and groups with more than 200 are no categories.
    Where inputs have more than 20,000 different words, the words are sampled by hash.

    Limits: of the baseline are compared the cases that the candidate's sample has, and what the same rule draws of the
    baseline itself: recordings of the same cases have the same inputs, and no drift there. The tests take the
    recordings as independent, which is cautious where they share cases. The mix of sources is policy's own choice
    unless it draws `all`. Order, time and meaning are not looked at: a drift that keeps length, words and labels is not
    seen. No drift says nothing about quality.

    To fix: look at what moved (`parts`, `moved_most`, `fields`). If the world has changed, record a new baseline; if
    the exporter has, mend it.
    """

    name: ClassVar[str] = "drift"
    summary: ClassVar[str] = "whether inputs, answers and confidences moved away from the baseline's"
    Options: ClassVar[type[DriftOptions]] = DriftOptions

    options: DriftOptions
    has_baseline: bool
    scanner: Scans | None = None

    @classmethod
    def build(cls, options: DriftOptions, setting: Setting) -> Self:
        """Make the gate."""
        # Labels and groups are named in results that everybody reads, so what harms is hidden in them as in outputs.
        return cls(options, setting.has_baseline, setting.naming())

    def tally(self, batch: Batch) -> DriftTally:
        """Count one batch of either recording."""
        if not batch.records or batch.role not in ("candidate", "baseline"):
            return {}
        return {batch.role: count(batch.records, self.options.groups)}

    def merge(self, left: DriftTally, right: DriftTally) -> DriftTally:
        """Add two tallies."""
        return merge_roles(left, right, add)

    def judge(self, tally: DriftTally) -> GateResult:
        """Set the recordings side by side; an error where one of them has nothing to compare."""
        now, before = tally.get("candidate", Seen()), tally.get("baseline", Seen())
        books = Books(total=now.total, scored=now.answered, errored=now.errored)
        if not now.answered or not before.answered:
            return conclude_gate(self.name, books, [self._nothing(now, before, books)])
        found = [
            *amounts(now, before, self.options),
            *categories(now, before, self.options, self.scanner),
            missing(now, before, self.options),
        ]
        facts = {"candidate": now.answered, "baseline": before.answered}
        return conclude_gate(
            self.name, books, [*self._too_few(facts, books), *judged(found, self.options, now)], facts=facts
        )

    def _too_few(self, answered: Mapping[str, int], books: Books) -> Iterator[Metric]:
        """Yield the finding that one of the recordings is too small to be compared with anything."""
        for role, records in answered.items():
            if records < LEAST:
                yield Metric(
                    name="reference",
                    status=Status.INCONCLUSIVE,
                    reason=f"the {role} has {records:,} answered records, and no drift shows in fewer than {LEAST}",
                    books=books,
                    unit="records",
                )

    def _nothing(self, now: Seen, before: Seen, books: Books) -> Metric:
        if not self.has_baseline:
            why = "there is no baseline recording (recordings: {baseline: {path: ...}} names one)"
        else:
            why = f"the candidate has {now.answered:,} answered records, the baseline {before.answered:,}"
        return Metric(
            name="reference", status=Status.ERROR, reason=f"nothing can be compared: {why}", books=books, unit="records"
        )
