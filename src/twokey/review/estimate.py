"""What the grades come to: the playbook's plain limit on the items shown, and the exact bound from the random audit.

The least confident items are a bug hunt and estimate nothing; only the audit is a statistic. An item that was edited
was not usable as it was, and counts as failed. One whose reference is bad counts as not failed, and is reported. One
that was escalated or not graded is unresolved: whatever would come out differently for it is inconclusive.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from twokey.config.review import Review
from twokey.config.scalars import percent
from twokey.errors import Place, TwokeyError
from twokey.gates.limits import counted, estimated
from twokey.outcome import Books, Estimate, GateResult, Metric, Status, conclude_gate
from twokey.review import AUDITED, LOW, REVIEW
from twokey.review.grades import Grades, count, summarise
from twokey.stats.hypergeometric import audit_bound
from twokey.values import dataclass

ALPHA = 0.05
METHOD = "exact stratified bound, hypergeometric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """What was found in some of the items; `failed` and `unresolved` are counts of them."""

    items: int = 0
    failed: int = 0
    unresolved: int = 0

    @property
    def clean(self) -> int:
        """How many did not fail."""
        return self.items - self.failed - self.unresolved


def assess(items: Iterable[Mapping[str, Any]], grades: Grades, review: Review, pool: Mapping[str, Any]) -> GateResult:
    """Judge grades by the policy's review section.

    Args:
        items: the rows of review/items.jsonl.
        grades: one reviewer's.
        review: the limits.
        pool: the facts of the review's selection, as results.json has them.

    Raises:
        TwokeyError: the facts do not fit the items, or say nothing of how many outputs there are.
    """
    items = tuple(items)
    by_name = _strata(items, grades)
    low, audited = by_name.get(LOW, Stratum()), by_name.get(AUDITED, Stratum())
    shown = _together(found for name, found in by_name.items() if name != AUDITED)
    counts = summarise(grades, items)
    summary = counts.total
    settled = summary.graded - summary.escalated
    books = Books(total=summary.items, scored=settled, unscorable=summary.items - settled)
    metrics = [_completeness(books, summary.graded, summary.escalated)]
    if review.show:
        metrics.append(_plain_limit(low, review.max_failures, books))
    if review.audit != 0:
        metrics.append(_bound(shown, audited, review.max_failure_rate, pool, books))
    if summary.bad_reference:
        metrics.append(_bad_references(summary.bad_reference, books))
    facts = {
        "reviewer": grades.reviewer,
        "grades": dict(count(grades)),
        "severities": dict(counts.severities),
        "strata": {name: asdict(found) for name, found in counts.strata.items()},
    }
    return conclude_gate(REVIEW, books, metrics, facts=facts)


def _strata(items: tuple[Mapping[str, Any], ...], grades: Grades) -> dict[str, Stratum]:
    given = {grade.item: grade for grade in grades.grades}
    found: dict[str, Stratum] = {}
    for item in items:
        grade = given.get(str(item["id"]))
        one = Stratum(
            items=1,
            failed=int(grade is not None and grade.failed),
            unresolved=int(grade is None or grade.unresolved),
        )
        found[item["stratum"]] = _together((found.get(item["stratum"], Stratum()), one))
    return found


def _together(strata: Iterable[Stratum]) -> Stratum:
    strata = tuple(strata)
    return Stratum(
        items=sum(one.items for one in strata),
        failed=sum(one.failed for one in strata),
        unresolved=sum(one.unresolved for one in strata),
    )


def _completeness(books: Books, graded: int, escalated: int) -> Metric:
    total = books.total
    status, reason = Status.PASS, f"all {total:,} items are graded"
    if graded < total:
        status, reason = Status.ERROR, f"{total - graded:,} of {total:,} items are not graded"
    elif escalated:
        status, reason = (
            Status.INCONCLUSIVE,
            f"{escalated:,} of {total:,} items were escalated, and nobody settled them",
        )
    elif not total:
        reason = "no item had to be graded: the selection is empty"
    return Metric(
        name="graded",
        status=status,
        reason=reason,
        books=books,
        estimate=counted(graded, total),
        limit="all",
        unit="items",
    )


def _plain_limit(low: Stratum, limit: float | None, books: Books) -> Metric:
    """The playbook's rule: a limit on what was shown, which estimates nothing."""
    reason = f"{low.failed:,} of the {low.items:,} least confident items failed"
    if low.unresolved:
        reason += f" and {low.unresolved:,} are not settled"
    if not low.items:
        reason = "no output was under the review's confidence, so none of those could fail"
    if limit is None:
        status, reason = Status.OFF, f"{reason}; policy sets no limit"
    else:
        status, reason = _settled(low, limit), f"{reason}; at most {percent(limit)} may fail"
    return Metric(
        name="max_failures",
        status=status,
        reason=reason,
        books=books,
        estimate=counted(low.failed / low.items, low.items) if low.items else None,
        limit=None if limit is None else f"max {percent(limit)}",
    )


