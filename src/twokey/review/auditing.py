"""How large the random audit is: sized from what policy claims, in one stage or in several.

Policy claims a failure rate (LTPD) and the chance that a worse pool passes (consumer's risk). What an audit found is
judged in `estimate`; who is drawn, in `select`: the first stage are items, the further stages wait in the reserve, in
the order of the same draw.

Several stages share the risk: two thirds for the first, the rest in equal parts. Each bound holds at its own share, so
all of them hold together at the whole of it, whatever was seen before a stage was taken and whenever somebody stopped.
Each stage allows one failure more than the one before. Against four fifths for the first this asks for four more clean
items (67 instead of 63 at 5%), and passes a large pool of which 1% fails in 81% of cases instead of 80% (three stages).
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from twokey.canonical import quantise
from twokey.config.review import Review
from twokey.stats.acceptance import (
    Look,
    chance_to_pass,
    failures_allowed,
    failures_allowed_of_any,
    items_needed,
    items_needed_of_any,
    whole,
)
from twokey.stats.hypergeometric import clean_items_needed
from twokey.values import dataclass

CLAIMED = 0.05
"""The failure rate that an audit is sized for where policy names neither a rate nor a size."""

FIRST_SHARE = (2, 3)
"""The first stage's share of the risk, where there are several."""

RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""The failure rates that the operating curve is told at."""

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of an audit: so many further items, and the share of the risk that its bound may use.

    `claims` is the failure rate that it is sized for. With at most `passes_with` failures in all stages so far, and
    none among the shown, it shows that; -1 where it cannot show it by any result. `named` says that policy names the
    size itself.
    """

    size: int
    risk: float
    claims: float = CLAIMED
    passes_with: int = 0
    named: bool = False


@lru_cache(maxsize=16)
def stages_of(rules: Review) -> tuple[Stage, ...]:
    """Return the stages of a policy's audit, none where it asks for none; sizes for a pool without end."""
    if rules.audit == 0:
        return ()
    rate = CLAIMED if rules.max_failure_rate is None else rules.max_failure_rate
    if not 0 < rate < 1:  # no sample shows that nothing fails, and anything that everything may
        size = 1 if rules.audit is None else rules.audit
        return (Stage(size=size, risk=rules.risk, claims=rate, passes_with=-1 if rate == 0 else size, named=True),)
    return tuple(_endless(rate, rules.audit, _shares(rules.risk, rules.stages)))


def sized(stages: tuple[Stage, ...], pool: int) -> tuple[Stage, ...]:
    """Return the stages for a pool of so many outputs that are not shown: never more items, in a small pool fewer.

    A size that policy names stays, up to the whole pool. A further stage that could pass nothing which the one before
    did not pass is dropped, as is one for which nothing is left; the last one may be what remains of the pool.
    """
    found: list[Stage] = []
    drawn = most = 0
    for stage in stages:
        most += stage.size
        passes = found[-1].passes_with + 1 if found else 0
        size = min(_needed(stage, pool, passes), most, pool) - drawn
        passes = failures_allowed(_allowed(stage.claims, pool), pool, drawn + size, stage.risk)
        if size > 0 and (not found or passes > found[-1].passes_with):
            drawn += size
            found.append(replace(stage, size=size, passes_with=passes))
    return tuple(found)


def audit_size(rules: Review) -> int:
    """Return how many items are drawn for the first stage, at most."""
    return stages_of(rules)[0].size if rules.audit != 0 else 0


def most_drawn(rules: Review) -> int:
    """Return how many items all stages together draw, at most."""
    return sum(stage.size for stage in stages_of(rules))


def audit_facts(rules: Review, pool: int, outputs: int) -> dict[str, Any]:
    """Return what the review's facts say of its audit, under `audit`: nothing where policy asks for none.

    `pool` is the number of outputs that are not shown, `outputs` of all. `stages` has each stage's further items, its
    share of the risk, and with how many failures in all so far it passes if none of the shown failed. The operating
    curve says how often a release passes of whose outputs such a share fails, all of them where nobody looks.
    """
    stages = sized(stages_of(rules), pool)
    if not stages:
        return {}
    limit = rules.max_failure_rate
    rows = [{"items": stage.size, "risk": quantise(stage.risk), "passes_with": stage.passes_with} for stage in stages]
    curve = () if limit is None else operating_curve(stages, pool, limit, RATES, outputs=outputs)
    if not any(chance for _, chance in curve):
        curve = ()  # an audit that cannot pass has nothing to compare
    return {
        "claims": stages[0].claims,
        "risk": rules.risk,
        "stages": rows,
        "operating_curve": [{"failing": rate, "passes": quantise(chance)} for rate, chance in curve],
    }


def operating_curve(
    stages: tuple[Stage, ...], pool: int, limit: float, rates: tuple[float, ...], *, outputs: int | None = None
) -> tuple[tuple[float, float], ...]:
    """Return for each failure rate the chance that the audit passes, if none of the items shown failed.

    `limit` and `rates` are shares of all `outputs`, by default of the pool. Rates that do not fit into the pool are
    left out.
    """
    outputs = pool if outputs is None else outputs
    looks, drawn = [], 0
    for stage in stages:
        drawn += stage.size
        looks.append(Look(drawn=drawn, risk=stage.risk))
    defects = [(rate, round(rate * outputs)) for rate in rates]
    return tuple((rate, chance_to_pass(looks, pool, limit * outputs, bad)) for rate, bad in defects if bad <= pool)


def _shares(risk: float, stages: int) -> tuple[float, ...]:
    """Return each stage's share of the risk, in whole millionths that never add up to more than it."""
    if stages == 1:
        return (risk,)
    from fractions import Fraction  # it brings decimal, and few audits have stages

    units = int(Fraction(str(risk)) * _MILLION)
    first, of = FIRST_SHARE
    later = units * (of - first) // of // (stages - 1)
    return ((units - later * (stages - 1)) / _MILLION, *(later / _MILLION,) * (stages - 1))


def _endless(rate: float, named: int | None, shares: tuple[float, ...]) -> Iterator[Stage]:
    drawn = found = 0
    for number, risk in enumerate(shares):
        if number == 0 and named is not None:
            size, found = named, failures_allowed_of_any(rate, named, risk)
        elif number == 0:
            size = clean_items_needed(rate, risk)
        else:
            found = max(found, failures_allowed_of_any(rate, drawn, risk)) + 1
            size = items_needed_of_any(rate, found, risk) - drawn
        drawn += size
        yield Stage(size=size, risk=risk, claims=rate, passes_with=found, named=number == 0 and named is not None)


def _needed(stage: Stage, pool: int, found: int) -> int:
    """Return how many items a stage needs, with all before it, to pass a pool of that size with so many failures."""
    return stage.size if stage.named else items_needed(_allowed(stage.claims, pool), pool, found, stage.risk)


def _allowed(rate: float, outputs: int) -> int:
    """Return how many of so many outputs may fail."""
    return whole(rate * outputs)
