import random
from functools import reduce
from typing import Any

import pytest

from twokey.config.shape import Limit
from twokey.gates.base import Setting
from twokey.gates.fairness import FairnessGate
from twokey.gates.fairness_options import FairnessOptions
from twokey.gates.fairness_twins import MAX_COMBINATIONS, Mark, compare, keep, together
from twokey.outcome import GateResult, Metric, Status
from twokey.record import Batch, Record


def judged(records: list[Record], parts: int = 1, **options: Any) -> GateResult:
    options = {"groups": ("gender",), "flip_rate": Limit(max=0.05), **options}
    setting = Setting(read=lambda path: path.encode(), has_baseline=False, seed=7)
    made = FairnessGate.build(FairnessOptions(**options), setting)
    batches = [tuple(records[start::parts]) for start in range(parts)]
    tallies = [made.tally(Batch(role="candidate", records=part, sightings=((),) * len(part))) for part in batches]
    return made.judge(reduce(made.merge, tallies))


def metric(result: GateResult, name: str) -> Metric:
    found = result.metric(name)
    assert found is not None, [each.id for each in result.metrics]
    return found


def twin(pair: str | None, value: str, label: Any = "yes", **fields: Any) -> Record:
    groups = {"gender": value, **fields.pop("groups", {})}
    return Record(id=f"{pair}-{value}", pair=pair, label=label, groups=groups, **fields)


def twins(n: int, flipped: int) -> list[Record]:
    return [
        twin(str(number), value, "no" if value == "f" and number < flipped else "yes")
        for number in range(n)
        for value in "fm"
    ]


@pytest.mark.parametrize(("flipped", "status"), [(2, Status.PASS), (9, Status.INCONCLUSIVE), (40, Status.FAIL)])
def test_the_flip_rate_is_settled_by_its_exact_interval(flipped: int, status: Status) -> None:
    found = metric(judged(twins(200, flipped)), "flip_rate[gender]")
    assert found.status is status
    assert found.estimate is not None
    assert found.estimate.value == flipped / 200
    assert found.estimate.method == "Clopper-Pearson"
    assert found.books.counts() == (400, 400, 0, 0, 0)


def test_twins_are_found_wherever_they_were_read() -> None:
    records = twins(120, 30)
    whole = judged(records)
    random.Random(2).shuffle(records)
    assert judged(records, 7) == whole


def test_flipped_twins_are_named() -> None:
    result = judged(twins(100, 40))
    finding = next(each for each in result.findings if each.check == "flip_rate[gender]")
    assert len(finding.examples) == 5
    assert all(int(name.partition("-")[0]) < 40 for name in finding.examples)


def test_of_three_one_that_differs_is_a_flip_and_each_two_are_told_apart() -> None:
    records = [
        twin(str(number), value, "no" if value == "f" and number < 20 else "yes")
        for number in range(100)
        for value in ("f", "m", "n")
    ]
    found = metric(judged(records, positive=("yes",)), "flip_rate[gender]")
    assert found.estimate is not None
    assert (found.estimate.value, found.estimate.n) == (0.2, 100)
    assert found.facts["between"] == [
        {"values": ["f", "m"], "twins": 100, "flipped": 20, "positive_only": [0, 20]},
        {"values": ["f", "n"], "twins": 100, "flipped": 20, "positive_only": [0, 20]},
        {"values": ["m", "n"], "twins": 100, "flipped": 0, "positive_only": [0, 0]},
    ]


def test_who_has_no_twin_is_unscorable_and_said_so() -> None:
    records = [
        *twins(50, 0),
        twin("alone", "f"),
        twin("same", "f"),
        Record(id="again", pair="same", label="yes", groups={"gender": "f"}),
        twin("both", "f", groups={"channel": "chat"}),
        twin("both", "m", groups={"channel": "mail"}),
        twin("broken", "f"),
        twin("broken", "m", error="503"),
        twin("nameless", "f"),
        Record(id="nobody", pair="nameless", label="no"),
        Record(id="none", label="yes", groups={"gender": "f"}),
    ]
    found = metric(judged(records, groups=("gender", "channel")), "flip_rate[gender]")
    assert found.books.counts() == (110, 100, 1, 9, 0)
    assert found.facts["not_compared"] == {"alike": 4, "alone": 2, "several": 2}
    assert "2 records have nobody who shares their pair" in found.reason
    assert "2 records have twins that differ in more than one group" in found.reason


def test_a_limit_without_twins_is_an_error_that_says_why() -> None:
    result = judged([twin("a", "f"), twin(None, "m")], confidence_shift=Limit(max=0.1))
    for name in ("flip_rate", "confidence_shift"):
        assert metric(result, name).status is Status.ERROR
        assert "no two records share a pair" in metric(result, name).reason
        assert "1 records have nobody" in metric(result, name).reason


def test_confidence_is_compared_with_its_sign() -> None:
    records = [
        twin(str(number), value, confidence=(0.9 if value == "m" else 0.7) - number % 10 / 100)
        for number in range(300)
        for value in "fm"
    ]
    found = metric(judged(records, confidence_shift=Limit(max=0.1)), "confidence_shift[gender]")
    assert found.status is Status.FAIL
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(0.2)
    assert "0.2 lower for f than for m" in found.reason
    assert found.facts["between"][0]["second_less_first"] == pytest.approx(0.2)
    assert found.books.counts() == (600, 600, 0, 0, 0)


def test_few_twins_settle_no_shift() -> None:
    records = [twin(str(number), value, confidence=0.8) for number in range(5) for value in "fm"]
    found = metric(judged(records, confidence_shift=Limit(max=0.05)), "confidence_shift[gender]")
    assert found.status is Status.INCONCLUSIVE


def test_twins_without_confidence_have_no_shift() -> None:
    found = metric(judged(twins(50, 0), confidence_shift=Limit(max=0.05)), "confidence_shift[gender]")
    assert found.status is Status.ERROR
    assert "no twins both carry a confidence" in found.reason


def test_too_many_combinations_of_values_are_too_many_in_any_order() -> None:
    records = [
        Record(id=str(i), pair=str(i), label="a", groups={"gender": str(i)}) for i in range(MAX_COMBINATIONS + 1)
    ]
    labels = ["a"] * len(records)
    look = (("gender",), frozenset[str](), Mark(1))
    half = len(records) // 2
    one, other = keep(records[:half], labels[:half], *look), keep(records[half:], labels[half:], *look)
    assert one.rows is not None
    assert together(one, other) == together(other, one) == keep(records, labels, *look)
    assert together(one, other).rows is None


def test_names_are_kept_of_the_same_pairs_in_any_order() -> None:
    records = [twin(str(number), value) for number in range(1500) for value in "fm"]
    labels = ["yes"] * len(records)
    look = (("gender",), frozenset[str](), Mark(1))
    whole = keep(records, labels, *look)
    parts = [keep(records[start::3], labels[start::3], *look) for start in (2, 0, 1)]
    assert reduce(together, parts).names == whole.names
    assert compare(reduce(together, parts), ("gender",)) == compare(whole, ("gender",))


def test_absent_and_empty_values_have_marks_of_their_own() -> None:
    mark = Mark(1)
    assert len({mark.of(None), mark.of(""), mark.of("", ""), mark.of("a", "b"), mark.of("ab", "")}) == 5
    assert Mark(2).of("a") != mark.of("a")
