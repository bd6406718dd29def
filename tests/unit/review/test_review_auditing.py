from fractions import Fraction
from itertools import accumulate, combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.config.review import Review
from twokey.outcome import Status
from twokey.review.auditing import (
    RATES,
    Stage,
    audit_facts,
    audit_size,
    most_drawn,
    operating_curve,
    sized,
    stages_of,
)
from twokey.review.estimate import assess
from twokey.review.grades import Grade, Grades
from twokey.stats.acceptance import Look, chance_to_pass, items_needed_of_any


def sizes(stages: tuple[Stage, ...]) -> list[int]:
    return [stage.size for stage in stages]


@pytest.mark.parametrize(("rate", "size"), [(0.01, 299), (0.02, 149), (0.05, 59), (0.1, 29), (0.2, 14)])
def test_an_audit_is_as_large_as_what_policy_claims_needs(rate: float, size: int) -> None:
    (stage,) = stages_of(Review(max_failure_rate=rate))
    assert (stage.size, stage.risk, stage.passes_with, stage.named) == (size, 0.05, 0, False)


def test_less_risk_takes_more_items() -> None:
    assert audit_size(Review(max_failure_rate=0.05, risk=0.01)) == 90
    assert audit_size(Review(max_failure_rate=0.05, risk=0.1)) == 45


def test_a_size_that_policy_names_stays() -> None:
    (stage,) = stages_of(Review(audit=25, max_failure_rate=0.05))
    assert (stage.size, stage.passes_with, stage.named) == (25, -1, True)
    assert sized((stage,), 1950)[0].size == 25
    assert sized((stage,), 11)[0].size == 11


def test_without_an_audit_there_are_no_stages() -> None:
    rules = Review(audit=0)
    assert stages_of(rules) == ()
    assert (audit_size(rules), most_drawn(rules), audit_facts(rules, 100, 150)) == (0, 0, {})


def test_each_further_stage_allows_one_failure_more() -> None:
    stages = stages_of(Review(max_failure_rate=0.05, stages=4))
    assert [stage.passes_with for stage in stages] == [0, 1, 2, 3]
    assert sizes(stages) == [67, 77, 36, 33]
    assert audit_size(Review(max_failure_rate=0.05, stages=4)) == 67
    assert most_drawn(Review(max_failure_rate=0.05, stages=4)) == 213


def test_stages_after_a_named_size_allow_more_than_it_does() -> None:
    assert [stage.passes_with for stage in stages_of(Review(audit=20, max_failure_rate=0.05, stages=3))] == [-1, 0, 1]
    assert [stage.passes_with for stage in stages_of(Review(audit=150, max_failure_rate=0.05, stages=3))] == [2, 3, 4]


@given(risk=st.floats(0.0001, 0.5), number=st.integers(1, 6))
def test_the_shares_of_the_risk_never_add_up_to_more_than_it(risk: float, number: int) -> None:
    stages = stages_of(Review(max_failure_rate=0.3, risk=risk, stages=number))
    assert len(stages) == number
    total = sum(Fraction(str(stage.risk)) for stage in stages)
    assert Fraction(str(risk)) - Fraction(1, 1_000_000) <= total <= Fraction(str(risk))
    assert all(stage.risk > 0 for stage in stages)


def test_a_rate_that_no_sample_shows_takes_one_stage() -> None:
    (stage,) = stages_of(Review(audit=80, max_failure_rate=0, stages=3))
    assert (stage.size, stage.risk, stage.passes_with) == (80, 0.05, -1)
    assert sizes(stages_of(Review(max_failure_rate=1, stages=3))) == [1]


def test_small_pools_need_fewer_items() -> None:
    stages = stages_of(Review(max_failure_rate=0.05))
    assert [sizes(sized(stages, pool)) for pool in (100_000, 1950, 500, 150, 40, 10)] == [
        [59],
        [58],
        [54],
        [46],
        [25],
        [10],
    ]
    assert sized(stages, 0) == ()


def test_stages_end_with_the_pool() -> None:
    stages = stages_of(Review(max_failure_rate=0.01, stages=6))
    assert sizes(sized(stages, 150)) == [123, 27]
    assert sizes(sized(stages, 40)) == [39]


@given(
    pool=st.integers(0, 2_500),
    rate=st.sampled_from([0.01, 0.05, 0.2]),
    number=st.integers(1, 6),
    named=st.one_of(st.none(), st.integers(1, 200)),
)
@settings(deadline=None)
def test_what_is_drawn_is_never_more_than_was_kept_for_it(
    pool: int, rate: float, number: int, named: int | None
) -> None:
    rules = Review(audit=named, max_failure_rate=rate, stages=number)
    planned, drawn = stages_of(rules), sized(stages_of(rules), pool)
    assert sum(sizes(drawn)) <= min(most_drawn(rules), pool)
    assert all(stage.size > 0 for stage in drawn)
    assert {stage.risk for stage in drawn[1:]} <= {stage.risk for stage in planned[1:]}
    passing = [stage.passes_with for stage in drawn]
    assert passing == sorted(set(passing))
    if pool and named is not None:
        assert drawn[0].size == min(named, pool)


