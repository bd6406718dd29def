"""The drift gate: what warns, what does not, and what cannot be compared."""

import json
import random
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.config.decode import load_typed
from twokey.config.scalars import Allowance
from twokey.detectors import build_scanner
from twokey.errors import ConfigError
from twokey.gates.base import Setting
from twokey.gates.drift import DriftGate
from twokey.gates.drift_measures import EXPLAINED
from twokey.gates.drift_options import CategoryAllowance, DriftOptions, Mix, ShareAllowance, Shift
from twokey.outcome import GateResult, Metric, Status
from twokey.record import Batch, Record, Role

DATA = Path(__file__).parents[4] / "shared/data"
WORDS = ("the", "card", "payment", "transfer", "refund", "account", "cash", "top", "up", "fee", "limit", "order", "pin")


def gate(*, has_baseline: bool = True, **options: Any) -> DriftGate:
    setting = Setting(read=lambda path: path.encode(), has_baseline=has_baseline)
    return DriftGate.build(DriftOptions(**options), setting)


def batch(records: list[Record], role: Role) -> Batch:
    return Batch(role=role, records=tuple(records), sightings=((),) * len(records))


def judged(made: DriftGate, now: list[Record], before: list[Record]) -> GateResult:
    return made.judge(made.merge(made.tally(batch(now, "candidate")), made.tally(batch(before, "baseline"))))


def metric(result: GateResult, name: str) -> Metric:
    found = result.metric(name)
    assert found is not None, [each.id for each in result.metrics]
    return found


def warned(result: GateResult) -> set[str]:
    return {finding.check for finding in result.findings}


def asked(count: int, seed: int, **changes: Any) -> list[Record]:
    """Records as they come, all alike but for chance; `changes` are values, or functions of the random numbers."""
    numbers = random.Random(seed)
    return [
        Record(
            **{
                "id": f"{seed}-{place}",
                "input": " ".join(numbers.choices(WORDS, k=numbers.randint(3, 20))),
                "output": "x" * numbers.randint(20, 200),
                "label": numbers.choices("abc", [5, 3, 2])[0],
                "confidence": numbers.random(),
                "source": "production",
                "groups": {"channel": numbers.choice(["chat", "mail"])},
                **{name: change(numbers) if callable(change) else change for name, change in changes.items()},
            }
        )
        for place in range(count)
    ]


def test_two_recordings_alike_hold_every_check() -> None:
    result = judged(gate(groups=("channel",)), asked(800, 1), asked(800, 2))
    assert result.status is Status.PASS, result.reason
    assert [each.id for each in result.metrics] == [
        "input_length",
        "input_script",
        "input_words",
        "output_length",
        "confidence",
        "labels",
        "labels_new",
        "labels_vanished",
        "sources",
        "group[channel]",
        "group_new[channel]",
        "group_vanished[channel]",
        "missing",
    ]
    assert metric(result, "confidence").reason.startswith("confidence: D 0.0")
    assert "within the limit 0.1" in metric(result, "confidence").reason
    assert {each.name for each in result.metrics} | {"reference"} == set(EXPLAINED)


