"""What may be written under `gates.performance` in a config.

It stands apart from the gate, because every command reads a config and few of them judge: nothing here counts or
compares.
"""

from collections.abc import Mapping

from twokey.config.keys import option
from twokey.config.shape import AmountLimit, Limit, ShareLimit
from twokey.values import dataclass

METRICS = (
    "latency_p50_ms",
    "latency_p95_ms",
    "latency_p99_ms",
    "throughput_rps",
    "memory_p95_mb",
    "memory_max_mb",
    "availability",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceOptions:
    """A limit for each metric that policy cares about."""

    metrics: Mapping[str, Limit] = option(
        "limits by metric",
        rest=True,
        known=METRICS,
        reads={name: ShareLimit if name == "availability" else AmountLimit for name in METRICS},
        default_factory=dict,
    )
