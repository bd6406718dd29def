"""`init` writes a project that runs as it is, out of what it finds, and touches nothing that is there."""

import json
import shutil
import subprocess

import pytest
import yaml
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
