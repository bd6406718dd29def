import math
import pickle
import random
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.config.decode import load_typed
from twokey.config.scalars import Change
from twokey.config.shape import Limit
from twokey.detectors import build_scanner
from twokey.errors import ConfigError
from twokey.gates.base import Setting
from twokey.gates.quality import QualityGate, QualityTally
from twokey.gates.quality_judged import ByWords
from twokey.gates.quality_measures import measures
from twokey.gates.quality_options import METRICS, LabelLimits, QualityOptions
from twokey.gates.quality_scores import MAX_SLICES
from twokey.outcome import GateResult, Metric, Status
from twokey.record import Batch, Record, Role
from twokey.scorers import SCORERS
from twokey.stats.paired import mcnemar, minimum_detectable_effect

AT_LEAST_HALF = {"accuracy": Limit(min=0.5)}


def gate(has_baseline: bool = False, metrics: dict[str, Limit] | None = None, **options: Any) -> QualityGate:
    setting = Setting(read=lambda path: path.encode(), has_baseline=has_baseline, seed=7)
    return QualityGate.build(QualityOptions(metrics=AT_LEAST_HALF if metrics is None else metrics, **options), setting)


def batch(records: list[Record], role: Role = "candidate") -> Batch:
    return Batch(role=role, records=tuple(records), sightings=((),) * len(records))


def tallied(made: QualityGate, *batches: Batch) -> QualityTally:
    """As the sweep does it: the baseline first, then the candidate's records, each with what its partner scored."""
    baseline = [made.tally(one) for one in batches if one.role == "baseline"]
    before = reduce(made.merge, baseline, made.tally(batch([])))
    partners = made.partners(before, "baseline") if made.look.keeps else None
    candidates = [one for one in batches if one.role == "candidate"]
    met = [replace(one, before=partners.of_records(one.records) if partners else None) for one in candidates]
    return reduce(made.merge, map(made.tally, met), before)


def judged(made: QualityGate, *batches: Batch) -> GateResult:
    return made.judge(tallied(made, *batches))


def metric(result: GateResult, name: str) -> Metric:
    found = result.metric(name)
    assert found is not None
    return found


def value(result: GateResult, name: str) -> float:
    found = metric(result, name).estimate
    assert found is not None
    return found.value


def answers(right: int, wrong: int, **fields: Any) -> list[Record]:
    labels = ["a"] * right + ["b"] * wrong
    return [Record(id=f"r{i}", label=label, expected="a", **fields) for i, label in enumerate(labels)]


@pytest.mark.parametrize(
    ("right", "wrong", "status"), [(90, 10, Status.PASS), (82, 18, Status.INCONCLUSIVE), (60, 40, Status.FAIL)]
)
def test_accuracy_is_settled_by_its_interval(right: int, wrong: int, status: Status) -> None:
    result = judged(gate(metrics={"accuracy": Limit(min=0.8)}), batch(answers(right, wrong)))
    assert metric(result, "accuracy").status is status
    assert value(result, "accuracy") == right / (right + wrong)


def test_books_close_and_an_error_is_no_wrong_answer() -> None:
    records = [*answers(8, 0), Record(id="e", error="503", label="b", expected="a"), Record(id="n", label="a")]
    result = judged(gate(), batch(records))
    assert value(result, "accuracy") == 1
    assert metric(result, "accuracy").books.counts() == (10, 8, 1, 1, 0)
    assert result.books.counts() == (10, 8, 1, 1, 0)


def test_no_records_are_an_error() -> None:
    result = judged(gate(), batch([]))
    assert result.status is Status.ERROR
    assert result.reason == "accuracy: no record carries expected"


@pytest.mark.parametrize("name", METRICS)
def test_a_limit_on_nothing_is_an_error_by_name(name: str) -> None:
    for records in ([], [Record(id="a", label="x")], [Record(id="a", error="503", expected="x", confidence=1.0)]):
        result = judged(gate(metrics={name: Limit(max=1.0)}), batch(records))
        assert metric(result, name).status is Status.ERROR
        assert metric(result, name).reason.startswith(f"{name}: ")


