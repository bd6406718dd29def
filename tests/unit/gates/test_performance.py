import math
import pickle
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.config.decode import load_typed
from twokey.config.scalars import Change
from twokey.config.shape import Limit
from twokey.errors import ConfigError
from twokey.gates.base import Setting
from twokey.gates.performance import PerformanceGate
from twokey.gates.performance_measures import MEASURES
from twokey.gates.performance_options import METRICS, PerformanceOptions
from twokey.outcome import GateResult, Metric, Status
from twokey.record import Batch, Record, Role


def gate(has_baseline: bool = False, metrics: dict[str, Limit] | None = None, **more: Limit) -> PerformanceGate:
    setting = Setting(read=lambda path: path.encode(), has_baseline=has_baseline)
    return PerformanceGate.build(PerformanceOptions(metrics={**(metrics or {}), **more}), setting)


def batch(records: list[Record], role: Role = "candidate") -> Batch:
    return Batch(role=role, records=tuple(records), sightings=((),) * len(records))


def judged(made: PerformanceGate, *batches: Batch) -> GateResult:
    return made.judge(reduce(made.merge, map(made.tally, batches), made.tally(batch([]))))


def metric(result: GateResult, name: str) -> Metric:
    found = result.metric(name)
    assert found is not None
    return found


def latencies(count: int, scale: float = 1.0) -> list[Record]:
    return [Record(id=f"r{i}", latency_ms=scale * (i + 1)) for i in range(count)]


def test_quantiles_are_those_of_the_recording() -> None:
    result = judged(gate(latency_p95_ms=Limit(max=2000)), batch(latencies(1000)))
    values = {m.name: m.estimate.value for m in result.metrics if m.estimate}
    assert values == {"latency_p50_ms": 500, "latency_p95_ms": 950, "latency_p99_ms": 990, "availability": 1}
    assert result.status is Status.PASS
    assert metric(result, "latency_p50_ms").status is Status.OFF
    assert metric(result, "latency_p95_ms").unit == "ms"


@pytest.mark.parametrize(("maximum", "status"), [(970, "pass"), (950, "inconclusive"), (900, "fail")])
def test_a_limit_is_settled_by_the_order_statistics(maximum: float, status: str) -> None:
    result = judged(gate(latency_p95_ms=Limit(max=maximum)), batch(latencies(1000)))
    assert metric(result, "latency_p95_ms").status.value == status


def test_too_few_values_never_pass_a_maximum() -> None:
    few = judged(gate(latency_p99_ms=Limit(max=1e9)), batch(latencies(367)))
    assert few.status is Status.INCONCLUSIVE
    assert metric(few, "latency_p99_ms").facts["values_needed"] == 368
    enough = judged(gate(latency_p99_ms=Limit(max=1e9)), batch(latencies(368)))
    assert enough.status is Status.PASS


def test_one_slow_record_fails_what_it_shows() -> None:
    result = judged(gate(latency_p50_ms=Limit(max=5)), batch([Record(id="a", latency_ms=9.0)]))
    assert metric(result, "latency_p50_ms").status is Status.INCONCLUSIVE


@pytest.mark.parametrize("name", MEASURES)
def test_a_limit_on_nothing_is_an_error_by_name(name: str) -> None:
    made = gate(metrics={name: Limit(min=0.0)})
    empty = judged(made, batch([]))
    assert metric(empty, name).status is Status.ERROR
    assert metric(empty, name).reason.startswith(f"{name}: ")
    bare = judged(made, batch([Record(id="a")]))
    assert metric(bare, name).status is (Status.PASS if name == "availability" else Status.ERROR)


def test_no_limit_at_all_is_an_error() -> None:
    assert judged(gate(), batch(latencies(10))).status is Status.ERROR


