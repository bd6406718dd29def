"""What every report says in the same words: numbers, intervals, books, who claims a finding, and what to do next.

Nothing is escaped here and nothing is judged: values become sentences, and each report escapes them for its own sink.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twokey.canonical import dumps
from twokey.gates.limits import numerals
from twokey.outcome import Books, CheckpointState, Conclusion, Finding, GateResult, Metric, Status, Verdict
from twokey.reports.base import Run

DEFAULT_ENVIRONMENT = "production"
GLYPHS = {"pass": "✓", "fail": "✗", "block": "✗", "inconclusive": "?", "needs-decision": "…", "error": "!", "off": "-"}
NOTHING = "-"


def value(metric: Metric) -> str:
    """Return the metric's value with its unit, or `-`."""
    estimate = metric.estimate
    if estimate is None:
        return NOTHING
    text = numerals(estimate.value, estimate.low, estimate.high)(estimate.value)
    return f"{text} {metric.unit}" if metric.unit else text


def interval(metric: Metric) -> str:
    """Return the metric's interval, `exact` where all was counted, or `-`."""
    estimate = metric.estimate
    if estimate is None:
        return NOTHING
    if estimate.low == estimate.high and estimate.confidence >= 1:
        return "exact"
    show = numerals(estimate.value, estimate.low, estimate.high)
    if estimate.confidence < _USUAL:
        return f"from {show(estimate.low)}"
    return f"{show(estimate.low)} to {show(estimate.high)}"


_USUAL = 0.95


def method(metric: Metric) -> str:
    """Return how the interval was made and on how many records, or nothing."""
    estimate = metric.estimate
    if estimate is None:
        return ""
    share = f"{estimate.confidence * 100:g}% " if estimate.confidence < 1 else ""
    return f"{share}{estimate.method}, n={estimate.n:,}"


def baseline(metric: Metric) -> str:
    """Return the baseline's value, or `-`."""
    return NOTHING if metric.baseline is None else numerals(metric.baseline)(metric.baseline)


def thresholds(metric: Metric) -> tuple[float | None, float | None]:
    """Return the least and the greatest value that the metric's limit names, for drawing; None where it names none."""
    bounds: dict[str, float] = {}
    for word, number, percent in _BOUND.findall(metric.limit or ""):
        bounds["min" if word in ("min", "at least") else "max"] = float(number) / (100 if percent else 1)
    return bounds.get("min"), bounds.get("max")


_BOUND = re.compile(r"(?:^|, )(min|max|at least|at most) ([0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?)(%?)")


def books(found: Books) -> str:
    """Return the books in a sentence that closes."""
    parts = (("scored", found.scored), ("errored", found.errored), ("unscorable", found.unscorable))
    shown = " + ".join(f"{number:,} {name}" for name, number in (*parts, ("excluded", found.excluded)))
    return f"{found.total:,} records = {shown}"


def judged(result: GateResult) -> tuple[Metric, ...]:
    """Return the metrics that policy judges, in their order."""
    return tuple(metric for metric in result.metrics if metric.status is not Status.OFF)


def why(result: GateResult) -> str:
    """Return a gate's reason; where findings tell it in full, only how many checks do not hold."""
    if not result.findings:
        return result.reason
    return f"{len(result.findings):,} of {max(len(judged(result)), len(result.findings)):,} checks do not hold"


def shown_only(result: GateResult) -> tuple[Metric, ...]:
    """Return the metrics on which policy sets no limit."""
    return tuple(metric for metric in result.metrics if metric.status is Status.OFF)


def all_results(run: Run) -> tuple[tuple[str, GateResult], ...]:
    """Return every gate's result with the title it has in a report; the graded review comes last."""
    rows = [(result.gate, result) for result in run.evidence.results]
    review = run.conclusion.review
    return (*rows, ("grades", review)) if review else tuple(rows)


def findings(run: Run) -> tuple[Finding, ...]:
    """Return all findings, those of the graded review included, the worst first."""
    found = [finding for _, result in all_results(run) for finding in result.findings]
    return tuple(sorted(found, key=lambda finding: -finding.status.rank))


def settled_by(finding: Finding, conclusion: Conclusion) -> tuple[CheckpointState, ...]:
    """Return the checkpoints that claim a finding; none means that it blocks.

    A checkpoint lists the gates' findings that it claims. What the graded review found came later: the verdict's reason
    tells where nobody claims it; otherwise it is a matter of those that are open.
    """
    review = conclusion.review
    if review is not None and finding in review.findings:
        unclaimed = f"{finding.id} is {finding.status.value} and no "
        blocks = any(reason.startswith(unclaimed) for reason in conclusion.reasons)
        return () if blocks else conclusion.checkpoints
    return tuple(state for state in conclusion.checkpoints if finding.id in state.claims)


def fate(finding: Finding, conclusion: Conclusion) -> str:
    """Return in a few words who settles a finding."""
    states = settled_by(finding, conclusion)
    if not states:
        return "claimed by no checkpoint: it blocks"
    return "; ".join(f"{state.name}: {standing(state)}" for state in states)


def standing(state: CheckpointState) -> str:
    """Return in a few words how a checkpoint stands."""
    if state.refused_by:
        return f"refused by {_and(state.refused_by)}"
    return f"closed by {_and(state.closed_by)}" if state.closed_by else "open, waits for a person"