@pytest.mark.parametrize(
    ("changes", "checks"),
    [
        ({"input": lambda numbers: " ".join(numbers.choices(WORDS, k=numbers.randint(40, 80)))}, {"input_length"}),
        (
            {"input": lambda numbers: "\u043a\u0430\u0440\u0442\u0430 " * numbers.randint(2, 16)},
            {"input_script", "input_words"},
        ),
        ({"output": lambda numbers: "x" * numbers.randint(500, 600)}, {"output_length"}),
        ({"confidence": lambda numbers: 1 - numbers.random() / 4}, {"confidence"}),
        ({"label": lambda numbers: numbers.choice("abbbb")}, {"labels", "labels_vanished"}),
        ({"label": lambda numbers: numbers.choices("abcd", [50, 30, 20, 3])[0]}, {"labels_new"}),
        ({"source": "synthetic"}, {"sources"}),
        ({"groups": {"channel": "mail"}}, {"group[channel]", "group_vanished[channel]"}),
        ({"confidence": None}, {"missing"}),
        (
            {"expected": None, "label": lambda numbers: numbers.choices(["a", "b", "c", ""], [5, 3, 2, 1])[0]},
            {"missing"},
        ),
    ],
    ids=lambda value: ",".join(sorted(value)) if isinstance(value, set) else "",
)
def test_each_drift_is_seen_by_its_own_measure_and_fails_nothing(changes: dict[str, Any], checks: set[str]) -> None:
    result = judged(gate(groups=("channel",)), asked(800, 1, **changes), asked(800, 2))
    found = warned(result)
    assert checks <= found
    assert found <= checks | {"input_length"}
    assert result.status is Status.INCONCLUSIVE
    assert all(finding.status is Status.INCONCLUSIVE for finding in result.findings)
    assert "chance does not explain it" in result.reason


def test_a_small_sample_does_not_cry_wolf_and_says_that_it_sees_little() -> None:
    now, before = [Record(id="1", input="a" * 9, label="x")], [Record(id="2", input="a" * 9999, label="y")]
    result = judged(gate(), now * 3, before * 3)
    assert {one.check for one in result.findings} == {"reference"}
    assert "the candidate has 3 answered records, and no drift shows in fewer than 20" in result.reason
    assert "but chance alone can do that with 3 and 3 records" in metric(result, "labels_new").reason
    assert "so few records could not show a drift of just the limit" in metric(result, "labels_new").reason
    assert metric(result, "labels_new").facts["blind"] is True


def test_a_trifle_in_many_records_is_within_the_limit() -> None:
    result = judged(gate(), asked(3000, 1, confidence=lambda n: n.random() ** 1.1), asked(3000, 2))
    found = metric(result, "confidence")
    assert found.status is Status.PASS
    assert (
        judged(
            gate(confidence=Shift(max_ks=0.001)), asked(3000, 1, confidence=lambda n: n.random() ** 1.2), asked(3000, 2)
        ).status
        is Status.INCONCLUSIVE
    )


def test_both_limits_are_looked_at_where_both_are_given() -> None:
    moved = asked(800, 1, confidence=lambda numbers: numbers.random() / 2)
    result = judged(gate(confidence=Shift(max_psi=0.25, max_ks=0.99)), moved, asked(800, 2))
    found = metric(result, "confidence")
    assert found.limit == "max 0.25 PSI, max 0.99 D"
    assert found.status is Status.INCONCLUSIVE
    assert "PSI" in found.reason
    assert "0.99" not in found.reason
    strength = judged(gate(labels=Mix(max_v=0.2)), asked(800, 1, label="a"), asked(800, 2))
    assert "Cramer's V" in metric(strength, "labels").reason


def test_the_same_cases_again_have_no_new_words_and_no_other_inputs() -> None:
    before = asked(500, 1)
    result = judged(gate(), [Record(id=each.id, input=each.input, output="other") for each in before], before)
    for name in ("input_length", "input_script", "input_words"):
        found = metric(result, name)
        assert found.estimate is not None
        assert found.estimate.value == 0


def test_without_a_baseline_nothing_can_be_compared() -> None:
    result = judged(gate(has_baseline=False), asked(5, 1), [])
    assert result.status is Status.ERROR
    assert result.reason.startswith("nothing can be compared: there is no baseline recording (recordings: ")
    assert result.books.counts() == (5, 5, 0, 0, 0)


@pytest.mark.parametrize(("now", "before"), [(0, 5), (5, 0), (0, 0)])
def test_an_empty_recording_is_an_error(now: int, before: int) -> None:
    result = judged(gate(), asked(now, 1), asked(before, 2))
    assert result.status is Status.ERROR
    assert warned(result) == {"reference"}


