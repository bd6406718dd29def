import json
import pickle
import random
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.config.decode import load_typed
from twokey.config.shape import Limit
from twokey.detectors import build_scanner
from twokey.errors import ConfigError
from twokey.gates.base import Setting
from twokey.gates.fairness import FairnessGate
from twokey.gates.fairness_measures import EXPLAINED, MEASURES
from twokey.gates.fairness_options import FairnessOptions, GapLimit
from twokey.gates.fairness_tally import MAX_LABELS, MAX_VALUES
from twokey.outcome import GateResult, Metric, Status
from twokey.record import Batch, Record, Role

ALIKE = GapLimit(max_difference=0.1)


def gate(groups: Any = ("gender",), **options: Any) -> FairnessGate:
    setting = Setting(read=lambda path: path.encode(), has_baseline=False, seed=7, scanner=build_scanner)
    return FairnessGate.build(FairnessOptions(groups=groups, **options), setting)


def batch(records: list[Record], role: Role = "candidate") -> Batch:
    return Batch(role=role, records=tuple(records), sightings=((),) * len(records))


def judged(made: FairnessGate, *parts: list[Record]) -> GateResult:
    return made.judge(reduce(made.merge, (made.tally(batch(part)) for part in parts), made.tally(batch([]))))


def metric(result: GateResult, name: str) -> Metric:
    found = result.metric(name)
    assert found is not None, [each.id for each in result.metrics]
    return found


def people(value: str, yes: int, no: int, *, expected: Any = "yes", start: int = 0, **fields: Any) -> list[Record]:
    labels = ["yes"] * yes + ["no"] * no
    return [
        Record(id=f"{value}{start + i}", label=label, expected=expected, groups={"gender": value}, **fields)
        for i, label in enumerate(labels)
    ]


def estimate(result: GateResult, name: str) -> float:
    found = metric(result, name).estimate
    assert found is not None
    assert found.low <= found.value <= found.high
    return found.value


# Parities


@pytest.mark.parametrize(
    ("second", "status"), [((905, 95), Status.PASS), ((810, 190), Status.INCONCLUSIVE), ((700, 300), Status.FAIL)]
)
def test_a_gap_is_settled_by_its_interval(second: tuple[int, int], status: Status) -> None:
    records = [*people("f", *second), *people("m", 900, 100)]
    result = judged(gate(positive=("yes",), demographic_parity=ALIKE), records)
    found = metric(result, "demographic_parity[gender]")
    assert found.status is status
    assert estimate(result, "demographic_parity[gender]") == pytest.approx(abs(second[0] - 900) / 1000)
    assert "(0.9 of 1,000)" in found.reason


def test_the_ratio_is_of_the_lower_by_the_higher() -> None:
    records = [*people("f", 600, 400), *people("m", 900, 100)]
    limit = GapLimit(max_difference=0.5, min_ratio=0.8)
    result = judged(gate(positive=("yes",), demographic_parity=limit), records)
    assert metric(result, "demographic_parity[gender]").status is Status.PASS
    assert metric(result, "demographic_parity_ratio[gender]").status is Status.FAIL
    assert estimate(result, "demographic_parity_ratio[gender]") == pytest.approx(2 / 3, abs=1e-6)


def test_each_parity_compares_its_own_rate() -> None:
    f = [*people("f", 80, 20), *people("f", 10, 90, expected="no", start=1000)]
    m = [*people("m", 60, 40), *people("m", 40, 60, expected="no", start=1000)]
    limits = dict.fromkeys(("demographic_parity", "equal_opportunity", "equalised_odds", "accuracy_parity"), ALIKE)
    result = judged(gate(positive=("yes",), **limits), [*f, *m])
    values = {name: estimate(result, f"{name}[gender]") for name in limits}
    assert values == {
        "demographic_parity": pytest.approx(0.05),  # 90 and 100 of 200
        "equal_opportunity": pytest.approx(0.2),  # 80 and 60 of 100
        "equalised_odds": pytest.approx(0.3),  # 10 and 40 of 100
        "accuracy_parity": pytest.approx(0.25),  # 170 and 120 of 200
    }
    assert metric(result, "equal_opportunity[gender]").books.counts() == (400, 200, 0, 200, 0)
    assert metric(result, "equalised_odds[gender]").books.counts() == (400, 400, 0, 0, 0)


def test_calibration_compares_confidence_less_accuracy() -> None:
    f = people("f", 90, 10, confidence=0.95)
    m = people("m", 70, 30, confidence=0.8)
    result = judged(gate(calibration_parity=ALIKE), [*f, *m])
    assert estimate(result, "calibration_parity[gender]") == pytest.approx(0.05)
    assert "f (0.05 of 100) and m (0.1 of 100)" in metric(result, "calibration_parity[gender]").reason


