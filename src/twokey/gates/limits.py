"""How a number meets policy: a limit is settled by an interval that lies on one side of it, and by nothing else.

A threshold inside the interval is `inconclusive`, which goes to a person. Nothing is estimated here: gates bring their
numbers, this file compares them and says why in one sentence.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any

from twokey.canonical import quantise
from twokey.config.scalars import Allowance, Change
from twokey.config.shape import Limit
from twokey.outcome import Books, Estimate, Metric, Status
from twokey.stats.intervals import CONFIDENCE, clopper_pearson, outward
from twokey.values import dataclass

EXACT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a gate knows of one metric: its estimate, and the comparison with the baseline where one was made.

    `difference` is candidate minus baseline. An estimate of lower confidence than 95% has no upper bound: its `high` is
    the largest value seen. `missing` and `missing_baseline` say why there is no estimate, and no difference. `note`
    ends a sentence about a difference, such as what could have been detected; `remark` ends every sentence. `partial`
    says what the difference leaves out: where it is set, a change is never known to be within what is allowed. `doubt`
    says what the interval takes for granted that is not so: where it is set, nothing passes.
    `settled_by` and `change_settled_by` say how many records would tell the number, or the signed difference, apart
    from a threshold, should it stay as it is.
    """

    estimate: Estimate | None = None
    baseline: Estimate | None = None
    difference: Estimate | None = None
    missing: str = "nothing to compute it from"
    missing_baseline: str = "there is no baseline to compare with"
    note: str = ""
    partial: str = ""
    remark: str = ""
    doubt: str = ""
    unit: str = ""
    settled_by: Callable[[float], int | None] = lambda _threshold: None
    change_settled_by: Callable[[float], int | None] = lambda _threshold: None
    facts: Mapping[str, Any] = field(default_factory=dict)


def estimated(
    value: float, interval: tuple[float, float], n: int, method: str, confidence: float = CONFIDENCE
) -> Estimate:
    """Return an estimate with its value quantised and its interval rounded outwards."""
    low, high = outward(*interval)
    return Estimate(value=quantise(value), low=low, high=high, n=n, method=method, confidence=quantise(confidence))


def proportion(k: int, n: int, confidence: float = CONFIDENCE) -> Estimate | None:
    """Return the share `k` of `n` with its Clopper-Pearson interval, or None where n is 0."""
    if n == 0:
        return None
    return estimated(k / n, clopper_pearson(k, n, confidence), n, "Clopper-Pearson", confidence)


def counted(count: float, n: int, method: str = EXACT) -> Estimate:
    """Return a number that was observed and not inferred: its interval is itself."""
    value = quantise(count)
    return Estimate(value=value, low=value, high=value, n=n, method=method, confidence=1.0)


# Two intervals that hold at 97.5% hold together at 95% (Bonferroni's inequality).
EACH = (1 + CONFIDENCE) / 2


def combined_difference(now: Estimate | None, before: Estimate | None) -> Estimate | None:
    """Return `now` minus `before`, each estimated at 97.5% (`EACH`), with an interval that needs no pairing."""
    if now is None or before is None:
        return None
    value, n = now.value - before.value, min(now.n, before.n)
    if now.confidence == before.confidence == 1:
        return counted(value, n, now.method)
    open_above = min(now.confidence, before.confidence) < EACH
    confidence = max(0.0, now.confidence + before.confidence - 1) if open_above else CONFIDENCE
    interval = (now.low - before.high, now.high - before.low)
    return estimated(value, interval, n, f"Bonferroni of two {now.method}", confidence)