def test_errored_records_are_in_the_books_and_in_no_measure() -> None:
    broken = [Record(id=f"e{place}", input="x" * 9000, error="timeout") for place in range(400)]
    result = judged(gate(), [*asked(400, 1), *broken], asked(400, 2))
    assert result.status is Status.PASS
    assert result.books.counts() == (800, 400, 400, 0, 0)
    assert metric(result, "input_length").books.counts() == (800, 400, 400, 0, 0)


def test_the_books_of_every_measure_close_over_the_candidate() -> None:
    now = asked(300, 1, confidence=lambda numbers: None if numbers.random() < 0.5 else 0.5)
    result = judged(gate(groups=("channel",)), now, asked(200, 2))
    assert {each.books.total for each in result.metrics} == {300}
    books = metric(result, "confidence").books
    assert books.scored + books.unscorable == 300
    assert 0 < books.scored < 300


@pytest.mark.parametrize(
    ("options", "check"),
    [
        ({"confidence": Shift()}, "confidence"),
        ({"labels": Mix()}, "labels"),
        ({"groups": ("team",)}, "group[team]"),
        ({"words": ShareAllowance(max=0.1)}, "input_words"),
        ({"outputs": Shift(max_psi=1)}, "output_length"),
    ],
)
def test_what_policy_names_and_no_record_has_is_an_error(options: dict[str, Any], check: str) -> None:
    bare = [Record(id=str(place)) for place in range(50)]
    result = judged(gate(**options), bare, bare)
    assert metric(result, check).status is Status.ERROR
    assert "nothing can be compared" in metric(result, check).reason
    assert judged(gate(), bare, bare).status is Status.PASS


def test_an_exact_rule_for_new_categories_takes_no_chance_into_account() -> None:
    now = [*asked(50, 1), Record(id="new", label="z")]
    assert judged(gate(), now, asked(50, 2)).status is Status.PASS
    strict = judged(gate(new_categories=CategoryAllowance(max=Allowance(count=0))), now, asked(50, 2))
    assert metric(strict, "labels_new").status is Status.INCONCLUSIVE
    assert metric(strict, "labels_new").reason == (
        "1 of 51 records have a value that the baseline has not: at most 0 allowed"
    )
    assert metric(strict, "labels_new").facts["values"] == 1
    assert metric(strict, "labels_new").facts["names"] == [], "seen once it may be free text"
    often = judged(gate(), [*now, *[Record(id=f"new{place}", label="z") for place in range(4)]], asked(50, 2))
    assert metric(often, "labels_new").facts["names"] == ["z"]
    lenient = gate(new_categories=CategoryAllowance(max=Allowance(share=0.5)))
    assert metric(judged(lenient, now, asked(50, 2)), "labels_new").status is Status.PASS


def test_what_is_only_shown_never_warns() -> None:
    moved = asked(800, 1, confidence=0.99)
    result = judged(gate(only_shown=("confidence",)), moved, asked(800, 2))
    assert result.status is Status.PASS
    assert metric(result, "confidence").status is Status.OFF
    assert metric(result, "confidence").reason.endswith("policy only shows it")


def test_free_text_is_no_category() -> None:
    def free(count: int, seed: int) -> list[Record]:
        return asked(count, seed, label=lambda numbers: f"answer {numbers.random()}")

    both = judged(gate(), free(1500, 1), free(1500, 2))
    assert both.metric("labels") is None
    named = judged(gate(labels=Mix()), free(1500, 1), free(1500, 2))
    assert "more than 1,000 values" in metric(named, "labels").reason
    assert metric(named, "labels").status is Status.ERROR
    one = judged(gate(), free(1500, 1), asked(1500, 2))
    assert metric(one, "labels").status is Status.INCONCLUSIVE
    assert metric(one, "labels").reason.startswith("labels: the candidate has more than 1,000 values")


def test_names_that_hold_personal_data_are_hidden() -> None:
    setting = Setting(read=lambda path: path.encode(), has_baseline=True, scanner=build_scanner)
    made = DriftGate.build(DriftOptions(), setting)
    result = judged(made, asked(300, 1, label="jane.roe@example.com"), asked(300, 2))
    assert "jane.roe" not in json.dumps(result.plain())
    assert metric(result, "labels_new").facts["names"] != []