def test_impossible_values_are_left_out_and_said() -> None:
    wrong = [Record(id=str(i), latency_ms=value) for i, value in enumerate((math.nan, math.inf, -1.0, None))]
    result = judged(gate(latency_p50_ms=Limit(max=1000)), batch([*latencies(10), *wrong]))
    found = metric(result, "latency_p50_ms")
    assert found.books.counts() == (14, 10, 0, 4, 0)


def test_errored_records_count_in_availability_alone() -> None:
    lost = [Record(id=f"x{i}", error="503", latency_ms=1e6) for i in range(10)]
    result = judged(gate(availability=Limit(min=0.999)), batch([*latencies(90), *lost]))
    assert metric(result, "availability").status is Status.FAIL
    assert metric(result, "availability").books.counts() == (100, 100, 0, 0, 0)
    latency = metric(result, "latency_p99_ms")
    assert latency.books.counts() == (100, 90, 10, 0, 0)
    assert latency.estimate is not None
    assert latency.estimate.value == 90
    assert result.books.counts() == (100, 90, 10, 0, 0)


def test_availability_of_a_few_is_not_certain() -> None:
    result = judged(gate(availability=Limit(min=0.999)), batch(latencies(1000)))
    assert result.status is Status.INCONCLUSIVE


def test_throughput_counts_answers_from_first_request_to_last_answer() -> None:
    records = [Record(id=str(i), at=1000.0 + i, latency_ms=500.0) for i in range(10)]
    records.append(Record(id="x", at=0.0, error="503"))
    result = judged(gate(throughput_rps=Limit(min=1)), batch(records[:5]), batch(records[5:]))
    found = metric(result, "throughput_rps")
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(10 / 9.5, abs=1e-6)
    assert found.status is Status.PASS
    assert "observed once" in found.reason


def test_a_moment_has_no_throughput() -> None:
    result = judged(gate(throughput_rps=Limit(min=1)), batch([Record(id="a", at=5.0)]))
    assert metric(result, "throughput_rps").status is Status.ERROR


def test_memory_has_a_quantile_and_a_largest_value() -> None:
    records = [Record(id=str(i), memory_mb=float(i)) for i in range(1, 201)]
    result = judged(gate(memory_max_mb=Limit(max=200), memory_p95_mb=Limit(max=180)), batch(records))
    assert metric(result, "memory_max_mb").status is Status.PASS
    assert metric(result, "memory_p95_mb").status is Status.FAIL


REGRESSION = {"latency_p95_ms": Limit(max_increase=Change(relative=0.1))}


@pytest.mark.parametrize(("scale", "status"), [(0.8, "pass"), (1.1, "inconclusive"), (1.5, "fail")])
def test_a_regression_is_settled_by_both_intervals(scale: float, status: str) -> None:
    made = gate(has_baseline=True, metrics=REGRESSION)
    result = judged(made, batch(latencies(2000, scale)), batch(latencies(2000), "baseline"))
    found = metric(result, "latency_p95_ms")
    assert found.status.value == status
    assert found.baseline == 1900
    assert found.facts["difference"]["method"] == "Bonferroni of two order statistics"
    assert result.books.total == 2000


def test_a_tiny_change_of_a_tiny_number_is_no_regression_with_both_guards() -> None:
    made = gate(has_baseline=True, latency_p95_ms=Limit(max_increase=Change(relative=0.1, absolute=5)))
    result = judged(made, batch(latencies(2000, 0.002)), batch(latencies(2000, 0.001), "baseline"))
    assert metric(result, "latency_p95_ms").status is Status.PASS


def test_a_regression_without_a_baseline_or_its_data_is_an_error() -> None:
    alone = judged(gate(metrics=REGRESSION), batch(latencies(100)))
    assert metric(alone, "latency_p95_ms").status is Status.ERROR
    assert "there is no baseline" in alone.reason
    bare = judged(
        gate(has_baseline=True, metrics=REGRESSION), batch(latencies(100)), batch([Record(id="a")], "baseline")
    )
    assert "the baseline has nothing to compute it from" in bare.reason