def test_the_facts_tell_the_plan_and_how_often_which_release_passes() -> None:
    facts = audit_facts(Review(max_failure_rate=0.05, stages=3), 1950, 2000)
    assert facts["claims"] == 0.05
    assert facts["risk"] == 0.05
    assert facts["stages"] == [
        {"items": 65, "risk": 0.033334, "passes_with": 0},
        {"items": 65, "risk": 0.008333, "passes_with": 1},
        {"items": 33, "risk": 0.008333, "passes_with": 2},
    ]
    assert [row["failing"] for row in facts["operating_curve"]] == list(RATES)
    chances = [row["passes"] for row in facts["operating_curve"]]
    assert chances == sorted(chances, reverse=True)
    assert 0.75 < chances[1] < 0.85  # 1% fail
    assert chances[3] < 0.05  # 5% fail
    assert chances[5] < 0.0001


def test_without_a_limit_there_is_no_curve() -> None:
    assert audit_facts(Review(), 1950, 2000)["operating_curve"] == []


def test_rates_that_cannot_hide_among_those_not_shown_are_left_out_of_the_curve() -> None:
    stages = sized(stages_of(Review(max_failure_rate=0.05)), 30)
    assert [rate for rate, _ in operating_curve(stages, 30, 0.05, (0.01, 0.1, 0.5), outputs=100)] == [0.01, 0.1]


def review_as_told(rules: Review, stages: tuple[Stage, ...], pool: int, shown: int, bad: set[int]) -> Status:
    """Grade the first stage, and a further one wherever the review asks for it: what a person would do."""
    items = [{"id": f"s{n}", "stratum": "low-confidence"} for n in range(shown)]
    reserve: list[dict[str, str]] = []
    stage_of: dict[str, int] = {}
    place = 0
    for number, stage in enumerate(stages):
        rows = [{"id": f"a{n}", "stratum": "audit"} for n in range(place, place + stage.size)]
        place += stage.size
        (reserve if number else items).extend(rows)
        stage_of |= {row["id"]: number for row in rows if number}
    facts = {"outputs": pool + shown, "not_shown": pool, "audit_stage_of": stage_of}
    status = Status.INCONCLUSIVE
    for number in range(len(stages)):
        rows = [*items, *(row for row in reserve if stage_of[row["id"]] <= number)]
        given = tuple(_grade(row["id"], row["id"][0] == "a" and int(row["id"][1:]) in bad) for row in rows)
        grades = Grades(manifest="a" * 64, reviewer="ann", grades=given)
        found = assess(items, grades, rules, facts, reserve=reserve).metric("max_failure_rate")
        assert found is not None
        if (status := found.status) is not Status.INCONCLUSIVE:
            break
    return status


def _grade(item: str, failed: bool) -> Grade:
    return Grade(item=item, grade="fail", severity="low", reason="x") if failed else Grade(item=item, grade="pass")


@pytest.mark.parametrize(("number", "limit"), [(1, 0.1), (1, 0.25), (2, 0.1), (2, 0.25), (3, 0.25)])
def test_the_operating_curve_is_what_reviews_of_every_possible_pool_come_to(number: int, limit: float) -> None:
    rules = Review(max_failure_rate=limit, risk=0.3, stages=number)
    pool, shown = 10, 2
    stages = sized(stages_of(rules), pool)
    told = dict(
        operating_curve(stages, pool, limit, tuple(n / (pool + shown) for n in range(pool + 1)), outputs=pool + shown)
    )
    for defects, chance in enumerate(told.values()):
        results = [review_as_told(rules, stages, pool, shown, set(bad)) for bad in combinations(range(pool), defects)]
        passed = sum(result is Status.PASS for result in results)
        assert chance == pytest.approx(passed / len(results), abs=1e-9)
        if defects > limit * (pool + shown):
            assert chance <= 0.3


PAGE = Path(__file__).parents[3] / "docs" / "statistics.md"


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_the_page_on_statistics_has_the_sizes_and_the_curve_of_this_code(number: int) -> None:
    facts = audit_facts(Review(max_failure_rate=0.05, stages=number), 1950, 2000)
    items = ", ".join(str(row["items"]) for row in facts["stages"])
    chances = " | ".join(f"{row['passes']:.1%}" for row in facts["operating_curve"][:5])
    assert f"| {number} | {items} | {chances} |\n" in PAGE.read_text(encoding="utf-8")


def test_the_page_on_statistics_has_the_sizes_in_small_pools_and_the_price_of_stages() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    at = {pool: sized(stages_of(Review(max_failure_rate=0.05)), pool)[0].size for pool in (100, 500, 1950)}
    assert f"{at[100]} of 100, {at[500]} of 500, {at[1950]} of 1,950" in text
    first = audit_size(Review(max_failure_rate=0.05, stages=2))
    assert f"{first} clean items instead of {audit_size(Review(max_failure_rate=0.05))} at 5%" in text


def test_two_thirds_of_the_risk_first_is_the_better_split_where_something_fails() -> None:
    two_thirds = [Look(drawn=67, risk=0.033334), Look(drawn=135, risk=0.008333), Look(drawn=170, risk=0.008333)]
    four_fifths = [Look(drawn=63, risk=0.04), Look(drawn=146, risk=0.005), Look(drawn=182, risk=0.005)]
    assert [look.drawn for look in two_thirds] == list(
        accumulate(sizes(stages_of(Review(max_failure_rate=0.05, stages=3))))
    )
    needed = [items_needed_of_any(0.05, found, look.risk) for found, look in enumerate(four_fifths)]
    assert [look.drawn for look in four_fifths] == needed
    pool = 100_000
    chances = [chance_to_pass(looks, pool, 0.05 * pool, pool // 100) for looks in (two_thirds, four_fifths)]
    assert [f"{chance:.0%}" for chance in chances] == ["81%", "80%"]
