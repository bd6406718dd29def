"""What attackers and accidents do to approval gates, through the command line, with real keys: the gate stays shut.

Each test is named in docs/threat-model.md beside the threat that it holds off. What a single part refuses is tested
beside that part; here stands what only shows when all parts work together. What needs a Git history is in
`test_threats_in_git`.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from persona import Home, Outcome
from project import Project, rows, started

from twokey.canonical import dumps
from twokey.cli.app import app

RULES = "rules:\n  - {name: no-promises, words: [guaranteed], severity: high, why: we promise nothing}\n"
GATES = {
    "quality": {"accuracy": {"min": 0.5}},
    "safety": {"pii": {"max": 0}, "policy": {"rules": "rules.yaml", "max": 0}},
}
RELEASE = {"opens": [{"gates": ["quality", "safety", "review"]}], "close": {"any_of": ["product"]}}
REVIEW = {"confidence_below": 0.6, "show": 2, "audit": 2}
SUBJECT = {"name": "triage", "owner": "pat@example.com", "files": ["model/**", "prompts/**"]}


def approval(**parts: Any) -> dict[str, Any]:
    """The deciding policy with one checkpoint; `parts` are added."""
    return {"checkpoints": {"release": RELEASE}, **parts}


def new_key(folder: Path, name: str) -> Path:
    path = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)], check=True, timeout=30)
    return path


def public(path: Path) -> str:
    return " ".join(path.with_suffix(".pub").read_text(encoding="utf-8").split()[:2])


def person(who: str, key: str, *roles: str, **parts: Any) -> dict[str, Any]:
    return {"principal": f"{who}@example.com", "roles": list(roles), "keys": [key], **parts}


def write_roster(project: Project, *people: dict[str, Any], **parts: Any) -> None:
    project.write("roster.yaml", yaml.safe_dump({"people": list(people), **parts}))


def write_policy(project: Project, **parts: Any) -> None:
    project.policy(**{"subject": SUBJECT, "gates": GATES, "review": REVIEW, "approval": approval(), **parts})


def sign(project: Project, *arguments: str) -> Outcome:
    return project.home.twokey("sign", "--reason", "looked at everything", *arguments)


@pytest.fixture
def project(home: Home) -> Project:
    """A project that needs a decision: nobody has signed anything yet."""
    project = started(home)
    project.write("prompts/system.txt", "Answer kindly.")
    project.write("rules.yaml", RULES)
    write_policy(project)
    assert project.run().status == 3
    return project


@pytest.fixture
def decided(project: Project) -> Project:
    """The same, graded and approved for production: run and verify pass."""
    project.grade()
    signed = sign(project, "--approve")
    assert signed.status == 0, signed.text
    for command in ("run", "verify"):
        outcome = project.home.twokey(command)
        assert outcome.status == 0, outcome.text
    return project


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """The key of a CI job, such as somebody might keep among its secrets."""
    return new_key(tmp_path, "bot")


# Who may decide


def test_a_bots_key_is_nobodys_whoever_it_says_it_is(project: Project, bot: Path) -> None:
    project.grade()
    people = project.directory / "roster.yaml"
    protected = people.read_bytes()
    write_roster(project, person("pat", public(bot), "product"))  # in its own checkout a job may write what it wants
    assert sign(project, "--approve", "--key", str(bot)).status == 0
    assert project.run().status == 0, "or the test says nothing"
    people.write_bytes(protected)
    for command in ("run", "verify"):
        outcome = project.home.twokey(command)
        assert outcome.status == 3, outcome.text
        assert "the key that signed it is nobody's in the roster" in outcome.out


def test_a_witness_signs_no_decision(project: Project, bot: Path) -> None:
    project.grade()
    write_roster(
        project,
        person("pat", project.home.public, "product"),
        witnesses=[{"name": "record-job", "keys": [public(bot)]}],
    )
    refused = sign(project, "--approve", "--key", str(bot))
    assert refused.status == 4
    assert "no key at hand is in the roster" in refused.err


def test_two_keys_of_one_person_are_no_quorum(project: Project, bot: Path, tmp_path: Path) -> None:
    sam = new_key(tmp_path, "sam")
    close = {"count": 2, "of": ["product", "risk"]}
    write_policy(project, approval=approval(checkpoints={"release": {**RELEASE, "close": close}}))
    pat = person("pat", project.home.public, "product", "risk")
    write_roster(project, {**pat, "keys": [project.home.public, public(bot)]}, person("sam", public(sam), "risk"))
    assert project.run().status == 3
    project.grade()
    for key in (project.home.key, bot):
        assert sign(project, "--approve", "--key", str(key)).status == 0
    assert project.run().status == 3
    assert sign(project, "--approve", "--key", str(sam)).status == 0
    passed = project.run()
    assert passed.status == 0, passed.text


def test_one_key_in_two_rows_is_refused(project: Project) -> None:
    write_roster(
        project, person("pat", project.home.public, "product"), person("alter-ego", project.home.public, "product")
    )
    outcome = project.run()
    assert outcome.status == 2
    assert "this key stands here twice" in outcome.err


# What a decision is about


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _threshold(project: Project) -> None:
    write_policy(project, gates={**GATES, "quality": {"accuracy": {"min": 0.4}}})


def _kept(pattern: str) -> Callable[[Project], object]:
    return lambda project: _flip(next((project.directory / "decisions").glob(f"*/{pattern}")))


def _file(name: str, old: str, new: str) -> Callable[[Project], object]:
    def edit(project: Project) -> None:
        path = project.directory / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


TOUCHED: dict[str, Callable[[Project], object]] = {
    "model": _file("model/weights.bin", "weights", "weightz"),
    "prompt": _file("prompts/system.txt", "kindly", "rudely"),
    "a new file of the subject": lambda project: project.write("model/adapter.bin", b"1"),
    "record": _file("outputs.jsonl", '"confidence": 0.9', '"confidence": 0.8'),
    "threshold": _threshold,
    "rules": _file("rules.yaml", "guaranteed", "never-said"),
    "grades": _kept("grades-*.json"),
    "decision": _kept("decision-*.json"),
    "signature": _kept("decision-*.sig"),
    "manifest kept with the decision": _kept("manifest.json"),
    "the signer's key in the roster": _file("roster.yaml", "ssh-ed25519", "ssh-ed25519 AAAA #"),
    "the signer's role in the roster": _file("roster.yaml", "- product", "- reader"),
}


@pytest.mark.parametrize("touch", TOUCHED.values(), ids=list(TOUCHED))
def test_nothing_may_change_after_it_was_approved(decided: Project, touch: Callable[[Project], object]) -> None:
    touch(decided)
    for command in (["verify", "--recompute"], ["run"], ["verify"]):
        outcome = decided.home.twokey(*command)
        assert outcome.status in (2, 3, 4), (command, outcome.text)


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--environment", "staging", "it is for the environment production, not staging"),
        ("--repository", "acme/other", "it is for the repository"),
    ],
)
def test_a_decision_is_not_replayed_elsewhere(decided: Project, option: str, value: str, expected: str) -> None:
    for command in ("run", "verify"):
        outcome = decided.home.twokey(command, option, value)
        assert outcome.status == 3, outcome.text
        assert expected in outcome.out


def test_a_staging_decision_opens_nothing_in_production(project: Project) -> None:
    project.grade()
    assert sign(project, "--approve", "--environment", "staging").status == 0
    for command in ("run", "verify"):
        assert project.home.twokey(command, "--environment", "staging").status == 0
        outcome = project.home.twokey(command)
        assert outcome.status == 3, outcome.text
        assert "it is for the environment staging, not production" in outcome.out


def test_a_decision_is_not_replayed_for_another_subject(decided: Project) -> None:
    folder = next((decided.directory / "decisions").iterdir())
    write_policy(decided, subject={**SUBJECT, "name": "billing"})
    assert decided.run().status == 3
    digest = json.loads((decided.evidence / "conclusion.json").read_bytes())["manifest"]
    other = decided.directory / "decisions" / digest[:12]
    assert other != folder
    other.mkdir()
    for name in ("decision-pat@example.com.json", "decision-pat@example.com.json.sig"):
        shutil.copy(folder / name, other / name)
    outcome = decided.run()
    assert outcome.status == 3, outcome.text
    assert "it is about other evidence" in outcome.out


def test_last_weeks_honest_pair_does_not_ship_todays_model(decided: Project, tmp_path: Path) -> None:
    pair = tmp_path / "last-week"
    shutil.copytree(decided.evidence, pair)
    decided.write("model/weights.bin", b"today's weights")
    outcome = decided.home.twokey("verify", str(pair))
    assert outcome.status == 4, outcome.text
    assert "model/weights.bin has changed" in outcome.out
    elsewhere = tmp_path / "build"
    shutil.copytree(decided.directory / "model", elsewhere / "model")
    decided.write("model/weights.bin", b"weights")
    assert decided.home.twokey("verify", str(pair)).status == 0
    assert decided.home.twokey("verify", str(pair), "--subject", str(elsewhere)).status == 4


def test_what_does_not_matter_costs_no_approval(decided: Project) -> None:
    decided.write("README.md", "another word")
    write_roster(
        decided,
        person("pat", decided.home.public, "product"),
        person("sam", public(new_key(decided.directory, "sam")), "risk"),
    )
    for _ in range(2):
        for command in ("run", "verify"):
            outcome = decided.home.twokey(command)
            assert outcome.status == 0, outcome.text


# What people have before them


def test_a_doctored_report_is_shown_to_nobody_who_signs(project: Project) -> None:
    project.grade()
    before = sign(project)
    for name in ("report.html", "summary.md", "junit.xml"):
        (project.evidence / name).write_text("<h1>All is well: pass</h1>", encoding="utf-8")
    assert sign(project).out == before.out
    assert project.run().status == 3
    assert b"All is well" not in (project.evidence / "report.html").read_bytes()


def test_nobody_is_asked_to_sign_what_does_not_follow_from_the_recording(project: Project, tmp_path: Path) -> None:
    good = shutil.copytree(project.evidence, tmp_path / "good")
    project.record(rows(30, output="guaranteed"))
    assert project.run().status in (1, 3)
    recordings = json.loads((project.evidence / "manifest.json").read_bytes())["recordings"]
    shutil.rmtree(project.evidence)
    shutil.copytree(good, project.evidence)
    forged = {**json.loads((good / "manifest.json").read_bytes()), "recordings": recordings}
    (project.evidence / "manifest.json").write_bytes(dumps(forged))
    project.grade()
    refused = sign(project, "--approve")
    assert refused.status == 4, refused.text
    assert "does not follow from the recordings and the policy at hand" in refused.err
    assert not (project.directory / "decisions").exists()


def test_an_extra_file_or_a_link_makes_evidence_invalid(decided: Project) -> None:
    extra = decided.evidence / "review" / "notes.html"
    for make in (
        lambda: extra.write_text("<h1>sign here</h1>"),
        lambda: extra.symlink_to(decided.evidence / "run.json"),
    ):
        make()
        outcome = decided.home.twokey("verify")
        assert outcome.status == 4, outcome.text
        assert "notes.html" in outcome.err
        extra.unlink()
    assert decided.home.twokey("verify").status == 0


# Recordings


@pytest.fixture
def witnessed(project: Project, bot: Path) -> Project:
    """A policy that takes nothing into production that nobody vouches for, and a recording that a job vouches for."""
    unwitnessed = {"opens": [{"unwitnessed": True}], "close": {"any_of": ["risk"]}, "environments": ["production"]}
    checkpoints = {"release": RELEASE, "unwitnessed": unwitnessed}
    write_policy(project, approval=approval(checkpoints=checkpoints))
    write_roster(
        project,
        person("pat", project.home.public, "product"),
        person("sam", public(new_key(project.directory.parent, "sam")), "risk"),
        witnesses=[{"name": "record-job", "keys": [public(bot)]}],
    )
    return project


def _witness(project: Project, bot: Path) -> None:
    done = project.home.twokey("witness", "outputs.jsonl", "--key", str(bot))
    assert done.status == 0, done.text


def _opened(project: Project, *arguments: str) -> set[str]:
    outcome = project.run(*arguments)
    assert outcome.status in (0, 1, 3), outcome.text
    conclusion = json.loads((project.evidence / "conclusion.json").read_bytes())
    return {one["name"] for one in conclusion["checkpoints"]}


def test_an_unwitnessed_recording_is_said_and_opens_a_checkpoint_in_production(witnessed: Project, bot: Path) -> None:
    assert _opened(witnessed) == {"release", "unwitnessed"}
    assert "the candidate recording is unwitnessed" in witnessed.run().out
    assert "unwitnessed" not in _opened(witnessed, "--environment", "staging")
    _witness(witnessed, bot)
    assert _opened(witnessed) == {"release"}


def test_a_recording_of_another_model_or_another_recording_is_unwitnessed(witnessed: Project, bot: Path) -> None:
    _witness(witnessed, bot)
    witnessed.write("model/weights.bin", b"a model that nobody recorded")
    assert "unwitnessed" in _opened(witnessed)
    assert "another subject" in witnessed.run().out
    witnessed.write("model/weights.bin", b"weights")
    assert "unwitnessed" not in _opened(witnessed)
    witnessed.record(rows(31))
    assert "unwitnessed" in _opened(witnessed)


# What weakens trust


def _parameters() -> dict[str, list[Any]]:
    root: Any = typer.main.get_command(app)
    flat: dict[str, list[Any]] = {"": root.params}
    for name, command in root.commands.items():
        flat[name] = [*command.params, *(p for one in getattr(command, "commands", {}).values() for p in one.params)]
    return flat


def test_only_what_touches_no_trust_may_come_from_a_variable() -> None:
    variables = {
        variable if isinstance(variable, str) else tuple(variable)
        for parameters in _parameters().values()
        for parameter in parameters
        if (variable := parameter.envvar)
    }
    assert variables == {"TWOKEY_EVIDENCE", "TWOKEY_ENGINE", "TWOKEY_JOBS", "TWOKEY_FORMAT"}


def _hostile_variables() -> list[str]:
    """Each option of each command as a variable, as Click would name it with and without the command."""
    options = {
        (command, option.lstrip("-").replace("-", "_").upper())
        for command, parameters in _parameters().items()
        for parameter in parameters
        for option in parameter.opts
        if option.startswith("--")
    }
    harmless = {"EVIDENCE", "ENGINE", "JOBS", "FORMAT", "HELP", "VERSION"}
    names = {name for _, name in options} - harmless
    prefixed = {f"{command.upper()}_{name}" for command, name in options if command}
    return sorted(f"TWOKEY_{name}" for name in names | prefixed | {"TRUSTED_ROOT", "ROSTER", "POLICY"})


def test_no_variable_weakens_trust(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    names = _hostile_variables()
    assert {"TWOKEY_POLICY_REF", "TWOKEY_BOOTSTRAP", "TWOKEY_AT", "TWOKEY_VERIFY_POLICY_REF"} <= set(names)
    project.grade()
    commands = (["run"], ["verify"], ["sign", "--approve", "--reason", "x", "--key", "nowhere"], ["roster", "check"])
    before = [project.home.twokey(*command) for command in commands]
    for value in ("1", "staging", "2020-01-01T00:00:00Z"):
        for name in names:
            monkeypatch.setenv(name, value)
        assert [project.home.twokey(*command) for command in commands] == before, value


def test_programs_on_the_path_have_no_say(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    project.grade()
    binaries, called = tmp_path / "binaries", tmp_path / "called"
    binaries.mkdir()
    for name in ("ssh-keygen", "git", "gpg", "ssh", "cosign"):
        (binaries / name).write_text(f"#!/bin/sh\necho {name} >> {called}\nexit 0\n", encoding="utf-8")
        (binaries / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
    subprocess.run(["ssh-keygen"], check=True, timeout=30)
    assert called.read_text(encoding="utf-8") == "ssh-keygen\n", "or the test says nothing"
    called.unlink()
    signed = sign(project, "--approve", "--key", str(project.home.key))
    assert signed.status == 0, signed.text
    path = next((project.directory / "decisions").glob("*/decision-*.json"))
    good = path.read_bytes()
    assert project.run().status == 0
    path.write_bytes(good.replace(b"looked at everything", b"looked at everythinG"))
    assert project.run().status == 3, "a program that says yes to everything has no say"
    assert not called.exists()


# Emergencies


@pytest.fixture
def emergency(project: Project, tmp_path: Path) -> tuple[Project, Path]:
    """A finding that nobody may release but by an override, which on-call may make; Sam reviews it afterwards."""
    sam = new_key(tmp_path, "sam")
    terms = {"roles": ["on-call"], "expires": "1h", "review_within": "2h", "ticket": "required"}
    checkpoint = {"opens": [{"gates": ["quality"]}], "close": {"any_of": ["product"]}}
    write_policy(project, review=None, approval={"checkpoints": {"release": checkpoint}, "override": terms})
    text = (project.directory / "gates.yaml").read_text(encoding="utf-8")
    project.write("gates.yaml", text.replace("review: null\n", ""))
    write_roster(project, person("pat", project.home.public, "on-call"), person("sam", public(sam), "product"))
    project.record(rows(30, output="guaranteed"))
    return project, sam


OVERRIDE = ("--decide", "override", "--condition", "ticket: INC-7")


def _at(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_an_override_needs_its_role_a_ticket_and_these_findings(emergency: tuple[Project, Path]) -> None:
    project, sam = emergency
    assert project.run().status == 1
    assert sign(project, *OVERRIDE, "--key", str(sam)).status == 4, "Sam is not on call"
    assert sign(project, "--decide", "override").status == 0
    without = project.run()
    assert without.status == 1, without.text
    assert "it names no ticket" in without.out
    assert sign(project, *OVERRIDE).status == 0
    released = project.run()
    assert released.status == 0, released.text
    assert "pat@example.com overrides as on-call" in released.out
    project.record(rows(30, output="guaranteed, call 079 123 45 67 or ann@example.com"))
    assert project.run().status == 1, "other findings are not released"


def test_an_override_ends_and_its_debt_blocks_when_it_is_overdue(emergency: tuple[Project, Path]) -> None:
    project, sam = emergency
    project.run()
    assert sign(project, *OVERRIDE).status == 0
    assert project.run().status == 0
    assert project.home.twokey("verify").status == 0
    assert project.home.twokey("verify", "--at", _at(1.5)).status == 1, "it held an hour"
    project.record(rows(30))
    assert project.run().status == 3, "the next change, clean: its release waits for a decision"
    assert sign(project, "--approve", "--key", str(sam)).status == 0
    assert project.run().status == 0
    overdue = project.home.twokey("verify", "--at", _at(3))
    assert overdue.status == 1, overdue.text
    assert "the override of pat@example.com" in overdue.out
    assert "awaits its review" in overdue.out


def test_whoever_overrides_does_not_review_it(emergency: tuple[Project, Path]) -> None:
    project, sam = emergency
    write_roster(
        project, person("pat", project.home.public, "on-call", "product"), person("sam", public(sam), "product")
    )
    project.run()
    assert sign(project, *OVERRIDE).status == 0
    said = project.run().out
    digits = said.partition("ratifies: ")[2][:12]
    ratify = ("--decide", "ratify", "--condition", f"ratifies: {digits}")
    sign(project, *ratify)
    assert "awaits its review" in project.run().out
    assert sign(project, *ratify, "--key", str(sam)).status == 0
    assert "awaits its review" not in project.run().out


# Hostile files


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("name", ["gates.yaml", "roster.yaml", "rules.yaml"])
@pytest.mark.parametrize("text", [BOMB, "!!python/object/apply:os.system [true]\n", "[" * 100_000])
def test_no_yaml_of_policy_runs_or_grows(project: Project, name: str, text: str) -> None:
    project.write(name, text)
    for command in ("run", "verify"):
        outcome = project.home.twokey(command)
        assert outcome.status in (2, 3), outcome.text
        assert outcome.status == 2 or (name, command) == ("rules.yaml", "verify")
