"""A judge's recording in the sweep: which gates see it, as what, and when."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from persona import Home
from project import Project, row, started

from twokey.plan import build_plan
from twokey.record import Batch
from twokey.repository.config import read_config
from twokey.sweep import drawn_records, sweep

CODE = """
def say(case):
    number = int(case["id"][-4:])
    return {0: "supported", 1: "unsupported"}.get(number % 4, "who knows")
"""
Seen = frozenset[tuple[str, str, bool | None, str | None]]


@dataclass(frozen=True, slots=True)
class Watching:
    """A gate that writes down what it is shown: role, id, verdict and error of each record."""

    name = "watching"
    summary = "what it is shown"

    def tally(self, batch: Batch) -> Seen:
        return frozenset((batch.role, one.id, one.hallucinated, one.error) for one in batch.records)

    def merge(self, left: Seen, right: Seen) -> Seen:
        return left | right


@pytest.fixture
def project(home: Home) -> Project:
    made = started(home)
    made.record(row(n) for n in range(40))
    made.write("judge.py", CODE)
    return made


def swept(project: Project, **sample: Any) -> tuple[Seen, Seen]:
    """What the gate that names the judge is shown, and what another is."""
    judge = {
        "target": {"kind": "python", "call": "say", "file": "judge.py"},
        "verdicts": {"supported": False, "unsupported": True},
        "recording": "judge.jsonl",
    }
    gates = {"quality": {"accuracy": {"min": 0.5}, "judge": "g"}}
    project.policy(judges={"g": judge}, gates=gates, sample=sample)
    assert project.home.twokey("record", "--judge", "g").status == 0
    plan = build_plan(read_config(project.directory / "gates.yaml", {}), project.directory)
    watching: Any = Watching()
    found = sweep(replace(plan, gates={**plan.gates, "quality": watching, "other": watching}), lambda *_: None)
    return found.tallies["quality"], found.tallies["other"]


@pytest.mark.parametrize(
    "sample", [{"synthetic": "all", "production": "all"}, {"synthetic": 6, "production": 7, "seed": 2}]
)
def test_verdicts_and_errors_reach_the_gate_that_names_the_judge_and_no_other(
    project: Project, sample: dict[str, Any]
) -> None:
    quality, other = swept(project, **sample)
    drawn = {ident for role, ident, *_ in quality if role == "candidate"}
    assert len(drawn) == (40 if "all" in sample.values() else 13)
    assert {one[1:] for one in quality if one[0] == "judge"} == {
        (ident, {0: False, 1: True}.get(int(ident[-4:]) % 4), None if int(ident[-4:]) % 4 < 2 else "unclear")
        for ident in drawn
    }
    assert {role for role, *_ in other} == {"candidate"}
    assert {one for one in quality if one[0] == "candidate"} == other


def test_verdicts_on_what_was_not_drawn_are_left_out(project: Project) -> None:
    swept(project, synthetic="all", production="all")
    assert len((project.directory / "judge.jsonl").read_bytes().splitlines()) == 41
    quality, _ = swept(project, synthetic=6, production=7, seed=2)
    assert len({ident for role, ident, *_ in quality if role == "judge"}) == 13


def test_what_is_drawn_to_be_asked_about_is_what_is_judged(project: Project) -> None:
    quality, _ = swept(project, synthetic=6, production=7, seed=5)
    plan = build_plan(read_config(project.directory / "gates.yaml", {}), project.directory)
    drawn, records = drawn_records(plan, lambda *_: None)
    ids = [record.id for record in records]
    assert drawn.size == len(ids) == 13
    assert set(ids) == {ident for role, ident, *_ in quality if role == "candidate"}
