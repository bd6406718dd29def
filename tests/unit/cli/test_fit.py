"""`twokey fit`, the whole way: labels of the recording or of a file become weights that `run` judges with."""

import hashlib
import json
import random
from typing import Any

import pytest
from persona import Home
from project import Project, row, started

WORDS = """
fee card euro month refund parcel order account letter branch window ticket invoice address contract
""".split()  # noqa: SIM905 easier to read
OTHERS = """
penguin glacier violin galaxy orchid volcano saffron canyon lantern marble thunder velvet
""".split()  # noqa: SIM905 easier to read
GATES: dict[str, Any] = {"quality": {"hallucination_rate": {"max": 0.9}}, "safety": {"pii": {"max": 0}}}


def answers(count: int, *, labelled: bool = True) -> list[dict[str, Any]]:
    """Return answers that repeat their context, and in half of the cases add to it."""
    out: list[dict[str, Any]] = []
    for number in range(count):
        chance = random.Random(number)
        said = chance.sample(WORDS, 8)
        invented = chance.random() < 0.5
        added = chance.sample(OTHERS, chance.randrange(1, 7)) if invented or chance.random() < 0.1 else []
        fields: dict[str, Any] = {"output": " ".join([*said[:5], *added]), "context": " ".join(said), "expected": ...}
        out.append(row(number, **fields, **({"wrong": invented} if labelled else {})))
    return out


@pytest.fixture
def project(home: Home) -> Project:
    made = started(home)
    made.policy(gates=GATES, candidate={"context": "context", "hallucinated": "wrong", "expected": None})
    made.record(answers(240))
    return made


def weigh(project: Project, **candidate: Any) -> None:
    gates = {**GATES, "quality": {**GATES["quality"], "grounding": {"weights": "grounding.json"}}}
    project.policy(gates=gates, candidate={"context": "context", "expected": None, **candidate})


def test_what_was_fitted_is_told_written_and_judged_with(project: Project) -> None:
    outcome = project.home.twokey("fit")
    assert outcome.status == 0, outcome.text
    assert "fitted on 240 labelled answers" in outcome.out
    for told in ("AUROC", "F1", "threshold", "by context", "weights: grounding.json"):
        assert told in outcome.out
    data = (project.directory / "grounding.json").read_bytes()
    weights = json.loads(data)
    assert weights["out_of_fold"]["auroc"]["low"] > 0.8
    recording = (project.directory / "outputs.jsonl").read_bytes()
    assert weights["data"]["recording"] == hashlib.sha256(recording).hexdigest()
    project.record(answers(240, labelled=False))
    weigh(project)
    text = " ".join(project.run("--format", "json").out.split())
    assert "by words alone, weighed as fitted on 240 labelled answers" in text
    manifest = json.loads((project.evidence / "manifest.json").read_bytes())
    named = {file["path"]: file["sha256"] for file in manifest["policy"]["files"]}
    assert named["grounding.json"] == hashlib.sha256(data).hexdigest()


def test_the_remark_says_where_nothing_was_fitted(project: Project) -> None:
    project.policy(gates=GATES, candidate={"context": "context", "expected": None})
    assert "by words alone, by the default rule" in " ".join(project.run("--format", "json").out.split())


def test_the_same_evidence_comes_of_any_number_of_processes(project: Project) -> None:
    assert project.home.twokey("fit").status == 0
    weigh(project)
    project.run()
    one = (project.evidence / "manifest.json").read_bytes()
    project.run("--engine", "processes")
    assert (project.evidence / "manifest.json").read_bytes() == one


def test_labels_may_come_from_another_file_by_id(project: Project) -> None:
    labelled = answers(240)
    project.record(answers(240, labelled=False))
    project.policy(gates=GATES, candidate={"context": "context", "expected": None})
    lines = [json.dumps({"id": one["id"], "hallucinated": one["wrong"]}) for one in reversed(labelled)]
    project.write("labels.jsonl", "\n".join(lines))
    by_file = project.home.twokey("fit", "--labels", "labels.jsonl", "--out", "by-file.json")
    assert by_file.status == 0, by_file.text
    project.record(labelled)
    project.policy(gates=GATES, candidate={"context": "context", "hallucinated": "wrong", "expected": None})
    assert project.home.twokey("fit").status == 0
    one, other = (json.loads((project.directory / name).read_bytes()) for name in ("by-file.json", "grounding.json"))
    assert one.pop("data")["examples"] == other.pop("data")["examples"]
    assert one == other


def test_labels_may_come_from_another_recording_with_its_own_answers(project: Project) -> None:
    project.write("earlier.jsonl", "\n".join(json.dumps(one) for one in answers(150)))
    outcome = project.home.twokey("fit", "--labels", "earlier.jsonl")
    assert outcome.status == 0, outcome.text
    assert "fitted on 150 labelled answers" in outcome.out


def test_what_shares_a_cluster_stays_together(project: Project) -> None:
    project.record([{**one, "talk": f"t{number // 4}"} for number, one in enumerate(answers(240))])
    project.policy(
        gates=GATES, candidate={"context": "context", "hallucinated": "wrong", "cluster": "talk", "expected": None}
    )
    outcome = project.home.twokey("fit")
    assert outcome.status == 0, outcome.text
    assert "in 60 groups by cluster" in outcome.out


def test_too_few_labels_write_nothing_and_say_what_is_the_least(project: Project) -> None:
    project.record(answers(99))
    outcome = project.home.twokey("fit")
    assert outcome.status == 4
    assert "99 answers are labelled" in outcome.err
    assert "at least 100" in outcome.err
    assert not (project.directory / "grounding.json").exists()


def test_an_id_that_is_labelled_twice_is_refused(project: Project) -> None:
    project.write("labels.jsonl", '{"id": "a", "wrong": true}\n{"id": "a", "wrong": false}\n')
    outcome = project.home.twokey("fit", "--labels", "labels.jsonl")
    assert outcome.status == 4
    assert "'a' is labelled twice" in outcome.err


@pytest.mark.parametrize(("found", "wanted"), [('"lexical/1"', '"lexical/0"'), ('"negations"', '"negation"')])
def test_weights_for_other_features_are_refused_as_wrong_policy(project: Project, found: str, wanted: str) -> None:
    assert project.home.twokey("fit").status == 0
    data = (project.directory / "grounding.json").read_text()
    assert found in data
    project.write("grounding.json", data.replace(found, wanted))
    weigh(project)
    outcome = project.run()
    assert outcome.status == 2
    assert outcome.err.startswith("twokey: grounding.json: ")


def test_weights_that_cannot_be_had_are_no_pass(project: Project) -> None:
    weigh(project)
    assert project.run().status == 4


def test_what_cannot_be_written_is_told(project: Project) -> None:
    outcome = project.home.twokey("fit", "--out", "nowhere/grounding.json")
    assert outcome.status == 4
    assert "nowhere/grounding.json: cannot be written" in outcome.err
