"""Overrides and windows: who may, over what, until when, and the debt that they leave.

Each test is named in docs/threat-model.md beside the threat that it holds off.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from persona import Home
from project import Project, rows
from threat_world import approval, new_key, person, public, sign, undecided, write_policy, write_roster


@pytest.fixture
def project(home: Home) -> Project:
    return undecided(home)


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


# Windows


def _windowed(project: Project, *environments: str, **times: float) -> None:
    hours = {"begins": -1.0, "ends": 1.0, **times}
    window = {
        "from": _at(hours["begins"]),
        "to": _at(hours["ends"]),
        "relaxes": ["release"],
        "environments": list(environments),
        "why": "database move",
    }
    write_policy(project, approval=approval(windows=[window]))


def test_a_window_opens_its_environment_for_its_time_and_says_so(project: Project) -> None:
    _windowed(project, "test")
    opened = project.run("--environment", "test")
    assert opened.status == 0, opened.text
    assert "database move" in opened.out
    assert project.run("--environment", "staging").status == 3
    assert project.run().status == 3
    _windowed(project, "test", begins=-2, ends=-1)
    assert project.run("--environment", "test").status == 3
    _windowed(project, "test", begins=1, ends=2)
    assert project.run("--environment", "test").status == 3


def test_a_refusal_stands_in_a_window(project: Project) -> None:
    _windowed(project, "test")
    assert sign(project, "--reject", "--environment", "test").status == 0
    assert project.run("--environment", "test").status == 1


@pytest.mark.parametrize("name", ["production", "prod", "prod-eu", "Production", "PROD_1"])
def test_no_window_opens_production(project: Project, name: str) -> None:
    _windowed(project, "test", name)
    refused = project.run("--environment", "test")
    assert refused.status == 2
    assert f"a window never opens {name}" in refused.err
