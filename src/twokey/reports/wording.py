"""What every report says in the same words: who settles a finding, what to do next, what an item and the packet hold.

Nothing is escaped here and nothing is judged: values become sentences, and each report escapes them for its own sink.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from twokey.canonical import dumps, loads
from twokey.conclusion import CheckpointState, Conclusion, DecisionOutcome
from twokey.evidence.layout import QUARANTINE
from twokey.outcome import Finding, GateResult, Metric, Status
from twokey.reports.base import Run
from twokey.review import REVIEW

UNREADABLE = "records.unreadable"
MAX_LINES = 3
SUPERSEDED = "superseded by "
GLYPHS = {"pass": "✓", "fail": "✗", "block": "✗", "inconclusive": "?", "needs-decision": "…", "error": "!", "off": "-"}


def judged(result: GateResult) -> tuple[Metric, ...]:
    """Return the metrics that policy judges, in their order."""
    return tuple(metric for metric in result.metrics if metric.status is not Status.OFF)


def why(result: GateResult) -> str:
    """Return a gate's reason; where findings tell it in full, only how many checks do not pass."""
    broken, checks = len(result.findings), max(len(judged(result)), len(result.findings))
    if checks == 1:
        return "the only check does not pass" if broken else "the only check holds"
    if not broken:
        return result.reason
    return f"{broken:,} of {checks:,} checks {'does' if broken == 1 else 'do'} not pass"


def shown_only(result: GateResult) -> tuple[Metric, ...]:
    """Return the metrics on which policy sets no limit."""
    return tuple(metric for metric in result.metrics if metric.status is Status.OFF)


def named(title: str) -> str:
    """Return a result's title for people: of the review only its selection was judged before anybody graded."""
    return "the review's selection" if title == REVIEW else title


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

    A checkpoint lists the gates' findings that it claims. What the graded review found came later, and is a matter of
    all that are open.
    """
    if finding.id in conclusion.unclaimed:
        return ()
    review = conclusion.review
    if review is not None and finding in review.findings:
        return conclusion.checkpoints
    return tuple(state for state in conclusion.checkpoints if finding.id in state.claims)


def claims(state: CheckpointState, run: Run) -> tuple[str, ...]:
    """Return the findings that a checkpoint claims, those of the graded review included."""
    settled = (finding.id for finding in findings(run) if state in settled_by(finding, run.conclusion))
    return tuple(dict.fromkeys((*state.claims, *settled)))


def unreadable_lines(run: Run, finding: Finding) -> tuple[str, ...]:
    """Return where and why the first lines could not be read, for the finding that counts them; else nothing."""
    if finding.id != UNREADABLE:
        return ()
    candidate = run.evidence.manifest["recordings"]["candidate"] or {}
    first = candidate.get("unreadable", {}).get("first", ())
    return tuple(f"line {row['line']}: {row['reason']}" for row in first[:MAX_LINES])


def fate(finding: Finding, conclusion: Conclusion) -> str:
    """Return in a few words who settles a finding."""
    states = settled_by(finding, conclusion)
    if not states and conclusion.overridden_by:
        return f"claimed by no checkpoint: released by an override of {_and(conclusion.overridden_by)}"
    if not states:
        return "claimed by no checkpoint: it blocks"
    return "; ".join(f"{state.name}: {standing(state)}" for state in states)


def standing(state: CheckpointState) -> str:
    """Return in a few words how a checkpoint stands."""
    if state.refused_by:
        return f"refused by {_and(state.refused_by)}"
    if state.closed_by:
        return f"closed by {_and(state.closed_by)}"
    if state.overridden_by:
        return f"released by an override of {_and(state.overridden_by)}"
    return f"needs nobody now: {state.relaxed}" if state.relaxed else "open, waits for a person"


def subject_name(run: Run) -> str:
    """Return the name of what would be released."""
    subject = run.evidence.manifest.get("subject")
    return str(subject.get("name")) if isinstance(subject, Mapping) else "(no subject)"


def headline(run: Run) -> str:
    """Return what would be released, and where to; and as of when, where that is not now."""
    at = f", as of {run.conclusion.at}" if run.conclusion.at else ""
    return f"{subject_name(run)} to {run.conclusion.environment}{at}"


def at_hand(conclusion: Conclusion) -> str:
    """Return how the subject that is about to ship compares with the one that was judged."""
    return _AT_HAND.get(conclusion.subject, conclusion.subject)


_AT_HAND = {
    "matches": "the subject at hand is the one that was judged",
    "differs": "the subject at hand is not the one that was judged",
    "consistent": "there was no subject at hand to compare with the one that was judged",
}


def fate_of(decision: DecisionOutcome) -> str:
    """Return in a word what became of a decision; one that its own person replaced was not refused."""
    if decision.counted:
        return "counted"
    last = [reason for reason in decision.reasons if not reason.startswith(SUPERSEDED)]
    return "refused" if last or not decision.reasons else "superseded"


def stratum(name: str) -> str:
    """Return a stratum's name in words."""
    return _STRATA.get(name, name)


_STRATA = {
    "low-confidence": "least confident",
    "impact": "of high impact",
    "audit": "drawn at random (audit)",
    "flip": "right in one version and wrong in the other",
    "second-opinion": "confident but doubted by a second opinion",
}


def flagged(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what detectors saw in an item's output: each rule, with what it looks for where the evidence says so."""
    rules = item.get("rules")
    means = rules if isinstance(rules, Mapping) else {}
    return tuple(f"{tag}: {means[tag]}" if means.get(tag) else tag for tag in lines_of(item.get("findings")))


def limits(run: Run) -> tuple[str, ...]:
    """Return what this evidence does not show, each sentence once."""
    told = tuple(dict.fromkeys((*run.conclusion.limits, *lines_of(run.evidence.packet.get("limits_of_this_evidence")))))
    return tuple(line for line in told if not any(other != line and other.startswith(line) for other in told))


def strata(items: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, tuple[Mapping[str, Any], ...]], ...]:
    """Return the items by stratum, in the order in which strata and items come."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for item in items:
        groups.setdefault(str(item.get("stratum", "items")), []).append(item)
    return tuple((name, tuple(rows)) for name, rows in groups.items())


def failures(run: Run) -> tuple[Mapping[str, Any], ...]:
    """Return what the machine already knows to be wrong: quarantined outputs, then items flagged or not as expected."""
    held = _held(run.evidence.files.get(QUARANTINE, b""))
    wrong = (item for item in run.evidence.items if item.get("findings") or is_wrong(item))
    return (*held.values(), *(item for item in wrong if str(item.get("id")) not in held))


@lru_cache(maxsize=2)  # every report asks
def _held(quarantine: bytes) -> Mapping[str, Mapping[str, Any]]:
    rows = (loads(line, file=QUARANTINE) for line in quarantine.splitlines())
    return {str(row["id"]): {"id": row["id"], "output": row["output"], "findings": _rules(row)} for row in rows}


def _rules(row: Mapping[str, Any]) -> list[str]:
    return sorted({str(rule["rule"]) for rule in row["rules"]})


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
        lead = next((pair for pair in _LEADS if pair[0] in content), None)
        if lead is not None:
            what, more = (text_of(content.get(key)) for key in lead)
            yield f"{what} ({_words(lead[1])}: {more})" if more else what
        elif all(not isinstance(part, (Mapping, list, tuple)) for part in content.values()):
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


_LEADS = (("statement", "policy"), ("option", "cost"))
"""What a row of the packet says first, and what is told with it; its other fields stand in the gates' tables."""


def _words(key: object) -> str:
    return str(key).replace("_", " ")


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