def _settled(low: Stratum, limit: float) -> Status:
    allowed = math.floor(limit * low.items + 1e-9)
    if low.failed > allowed:
        return Status.FAIL
    return Status.PASS if low.failed + low.unresolved <= allowed else Status.INCONCLUSIVE


def _bound(shown: Stratum, audited: Stratum, limit: float | None, pool: Mapping[str, Any], books: Books) -> Metric:
    """The statistic: all outputs' failure rate, where the shown are counted and the rest is bounded by the audit."""
    outputs, not_shown = _pool(pool, shown, audited)
    reason = "no output was audited, so nothing is known of those that nobody saw"
    status, estimate = Status.ERROR if limit is not None else Status.OFF, None
    if outputs and (audited.items or not not_shown):
        estimate = _estimate(shown, audited, outputs, not_shown)
        reason = sentence(shown, audited, outputs, not_shown, estimate)
        if limit is not None:
            status = _judged(shown, audited, outputs, not_shown, limit)
            reason += f"; at most {percent(limit)} allowed"
    return Metric(
        name="max_failure_rate",
        status=status,
        reason=reason,
        books=books,
        estimate=estimate,
        limit=None if limit is None else f"max {percent(limit)}",
    )


def _pool(pool: Mapping[str, Any], shown: Stratum, audited: Stratum) -> tuple[int, int]:
    outputs, not_shown = (pool.get(name, -1) for name in ("outputs", "not_shown"))
    if not (0 <= audited.items <= not_shown and outputs == shown.items + not_shown):
        raise TwokeyError(
            f"the review's facts do not fit its items: {outputs} outputs, {not_shown} not shown,"
            f" but {shown.items} shown and {audited.items} audited",
            where=Place(file="results.json"),
        )
    return int(outputs), int(not_shown)


def _estimate(shown: Stratum, audited: Stratum, outputs: int, not_shown: int) -> Estimate:
    """Bound the rate: from below by what certainly failed, from above with what nobody settled taken for failed."""
    high = _upper(shown.failed + shown.unresolved, audited.failed + audited.unresolved, audited, outputs, not_shown)
    low = (shown.failed + audited.failed) / outputs
    exact = audited.items == not_shown and not shown.unresolved + audited.unresolved
    value = _rate(shown, audited, outputs, not_shown)
    return estimated(value, (low, high), outputs, METHOD, confidence=1.0 if exact else 1 - ALPHA)


def _upper(shown_failures: int, failures: int, audited: Stratum, outputs: int, not_shown: int) -> float:
    return audit_bound(shown_failures, not_shown, audited.items, failures, outputs, ALPHA)


def _rate(shown: Stratum, audited: Stratum, outputs: int, not_shown: int) -> float:
    """Return the plain estimate, of what is settled."""
    settled = audited.items - audited.unresolved
    return (shown.failed + (audited.failed / settled * not_shown if settled else 0)) / outputs


def _judged(shown: Stratum, audited: Stratum, outputs: int, not_shown: int, limit: float) -> Status:
    """Pass where even the bound holds; fail where the plain estimate, or what certainly failed, does not."""
    found = _estimate(shown, audited, outputs, not_shown)
    if found.high <= limit:
        return Status.PASS
    certain = _rate(shown, Stratum(items=audited.items, failed=audited.failed), outputs, not_shown)
    return Status.FAIL if certain > limit else Status.INCONCLUSIVE


def sentence(shown: Stratum, audited: Stratum, outputs: int, not_shown: int, found: Estimate) -> str:
    """Return what an auditor wants to read, such as `59 of 59 audit items clean: at most 5.0% ... fail, 95%`."""
    parts = [f"{audited.clean:,} of {audited.items:,} audit items clean"]
    if shown.items:
        parts.append(f"{shown.failed:,} of {shown.items:,} shown failed")
    unresolved = shown.unresolved + audited.unresolved
    if unresolved:
        parts.append(f"{unresolved:,} not settled and taken for failed")
    if audited.items == not_shown:
        claim = f"every output was looked at, and {'at most ' if unresolved else ''}{_upwards(found.high)} of"
        return f"{', '.join(parts)}: {claim} these {outputs:,} outputs fail"
    return f"{', '.join(parts)}: at most {_upwards(found.high)} of these {outputs:,} outputs fail, 95%"


def _upwards(share: float) -> str:
    """Return a share as a percentage with one decimal, never less than it is."""
    return f"{math.ceil(share * 1000 - 1e-9) / 10:.1f}%"


def _bad_references(number: int, books: Books) -> Metric:
    return Metric(
        name="bad_references",
        status=Status.OFF,
        reason=f"{number:,} items have a reference that is wrong itself: they count as not failed, and want mending",
        books=books,
        estimate=counted(number, books.total),
        unit="items",
    )
