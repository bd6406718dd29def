"""`init` writes a project that runs as it is, out of what it finds, and touches nothing that is there."""

import csv
import gzip
import io
import json
import shutil
import subprocess

import pytest
import yaml
import zstandard
from persona import Home
from project import row

from twokey.decisions.roster import load_roster


def test_an_empty_directory_becomes_a_project_that_runs(home: Home) -> None:
    outcome = home.twokey("init")
    assert outcome.status == 0, outcome.text
    assert sorted(path.name for path in home.directory.iterdir()) == ["gates.yaml", "outputs.jsonl", "roster.yaml"]
    assert len((home.directory / "gates.yaml").read_text().splitlines()) <= 30
    assert home.twokey("run").status == 3
    assert outcome.err == "next: twokey run\n"


def test_the_roster_names_the_person_at_the_keyboard(home: Home) -> None:
    home.twokey("init")
    (person,) = load_roster((home.directory / "roster.yaml").read_bytes(), "roster.yaml").people
    assert person.principal == "pat@example.com"
    assert home.public in (home.directory / "roster.yaml").read_text()


def test_a_recording_of_ones_own_is_mapped_by_guessing(home: Home) -> None:
    lines = [
        {
            "request_id": f"r{number}",
            "request": {"text": f"question {number}"},
            "response": {"label": "a", "score": 0.9},
            "gold": "a",
            "timing": {"total_ms": 5},
        }
        for number in range(40)
    ]
    (home.directory / "mine.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (home.directory / "prompts").mkdir()
    (home.directory / "prompts/system.txt").write_text("be kind")
    assert home.twokey("init").status == 0
    config = yaml.safe_load((home.directory / "gates.yaml").read_text())
    assert config["recordings"]["candidate"] == {
        "path": "mine.jsonl",
        "id": "request_id",
        "input": "request.text",
        "output": "response.label",
        "expected": "gold",
        "confidence": "response.score",
        "latency_ms": "timing.total_ms",
    }
    assert config["subject"]["files"] == ["prompts/**"]
    assert home.twokey("run").status == 3


LABELS: dict[str, object] = {
    "objects": [{"label": "a", "score": 0.7}, {"label": "b", "score": 0.3}],
    "by label": {"a": 0.7, "b": 0.3},
}


@pytest.mark.parametrize("weighed", LABELS.values(), ids=list(LABELS))
def test_alternatives_are_mapped_where_they_are_labels_with_scores(home: Home, weighed: object) -> None:
    def mapped(value: object) -> str | None:
        lines = [{**row(number), "alternatives": value} for number in range(40)]
        (home.directory / "outputs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        (home.directory / "gates.yaml").unlink(missing_ok=True)
        assert home.twokey("init").status == 0
        found = yaml.safe_load((home.directory / "gates.yaml").read_text())["recordings"]["candidate"]
        return str(found["alternatives"]) if "alternatives" in found else None

    assert mapped(weighed) == "alternatives"
    assert home.twokey("run").status == 3
    assert mapped(["another wording"]) is None
    assert mapped(None) is None


@pytest.mark.parametrize("missing", ["expected", "confidence", "latency_ms", "source", "input"])
def test_a_recording_with_less_still_runs(home: Home, missing: str) -> None:
    lines = [row(number, **{missing: ...}) for number in range(40)]
    (home.directory / "outputs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert home.twokey("init").status == 0
    outcome = home.twokey("run")
    assert outcome.status == 3, outcome.text
    assert "unexpected fault" not in outcome.text


@pytest.mark.parametrize("name", ["a b", "ünï", "---", "with: colon", "#x", "1.0", "null", "{x}"])
def test_an_odd_name_of_a_recording_or_directory_is_written_so_that_it_reads_back(home: Home, name: str) -> None:
    inner = home.directory / name
    inner.mkdir()
    (inner / f"{name}.jsonl").write_text("".join(json.dumps(row(number)) + "\n" for number in range(40)))
    outcome = home.twokey("init", "--config", f"{inner}/gates.yaml")
    assert outcome.status == 0, outcome.text
    ran = home.twokey("run", "--config", f"{inner}/gates.yaml")
    assert ran.status == 3, ran.text


def test_what_is_there_stays_as_it_is(home: Home) -> None:
    home.twokey("init")
    before = {path.name: path.read_bytes() for path in home.directory.iterdir()}
    again = home.twokey("init")
    assert again.status == 0
    assert "left as it is" in again.out
    assert "you are in it already" in again.out
    assert {path.name: path.read_bytes() for path in home.directory.iterdir()} == before


def test_somebody_new_joins_the_roster_and_nobody_leaves_it(home: Home) -> None:
    home.twokey("init")
    shutil.rmtree(home.key.parent)
    home.key.parent.mkdir()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home.key)], check=True)
    same = home.twokey("init")
    assert "has pat@example.com with another key; left as it is" in same.out
    (home.directory.parent / "home/.gitconfig").write_text("[user]\n\tname = Ann\n\temail = ANN@example.com\n")
    joined = home.twokey("init")
    assert joined.status == 0, joined.text
    people = load_roster((home.directory / "roster.yaml").read_bytes(), "roster.yaml").people
    assert [person.principal for person in people] == ["pat@example.com", "ann@example.com"]


def test_without_a_key_the_policy_is_written_and_the_next_step_named(home: Home) -> None:
    shutil.rmtree(home.key.parent)
    outcome = home.twokey("init")
    assert outcome.status == 4
    assert "ssh-keygen -t ed25519, then twokey init again" in outcome.err
    assert not (home.directory / "roster.yaml").exists()


