"""The settings in which benchmarks/coverage.py asks an interval for the truth: sizes, rates, distributions, draws."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial

import numpy as np
from scipy.stats import binom, hypergeom

from twokey.config.review import Review
from twokey.review.auditing import sized, stages_of
from twokey.stats import clusters as clusters_module
from twokey.stats.calibration import Bin
from twokey.stats.clusters import Cluster, cluster_bootstrap, korn_graubard
from twokey.stats.hypergeometric import defects_upper_bound
from twokey.stats.intervals import Interval
from twokey.stats.means import refuted
from twokey.stats.resampling import bootstrap_mean

RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
FINE = tuple(sorted({*RATES, *np.geomspace(0.001, 0.5, 300).tolist()}))
SIZES = (20, 50, 100, 200, 500, 1000, 2000)
TAIL = 0.025
DIFFERING = (0.001, 0.01, 0.05, 0.1, 0.2, 0.4)
FINELY_DIFFERING = tuple(np.geomspace(0.001, 0.4, 40).tolist())
SLACK = 1e-12  # rounding errors in a truth are not the interval's

Setting = tuple[float, str]
"""The coverage in one setting, and what it is called."""


def enumerated(interval: Callable[[int, int], Interval], sizes: Iterable[int] = SIZES) -> Iterator[Setting]:
    """Yield the exact coverage of an interval for a proportion, on a fine grid of rates."""
    for n in sizes:
        most = int(binom.ppf(1 - 1e-9, n, FINE[-1])) + 1
        ks = np.arange(min(n, most) + 1)
        ends = np.array([interval(k, n) for k in ks.tolist()])
        for p in FINE:
            held = (ends[:, 0] - SLACK <= p) & (p <= ends[:, 1] + SLACK)
            yield float(binom.pmf(ks, n, p) @ held), f"n {n}, p {p:.3g}"


def bootstrapped() -> Iterator[Setting]:
    """Yield the exact coverage of the bootstrap of a rate, which is too slow for the fine grid."""
    for n, top in ((20, 0.5), (50, 0.5), (200, 0.1), (1000, 0.01), (2000, 0.005)):
        for p in RATES:
            if p <= top:
                ks = [k for k in range(n + 1) if binom.pmf(k, n, p) > 1e-6]
                held = [low - SLACK <= p <= high + SLACK for low, high in (_bootstrapped(k, n) for k in ks)]
                yield float(binom.pmf(ks, n, p) @ np.array(held)), f"n {n}, p {p}"


@cache
def _bootstrapped(k: int, n: int) -> Interval:
    return bootstrap_mean({0: n - k, 1: k}, 1)


TWO_SIZES = ((20, 20), (20, 200), (100, 100), (2000, 2000))
TWO_RATES = ((0.001, 0.001), (0.001, 0.05), (0.05, 0.05), (0.1, 0.02), (0.5, 0.001), (0.5, 0.5))


def walked(beyond: Callable[[int, int], bool], k1s: Iterable[int], n2: int) -> list[int]:
    """Return for each k1 the first k2 from which on a test holds; neither may fall as the other rises."""
    first, starts = 0, []
    for k1 in k1s:
        while first <= n2 and not beyond(k1, first):
            first += 1
        starts.append(first)
    return starts


def two_rates(interval: Callable[..., Interval], truth: Callable[[float, float], float]) -> Iterator[Setting]:
    """Yield the exact coverage for two rates, the interval's ends falling as the second count rises."""
    for n1, n2 in TWO_SIZES:
        at = cache(partial(_of_two, interval, n1, n2))
        for p1, p2 in TWO_RATES:
            if max(n1 * p1, n2 * p2) <= 120:
                yield _held_by_two(at, (n1, p1), (n2, p2), truth(p1, p2)), f"n {n1} and {n2}, p {p1} and {p2}"


def _of_two(interval: Callable[..., Interval], n1: int, n2: int, k1: int, k2: int) -> Interval:
    return interval(k1, n1, k2, n2)


def _held_by_two(
    at: Callable[[int, int], Interval], one: tuple[int, float], two: tuple[int, float], truth: float
) -> float:
    k1s = [k for k in range(one[0] + 1) if binom.pmf(k, *one) > 1e-7]
    least, most = max(0, int(binom.ppf(1e-9, *two)) - 1), int(binom.ppf(1 - 1e-9, *two)) + 1
    most = min(two[0], most)
    starts = walked(lambda k1, k2: k2 >= least and (k2 > most or at(k1, k2).low <= truth + SLACK), k1s, two[0])
    stops = walked(lambda k1, k2: k2 >= least and (k2 > most or at(k1, k2).high < truth - SLACK), k1s, two[0])
    held = binom.cdf(np.array(stops) - 1, *two) - binom.cdf(np.array(starts) - 1, *two)
    weights = binom.pmf(k1s, *one)
    return float(weights @ held / weights.sum())


