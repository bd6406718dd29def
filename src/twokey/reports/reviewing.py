"""What every report says of the human review in the same words: what it shows, how the reviewing went, who approved.

Nothing is escaped here and nothing is judged: the graded review's result, its health among its facts, and the decisions
as the conclusion has them become sentences.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from twokey.outcome import GateResult
from twokey.reports import wording
from twokey.reports.base import Run

BOUND = "max_failure_rate"
OF_OUTPUTS = (BOUND, "max_failures")
"""What says how good the outputs are, and nothing of whoever graded them."""


def review_sentences(run: Run) -> tuple[str, ...]:
    """Return what the human review shows: the auditor's sentence first, or that nobody's grades are relied on yet."""
    review = run.conclusion.review
    if review is not None:
        first = auditors_sentence(review)
        said = (m for m in review.metrics if not (first and m.name == BOUND))  # it is in the first sentence
        reasons = (f"{metric.id}: {metric.status.value}: {metric.reason}" for metric in said)
        return (*first, f"{review.status.value}: {wording.why(review)}", *reasons)
    if not run.evidence.items:
        return ("no items were selected for people, so nothing bounds the share of outputs that fail",)
    counts = ", ".join(f"{len(rows):,} {wording.stratum(name)}" for name, rows in wording.strata(run.evidence.items))
    selection = run.evidence.result("review")
    return (
        "no decision that counts relies on grades yet, so nothing bounds the share of outputs that fail",
        f"to grade: {counts}",
        *(metric.reason for metric in (selection.metrics if selection else ())),
        *wording.lines_of(run.evidence.packet.get("audit")),
    )


def auditors_sentence(review: GateResult) -> tuple[str, ...]:
    """Return the sentence that an auditor wants: seeds caught, audit items clean, and what that bounds; or nothing."""
    seeds = _health(review).get("seeds")
    bound = next((metric.reason for metric in review.metrics if metric.name == BOUND and metric.estimate), "")
    caught = str(seeds["sentence"]) if isinstance(seeds, Mapping) else ""
    return (f"{'; '.join(part for part in (caught, bound) if part)}",) if caught or bound else ()


def reviewing(run: Run) -> tuple[str, ...]:
    """Return how the reviewing went, one sentence each: time, runs, changes after the reveal."""
    review = run.conclusion.review
    if review is None:
        return ()
    agreement = review.facts.get("agreement")
    agreed = agreement.get("sentence") if isinstance(agreement, Mapping) else None
    return (*wording.lines_of(agreed), *wording.lines_of(_health(review).get("sentences")))


def flags(run: Run) -> tuple[str, ...]:
    """Return what stands out about the reviewers' work and the approvals that rely on it, the worst first."""
    review = run.conclusion.review
    if review is None:
        return ()
    told = [finding.message for finding in review.findings if finding.check not in OF_OUTPUTS]
    told += wording.lines_of(review.facts.get("flags"))
    told += wording.lines_of(_health(review).get("flags"))
    return (*dict.fromkeys(told), *_approvals(run, review, flagged=bool(told)))


def _approvals(run: Run, review: GateResult, *, flagged: bool) -> Iterator[str]:
    """Yield what stands out about who approved. How long they looked is not measured anywhere."""
    counted = (one for one in run.conclusion.decisions if one.counted and one.decision == "approve")
    approvers = tuple(dict.fromkeys(one.principal for one in counted if one.principal))
    reviewer = str(review.facts.get("reviewer", ""))
    if reviewer in approvers:
        alone = " alone" if len(approvers) == 1 else ""
        yield f"{reviewer} graded the items and approved{alone}: nobody else vouches for the grades"
    if flagged and approvers:
        yield f"approved with these flags standing: {', '.join(approvers)}"


def _health(review: GateResult) -> Mapping[str, Any]:
    found = review.facts.get("health")
    return found if isinstance(found, Mapping) else {}
