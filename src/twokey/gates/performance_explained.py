"""What the performance gate's metrics are, for `explain` and the reference."""

from collections.abc import Mapping

from twokey.kinds import Explained

_QUANTILE_HOW = (
    " Errored records have no latency here. Values are counted to four significant digits. The interval is of order"
    " statistics by the binomial distribution: it needs no shape of the distribution, and {needed} records before it"
    " has an upper end."
)
_QUANTILE_SOURCE = "Conover, Practical Nonparametric Statistics (1999), section 3.2."
_RECORDED = (
    "It is what the recording says: a closed loop that waits for each answer hides stalls (coordinated omission)."
)
_SLOW = "Look at what the slow answers have in common; a regression that a quiet machine does not show is noise."


def _latency(share: str, percentile: str, needed: int) -> Explained:
    return Explained(
        what=f"{share} of the answers took at most so many milliseconds ({percentile}).",
        how=f"The {percentile} of `latency_ms`.{_QUANTILE_HOW.format(needed=needed)}",
        source=_QUANTILE_SOURCE,
        limits=_RECORDED,
        fix=_SLOW,
    )


EXPLAINED: Mapping[str, Explained] = {
    "latency_p50_ms": _latency("Half", "median", 6),
    "latency_p95_ms": _latency("95 of 100", "95th percentile", 72),
    "latency_p99_ms": _latency("99 of 100", "99th percentile", 368),
    "throughput_rps": Explained(
        what="Answers per second over the whole recording.",
        how="Records that say when they were sent (`at`), over the time from the first request to the last answer. It"
        " was seen once, so it has no interval.",
        limits="It says how fast the recording was made, which may be what the recorder asked for.",
        fix="Record under the load that production has.",
    ),
    "memory_p95_mb": Explained(
        what="The 95th percentile of peak memory, in 10^6 bytes.",
        how=f"Of `memory_mb`.{_QUANTILE_HOW.format(needed=72)}",
        source=_QUANTILE_SOURCE,
        limits="Only what the records carry; a hosted model's memory is not known.",
        fix="Look at the longest inputs first.",
    ),
    "memory_max_mb": Explained(
        what="The largest peak memory that was seen, in 10^6 bytes.",
        how="The maximum of `memory_mb`. It was seen, so it has no interval; a longer run may see more.",
        fix="Look at the longest inputs first.",
    ),
    "availability": Explained(
        what="The share of records without an error.",
        how="Answered records of all records, with Clopper and Pearson's exact interval: 400 clean ones show 99.1%, no"
        " more.",
        source="Clopper and Pearson, Biometrika 26 (1934) 404-413.",
        limits="The errors are those that the recorder met on its way, its own network's among them.",
        fix="See the classes of the errors in the records gate.",
    ),
}
