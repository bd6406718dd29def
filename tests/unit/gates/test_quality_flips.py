"""Flips, clusters, judges and unpaired comparison in the quality gate."""

from dataclasses import replace
from functools import reduce
from typing import Any

import pytest

from twokey.config.scalars import Change
from twokey.config.shape import Limit
from twokey.gates.base import Setting
from twokey.gates.quality import QualityGate
from twokey.gates.quality_options import QualityOptions
from twokey.outcome import GateResult, Metric, Status
from twokey.record import Batch, Record, Role

DROP = {"accuracy": Limit(max_drop=Change(absolute=0.02))}


def gate(metrics: dict[str, Limit], *, clustered: bool = False, **options: Any) -> QualityGate:
    setting = Setting(read=lambda path: path.encode(), has_baseline=True, clustered=clustered, seed=7)
    return QualityGate.build(QualityOptions(metrics=metrics, **options), setting)


def batch(records: list[Record], role: Role = "candidate") -> Batch:
    return Batch(role=role, records=tuple(records), sightings=((),) * len(records))


def by_judge(
    records: list[Record], verdicts: list[Record], limit: Limit, parts: int = 1, **options: Any
) -> tuple[Metric, GateResult]:
    setting = Setting(read=lambda path: path.encode(), has_baseline=False, seed=7)
    limits = QualityOptions(metrics={"hallucination_rate": limit}, judge="grounded", **options)
    made = QualityGate.build(limits, setting)
    before = made.tally(batch(verdicts, "judge"))
    met = made.partners(before, "judge")
    cuts = [records[place::parts] for place in range(parts)]
    tallies = [made.tally(replace(batch(cut), judged=met.of_records(cut))) for cut in cuts]
    result = made.judge(reduce(made.merge, tallies, before))
    return metric(result, "hallucination_rate"), result


def judged(made: QualityGate, candidate: list[Record], baseline: list[Record], parts: int = 1) -> GateResult:
    before = made.tally(batch(baseline, "baseline"))
    partners = made.partners(before, "baseline")
    cuts = [candidate[place::parts] for place in range(parts)]
    tallies = [made.tally(replace(batch(cut), before=partners.of_records(cut))) for cut in cuts]
    return made.judge(reduce(made.merge, tallies, before))


def metric(result: GateResult, name: str) -> Metric:
    found = result.metric(name)
    assert found is not None
    return found


def record(number: int, *, right: bool, **fields: Any) -> Record:
    return Record(id=f"r{number:04}", label="a" if right else "b", expected="a", **fields)


def test_flips_are_listed_by_which_way_they_went() -> None:
    candidate = [record(i, right=i not in (1, 2, 3)) for i in range(50)]
    baseline = [record(i, right=i not in (3, 4)) for i in range(50)]
    facts = metric(judged(gate(DROP), candidate, baseline), "accuracy").facts
    assert sorted(facts["flips"]["broken"]) == ["r0001", "r0002"]
    assert facts["flips"]["fixed"] == ["r0004"]
    assert (facts["pairs"]["fixed"], facts["pairs"]["broken"]) == (1, 2)


def test_more_flips_than_are_listed_are_counted_and_the_same_whatever_the_order() -> None:
    candidate, baseline = [record(i, right=False) for i in range(500)], [record(i, right=True) for i in range(500)]
    one, other = (metric(judged(gate(DROP), candidate, baseline, parts), "accuracy") for parts in (1, 7))
    assert one.facts["pairs"]["broken"] == 500
    assert len(one.facts["flips"]["broken"]) == 200
    assert one == other


def test_what_is_better_when_low_breaks_upwards() -> None:
    limits = {"confident_errors": Limit(max_increase=Change(absolute=0.5))}
    candidate = [record(i, right=i > 4, confidence=0.9) for i in range(40)]
    baseline = [record(i, right=True, confidence=0.9) for i in range(40)]
    facts = metric(judged(gate(limits), candidate, baseline), "confident_errors").facts
    assert (facts["pairs"]["fixed"], facts["pairs"]["broken"], len(facts["flips"]["broken"])) == (0, 5, 5)


