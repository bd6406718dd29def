"""Start-up is a feature: help fits a screen and says what it is for; neither help nor verify loads what is heavy."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from persona import Home
from project import Project, started

from twokey.cli.app import COMMANDS
from twokey.gates import GATES
from twokey.reports import REPORTS

HEAVY = ("numpy", "scipy", "sklearn", "pyarrow", "pandas", "joblib", "requests")
JUDGING = {"twokey.plan", "twokey.sweep", "twokey.covered", "twokey.record"}
LINES, COLUMNS = 24, 80
LOADED = """
import sys
from twokey.cli.boundary import run
status = run(sys.argv[1:])
sys.stderr.write("\\nloaded: " + " ".join(sorted(sys.modules)) + "\\n")
sys.exit(status)
"""


def loaded_by(*arguments: str) -> tuple[int, set[str]]:
    """Run a command in a process of its own; return its status and the modules that were loaded at the end."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=False, env={**os.environ}
    )
    return done.returncode, set(done.stderr.rpartition("loaded: ")[2].split())


@pytest.fixture
def project(home: Home) -> Project:
    return started(home)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("--version",), ("explain", "safety")])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    status, loaded = loaded_by(*arguments)
    assert status == 0
    assert "twokey" in loaded
    assert not loaded & {*HEAVY, "rich"}


@pytest.mark.usefixtures("home")
def test_a_command_loads_no_other(tmp_path: Path) -> None:
    files = {name: getattr(command, "__module__", "") for name, command in COMMANDS.items()}
    groups = {"grades": "twokey.cli.grades", "roster": "twokey.cli.roster", "seeds": "twokey.cli.seeds.command"}
    files |= groups
    asked = {
        "schema": ["schema"],
        "explain": ["explain", "safety"],
        "verify": ["verify", str(tmp_path), "--help"],
        "doctor": ["doctor", "--config", str(tmp_path / "gates.yaml")],
    }
    for name, arguments in asked.items():
        _, loaded = loaded_by(*arguments)
        assert loaded & set(files.values()) == {files[name]}, name


def test_verify_loads_nothing_heavy(project: Project) -> None:
    assert project.run("--environment", "staging").status == 0
    for format_ in ("terminal", "json"):
        status, loaded = loaded_by("verify", "--environment", "staging", "--format", format_)
        assert status == 3, "nobody signed it, and it was not recomputed"
        assert not loaded & set(HEAVY)


def test_verify_loads_nothing_that_judges_records(project: Project) -> None:
    assert project.run("--environment", "staging").status == 0
    gates = {gate.__module__ for gate in GATES.values()}
    status, loaded = loaded_by("verify", "--environment", "staging")
    assert status == 3
    assert "twokey.pipeline" in loaded
    assert not loaded & (gates | JUDGING)
    status, loaded = loaded_by("verify", "--environment", "staging", "--recompute")
    assert status == 0
    assert loaded >= gates | JUDGING, "else the names above are wrong"


@pytest.mark.usefixtures("project")
def test_run_loads_no_scientific_library_on_its_way() -> None:
    status, loaded = loaded_by("run")
    assert status == 3
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_fits_a_screen_and_says_what_it_is_for(
    home: Home, monkeypatch: pytest.MonkeyPatch, command: str | None
) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.setenv("TERMINAL_WIDTH", str(COLUMNS))
    outcome = home.twokey(*filter(None, [command]), "--help")
    assert outcome.status == 0
    assert outcome.err == ""
    lines = outcome.out.rstrip("\n").splitlines()
    assert len(lines) <= LINES, outcome.out
    assert max(map(len, lines)) <= COLUMNS
    assert lines[0].startswith("Usage: twokey")
    purpose = next(line.strip() for line in lines[1:] if line.strip())
    assert purpose.split()[0] in {
        "Two",
        "Show",
        "Write",
        "Judge",
        "Record",
        "Fit",
        "Grade",
        "Decide",
        "Check",
        "Say",
        "Print",
        "Look",
        "Sign",
        "List,",
        "Seal",
        "Merge",
    }
    assert home.twokey(*filter(None, [command]), "-h").out == outcome.out


def test_the_list_of_commands_says_what_each_is_for_in_full(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    listed = home.twokey("--help").out.partition("Commands:")[2].splitlines()
    told = [line for line in listed if line.strip()]
    assert [line.split()[0] for line in told] == list(COMMANDS)
    assert not [line for line in told if line.endswith("...")]


def test_json_prints_only_json_on_stdout(project: Project) -> None:
    for command in (("run",), ("verify",), ("run", "--engine", "processes")):
        outcome = project.home.twokey(*command, "--format", "json")
        assert outcome.status == 3
        document = json.loads(outcome.out)
        assert document["conclusion"]["verdict"] == "needs-decision"
        assert outcome.err == ""
    assert json.loads(project.home.twokey("schema").out)["type"] == "object"


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_status_is_the_same_whatever_the_format(project: Project, environment: str) -> None:
    expected = {"production": 3, "staging": 0}[environment]
    for command in (("run",), ("verify", "--recompute")):
        for format_ in REPORTS:
            outcome = project.home.twokey(*command, "--environment", environment, "--format", format_)
            assert outcome.status == expected, (command, format_)
            assert outcome.out


def test_the_format_shows_in_no_file(project: Project) -> None:
    found = set()
    for format_ in REPORTS:
        project.run("--format", format_)
        listing = project.listing()
        found.add(tuple((name, data) for name, data in listing.items() if not name.endswith("run.json")))
    assert len(found) == 1


def test_no_colour_reaches_what_is_no_terminal(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CI"):
        monkeypatch.setenv(name, "1")
        for command in (("run",), ("verify",), ("doctor",), ("explain",), ("--help",)):
            assert "\x1b" not in project.home.twokey(*command).text, (name, command)


def test_a_variable_may_name_what_touches_no_trust(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TWOKEY_FORMAT", "json")
    monkeypatch.setenv("TWOKEY_EVIDENCE", str(tmp_path / "evidence"))
    assert json.loads(project.run().out)
    assert (tmp_path / "evidence/manifest.json").is_file()
    assert project.run("--format", "markdown").out.startswith("#")


@pytest.mark.parametrize("name", ["TWOKEY_CONFIG", "TWOKEY_ENVIRONMENT", "TWOKEY_REPOSITORY", "TWOKEY_SUBJECT"])
def test_no_variable_names_what_touches_trust(project: Project, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    project.run()
    before = project.home.twokey("verify", "--format", "json")
    monkeypatch.setenv(name, "staging")
    assert project.home.twokey("verify", "--format", "json") == before