def test_the_worst_calibrated_value_is_named() -> None:
    f = people("f", 900, 100, confidence=0.9)
    m = people("m", 500, 500, confidence=0.9)
    result = judged(gate(calibration_within=Limit(max=0.2)), [*f, *m])
    assert estimate(result, "calibration_within[gender]") == pytest.approx(0.4)
    assert metric(result, "calibration_within[gender]").status is Status.FAIL
    assert "the worst is m" in metric(result, "calibration_within[gender]").reason


def test_a_value_without_confidences_leaves_calibration_open() -> None:
    records = [*people("f", 900, 100, confidence=0.9), *people("m", 900, 100)]
    result = judged(gate(calibration_within=Limit(max=0.2), calibration_parity=ALIKE), records)
    assert metric(result, "calibration_within[gender]").status is Status.INCONCLUSIVE
    assert "these are: m" in metric(result, "calibration_within[gender]").reason
    assert metric(result, "calibration_parity[gender]").status is Status.ERROR


def test_without_positive_each_label_is_in_turn_the_positive_one() -> None:
    labels = {"f": ["a"] * 50 + ["b"] * 30 + ["c"] * 20, "m": ["a"] * 50 + ["b"] * 10 + ["c"] * 40}
    records = [
        Record(id=f"{value}{i}", label=label, groups={"gender": value})
        for value, given in labels.items()
        for i, label in enumerate(given)
    ]
    result = judged(gate(demographic_parity=ALIKE), records)
    assert estimate(result, "demographic_parity[gender]") == pytest.approx(0.2)
    two = [Record(id=r.id, label=str(r.label == "a"), groups=r.groups) for r in records]
    assert estimate(judged(gate(demographic_parity=ALIKE), two), "demographic_parity[gender]") == 0


def test_the_widest_of_many_gaps_counts_and_is_judged_more_carefully() -> None:
    two = [*people("f", 900, 100), *people("m", 850, 150)]
    alone = metric(judged(gate(accuracy_parity=ALIKE), two), "accuracy_parity[gender]").estimate
    others = [record for name in "abcd" for record in people(name, 880, 120)]
    among = metric(judged(gate(accuracy_parity=ALIKE), [*two, *others]), "accuracy_parity[gender]").estimate
    assert alone is not None
    assert among is not None
    assert alone.value == among.value == pytest.approx(0.05)
    assert among.low < alone.low, "it was chosen among fifteen"
    assert among.high == alone.high, "the widest is within bounds when every gap is"


# What cannot be judged


def test_a_small_value_is_named_with_the_size_that_it_takes() -> None:
    records = [*people("f", 900, 100), *people("m", 900, 100), *people("x", 9, 1)]
    result = judged(gate(accuracy_parity=ALIKE), records)
    found = metric(result, "accuracy_parity[gender]")
    assert found.status is Status.INCONCLUSIVE
    assert "too small to be judged as fair: x (10)" in found.reason
    needed = found.facts["stated"]["smallest_group"]
    assert found.facts["stated"]["too_small"] == ["x"]
    assert 100 < needed < 200
    enough = [*people("f", 900, 100), *people("m", 900, 100), *people("x", needed * 9 // 10, needed - needed * 9 // 10)]
    assert metric(judged(gate(accuracy_parity=ALIKE), enough), "accuracy_parity[gender]").status is Status.PASS


def test_a_small_value_that_is_plainly_worse_still_fails() -> None:
    records = [*people("f", 900, 100), *people("x", 0, 20)]
    assert metric(judged(gate(accuracy_parity=ALIKE), records), "accuracy_parity[gender]").status is Status.FAIL


def test_small_values_may_be_left_out_by_policy_and_stay_in_the_books() -> None:
    records = [*people("f", 900, 100), *people("m", 900, 100), *people("x", 9, 1)]
    found = metric(judged(gate(accuracy_parity=ALIKE, exclude_below=30), records), "accuracy_parity[gender]")
    assert found.status is Status.PASS
    assert "left out, with fewer than 30 records: 1 of the values" in found.reason
    assert found.books.counts() == (2010, 2000, 0, 0, 10)


def test_a_value_with_nothing_to_compute_from_could_be_anywhere() -> None:
    records = [*people("f", 900, 100), *people("m", 900, 100), *people("x", 900, 100, expected=None)]
    found = metric(judged(gate(accuracy_parity=ALIKE), records), "accuracy_parity[gender]")
    assert found.status is Status.INCONCLUSIVE
    assert found.estimate is not None
    assert found.estimate.high == 1
    assert found.facts["stated"]["fair_model_passes"] == 0
    assert "x (1,000)" in found.reason


NO_GENDER = "no record carries the group gender (recordings.candidate.groups)"


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([], NO_GENDER),
        ([Record(id="a", label="yes", expected="yes")], NO_GENDER),
        (people("f", 5, 5), "gender has one value only, so that there is nothing to compare"),
        (
            [*people("f", 5, 5, expected=None), *people("m", 5, 5, expected=None)],
            "no two values have records with expected",
        ),
        (
            [*people("f", 5, 5, error="503"), *people("m", 5, 5, error="503")],
            "no two values have records with expected",
        ),
        (
            [Record(id=str(i), label="a", expected="a", groups={"gender": str(i)}) for i in range(MAX_VALUES + 1)],
            f"there are more than {MAX_VALUES} values of gender, too many to compare",
        ),
    ],
)
def test_a_limit_on_nothing_is_an_error_that_says_why(records: list[Record], why: str) -> None:
    found = metric(judged(gate(accuracy_parity=ALIKE), records), "accuracy_parity[gender]")
    assert found.status is Status.ERROR
    assert found.reason == f"accuracy_parity[gender]: {why}"


