"""Twins, judged: how often the label flips, and how far confidence moves, when only one attribute changes."""

from collections.abc import Iterator
from typing import Any

from twokey.canonical import quantise
from twokey.gates.fairness_options import FairnessOptions
from twokey.gates.fairness_parity import Group
from twokey.gates.fairness_tally import Outcomes
from twokey.gates.fairness_twins import MAX_TWINS, SCALE, Attribute, Twins
from twokey.gates.limits import Measured, estimated, judge_limit, numerals, proportion
from twokey.outcome import Books, Metric
from twokey.stats.counterfactual import score_shift
from twokey.stats.intervals import CONFIDENCE


def twin_metrics(
    outcomes: Outcomes, twins: Twins | None, groups: tuple[Group, ...], options: FairnessOptions
) -> Iterator[Metric]:
    """Yield flip rate and shift of confidence for each group in which there are twins; `twins` is None if too many."""
    asked = options.flip_rate is not None or options.confidence_shift is not None
    found = [group for group in groups if twins is not None and twins.by_group[group.name].sets]
    if twins is None or not found:
        if asked:
            yield from _nothing(outcomes, twins, options)
        return
    for group in found:
        known = twins.by_group[group.name]
        for name, measured, scored in (
            ("flip_rate", _flips(known, group, twins), known.records),
            ("confidence_shift", _shift(known, group), known.sure),
        ):
            limit = getattr(options, name)
            if limit is not None or measured.estimate is not None:
                yield judge_limit(name, measured, limit, _books(outcomes, scored), part=group.name)


def _nothing(outcomes: Outcomes, twins: Twins | None, options: FairnessOptions) -> Iterator[Metric]:
    why = f"more than {MAX_TWINS:,} records carry a pair, or their groups have too many different values"
    if twins is not None:
        why = f"no two records share a pair and differ in one group{twins.reasons}"
    for name in ("flip_rate", "confidence_shift"):
        limit = getattr(options, name)
        if limit is not None:
            yield judge_limit(name, Measured(missing=why), limit, _books(outcomes, 0))


def _books(outcomes: Outcomes, scored: int) -> Books:
    unscorable = outcomes.total - outcomes.errored - scored
    return Books(total=outcomes.total, scored=scored, errored=outcomes.errored, unscorable=unscorable)


def _flips(known: Attribute, group: Group, twins: Twins) -> Measured:
    facts: dict[str, Any] = {"between": [], "not_compared": dict(sorted(twins.unusable.items()))}
    for (one, other), both in sorted(known.between.items()):
        facts["between"].append(
            {
                "values": [group.shown[one], group.shown[other]],
                "twins": both.n,
                "flipped": both.flipped,
                "positive_only": [both.first, both.second],
            }
        )
    remark = f"{known.flipped:,} of {known.sets:,} sets of twins differ{twins.reasons}"
    alone = twins.unusable.get("alone", 0)
    doubt = f"{alone:,} records that carry a pair have lost their twin" if alone else ""
    return Measured(estimate=proportion(known.flipped, known.sets), remark=remark, facts=facts, doubt=doubt)


def _shift(known: Attribute, group: Group) -> Measured:
    """Return the widest mean shift without its sign: its lower end allows for all pairs (as in `fairness_gaps`)."""
    pairs = [(pair, both.shifts) for pair, both in sorted(known.between.items()) if both.shifts]
    if not pairs:
        return Measured(missing="no twins both carry a confidence")
    own = [score_shift(shifts, SCALE, CONFIDENCE) for _, shifts in pairs]
    every = [score_shift(shifts, SCALE, 1 - (1 - CONFIDENCE) / len(pairs)) for _, shifts in pairs]
    widest = max(range(len(pairs)), key=lambda place: abs(own[place].mean))
    value = abs(own[widest].mean)
    low = max(max(0.0, shift.interval.low, -shift.interval.high) for shift in every)
    high = max(max(-shift.interval.low, shift.interval.high) for shift in own)
    (one, other), mean = pairs[widest][0], own[widest].mean
    one, other = (group.shown[one], group.shown[other]) if mean < 0 else (group.shown[other], group.shown[one])
    return Measured(
        estimate=estimated(value, (min(low, value), max(high, value)), sum(s.pairs for s in own), "hedged betting"),
        remark=f"confidence is {numerals(value)(value)} lower for {other} than for {one}",
        facts={
            "between": [
                {
                    "values": [group.shown[first], group.shown[second]],
                    "twins": shift.pairs,
                    "second_less_first": quantise(shift.mean),
                    "low": quantise(shift.interval.low),
                    "high": quantise(shift.interval.high),
                    "largest": quantise(shift.largest),
                }
                for ((first, second), _), shift in zip(pairs, own, strict=True)
            ]
        },
    )
