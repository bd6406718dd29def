import json

import pytest
from run_world import HostileCase, hostile_cases, hostile_run, waiting

from twokey.canonical import dumps, loads
from twokey.reports.json import JsonReport


def test_the_document_holds_conclusion_gates_and_packet() -> None:
    run = waiting()
    document = loads(JsonReport().render(run).encode(), file="report.json")
    assert sorted(document) == ["conclusion", "gates", "manifest", "packet", "type"]
    assert document["type"] == "urn:twokey:report:v1"
    assert document["manifest"] == run.evidence.digest
    assert document["conclusion"]["verdict"] == "needs-decision"
    assert document["gates"] == json.loads(run.evidence.files["results.json"])["gates"]
    assert document["packet"] == run.evidence.packet


@pytest.mark.parametrize("case", hostile_cases(), ids=lambda case: case.name)
def test_a_hostile_output_reads_back_as_it_was_and_is_never_obeyed(case: HostileCase) -> None:
    run = hostile_run(case.text)
    text = JsonReport().render(run)
    assert json.loads(text)["packet"] == json.loads(dumps(run.evidence.packet))
    assert json.loads(text)["conclusion"]["environment"] == case.text
    assert not [form for form in case.never if form in text]
    assert not [line for line in text.splitlines() if line.strip().startswith("::") or "##vso[" in line.lower()]
