"""How a metric that is a mean of scores is estimated, and compared with the baseline's on the same cases.

A share of right answers has an exact interval, a mean of graded scores one that holds at any sample size; records of
one cluster count for less than as many independent ones. Nothing is judged here: `limits` compares with policy.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from twokey.canonical import quantise
from twokey.gates.limits import EACH, Measured, combined_difference, estimated, numerals
from twokey.gates.quality_scores import Scores, crossed
from twokey.gates.quality_tally import Answers
from twokey.outcome import Books, Estimate
from twokey.scorers.base import SCALE
from twokey.stats.clusters import Cluster, cluster_design, clustered_interval
from twokey.stats.intervals import CONFIDENCE, clopper_pearson, outward
from twokey.stats.means import mean_interval, variance_of
from twokey.stats.paired import mcnemar, minimum_detectable_effect, paired_difference
from twokey.stats.paired_exact import exact_paired_difference
from twokey.stats.paired_scores import minimum_detectable_difference, paired_bootstrap, paired_mean_interval, sign_flip
from twokey.stats.settle import cases_to_settle, pairs_to_settle, scores_to_settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What a candidate is compared with: the baseline's answers, how many of them there are, and how.

    `paired` is false where policy says that the two recordings are of different cases.
    """

    answers: Answers
    partners: int
    paired: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """One metric that is a mean of scores: its name, whether scores are 0 or 1 only, and which way is good."""

    name: str
    missing: str
    binary: bool = True
    lower: bool = False

    def books(self, answers: Answers) -> Books:
        """Return where the records went: what this metric could not be computed from is unscorable."""
        return metric_books(answers, answers.of(self.name).n)

    def estimate(self, answers: Answers, confidence: float = CONFIDENCE) -> Estimate | None:
        """Return the mean with its interval, or None where nothing was scored."""
        return mean_estimate(answers.of(self.name), confidence, binary=self.binary)

    def measured(self, answers: Answers, against: Against | None) -> Measured:
        """Return the estimate, and its difference from the baseline where there is one."""
        scores = answers.of(self.name)
        if scores.clusters and not answers.clustered:
            return Measured(missing="policy maps a cluster, and no record names one")
        estimate = self.estimate(answers)
        missing = self.missing
        if scores.clusters is None:
            missing = "the records name too many clusters to tell how independent they are"
        facts = _facts(scores, estimate)
        found = Measured(estimate=estimate, missing=missing, facts=facts, settled_by=self._settled_by(scores))
        if estimate is None or against is None:
            return found
        if not against.paired or scores.clusters:
            return self._apart(found, answers, against)
        return self._paired(found, answers, against)

    def _settled_by(self, scores: Scores) -> Callable[[float], int | None]:
        if scores.clusters or scores.clusters is None:
            return lambda _threshold: None
        if self.binary:
            return lambda threshold: cases_to_settle(scores.histogram.get(SCALE, 0), scores.n, threshold)
        return lambda threshold: scores_to_settle(scores.histogram, SCALE, threshold)

    def _apart(self, found: Measured, answers: Answers, against: Against) -> Measured:
        difference = combined_difference(self.estimate(answers, EACH), self.estimate(against.answers, EACH))
        why = "records of one cluster are not independent, so" if against.paired else "policy says that"
        return replace(
            found,
            baseline=self.estimate(against.answers),
            difference=difference,
            missing_baseline=f"in the baseline {self.missing}",
            note=f"{why} the two are compared as a whole, and not pair by pair",
            facts={**found.facts, **difference_facts(difference)},
        )

    def _paired(self, found: Measured, answers: Answers, against: Against) -> Measured:
        scores = answers.of(self.name)
        n = sum(scores.pairs.values())
        leftover = _leftover(answers, against)
        if n == 0:
            why = f"no record can be paired with one of the baseline ({leftover})"
            return replace(found, missing_baseline=why)
        difference = self._difference(scores, n)
        before = Scores(histogram=_marginal(scores.pairs))
        compared, note = self._compared(scores, n)
        return replace(
            found,
            baseline=mean_estimate(before, CONFIDENCE, binary=self.binary),
            difference=difference,
            note=f"{note}; {leftover}",
            change_settled_by=self._change_settled_by(scores, n),
            partial=_partial(scores.n - n, scores.lost, against.partners - answers.met),
            facts={
                **found.facts,
                **difference_facts(difference),
                "pairs": {
                    "n": n,
                    **compared,
                    "candidate_without_partner": answers.total - answers.errored - answers.partnered,
                    "baseline_without_partner": against.partners - answers.partnered,
                },
                "flips": {
                    "fixed": [kept.id for kept in scores.fixed],
                    "broken": [kept.id for kept in scores.broken],
                },
            },
        )

    def _change_settled_by(self, scores: Scores, n: int) -> Callable[[float], int | None]:
        moved = difference_counts(scores.pairs)
        if self.binary:
            return lambda margin: pairs_to_settle(moved.get(SCALE, 0), moved.get(-SCALE, 0), n, margin)
        return lambda margin: scores_to_settle(moved, SCALE, margin, least=-SCALE)

    def _difference(self, scores: Scores, n: int) -> Estimate:
        moved = difference_counts(scores.pairs)
        total = sum(step * seen for step, seen in moved.items())
        if self.binary:
            interval = exact_paired_difference(moved.get(SCALE, 0), moved.get(-SCALE, 0), n)
            return estimated(total / SCALE / n, interval, n, "exact, paired")
        return estimated(total / SCALE / n, paired_mean_interval(moved, SCALE), n, "paired, any sample size")

    def _compared(self, scores: Scores, n: int) -> tuple[dict[str, Any], str]:
        """Return what a reader of the comparison wants to know, as facts and as a sentence."""
        up = not self.lower
        fixed = sum(seen for (now, was), seen in scores.pairs.items() if crossed(was, now, up=up))
        broken = sum(seen for (now, was), seen in scores.pairs.items() if crossed(was, now, up=not up))
        facts: dict[str, Any] = {"fixed": fixed, "broken": broken}
        head = f"{fixed:,} fixed and {broken:,} broken of {n:,} pairs"
        if not self.binary:
            moved = difference_counts(scores.pairs)
            p = sign_flip(moved).p
            effect = minimum_detectable_difference(n, math.sqrt(variance_of(moved, SCALE)))
            bootstrap = list(outward(*paired_bootstrap(moved, SCALE)))
            facts |= {"permutation_p": p, "minimum_detectable_effect": effect, "bootstrap_interval": bootstrap}
            told = f"; a change of {numerals(effect)(effect)} or more would be found with 80% power" if effect else ""
            return facts, f"{head}, permutation p {_p(p)}{told}"
        p = mcnemar(fixed, broken)
        effect = minimum_detectable_effect(n, (fixed + broken) / n)
        seen = f"a change of {numerals(effect)(effect)} or more" if effect is not None else "no change, however large,"
        tango = outward(*paired_difference(*((fixed, broken) if up else (broken, fixed)), n))
        facts |= {"mcnemar_p": p, "minimum_detectable_effect": effect, "tango_interval": list(tango)}
        return facts, f"{head}, McNemar p {_p(p)}; {seen} would be found with 80% power"


