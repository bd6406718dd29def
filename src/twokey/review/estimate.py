"""What the grades come to: the playbook's plain limit on the items shown, and the exact bound from the random audit.

The least confident items are a bug hunt and estimate nothing; only the audit is a statistic. An item that was edited
was not usable as it was, and counts as failed. One whose reference is bad counts as not failed, and is reported. One
that was escalated or not graded is unresolved: whatever would come out differently for it is inconclusive.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from twokey.config.review import Review
from twokey.config.scalars import percent
from twokey.errors import Place, TwokeyError
from twokey.gates.limits import counted
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.review import AUDITED, LOW, REVIEW
from twokey.review.auditing import stages_of
from twokey.review.bound import Found, Look, Stratum, advice, estimate, judged, sentence, way_on
from twokey.review.grades import Grade, Grades, count, missing, summarise

Rows = tuple[Mapping[str, Any], ...]


def assess(
    items: Iterable[Mapping[str, Any]],
    grades: Grades,
    review: Review,
    pool: Mapping[str, Any],
    *,
    reserve: Iterable[Mapping[str, Any]] = (),
) -> GateResult:
    """Judge grades by the policy's review section.

    Args:
        items: the rows of review/items.jsonl.
        grades: one reviewer's.
        review: the limits.
        pool: the facts of the review's selection, as results.json has them.
        reserve: the rows of review/reserve.jsonl: those graded count, further stages of the audit once they are whole.

    Raises:
        TwokeyError: the facts do not fit the items, or say nothing of how many outputs there are.
    """
    items, reserve = tuple(items), tuple(reserve)
    given = {grade.item: grade for grade in grades.grades}
    by_name = {name: _found(rows, given) for name, rows in _by_stratum(items).items()}
    waiting = set(missing(grades, reserve))
    taken = tuple(row for row in reserve if row["id"] not in waiting)
    counts = summarise(grades, (*items, *taken))
    summary = counts.total
    settled = summary.graded - summary.escalated
    books = Books(total=summary.items, scored=settled, unscorable=summary.items - settled)
    metrics = [_completeness(books, summary.graded, summary.escalated, len(taken))]
    facts: dict[str, Any] = {
        "reviewer": grades.reviewer,
        "grades": dict(count(grades)),
        "severities": dict(counts.severities),
        "strata": {name: asdict(found) for name, found in counts.strata.items()},
    }
    if review.show:
        metrics.append(_plain_limit(by_name.get(LOW, Stratum()), review.max_failures, books))
    if review.audit != 0:
        found = _audit(by_name, _stages(reserve, given, review, pool), _found(_extras(taken), given), review, pool)
        found = replace(found, offered=len(waiting))
        metrics.append(_bound(found, review.max_failure_rate, books))
        facts["audit"] = _progress(found, review.max_failure_rate)
    if summary.bad_reference:
        metrics.append(_bad_references(summary.bad_reference, books))
    return conclude_gate(REVIEW, books, metrics, facts=facts)


def _by_stratum(rows: Rows) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for row in rows:
        found[row["stratum"]] = (*found.get(row["stratum"], ()), row)
    return found


def _found(rows: Iterable[Mapping[str, Any]], given: Mapping[str, Grade]) -> Stratum:
    """Return what was found in some items; one without a grade is unresolved."""
    grades = [given.get(str(row["id"])) for row in rows]
    return Stratum(
        items=len(grades),
        failed=sum(grade is not None and grade.failed for grade in grades),
        unresolved=sum(grade is None or grade.unresolved for grade in grades),
    )


def _extras(taken: Rows) -> Rows:
    """Return what was taken in addition and belongs to no stage of the audit."""
    return tuple(row for row in taken if row["stratum"] != AUDITED)


def _completeness(books: Books, graded: int, escalated: int, taken: int) -> Metric:
    total = books.total
    status, reason = Status.PASS, f"all {total:,} items are graded"
    if taken:
        reason += f", {taken:,} of them from the reserve"
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


def _stages(reserve: Rows, given: Mapping[str, Grade], review: Review, pool: Mapping[str, Any]) -> tuple[Look, ...]:
    """Return the further stages of the audit as far as they are graded, by the stages that the facts name."""
    planned, named = stages_of(review), pool.get("audit_stage_of") or {}
    rows: dict[int, Rows] = {}
    for row in reserve:
        if row["stratum"] == AUDITED:
            stage = named.get(row["id"])
            if type(stage) is not int or not 0 < stage < len(planned):
                told = f"the review's facts name no stage of this policy for {str(row['id'])[:80]!r} of the audit"
                raise TwokeyError(told, where=Place(file="results.json"))
            rows[stage] = (*rows.get(stage, ()), row)
    return tuple(
        Look(found=_found(_graded(of_it, given), given), size=len(of_it), risk=planned[stage].risk)
        for stage, of_it in sorted(rows.items())
    )


def _graded(rows: Rows, given: Mapping[str, Grade]) -> Rows:
    return tuple(row for row in rows if (grade := given.get(str(row["id"]))) is not None and grade.grade != "ask")


def _audit(
    by_name: Mapping[str, Stratum], further: tuple[Look, ...], extras: Stratum, review: Review, pool: Mapping[str, Any]
) -> Found:
    """Return what the bound stands on. Raises TwokeyError where facts and items contradict each other."""
    shown = sum((found for name, found in by_name.items() if name != AUDITED), Stratum())
    audited = by_name.get(AUDITED, Stratum())
    drawn = audited.items + sum(look.size for look in further)
    outputs, not_shown = (pool.get(name, -1) for name in ("outputs", "not_shown"))
    if not (0 <= drawn + extras.items <= not_shown and outputs == shown.items + not_shown):
        raise TwokeyError(
            f"the review's facts do not fit its items: {outputs} outputs, {not_shown} not shown,"
            f" but {shown.items} shown and {drawn + extras.items} audited or taken in addition",
            where=Place(file="results.json"),
        )
    first = Look(found=audited, size=audited.items, risk=stages_of(review)[0].risk)
    return Found(
        shown=shown,
        looks=(first, *further),
        extras=extras,
        outputs=int(outputs),
        not_shown=int(not_shown),
        risk=review.risk,
    )


def _bound(found: Found, limit: float | None, books: Books) -> Metric:
    """The statistic: all outputs' failure rate, where the shown are counted and the rest is bounded by the audit."""
    reason = "no output was audited, so nothing is known of those that nobody saw"
    status, told = Status.ERROR if limit is not None else Status.OFF, None
    if _is_known(found):
        told, reason = estimate(found), sentence(found)
        if limit is not None:
            status = judged(found, limit)
            reason += f"; at most {percent(limit)} allowed"
            if status is Status.INCONCLUSIVE:
                reason += f"; {advice(found, limit)}"
    return Metric(
        name="max_failure_rate",
        status=status,
        reason=reason,
        books=books,
        estimate=told,
        limit=None if limit is None else f"max {percent(limit)}",
    )


def _is_known(found: Found) -> bool:
    return bool(found.outputs and (found.audited.items or not found.not_shown))


def _progress(found: Found, limit: float | None) -> dict[str, Any]:
    """Return how far the audit got, as facts: and, where a limit leaves it open, what would settle it."""
    facts: dict[str, Any] = {
        "stage": found.reached,
        "stages": len(found.looks),
        "items": found.audited.items,
        "failed": found.audited.failed,
        "unresolved": found.audited.unresolved,
        "in_addition": found.beyond.items,
        "in_addition_failed": found.beyond.failed,
        "left": found.left,
    }
    if limit is not None and _is_known(found) and judged(found, limit) is Status.INCONCLUSIVE:
        facts["settled_by"] = asdict(way_on(found, limit))
    return facts


def _bad_references(number: int, books: Books) -> Metric:
    return Metric(
        name="bad_references",
        status=Status.OFF,
        reason=f"{number:,} items have a reference that is wrong itself: they count as not failed, and want mending",
        books=books,
        estimate=counted(number, books.total),
        unit="items",
    )
