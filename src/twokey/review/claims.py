"""What the packet claims, each with where it comes from: the evidence table, signals, risks, and what is not known.

Every number here stands in the gates' results, so that whoever has results.json can recompute it. Nothing is judged
anew and nothing is proposed.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twokey.canonical import quantise
from twokey.config.judging import to_plain
from twokey.config.shape import Config
from twokey.evidence.subject import SubjectDigest
from twokey.gates import GATES
from twokey.gates.records_carried import FIELDS
from twokey.outcome import Estimate, Finding, GateResult, Metric, Status
from twokey.review.select import ReviewGate

THOUSAND = 1000
ALWAYS_ON = "records"


def metric_of(results: Sequence[GateResult], gate: str, metric: str) -> Metric | None:
    """Return one gate's metric where it has a number, or None."""
    result = next((result for result in results if result.gate == gate), None)
    found = result.metric(metric) if result else None
    return found if found and found.estimate else None


def fact(results: Sequence[GateResult], name: str) -> int:
    """Return a count that the review's selection gives, or 0 where there is none."""
    result = next((result for result in results if result.gate == ReviewGate.name), None)
    return int(result.facts.get(name, 0)) if result else 0


def evidence_rows(results: Sequence[GateResult], config: Config) -> Iterator[dict[str, Any]]:
    """Yield a row for each judged metric: the statement, its numbers, and the words of policy that it was judged by."""
    for result in results:
        for metric in result.metrics:
            if metric.status is not Status.OFF:
                yield {
                    "check": f"{result.gate}.{metric.id}",
                    "status": metric.status.value,
                    "statement": metric.reason,
                    "policy": citation(result.gate, metric, config),
                    "limit": metric.limit,
                    "baseline": metric.baseline,
                    "unit": metric.unit or None,
                    **_numbers(metric.estimate),
                }


def _numbers(estimate: Estimate | None) -> dict[str, Any]:
    if estimate is None:
        return {"value": None, "low": None, "high": None, "confidence": None, "method": None, "n": 0}
    names = ("value", "low", "high", "confidence", "method", "n")
    return {name: getattr(estimate, name) for name in names}


def citation(gate: str, metric: Metric, config: Config) -> str:
    """Return the place and words of the policy that a metric was judged by."""
    if gate == ReviewGate.name:
        review = to_plain(config.review) or {}
        return "review: " + ", ".join(f"{key} {value}" for key, value in review.items())
    options = to_plain(config.gates[gate]) if gate in config.gates else {}
    if gate == ALWAYS_ON and not _key(gate, metric, options):
        return f"no policy can change it: {metric.limit}"
    place = ".".join(part for part in ("gates", gate, _key(gate, metric, options)) if part)
    default = "" if gate in config.gates else " (default)"
    return f"{place}: {metric.limit}{default}" if metric.limit else f"{place}{default}"


def _key(gate: str, metric: Metric, options: Mapping[str, Any]) -> str:
    if "max_invalid" in options:
        return "max_invalid"
    group, _, value = (metric.slice or "").partition("=")
    if group == "label" and value in options.get("labels", {}):
        return f"labels.{value}.{metric.name}"
    if group and "slice_limits" in options:
        return "slice_limits"
    if metric.name in options:
        return metric.name
    return f"max_{metric.name}" if f"max_{metric.name}" in options or metric.name in _DEFAULTS.get(gate, ()) else ""


_DEFAULTS = {ALWAYS_ON: ("unreadable", "errored")}
"""Rules that hold where policy says nothing."""


def signals(results: Sequence[GateResult]) -> Iterator[str]:
    """Yield what the model's confidence is worth, in the gates' own sentences."""
    share = metric_of(results, ReviewGate.name, "low_confidence_share")
    yield share.reason if share else "no share of low-confidence outputs could be computed"
    for name, lacking in _SIGNALS.items():
        found = metric_of(results, "quality", name)
        yield found.reason if found else lacking


_SIGNALS = {
    "expected_calibration_error": "nothing says how far the model's confidence can be believed: no calibration error",
    "confident_errors": "nothing says how often the model is sure and wrong: no confident errors were counted",
}


def risks(results: Sequence[GateResult]) -> tuple[str, ...]:
    """Return what releasing means if the findings are as bad as the intervals allow, per thousand outputs."""
    found = [*_rates(results), *_flags(results)]
    high = fact(results, "high_impact")
    if high:
        found.append(f"{high:,} of the outputs reviewed are of high impact")
    return tuple(found) or (
        "nothing measured says how often this is wrong; the random audit bounds it once it is graded"
        if fact(results, "audited")
        else "nothing measured says how often this is wrong",
    )


def _rates(results: Sequence[GateResult]) -> Iterator[str]:
    for name, (what, is_share_of_good) in _HARMS.items():
        metric = metric_of(results, "quality" if name in _QUALITY else "performance", name)
        if metric and metric.estimate:
            found = metric.estimate
            low, high = (1 - found.high, 1 - found.low) if is_share_of_good else (found.low, found.high)
            value = 1 - found.value if is_share_of_good else found.value
            yield f"of 1,000 outputs about {_count(value, round)} {what} ({_between(low, high)}, 95%)"