def judge_limit(name: str, measured: Measured, limit: Limit | None, books: Books, *, part: str | None = None) -> Metric:
    """Return the metric, judged by its limit; without a limit it is only shown. The worst part of the limit decides.

    `part` names the slice or label that the metric is about.
    """
    estimate = measured.estimate
    label = f"{name}[{part}]" if part else name
    if estimate is None:
        status, reason = Status.ERROR if limit else Status.OFF, f"{label}: {measured.missing}"
    elif limit is None:
        status, reason = Status.OFF, f"{label} {_shown(estimate, measured.unit)}; policy sets no limit"
    else:
        status, reason = _worst(list(_parts(label, estimate, limit, measured)))
    if status is Status.PASS and measured.doubt:
        status, reason = Status.INCONCLUSIVE, f"{reason}, but it cannot pass: {measured.doubt}"
    return Metric(
        name=name,
        status=status,
        reason=f"{reason}; {measured.remark}" if measured.remark else reason,
        books=books,
        estimate=estimate,
        limit=str(limit) if limit else None,
        baseline=measured.baseline.value if measured.baseline else None,
        slice=part,
        unit=measured.unit,
        facts=measured.facts,
    )


def _worst(parts: list[tuple[Status, str]]) -> tuple[Status, str]:
    status = max((part for part, _ in parts), key=lambda part: part.rank)
    return status, "; ".join(reason for part, reason in parts if part is status)


def _parts(label: str, estimate: Estimate, limit: Limit, measured: Measured) -> Iterator[tuple[Status, str]]:
    if limit.min is not None:
        yield _absolute(label, estimate, limit.min, measured, lowest=True)
    if limit.max is not None:
        yield _absolute(label, estimate, limit.max, measured, lowest=False)
    if limit.max_drop is not None:
        yield _change(label, limit.max_drop, measured, drop=True)
    if limit.max_increase is not None:
        yield _change(label, limit.max_increase, measured, drop=False)


def settle(low: float, high: float, threshold: float) -> Status:
    """Return how an interval meets a least value: above or at it passes, below fails, around it is inconclusive.

    Raises ValueError on NaN and on an interval of the wrong way round.
    """
    if not low <= high or math.isnan(threshold):
        raise ValueError(f"{low} to {high} against {threshold} cannot be judged")
    if low >= threshold:
        return Status.PASS
    return Status.FAIL if high < threshold else Status.INCONCLUSIVE


def _absolute(
    label: str, estimate: Estimate, threshold: float, measured: Measured, *, lowest: bool
) -> tuple[Status, str]:
    unit = measured.unit
    which = "minimum" if lowest else "maximum"
    open_above = estimate.confidence < CONFIDENCE
    high = math.inf if open_above else estimate.high
    status = settle(estimate.low, high, threshold) if lowest else settle(-high, -estimate.low, -threshold)
    show = numerals(estimate.value, estimate.low, estimate.high, threshold)
    head = f"{label} {_shown(estimate, unit, show)}"
    limit = f"the {which} {show(threshold)}{_suffix(unit)}"
    if status is Status.PASS:
        return status, f"{head} is {'at or above' if lowest else 'at or below'} {limit}"
    if status is Status.FAIL:
        return status, f"{head} is {'below' if lowest else 'above'} {limit}"
    return status, f"{head} cannot be told apart from {limit}{_enough(measured.settled_by(threshold))}"


def _enough(records: int | None) -> str:
    """Say how many records would settle it; nothing where nobody knows, or no number would."""
    return f"; about {_rounded_up(records):,} records like these would settle it" if records is not None else ""


