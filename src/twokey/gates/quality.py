"""The gate for whether answers are right: it compares labels with what was expected, and answers with their context.

It calls no judge and no model. What a person or a judge said arrives as a label in the record.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from twokey.errors import ConfigError, Problem
from twokey.gates.base import Scans, Setting, merge_roles
from twokey.gates.limits import Measured, judge_limit, proportion
from twokey.gates.quality_measures import MEASURES, Measure, label_measure, measured
from twokey.gates.quality_options import QualityOptions
from twokey.gates.quality_pairs import Keys, Pairs, pair
from twokey.gates.quality_tally import ERRORED, MAX_SLICES, NO_VALUE, RIGHT, WRONG, Answers, Look, add, count
from twokey.gates.shown import shown_names
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.record import Batch, Role

QualityTally = Mapping[Role, Answers]


@dataclass(frozen=True, slots=True)
class QualityGate:
    """Judges whether answers are right, where the records say what was expected.

    - `accuracy`: the share of records whose label equals `expected`, exactly, as text; objects and lists by canonical
      JSON. Clopper-Pearson interval. An answer without a label is wrong.
    - `precision_macro`, `recall_macro`, `f1_macro`: plain means over all labels, undefined ratios as 0 (as in
      scikit-learn). Interval: Clopper-Pearson at an effective sample size (Korn and Graubard).
    - `precision_micro`, `recall_micro`, `f1_micro`: all labels together; equal to accuracy if every answer has a label.
    - `labels`: precision, recall and f1 of single labels, `labels: {refund: {recall: {min: 90%}}}`.
    - `hallucination_rate`: the share of answers that `hallucinated` labels as such. Where a record has a context and no
      such label, its words are compared: flagged are answers with more than `unsupported_above` of their content words,
      or a number, in neither context nor input. This sees no negation and no swapped name, and flags paraphrase.
      Words are only compared where the metric has a limit.
    - `expected_calibration_error`: distance between confidence and accuracy, 15 equal-width bins. Interval by
      McDiarmid's inequality: wide, and valid at any size.
    - `confident_errors`: the share of records that are wrong at a confidence of `confident_at` or more.
    - `slices`: accuracy by the values of a group; judged where `slice_limits` is given.

    `max_drop` and `max_increase` compare with the baseline. Rates are compared on the same ids: Tango's score interval,
    McNemar's exact test, and the smallest change that could have been found. Scored records of the candidate without a
    scored partner are in no pair: while there are any, the comparison is inconclusive at best. Means over labels,
    single labels and the calibration error combine two intervals of 97.5% each (Bonferroni), which is cautious.

    Errored records are never scored as wrong; records without `expected` are unscorable, and counted. With more than
    1,000 distinct labels only accuracy is judged. A metric with a limit and nothing to compute it from is an error.

    A label or slice of the records that holds personal data, a credential or a swear word is shown with a mark in its
    place, and a number.

    To fix: look at the confusions under `f1_macro` and at the worst slice. An interval that holds the threshold needs
    more records, or a person.
    """

    name: ClassVar[str] = "quality"
    summary: ClassVar[str] = "accuracy, precision, recall, F1, hallucination, calibration, slices"
    Options: ClassVar[type[QualityOptions]] = QualityOptions

    options: QualityOptions
    look: Look
    scanner: Scans | None = None

    @classmethod
    def build(cls, options: QualityOptions, setting: Setting) -> Self:
        """Make the gate. Raises ConfigError where a slice is to be compared with the baseline."""
        limits = options.slice_limits
        if limits is not None and (limits.max_drop or limits.max_increase or not options.slices):
            wrong = "slices need min or max" if options.slices else "there are no slices to judge"
            raise ConfigError([Problem(message=f"gates.quality.slice_limits: {wrong}")])
        look = Look(
            slices=options.slices,
            confident_at=options.confident_at,
            unsupported_above=options.unsupported_above if "hallucination_rate" in options.metrics else None,
            keys=Keys(setting.seed) if setting.has_baseline else None,
        )
        # Labels and slices are named in results that everybody reads, so what harms is hidden in them as in outputs.
        hidden = dict.fromkeys(("pii", "secrets", "profanity"))
        return cls(options, look, setting.scanner(hidden, setting.read) if setting.scanner else None)

    def tally(self, batch: Batch) -> QualityTally:
        """Count one batch; the baseline's only where there is one to compare with."""
        if not batch.records or (batch.role == "baseline" and self.look.keys is None):
            return {}
        return {batch.role: count(batch.records, self.look)}

    def merge(self, left: QualityTally, right: QualityTally) -> QualityTally:
        """Add two tallies."""
        return merge_roles(left, right, add)

    def judge(self, tally: QualityTally) -> GateResult:
        """Estimate each metric and compare it with its limit."""
        answers = tally.get("candidate", Answers())
        baseline = tally.get("baseline", Answers()) if self.look.keys else None
        pairs = pair(answers.keys, baseline.keys) if baseline is not None else None
        unscorable = answers.total - answers.scored - answers.errored
        books = Books(total=answers.total, scored=answers.scored, errored=answers.errored, unscorable=unscorable)
        metrics = [
            *self._metrics(answers, baseline, pairs),
            *self._labels(answers, baseline, pairs),
            *(metric for group in self.options.slices for metric in self._slices(group, answers)),
        ]
        return conclude_gate(self.name, books, metrics, examples=answers.examples)

    def _metrics(self, answers: Answers, baseline: Answers | None, pairs: Pairs | None) -> Iterator[Metric]:
        for name, measure in MEASURES.items():
            limit = self.options.metrics.get(name)
            found = measured(measure, answers, baseline, pairs, self.scanner)
            if limit is not None or found.estimate is not None:
                yield judge_limit(name, found, limit, measure.books(answers))

    def _labels(self, answers: Answers, baseline: Answers | None, pairs: Pairs | None) -> Iterator[Metric]:
        for label, limits in sorted(self.options.labels.items()):
            ratios = {"precision": limits.precision, "recall": limits.recall, "f1": limits.f1}
            for ratio, limit in ratios.items():
                if limit is not None:
                    measure: Measure = label_measure(ratio, label)
                    found = measured(measure, answers, baseline, pairs)
                    yield judge_limit(ratio, found, limit, measure.books(answers), part=f"label={label}")

    def _slices(self, group: str, answers: Answers) -> Iterator[Metric]:
        counts = answers.slices.get(group, {})
        values = sorted({value for value, _ in counts or {}})
        if counts is None or values in ([], [NO_VALUE]):
            many = f"there are more than {MAX_SLICES} values of {group}, too many for slices"
            yield _unusable(group, many if counts is None else f"no record carries the group {group}", answers)
            return
        shown = shown_names(values, self.scanner, within=group)
        for value in values:
            total = sum(seen for (which, _), seen in counts.items() if which == value)
            right, wrong = counts.get((value, RIGHT), 0), counts.get((value, WRONG), 0)
            errored = counts.get((value, ERRORED), 0)
            scored = right + wrong
            books = Books(total=total, scored=scored, errored=errored, unscorable=total - scored - errored)
            found = Measured(estimate=proportion(right, scored), missing="no record of this slice could be scored")
            yield judge_limit("accuracy", found, self.options.slice_limits, books, part=f"{group}={shown[value]}")


def _unusable(group: str, why: str, answers: Answers) -> Metric:
    rest = answers.total - answers.errored
    books = Books(total=answers.total, scored=0, errored=answers.errored, unscorable=rest)
    return Metric(name="accuracy", status=Status.ERROR, reason=f"accuracy[{group}]: {why}", books=books, slice=group)
