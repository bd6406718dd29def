"""What `--learn` says in the end: what was written, what the grades say, and lines that policy could have.

The lines are for people to paste. Nothing here changes a policy, and none of the numbers are made here.
"""

from collections.abc import Iterator, Mapping, Sequence

from twokey.review.learning import KNOWN_BAD, PAST
from twokey.review.recalibrating import Recalibration
from twokey.stats.rates import difference_interval

LEAST = 5
"""So many audited items are the least that a threshold is proposed from."""


def report(found: Recalibration, files: Mapping[str, tuple[int, int]], notes: Sequence[str], folder: str) -> str:
    """Return the report as text: what was written, what the grades say, and lines that policy could have.

    Args:
        found: what the grades say.
        files: by name of a file, how many lines came, and how many there were to come.
        notes: what nothing was learned of.
        folder: where the files are, as policy would name it.
    """
    parts = [
        [f"{folder}/{name}: {fresh:,} new of {rows:,} lines" for name, (fresh, rows) in files.items() if rows],
        list(notes),
        list(_of_detectors(found)),
        list(_of_judge(found)),
        list(_of_confidence(found)),
        list(_lines(found, files, folder)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _of_detectors(found: Recalibration) -> Iterator[str]:
    if found.rules:
        yield "detectors, of the graded items that each rule flagged, those that failed (exact interval, 95%):"
        yield from (f"  {rule.tag}: {rule.failing}" for rule in found.rules)
        if idle := [rule.tag for rule in found.rules if rule.failing.k == 0]:
            yield f"  no failing item is among what these flagged: {', '.join(idle)}"
    if found.unflagged.n:
        yield f"failing items that no rule flagged: {found.unflagged}"


def _of_judge(found: Recalibration) -> Iterator[str]:
    if found.judge is None:
        return
    yield f"the judge {found.judge.name} against the grades:"
    yield f"  sensitivity: it flagged {found.judge.caught} of those that failed"
    yield f"  specificity: it passed {found.judge.cleared} of the others"
    if audited := found.judge_audited:
        yield f"  in the random audit alone: flagged {audited.caught}, passed {audited.cleared}"
    if found.judge.caught.n and found.judge.cleared.n and not found.judge.better_than_chance:
        yield "  it is no better than chance at what reviewers grade"


def _of_confidence(found: Recalibration) -> Iterator[str]:
    if not found.low.n and not found.audited.n:
        return
    below = "" if found.threshold is None else f" (confidence_below: {found.threshold:g})"
    yield f"confidence{below}:"
    yield f"  failing among the low-confidence items shown: {found.low}"
    yield f"  failing in the random audit of the rest: {found.audited}"
    if found.low.n and found.audited.n:
        low, high = difference_interval(found.low.k, found.low.n, found.audited.k, found.audited.n)
        apart = "tells them apart" if low > 0 else "is not shown to tell failing outputs from others"
        yield f"  difference {low:+.1%} to {high:+.1%}: the confidence {apart}"


def _lines(found: Recalibration, files: Mapping[str, tuple[int, int]], folder: str) -> Iterator[str]:
    """Yield lines to paste, each with its reason; nothing is written into any policy."""
    lines = []
    if files.get(PAST, (0, 0))[1]:
        lines.append(f"review: {{learned: {folder}/{PAST}}}  # rank by what failed before")
    if files.get(KNOWN_BAD, (0, 0))[1]:
        lines.append(f"# twokey seeds seal --key KEY --from {folder}/{KNOWN_BAD}")
    if found.beyond is not None and found.audited.n >= LEAST:
        below, share = found.beyond
        lines.append(
            f"review: {{confidence_below: {below:g}}}  # would have queued every audited failure, and {share.k:,} of"
            f" {share.n:,} audited items in all"
        )
    lines += [
        f"# twokey fit --labels {folder}/{name}, where items failed only for want of support"
        for name, (_, rows) in files.items()
        if name.startswith("labels-") and rows
    ]
    if lines:
        yield "nothing is changed; what policy could have:"
        yield from (f"  {line}" for line in lines)
