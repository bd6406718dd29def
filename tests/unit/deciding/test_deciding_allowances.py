"""What the evidence let pass by name is asked about on the day of the conclusion, and only if it was used."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from run_world import blocked

from twokey.deciding.allowances import run_out
from twokey.evidence.bundle import Evidence
from twokey.outcome import GateResult

ONE = {"rule": "pii.email", "why": "our own address", "until": "2027-01-31", "records": 3, "places": 4}


def evidence(*allowed: dict[str, Any]) -> Evidence:
    made = blocked().evidence
    results: list[GateResult] = [
        replace(result, facts={**result.facts, "allowed": list(allowed)}) if result.gate == "safety" else result
        for result in made.results
    ]
    assert any(result.gate == "safety" for result in results)
    fields = {name: getattr(made, name) for name in ("digest", "manifest", "packet", "items", "files")}
    return Evidence(**fields, results=tuple(results))


def sentences(when: str, *allowed: dict[str, Any]) -> list[str]:
    return list(run_out(evidence(*allowed), datetime.fromisoformat(when).replace(tzinfo=UTC)))


def test_an_allowance_holds_to_the_end_of_its_last_day() -> None:
    assert sentences("2027-01-31T23:59:59", ONE) == []
    assert sentences("2027-02-01T00:00:00", ONE) == [
        "3 records hold what pii.email sees and policy allows (our own address), until 2027-01-31, which has passed"
    ]


def test_one_that_was_not_used_is_nobodys_concern() -> None:
    assert sentences("2030-01-01T00:00:00", {**ONE, "records": 0}) == []
    assert sentences("2030-01-01T00:00:00") == []


def test_each_that_was_used_and_has_run_out_is_told() -> None:
    other = {**ONE, "rule": "policy.a", "until": "2026-01-01"}
    told = sentences("2026-06-01T00:00:00", ONE, other)
    assert len(told) == 1
    assert "policy.a" in told[0]


def test_a_day_that_cannot_be_read_never_holds() -> None:
    (told,) = sentences("2020-01-01T00:00:00", {**ONE, "until": "soon"})
    assert "no day" in told


@pytest.mark.parametrize("gate", ["safety"])
def test_evidence_of_an_older_version_has_no_allowances(gate: str) -> None:
    made = blocked().evidence
    assert "allowed" not in (made.result(gate) or made.results[0]).facts
    assert list(run_out(made, datetime(2030, 1, 1, tzinfo=UTC))) == []