def two_rates_drawn(
    interval: Callable[..., Interval], truth: Callable[[float, float], float], draws: int
) -> Iterator[Setting]:
    """Yield the simulated coverage for two rates."""
    chance = np.random.default_rng(1)
    for n1, n2 in TWO_SIZES:
        for p1, p2 in TWO_RATES:
            if max(n1 * p1, n2 * p2) > 120:
                continue
            drawn = zip(chance.binomial(n1, p1, draws).tolist(), chance.binomial(n2, p2, draws).tolist(), strict=True)
            share = _share(drawn, lambda k, n1=n1, n2=n2: interval(k[0], n1, k[1], n2), truth(p1, p2))
            yield share, f"n {n1} and {n2}, p {p1} and {p2}"


def _share(
    drawn: Iterable[tuple[int, ...]], interval: Callable[[tuple[int, ...]], Interval | None], truth: float
) -> float:
    """Return how often the interval holds the truth; each outcome is asked for once."""
    seen: dict[tuple[int, ...], int] = {}
    for outcome in drawn:
        seen[outcome] = seen.get(outcome, 0) + 1
    held = 0
    for outcome, count in seen.items():
        found = interval(outcome)
        held += count * (found is None or found.low - SLACK <= truth <= found.high + SLACK)
    return held / sum(seen.values())


def paired(
    interval: Callable[..., Interval], draws: int, shares_differing: Iterable[float] = DIFFERING
) -> Iterator[Setting]:
    """Yield the simulated coverage for right or wrong on the same cases."""
    chance = np.random.default_rng(2)
    for n in (20, 50, 200, 2000):
        for differing in shares_differing:
            for fixed in (0.5, 0.1, 0.0):
                if n * differing > 20:
                    continue
                shares = [differing * fixed, differing * (1 - fixed), 1 - differing]
                drawn = [(one, other) for one, other, _ in chance.multinomial(n, shares, draws).tolist()]
                found = _share(drawn, lambda k, n=n: interval(k[0], k[1], n), shares[0] - shares[1])
                yield found, f"n {n}, {differing:.1%} differ, {fixed:.0%} of them for the better"


LEVELS = np.linspace(0, 1, 11)


def score_shapes() -> Iterator[tuple[str, np.ndarray]]:
    """Yield distributions of scores: shares of 0, 0.1, ... 1."""
    for p in RATES:
        yield f"0 or 1, p {p}", np.array([1 - p, *[0] * 9, p])
        yield f"0 or 0.1, p {p}", np.array([1 - p, p, *[0] * 9])
        yield f"mostly 0.8, 0 at p {p}", np.array([p, *[0] * 7, 1 - p, 0, 0])
        yield f"mostly 0.5, 0 and 1 at p {p / 2}", np.array([p / 2, *[0] * 4, 1 - p, *[0] * 4, p / 2])
    yield "even", np.full(11, 1 / 11)


def means(draws: int) -> Iterator[Setting]:
    """Yield the simulated coverage of the interval for a mean: neither bound refutes the truth."""
    chance = np.random.default_rng(3)
    for n in (20, 50, 200, 2000):
        for name, shares in score_shapes():
            truth = float(shares @ LEVELS)
            drawn = map(tuple, chance.multinomial(n, shares, draws).tolist())

            def held(counts: tuple[int, ...], truth: float = truth) -> Interval:
                stakes = [(float(count), level / 10, 1.0) for level, count in enumerate(counts) if count]
                mirrored = [(count, 1 - value, 1.0) for count, value, _ in stakes]
                out = refuted(stakes, truth, TAIL) or refuted(mirrored, 1 - truth, TAIL)
                return Interval(2.0, 3.0) if out else Interval(0.0, 1.0)

            yield _share(drawn, held, truth), f"n {n}, {name}"


def _drawn_clusters(chance: np.random.Generator, count: int, p: float, alike: float, draws: int) -> np.ndarray:
    """Draw clusters of one to nine cases whose answers have an intraclass correlation."""
    sizes = chance.integers(1, 10, count)
    shares = np.full((draws, count), p)
    if alike >= 1:
        shares = (chance.random((draws, count)) < p).astype(float)
    elif alike > 0:
        shape = (1 - alike) / alike
        shares = chance.beta(p * shape, (1 - p) * shape, (draws, count))
    return np.stack([np.broadcast_to(sizes, (draws, count)), chance.binomial(sizes, shares)], axis=2)


