"""The hallucination rate: of people's labels and compared words as it is, of a judge's verdicts corrected.

A judge errs too. On the answers that people labelled as well, its sensitivity and specificity are counted, and the rate
that it found is corrected by them; where nobody labelled any, its rate is shown and settles nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from twokey.gates.limits import Measured, estimated, proportion
from twokey.gates.quality_grounding import NAME
from twokey.gates.quality_means import Against, Mean
from twokey.gates.quality_tally import Answers, dependent
from twokey.outcome import Books, Estimate
from twokey.stats.intervals import CONFIDENCE
from twokey.stats.prevalence import better_than_chance, rogan_gladen

MISSING = "no record carries hallucinated, or an output and a context to compare"
UNCALIBRATED = "too few of the answers that the judge saw are labelled by people to know how often it errs"


def said_by(answers: Answers) -> dict[str, int]:
    """Return how many answers were judged by people, and how many by words alone."""
    found = {"label": 0, "words": 0}
    for (label, _, _), seen in answers.grounded.items():
        found["label" if label is not None else "words"] += seen
    return found


_MEAN = Mean(name=NAME, missing=MISSING, lower=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """How a judge did on the answers that people labelled too.

    It flagged `caught` of those that people call `unsupported`, and passed `cleared` of those they call `supported`.
    """

    caught: int
    unsupported: int
    cleared: int
    supported: int

    @property
    def remark(self) -> str:
        """What is known of its errors, or what makes its rate worth nothing."""
        if not self.unsupported or not self.supported:
            return f"{UNCALIBRATED}: {self.unsupported:,} as unsupported, {self.supported:,} as supported"
        right = (self.caught, self.unsupported, self.cleared, self.supported)
        if not better_than_chance(*right):
            return "on the answers that people labelled the judge is no better than chance"
        return (
            f"corrected for the judge's errors: of answers that people labelled it flagged {self.caught:,} of"
            f" {self.unsupported:,} unsupported ones and passed {self.cleared:,} of {self.supported:,} supported ones"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ByWords:
    """The rate of what people labelled, and of what words alone say of the rest; `fitted` says how they are weighed."""

    name: str = NAME
    fitted: str = ""

    def books(self, answers: Answers) -> Books:
        """Return where the records went."""
        return _MEAN.books(answers)

    def measured(self, answers: Answers, against: Against | None) -> Measured:
        """Return the rate, and who said so."""
        found = _MEAN.measured(answers, against)
        by = said_by(answers)
        remark = ""
        if by["words"]:
            how = self.fitted or "by the default rule: no weights were fitted"
            remark = f"{by['words']:,} answers were compared with their context by words alone, {how}"
        facts = {**found.facts, "judged_by": by} if found.estimate else found.facts
        return replace(found, remark=remark, facts=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The rate by a judge's verdicts, corrected for its errors on the answers that people labelled too."""

    name: str = NAME

    def books(self, answers: Answers) -> Books:
        """Return where the records went: what the judge failed on is errored, what it was not asked unscorable."""
        scored, errored = sum(_verdicts(answers)), answers.errored + answers.misjudged
        unscorable = answers.total - scored - errored
        return Books(total=answers.total, scored=scored, errored=errored, unscorable=unscorable)

    def measured(self, answers: Answers, against: Against | None) -> Measured:
        """Return the corrected rate with an interval that holds for the judge's errors too."""
        flagged, passed = _verdicts(answers)
        n = flagged + passed
        if n == 0:
            return Measured(missing="the judge gave no verdict on any record")
        judge, missing = _judge(answers), answers.total - answers.errored - n
        facts: dict[str, Any] = {"judged_by": {"judge": n}, "judge": _judge_facts(judge, flagged, n)}
        return Measured(
            estimate=_estimate(judge, flagged, n, missing, _unjudged(answers)),
            missing_baseline="the baseline was not seen by the judge" if against is not None else _NO_BASELINE,
            remark="; ".join(filter(None, (judge.remark, _left_out(missing)))),
            doubt=dependent(answers),
            facts=facts,
        )


def _left_out(missing: int) -> str:
    return f"{missing:,} answers have no verdict, and the interval holds whatever it would be" if missing else ""


_NO_BASELINE = "there is no baseline to compare with"


def _verdicts(answers: Answers) -> tuple[int, int]:
    """Return how many answers the judge flagged, and how many it passed."""
    given: dict[bool, int] = {True: 0, False: 0}
    for (_, verdict, _), seen in answers.grounded.items():
        if verdict is not None:
            given[verdict] += seen
    return given[True], given[False]


def _judge(answers: Answers) -> Judge:
    def seen(label: bool, verdict: bool) -> int:
        return sum(n for (said, found, _), n in answers.grounded.items() if said is label and found is verdict)

    return Judge(
        caught=seen(True, True),
        unsupported=seen(True, True) + seen(True, False),
        cleared=seen(False, False),
        supported=seen(False, True) + seen(False, False),
    )


def _unjudged(answers: Answers) -> tuple[int, int]:
    """Return how many answers people labelled as unsupported, and as supported, of which the judge said nothing."""
    return (
        sum(n for (said, found, _), n in answers.grounded.items() if said is True and found is None),
        sum(n for (said, found, _), n in answers.grounded.items() if said is False and found is None),
    )


METHOD = "Rogan-Gladen, of three Clopper-Pearson"


def _estimate(judge: Judge, flagged: int, n: int, missing: int, unjudged: tuple[int, int]) -> Estimate:
    """Return the corrected rate; of a judge that tells nothing the rate as it gave it, which may be anything.

    The interval holds whatever the verdicts would have been that are missing, right or wrong where people labelled the
    answer: else leaving some out could make a pass.
    """
    value, _ = rogan_gladen(flagged, n, judge.caught, judge.unsupported, judge.cleared, judge.supported, CONFIDENCE)
    if value is None:
        return estimated(flagged / n, (0.0, 1.0), n, METHOD)
    bad, good = unjudged
    ends = [
        rogan_gladen(
            flagged + others + caught + good - cleared,
            n + missing,
            judge.caught + caught,
            judge.unsupported + bad,
            judge.cleared + cleared,
            judge.supported + good,
            CONFIDENCE,
        )[1]
        for others in {0, missing - bad - good}
        for caught in {0, bad}
        for cleared in {0, good}
    ]
    interval = (min(end.low for end in ends), max(end.high for end in ends))
    return estimated(value, interval, n, METHOD)


def _judge_facts(judge: Judge, flagged: int, n: int) -> Mapping[str, Any]:
    return {
        "flagged": flagged,
        "verdicts": n,
        "sensitivity": _share(judge.caught, judge.unsupported),
        "specificity": _share(judge.cleared, judge.supported),
    }


def _share(k: int, n: int) -> Mapping[str, Any]:
    found = proportion(k, n)
    return {"right": k, "of": n, **({"value": found.value, **found.interval()} if found else {})}