def test_free_text_has_no_shares_of_labels() -> None:
    records = [
        Record(id=f"{value}{i}", label=f"{value}{i}", groups={"gender": value})
        for value in "fm"
        for i in range(MAX_LABELS)
    ]
    found = metric(judged(gate(demographic_parity=ALIKE), records), "demographic_parity[gender]")
    assert found.status is Status.ERROR
    assert "name those in positive" in found.reason


def test_too_many_values_are_too_many_in_any_order() -> None:
    made = gate(accuracy_parity=ALIKE)
    records = [Record(id=str(i), label="a", expected="a", groups={"gender": str(i % 60)}) for i in range(240)]
    whole = judged(made, records)
    random.Random(4).shuffle(records)
    assert judged(made, *(records[start::7] for start in range(7))) == whole
    assert "too many" in whole.reason


def test_no_limit_at_all_is_an_error() -> None:
    assert judged(gate(), [*people("f", 9, 1), *people("m", 9, 1)]).status is Status.ERROR


def test_records_of_one_cluster_never_pass_as_independent_ones() -> None:
    records = [*people("f", 900, 100), *people("m", 900, 100)]
    chats = [Record(id=r.id, label=r.label, expected="yes", groups=r.groups, cluster=f"c{r.id[:2]}") for r in records]
    assert judged(gate(accuracy_parity=ALIKE), records).status is Status.PASS
    found = metric(judged(gate(accuracy_parity=ALIKE), chats), "accuracy_parity[gender]")
    assert found.status is not Status.PASS
    assert "cluster" in found.reason


# Books, merging, names


def test_books_close_and_an_error_is_no_wrong_answer() -> None:
    records = [
        *people("f", 8, 2),
        *people("m", 8, 2),
        Record(id="e", error="503", label="no", expected="yes", groups={"gender": "f"}),
        Record(id="n", label="yes", groups={"gender": "f"}),
        Record(id="g", label="yes", expected="yes"),
    ]
    result = judged(gate(accuracy_parity=ALIKE), records)
    assert metric(result, "accuracy_parity[gender]").books.counts() == (23, 20, 1, 2, 0)
    assert metric(result, "accuracy[gender=f]").books.counts() == (12, 10, 1, 1, 0)
    assert result.books.counts() == (23, 21, 1, 1, 0)


RECORDS = st.builds(
    Record,
    id=st.uuids().map(str),
    label=st.sampled_from(["yes", "no", None, 1]),
    expected=st.sampled_from(["yes", "no", None]),
    confidence=st.none() | st.floats(0, 1),
    error=st.sampled_from([None, None, None, "503"]),
    pair=st.none() | st.sampled_from("abcdefgh"),
    groups=st.dictionaries(st.sampled_from(["gender", "channel"]), st.sampled_from("xyz"), max_size=2),
)


@settings(max_examples=12, deadline=None)
@given(st.lists(RECORDS, max_size=40), st.integers(1, 5), st.randoms(use_true_random=False))
def test_merging_in_any_order_gives_the_same_tally(records: list[Record], parts: int, chance: random.Random) -> None:
    made = gate(("gender", "channel"), positive=("yes",), accuracy_parity=ALIKE, flip_rate=Limit(max=0.5))
    whole = made.judge(made.tally(batch(records)))
    shuffled = chance.sample(records, len(records))
    tallies = [made.tally(batch(shuffled[start::parts])) for start in range(parts)]
    assert made.judge(reduce(made.merge, tallies)) == whole
    assert made.judge(reduce(made.merge, reversed(tallies))) == whole
    json.dumps(whole.plain(), allow_nan=False)
    for each in whole.metrics:
        assert each.estimate is None or each.estimate.low <= each.estimate.value <= each.estimate.high
    assert pickle.loads(pickle.dumps(tallies[0])) == tallies[0]  # noqa: S301 our own bytes