def subject_name(run: Run) -> str:
    """Return the name of what would be released."""
    subject = run.evidence.manifest.get("subject")
    return str(subject.get("name")) if isinstance(subject, Mapping) else "(no subject)"


def headline(run: Run) -> str:
    """Return what would be released, and where to."""
    return f"{subject_name(run)} to {run.conclusion.environment}"


def at_hand(conclusion: Conclusion) -> str:
    """Return how the subject that is about to ship compares with the one that was judged."""
    return _AT_HAND.get(conclusion.subject, conclusion.subject)


_AT_HAND = {
    "matches": "the subject at hand is the one that was judged",
    "differs": "the subject at hand is not the one that was judged",
    "consistent": "there was no subject at hand to compare with the one that was judged",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do next: the exact command, and what it is for."""

    command: str
    purpose: str


def next_steps(run: Run) -> tuple[Step, ...]:
    """Return what a person types next, in order."""
    conclusion = run.conclusion
    where = conclusion.environment
    flag = "" if where == DEFAULT_ENVIRONMENT else f" --environment {shlex.quote(where)}"
    again = Step(f"twokey run{flag}", "concludes again, with the decision")
    if conclusion.verdict is Verdict.PASS:
        return (Step(f"twokey verify{flag}", "guards the deploy: hashes what is about to ship, judges the decisions"),)
    if not any(state.open for state in conclusion.checkpoints):
        return (Step(f"twokey run{flag}", "judges again, once the reasons above are mended"),)
    grade = Step("twokey review --terminal", f"grades the {len(run.evidence.items):,} items that wait for a person")
    sign = Step(f"twokey sign{flag}", f"shows evidence {run.evidence.digest[:12]}, asks, and signs your decision")
    return (*((grade,) if run.evidence.items and conclusion.review is None else ()), sign, again)


def review_sentences(run: Run) -> tuple[str, ...]:
    """Return what the human review shows: the graded review's reasons, or that nobody's grades are relied on yet."""
    review = run.conclusion.review
    if review is not None:
        reasons = (f"{metric.id}: {metric.status.value}: {metric.reason}" for metric in review.metrics)
        return (f"{review.status.value}: {review.reason}", *reasons)
    if not run.evidence.items:
        return ("no items were selected for people, so nothing bounds the share of outputs that fail",)
    counts = ", ".join(f"{len(rows):,} {stratum(name)}" for name, rows in strata(run.evidence.items))
    selection = run.evidence.result("review")
    return (
        "no decision that counts relies on grades yet, so nothing bounds the share of outputs that fail",
        f"to grade: {counts}",
        *(metric.reason for metric in (selection.metrics if selection else ())),
    )


def stratum(name: str) -> str:
    """Return a stratum's name in words."""
    return _STRATA.get(name, name)


_STRATA = {"low-confidence": "least confident", "impact": "of high impact", "audit": "drawn at random (audit)"}


def limits(run: Run) -> tuple[str, ...]:
    """Return what this evidence does not show, each sentence once."""
    told = lines_of(run.evidence.packet.get("limits_of_this_evidence"))
    return tuple(dict.fromkeys((*run.conclusion.limits, *told)))


def strata(items: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, tuple[Mapping[str, Any], ...]], ...]:
    """Return the items by stratum, in the order in which strata and items come."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for item in items:
        groups.setdefault(str(item.get("stratum", "items")), []).append(item)
    return tuple((name, tuple(rows)) for name, rows in groups.items())


def failures(items: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return the items that the machine already knows to be wrong: flagged, or not what was expected."""
    return tuple(item for item in items if item.get("findings") or is_wrong(item))


def is_wrong(item: Mapping[str, Any]) -> bool:
    """Whether the item's label (or output, where it has none) is not what was expected."""
    expected = item.get("expected")
    return expected is not None and answer(item) != expected


def answer(item: Mapping[str, Any]) -> Any:
    """Return the part of the output that is compared with what was expected."""
    return item.get("output") if item.get("label") is None else item["label"]


def text_of(content: Any) -> str:
    """Return any JSON value as text: a string as it is, nothing as nothing, fields as lines, the rest as JSON."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping) and all(isinstance(part, (str, int, float)) for part in content.values()):
        return "\n".join(f"{key}: {part}" for key, part in content.items())
    return dumps(content).decode("utf-8").rstrip("\n")


def lines_of(content: Any) -> Iterator[str]:
    """Yield a part of the packet (a text, a list, a mapping, or these in each other) as lines of plain words."""
    if isinstance(content, Mapping):
        if all(not isinstance(part, (Mapping, list, tuple)) for part in content.values()):
            yield "; ".join(
                f"{_words(key)}: {text_of(part)}" for key, part in content.items() if part not in (None, "")
            )
        else:
            for key, part in content.items():
                yield from (f"{_words(key)}: {line}" for line in lines_of(part))
    elif isinstance(content, (list, tuple)):
        for part in content:
            yield from lines_of(part)
    elif content is not None and content != "":
        yield text_of(content)


def _words(key: object) -> str:
    return str(key).replace("_", " ")


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
