import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.conclusion import Verdict
from twokey.outcome import Books, Estimate, GateResult, Metric, Status, conclude_gate, worst


def metric(status: Status, name: str = "accuracy") -> Metric:
    books = Books(total=4, scored=2, errored=1, unscorable=1)
    estimate = Estimate(value=0.5, low=0.1, high=0.9, n=2, method="Clopper-Pearson")
    return Metric(name=name, status=status, reason=f"{name} is {status.value}", books=books, estimate=estimate)


def test_books_that_do_not_close_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="do not close"):
        Books(total=3, scored=2)
    with pytest.raises(ValueError, match="do not close"):
        Books(total=1, scored=2, errored=-1)


def test_nothing_at_all_is_an_error_and_never_a_pass() -> None:
    assert worst(()) is Status.ERROR
    result = conclude_gate("quality", Books(total=0, scored=0), ())
    assert result.status is Status.ERROR
    assert result.findings


def test_a_metric_that_is_only_shown_does_not_make_a_pass() -> None:
    result = conclude_gate("quality", Books(total=0, scored=0), (metric(Status.OFF),))
    assert result.status is Status.ERROR


@given(st.lists(st.sampled_from([Status.PASS, Status.INCONCLUSIVE, Status.FAIL, Status.ERROR]), min_size=1))
def test_one_more_metric_never_improves_a_gate(statuses: list[Status]) -> None:
    books = Books(total=0, scored=0)
    some = conclude_gate("g", books, [metric(s) for s in statuses[:-1]])
    more = conclude_gate("g", books, [metric(s) for s in statuses])
    if statuses[:-1]:
        assert more.status.rank >= some.status.rank
    assert len(more.findings) == sum(s is not Status.PASS for s in statuses)


def test_a_result_reads_back_from_its_json() -> None:
    result = conclude_gate("g", Books(total=4, scored=4), [metric(Status.FAIL), metric(Status.PASS, "f1_macro")])
    assert GateResult.from_plain(result.plain()) == result


def test_exit_statuses_leave_two_to_usage_errors() -> None:
    assert [verdict.exit_status for verdict in Verdict] == [0, 3, 1, 4]
    assert [verdict.label for verdict in Verdict] == ["pass", "needs-decision", "block", "error"]
