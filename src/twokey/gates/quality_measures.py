"""The quality gate's metrics by name: means of scores, averages over labels, and calibration.

What is right or wrong, answer by answer, is compared in pairs (`quality_means`); averages over labels and the
calibration error by combining two intervals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from twokey.gates.base import Scans
from twokey.gates.limits import EACH, Measured, combined_difference, counted, estimated, proportion
from twokey.gates.quality_calibration import calibration, calibration_facts, with_confidence
from twokey.gates.quality_judged import ByWords, Judged
from twokey.gates.quality_labels import MAX_LABELS, label_facts
from twokey.gates.quality_means import Against, Mean, difference_facts, metric_books
from twokey.gates.quality_options import METRICS
from twokey.gates.quality_tally import Answers, dependent
from twokey.outcome import Books, Estimate
from twokey.scorers.base import Scorer
from twokey.stats.classification import Classification
from twokey.stats.intervals import CONFIDENCE, clopper_pearson

NO_EXPECTED = "no record carries expected"
NO_CONFIDENCE = "no record carries both expected and a confidence from 0 to 1"
NO_CASE = "the baseline has none of the candidate's cases (compare: unpaired says that it is of others)"
FREE_TEXT = f"there are more than {MAX_LABELS:,} distinct labels, so they are free text"


class Measure(Protocol):
    """One metric: how it is estimated and compared, and which records it stands on."""

    def books(self, answers: Answers) -> Books:
        """Return where the records went."""

    def measured(self, answers: Answers, against: Against | None) -> Measured:
        """Return the estimate, and the difference from the baseline where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Average:
    """A metric of all answers together, which no single answer has: estimated at a confidence from the counts."""

    estimate: Callable[[Answers, float], Estimate | None]
    scored: Callable[[Answers], int]
    missing: str
    facts: Callable[[Answers], Mapping[str, Any]] = lambda _answers: {}

    def books(self, answers: Answers) -> Books:
        """Return where the records went: what this metric could not be computed from is unscorable."""
        return metric_books(answers, self.scored(answers))

    def measured(self, answers: Answers, against: Against | None) -> Measured:
        """Return the estimate, and its difference by two intervals that hold together."""
        estimate = self.estimate(answers, CONFIDENCE)
        facts = dict(self.facts(answers)) if estimate else {}
        found = Measured(estimate=estimate, missing=self._missing(answers), facts=facts, doubt=dependent(answers))
        if estimate is None or against is None:
            return found
        if against.paired and not answers.partnered:
            return replace(found, missing_baseline=NO_CASE)
        difference = combined_difference(self.estimate(answers, EACH), self.estimate(against.answers, EACH))
        return replace(
            found,
            baseline=self.estimate(against.answers, CONFIDENCE),
            difference=difference,
            missing_baseline=f"in the baseline {self._missing(against.answers)}",
            facts={**facts, **difference_facts(difference)},
        )

    def _missing(self, answers: Answers) -> str:
        return FREE_TEXT if answers.confusion is None and self.missing != NO_CONFIDENCE else self.missing


def measures(
    scorers: Mapping[str, Scorer], hallucination: ByWords | Judged, scanner: Scans | None
) -> dict[str, Measure]:
    """Return the metrics in the order of the results, custom ones last."""
    found: dict[str, Measure] = {**_averages(scanner), hallucination.name: hallucination}
    for name, scorer in scorers.items():
        found[name] = mean_of(name, scorer)
    places = {name: place for place, name in enumerate(METRICS)}
    return {name: found[name] for name in sorted(found, key=lambda name: (places.get(name, len(places)), name))}


def mean_of(name: str, scorer: Scorer) -> Mean:
    """Return the metric that is the mean of a scorer's scores."""
    return Mean(name=name, missing=scorer.missing, binary=scorer.binary, lower=scorer.better == "lower")


def _averages(scanner: Scans | None) -> dict[str, Measure]:
    def confusions(answers: Answers) -> Mapping[str, Any]:
        return label_facts(Classification.of(answers.confusion or {}), scanner)

    averages: dict[str, Measure] = {}
    for ratio in ("precision", "recall", "f1"):
        facts = confusions if ratio == "f1" else _no_facts
        macro = Average(estimate=_macro(ratio), scored=compared, missing=NO_EXPECTED, facts=facts)
        averages[f"{ratio}_macro"] = macro
        averages[f"{ratio}_micro"] = Average(estimate=_micro(ratio), scored=compared, missing=NO_EXPECTED)
    averages["expected_calibration_error"] = Average(
        estimate=calibration, scored=with_confidence, missing=NO_CONFIDENCE, facts=calibration_facts
    )
    return averages


def _no_facts(_answers: Answers) -> Mapping[str, Any]:
    return {}


def compared(answers: Answers) -> int:
    """Return how many labels were compared with an expected one; none where there are too many to be labels."""
    return answers.of("accuracy").n if answers.confusion is not None else 0


def _macro(ratio: str) -> Callable[[Answers, float], Estimate | None]:
    def estimate(answers: Answers, confidence: float) -> Estimate | None:
        if not answers.confusion:
            return None
        value, interval = Classification.of(answers.confusion).macro(ratio, confidence)
        return estimated(value, interval, compared(answers), "Korn-Graubard", confidence)

    return estimate


def _micro(ratio: str) -> Callable[[Answers, float], Estimate | None]:
    """Each is hits over a number that is known once answers are counted: expected, predicted, or their mean."""

    def estimate(answers: Answers, confidence: float) -> Estimate | None:
        if not answers.confusion:
            return None
        total = Classification.of(answers.confusion).micro()
        trials = total.expected if ratio == "recall" else total.predicted
        if trials == 0:
            return counted(0.0, compared(answers), "no label was given")
        scale = 2 * trials / (total.expected + total.predicted) if ratio == "f1" else 1.0
        low, high = clopper_pearson(total.hits, trials, confidence)
        interval = (low * scale, min(1.0, high * scale))
        return estimated(total.hits / trials * scale, interval, compared(answers), "Clopper-Pearson", confidence)

    return estimate


def label_measure(ratio: str, label: str) -> Measure:
    """Return precision, recall or f1 of one label; undefined where no answer should or did carry it."""

    def estimate(answers: Answers, confidence: float) -> Estimate | None:
        counts = Classification.of(answers.confusion or {}).labels.get(label)
        trials = {"precision": "predicted", "recall": "expected", "f1": "union"}[ratio]
        n = int(getattr(counts, trials)) if counts else 0
        if counts is None or n == 0:
            return None
        if ratio == "f1":
            return estimated(counts.f1, counts.f1_interval(confidence), n, "Clopper-Pearson of Jaccard", confidence)
        return proportion(counts.hits, n, confidence)

    verb = {"precision": "was given", "recall": "expects", "f1": "expects or was given"}[ratio]
    return Average(estimate=estimate, scored=compared, missing=f"no record {verb} the label {label!r}")
