import itertools
import pickle
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.config.scalars import Allowance
from twokey.detectors import build_scanner
from twokey.gates.base import Setting
from twokey.gates.records import MAX_REASONS, RecordsGate, RecordsTally, category
from twokey.gates.records_options import RecordsOptions
from twokey.outcome import GateResult, Status
from twokey.record import Batch, Record, Role, Unreadable


def gate(has_baseline: bool = False, **options: Allowance) -> RecordsGate:
    setting = Setting(read=lambda path: path.encode(), has_baseline=has_baseline)
    return RecordsGate.build(RecordsOptions(**options), setting)


def batch(records: list[Record], unreadable: list[str] | None = None, role: Role = "candidate") -> Batch:
    lines = tuple(Unreadable(line=line, reason=reason) for line, reason in enumerate(unreadable or (), 1))
    return Batch(role=role, records=tuple(records), sightings=((),) * len(records), unreadable=lines)


def answered(count: int) -> list[Record]:
    return [Record(id=f"r{i}", output="x", confidence=0.5, source="production") for i in range(count)]


def judged(made: RecordsGate, *batches: Batch) -> GateResult:
    return made.judge(reduce(made.merge, map(made.tally, batches), made.tally(batch([]))))


def status(result: GateResult, metric: str) -> Status:
    found = result.metric(metric)
    assert found is not None
    return found.status


def test_clean_records_pass() -> None:
    result = judged(gate(), batch(answered(3)), batch(answered(2)))
    assert result.status is Status.PASS
    assert result.books.plain() == {"total": 5, "scored": 5, "errored": 0, "unscorable": 0, "excluded": 0}


def test_no_records_are_an_error() -> None:
    result = judged(gate(), batch([]))
    assert result.status is Status.ERROR
    assert "0 of 0 records can be judged" in result.reason


def test_a_line_that_is_no_record_is_an_error_and_stays_in_the_books() -> None:
    result = judged(gate(), batch(answered(3), ["not JSON: invalid character at byte 7"]))
    assert result.status is Status.ERROR
    assert status(result, "unreadable") is Status.ERROR
    assert result.books.counts() == (4, 3, 0, 1, 0)
    metric = result.metric("unreadable")
    assert metric is not None
    assert metric.reason == "1 of 4 lines could not be read: at most 0 allowed"
    assert metric.facts["reasons"] == {"not JSON: invalid character at byte N": 1}


def test_an_errored_record_is_never_scored() -> None:
    result = judged(gate(), batch([*answered(3), Record(id="x", error="503")]))
    assert status(result, "errored") is Status.ERROR
    assert result.books.counts() == (4, 3, 1, 0, 0)


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (Allowance(count=1), Status.ERROR),
        (Allowance(count=2), Status.PASS),
        (Allowance(share=0.5), Status.PASS),
        (Allowance(share=0.02), Status.INCONCLUSIVE),
        (Allowance(share=0.001), Status.ERROR),
    ],
)
def test_budgets_are_counts_or_shares(budget: Allowance, expected: Status) -> None:
    lost = [Record(id=f"x{i}", error="timeout") for i in range(2)]
    result = judged(gate(max_errored=budget), batch([*answered(98), *lost]))
    assert status(result, "errored") is expected
    result = judged(gate(max_unreadable=budget), batch(answered(98), ["nested too deeply"] * 2))
    assert status(result, "unreadable") is expected


def test_only_errors_are_not_a_pass_whatever_the_budget() -> None:
    result = judged(gate(max_errored=Allowance(share=1.0)), batch([Record(id="x", error="503")]))
    assert status(result, "errored") is Status.PASS
    assert result.status is Status.ERROR
    assert "1 carry an error" in result.reason