def _rounded_up(number: int) -> int:
    """Return two leading digits' worth: what follows from what was seen is no more exact than that."""
    step = int("1" + "0" * max(0, len(str(number)) - 2))
    return -(-number // step) * step


def _change(label: str, change: Change, measured: Measured, *, drop: bool) -> tuple[Status, str]:
    word = "drop" if drop else "increase"
    difference, baseline, unit = measured.difference, measured.baseline, measured.unit
    if difference is None or baseline is None:
        return Status.ERROR, f"{label}: {measured.missing_baseline}, so its {word} cannot be judged"
    margin = quantise(change.margin(baseline.value))
    low, high = (-difference.high, -difference.low) if drop else (difference.low, difference.high)
    settled = settle(-high, -low, -margin)
    status = Status.INCONCLUSIVE if difference.confidence < CONFIDENCE else settled
    show = numerals(difference.value, low, high, margin)
    moved = f"{show(-difference.value if drop else difference.value)}{_suffix(unit)}"
    bounds = f"95% interval {show(low)} to {show(high)}, " if difference.confidence < 1 else ""
    base = f"{numerals(baseline.value)(baseline.value)}{_suffix(unit)}"
    allowed = (
        f"{change}, which is {show(margin)}{_suffix(unit)}"
        if change.relative is not None
        else f"{show(margin)}{_suffix(unit)}"
    )
    sentence = (
        f"{label}: the {word} from the baseline's {base} is {moved} ({bounds}n={difference.n:,}),"
        f" {_RELATION[status]} the allowed {allowed}"
    )
    if status is Status.INCONCLUSIVE and difference.confidence >= CONFIDENCE:
        sentence += _enough(measured.change_settled_by(-margin if drop else margin))
    if status is Status.PASS and measured.partial:
        status, sentence = Status.INCONCLUSIVE, f"{sentence}, but it cannot pass: {measured.partial}"
    return status, f"{sentence}; {measured.note}" if measured.note else sentence


_RELATION = {
    Status.PASS: "within",
    Status.FAIL: "more than",
    Status.INCONCLUSIVE: "and cannot be told apart from",
}


def judge_allowance(
    name: str,
    count: int,
    total: int,
    allowance: Allowance,
    books: Books,
    *,
    what: str,
    exceeded: Status = Status.FAIL,
    part: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Metric:
    """Return a count of `total` records judged by an allowance. A count is exact; a share is settled by its interval.

    `what` says in the sentence what was counted, such as `lines could not be read`; `exceeded` is the status where
    there are too many.
    """
    rate = proportion(count, total)
    if rate is None:
        status, tail = Status.ERROR, "nothing was there to count"
    elif allowance.share is None:
        status = Status.PASS if count <= (allowance.count or 0) else exceeded
        tail = f"at most {allowance} allowed"
    else:
        settled = settle(-rate.high, -rate.low, -allowance.share)
        status = exceeded if settled is Status.FAIL else settled
        tail = f"at most {allowance} allowed, {_shown(rate, '')}"
    return Metric(
        name=name,
        status=status,
        reason=f"{count:,} of {total:,} {what}: {tail}",
        books=books,
        estimate=rate if allowance.share is not None else counted(count, total),
        limit=f"at most {allowance}",
        slice=part,
        unit="" if allowance.share is not None else "records",
        facts=facts or {},
    )


def _shown(estimate: Estimate, unit: str, show: Callable[[float], str] | None = None) -> str:
    show = show or numerals(estimate.value, estimate.low, estimate.high)
    value = f"{show(estimate.value)}{_suffix(unit)}"
    if estimate.low == estimate.high and estimate.confidence >= 1:
        return f"{value} ({estimate.method}, n={estimate.n:,})"
    if estimate.confidence < CONFIDENCE:
        return f"{value} (at least {show(estimate.low)}, no upper bound at n={estimate.n:,})"
    interval = f"{estimate.confidence * 100:g}% interval {show(estimate.low)} to {show(estimate.high)}"
    return f"{value} ({interval}, n={estimate.n:,})"


def _suffix(unit: str) -> str:
    return f" {unit}" if unit else ""


def numerals(*values: float) -> Callable[[float], str]:
    """Return a way to write numbers with as few digits as keep these values apart, from three significant ones on."""
    distinct = set(values)
    for digits in range(3, 12):
        if len({_significant(value, digits) for value in distinct}) == len(distinct):
            break
    return lambda value: _significant(value, digits)


def _significant(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    decimals = min(6, max(0, digits - 1 - math.floor(math.log10(abs(value)))))
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
