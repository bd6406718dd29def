"""Accuracy by the values of a group: each with its interval, and which differ from the rest by more than chance.

The more slices, the more of them differ by chance alone, so p-values are adjusted for how many there are.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from twokey.config.shape import Limit
from twokey.gates.base import Scans
from twokey.gates.limits import Measured, judge_limit, proportion
from twokey.gates.quality_scores import MAX_SLICES, NO_VALUE
from twokey.gates.quality_tally import Answers
from twokey.gates.shown import shown_names
from twokey.outcome import Books, Metric, Status
from twokey.scorers.base import SCALE
from twokey.stats.fdr import benjamini_hochberg, fisher_exact

NOTHING = "no record of this slice could be scored"


def slice_metrics(group: str, answers: Answers, limit: Limit | None, scanner: Scans | None) -> Iterator[Metric]:
    """Yield the accuracy of each value of a group, judged by the limit, or the error that there is none to judge."""
    groups = answers.groups.get(group, {})
    counts = answers.of("accuracy").slices.get(group, {})
    values = sorted({value for value, _ in groups or {}})
    if groups is None or counts is None or values in ([], [NO_VALUE]):
        many = f"there are more than {MAX_SLICES} values of {group}, too many for slices"
        why = many if groups is None or counts is None else f"no record carries the group {group}"
        yield _unusable(group, why, answers)
        return
    shown = shown_names(values, scanner, within=group)
    differing = _differing(counts, values)
    for value in values:
        total = groups.get((value, False), 0) + groups.get((value, True), 0)
        right, wrong = counts.get((value, SCALE), 0), counts.get((value, 0), 0)
        errored = groups.get((value, True), 0)
        scored = right + wrong
        books = Books(total=total, scored=scored, errored=errored, unscorable=total - scored - errored)
        found = Measured(estimate=proportion(right, scored), missing=NOTHING, facts=differing.get(value, {}))
        yield judge_limit("accuracy", found, limit, books, part=f"{group}={shown[value]}")


def _differing(counts: Mapping[tuple[str, int], int], values: list[str]) -> dict[str, dict[str, Any]]:
    """Return for each value whether it differs from all others together: Fisher's exact test, adjusted."""
    right = sum(seen for (_, score), seen in counts.items() if score == SCALE)
    wrong = sum(seen for (_, score), seen in counts.items() if score == 0)
    scored = [value for value in values if counts.get((value, SCALE), 0) + counts.get((value, 0), 0)]
    if len(scored) < 2:
        return {}
    inside = [(counts.get((value, SCALE), 0), counts.get((value, 0), 0)) for value in scored]
    total = right + wrong
    p_values = [fisher_exact(hit, hit + miss, right - hit, total - hit - miss) for hit, miss in inside]
    adjusted = benjamini_hochberg(p_values)
    return {
        value: {"against_the_rest": {"fisher_p": p, "adjusted_p": q}}
        for value, p, q in zip(scored, p_values, adjusted, strict=True)
    }


def _unusable(group: str, why: str, answers: Answers) -> Metric:
    rest = answers.total - answers.errored
    books = Books(total=answers.total, scored=0, errored=answers.errored, unscorable=rest)
    return Metric(name="accuracy", status=Status.ERROR, reason=f"accuracy[{group}]: {why}", books=books, slice=group)
