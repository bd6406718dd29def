"""What is missing is named, with the command that mends it; status 4 where something needed is."""

import shutil

import pytest
from persona import Home, Outcome
from project import started


def line_of(outcome: Outcome, what: str) -> str:
    found = [line for line in outcome.out.splitlines() if line[8:].startswith(what)]
    assert len(found) == 1, outcome.out
    return found[0]


def test_an_empty_directory_is_told_what_to_do_first(home: Home) -> None:
    outcome = home.twokey("doctor")
    assert outcome.status == 4
    assert line_of(outcome, "policy").startswith("missing")
    assert "next: twokey init" in outcome.out
    assert not list(home.directory.iterdir()), "looking changes nothing"


def test_a_project_that_is_complete(home: Home) -> None:
    project = started(home)
    fresh = home.twokey("doctor")
    assert fresh.status == 0, fresh.text
    assert line_of(fresh, "evidence").startswith("absent")
    assert "next: twokey run" in fresh.out
    project.run()
    assert line_of(home.twokey("doctor"), "evidence").startswith("ok")


@pytest.mark.parametrize(
    ("name", "what", "next_"),
    [
        ("outputs.jsonl", "candidate recording", "put the model's outputs there"),
        ("roster.yaml", "roster", "twokey init"),
    ],
)
def test_what_is_gone_is_named(home: Home, name: str, what: str, next_: str) -> None:
    project = started(home)
    (project.directory / name).unlink()
    outcome = home.twokey("doctor")
    assert outcome.status == 4
    assert line_of(outcome, what).startswith("missing")
    assert next_ in outcome.out


def test_a_policy_with_a_mistake_is_told_with_its_place(home: Home) -> None:
    project = started(home)
    config = project.directory / "gates.yaml"
    config.write_text(config.read_text().replace("min: 0.5", "mni: 0.5"))
    outcome = home.twokey("doctor")
    assert outcome.status == 4
    assert "unknown key 'mni'" in outcome.out
    assert "gates.yaml:" in outcome.out
    assert "mend it" in outcome.out


def test_no_key_is_told_with_how_to_make_one(home: Home) -> None:
    started(home)
    shutil.rmtree(home.key.parent)
    outcome = home.twokey("doctor")
    assert outcome.status == 4
    assert "next: ssh-keygen -t ed25519" in outcome.out


def test_programs_that_are_not_there(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    started(home)
    monkeypatch.setenv("PATH", str(home.directory))
    outcome = home.twokey("doctor")
    assert outcome.status == 4
    assert line_of(outcome, "ssh-keygen").startswith("missing")
    assert line_of(outcome, "git").startswith("absent")


@pytest.mark.parametrize(
    ("name", "text", "bad"),
    [
        (".gitlab-ci.yml", "a:\n  script: [twokey verify]\n  allow_failure: true\n", True),
        (".gitlab-ci.yml", "a:\n  script: [twokey verify]\n  allow_failure: {exit_codes: [3]}\n", True),
        (".gitlab-ci.yml", "a:\n  script: [twokey verify]\n  allow_failure: false\n", False),
        (".gitlab-ci.yml", "a:\n  script: [make]\n  allow_failure: true\n", False),
        (".github/workflows/x.yml", "- run: twokey verify\n  continue-on-error: true\n", True),
        (".github/workflows/x.yaml", "- run: twokey verify || true\n", True),
    ],
)
def test_a_guard_that_lets_the_undecided_through_is_seen(home: Home, name: str, text: str, bad: bool) -> None:
    project = started(home)
    project.write(name, text)
    outcome = home.twokey("doctor")
    assert outcome.status == (4 if bad else 0), outcome.out
    assert (f"{name}:" in outcome.out) is bad
