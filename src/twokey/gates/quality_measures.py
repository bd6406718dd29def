"""How each quality metric is read from the counts, with its interval and its difference from the baseline.

What is right or wrong, answer by answer, is compared in pairs; averages over labels by combining two intervals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twokey.gates.base import Scans
from twokey.gates.limits import EACH, Measured, combined_difference, counted, estimated, numerals, proportion
from twokey.gates.quality_labels import MAX_LABELS, label_facts
from twokey.gates.quality_pairs import Pairs, Table, table
from twokey.gates.quality_tally import MILLION, Answers
from twokey.outcome import Books, Estimate
from twokey.stats.calibration import Bin, calibration_interval, expected_calibration_error
from twokey.stats.classification import Classification
from twokey.stats.intervals import CONFIDENCE, clopper_pearson
from twokey.stats.paired import mcnemar, minimum_detectable_effect, paired_difference

NO_EXPECTED = "no record carries expected"
NO_CONFIDENCE = "no record carries both expected and a confidence from 0 to 1"
FREE_TEXT = f"there are more than {MAX_LABELS:,} distinct labels, so they are free text"


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric: how it is estimated at a confidence, how many records it stands on, and what it needs.

    `shift` is where a pairing key holds its outcome, None where it has none; `better` says which way is good there.
    """

    estimate: Callable[[Answers, float], Estimate | None]
    scored: Callable[[Answers], int]
    missing: str
    shift: int | None = None
    better: str = "higher"
    facts: Callable[[Answers, Scans | None], Mapping[str, Any]] = lambda _answers, _scanner: {}
    remark: Callable[[Answers], str] = lambda _: ""

    def books(self, answers: Answers) -> Books:
        """Return where the records went: what this metric could not be computed from is unscorable."""
        scored = self.scored(answers)
        unscorable = answers.total - answers.errored - scored
        return Books(total=answers.total, scored=scored, errored=answers.errored, unscorable=unscorable)


def measured(
    measure: Measure, answers: Answers, baseline: Answers | None, pairs: Pairs | None, scanner: Scans | None = None
) -> Measured:
    """Return the metric's estimate, and its difference from the baseline where there is one.

    What the scanner sees in a label is not shown.
    """
    estimate = measure.estimate(answers, CONFIDENCE)
    facts = dict(measure.facts(answers, scanner)) if estimate else {}
    found = Measured(estimate=estimate, missing=_missing(measure, answers), facts=facts, remark=measure.remark(answers))
    if estimate is None or baseline is None or pairs is None:
        return found
    return (
        _combined(found, measure, answers, baseline)
        if measure.shift is None
        else _paired(found, measure, answers, pairs, table(pairs, measure.shift))
    )


def _missing(measure: Measure, answers: Answers) -> str:
    return FREE_TEXT if answers.confusion is None and measure.missing == NO_EXPECTED else measure.missing


def _combined(found: Measured, measure: Measure, answers: Answers, baseline: Answers) -> Measured:
    difference = combined_difference(measure.estimate(answers, EACH), measure.estimate(baseline, EACH))
    return Measured(
        estimate=found.estimate,
        baseline=measure.estimate(baseline, CONFIDENCE),
        difference=difference,
        missing_baseline=f"in the baseline {_missing(measure, baseline)}",
        facts={**found.facts, **_difference_facts(difference)},
        remark=found.remark,
    )


def _paired(found: Measured, measure: Measure, answers: Answers, pairs: Pairs, counts: Table) -> Measured:
    n, leftover = counts.n, _leftover(pairs)
    alone = measure.scored(answers) - n
    if n == 0:
        why = f"no record can be paired with one of the baseline ({leftover})"
        return Measured(estimate=found.estimate, missing_baseline=why, facts=found.facts, remark=found.remark)
    interval = paired_difference(counts.rose, counts.fell, n)
    difference = estimated((counts.rose - counts.fell) / n, interval, n, "Tango score, paired")
    up_is_good = measure.better == "higher"
    fixed, broken = (counts.rose, counts.fell) if up_is_good else (counts.fell, counts.rose)
    p = mcnemar(fixed, broken)
    effect = minimum_detectable_effect(n, (fixed + broken) / n)
    seen = f"a change of {numerals(effect)(effect)} or more" if effect is not None else "no change, however large,"
    note = (
        f"{fixed:,} fixed and {broken:,} broken of {n:,} pairs, McNemar p {'<0.0001' if p < 1e-4 else numerals(p)(p)};"
        f" {seen} would be found with 80% power; {leftover}"
    )
    return Measured(
        estimate=found.estimate,
        baseline=proportion(counts.before, n),
        difference=difference,
        note=note,
        partial=f"{alone:,} scored records of the candidate have no scored partner in the baseline" if alone else "",
        remark=found.remark,
        facts={
            **found.facts,
            **_difference_facts(difference),
            "pairs": {
                "n": n,
                "fixed": fixed,
                "broken": broken,
                "mcnemar_p": p,
                "minimum_detectable_effect": effect,
                "candidate_without_partner": pairs.only_candidate,
                "baseline_without_partner": pairs.only_baseline,
            },
        },
    )