def test_missing_sources_and_confidences_are_said() -> None:
    result = judged(gate(), batch([*answered(2), Record(id="x", source="synthetic"), Record(id="y")]))
    assert result.facts["sources"] == {"synthetic": 1, "production": 2, "unknown": 1}
    unknown, without = result.metric("unknown_source"), result.metric("missing_confidence")
    assert unknown is not None
    assert unknown.reason == "1 of 4 records do not say their source"
    assert without is not None
    assert without.reason == "2 of 4 records carry no confidence"
    assert result.status is Status.PASS


def test_the_baseline_is_judged_by_the_same_budgets_and_kept_out_of_the_books() -> None:
    broken = batch(answered(1), ["nested too deeply"], role="baseline")
    result = judged(gate(has_baseline=True), batch(answered(3)), broken)
    assert status(result, "unreadable[baseline]") is Status.ERROR
    assert status(result, "unreadable") is Status.PASS
    assert result.books.total == 3


def test_a_baseline_of_nothing_is_an_error() -> None:
    result = judged(gate(has_baseline=True), batch(answered(3)))
    assert status(result, "records[baseline]") is Status.ERROR


def test_line_numbers_and_values_do_not_reach_the_result() -> None:
    one = judged(gate(), batch(answered(1), ["a number out of range", "no id at id", "score: found 'secret-17'"]))
    two = judged(gate(), batch(answered(1), ["score: found 'secret-18'", "no id at id", "a number out of range"]))
    assert one == two
    assert "secret" not in str(one.plain())


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("invalid UTF-8 at byte 1234", "invalid UTF-8 at byte N"),
        ("score: expected a number from 0 to 1, found 1.5e+03", "score: expected a number from 0 to 1, found N"),
        ("id: an id of 1,234 characters, more", "id: an id of N characters, more"),
        ("'x", "unreadable"),
        ("", "unreadable"),
    ],
)
def test_reasons_are_told_apart_by_kind_only(reason: str, expected: str) -> None:
    assert category(reason) == expected


KINDS = st.lists(st.integers(0, 2 * MAX_REASONS).map(lambda i: "kind " + "x" * i), max_size=2 * MAX_REASONS)


@given(parts=st.lists(KINDS, min_size=1, max_size=4))
def test_too_many_kinds_of_reasons_are_folded_in_any_order(parts: list[list[str]]) -> None:
    made = gate()
    batches = [batch(answered(1), part) for part in parts]
    results = {str(judged(made, *order).plain()) for order in itertools.permutations(batches)}
    together = judged(made, batch(answered(len(parts)), [reason for part in parts for reason in part]))
    assert results == {str(together.plain())}


RECORD = st.builds(
    Record,
    id=st.text(min_size=1, max_size=4),
    source=st.sampled_from(["synthetic", "production", "unknown"]),
    confidence=st.none() | st.floats(0, 1),
    error=st.none() | st.just("503"),
)
BATCH = st.builds(
    batch,
    st.lists(RECORD, max_size=6),
    st.lists(st.sampled_from(["no id at id", "nested too deeply"]), max_size=3),
    st.sampled_from(["candidate", "baseline"]),
)


@given(a=BATCH, b=BATCH, c=BATCH)
def test_merging_is_a_commutative_monoid(a: Batch, b: Batch, c: Batch) -> None:
    made = gate(has_baseline=True)
    x, y, z = map(made.tally, (a, b, c))
    empty: RecordsTally = made.tally(batch([]))
    assert made.merge(made.merge(x, y), z) == made.merge(x, made.merge(y, z))
    assert made.merge(x, y) == made.merge(y, x)
    assert made.merge(empty, x) == made.merge(x, empty) == x
    assert pickle.loads(pickle.dumps((made, x))) == (made, x)  # noqa: S301 - our own bytes


def repeat(case: str, *labels: object) -> list[Record]:
    return [Record(id=f"{case}-{place}", case=case, output="x", label=label) for place, label in enumerate(labels)]


