"""How many random items an audit needs, how many failures it may hold, and how often it lets which pool pass. Exact.

The bound itself is in `hypergeometric`. Nothing here knows of items or grades. An audit is a series of looks at one
random order of the pool: each look has its own share of the risk, and these add up to the risk of all of them
(Bonferroni), whatever was seen before and whenever somebody stopped.

Sources: Dodge and Romig, "Sampling Inspection Tables" (1959), for plans by LTPD and consumer's risk, and for double
sampling; ANSI/ASQ Z1.4, for multiple sampling with a further failure allowed at each look; Wald, "Sequential Analysis"
(1947); Dunn, Journal of the American Statistical Association 56 (1961) 52-64, for the split risk.
"""

import math
from collections.abc import Callable, Sequence

from twokey.stats.hypergeometric import at_most
from twokey.values import dataclass

SLACK = 1e-9
"""So far may rounding put a probability above the risk; only pools without end are reckoned in floating point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at the first `drawn` items of a random order, and the share of the risk that its bound may use."""

    drawn: int
    risk: float


def failures_allowed(allowed: int, pool: int, drawn: int, risk: float) -> int:
    """Return the most failures among `drawn` of `pool` items that still show at most `allowed` of the pool to fail.

    That is the largest k with P(X <= k) <= `risk` if one more than allowed were failures; -1 where there is none.
    """
    if allowed < 0:
        return -1
    if allowed >= pool:
        return drawn
    return _last(drawn, lambda found: at_most(found, pool, allowed + 1, drawn, risk))


def items_needed(allowed: int, pool: int, found: int, risk: float) -> int:
    """Return how many random items show, with `found` failures among them, that at most `allowed` of the pool fail.

    The whole pool where no fewer do.
    """
    if allowed >= pool:
        return 0
    return _first(pool, lambda drawn: drawn >= found and at_most(found, pool, allowed + 1, drawn, risk))


def failures_allowed_of_any(rate: float, drawn: int, risk: float) -> int:
    """Return the most failures among `drawn` items that show a failure rate of at most `rate` in a pool of any size."""
    return _last(drawn, lambda found: _binomial_at_most(found, drawn, rate) <= risk * (1 + SLACK))


def items_needed_of_any(rate: float, found: int, risk: float) -> int:
    """Return how many items show, with `found` failures among them, a rate of at most `rate` in a pool of any size."""
    most = found + 1
    while _binomial_at_most(found, most, rate) > risk * (1 + SLACK):
        most *= 2
    return _first(most, lambda drawn: drawn > found and _binomial_at_most(found, drawn, rate) <= risk * (1 + SLACK))


def _binomial_at_most(found: int, drawn: int, rate: float) -> float:
    """Return P(X <= found) for a binomial X, summed from `found` towards the nearer end so that nothing vanishes."""
    if found < 0:
        return 0.0
    if found >= drawn:
        return 1.0
    if found >= drawn * rate:
        return 1.0 - _binomial_at_most(drawn - found - 1, drawn, 1 - rate)
    ways = math.lgamma(drawn + 1) - math.lgamma(found + 1) - math.lgamma(drawn - found + 1)
    term = math.exp(ways + found * math.log(rate) + (drawn - found) * math.log1p(-rate))
    total = term
    for count in range(found, 0, -1):
        term *= count / (drawn - count + 1) * (1 - rate) / rate
        total += term
    return total


def _last(most: int, holds: Callable[[int], bool]) -> int:
    """Return the last of 0..most for which a condition holds that holds up to somewhere; -1 where it never does."""
    low, high = -1, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _first(most: int, holds: Callable[[int], bool]) -> int:
    """Return the first of 0..most for which a condition holds that holds from somewhere on; `most` if none before."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def whole(limit: float) -> int:
    """Return how many failures a limit on their number allows; rounding must not cost the one that just fits."""
    return math.floor(limit + SLACK)


def chance_to_pass(looks: Sequence[Look], pool: int, limit: float, defects: int) -> float:
    """Return how often a pool with so many defects passes: at a look whose bound is within `limit`, a number of items.

    A look at which the plain estimate is beyond the limit ends in a failure; one between asks for the next; after the
    last there is no pass. It is reckoned look by look, from whole numbers of ways to draw.

    Raises ValueError where the numbers contradict each other.
    """
    sizes = [0, *(look.drawn for look in looks)]
    if not 0 <= defects <= pool or pool == 0 or sizes != sorted(sizes) or sizes[-1] > pool:
        raise ValueError(f"{defects} defects in {pool} items, looks at {sizes[1:]}: cannot be")
    passed, before = 0.0, 0
    undecided = {0: 1.0}
    for look in looks:
        undecided = _drawn_on(undecided, pool - before, look.drawn - before, defects)
        before = look.drawn
        last = whole(limit * look.drawn / pool)
        accepted = min(last, failures_allowed(whole(limit), pool, look.drawn, look.risk))
        passed += math.fsum(chance for found, chance in undecided.items() if found <= accepted)
        undecided = {found: chance for found, chance in undecided.items() if accepted < found <= last}
    return min(1.0, passed)


def _drawn_on(before: dict[int, float], left: int, more: int, defects: int) -> dict[int, float]:
    """Return the chances of each number of failures after `more` of the `left` items are drawn."""
    after: dict[int, float] = {}
    ways = math.comb(left, more)
    for found, chance in before.items():
        bad = defects - found
        for fresh in range(max(0, more - (left - bad)), min(bad, more) + 1):
            share = math.comb(bad, fresh) * math.comb(left - bad, more - fresh) / ways
            after[found + fresh] = after.get(found + fresh, 0.0) + chance * share
    return after
