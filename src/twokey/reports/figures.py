"""How reports write numbers: a metric's value, interval, limit and baseline, and books that close.

Nothing is computed here; a number that is missing is `-`.
"""

import re
from collections.abc import Callable

from twokey.gates.limits import EXACT, numerals
from twokey.outcome import Books, Estimate, Metric

NOTHING = "-"


def counted(number: int, one: str, more: str = "") -> str:
    """Return a number with its noun, such as `1 file` or `3 files`."""
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def value(metric: Metric) -> str:
    """Return the metric's value with its unit, or `-`."""
    estimate = metric.estimate
    if estimate is None:
        return NOTHING
    text = _numerals(metric, estimate)(estimate.value)
    unit = metric.unit.removesuffix("s") if estimate.value == 1 and metric.unit in _COUNTED else metric.unit
    return f"{text} {unit}" if unit else text


_COUNTED = frozenset({"records", "items"})


def interval(metric: Metric) -> str:
    """Return the metric's interval, `exact` where all was counted, `none` for what has no interval, or `-`."""
    estimate = metric.estimate
    if estimate is None:
        return NOTHING
    if estimate.low == estimate.high and estimate.confidence >= 1:
        return "exact" if estimate.method == EXACT else "none"
    show = _numerals(metric, estimate)
    if estimate.confidence < _USUAL:
        return f"from {show(estimate.low)}"
    return f"{show(estimate.low)} to {show(estimate.high)}"


_USUAL = 0.95


def _numerals(metric: Metric, estimate: Estimate) -> Callable[[float], str]:
    """Return a way to write numbers that keeps value, interval and limit apart."""
    bounds = (bound for bound in thresholds(metric) if bound is not None)
    return numerals(estimate.value, estimate.low, estimate.high, *bounds)


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
