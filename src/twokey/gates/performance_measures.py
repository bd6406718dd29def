"""How each performance metric is read from the counts, with its interval and its difference from the baseline.

The baseline need not have the same ids: intervals of both recordings are combined, which is cautious.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twokey.gates.limits import EACH, Measured, combined_difference, counted, estimated, proportion
from twokey.gates.performance_tally import Costs, Counts
from twokey.outcome import Books, Estimate
from twokey.stats.intervals import CONFIDENCE
from twokey.stats.quantiles import Distribution, quantile_interval, values_needed


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric: its unit, how it is estimated at a confidence, which records it stands on, and what it needs."""

    unit: str
    estimate: Callable[[Costs, float], Estimate | None]
    scored: Callable[[Costs], int]
    missing: str
    quantile: float | None = None

    def books(self, costs: Costs) -> Books:
        """Return where the records went: errored ones are scored by `availability` alone."""
        scored = self.scored(costs)
        errored = costs.errored if scored <= costs.total - costs.errored else 0
        return Books(total=costs.total, scored=scored, errored=errored, unscorable=costs.total - scored - errored)


def measured(measure: Measure, costs: Costs, baseline: Costs | None) -> Measured:
    """Return the metric's estimate, and its difference from the baseline where there is one."""
    estimate = measure.estimate(costs, CONFIDENCE)
    before = measure.estimate(baseline, CONFIDENCE) if baseline is not None else None
    after = measure.estimate(costs, EACH) if baseline is not None else None
    difference = combined_difference(after, measure.estimate(baseline, EACH)) if baseline is not None else None
    none = "the baseline has nothing to compute it from" if baseline is not None else "there is no baseline"
    return Measured(
        estimate=estimate,
        baseline=before,
        difference=difference,
        missing=measure.missing,
        missing_baseline=none,
        note=_note(measure, difference),
        unit=measure.unit,
        facts=_facts(measure, estimate, difference),
    )


def _note(measure: Measure, difference: Estimate | None) -> str:
    if difference is None or difference.confidence >= CONFIDENCE or measure.quantile is None:
        return ""
    return f"each recording needs {values_needed(measure.quantile, EACH):,} values for an interval"


def _facts(measure: Measure, estimate: Estimate | None, difference: Estimate | None) -> Mapping[str, object]:
    facts: dict[str, object] = {}
    if estimate is not None and estimate.confidence < CONFIDENCE and measure.quantile is not None:
        facts["values_needed"] = values_needed(measure.quantile)
    if difference is not None:
        facts["difference"] = {"value": difference.value, **difference.interval()}
    return facts


def _quantile(counts: Callable[[Costs], Counts], q: float) -> Callable[[Costs, float], Estimate | None]:
    def estimate(costs: Costs, confidence: float) -> Estimate | None:
        distribution = Distribution.of({float(value): seen for value, seen in counts(costs).items()})
        if distribution.n == 0:
            return None
        found = quantile_interval(distribution, q, confidence)
        return estimated(distribution.quantile(q), found.interval, distribution.n, "order statistics", found.confidence)

    return estimate


def _maximum(costs: Costs, _confidence: float) -> Estimate | None:
    if not costs.memory:
        return None
    return counted(max(map(float, costs.memory)), sum(costs.memory.values()), "largest seen")


def _throughput(costs: Costs, _confidence: float) -> Estimate | None:
    span = costs.last - costs.first
    if not costs.timed or span <= 0 or math.isinf(costs.timed / span):
        return None
    return counted(costs.timed / span, costs.timed, "observed once")


def _availability(costs: Costs, confidence: float) -> Estimate | None:
    return proportion(costs.total - costs.errored, costs.total, confidence)


def _latency_of(q: float) -> Measure:
    return Measure("ms", _quantile(_latencies, q), lambda c: sum(c.latency.values()), "no record carries latency_ms", q)


def _latencies(costs: Costs) -> Counts:
    return costs.latency


def _memory(costs: Costs) -> Counts:
    return costs.memory


def _memory_n(costs: Costs) -> int:
    return sum(costs.memory.values())


MEASURES: Mapping[str, Measure] = {
    "latency_p50_ms": _latency_of(0.5),
    "latency_p95_ms": _latency_of(0.95),
    "latency_p99_ms": _latency_of(0.99),
    "throughput_rps": Measure(
        "per second", _throughput, lambda c: c.timed, "no records carry `at` over a span of time"
    ),
    "memory_p95_mb": Measure("MB", _quantile(_memory, 0.95), _memory_n, "no record carries memory_mb", 0.95),
    "memory_max_mb": Measure("MB", _maximum, _memory_n, "no record carries memory_mb"),
    "availability": Measure("", _availability, lambda c: c.total, "there is no record"),
}
