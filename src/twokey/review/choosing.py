"""Who is chosen in the end: shown, audited, kept in reserve; and who waits. Pure, of one tally.

What is shown is chosen by content and by draws of their own, never by the audit's draw; so what the audit draws from
everything that is not shown is random, and the only part that a number for all outputs can stand on.
"""

from collections.abc import Iterable, Mapping, Sequence

from twokey.canonical import quantise
from twokey.config.review import Review
from twokey.record import Record
from twokey.review.auditing import sized, stages_of
from twokey.review.doubt import Doubted, doubted
from twokey.review.past import Case
from twokey.review.tally import Candidate, Doubt, ReviewTally, first, is_high_impact
from twokey.values import dataclass

SURELY = 10
"""Of so many confident records that may be shown one is, if a second opinion doubts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Who is shown and audited, and who waits: `pool` is the number of records that are not shown.

    `second` are confident ones that a second opinion doubts. `stages` are the audit's further stages, and `next_low`
    the low-confidence records that come next: both are the reserve. `waiting` are the low-confidence records that are
    no items, in reserve or not, with their ranks among all of low confidence; `waiting_impact` the ids of high impact
    for which there was no room.
    """

    low: tuple[Record, ...]
    second: tuple[Record, ...]
    impact: tuple[Record, ...]
    flips: tuple[Record, ...]
    audit: tuple[Record, ...]
    stages: tuple[tuple[Record, ...], ...]
    next_low: tuple[Record, ...]
    pool: int
    waiting: tuple[tuple[int, Doubt], ...]
    waiting_impact: tuple[str, ...]
    doubted: Doubted


def choose(tally: ReviewTally, rules: Review, cases: Sequence[Case] = ()) -> Chosen:
    """Choose the shown, then draw the audit from everything that is not shown, then keep what comes next in reserve."""
    everyone = {one.record.id: one for one in (*tally.drawn, *tally.least)}
    found = doubted(tuple(everyone.values()), cases)
    ranked = sorted(tally.least, key=lambda one: (found.places[one.record.id], one.order))
    low, second = _shown(ranked, _second(tally.drawn, found, rules), found.places, rules)
    shown = {record.id for record in (*low, *second)}
    impact = _others(tally.impact, shown)
    shown |= {record.id for record in impact}
    flips = _others(tally.flips, shown)
    shown |= {record.id for record in flips}
    pool = tally.reviewable - len(shown)
    audit, stages = _audit(tally, shown, rules, pool)
    seen = shown | {record.id for record in audit}
    reserved = seen | {record.id for stage in stages for record in stage}
    order = [*(_doubt(one) for one in ranked), *tally.low[len(ranked) :]]
    return Chosen(
        low=low,
        second=second,
        impact=impact,
        flips=flips,
        audit=audit,
        stages=stages,
        next_low=tuple(one.record for one in ranked if one.record.id not in reserved)[: rules.more],
        pool=pool,
        waiting=tuple((rank, doubt) for rank, doubt in enumerate(order, start=1) if doubt.id not in seen),
        waiting_impact=tuple(id_ for id_ in tally.impact_ids if id_ not in seen),
        doubted=found,
    )


def _doubt(one: Candidate) -> Doubt:
    assert isinstance(one.order, Doubt)  # noqa: S101 the least confident are ordered by nothing else
    return one.order


def _second(drawn: Sequence[Candidate], found: Doubted, rules: Review) -> list[Candidate]:
    """Return the confident records that a second opinion doubts, most doubtful first.

    Those of high impact are shown anyway. A tie goes to the smaller key of the draw.
    """
    limit = quantise(rules.confidence_below)
    rows = (
        one
        for one in drawn
        if one.record.id in found.disputed
        and (sure := one.record.confidence) is not None
        and quantise(sure) >= limit
        and not is_high_impact(one.record)
    )
    return sorted(rows, key=lambda one: (found.places[one.record.id], one.order))


def _shown(
    low: Sequence[Candidate], second: Sequence[Candidate], places: Mapping[str, int], rules: Review
) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """Return who is shown of the least confident and of the confident ones.

    The most doubtful over both; but of the confident ones that may be shown one in ten is, whatever the others are
    worth: what is sure and wrong is worth more than one more of those that nobody trusts.
    """
    surely = second[: min(rules.second_opinion, rules.show) // SURELY]
    others = second[len(surely) : rules.second_opinion]
    both = [*((one, True) for one in low[: rules.show]), *((one, False) for one in others)]
    both.sort(key=lambda one: (places[one[0].record.id], not one[1]))
    taken = both[: rules.show - len(surely)]
    return (
        tuple(one.record for one, is_low in taken if is_low),
        tuple(one.record for one in (*surely, *(one for one, is_low in taken if not is_low))),
    )


def _others(candidates: Iterable[Candidate], shown: set[str]) -> tuple[Record, ...]:
    return tuple(one.record for one in candidates if one.record.id not in shown)


def _audit(
    tally: ReviewTally, shown: set[str], rules: Review, pool: int
) -> tuple[tuple[Record, ...], tuple[tuple[Record, ...], ...]]:
    """Return the audit's first stage and its further ones, in the order of one draw."""
    sizes = [stage.size for stage in sized(stages_of(rules), pool)]
    rest = (one for one in tally.audit_plain + tally.audit_impact if one.record.id not in shown)
    drawn = [one.record for one in first(rest, sum(sizes))]
    stages, at = [], 0
    for size in sizes:
        stages.append(tuple(drawn[at : at + size]))
        at += size
    return (stages[0], tuple(stages[1:])) if stages else ((), ())
