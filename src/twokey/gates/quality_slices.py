"""A metric by the values of a group: each with its interval, and which differ from the rest by more than chance.

The more slices, the more of them differ by chance alone, so p-values are adjusted for how many there are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twokey.config.shape import Limit
from twokey.gates.base import Scans
from twokey.gates.limits import Measured, judge_limit
from twokey.gates.quality_means import Mean, mean_estimate
from twokey.gates.quality_scores import MAX_SLICES, NO_VALUE, Scores
from twokey.gates.quality_tally import Answers, dependent
from twokey.gates.shown import shown_names
from twokey.outcome import Books, Metric, Status
from twokey.scorers.base import SCALE
from twokey.stats.fdr import benjamini_hochberg, fisher_exact
from twokey.stats.intervals import CONFIDENCE

NOTHING = "no record of this slice could be scored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """The slices of one group, as far as a result may name them: how many records each value has, and how it is shown.

    `unusable` says why there are none, and is empty where there are some.
    """

    group: str
    records: Mapping[tuple[str, bool], int]
    shown: Mapping[str, str]
    unusable: str = ""

    @classmethod
    def of(cls, group: str, answers: Answers, scanner: Scans | None) -> "Slices":
        """Find the values of a group."""
        records = answers.groups.get(group, {})
        values = sorted({value for value, _ in records or {}})
        unusable = (
            ""
            if values not in ([], [NO_VALUE])
            else f"no record carries the group {group} (recordings.candidate.groups)"
        )
        if records is None:
            unusable = f"there are more than {MAX_SLICES} values of {group}, too many for slices"
        return cls(
            group=group, records=records or {}, shown=shown_names(values, scanner, within=group), unusable=unusable
        )

    def metrics(self, mean: Mean, answers: Answers, limit: Limit | None) -> Iterator[Metric]:
        """Yield a metric for each value, judged by the limit, or the error that there is none to judge."""
        if self.unusable:
            yield self._error(mean, answers)
            return
        counts = answers.of(mean.name).slices.get(self.group) or {}
        parts = {value: _of_value(counts, value) for value in self.shown}
        differing = _differing(parts) if mean.binary else {}
        doubt = dependent(answers)
        for value, shown in self.shown.items():
            estimate = mean_estimate(parts[value], CONFIDENCE, binary=mean.binary)
            found = Measured(estimate=estimate, missing=NOTHING, facts=differing.get(value, {}), doubt=doubt)
            yield judge_limit(mean.name, found, limit, self._books(value, parts[value]), part=f"{self.group}={shown}")

    def _books(self, value: str, scores: Scores) -> Books:
        errored = self.records.get((value, True), 0)
        total = errored + self.records.get((value, False), 0)
        return Books(total=total, scored=scores.n, errored=errored, unscorable=total - scores.n - errored)

    def _error(self, mean: Mean, answers: Answers) -> Metric:
        books = Books(
            total=answers.total, scored=0, errored=answers.errored, unscorable=answers.total - answers.errored
        )
        reason = f"{mean.name}[{self.group}]: {self.unusable}"
        return Metric(name=mean.name, status=Status.ERROR, reason=reason, books=books, slice=self.group)


def _of_value(counts: Mapping[tuple[str, int], int], value: str) -> Scores:
    return Scores(histogram={score: seen for (which, score), seen in counts.items() if which == value})


def _differing(parts: Mapping[str, Scores]) -> dict[str, dict[str, Any]]:
    """Return for each value whether it differs from all others together: Fisher's exact test, adjusted."""
    scored = {value: scores for value, scores in parts.items() if scores.n}
    if len(scored) < 2:
        return {}
    n = sum(scores.n for scores in scored.values())
    hits = {value: scores.histogram.get(SCALE, 0) for value, scores in scored.items()}
    every = sum(hits.values())
    p_values = [fisher_exact(hits[value], s.n, every - hits[value], n - s.n) for value, s in scored.items()]
    adjusted = benjamini_hochberg(p_values)
    return {
        value: {"against_the_rest": {"fisher_p": p, "adjusted_p": q}}
        for value, p, q in zip(scored, p_values, adjusted, strict=True)
    }
