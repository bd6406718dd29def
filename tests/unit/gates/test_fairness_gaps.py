import random
from math import sqrt

import pytest

from twokey.gates.fairness_gaps import BOX, CLOSELY, DIFFERENCE, RATIO, Kind, Pair, pairs_of, widest
from twokey.gates.fairness_rates import Share
from twokey.gates.limits import settle
from twokey.outcome import Estimate, Status
from twokey.stats.fairness_pass import fair_pass_rate
from twokey.stats.fairness_size import detectable_gap
from twokey.stats.intervals import clopper_pearson
from twokey.stats.rates import difference_interval, ratio_interval


def estimate(kind: Kind, shares: dict[str, Share], family: int | None = None) -> Estimate:
    pairs = pairs_of({"accuracy": shares})
    found = widest(kind, pairs, family or len(pairs), sum(share.n for share in shares.values()))
    assert found is not None
    return found.estimate


def shares(**counts: tuple[int, int]) -> dict[str, Share]:
    return {name: Share(k=k, n=n) for name, (k, n) in counts.items()}


def drawn(chance: random.Random, n: int, p: float) -> Share:
    return Share(k=sum(chance.random() < p for _ in range(n)), n=n)


def test_of_two_values_the_interval_is_that_of_their_difference_without_its_sign() -> None:
    for one, other in (((90, 100), (70, 100)), ((70, 100), (90, 100))):
        found = estimate(DIFFERENCE, shares(a=one, b=other))
        low, high = difference_interval(90, 100, 70, 100)
        assert found.low == pytest.approx(low, abs=2e-6)
        assert found.high == pytest.approx(high, abs=2e-6)
        assert found.value == pytest.approx(0.2)


def test_of_two_values_the_ratio_is_that_of_the_lower_by_the_higher() -> None:
    for one, other in (((90, 100), (60, 100)), ((60, 100), (90, 100))):
        found = estimate(RATIO, shares(a=one, b=other))
        low, high = ratio_interval(60, 100, 90, 100)
        assert found.low == pytest.approx(low, abs=2e-6)
        assert found.high == pytest.approx(high, abs=2e-6)
        assert found.value == pytest.approx(2 / 3, abs=1e-6)


def test_a_ratio_that_may_be_one_has_no_upper_end_below_it() -> None:
    assert estimate(RATIO, shares(a=(90, 100), b=(89, 100))).high == 1
    nothing = estimate(RATIO, shares(a=(0, 100), b=(0, 100)))
    assert (nothing.low, nothing.high) == (0, 1)


def test_how_sure_the_values_are_moves_the_difference_and_not_its_width() -> None:
    plain = {"a": Share(k=90, n=100), "b": Share(k=60, n=100)}
    sure = {"a": Share(k=90, n=100, sure=0.95), "b": Share(k=60, n=100, sure=0.7)}
    before, after = estimate(DIFFERENCE, plain), estimate(DIFFERENCE, sure)
    assert after.value == pytest.approx(before.value - 0.25)
    assert after.high == pytest.approx(before.high - 0.25)


@pytest.mark.parametrize("kind", [DIFFERENCE, RATIO])
def test_pairs_that_are_not_looked_at_closely_only_widen_the_interval(kind: Kind) -> None:
    chance = random.Random(3)
    many = {str(i): drawn(chance, 60, 0.8) for i in range(13)}
    pairs = pairs_of({"accuracy": many})
    assert len(pairs) > CLOSELY
    found = estimate(kind, many)
    every = [kind.interval(pair, 0.95) for pair in pairs]
    low, high = (1 - found.high, 1 - found.low) if kind is RATIO else (found.low, found.high)
    assert high >= max(interval.high for interval in every) - 2e-6
    assert low <= max(interval.low for interval in every)


@pytest.mark.parametrize("kind", [DIFFERENCE, RATIO])
def test_the_wide_interval_holds_the_close_one(kind: Kind) -> None:
    chance = random.Random(5)
    for _ in range(40):
        left, right = (drawn(chance, chance.randint(5, 300), chance.random()) for _ in range(2))
        pair = Pair(rate="accuracy", one="a", other="b", left=left, right=right)
        box = kind.box(pair, clopper_pearson(left.k, left.n, BOX), clopper_pearson(right.k, right.n, BOX))
        close = kind.interval(pair, 0.95)
        assert box.high >= close.high - 1e-9
        assert box.low <= close.low + 1e-9


@pytest.mark.parametrize("rates", [(0.9, 0.9, 0.9, 0.9), (0.9, 0.8, 0.9, 0.9), (0.3, 0.5, 0.7, 0.5)])
def test_the_interval_of_the_widest_gap_holds_it_as_often_as_it_says(rates: tuple[float, ...]) -> None:
    chance, draws, missed = random.Random(11), 30, 0
    truth = max(rates) - min(rates)
    for _ in range(draws):
        found = estimate(DIFFERENCE, {str(place): drawn(chance, 80, p) for place, p in enumerate(rates)})
        missed += not found.low <= truth <= found.high
    assert missed <= 0.05 * draws + 3 * sqrt(0.05 * 0.95 * draws)


def test_a_planted_gap_is_found_and_a_fair_model_passed_at_the_rates_that_are_stated() -> None:
    n, p, limit, draws = 800, 0.86, 0.06, 50
    fair = fair_pass_rate(n, n, p, limit)
    gap = detectable_gap(n, n, p, limit=limit)
    assert gap is not None
    assert 0.5 < fair < 0.9
    chance = random.Random(17)

    def settled(second: float) -> Status:
        found = estimate(DIFFERENCE, {"a": drawn(chance, n, p), "b": drawn(chance, n, second)})
        return settle(-found.high, -found.low, -limit)

    passed = sum(settled(p) is Status.PASS for _ in range(draws)) / draws
    failed = sum(settled(p - gap) is Status.FAIL for _ in range(draws)) / draws
    assert abs(passed - fair) <= 3.5 * sqrt(fair * (1 - fair) / draws)
    assert abs(failed - 0.8) <= 3.5 * sqrt(0.8 * 0.2 / draws)


def test_a_gap_beyond_the_limit_hardly_ever_passes() -> None:
    chance, draws = random.Random(23), 40
    passed = 0
    for _ in range(draws):
        found = estimate(DIFFERENCE, {"a": drawn(chance, 1000, 0.86), "b": drawn(chance, 1000, 0.81)})
        passed += found.high <= 0.05
    assert passed <= 0.025 * draws + 3 * sqrt(0.025 * 0.975 * draws)