def test_records_of_one_cluster_count_for_less() -> None:
    """Ten conversations of twenty turns, wrong together, are worth ten records and not two hundred."""
    limits = {"accuracy": Limit(min=0.5)}
    candidate = [record(i, right=i // 20 > 2, cluster=f"c{i // 20}") for i in range(200)]
    alone = metric(judged(gate(limits), candidate, candidate), "accuracy")
    together = metric(judged(gate(limits, clustered=True), candidate, candidate), "accuracy")
    assert alone.status is Status.PASS
    assert together.status is Status.INCONCLUSIVE
    assert alone.estimate is not None
    assert together.estimate is not None
    assert together.estimate.value == alone.estimate.value == 0.7
    assert together.estimate.high - together.estimate.low > 2 * (alone.estimate.high - alone.estimate.low)
    assert together.facts["clusters"] == {"count": 10, "design_effect": pytest.approx(20, rel=0.2)}


def test_what_takes_the_records_of_a_cluster_as_independent_cannot_pass() -> None:
    """All are right, and come from four conversations: that is four answers and not two hundred."""
    candidate = [record(i, right=True, cluster=f"c{i % 4}", groups={"kind": "k"}) for i in range(200)]
    limits = {"accuracy": Limit(min=0.5), "f1_micro": Limit(min=0.5)}
    result = judged(
        gate(limits, clustered=True, slices=("kind",), slice_limits=Limit(min=0.5)), candidate, candidate, parts=3
    )
    for name in ("accuracy", "f1_micro", "accuracy[kind=k]"):
        assert metric(result, name).status is Status.INCONCLUSIVE
    assert "cannot pass: its interval takes the records of one cluster" in metric(result, "accuracy[kind=k]").reason


def test_a_cluster_that_no_record_names_is_an_error_and_not_independence() -> None:
    candidate = [record(i, right=True) for i in range(200)]
    found = metric(judged(gate({"accuracy": Limit(min=0.5)}, clustered=True), candidate, candidate), "accuracy")
    assert found.status is Status.ERROR
    assert found.reason == "accuracy: policy maps a cluster, and no record names one"


def test_clusters_are_not_compared_pair_by_pair() -> None:
    candidate = [record(i, right=True, cluster=f"c{i // 4}") for i in range(400)]
    found = metric(judged(gate(DROP, clustered=True), candidate, candidate), "accuracy")
    assert "not pair by pair" in found.reason
    assert "pairs" not in found.facts


def test_unpaired_comparison_is_only_made_where_policy_says_so() -> None:
    candidate = [record(i, right=True) for i in range(400)]
    others = [record(i + 1000, right=True) for i in range(400)]
    assert metric(judged(gate(DROP), candidate, others), "accuracy").status is Status.ERROR
    found = metric(judged(gate(DROP, compare="unpaired"), candidate, others), "accuracy")
    assert found.status is Status.INCONCLUSIVE or found.status is Status.PASS
    assert "policy says that the two are compared as a whole" in found.reason


def test_a_slice_that_differs_from_the_rest_is_told_with_an_adjusted_p() -> None:
    records = [record(i, right=i % 4 != 0 or i % 8 == 0, groups={"channel": f"c{i % 4}"}) for i in range(400)]
    result = judged(gate({"accuracy": Limit(min=0.1)}, slices=("channel",)), records, records)
    worst = metric(result, "accuracy[channel=c0]").facts["against_the_rest"]
    assert worst["adjusted_p"] < 1e-6
    assert worst["adjusted_p"] >= worst["fisher_p"]


def verdict(number: int, *, flagged: bool | None, error: str | None = None) -> Record:
    return Record(id=f"r{number:04}", hallucinated=flagged, error=error)


def labelled(numbers: range, label: bool | None) -> list[Record]:
    return [Record(id=f"r{n:04}", output="x", context="y", hallucinated=label) for n in numbers]


def test_a_judge_s_rate_is_corrected_by_what_people_labelled() -> None:
    """It misses 20 of 100 and cries wolf on 10 of 100: of 1,000 more it flags 170, of which the rest follows."""
    records = [*labelled(range(100), True), *labelled(range(100, 200), False), *labelled(range(200, 1200), None)]
    flagged = {*range(80), *range(100, 110), *range(200, 370)}
    verdicts = [verdict(n, flagged=n in flagged) for n in range(1200)]
    found, _ = by_judge(records, verdicts, Limit(max=0.5))
    assert found.estimate is not None
    seen = 260 / 1200
    assert found.estimate.value == pytest.approx((seen + 0.9 - 1) / (0.8 + 0.9 - 1), abs=1e-6)
    assert "it flagged 80 of 100 unsupported ones and passed 90 of 100 supported ones" in found.reason
    assert found.estimate.low < found.estimate.value < found.estimate.high
    assert found.facts["judge"]["sensitivity"]["value"] == 0.8
    assert found.facts["judge"]["specificity"]["value"] == 0.9
    assert found.status is Status.PASS
    assert by_judge(records, verdicts, Limit(max=0.5), parts=7)[0] == found


def test_an_uncalibrated_judge_settles_nothing_and_it_is_said() -> None:
    records = labelled(range(500), None)
    found, _ = by_judge(records, [verdict(n, flagged=False) for n in range(500)], Limit(max=0.1))
    assert found.status is Status.INCONCLUSIVE
    assert "too few of the answers that the judge saw are labelled by people" in found.reason
    assert " as unsupported, 0 as supported" in found.reason


def test_a_judge_no_better_than_chance_settles_nothing() -> None:
    records = [*labelled(range(50), True), *labelled(range(50, 100), False)]
    found, _ = by_judge(records, [verdict(n, flagged=n % 2 == 0) for n in range(100)], Limit(max=0.9))
    assert found.status is Status.INCONCLUSIVE
    assert "no better than chance" in found.reason


def test_what_the_judge_failed_on_and_was_not_asked_stays_in_the_books() -> None:
    records = labelled(range(100), None)
    verdicts = [verdict(n, flagged=None if n < 10 else False, error="timeout" if n < 10 else None) for n in range(60)]
    found, result = by_judge(records, verdicts, Limit(max=0.9))
    assert found.books.counts() == (100, 50, 10, 40, 0)
    assert result.books.total == 100


def test_a_judge_that_said_nothing_is_an_error() -> None:
    found, _ = by_judge(labelled(range(10), None), [], Limit(max=0.9))
    assert found.status is Status.ERROR
    assert "the judge gave no verdict on any record" in found.reason


def test_verdicts_that_are_left_out_cannot_make_a_pass() -> None:
    """The judge flags 60 of 400, far too many; without those 60 lines nothing it says is bad, and it must not pass."""
    records = [*labelled(range(100), True), *labelled(range(100, 600), False), *labelled(range(600, 1000), None)]
    whole = [verdict(n, flagged=n < 98 or n >= 940) for n in range(1000)]
    thinned = [one for one in whole if not (one.hallucinated and int(one.id[1:]) >= 600)]
    assert by_judge(records, whole, Limit(max=0.12))[0].status is not Status.PASS
    found, _ = by_judge(records, thinned, Limit(max=0.12))
    assert found.status is Status.INCONCLUSIVE
    assert "60 answers have no verdict" in found.reason


def test_a_judge_s_mistakes_that_are_left_out_cannot_make_a_pass() -> None:
    """It misses half of what people call unsupported; without those lines it looks as if it never erred."""
    records = [*labelled(range(40), True), *labelled(range(40, 200), False), *labelled(range(200, 1000), None)]
    whole = [verdict(n, flagged=n < 20 or n >= 920) for n in range(1000)]
    thinned = [one for one in whole if not 20 <= int(one.id[1:]) < 40]
    assert by_judge(records, whole, Limit(max=0.3))[0].status is Status.INCONCLUSIVE
    found, _ = by_judge(records, thinned, Limit(max=0.3))
    assert found.facts["judge"]["sensitivity"]["value"] == 1
    assert found.status is Status.INCONCLUSIVE


def test_a_judge_that_is_always_wrong_has_no_interval_that_its_rate_is_outside_of() -> None:
    records = [*labelled(range(100), True), *labelled(range(100, 200), False)]
    found, _ = by_judge(records, [verdict(n, flagged=n >= 100) for n in range(200)], Limit(max=0.1))
    assert found.estimate is not None
    assert (found.estimate.low, found.estimate.high) == (0, 1)
    assert found.status is Status.INCONCLUSIVE


def test_a_judge_s_row_with_an_error_holds_no_verdict() -> None:
    verdicts = [verdict(n, flagged=False, error="timeout" if n < 10 else None) for n in range(60)]
    found, _ = by_judge(labelled(range(60), None), verdicts, Limit(max=0.9))
    assert found.books.counts() == (60, 50, 10, 0, 0)


def test_every_mean_with_a_limit_is_told_by_slice_and_accuracy_alone_is_judged_there() -> None:
    limits = {"accuracy": Limit(min=0.1), "refusal_rate": Limit(max=0.9), "token_f1": Limit(min=0.1)}
    records = [
        record(i, right=True, output="I cannot help with that." if i % 4 == 0 else "a", groups={"kind": f"k{i % 2}"})
        for i in range(200)
    ]
    result = judged(gate(limits, slices=("kind",), slice_limits=Limit(min=0.5)), records, records)
    refusals = {
        m.slice: m.estimate.value for m in result.metrics if m.name == "refusal_rate" and m.slice and m.estimate
    }
    assert refusals == {"kind=k0": 0.5, "kind=k1": 0.0}
    assert metric(result, "refusal_rate[kind=k0]").status is Status.OFF
    assert metric(result, "refusal_rate[kind=k0]").facts["against_the_rest"]["adjusted_p"] < 1e-6
    assert metric(result, "token_f1[kind=k1]").facts == {}
    assert metric(result, "accuracy[kind=k0]").status is Status.PASS


def test_graded_scores_say_which_change_could_have_been_found() -> None:
    limits = {"brier_score": Limit(max_increase=Change(absolute=0.1))}
    candidate = [record(i, right=True, confidence=0.5 + i / 500) for i in range(200)]
    baseline = [record(i, right=True, confidence=0.9) for i in range(200)]
    found = metric(judged(gate(limits), candidate, baseline), "brier_score")
    assert 0 < found.facts["pairs"]["minimum_detectable_effect"] < 0.1