def test_results_are_plain_json() -> None:
    result = judged(gate(groups=("channel",)), asked(300, 1), asked(300, 2))
    assert GateResult.from_plain(json.loads(json.dumps(result.plain(), allow_nan=False))) == result


TEXT = b"""
inputs: {max_psi: 0.2}
confidence: {max_ks: 10%}
labels: {}
groups: [channel]
words: {max: 8%}
missing: {max: 2%}
new_categories: {max: 0}
only_shown: [sources]
"""


def test_a_config_reads_as_it_looks() -> None:
    options = load_typed(TEXT, "gates.yaml", DriftOptions)
    assert options.inputs == Shift(max_psi=0.2)
    assert options.confidence == Shift(max_ks=0.1)
    assert options.labels == Mix()
    assert options.missing == ShareAllowance(max=0.02)
    assert options.new_categories == CategoryAllowance(max=Allowance(count=0))
    assert load_typed(b"{}", "gates.yaml", DriftOptions) == DriftOptions()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"alpha: 0", "an alpha of 0 never warns"),
        (b"group_limits: {max_v: 0.1}", "name the groups"),
        (b"only_shown: [latency]", "inputs"),
        (b"labels: {max_ks: 0.1}", "max_ks"),
        (b"confidence: {max_ks: 10}", "at most 1"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_typed(text, "gates.yaml", DriftOptions)


record = st.builds(
    Record,
    id=st.text(max_size=3),
    input=st.one_of(st.none(), st.text(max_size=20), st.dictionaries(st.text(max_size=2), st.integers(), max_size=2)),
    output=st.one_of(st.none(), st.text(max_size=20), st.just({"n": 2**70})),
    label=st.one_of(st.none(), st.sampled_from(["a", "b", 1, 1.0, True]), st.lists(st.integers(), max_size=1)),
    confidence=st.one_of(st.none(), st.floats(0, 1)),
    error=st.sampled_from([None, None, None, "503"]),
    groups=st.dictionaries(st.just("channel"), st.sampled_from(["x", "y"])),
)


@given(parts=st.lists(st.tuples(st.sampled_from(["candidate", "baseline"]), st.lists(record, max_size=8)), max_size=5))
def test_any_order_of_batches_gives_the_same_result(parts: list[tuple[Role, list[Record]]]) -> None:
    made = gate(groups=("channel",))
    tallies = [made.tally(batch(records, role)) for role, records in parts]
    forwards = reduce(made.merge, tallies, made.tally(batch([], "candidate")))
    backwards = reduce(
        lambda left, right: made.merge(right, left), reversed(tallies), made.tally(batch([], "baseline"))
    )
    assert made.judge(forwards) == made.judge(backwards)
    assert made.judge(forwards).status is not Status.FAIL


def recording(name: str) -> list[Record]:
    path = DATA / "recordings" / name
    if not path.is_file():
        pytest.skip("the recordings of two real classifiers are not at hand")
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Record(
            id=row["request_id"],
            input=row["request"]["text"],
            output=row["response"],
            label=row["response"]["label"],
            confidence=row["response"]["score"],
            source=row["source"],
            groups={"channel": row["channel"]},
        )
        for row in rows
    ]


def test_of_two_real_classifiers_on_the_same_cases_only_the_confidences_drift() -> None:
    result = judged(
        gate(groups=("channel",)), recording("banking77_candidate.jsonl"), recording("banking77_baseline.jsonl")
    )
    assert warned(result) == {"confidence"}


def test_random_halves_of_a_real_recording_do_not_drift() -> None:
    records, numbers, alarms = recording("banking77_baseline.jsonl"), random.Random(3), 0
    for _ in range(20):
        numbers.shuffle(records)
        alarms += judged(gate(groups=("channel",)), records[:1500], records[1500:]).status is not Status.PASS
    assert alarms <= 1
