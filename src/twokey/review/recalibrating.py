"""What grades say of those who judged before: each rule of the detectors, the judge, and the confidence threshold.

It counts, with exact intervals; how that reads is in `learning_report`, and nothing is applied. The items shown were
chosen for being doubtful, so what holds of them need not hold of all outputs: the random audit is told apart.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from twokey.gates.limits import proportion
from twokey.outcome import Estimate
from twokey.review import AUDITED, LOW
from twokey.review.learning import Settled
from twokey.stats.prevalence import better_than_chance
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`k` of `n`, with the exact interval where there are any."""

    k: int
    n: int

    @property
    def estimate(self) -> Estimate | None:
        """The share with its Clopper-Pearson interval; None of nothing."""
        return proportion(self.k, self.n)

    def plain(self) -> dict[str, Any]:
        """Return the JSON form."""
        found = self.estimate
        return {"k": self.k, "n": self.n, **({"value": found.value, **found.interval()} if found else {})}

    def __str__(self) -> str:
        found = self.estimate
        if found is None:
            return "none of 0"
        return f"{self.k:,} of {self.n:,} ({found.value:.0%}, {found.low:.1%} to {found.high:.1%})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of a detector: how many of the items that it flagged failed."""

    tag: str
    failing: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """How a judge's verdicts agree with grades, in the counts that the correction of Rogan and Gladen takes.

    It flagged `caught` of the items that failed, and passed `cleared` of the others.
    """

    name: str
    caught: Share
    cleared: Share

    @property
    def better_than_chance(self) -> bool:
        """Whether the judge tells anything of the grades."""
        return better_than_chance(self.caught.k, self.caught.n, self.cleared.k, self.cleared.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """All that the grades say. `threshold` is the policy's `confidence_below`, None where nothing says.

    `beyond` is a threshold under which every audited item that failed would have been queued, and how many of all
    audited items with it. `unflagged` is how many of the failing items no rule flagged.
    """

    rules: tuple[Rule, ...]
    unflagged: Share
    judge: Judge | None
    judge_audited: Judge | None
    low: Share
    audited: Share
    threshold: float | None
    beyond: tuple[float, Share] | None

    def plain(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "detectors": {rule.tag: rule.failing.plain() for rule in self.rules},
            "failing_without_a_finding": self.unflagged.plain(),
            "judge": None if self.judge is None else _judge_plain(self.judge, self.judge_audited),
            "confidence": {
                "threshold": self.threshold,
                "failing_low_confidence": self.low.plain(),
                "failing_audited": self.audited.plain(),
                "threshold_over_audited_failures": None if self.beyond is None else self.beyond[0],
            },
        }


def _judge_plain(judge: Judge, audited: Judge | None) -> dict[str, Any]:
    found = {"name": judge.name, "sensitivity": judge.caught.plain(), "specificity": judge.cleared.plain()}
    if audited is not None:
        found["audited"] = {"sensitivity": audited.caught.plain(), "specificity": audited.cleared.plain()}
    return found


def recalibrated(
    settled: Sequence[Settled],
    *,
    threshold: float | None,
    judge: str | None = None,
    verdicts: Mapping[str, bool] | None = None,
) -> Recalibration:
    """Count what the grades say.

    Args:
        settled: the items that were judged, out of `learning`.
        threshold: policy's `confidence_below`, from 0 to 1.
        judge: the name of the judge whose verdicts these are.
        verdicts: by the id of a record, true where the judge flagged its output.
    """
    failing = [one for one in settled if one.failed]
    audited = [one for one in settled if one.item["stratum"] == AUDITED]
    return Recalibration(
        rules=tuple(_rules(settled)),
        unflagged=Share(k=sum(not one.item.get("findings") for one in failing), n=len(failing)),
        judge=_judge(judge, verdicts, settled),
        judge_audited=_judge(judge, verdicts, audited),
        low=_failing(one for one in settled if one.item["stratum"] == LOW),
        audited=_failing(audited),
        threshold=threshold,
        beyond=_beyond(audited, threshold),
    )


def _failing(some: Iterable[Settled]) -> Share:
    some = list(some)
    return Share(k=sum(one.failed for one in some), n=len(some))


def _rules(settled: Sequence[Settled]) -> Iterator[Rule]:
    by_tag: dict[str, list[Settled]] = {}
    for one in settled:
        for tag in {str(tag) for tag in one.item.get("findings") or ()}:
            by_tag.setdefault(tag, []).append(one)
    for tag in sorted(by_tag):
        yield Rule(tag=tag, failing=_failing(by_tag[tag]))


def _judge(name: str | None, verdicts: Mapping[str, bool] | None, settled: Sequence[Settled]) -> Judge | None:
    """Return how the judge did on those items that it has a verdict of."""
    if name is None or verdicts is None:
        return None
    seen = [(one.failed, verdicts[str(one.item["id"])]) for one in settled if str(one.item["id"]) in verdicts]
    flagged = [verdict for failed, verdict in seen if failed]
    passed = [not verdict for failed, verdict in seen if not failed]
    return Judge(name=name, caught=Share(k=sum(flagged), n=len(flagged)), cleared=Share(k=sum(passed), n=len(passed)))


def _beyond(audited: Sequence[Settled], threshold: float | None) -> tuple[float, Share] | None:
    """Return the least threshold, in hundredths, that every audited failure lies under, and what else does.

    None where none failed, where one has no confidence, or where no threshold is above it.
    """
    known = [(float(one.item.get("confidence") or 0), one) for one in audited]
    failed = [confidence for confidence, one in known if one.failed and one.item.get("confidence") is not None]
    if not failed or len(failed) < sum(one.failed for one in audited):
        return None
    below = math.floor(max(failed) * 100 + 1 + 1e-9) / 100
    if below > 1 or below <= (threshold or 0):
        return None
    return below, Share(k=sum(confidence < below for confidence, _ in known), n=len(known))
