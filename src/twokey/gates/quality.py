"""The gate for whether answers are right: it compares labels with what was expected, and answers with their context.

It calls no judge and no model. What a person or a judge said arrives as a label in the record, or in a recording of the
judge's answers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from twokey.errors import ConfigError, Problem
from twokey.gates.base import Scans, Setting, merge_roles
from twokey.gates.limits import judge_limit
from twokey.gates.quality_grounding import NAME as HALLUCINATION
from twokey.gates.quality_grounding import Compare, fitted_weights
from twokey.gates.quality_judged import ByWords, Judged
from twokey.gates.quality_means import Against
from twokey.gates.quality_measures import Measure, label_measure, mean_of, measures
from twokey.gates.quality_options import QualityOptions
from twokey.gates.quality_partners import Partners
from twokey.gates.quality_slices import Slices
from twokey.gates.quality_tally import Answers, Look, add, count, keep_verdicts
from twokey.outcome import Books, GateResult, Metric, conclude_gate
from twokey.record import Batch, Role
from twokey.scorers import SCORERS
from twokey.scorers.base import Asked, Scorer
from twokey.scorers.custom import Custom

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
      such label, its words are compared: flagged are answers with more than `unsupported_above` of their words, or a
      number, date, name, quotation or address, in neither context nor input. This sees no negation and no swapped name,
      and flags paraphrase. With `grounding: {weights: grounding.json}`, weights that `twokey fit` fitted on your own
      labels say what the comparison amounts to. Words are only compared where the metric has a limit.
    - `expected_calibration_error`: distance between confidence and accuracy, 15 equal-width bins. Interval by
      McDiarmid's inequality: wide, and valid at any size.
    - `confident_errors`: the share of records that are wrong at a confidence of `confident_at` or more.
    - `brier_score`, `exact_match`, `normalised_match`, `numeric_match`, `token_f1`, `label_f1`, `reciprocal_rank`,
      `ndcg`, `field_f1`, `json_accuracy`, `rouge_l`, `chrf`, `refusal_rate`, and functions of your own under `custom`:
      means of a score for each record, computed where they have a limit (`scoring` holds their options). Graded scores
      have an interval that holds at any sample size.
    - `slices`: accuracy, and every mean of scores that has a limit, by the values of a group, with Fisher's exact test
      against the rest, adjusted for how many values there are; accuracy is judged there where `slice_limits` is given.
    - `judge`: the judge of `judges` whose verdicts say what is hallucinated, corrected by what people labelled too.

    Where `recordings.candidate.cluster` is mapped, records of one cluster count for less than independent ones; what
    takes records as independent (averages over labels, slices, a judge's rate, the calibration error) cannot pass.

    `max_drop` and `max_increase` compare with the baseline. Rates are compared on the same ids: an exact interval,
    McNemar's exact test, and the smallest change that could have been found. Scored records of the candidate without a
    scored partner, and answers without a score whose partner has one, are in no pair: while there are any, the
    comparison is inconclusive at best. Means over labels,
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
            scorers=_scorers(options, setting),
            slices=options.slices,
            sliced=frozenset({"accuracy", *options.metrics, *options.custom}),
            compare=_compare(options, setting),
            keeps=setting.has_baseline,
            clustered=setting.clustered,
            seed=setting.seed,
        )
        # Labels and slices are named in results that everybody reads, so what harms is hidden in them as in outputs.
        return cls(options, look, setting.naming())

    def tally(self, batch: Batch) -> QualityTally:
        """Count one batch; the baseline's only where there is one to compare with."""
        if not batch.records or (batch.role == "baseline" and not self.look.keeps):
            return {}
        if batch.role == "judge":
            return {"judge": keep_verdicts(batch.records, self.look.seed)}
        look = self.look if batch.role == "baseline" else self.look.of_candidate
        return {batch.role: count(batch.records, look, batch.before, batch.judged)}

    def merge(self, left: QualityTally, right: QualityTally) -> QualityTally:
        """Add two tallies."""
        return merge_roles(left, right, add)

    def partners(self, tally: QualityTally, role: Role) -> Partners:
        """Return what the candidate's records meet, of a tally of the whole of another recording."""
        return Partners.of(tally.get(role, Answers()).kept, self.look.seed)

    def judge(self, tally: QualityTally) -> GateResult:
        """Estimate each metric and compare it with its limit."""
        answers = tally.get("candidate", Answers())
        against = _against(tally.get("baseline", Answers()), self.options) if self.look.keeps else None
        unscorable = answers.total - answers.scored - answers.errored
        books = Books(total=answers.total, scored=answers.scored, errored=answers.errored, unscorable=unscorable)
        metrics = [
            *self._metrics(answers, against),
            *self._labels(answers, against),
            *(metric for group in self.options.slices for metric in self._slices(group, answers)),
        ]
        examples = {name: tuple(kept.id for kept in scores.worst) for name, scores in answers.scores.items()}
        return conclude_gate(self.name, books, metrics, examples=examples)

    def _metrics(self, answers: Answers, against: Against | None) -> Iterator[Metric]:
        hallucination = Judged() if self.options.judge else ByWords(fitted=_fitted_remark(self.look))
        for name, measure in measures(self.look.scorers, hallucination, self.scanner).items():
            limit = self.options.limit(name)
            found = measure.measured(answers, against)
            if limit is not None or found.estimate is not None:
                yield judge_limit(name, found, limit, measure.books(answers))

    def _labels(self, answers: Answers, against: Against | None) -> Iterator[Metric]:
        for label, limits in sorted(self.options.labels.items()):
            ratios = {"precision": limits.precision, "recall": limits.recall, "f1": limits.f1}
            for ratio, limit in ratios.items():
                if limit is not None:
                    measure: Measure = label_measure(ratio, label)
                    found = measure.measured(answers, against)
                    yield judge_limit(ratio, found, limit, measure.books(answers), part=f"label={label}")

    def _slices(self, group: str, answers: Answers) -> Iterator[Metric]:
        """Yield accuracy by the group's values, judged, then the other means that policy judges as a whole."""
        slices = Slices.of(group, answers, self.scanner)
        for name, scorer in self.look.scorers.items():
            if name == "accuracy":
                yield from slices.metrics(mean_of(name, scorer), answers, self.options.slice_limits)
            elif self.options.limit(name) is not None and not slices.unusable:
                yield from slices.metrics(mean_of(name, scorer), answers, None)


def _scorers(options: QualityOptions, setting: Setting) -> dict[str, Scorer]:
    """Return the scorers that policy asks for, and those that cost next to nothing and are always shown."""
    asked = Asked(read=setting.read, confident_at=options.confident_at)
    names = [name for name in SCORERS if name in options.metrics or name in ALWAYS_SHOWN]
    known = {name: SCORERS[name].build(getattr(options.scoring, name, None), asked) for name in names}
    return {**known, **{name: Custom.build(own, asked) for name, own in sorted(options.custom.items())}}


def _compare(options: QualityOptions, setting: Setting) -> Compare | None:
    """Return how answers are compared with their context: only where the rate has a limit, since it takes time."""
    weights = fitted_weights(options.grounding.weights, setting.read)
    return Compare(options.unsupported_above, weights) if HALLUCINATION in options.metrics else None


def _fitted_remark(look: Look) -> str:
    return look.compare.fitted.remark if look.compare is not None and look.compare.fitted is not None else ""


ALWAYS_SHOWN = ("accuracy", "confident_errors")


def _against(baseline: Answers, options: QualityOptions) -> Against:
    partners = sum(map(len, baseline.kept))
    return Against(answers=baseline, partners=partners, paired=options.compare == "paired")
