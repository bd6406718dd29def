"""What the grades come to: the playbook's plain limit on the items shown, and the exact bound from the random audit.

The least confident items are a bug hunt and estimate nothing; only the audit is a statistic. An item that was edited
was not usable as it was, and counts as failed. One whose reference is bad counts as not failed, and is reported. One
that was escalated or not graded is unresolved, and nothing passes on it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from twokey.config.shape import Review
from twokey.gates.limits import counted, estimated
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.review.grades import Grades, count
from twokey.review.select import LOW, RANDOM, ReviewGate
from twokey.stats.hypergeometric import audit_bound

ALPHA = 0.05
METHOD = "exact stratified bound, hypergeometric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """What was found in the items of one stratum."""

    items: int
    graded: int
    failed: int
    escalated: int

    @property
    def unresolved(self) -> int:
        """How many items nobody has settled."""
        return self.items - self.graded + self.escalated


def assess(
    items: Iterable[Mapping[str, Any]], grades: Grades, review: Review, pool: Mapping[str, Any]
) -> GateResult:
    """Judge grades by the policy's review section.

    Args:
        items: the rows of review/items.jsonl.
        grades: one reviewer's.
        review: the limits.
        pool: the facts of the review's selection, as the evidence has them.
    """
    items = tuple(items)
    shown, audited = (_stratum(items, grades, name) for name in (LOW, RANDOM))
    total = shown.items + audited.items
    escalated = shown.escalated + audited.escalated
    graded = shown.graded + audited.graded
    books = Books(total=total, scored=graded - escalated, unscorable=total - graded + escalated)
    metrics = [_completeness(books, total, graded, escalated)]
    if review.max_failures is not None:
        metrics.append(_plain_limit(shown, review.max_failures, books))
    metrics.append(_bound(shown, audited, review.max_failure_rate, pool, books))
    facts = {"grades": dict(count(grades)), "reviewer": grades.reviewer}
    return conclude_gate(ReviewGate.name, books, metrics, facts=facts)


def _stratum(items: tuple[Mapping[str, Any], ...], grades: Grades, name: str) -> Stratum:
    ids = {str(item["id"]) for item in items if item["stratum"] == name}
    given = [grade for grade in grades.grades if grade.item in ids]
    return Stratum(
        items=len(ids),
        graded=len(given),
        failed=sum(grade.failed for grade in given),
        escalated=sum(grade.grade == "escalate" for grade in given),
    )


def _completeness(books: Books, total: int, graded: int, escalated: int) -> Metric:
    status, reason = Status.PASS, f"all {total:,} items are graded"
    if graded < total:
        status, reason = Status.ERROR, f"{total - graded:,} of {total:,} items are not graded"
    elif escalated:
        status, reason = Status.INCONCLUSIVE, f"{escalated:,} of {total:,} items were escalated and nobody settled them"
    return Metric(
        name="graded",
        status=status,
        reason=reason,
        books=books,
        estimate=counted(graded, total),
        limit="all",
        unit="items",
    )


def _plain_limit(shown: Stratum, limit: float, books: Books) -> Metric:
    """The playbook's rule: a limit on what was shown, which estimates nothing."""
    allowed = f"at most {limit * 100:g}% may fail"
    head = f"{shown.failed:,} of the {shown.items:,} least confident items failed"
    if shown.items == 0:
        status, reason = Status.PASS, "no output was under the review's confidence, so none could fail"
    elif shown.failed > limit * shown.items:
        status, reason = Status.FAIL, f"{head}; {allowed}"
    elif shown.failed + shown.unresolved > limit * shown.items:
        status, reason = Status.INCONCLUSIVE, f"{head} and {shown.unresolved:,} are not settled; {allowed}"
    else:
        status, reason = Status.PASS, f"{head}; {allowed}"
    share = counted(shown.failed / shown.items, shown.items) if shown.items else None
    return Metric(
        name="max_failures", status=status, reason=reason, books=books, estimate=share, limit=f"max {limit * 100:g}%"
    )


def _bound(
    shown: Stratum, audited: Stratum, limit: float | None, pool: Mapping[str, Any], books: Books
) -> Metric:
    """The statistic: all outputs' failure rate, bounded by what was counted and by the audit of the rest."""
    outputs, not_shown = int(pool["reviewable"]), int(pool["pool_not_shown"])
    settled = audited.graded - audited.escalated
    # What nobody settled is taken for failed, so that leaving an item open never helps.
    failed, open_failures = shown.failed + shown.unresolved, audited.failed + audited.unresolved
    value = (shown.failed + audited.failed / max(1, settled) * not_shown) / outputs
    high = audit_bound(failed, not_shown, audited.items, open_failures, outputs, ALPHA)
    low = (shown.failed + audited.failed) / outputs
    estimate = estimated(min(value, high), (low, high), outputs, METHOD)
    sentence = (
        f"{audited.graded - audited.failed:,} of {audited.items:,} audit items clean,"
        f" {shown.failed:,} of {shown.items:,} shown failed:"
        f" at most {estimate.high * 100:.1f}% of these {outputs:,} outputs fail, 95%"
    )
    if limit is None:
        status = Status.OFF
    elif estimate.high <= limit:
        status = Status.PASS
    else:
        status = Status.FAIL if estimate.value > limit else Status.INCONCLUSIVE
    reason = sentence if limit is None else f"{sentence}; at most {limit * 100:g}% allowed"
    return Metric(
        name="max_failure_rate",
        status=status,
        reason=reason,
        books=books,
        estimate=estimate,
        limit=None if limit is None else f"max {limit * 100:g}%",
    )
