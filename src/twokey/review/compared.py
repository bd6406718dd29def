"""What the packet says by comparison: with the baseline, part with whole, and what is shown to people with what is not.

Every number here stands in the gates' results. A comparison that a gate did not make is not made here either.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twokey.config.scalars import percent
from twokey.gates.limits import numerals
from twokey.outcome import Estimate, GateResult, Metric, Status
from twokey.review import AUDITED, DOUBTED, FLIPPED, HIGH, LOW, REVIEW
from twokey.stats.acceptance import items_needed, whole

ALWAYS_COMPARED = ("accuracy", "hallucination_rate", "confident_errors", "latency_p95_ms", "availability")
"""What is compared with the baseline whether or not policy sets a limit on it."""

MOST_PARTS = 5

_SHOWN = {
    LOW: "least confident",
    DOUBTED: "doubted by a second opinion",
    HIGH: "of high impact",
    FLIPPED: "changed sides since the baseline",
    AUDITED: "drawn at random",
}


def to_grade(results: Sequence[GateResult]) -> str:
    """Return how many items wait for people and why each is shown, or nothing where none does."""
    counts = Counter(review_facts(results).get("items", {}).values())
    parts = [
        f"{number:,} {_SHOWN.get(stratum, stratum)}" for stratum, number in sorted(counts.items(), key=_by_stratum)
    ]
    return f"{counts.total():,} items ({', '.join(parts)})" if parts else ""


def _by_stratum(counted: tuple[str, int]) -> tuple[int, str]:
    order = list(_SHOWN)
    return (order.index(counted[0]) if counted[0] in order else len(order), counted[0])


def review_facts(results: Sequence[GateResult]) -> Mapping[str, Any]:
    """Return the facts of the review's selection; none where policy asks for no review."""
    return next((result.facts for result in results if result.gate == REVIEW), {})


def since_baseline(results: Sequence[GateResult]) -> Iterator[str]:
    """Yield how each metric that is judged, and some that always matter, did against the baseline."""
    for result in results:
        for metric in result.metrics:
            wanted = metric.status is not Status.OFF or metric.name in ALWAYS_COMPARED
            if wanted and metric.slice is None and metric.estimate and metric.baseline is not None:
                yield f"{_moved(metric, metric.estimate, metric.baseline)}{_flips(metric)}"


def _moved(metric: Metric, now: Estimate, baseline: float) -> str:
    show, unit = numerals(now.value, baseline), f" {metric.unit}" if metric.unit else ""
    if now.value == baseline:
        return f"{metric.name} is {show(baseline)}{unit}, as before"
    return f"{metric.name} was {show(baseline)}{unit} and is {show(now.value)}{unit}"


def _flips(metric: Metric) -> str:
    pairs = metric.facts.get("pairs", {})
    if not pairs:
        return ""
    return f": {pairs['fixed']:,} answers mended and {pairs['broken']:,} broken, of {pairs['n']:,} cases in both"


def weakest(results: Sequence[GateResult]) -> Iterator[str]:
    """Yield, for each group that is sliced, the part with the least accuracy, where the parts differ."""
    quality = next((result for result in results if result.gate == "quality"), None)
    whole = quality.metric("accuracy") if quality else None
    groups: dict[str, list[tuple[float, Metric, Estimate]]] = {}
    for metric in quality.metrics if quality else ():
        group, named, _ = (metric.slice or "").partition("=")
        if metric.name == "accuracy" and named and metric.estimate:
            groups.setdefault(group, []).append((metric.estimate.value, metric, metric.estimate))
    told = (min(parts, key=lambda part: part[0]) for parts in groups.values() if len({p[0] for p in parts}) > 1)
    for value, metric, found in sorted(told, key=lambda part: part[0])[:MOST_PARTS]:
        show = numerals(value, found.low, found.high)
        over_all = f", and {show(whole.estimate.value)} over all" if whole and whole.estimate else ""
        yield (
            f"accuracy is least where {metric.slice}: {show(value)} (95% interval {show(found.low)} to"
            f" {show(found.high)}, n={found.n:,}){over_all}"
        )


def audited(results: Sequence[GateResult]) -> Iterator[str]:
    """Yield what the random audit looks at, what passes it, and how often a worse release would."""
    facts = review_facts(results)
    if not facts.get("audited"):
        return
    yield (
        f"{facts['audited']:,} of the {facts['not_shown']:,} outputs that nobody is shown otherwise are drawn at random"
    )
    audit = facts.get("audit", {})
    yield from _stages(audit, facts["not_shown"])
    yield from curve_sentence(audit)


CURVE = "the chance that a release passes this audit, if none of the items shown fails"


def curve_sentence(audit: Mapping[str, Any]) -> Iterator[str]:
    """Yield the operating curve as a sentence, or nothing where there is none."""
    points = [f"{chance} where {rate} of its outputs fail" for rate, chance in curve(audit)]
    if points:
        yield f"{CURVE}: {', '.join(points)}"


def curve(audit: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the operating curve in the review's facts: a true failure rate, and the chance that it passes."""
    for row in audit.get("operating_curve", ()):
        yield percent(row["failing"]), _chance(row["passes"])


def _stages(audit: Mapping[str, Any], pool: int) -> Iterator[str]:
    drawn = 0
    for number, stage in enumerate(audit.get("stages", ())):
        drawn += stage["items"]
        claim = f"at most {percent(audit['claims'])} of all outputs fail, at a risk of {percent(stage['risk'])}"
        if stage["passes_with"] < 0:
            enough = items_needed(whole(audit["claims"] * pool), pool, 0, stage["risk"])
            yield f"no result among {drawn:,} items can show that {claim}: audit: {enough} would do"
        elif number == 0:
            verb = "shows" if stage["passes_with"] == 1 else "show"
            yield f"{_up_to(stage['passes_with'])} among {drawn:,} items {verb} that {claim}"
        else:
            yield (
                f"should that not do, {stage['items']:,} more can be drawn: {_up_to(stage['passes_with'])} among"
                f" {drawn:,} {'shows' if stage['passes_with'] == 1 else 'show'} it too, at a risk of"
                f" {percent(stage['risk'])}"
            )


def _up_to(failures: int) -> str:
    return f"up to {failures:,} {'failure' if failures == 1 else 'failures'}"


def _chance(share: float) -> str:
    if share <= 0 or share >= 1:
        return f"{share:.0%}"
    return "less than 1%" if share < 0.01 else "more than 99%" if share > 0.99 else f"{share:.0%}"