_HARMS = {
    "accuracy": ("are wrong", True),
    "hallucination_rate": ("say what their context does not support", False),
    "confident_errors": ("are wrong though the model is sure", False),
    "availability": ("do not come at all", True),
}
_QUALITY = frozenset({"accuracy", "hallucination_rate", "confident_errors"})


def _flags(results: Sequence[GateResult]) -> Iterator[str]:
    safety = next((result for result in results if result.gate == "safety"), None)
    for metric in safety.metrics if safety else ():
        rate = metric.facts.get("rate")
        if rate:
            yield (
                f"of 1,000 outputs about {_count(rate['value'], round)} hold what {metric.id} looks for"
                f" ({_between(rate['low'], rate['high'])}, 95%)"
            )


def _between(low: float, high: float) -> str:
    return f"{_count(low, math.floor)} to {_count(high, math.ceil)}"


def _count(share: float, rounded: Any) -> str:
    return f"{rounded(quantise(share * THOUSAND)):,}"


def limits(
    results: Sequence[GateResult], *, subject: SubjectDigest, notes: Sequence[str], config: Config
) -> Iterator[str]:
    """Yield what this evidence does not show."""
    if not subject.pinned:
        yield "the subject is unpinned: no files are named, so nothing says what ships"
    yield from notes
    yield from _nowhere(results, config)
    judged = {result.gate for result in results}
    for name, gate in GATES.items():
        if name not in judged:
            yield f"policy has no {name} gate, so nothing looked at {gate.summary}"
    if config.recordings.baseline is None:
        yield "there is no baseline: nothing says whether this is better or worse than what runs now"
    yield from _left_out(results)
    yield from _not_flagged(results)
    yield from _unseen(results, config)


def _nowhere(results: Sequence[GateResult], config: Config) -> Iterator[str]:
    """Yield what policy maps to a field that no judged record has, which as a rule is a wrong path."""
    books = next((result.facts for result in results if result.gate == "records"), {})
    for role, recording in (("candidate", config.recordings.candidate), ("baseline", config.recordings.baseline)):
        carried = books.get("carried", {}).get(role)
        if recording is None or carried is None:
            continue
        paths = {name: getattr(recording, name) for name in FIELDS}
        paths |= {f"groups.{name}": path for name, path in (recording.groups or {}).items()}
        for name, path in paths.items():
            if path is not None and name not in carried:
                yield f"recordings.{role}.{name} is {path}, and no record that is judged has anything there"


def _left_out(results: Sequence[GateResult]) -> Iterator[str]:
    for result in results:
        books = result.books
        if result.gate != ReviewGate.name and books.errored + books.unscorable + books.excluded:
            yield (
                f"{result.gate}: of {books.total:,} records {books.errored:,} are errored, {books.unscorable:,}"
                f" unscorable and {books.excluded:,} excluded; {books.scored:,} were scored"
            )


def _not_flagged(results: Sequence[GateResult]) -> Iterator[str]:
    """Yield what detectors let pass: what they never look for, and what policy allows by name."""
    facts = next((result.facts for result in results if result.gate == "safety"), {})
    for detector, told in facts.get("not_looked_for", {}).items():
        yield from (f"{detector}: {sentence.removesuffix('.')}" for sentence in told)
    for one in facts.get("allowed", ()):
        if one["records"]:
            yield (
                f"{one['rule']} saw in {one['records']:,} records what policy allows until {one['until']}: {one['why']}"
            )


def _unseen(results: Sequence[GateResult], config: Config) -> Iterator[str]:
    if config.review is None:
        yield "policy asks for no review: no person is shown an output"
        return
    waiting = fact(results, "queued")
    if waiting:
        yield f"{waiting:,} low-confidence outputs wait in the queue, and no person is shown them"
    if fact(results, "queued_for_impact"):
        yield f"{fact(results, 'queued_for_impact'):,} outputs of high impact are not shown: there are too many"
    if fact(results, "shown"):
        yield _ranked_by(results)
    if config.review.max_failure_rate is None:
        yield "policy sets no limit on the share of outputs that fail"


def _ranked_by(results: Sequence[GateResult]) -> str:
    """Return by what those shown were found, and what such a search cannot find."""
    review = next(result for result in results if result.gate == ReviewGate.name)
    signals = review.facts.get("ranked_by", ["confidence"])
    if not signals:
        return "nothing tells the items shown apart, so a hash of their ids chose them; the others are only audited"
    if signals == ["confidence"]:
        return "the items shown are ranked by the model's own confidence; what it is sure of is only audited"
    return f"the items shown are ranked by {together(signals)}; what none of these doubts is only audited"


def together(names: Sequence[str]) -> str:
    """Return names as a list in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def ranked(results: Sequence[GateResult]) -> tuple[Finding, ...]:
    """Return all findings, the worst status first, in the gates' order."""
    return tuple(sorted((f for result in results for f in result.findings), key=lambda finding: -finding.status.rank))