def test_the_baseline_is_not_looked_at() -> None:
    made = gate(accuracy_parity=ALIKE)
    assert made.tally(batch(people("f", 5, 5), "baseline")) == made.tally(batch([]))


def test_a_value_that_harms_is_hidden_everywhere() -> None:
    address = "jane.roe@company.co"
    records = [*people(address, 80, 20), *people("m", 90, 10)]
    result = judged(gate(accuracy_parity=ALIKE, positive=("yes",), demographic_parity=ALIKE), records)
    text = json.dumps(result.plain())
    assert address not in text
    assert "accuracy[gender=[pii.email] 1]" in text


# Leads


def test_rates_of_values_are_shown_and_marked_only_where_they_stand_out_from_many() -> None:
    alike = [record for name in "abcdefgh" for record in people(name, 450, 50)]
    result = judged(gate(accuracy_parity=ALIKE), [*alike, *people("z", 380, 120)])
    marked = [each.id for each in result.metrics if each.facts.get("lead")]
    assert marked == ["accuracy[gender=z]"]
    found = metric(result, "accuracy[gender=z]")
    assert found.status is Status.OFF
    assert found.facts["difference"] == pytest.approx(-0.14, abs=1e-6)
    assert not [each for each in judged(gate(accuracy_parity=ALIKE), alike).metrics if each.facts.get("lead")]


def test_the_worst_slice_is_a_lead_and_never_a_finding() -> None:
    records = [
        Record(
            id=f"{gender}{channel}{i}",
            label="yes" if i >= (40 if (gender, channel) == ("f", "chat") else 5) else "no",
            expected="yes",
            groups={"gender": gender, "channel": channel},
        )
        for gender in "fm"
        for channel in ("chat", "mail", "phone")
        for i in range(100)
    ]
    result = judged(gate(accuracy_parity=GapLimit(max_difference=0.5), search=("gender", "channel")), records)
    found = metric(result, "worst_slice")
    assert found.status is Status.OFF
    assert found.facts["slices"][0] == {
        "slice": "channel is chat and gender is f",
        "n": 100,
        "right": 60,
        "accuracy": 0.6,
        "p": 0.0,
    }
    assert not [finding for finding in result.findings if "worst" in finding.check]


# Options


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("{}", "groups"),
        ("{groups: []}", "an empty list says nothing"),
        ("{groups: [a, a]}", "a group appears twice"),
        ("{groups: [a], equal_opportunity: {max_difference: 0.1}}", "there are none"),
        ("{groups: [a], demographic_parity: {min_ratio: 0.8}}", "needs the labels in positive"),
        ("{groups: [a], calibration_parity: {min_ratio: 0.8}}", "has no ratio"),
        ("{groups: [a], accuracy_parity: {}}", "a limit needs max_difference or min_ratio"),
        ("{groups: [a], flip_rate: {min: 0.1}}", "flip_rate needs max, and nothing else"),
        ("{groups: [a], flip_rate: {max: 0.1, max_drop: 0.1}}", "flip_rate needs max, and nothing else"),
        ("{groups: [a], accuracy_parity: {max_difference: 2}}", "at most 1"),
    ],
)
def test_options_that_could_not_be_judged_are_refused(written: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        load_typed(written.encode(), "gates.yaml", FairnessOptions)


def test_a_config_reads_percentages() -> None:
    read = load_typed(b"{groups: [a], accuracy_parity: {max_difference: 5%}}", "gates.yaml", FairnessOptions)
    assert read.accuracy_parity == GapLimit(max_difference=0.05)
    assert str(read.accuracy_parity) == "max_difference 0.05"


def test_every_metric_is_explained() -> None:
    records = [*people("f", 80, 20, confidence=0.9, pair="p"), *people("m", 90, 10, confidence=0.8)]
    both = GapLimit(max_difference=0.1, min_ratio=0.5)
    limits = {name: both for name in MEASURES if name != "calibration_parity"}
    names = {each.name for each in judged(gate(positive=("yes",), **limits), records).metrics} - {"accuracy"}
    assert names <= set(EXPLAINED)
    assert {name for name in FairnessOptions.__dataclass_fields__ if "parity" in name} <= set(EXPLAINED)


def test_a_group_that_no_record_has_is_why_its_calibration_cannot_be_told() -> None:
    records = [Record(id="a", label="yes", expected="yes", confidence=0.5)]
    found = metric(judged(gate(calibration_within=Limit(max=0.1)), records), "calibration_within[gender]")
    assert found.reason == f"calibration_within[gender]: {NO_GENDER}"