def _leftover(pairs: Pairs) -> str:
    if not pairs.only_candidate and not pairs.only_baseline:
        return "every record has a partner"
    return f"{pairs.only_candidate:,} of the candidate and {pairs.only_baseline:,} of the baseline have no partner"


def _difference_facts(difference: Estimate | None) -> dict[str, Any]:
    return {"difference": {"value": difference.value, **difference.interval()}} if difference else {}


def _accuracy(answers: Answers, confidence: float) -> Estimate | None:
    return proportion(answers.right, answers.expected, confidence)


def _macro(measure: str) -> Callable[[Answers, float], Estimate | None]:
    def estimate(answers: Answers, confidence: float) -> Estimate | None:
        if not answers.confusion:
            return None
        value, interval = Classification.of(answers.confusion).macro(measure, confidence)
        return estimated(value, interval, answers.expected, "Korn-Graubard", confidence)

    return estimate


def _micro(measure: str) -> Callable[[Answers, float], Estimate | None]:
    """Each is hits over a number that is known once answers are counted: expected, predicted, or their mean."""

    def estimate(answers: Answers, confidence: float) -> Estimate | None:
        if not answers.confusion:
            return None
        total = Classification.of(answers.confusion).micro()
        trials = total.expected if measure == "recall" else total.predicted
        if trials == 0:
            return counted(0.0, answers.expected, "no label was given")
        scale = 2 * trials / (total.expected + total.predicted) if measure == "f1" else 1.0
        low, high = clopper_pearson(total.hits, trials, confidence)
        interval = (low * scale, min(1.0, high * scale))
        return estimated(total.hits / trials * scale, interval, answers.expected, "Clopper-Pearson", confidence)

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
    return Measure(estimate, lambda answers: answers.expected, f"no record {verb} the label {label!r}")


def _bins(answers: Answers) -> list[Bin]:
    cells = answers.bins
    return [
        Bin(n=wrong + right, right=right, confidence=total / MILLION)
        for wrong, right, total in zip(cells[::3], cells[1::3], cells[2::3], strict=True)
        if wrong + right
    ]


def _with_confidence(answers: Answers) -> int:
    return sum(answers.bins[::3]) + sum(answers.bins[1::3])


def _calibration(answers: Answers, confidence: float) -> Estimate | None:
    bins = _bins(answers)
    if not bins:
        return None
    n = _with_confidence(answers)
    return estimated(
        expected_calibration_error(bins), calibration_interval(bins, confidence), n, "McDiarmid", confidence
    )


def _calibration_facts(answers: Answers, _scanner: Scans | None) -> Mapping[str, Any]:
    bins = _bins(answers)
    return {"bins": [{"n": b.n, "accuracy": b.right / b.n, "confidence": b.confidence / b.n} for b in bins]}


def _confident_errors(answers: Answers, confidence: float) -> Estimate | None:
    return proportion(answers.confident_errors, _with_confidence(answers), confidence)


def _grounded(answers: Answers) -> int:
    return sum(answers.grounded.values())


def _hallucination(answers: Answers, confidence: float) -> Estimate | None:
    flagged = sum(seen for (_, verdict), seen in answers.grounded.items() if verdict)
    return proportion(flagged, _grounded(answers), confidence)


def _judges(answers: Answers) -> dict[str, int]:
    return {by: sum(n for (who, _), n in answers.grounded.items() if who == by) for by in ("label", "words")}


def _grounding_remark(answers: Answers) -> str:
    words = _judges(answers)["words"]
    return f"{words:,} answers were compared with their context by words alone" if words else ""


def _expected(answers: Answers) -> int:
    return answers.expected


def _label_facts(answers: Answers, scanner: Scans | None) -> Mapping[str, Any]:
    return label_facts(Classification.of(answers.confusion or {}), scanner)


MEASURES: Mapping[str, Measure] = {
    "accuracy": Measure(_accuracy, _expected, NO_EXPECTED, shift=0),
    "precision_macro": Measure(_macro("precision"), _expected, NO_EXPECTED),
    "recall_macro": Measure(_macro("recall"), _expected, NO_EXPECTED),
    "f1_macro": Measure(_macro("f1"), _expected, NO_EXPECTED, facts=_label_facts),
    "precision_micro": Measure(_micro("precision"), _expected, NO_EXPECTED),
    "recall_micro": Measure(_micro("recall"), _expected, NO_EXPECTED),
    "f1_micro": Measure(_micro("f1"), _expected, NO_EXPECTED),
    "hallucination_rate": Measure(
        _hallucination,
        _grounded,
        "no record carries hallucinated, or an output and a context to compare",
        shift=2,
        better="lower",
        facts=lambda answers, _scanner: {"judged_by": _judges(answers)},
        remark=_grounding_remark,
    ),
    "expected_calibration_error": Measure(
        _calibration, _with_confidence, NO_CONFIDENCE, better="lower", facts=_calibration_facts
    ),
    "confident_errors": Measure(_confident_errors, _with_confidence, NO_CONFIDENCE, shift=4, better="lower"),
}
