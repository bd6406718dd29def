"""What would weaken trust from outside: variables, programs on the path, hostile files of policy.

Each test is named in docs/threat-model.md beside the threat that it holds off.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
from persona import Home
from project import Project
from threat_world import sign, undecided

from twokey.cli.app import app


@pytest.fixture
def project(home: Home) -> Project:
    return undecided(home)


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