def clustered(kind: str, draws: int) -> Iterator[Setting]:
    """Yield the simulated coverage for clustered cases."""
    chance = np.random.default_rng(4)
    clusters_module.t_quantile = cache(clusters_module.t_quantile)
    for count in (10, 50) if kind == "bootstrap" else (10, 50, 200):
        for p in (0.01, 0.1, 0.5):
            for alike in (0.0, 0.3, 1.0):
                held = 0
                for row in _drawn_clusters(chance, count, p, alike, draws).tolist():
                    if kind == "exact":
                        stakes = [(1.0, total / 9, n / 9) for n, total in row]
                        mirrored = [(1.0, (n - total) / 9, n / 9) for n, total in row]
                        held += not (refuted(stakes, p, TAIL) or refuted(mirrored, 1 - p, TAIL))
                    else:
                        interval = korn_graubard if kind == "effective size" else cluster_bootstrap
                        low, high = interval([Cluster(n=n, total=total) for n, total in row])
                        held += low - SLACK <= p <= high + SLACK
                yield held / draws, f"{count} clusters, p {p}, correlation {alike}"


def corrected(interval: Callable[..., Interval | None], draws: int) -> Iterator[Setting]:
    """Yield the simulated coverage of a prevalence that an erring judge counted."""
    chance = np.random.default_rng(5)
    for n, labelled in ((20, 20), (200, 100), (2000, 100), (2000, 1000)):
        for p in (0.001, 0.01, 0.05, 0.2, 0.5):
            for hit, quiet in ((0.95, 0.99), (0.8, 0.9), (0.6, 0.6)):
                flagged = p * hit + (1 - p) * (1 - quiet)
                columns = [(n, flagged), (labelled, hit), (labelled, quiet)]
                drawn = zip(*(chance.binomial(size, share, draws).tolist() for size, share in columns), strict=True)
                share = _share(drawn, lambda k, n=n, m=labelled: interval(k[0], n, k[1], m, k[2], m), p)
                yield share, f"n {n}, {labelled} labelled each, p {p}, sensitivity {hit}, specificity {quiet}"


def calibrated(interval: Callable[[list[Bin]], Interval], draws: int) -> Iterator[Setting]:
    """Yield the simulated coverage of the calibration error of given confidences."""
    chance = np.random.default_rng(6)
    means_ = np.array([0.55, 0.65, 0.75, 0.85, 0.95, 0.99])
    for n in (20, 50, 200, 2000):
        for off in (0.0, 0.01, 0.05, 0.3):
            sizes = np.maximum(1, (n * np.array([0.05, 0.05, 0.1, 0.2, 0.3, 0.3])).astype(int))
            truth, held = float(sizes @ np.full(6, off) / sizes.sum()), 0
            for rights in chance.binomial(sizes, means_ - off, (draws, 6)).tolist():
                bins = [
                    Bin(n=size, right=right, confidence=size * mean)
                    for size, right, mean in zip(sizes.tolist(), rights, means_.tolist(), strict=True)
                ]
                low, high = interval(bins)
                held += low - SLACK <= truth <= high + SLACK
            yield held / draws, f"n {sizes.sum()}, off by {off}"


def audits(stages: int, *, whole_risk: bool = False) -> Iterator[Setting]:
    """Yield the exact coverage of the audit's upper bound for 5% in pools of any number of failures.

    It is the least bound of all stages, as if every one were always looked at: whoever stops earlier misses no oftener.
    With `whole_risk` each stage uses the whole risk, as somebody does who just looks again until it holds.
    """
    for pool in (60, 150, 500, 1950):
        plan = sized(stages_of(Review(max_failure_rate=0.05, stages=stages)), pool)
        risks = [0.05 if whole_risk else stage.risk for stage in plan]
        for defects in range(0, pool + 1, max(1, pool // 150)):
            yield _held(pool, defects, [stage.size for stage in plan], risks), f"pool {pool}, {defects} fail"


def _held(pool: int, defects: int, sizes: list[int], risks: list[float]) -> float:
    """Return how often no bound of any look is below the truth."""
    before, held = 0, np.array([1.0])
    for size, risk in zip(sizes, risks, strict=True):
        after = np.zeros(len(held) + size)
        for found, share in enumerate(held):
            if share:
                fresh = np.arange(min(size, defects - found) + 1)
                after[found + fresh] += share * hypergeom.pmf(fresh, pool - before, defects - found, size)
        before, held = before + size, after
        for found in range(len(held)):
            if _excludes(pool, before, found, risk, defects):
                held[found] = 0
            else:
                break  # more failures raise the bound
    return float(held.sum())


@cache
def _bound(pool: int, drawn: int, found: int, risk: float) -> int:
    return defects_upper_bound(pool, drawn, found, risk)


def _excludes(pool: int, drawn: int, found: int, risk: float, defects: int) -> bool:
    return found <= defects and found <= drawn and _bound(pool, drawn, found, risk) < defects