def test_a_regression_of_too_few_values_says_how_many_it_needs() -> None:
    made = gate(has_baseline=True, metrics=REGRESSION)
    result = judged(made, batch(latencies(80, 0.1)), batch(latencies(80), "baseline"))
    assert result.status is Status.INCONCLUSIVE
    assert "each recording needs 86 values" in result.reason


def test_availability_and_throughput_can_regress() -> None:
    made = gate(
        has_baseline=True,
        availability=Limit(max_drop=Change(absolute=0.01)),
        throughput_rps=Limit(max_drop=Change(relative=0.1)),
    )
    slow = [Record(id=str(i), at=2.0 * i, error="503" if i % 2 else None) for i in range(400)]
    quick = [Record(id=str(i), at=float(i)) for i in range(400)]
    result = judged(made, batch(slow), batch(quick, "baseline"))
    assert metric(result, "availability").status is Status.FAIL
    assert metric(result, "throughput_rps").status is Status.FAIL


def test_counts_stay_small_however_many_values_differ() -> None:
    made = gate(latency_p95_ms=Limit(max=1))
    records = [Record(id=str(i), latency_ms=100 + i / 1000) for i in range(100_000)]
    tally = made.tally(batch(records))
    assert len(tally["candidate"].latency) <= 1002


RECORD = st.builds(
    Record,
    id=st.text(min_size=1, max_size=4),
    latency_ms=st.none() | st.floats(0, 1e6),
    memory_mb=st.none() | st.floats(0, 1e6),
    at=st.none() | st.floats(0, 4e9),
    error=st.none() | st.just("503"),
)
BATCH = st.builds(batch, st.lists(RECORD, max_size=6), st.sampled_from(["candidate", "baseline"]))


@given(a=BATCH, b=BATCH, c=BATCH)
def test_merging_is_a_commutative_monoid(a: Batch, b: Batch, c: Batch) -> None:
    made = gate(has_baseline=True, metrics=REGRESSION)
    x, y, z = map(made.tally, (a, b, c))
    empty = made.tally(batch([]))
    assert made.merge(made.merge(x, y), z) == made.merge(x, made.merge(y, z))
    assert made.merge(x, y) == made.merge(y, x)
    assert made.merge(empty, x) == made.merge(x, empty) == x
    assert made.tally(batch([])) == empty
    assert pickle.loads(pickle.dumps((made, x))) == (made, x)  # noqa: S301 - our own bytes


@given(records=st.lists(RECORD, max_size=12), cut=st.integers(0, 12))
def test_batches_cannot_show_in_the_result(records: list[Record], cut: int) -> None:
    made = gate(latency_p95_ms=Limit(max=100), availability=Limit(min=0.5), throughput_rps=Limit(min=1))
    whole = judged(made, batch(records))
    parts = judged(made, batch(records[cut:][::-1]), batch(records[:cut]))
    assert whole == parts


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("availability: {min: 99}", "of at most 1, found the number 99 (did you mean 99%?)"),
        ("availability: {max_drop: 2}", "an absolute number from 0 to 1"),
        ("latency_p95_ms: {max: -1}", "of at least 0, found the number -1"),
        ("throughput_rps: {min: -1}", "of at least 0, found the number -1"),
    ],
)
def test_limits_that_no_value_can_meet_or_miss_are_refused(part: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_typed(part.encode(), "gates.yaml", PerformanceOptions)
    assert said in str(caught.value)
    assert str(caught.value).startswith("gates.yaml:1:")


def test_a_limit_can_be_set_for_each_metric_that_is_measured() -> None:
    assert tuple(MEASURES) == METRICS


def test_amounts_are_no_shares() -> None:
    loaded = load_typed(b"latency_p95_ms: {max: 500, max_increase: 50}", "gates.yaml", PerformanceOptions)
    assert str(loaded.metrics["latency_p95_ms"]) == "max 500, max_increase 50"
