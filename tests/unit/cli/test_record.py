"""`twokey record --judge`, the whole way: asked over HTTP or by a function, written down, and read by `run`."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_world import Repository
from judge_world import Endpoint, Heard, Said, endpoint, said, until
from persona import Home, Outcome
from project import Project, row, rows, started

KEY = "sk-test-5f1c9a7be2d84036"
PROMPT = "Is this supported?\n{context}\n---\n{output}\n"
VERDICTS = {"supported": False, "unsupported": True}
GATES = {
    "quality": {"accuracy": {"min": 0.5}, "hallucination_rate": {"max": 0.9}, "judge": "grounded"},
    "safety": {"pii": {"max": 0}},
    "performance": {"latency_p95_ms": {"max": 500}},
}


@pytest.fixture
def project(home: Home, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("JUDGE_KEY", KEY)
    made = started(home)
    made.record(rows(30, context="as it is"))
    made.write("judge.txt", PROMPT)
    return made


def by_function(project: Project, answer: str = "'unsupported' if case['id'].endswith('7') else 'supported'") -> None:
    project.write("judge.py", f"def say(case):\n    return {answer}\n")
    configure(project, {"kind": "python", "call": "say", "file": "judge.py"}, prompt=None)


def by_endpoint(project: Project, serving: Endpoint, **options: Any) -> None:
    target = {"kind": "openai", "url": serving.url, "model": "judge-1", "key_env": "JUDGE_KEY", **options}
    configure(project, target)


def configure(project: Project, target: dict[str, Any], prompt: str | None = "judge.txt", **parts: Any) -> None:
    judge = {"target": target, "prompt": prompt, "verdicts": VERDICTS, "recording": "judge.jsonl"}
    judges = {"grounded": {name: value for name, value in judge.items() if value is not None}}
    project.policy(**{"judges": judges, "gates": GATES, "candidate": {"context": "context"}, **parts})


def record(project: Project, *arguments: str) -> Outcome:
    return project.home.twokey("record", "--judge", "grounded", *arguments)


def answers(project: Project) -> dict[str, dict[str, Any]]:
    found = [json.loads(line) for line in (project.directory / "judge.jsonl").read_bytes().splitlines()]
    assert len({row["id"] for row in found[1:]}) == len(found) - 1
    return {row["id"]: row for row in found[1:]}


def manifest(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project.evidence / "manifest.json").read_bytes())
    return found


def by_id(heard: Heard, _: int) -> Said:
    return said("Unsupported." if "delivery" in heard.prompt else "supported")


def test_a_round_over_http_from_asking_to_evidence(project: Project) -> None:
    with endpoint(by_id) as serving:
        by_endpoint(project, serving)
        outcome = record(project)
        assert (outcome.status, outcome.out, outcome.err) == (0, "judge.jsonl: 30 verdicts\n", "")
        assert len(serving.asks) == 30
        assert {heard.headers["authorization"] for heard in serving.asks} == {f"Bearer {KEY}"}
        project.run()
        assert len(serving.asks) == 30, "judging calls nothing"
    found = answers(project)
    assert {row["verdict"] for row in found.values()} == {True, False}
    data = (project.directory / "judge.jsonl").read_bytes()
    header = json.loads(data.partition(b"\n")[0])
    candidate = (project.directory / "outputs.jsonl").read_bytes()
    assert header["candidate"] == hashlib.sha256(candidate).hexdigest()
    assert header["prompt"] == hashlib.sha256(PROMPT.encode()).hexdigest()
    assert manifest(project)["recordings"]["judge"] == {
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "records": 30,
        "unreadable": {"count": 0, "first": []},
    }
    assert "judge.txt" in [row["path"] for row in manifest(project)["policy"]["files"]]


def test_the_key_is_in_no_file_and_no_message(project: Project) -> None:
    def telling(heard: Heard, number: int) -> Said:
        if number % 3 == 0:
            return Said({"error": {"message": f"Incorrect API key provided: {KEY}"}}, 401)
        return said(f"{heard.headers['authorization']}\nsupported")

    with endpoint(telling) as serving:
        by_endpoint(project, serving, at_once=1)
        outcome = record(project)
        assert outcome.status == 0
        assert "10 errors (refused 10); the same command asks about them again" in outcome.out
        told = outcome.text + project.run().text
    assert KEY not in told
    assert not [name for name, data in project.listing().items() if KEY.encode() in data]


@pytest.mark.parametrize("key", [None, "", " \n"])
def test_without_the_key_nothing_is_asked(project: Project, monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    monkeypatch.delenv("JUDGE_KEY") if key is None else monkeypatch.setenv("JUDGE_KEY", key)
    with endpoint(by_id) as serving:
        by_endpoint(project, serving)
        outcome = record(project)
        assert outcome.status == 4
        assert "the environment variable JUDGE_KEY is not set" in outcome.err
        assert serving.asks == []
    assert not (project.directory / "judge.jsonl").exists()


def test_it_asks_about_what_run_would_judge_and_about_nothing_else(project: Project) -> None:
    failed = {"output": ..., "error": "timeout"}
    project.record(row(n, context="as it is", **(failed if n % 3 == 1 else {})) for n in range(60))
    by_function(project)
    target = {"kind": "python", "call": "say", "file": "judge.py"}
    review = {"show": 0, "audit": 1000}
    configure(project, target, prompt=None, sample={"synthetic": 7, "production": 8, "seed": 3}, review=review)
    outcome = record(project)
    assert outcome.status == 0, outcome.text
    project.run()
    books = project.results()["records"]["books"]
    assert books["total"] == 15
    assert 0 < books["errored"] < 15
    assert f"{books['errored']} records without an output" in outcome.out
    shown = [json.loads(line)["id"] for line in (project.evidence / "review/items.jsonl").read_bytes().splitlines()]
    assert set(shown) == set(answers(project))


def test_it_goes_on_where_it_stopped_and_asks_nothing_twice(project: Project) -> None:
    with endpoint(by_id) as serving:
        by_endpoint(project, serving)
        record(project)
        before = (project.directory / "judge.jsonl").read_bytes()
        outcome = record(project)
        assert (outcome.status, outcome.out) == (0, "judge.jsonl: 0 verdicts, 30 from before\n")
        assert len(serving.asks) == 30
    assert (project.directory / "judge.jsonl").read_bytes() == before


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_it_loses_only_what_was_in_flight(project: Project, seed: int) -> None:
    at = random.Random(seed).randrange(1, 40)
    project.record(rows(60, context="as it is"))
    with endpoint(lambda heard, number: Said(by_id(heard, number).body, delay=0.005)) as serving:
        by_endpoint(project, serving, at_once=3)
        command = [sys.executable, "-m", "twokey", "record", "--judge", "grounded"]
        running = subprocess.Popen(command, cwd=project.directory, env=dict(os.environ), stdout=subprocess.DEVNULL)
        until(lambda: len(serving.asks) >= at or running.poll() is not None)
        running.send_signal(signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL, "it was done before it could be killed"
        path = project.directory / "judge.jsonl"
        lines = [line for line in path.read_bytes().splitlines(keepends=True)[1:] if line.endswith(b"\n")]
        kept = {json.loads(line)["id"]: line for line in lines}
        asked = len(serving.asks)
        assert asked - 3 <= len(kept) <= asked
        assert record(project).status == 0
        assert 0 <= len(serving.asks) - asked - (60 - len(kept)) <= 3, "what was on the wire may have come in since"
    assert len(answers(project)) == 60
    whole = path.read_bytes()
    assert all(line in whole for line in kept.values())


def test_interrupted_it_writes_down_what_was_in_flight_and_leaves(project: Project) -> None:
    with endpoint(lambda heard, number: Said(by_id(heard, number).body, delay=0.02)) as serving:
        by_endpoint(project, serving, at_once=3)
        command = [sys.executable, "-m", "twokey", "record", "--judge", "grounded"]
        running = subprocess.Popen(command, cwd=project.directory, env=dict(os.environ), stderr=subprocess.DEVNULL)
        until(lambda: len(serving.asks) >= 5 or running.poll() is not None)
        running.send_signal(signal.SIGINT)
        assert running.wait() == 130
        assert len(answers(project)) == len(serving.asks) < 30
        assert record(project).status == 0
        assert len(serving.asks) == 30


def test_errors_are_kept_and_run_counts_them_as_errors(project: Project) -> None:
    by_function(project, "1 // 0 if case['id'].endswith('3') else 'supported'")
    outcome = record(project)
    assert outcome.status == 0
    assert "27 verdicts, 3 errors (raised 3)" in outcome.out
    assert manifest_after_run(project)["records"] == 30
    by_function(project, "1 // 0")
    outcome = record(project, "--restart")
    assert outcome.status == 4
    assert "failed 20 times in a row: the function raised ZeroDivisionError" in outcome.err


def manifest_after_run(project: Project) -> dict[str, Any]:
    assert project.run().status in (1, 3)
    found: dict[str, Any] = manifest(project)["recordings"]["judge"]
    return found


def test_a_judge_that_gives_no_verdict_at_all_is_no_success(project: Project) -> None:
    project.record(rows(5))
    by_function(project, "'perhaps'")
    outcome = record(project)
    assert outcome.status == 4
    assert "judge.jsonl: holds no verdict: 5 errors (unclear 5)" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--judge", "grouned"), "gates.yaml: there is no judge called 'grouned' (did you mean grounded?)"),
        ((), "--judge"),
    ],
)
def test_which_judge_must_be_said_and_known(project: Project, arguments: tuple[str, ...], told: str) -> None:
    by_function(project)
    outcome = project.home.twokey("record", *arguments)
    assert outcome.status == 2
    assert told in outcome.err


def refused(project: Project) -> str:
    before = project.listing()
    outcome = project.run()
    assert outcome.status == 4
    assert project.listing() == before
    return outcome.err


def test_run_refuses_what_is_not_the_recording_that_policy_asks_for(project: Project) -> None:
    with endpoint(by_id) as serving:
        by_endpoint(project, serving)
        assert "twokey record --judge grounded makes it" in refused(project)
        record(project)
        assert project.run().status != 4
        project.write("judge.txt", PROMPT + "Be kind.")
        assert "it was asked by another prompt" in refused(project)
        project.write("judge.txt", PROMPT)
        by_endpoint(project, serving, model="judge-2")
        assert "the judge was asked with other settings" in refused(project)
        by_endpoint(project, serving, timeout="5s", at_once=1)
        assert project.run().status != 4, "how long it may take changes no answer"
        project.record(rows(31, context="as it is"))
        assert "it is about another recording of the candidate" in refused(project)
        asked = len(serving.asks)
        outcome = record(project)
        assert outcome.status == 4
        assert "holds other answers: it is about another recording of the candidate" in outcome.err
        assert len(serving.asks) == asked
        assert record(project, "--restart").status == 0
        assert project.run().status != 4


def test_an_answer_that_stands_twice_is_refused(project: Project) -> None:
    by_function(project)
    record(project)
    path = project.directory / "judge.jsonl"
    line = path.read_bytes().splitlines(keepends=True)[5]
    path.write_bytes(path.read_bytes() + line.replace(b"false", b"true"))
    told = refused(project)
    assert json.loads(line)["id"] in told
    assert "6" in told
    assert "32" in told


def test_a_line_that_is_torn_is_told_with_its_number(project: Project) -> None:
    by_function(project)
    record(project)
    path = project.directory / "judge.jsonl"
    path.write_bytes(path.read_bytes() + b'{"id": "torn"')
    facts = manifest_after_run(project)
    assert (facts["records"], facts["unreadable"]["count"], facts["unreadable"]["first"][0]["line"]) == (30, 1, 32)


def test_no_gate_but_the_one_that_names_the_judge_sees_its_recording(project: Project) -> None:
    by_function(project)
    review = {"confidence_below": 0.95, "show": 5, "audit": 5}
    for sample in ({"synthetic": "all", "production": "all"}, {"synthetic": 6, "production": 6}):
        target = {"kind": "python", "call": "say", "file": "judge.py"}
        parts: dict[str, Any] = {
            "prompt": None,
            "sample": sample,
            "review": review,
            "baseline": {"path": "outputs.jsonl"},
        }
        configure(project, target, **{**parts, "gates": {**GATES, "quality": {"accuracy": {"min": 0.5}}}})
        project.run()
        without = project.results()
        assert "judge" not in manifest(project)["recordings"]
        configure(project, target, **parts)
        assert record(project, "--restart").status == 0
        project.run()
        assert manifest(project)["recordings"]["judge"]["records"] in (12, 30)
        found = project.results()
        assert set(found) >= {"records", "safety", "performance", "quality", "review"}
        for gates in (found, without):  # the review's selection asks what a judge says; it counts nothing by it
            del gates["quality"], gates["review"]
        assert found == without


def test_neither_engine_nor_order_shows_in_what_is_found(project: Project) -> None:
    by_function(project)
    record(project)
    project.run()
    serial, found = (project.evidence / "manifest.json").read_bytes(), project.results()
    project.run("--engine", "processes", "--jobs", "2")
    assert (project.evidence / "manifest.json").read_bytes() == serial
    path = project.directory / "judge.jsonl"
    header, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(header + b"".join(reversed(rest)))
    project.run()
    assert project.results() == found


def test_prompt_function_and_address_come_from_protected_ground(project: Project) -> None:
    by_function(project)
    repository = Repository(project.directory)
    repository.git("init", "-q", "-b", "main")
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "policy")
    repository.git("checkout", "-q", "-b", "change")
    project.write("judge.py", "def say(case):\n    raise SystemExit('the change speaks for itself')\n")
    (project.directory / "gates.yaml").unlink()
    repository.git("commit", "-q", "-a", "-m", "change")
    assert record(project).status == 4
    outcome = record(project, "--policy-ref", "main")
    assert (outcome.status, outcome.out) == (0, "judge.jsonl: 30 verdicts\n"), outcome.err
    assert {row["verdict"] for row in answers(project).values()} == {True, False}


def test_answers_are_never_written_over_something_else(project: Project) -> None:
    by_function(project)
    outputs = project.directory / "kept.jsonl"
    outputs.write_bytes(b"{}\n")
    (project.directory / "judge.jsonl").symlink_to(outputs)
    for arguments in ((), ("--restart",)):
        outcome = record(project, *arguments)
        assert outcome.status == 4
        assert "judge.jsonl: is a link" in outcome.err
    assert outputs.read_bytes() == b"{}\n"


def unwitnessed(project: Project) -> list[str]:
    told = " ".join(project.run("--repository", "acme/triage").out.split())
    return [role for role in ("candidate", "judge") if f"the {role} recording is unwitnessed" in told]


def test_the_recording_has_a_witness_like_the_others(project: Project, tmp_path: Path) -> None:
    by_function(project)
    record(project)
    assert unwitnessed(project) == ["candidate", "judge"]
    key = tmp_path / "job"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True, timeout=30)
    public = " ".join(key.with_suffix(".pub").read_text(encoding="utf-8").split()[:2])
    person = {"principal": "pat@example.com", "roles": ["product"], "keys": [project.home.public]}
    people = {"people": [person], "witnesses": [{"name": "job", "keys": [public]}]}
    project.write("roster.yaml", yaml.safe_dump(people))
    signed = ("witness", "judge.jsonl", "--key", str(key), "--repository", "acme/triage")
    assert project.home.twokey(*signed).status == 0
    assert unwitnessed(project) == ["candidate"]
    project.write("model/weights.bin", b"other weights")
    assert unwitnessed(project) == ["candidate", "judge"], "it is a word on another subject"


def test_nobody_recomputes_without_the_judges_answers(project: Project) -> None:
    by_function(project)
    record(project)
    project.run()
    assert project.home.twokey("verify", "--recompute").status in (1, 3)
    (project.directory / "judge.jsonl").rename(project.directory / "moved.jsonl")
    outcome = project.home.twokey("verify", "--recompute")
    assert outcome.status == 4
    assert "judge.jsonl: there is no such recording of the judge's answers" in outcome.err
    outcome = project.home.twokey("sign", "--approve", "--reason", "looks good")
    assert outcome.status != 0
    assert "judge.jsonl is not here" in outcome.text


EXAMPLE = Path(__file__).parents[3] / "docs" / "judges.md"


def test_the_example_of_the_page_about_judges_works(project: Project) -> None:
    blocks = EXAMPLE.read_text(encoding="utf-8").split("```")
    code = next(block.removeprefix("python\n") for block in blocks if block.startswith("python\n"))
    text = next(block for block in blocks if block.startswith("yaml\n") and "kind: python" in block)
    project.write("judges/overlap.py", code)
    document = yaml.safe_load(text.removeprefix("yaml\n"))
    told = [
        {"context": "The parcel left Oslo on Monday.", "output": "It left Oslo on Monday."},
        {"context": "The parcel left Oslo on Monday.", "output": "It will arrive in Bergen within 3 hours."},
    ]
    project.record([row(n, **told[n % 2]) for n in range(20)])
    project.policy(judges=document["judges"], gates=document["gates"], candidate={"context": "context"})
    name = next(iter(document["judges"]))
    outcome = project.home.twokey("record", "--judge", name)
    assert outcome.status == 0, outcome.text
    path = project.directory / document["judges"][name]["recording"]
    verdicts = [json.loads(line) for line in path.read_bytes().splitlines()[1:]]
    assert [one["verdict"] for one in sorted(verdicts, key=lambda one: str(one["id"]))] == [False, True] * 10
    assert project.run().status in (1, 3)
