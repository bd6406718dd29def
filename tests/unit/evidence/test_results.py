"""What results.json concludes must follow from the metrics in it, whoever wrote it."""

from collections.abc import Callable
from typing import Any

import pytest

from twokey.canonical import dumps
from twokey.errors import TwokeyError
from twokey.evidence.results import parse_results
from twokey.outcome import Books, Estimate, Metric, Status, conclude_gate

BOOKS = Books(total=9, scored=8, errored=1)


def metric(name: str, status: Status) -> Metric:
    estimate = Estimate(value=0.9, low=0.8, high=0.95, n=8, method="Clopper-Pearson")
    return Metric(name=name, status=status, reason="0.9 of 8", books=BOOKS, estimate=estimate, limit="min 0.95")


GATES = (
    conclude_gate("quality", BOOKS, [metric("f1", Status.INCONCLUSIVE), metric("accuracy", Status.FAIL)]),
    conclude_gate("schema", BOOKS, [metric("valid", Status.PASS), metric("shown", Status.OFF)]),
    conclude_gate("safety", BOOKS, [metric("shown", Status.OFF)]),
)


def plain() -> dict[str, Any]:
    return {"type": "urn:twokey:results:v1", "gates": [gate.plain() for gate in GATES], "sample": {}}


def test_what_gates_conclude_reads_back() -> None:
    assert parse_results(dumps(plain())) == GATES


FORGERIES: dict[str, Callable[[list[Any]], object]] = {
    "no gate": lambda gates: gates.clear(),
    "a finding left out": lambda gates: gates[0]["findings"].pop(),
    "a finding too many": lambda gates: gates[1]["findings"].append(gates[0]["findings"][0] | {"gate": "schema"}),
    "all findings left out": lambda gates: gates[0].update(findings=[], status="pass"),
    "a milder finding": lambda gates: gates[0]["findings"][1].update(status="inconclusive"),
    "a finding of another gate": lambda gates: gates[0]["findings"][1].update(gate="review"),
    "an id of something else": lambda gates: gates[0]["findings"][1].update(id="quality.f1"),
    "findings in another order": lambda gates: gates[0]["findings"].reverse(),
    "a milder gate": lambda gates: gates[0].update(status="inconclusive"),
    "a gate that judged nothing and passes": lambda gates: gates[2].update(status="pass", findings=[]),
    "a gate that judged nothing without its finding": lambda gates: gates[2].update(findings=[]),
    "a gate without metrics": lambda gates: gates[1].update(metrics=[]),
    "a gate switched off": lambda gates: gates[1].update(status="off", metrics=[], findings=[]),
    "a gate twice": lambda gates: gates.append(gates[1]),
    "a key more": lambda gates: gates[1].update(note="all is well"),
    "books that do not close": lambda gates: gates[1]["books"].update(scored=9),
    "a gate that is none": lambda gates: gates.append("schema"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_does_not_follow_from_the_metrics_is_refused(name: str) -> None:
    document = plain()
    FORGERIES[name](document["gates"])
    with pytest.raises(TwokeyError, match=r"results\.json: is not a list of gate results") as refused:
        parse_results(dumps(document))
    assert refused.value.status == 4


@pytest.mark.parametrize("document", [[], None, 3, {}, {"gates": {}}, {"gates": {"a": 1}}, {"gates": "schema"}])
def test_what_is_no_list_of_gates_is_refused(document: Any) -> None:
    with pytest.raises(TwokeyError, match="is not a list of gate results"):
        parse_results(dumps(document))