def test_no_limit_at_all_is_an_error() -> None:
    assert judged(gate(metrics={}), batch(answers(5, 5))).status is Status.ERROR


def test_one_record_settles_nothing() -> None:
    result = judged(gate(metrics={name: Limit(min=0.5) for name in ("accuracy", "f1_macro")}), batch(answers(1, 0)))
    assert {m.status for m in result.metrics if m.limit} == {Status.INCONCLUSIVE}


def test_one_label_only_is_judged_as_it_is() -> None:
    names = [name for name in METRICS if name.endswith(("macro", "micro"))]
    result = judged(gate(metrics={name: Limit(min=0.9) for name in names}), batch(answers(200, 0)))
    assert result.status is Status.PASS
    assert {value(result, name) for name in names} == {1.0}


def test_missing_confidences_leave_calibration_an_error_and_accuracy_alone() -> None:
    limits = {**AT_LEAST_HALF, "expected_calibration_error": Limit(max=1.0), "confident_errors": Limit(max=1.0)}
    for confidence in (None, math.nan, 1.5, -0.1):
        result = judged(gate(metrics=limits), batch(answers(50, 2, confidence=confidence)))
        statuses = {name: metric(result, name).status for name in limits}
        assert statuses == {
            "accuracy": Status.PASS,
            "expected_calibration_error": Status.ERROR,
            "confident_errors": Status.ERROR,
        }


def test_calibration_is_the_distance_of_confidence_from_accuracy() -> None:
    sure = answers(60, 40, confidence=0.9)
    unsure = [Record(id=f"u{i}", label="a", expected="a", confidence=0.5) for i in range(100)]
    result = judged(gate(metrics={"expected_calibration_error": Limit(max=0.2)}), batch([*sure, *unsure]))
    assert value(result, "expected_calibration_error") == pytest.approx(0.5 * 0.3 + 0.5 * 0.5)
    assert result.status is Status.FAIL
    facts = metric(result, "expected_calibration_error").facts
    curve = [(point["n"], point["accuracy"], point["confidence"]) for point in facts["bins"]]
    assert curve == [(100, 1.0, 0.5), (100, 0.6, 0.9)]
    assert all(point["low"] <= point["accuracy"] <= point["high"] for point in facts["bins"])
    above = {row["confidence"]: row["errors"] for row in facts["errors_at_or_above"]}
    assert (above[0.0], above[0.6], above[0.95]) == (40, 40, 0)
    assert facts["debiased"]["value"] == pytest.approx(0.4, abs=0.01)


def test_the_curve_says_of_each_bin_how_many_were_right_and_between_which_confidences_it_lies() -> None:
    labels = ["a"] + ["b"] * 9
    unsure = [Record(id=f"u{i}", label=label, expected="a", confidence=0.0) for i, label in enumerate(labels)]
    records = [*answers(60, 40, confidence=0.9), *unsure]
    low, high = metric(judged(gate(), batch(records)), "expected_calibration_error").facts["bins"]
    assert (low["from"], low["to"], low["right"], low["n"]) == (0.0, 0.066667, 1, 10)
    assert (high["from"], high["to"], high["right"], high["n"]) == (0.866667, 0.933333, 60, 100)
    assert (high["low"], high["high"]) == pytest.approx((0.497, 0.697), abs=1e-3)  # Clopper-Pearson


def test_a_confidence_of_one_is_in_the_last_bin() -> None:
    result = judged(gate(), batch(answers(1, 0, confidence=1.0) + answers(1, 0, confidence=0.95)))
    assert len(metric(result, "expected_calibration_error").facts["bins"]) == 1


def test_confident_errors_start_at_the_threshold() -> None:
    records = [Record(id=str(c), label="b", expected="a", confidence=c) for c in (0.59, 0.6, 0.61)]
    result = judged(gate(), batch([*records, *answers(7, 0, confidence=0.99)]))
    assert value(result, "confident_errors") == 0.2
    assert value(judged(gate(confident_at=0.61), batch(records)), "confident_errors") == pytest.approx(1 / 3, abs=1e-6)