def test_cases_that_were_asked_again_and_disagree_are_shown() -> None:
    records = [*repeat("one", "a", "a"), *repeat("two", "a", "b", "a"), *repeat("three", "c"), Record(id="bare")]
    result = judged(gate(), batch(records))
    found = result.metric("flaky")
    assert found is not None
    assert found.status is Status.OFF
    assert found.reason == "1 of 2 cases that were asked again have answers that disagree; policy sets no limit"
    assert found.facts["examples"] == ["two"]
    assert found.books.counts() == (7, 5, 0, 2, 0)
    assert result.status is Status.PASS


def test_a_case_that_holds_personal_data_is_not_shown() -> None:
    setting = Setting(read=lambda path: path.encode(), has_baseline=False, scanner=build_scanner)
    made = RecordsGate.build(RecordsOptions(), setting)
    told = str(judged(made, batch(repeat("write to jo.doe@acme-corp.example.org", "a", "b"))).plain())
    assert "write to" in told
    assert "jo.doe" not in told


def test_flaky_cases_are_judged_where_policy_says_so() -> None:
    records = [*repeat("one", 1, 1.0, "1"), *repeat("two", "a", None)]
    strict = judged(gate(max_flaky=Allowance(count=0)), batch(records))
    assert strict.status is Status.FAIL
    assert [finding.examples for finding in strict.findings] == [("two",)]
    assert status(judged(gate(max_flaky=Allowance(count=1)), batch(records)), "flaky") is Status.PASS
    assert status(judged(gate(max_flaky=Allowance(share=0.1)), batch(records)), "flaky") is Status.INCONCLUSIVE


def test_a_limit_on_repeats_without_any_is_an_error() -> None:
    alone = [*answered(3), *repeat("one", "a"), Record(id="x", case="one", error="503")]
    result = judged(gate(max_flaky=Allowance(count=0), max_errored=Allowance(count=1)), batch(alone))
    assert status(result, "flaky") is Status.ERROR
    assert judged(gate(), batch(answered(3))).metric("flaky") is None


@pytest.mark.parametrize("cut", range(7))
def test_repeats_are_found_across_batches(cut: int) -> None:
    records = [*repeat("one", "a", "a"), *repeat("two", "a", "b", "a"), *repeat("long" * 200, "a", "b")]
    made = gate()
    left, right = batch(records[:cut]), batch(records[cut:])
    assert judged(made, left, right) == judged(made, right, left) == judged(made, batch(records))


def test_beyond_what_is_kept_the_cases_are_sampled_and_no_count_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twokey.gates.records_flaky.MAX_CASES", 100)
    records = [record for place in range(1000) for record in repeat(f"c{place}", "a", "b" if place % 4 == 0 else "a")]
    tallied = gate().tally(batch(records))
    assert len(tallied["candidate"].repeats.cases.rows) <= 100
    shown = gate().judge(tallied).metric("flaky")
    assert shown is not None
    assert shown.facts["one_case_in"] in (8, 16, 32)
    assert "one case in" in shown.reason
    lenient = gate(max_flaky=Allowance(count=999)).judge(tallied).metric("flaky")
    assert lenient is not None
    assert lenient.status is Status.INCONCLUSIVE
    assert status(gate(max_flaky=Allowance(share=0.9)).judge(tallied), "flaky") is Status.PASS


def test_a_candidate_without_any_output_has_its_mapping_wrong() -> None:
    result = judged(gate(), batch([Record(id="r1", confidence=0.5), Record(id="r2", expected="x")]))
    assert status(result, "records") is Status.ERROR
    assert "does recordings.candidate.output name the right field?" in result.reason
    assert status(judged(gate(), batch([Record(id="r1"), Record(id="r2", output=0)])), "records") is Status.PASS


def test_it_says_which_fields_and_groups_some_record_has() -> None:
    rows = [Record(id="r1", output="x", groups={"channel": "chat"}), Record(id="r2", expected=0, error="timeout")]
    result = judged(gate(has_baseline=True), batch(rows[:1]), batch(rows[1:]), batch([], role="baseline"))
    assert result.facts["carried"] == {"candidate": ["expected", "groups.channel", "output"]}