def mean_estimate(scores: Scores, confidence: float, *, binary: bool) -> Estimate | None:
    """Return the mean of some scores with its interval, or None where there are none."""
    n = scores.n
    if n == 0 or scores.clusters is None:
        return None
    value = scores.total / SCALE / n
    if scores.clusters:
        interval = clustered_interval(_clusters(scores), confidence)
        return estimated(value, interval, n, "clustered, any sample size", confidence)
    if binary:
        interval = clopper_pearson(scores.histogram.get(SCALE, 0), n, confidence)
        return estimated(value, interval, n, "Clopper-Pearson", confidence)
    return estimated(value, mean_interval(scores.histogram, SCALE, confidence), n, "any sample size", confidence)


def metric_books(answers: Answers, scored: int) -> Books:
    """Return where the records went, of which so many were scored."""
    unscorable = answers.total - answers.errored - scored
    return Books(total=answers.total, scored=scored, errored=answers.errored, unscorable=unscorable)


def difference_counts(pairs: Mapping[tuple[int, int], int]) -> dict[int, int]:
    """Return how often a score moved by how much, in ten-thousandths."""
    moved: dict[int, int] = {}
    for (now, was), seen in pairs.items():
        moved[now - was] = moved.get(now - was, 0) + seen
    return dict(sorted(moved.items()))


def difference_facts(difference: Estimate | None) -> dict[str, Any]:
    """Return a difference's JSON form, where there is one."""
    return {"difference": {"value": difference.value, **difference.interval()}} if difference else {}


def _marginal(pairs: Mapping[tuple[int, int], int]) -> dict[int, int]:
    before: dict[int, int] = {}
    for (_, was), seen in pairs.items():
        before[was] = before.get(was, 0) + seen
    return before


def _facts(scores: Scores, estimate: Estimate | None) -> dict[str, Any]:
    if estimate is None or not scores.clusters:
        return {}
    design = cluster_design(_clusters(scores))
    return {"clusters": {"count": design.clusters, "design_effect": quantise(design.effect)}}


def _clusters(scores: Scores) -> list[Cluster]:
    """Return the clusters in an order that only they decide."""
    found = sorted((scores.clusters or {}).items())
    return [Cluster(n=n, total=total / SCALE) for _, (n, total) in found]


def _partial(alone: int, lost: int, gone: int) -> str:
    """Say what the pairs leave out, of which nobody knows how it would have compared; nothing where nothing is.

    `gone` are records of the baseline that the candidate does not have: whoever leaves out what went wrong does better.
    """
    sides = ((alone, "candidate", "baseline"), (lost, "baseline", "candidate"))
    parts = [f"{n:,} scored records of the {one} have no scored partner in the {other}" for n, one, other in sides if n]
    if gone:
        parts.append(f"{gone:,} records of the baseline are not among the candidate's")
    return ", and ".join(parts)


def _leftover(answers: Answers, against: Against) -> str:
    ours, theirs = answers.total - answers.errored - answers.partnered, against.partners - answers.partnered
    if not ours and not theirs:
        return "every record has a partner"
    return f"{ours:,} of the candidate and {theirs:,} of the baseline have no partner"


def _p(p: float) -> str:
    return "below 0.0001" if p < 1e-4 else numerals(p)(p)