@pytest.mark.parametrize(
    ("expected", "label", "right"),
    [
        ("a", "a", True),
        ("a", "A", False),
        ("a", "a ", False),
        (1, "1", True),
        (1.0, 1, True),
        (1.5, "1.5", True),
        (True, "true", True),
        (True, 1, False),
        ({"x": 1, "y": [2]}, {"y": [2], "x": 1}, True),
        ({"x": 1}, {"x": 2}, False),
        ([1, 2], [2, 1], False),
        ("a" * 5000, "a" * 5000, True),
        ("a" * 5000, "a" * 4999 + "b", False),
        ("null", None, False),
        ("None", None, False),
    ],
)
def test_labels_compare_exactly_as_text(expected: Any, label: Any, right: bool) -> None:
    result = judged(gate(), batch([Record(id="a", expected=expected, label=label)]))
    assert value(result, "accuracy") == right


def test_micro_averages_differ_from_accuracy_where_answers_lack_a_label() -> None:
    records = [*answers(6, 2), Record(id="x", expected="a"), Record(id="y", expected="a")]
    result = judged(gate(), batch(records))
    assert value(result, "recall_micro") == value(result, "accuracy") == 0.6
    assert value(result, "precision_micro") == 0.75
    assert value(result, "f1_micro") == pytest.approx(12 / 18, abs=1e-6)


def test_single_labels_are_judged_by_name() -> None:
    limits = LabelLimits(precision=Limit(min=0.9), recall=Limit(min=0.9), f1=Limit(min=0.9))
    records = [Record(id=f"x{i}", expected="b", label="b") for i in range(300)] + answers(60, 40)
    result = judged(gate(metrics={}, labels={"a": limits, "nowhere": limits}), batch(records))
    statuses = {m.id: m.status.value for m in result.metrics if m.slice}
    assert statuses == {
        "precision[label=a]": "pass",
        "recall[label=a]": "fail",
        "f1[label=a]": "fail",
        "precision[label=nowhere]": "error",
        "recall[label=nowhere]": "error",
        "f1[label=nowhere]": "error",
    }
    assert "no record expects the label 'nowhere'" in metric(result, "recall[label=nowhere]").reason


def test_only_labels_that_are_plainly_labels_are_shown() -> None:
    private = [Record(id=f"p{i}", expected="jo@example.com", label="call 555-0100") for i in range(4)]
    result = judged(gate(), batch([*answers(20, 6), *private]))
    facts = metric(result, "f1_macro").facts
    assert set(facts["labels"]) == {"a"}
    assert facts["labels_not_shown"] == 3
    assert "example.com" not in str(result.plain())
    assert "555" not in str(result.plain())


def hiding(**options: Any) -> QualityGate:
    setting = Setting(read=lambda path: path.encode(), has_baseline=False, seed=7, scanner=build_scanner)
    return QualityGate.build(QualityOptions(metrics=AT_LEAST_HALF, **options), setting)


def test_labels_that_hold_addresses_are_shown_redacted_and_apart() -> None:
    records = [
        Record(id=f"{name[:2]}{i}", expected=name, label=other)
        for name, other in [("jo@example.com", "li@example.com"), ("li@example.com", "jo@example.com")]
        for i in range(9)
    ]
    result = judged(hiding(), batch([*answers(20, 0), *records]))
    facts = metric(result, "f1_macro").facts
    assert "example.com" not in str(result.plain())
    assert list(facts["labels"]) == ["a", "[pii.email] 1", "[pii.email] 2"]
    assert facts["confusions"][0] == {"expected": "[pii.email] 1", "given": "[pii.email] 2", "count": 9}
    assert judged(hiding(), batch([*records[::-1], *answers(20, 0)])).plain() == result.plain()


