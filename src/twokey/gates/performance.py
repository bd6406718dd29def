"""The gate for what an answer costs: time, memory, and whether it comes at all.

It reads what the recording carries and measures nothing itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from twokey.gates.base import Setting, merge_roles
from twokey.gates.limits import judge_limit
from twokey.gates.performance_measures import MEASURES, measured
from twokey.gates.performance_options import PerformanceOptions
from twokey.gates.performance_tally import Costs, add, count
from twokey.outcome import Books, GateResult, Metric, conclude_gate
from twokey.record import Batch, Role

PerformanceTally = Mapping[Role, Costs]


@dataclass(frozen=True, slots=True)
class PerformanceGate:
    """Judges latency, throughput, memory and availability, where the records carry them.

    - `latency_p50_ms`, `latency_p95_ms`, `latency_p99_ms`: quantiles of `latency_ms`, rounded to four significant
      digits. The interval is that of order statistics, which assumes nothing of the distribution. A quantile far out
      needs many records before it can be bounded from above: 6 for p50, 72 for p95, 368 for p99. With fewer it is
      `inconclusive` at best.
    - `memory_p95_mb`, `memory_max_mb`: likewise from `memory_mb`; the maximum is the largest seen, nothing inferred.
    - `throughput_rps`: answered records per second from the first `at` to the last answer. Observed once, without an
      interval. It counts the records that were drawn, so draw `all` where it is to be judged.
    - `availability`: the share of records without an error, with its Clopper-Pearson interval. Errored records count
      here and in no other metric.

    `max_increase` and `max_drop` compare with the baseline recording: the difference's interval is made of the two
    recordings' own at 97.5% each (Bonferroni), which is cautious and needs no pairing. With a change given as both
    relative and absolute only what exceeds both is a regression.

    Every metric that can be computed is shown; one with a limit and no data is an error by name.

    Limits: recorded latencies are believed. If requests waited for each other (a closed loop), stalls are
    under-reported. Candidate and baseline should come from the same machine and the same load.

    To fix: look at the slowest answers first; record more of them if the interval is wide.
    """

    name: ClassVar[str] = "performance"
    summary: ClassVar[str] = "latency, throughput, memory and availability"
    Options: ClassVar[type[PerformanceOptions]] = PerformanceOptions

    options: PerformanceOptions
    has_baseline: bool

    @classmethod
    def build(cls, options: PerformanceOptions, setting: Setting) -> Self:
        """Make the gate."""
        return cls(options, setting.has_baseline)

    def tally(self, batch: Batch) -> PerformanceTally:
        """Count one batch; the baseline's only where there is one to compare with."""
        if not batch.records or (batch.role == "baseline" and not self.has_baseline):
            return {}
        return {batch.role: count(batch.records)}

    def merge(self, left: PerformanceTally, right: PerformanceTally) -> PerformanceTally:
        """Add two tallies."""
        return merge_roles(left, right, add)

    def judge(self, tally: PerformanceTally) -> GateResult:
        """Estimate each metric and compare it with its limit."""
        costs = tally.get("candidate", Costs())
        books = Books(total=costs.total, scored=costs.total - costs.errored, errored=costs.errored)
        baseline = tally.get("baseline", Costs()) if self.has_baseline else None
        return conclude_gate(self.name, books, self._metrics(costs, baseline))

    def _metrics(self, costs: Costs, baseline: Costs | None) -> Iterator[Metric]:
        for name, measure in MEASURES.items():
            limit = self.options.metrics.get(name)
            found = measured(measure, costs, baseline)
            if limit is not None or found.estimate is not None:
                yield judge_limit(name, found, limit, measure.books(costs))