@pytest.mark.parametrize(
    ("remote", "path"),
    [
        ("git@github.com:org/project.git", ".github/workflows/ai-validation.yml"),
        ("https://gitlab.example.com/org/project.git", ".gitlab-ci.yml"),
        ("https://git.example.com/org/project.git", None),
    ],
)
def test_the_ci_file_is_for_the_host_that_the_remote_names(home: Home, remote: str, path: str | None) -> None:
    subprocess.run(["git", "init", "-q", str(home.directory)], check=True)
    subprocess.run(["git", "-C", str(home.directory), "remote", "add", "origin", remote], check=True)
    assert home.twokey("init").status == 0
    written = [
        name for name in (".github/workflows/ai-validation.yml", ".gitlab-ci.yml") if (home.directory / name).exists()
    ]
    assert written == ([path] if path else [])
    for name in written:
        assert "twokey run" in (home.directory / name).read_text()
        assert yaml.safe_load((home.directory / name).read_text())
    assert home.twokey("doctor").status == 0


def test_a_directory_that_is_not_there_is_made(home: Home) -> None:
    assert home.twokey("init", "--config", "deep/er/gates.yaml").status == 0
    assert home.twokey("run", "--config", "deep/er/gates.yaml").status == 3


def test_a_place_that_cannot_be_written(home: Home) -> None:
    (home.directory / "file").write_text("x")
    outcome = home.twokey("init", "--config", "file/gates.yaml")
    assert outcome.status == 4, outcome.text
    assert "unexpected fault" not in outcome.text
    assert "file" in outcome.err


def test_an_odd_identity_makes_a_roster_that_reads_back(home: Home) -> None:
    (home.directory.parent / "home/.gitconfig").write_text('[user]\n\tname = "Zo\\"ë: #1"\n\temail = Zoe@Example.COM\n')
    assert home.twokey("init").status == 0
    (person,) = load_roster((home.directory / "roster.yaml").read_bytes(), "roster.yaml").people
    assert person.principal == "zoe@example.com"


def test_an_outputs_file_whose_fields_cannot_be_guessed_is_told_with_the_keys_in_it(home: Home) -> None:
    (home.directory / "outputs.jsonl").write_text('{"nr": 1, "said": {"words": "x"}}\n')
    (home.directory / "another.jsonl").write_text('{"id": "1", "output": "x"}\n')
    outcome = home.twokey("init")
    assert outcome.status == 4
    assert "which field is the id and output cannot be guessed; found are nr, said.words" in outcome.err
    assert "map it by hand" in outcome.err
    assert not (home.directory / "gates.yaml").exists()


@pytest.mark.parametrize("name", ["outputs.csv", "outputs.jsonl.gz", "outputs.jsonl.zst"])
def test_other_forms_of_a_recording_are_found_and_the_guesses_told(home: Home, name: str) -> None:
    lines = [row(number, **({"expected": None} if number < 3 else {})) for number in range(90)]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    if name.endswith(".csv"):
        text = io.StringIO()
        writer = csv.DictWriter(text, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
        data = text.getvalue().encode()
    if name.endswith(".gz"):
        data = gzip.compress(data)
    elif name.endswith(".zst"):
        data = zstandard.compress(data)
    (home.directory / name).write_bytes(data)
    (home.directory / "a.jsonl").write_bytes(b'{"id": "1", "output": "x"}\n')
    outcome = home.twokey("init")
    assert outcome.status == 0, outcome.text
    told = "id=id, input=input, output=output, expected=expected, confidence=confidence, latency_ms=latency_ms"
    assert f"{name}: {told}, source=source\n" in outcome.out
    assert home.twokey("run").status in (1, 3)


def test_the_made_up_answers_hold_a_wrong_one_and_enough_to_judge_by(home: Home) -> None:
    home.twokey("init")
    rows = [json.loads(line) for line in (home.directory / "outputs.jsonl").read_text().splitlines()]
    assert [line["id"] for line in rows if line["output"] != line["expected"]] == ["case-17"]
    assert "inconclusive" not in home.twokey("run").out


def test_evidence_is_left_out_of_git_once(home: Home) -> None:
    assert "name what ships in subject.files" in home.twokey("init").out
    assert not (home.directory / ".gitignore").exists()
    subprocess.run(["git", "init", "-q", str(home.directory)], check=True)
    assert ".gitignore: leaves out .twokey/" in home.twokey("init").out
    home.twokey("init")
    assert (home.directory / ".gitignore").read_text() == ".twokey/\n"
    (home.directory / ".gitignore").write_text("x")
    home.twokey("init")
    assert (home.directory / ".gitignore").read_text() == "x\n.twokey/\n"


def test_the_next_command_names_a_config_elsewhere(home: Home) -> None:
    assert home.twokey("init", "-c", "deep/gates.yaml").err == "next: twokey run --config deep/gates.yaml\n"


def test_answers_with_a_context_are_judged_by_it(home: Home) -> None:
    rows = [{"id": str(n), "question": "q", "answer": "Paris", "context": "Paris is a city."} for n in range(80)]
    (home.directory / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert home.twokey("init").status == 0
    policy = (home.directory / "gates.yaml").read_text()
    assert "hallucination_rate: {max: 0.05}" in policy
    assert "accuracy" not in policy
    assert "gates: [quality, safety, review]" in policy