def test_slices_that_hold_addresses_are_shown_redacted_and_apart() -> None:
    values = ["li@example.com", "chat", "jo@example.com", "[pii.email] 1"]
    records = [
        Record(id=f"{value}{i}", expected="a", label="a", groups={"who": value}) for value in values for i in range(9)
    ]
    result = judged(hiding(slices=("who",), slice_limits=Limit(min=0.99)), batch(records))
    assert "example.com" not in str([metric.plain() for metric in result.metrics])
    assert [metric.slice for metric in result.metrics if metric.slice] == [
        "who=[pii.email] 1",
        "who=chat",
        "who=[pii.email] 2",
        "who=[pii.email] 3",
    ]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (
            "accuracy: {min: 90}",
            "expected a number or a percentage of at most 1, found the number 90 (did you mean 90%?)",
        ),
        ("accuracy: {min: -1}", "expected a number or a percentage of at least 0, found the number -1"),
        ("hallucination_rate: {max: 2}", "of at most 1, found the number 2 (did you mean 2%?)"),
        ("accuracy: {max_drop: 2}", "an absolute number from 0 to 1 such as 0.01"),
        ("accuracy: {max_drop: {absolute: 2}}", "of at most 1, found the number 2"),
        ("slice_limits: {min: 90}", "(did you mean 90%?)"),
        ("labels: {a: {recall: {min: 90}}}", "(did you mean 90%?)"),
        ("accuracy: {min: 150%}", "of at most 1, found the text '150%'"),
    ],
)
def test_limits_of_shares_lie_between_nothing_and_all(part: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_typed(part.encode(), "gates.yaml", QualityOptions)
    assert said in str(caught.value)
    assert str(caught.value).startswith("gates.yaml:1:")


def test_a_limit_can_be_set_for_each_metric_that_is_measured() -> None:
    assert set(METRICS) == set(measures(SCORERS, ByWords(), None))  # type: ignore[arg-type]  # classes do here


def test_limits_of_shares_take_both_ends() -> None:
    loaded = load_typed(b"accuracy: {min: 0, max: 100%, max_drop: 1, max_increase: 200%}", "gates.yaml", QualityOptions)
    assert str(loaded.metrics["accuracy"]) == "min 0, max 1, max_drop 1, max_increase 200%"


def test_the_commonest_confusions_are_shown() -> None:
    records = [Record(id=str(i), expected="b", label="a") for i in range(6)] + answers(20, 3)
    facts = metric(judged(gate(), batch(records)), "f1_macro").facts
    assert facts["confusions"] == [
        {"expected": "b", "given": "a", "count": 6},
        {"expected": "a", "given": "b", "count": 3},
    ]


def free_text(count: int) -> list[Record]:
    return [Record(id=f"r{i}", expected=f"answer {i}", label=f"answer {i}") for i in range(count)]


@pytest.mark.parametrize(("count", "status"), [(1000, Status.PASS), (1001, Status.ERROR), (2500, Status.ERROR)])
def test_free_text_is_judged_by_accuracy_alone(count: int, status: Status) -> None:
    made = gate(metrics={**AT_LEAST_HALF, "f1_macro": Limit(min=0.5)})
    records = free_text(count)
    for size in (1, 300, 2000):
        batches = [batch(records[i : i + size]) for i in range(0, count, size)]
        random.Random(size).shuffle(batches)
        result = judged(made, *batches)
        assert metric(result, "accuracy").status is Status.PASS
        assert metric(result, "f1_macro").status is status
    if status is Status.ERROR:
        assert "more than 1,000 distinct labels" in result.reason


def test_of_free_text_no_label_is_said_to_be_missing_and_nothing_is_booked_as_scored() -> None:
    made = gate(labels={"answer 5": LabelLimits(recall=Limit(min=0.5))}, metrics={"f1_macro": Limit(min=0.5)})
    result = judged(made, batch(free_text(1001)))
    assert "free text" in metric(result, "recall[label=answer 5]").reason
    assert metric(result, "f1_macro").books.counts() == (1001, 0, 0, 1001, 0)


def test_slices_are_shown_and_judged_where_policy_says_so() -> None:
    records = [*answers(95, 5, groups={"channel": "chat"}), *answers(50, 50, groups={"channel": "mail"})]
    shown = judged(gate(slices=("channel",)), batch(records))
    assert metric(shown, "accuracy[channel=mail]").status is Status.OFF
    judged_too = judged(gate(slices=("channel",), slice_limits=Limit(min=0.8)), batch(records))
    assert metric(judged_too, "accuracy[channel=chat]").status is Status.PASS
    assert metric(judged_too, "accuracy[channel=mail]").status is Status.FAIL
    assert [f.id for f in judged_too.findings] == ["quality.accuracy[channel=mail]"]


def test_an_empty_slice_is_an_error_where_it_is_judged() -> None:
    records = [*answers(50, 0, groups={"channel": "chat"}), Record(id="e", error="503", groups={"channel": "mail"})]
    shown = judged(gate(slices=("channel",)), batch(records))
    assert metric(shown, "accuracy[channel=mail]").status is Status.OFF
    result = judged(gate(slices=("channel",), slice_limits=Limit(min=0.5)), batch(records))
    assert metric(result, "accuracy[channel=mail]").status is Status.ERROR
    assert metric(result, "accuracy[channel=mail]").books.counts() == (1, 0, 1, 0, 0)


def test_a_slice_that_no_record_carries_is_an_error() -> None:
    result = judged(gate(slices=("channel",)), batch(answers(50, 0)))
    assert metric(result, "accuracy[channel]").status is Status.ERROR
    assert judged(gate(slices=("channel",)), batch([])).metric("accuracy[channel]") is not None


def test_records_outside_of_a_slice_are_not_lost() -> None:
    records = [*answers(50, 0, groups={"channel": "chat"}), *answers(0, 50)]
    result = judged(gate(slices=("channel",), slice_limits=Limit(min=0.5)), batch(records))
    assert metric(result, "accuracy[channel=(none)]").status is Status.FAIL


def test_too_many_slices_are_an_error_in_any_order() -> None:
    made = gate(slices=("user",))
    records = [Record(id=str(i), expected="a", label="a", groups={"user": str(i)}) for i in range(MAX_SLICES + 1)]
    for size in (1, 50, 500):
        batches = [batch(records[i : i + size]) for i in range(0, len(records), size)]
        assert metric(judged(made, *batches), "accuracy[user]").status is Status.ERROR
    assert judged(made, batch(records[1:])).metric("accuracy[user]") is None


@pytest.mark.parametrize(
    ("slices", "limit"), [(("channel",), Limit(max_drop=Change(absolute=0.1))), ((), Limit(min=0.5))]
)
def test_slice_limits_that_cannot_be_judged_are_refused(slices: tuple[str, ...], limit: Limit) -> None:
    with pytest.raises(ConfigError, match="slice_limits"):
        gate(slices=slices, slice_limits=limit)


HALLUCINATION = {"hallucination_rate": Limit(max=0.1)}


def test_labels_decide_what_is_hallucinated() -> None:
    records = [
        Record(id=str(i), hallucinated=i < 3, context="x", output="entirely different words") for i in range(100)
    ]
    result = judged(gate(metrics=HALLUCINATION), batch(records))
    found = metric(result, "hallucination_rate")
    assert value(result, "hallucination_rate") == 0.03
    assert found.status is Status.PASS
    assert found.facts["judged_by"] == {"label": 100, "words": 0}
    assert result.findings == ()


def test_without_a_label_words_are_compared_with_context_and_input() -> None:
    def answer(name: str, output: Any) -> Record:
        return Record(id=name, input="Which fee?", context={"text": "The fee is 45 euros"}, output=output)

    records = [
        answer("supported", "The fee is 45 euros"),
        answer("new number", "The fee is 54 euros"),
        answer("new words", "Penguins enjoy swimming"),
        answer("nothing to compare", "yes"),
        answer("scores are not words", {"text": "fee", "score": 12345}),
        Record(id="no context", output="Penguins"),
        Record(id="errored", error="503", context="a", output="Penguins", hallucinated=True),
    ]
    result = judged(gate(metrics=HALLUCINATION), batch(records))
    found = metric(result, "hallucination_rate")
    assert value(result, "hallucination_rate") == 0.5
    assert found.books.counts() == (7, 4, 1, 2, 0)
    assert found.facts["judged_by"] == {"label": 0, "words": 4}
    assert "by words alone" in found.reason
    assert result.findings[0].examples == ("new number", "new words")


def test_words_are_not_compared_where_nobody_asks() -> None:
    records = [Record(id="a", expected="a", label="a", context="x", output="y")]
    assert judged(gate(), batch(records)).metric("hallucination_rate") is None


def test_the_threshold_of_new_words_is_an_option() -> None:
    records = [Record(id="a", context="alpha", output="alpha beta gamma")]
    strict = judged(gate(metrics=HALLUCINATION, unsupported_above=0.5), batch(records))
    lenient = judged(gate(metrics=HALLUCINATION, unsupported_above=0.7), batch(records))
    assert (value(strict, "hallucination_rate"), value(lenient, "hallucination_rate")) == (1, 0)


def pairs(fixed: int, broken: int, both: int, neither: int = 0) -> tuple[list[Record], list[Record]]:
    outcomes = [(True, False)] * fixed + [(False, True)] * broken + [(True, True)] * both + [(False, False)] * neither
    now = [Record(id=f"r{i}", expected="a", label="a" if n else "b") for i, (n, _) in enumerate(outcomes)]
    before = [Record(id=f"r{i}", expected="a", label="a" if b else "b") for i, (_, b) in enumerate(outcomes)]
    return now, before


DROP = {"accuracy": Limit(max_drop=Change(absolute=0.01))}


@pytest.mark.parametrize(
    ("fixed", "broken", "status"), [(40, 20, "pass"), (20, 30, "inconclusive"), (20, 100, "fail"), (0, 0, "pass")]
)
def test_a_drop_is_judged_in_pairs(fixed: int, broken: int, status: str) -> None:
    now, before = pairs(fixed, broken, 1800, 2000 - 1800 - fixed - broken)
    random.Random(3).shuffle(now)
    result = judged(gate(True, DROP), batch(now[:700]), batch(before, "baseline"), batch(now[700:]))
    found = metric(result, "accuracy")
    assert found.status.value == status
    facts = found.facts["pairs"]
    assert (facts["n"], facts["fixed"], facts["broken"]) == (2000, fixed, broken)
    assert facts["mcnemar_p"] == mcnemar(fixed, broken)
    assert facts["minimum_detectable_effect"] == minimum_detectable_effect(2000, (fixed + broken) / 2000)
    assert found.baseline == pytest.approx((1800 + broken) / 2000)
    assert "would be found with 80% power; every record has a partner" in found.reason


def test_records_without_a_partner_are_counted_and_said() -> None:
    now, before = pairs(5, 5, 500)
    result = judged(gate(True, DROP), batch(now[:400]), batch(before[100:], "baseline"))
    found = metric(result, "accuracy")
    assert found.facts["pairs"]["n"] == 300
    assert found.facts["pairs"]["candidate_without_partner"] == 100
    assert found.facts["pairs"]["baseline_without_partner"] == 110
    assert "100 of the candidate and 110 of the baseline have no partner" in found.reason


def without_partner(count: int) -> list[Record]:
    return [Record(id=f"alone{i}", expected="a", label="b", hallucinated=True) for i in range(count)]


def test_a_drop_cannot_pass_while_scored_records_have_no_partner() -> None:
    now, before = pairs(0, 0, 1600)
    made = gate(True, DROP)
    assert metric(judged(made, batch(now), batch(before, "baseline")), "accuracy").status is Status.PASS
    found = metric(judged(made, batch([*now, *without_partner(400)]), batch(before, "baseline")), "accuracy")
    assert found.status is Status.INCONCLUSIVE
    why = "but it cannot pass: 400 scored records of the candidate have no scored partner in the baseline"
    assert why in found.reason


def test_a_partner_that_was_not_scored_is_none() -> None:
    now, before = pairs(0, 0, 1000)
    silent = [Record(id=record.id, label="a") for record in before[:3]]
    found = metric(judged(gate(True, DROP), batch(now), batch([*silent, *before[3:]], "baseline")), "accuracy")
    assert found.status is Status.INCONCLUSIVE
    assert "3 scored records" in found.reason


def test_an_answer_that_lost_what_its_partner_is_scored_by_is_no_pass() -> None:
    """Where the candidate is wrong its `expected` is gone: what is left is right, and says nothing."""
    now, before = pairs(0, 100, 900)
    thinned = [record if record.label == "a" else Record(id=record.id, label="b") for record in now]
    whole = judged(gate(True, DROP), batch(thinned), batch(before, "baseline"))
    found = metric(whole, "accuracy")
    assert (value(whole, "accuracy"), found.status) == (1, Status.INCONCLUSIVE)
    assert "100 scored records of the baseline have no scored partner in the candidate" in found.reason
    parts = judged(gate(True, DROP), batch(thinned[:100]), batch(before, "baseline"), batch(thinned[100:]))
    assert parts == whole


def test_a_candidate_s_record_that_is_not_scored_needs_no_partner() -> None:
    now, before = pairs(0, 0, 1000)
    more = [Record(id="e", error="503", expected="a"), Record(id="n", label="a")]
    found = metric(judged(gate(True, DROP), batch([*now, *more]), batch(before, "baseline")), "accuracy")
    assert found.status is Status.PASS


def test_a_failed_drop_stays_failed_and_an_unpaired_difference_asks_for_no_partner() -> None:
    now, before = pairs(20, 100, 1800)
    found = metric(judged(gate(True, DROP), batch([*now, *without_partner(9)]), batch(before, "baseline")), "accuracy")
    assert found.status is Status.FAIL
    limits = {"f1_micro": Limit(max_drop=Change(absolute=0.3))}
    now, before = pairs(0, 0, 1600)
    alone = judged(gate(True, limits), batch([*now, *without_partner(9)]), batch(before, "baseline"))
    assert alone.status is Status.PASS


def test_an_errored_partner_is_no_partner() -> None:
    now, before = pairs(0, 0, 100)
    lost = [Record(id=record.id, error="503") for record in now[:10]]
    result = judged(gate(True, DROP), batch([*lost, *now[10:]]), batch(before, "baseline"))
    facts = metric(result, "accuracy").facts["pairs"]
    assert (facts["n"], facts["broken"], facts["baseline_without_partner"]) == (90, 0, 10)


def test_a_drop_without_a_baseline_is_an_error() -> None:
    alone = judged(gate(False, DROP), batch(answers(100, 0)))
    assert alone.reason == "accuracy: there is no baseline to compare with, so its drop cannot be judged"
    strangers = [Record(id=f"other{i}", expected="a", label="a") for i in range(100)]
    for baseline in ([], strangers):
        result = judged(gate(True, DROP), batch(answers(100, 0)), batch(baseline, "baseline"))
        assert result.status is Status.ERROR
        assert "no record can be paired" in result.reason


def test_rates_that_should_be_low_are_paired_too() -> None:
    def records(flagged: int) -> list[Record]:
        return [
            Record(id=f"r{i}", hallucinated=i < flagged, expected="a", label="b", confidence=0.9) for i in range(500)
        ]

    limits = {"hallucination_rate": Limit(max_increase=Change(absolute=0.02))}
    result = judged(gate(True, limits), batch(records(60)), batch(records(10), "baseline"))
    found = metric(result, "hallucination_rate")
    assert found.status is Status.FAIL
    assert (found.facts["pairs"]["fixed"], found.facts["pairs"]["broken"]) == (0, 50)
    assert found.facts["difference"]["value"] == 0.1
    assert metric(result, "confident_errors").facts["pairs"]["n"] == 500


def test_averages_over_labels_combine_two_intervals() -> None:
    limits = {"f1_macro": Limit(max_drop=Change(absolute=0.1)), "recall_micro": Limit(max_drop=Change(absolute=0.1))}
    now = [Record(id=f"r{i}", expected=str(i % 2), label=str(i % 2) if i % 10 else "0") for i in range(2000)]
    result = judged(gate(True, limits), batch(now), batch(now, "baseline"))
    assert {metric(result, name).status for name in limits} == {Status.PASS}
    assert metric(result, "f1_macro").facts["difference"]["method"] == "Bonferroni of two Korn-Graubard"
    empty = judged(gate(True, limits), batch(now), batch([], "baseline"))
    assert "the baseline has none of the candidate's cases" in empty.reason
    unlabelled = [Record(id=record.id, label="0", hallucinated=False) for record in now]
    bare = judged(gate(True, limits), batch(now), batch(unlabelled, "baseline"))
    assert "in the baseline no record carries expected" in bare.reason


def test_examples_name_some_wrong_ids_whatever_the_order() -> None:
    records = [Record(id=f"r{i:02}", expected="a", label="b", confidence=0.9) for i in range(20)]
    result = judged(gate(), batch(records[::-1][:7]), batch(records[::-1][7:]))
    assert len(set(result.findings[0].examples)) == 5
    shuffled = judged(gate(), batch(records[::2]), batch(records[1::2]))
    assert shuffled.findings[0].examples == result.findings[0].examples


LABELS = st.sampled_from(["a", "b", "c", 1, None, {"x": 1}])
RECORD = st.builds(
    Record,
    id=st.integers(0, 40).map(str),
    label=LABELS,
    expected=LABELS,
    confidence=st.none() | st.floats(0, 1),
    error=st.sampled_from([None, None, None, "503"]),
    hallucinated=st.none() | st.booleans(),
    groups=st.sampled_from([{}, {"channel": "chat"}, {"channel": "mail"}]),
)
BATCH = st.builds(batch, st.lists(RECORD, max_size=8), st.sampled_from(["candidate", "baseline"]))
ONE_OF_EACH_KIND = (
    "accuracy",
    "f1_macro",
    "f1_micro",
    "hallucination_rate",
    "expected_calibration_error",
    "brier_score",
)
EVERYTHING = {name: Limit(min=0.2, max=0.9, max_drop=Change(absolute=0.1)) for name in ONE_OF_EACH_KIND}


def thorough() -> QualityGate:
    labels = {"a": LabelLimits(recall=Limit(min=0.5, max_drop=Change(absolute=0.1)))}
    return gate(True, EVERYTHING, slices=("channel",), slice_limits=Limit(min=0.5), labels=labels)


@given(a=BATCH, b=BATCH, c=BATCH)
def test_merging_in_any_order_gives_the_same_result(a: Batch, b: Batch, c: Batch) -> None:
    made = thorough()
    x, y, z = map(made.tally, (a, b, c))
    empty = made.tally(batch([]))
    results = [
        made.judge(tally)
        for tally in (
            made.merge(made.merge(x, y), z),
            made.merge(x, made.merge(y, z)),
            made.merge(made.merge(z, y), x),
            made.merge(empty, made.merge(made.merge(y, x), made.merge(z, empty))),
        )
    ]
    assert all(result.plain() == results[0].plain() for result in results)
    assert made.merge(empty, x) == made.merge(x, empty) == x
    assert pickle.loads(pickle.dumps((made, x))) == (made, x)  # noqa: S301 - our own bytes


@given(records=st.lists(RECORD, max_size=16), cut=st.integers(0, 16))
def test_batches_cannot_show_in_the_result(records: list[Record], cut: int) -> None:
    made = thorough()
    whole = judged(made, batch(records))
    parts = judged(made, batch(records[cut:][::-1]), batch(records[:cut]))
    assert whole.plain() == parts.plain()


@given(records=st.lists(RECORD, max_size=16))
def test_the_books_of_every_metric_close_over_all_records(records: list[Record]) -> None:
    result = judged(thorough(), batch(records))
    for found in result.metrics:
        if found.slice is None or found.slice.startswith("label="):
            assert found.books.total == len(records)
            assert found.books.errored == sum(record.error is not None for record in records)


@given(records=st.lists(RECORD, min_size=1, max_size=16))
def test_a_better_answer_never_lowers_accuracy(records: list[Record]) -> None:
    made = gate()
    mended = [
        Record(id=r.id, expected=r.expected, label=r.expected, error=r.error) if i == 0 else r
        for i, r in enumerate(records)
    ]
    before, after = judged(made, batch(records)), judged(made, batch(mended))
    if metric(before, "accuracy").estimate is not None:
        assert value(after, "accuracy") >= value(before, "accuracy")
        assert metric(after, "accuracy").status.rank <= metric(before, "accuracy").status.rank
