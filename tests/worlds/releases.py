"""Ten prepared releases, five to approve and five to refuse: made by the real pipeline from recordings that differ.

Each has its own reason, and nothing but the page says it. docs/packet.md tells what a newcomer has to know of each and
where it stands; test_newcomer.py holds that it stands there.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from persona import Home
from project import Project, row
from walk import Walk, adopted

CHANNELS = ("chat", "email", "phone")
LABELS = ("billing", "delivery", "account")
COUNT = 600
SAMPLE = {"synthetic": "all", "production": "all"}
UNCOMPARED: Mapping[str, Any] = {
    "quality": {"accuracy": {"min": 0.92}, "slices": ["channel"]},
    "safety": {"pii": {"max": 0}},
    "performance": {"latency_p95_ms": {"max": 500}},
}
"""A policy that compares nothing with the baseline, so that nothing of it can fail there."""

REVIEW = {
    "confidence_below": 0.6,
    "show": 12,
    "second_opinion": 0,
    "flips": 4,
    "max_failures": 0.5,
    "audit": 59,
    "max_failure_rate": 0.1,
}
GATES: Mapping[str, Any] = {
    "quality": {"accuracy": {"min": 0.93, "max_drop": 0.03}, "slices": ["channel"]},
    "safety": {"pii": {"max": 0}},
    "performance": {"latency_p95_ms": {"max": 500, "max_increase": "25%"}},
}
BOTH = {
    "release": {
        "opens": [{"gates": ["quality", "safety", "performance"], "status": ["fail", "inconclusive"]}],
        "close": {"count": 2, "of": ["product", "risk"]},
        "criteria": ["rollback plan available"],
    }
}
MAPPED = {"groups": {"channel": "channel"}}

Row = dict[str, Any]
Change = Callable[[int], Mapping[str, Any]]
GradeOf = Callable[[Row], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release: what is changed in recordings and policy, and how its first approver graded, if anybody did."""

    name: str
    approve: bool
    candidate: Change = lambda _number: {}
    baseline: Change | None = lambda _number: {}
    gates: Mapping[str, Any] = field(default_factory=lambda: GATES)
    policy: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    mapping: Mapping[str, Any] = field(default_factory=dict)
    count: int = COUNT
    graded: GradeOf | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a release left on disk. `policy` is the judging policy, as it was in force."""

    release: Release
    evidence: Path
    policy: bytes

    @property
    def page(self) -> str:
        return (self.evidence / "report.html").read_text(encoding="utf-8")

    @property
    def packet(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.evidence / "review/packet.json").read_bytes())
        return loaded


def answer(number: int, **changes: Any) -> Row:
    """A right answer; one in ten is not sure of itself."""
    made = row(number, confidence=0.45 if number % 10 == 0 else 0.9, channel=CHANNELS[number % 7 % 3])
    return {name: value for name, value in {**made, **changes}.items() if value is not ...}


def wrong(number: int) -> Row:
    """What makes an answer wrong: the next label."""
    return {"output": LABELS[(number + 1) % 3]}


def every(step: int, change: Callable[[int], Mapping[str, Any]], first: int = 0) -> Change:
    """Change every so many-th answer."""
    return lambda number: change(number) if number % step == first else {}


def _clean(number: int) -> Mapping[str, Any]:
    return wrong(number) if number % 40 == 0 else {}


def _before(number: int) -> Mapping[str, Any]:
    """As good as the candidate, and recorded on another day."""
    return {**_clean(number), "latency_ms": 101 + number % 6}


def _errors(number: int) -> Mapping[str, Any]:
    """An eighth of the cases, those that the baseline half got wrong, carry an error in place of an answer."""
    return {"output": ..., "error": "timeout", "confidence": ...} if number % 8 == 3 else _clean(number)


def _phone(number: int) -> Mapping[str, Any]:
    return wrong(number) if number % 7 in (2, 5) and number % 6 == 2 else {}


def _sure(number: int) -> Mapping[str, Any]:
    """Whatever is wrong is as sure of itself as can be."""
    return {**wrong(number), "confidence": 0.99} if number % 20 == 3 else {}


def _slower(number: int) -> Mapping[str, Any]:
    return {"latency_ms": 118 + number % 7, **(wrong(number) if number % 120 == 60 else {})}


def _close(number: int) -> Mapping[str, Any]:
    return wrong(number) if number % 18 == 0 else {}


def _replying(number: int, address: str = "support@triage.test") -> Mapping[str, Any]:
    """A label with a reply beside it, and in one of fifty our own address."""
    said = f"Write to {address}, we answer within a day." if number % 50 == 7 else "See the handbook."
    return {"output": {"label": _clean(number).get("output", LABELS[number % 3]), "reply": said}}


def _carefully(item: Row) -> Mapping[str, Any]:
    """Ann reads: what is not as expected fails, and she says why."""
    seconds = 9 + int(hashlib.sha256(item["id"].encode()).hexdigest()[:2], 16) % 40
    if item["output"] != item["expected"]:
        told = f"{item['id']} is about {item['expected']}"
        return {"grade": "fail", "severity": "low", "reason": told, "seconds": seconds}
    return {"grade": "pass", "reason": f"{item['expected']} it is", "seconds": seconds}


def _hastily(_item: Row) -> Mapping[str, Any]:
    return {"grade": "pass", "seconds": 1}


def _references(item: Row) -> Mapping[str, Any]:
    """Where the answer is not what was expected, it is the expected answer that is wrong."""
    if item["output"] == item["expected"]:
        return _carefully(item)
    return {**_carefully(item), "grade": "bad-reference", "severity": None}


def _mislabelled(number: int) -> Mapping[str, Any]:
    return {"expected": LABELS[(number + 2) % 3]} if number % 16 == 0 else {}


ALLOWED = "allow:\n- {rule: pii.email, words: [support@triage.test], why: our own address, until: 9999-12-31}\n"

RELEASES = (
    Release(name="careful-review", approve=True, candidate=_clean, baseline=_before, graded=_carefully),
    Release(name="better-and-slower", approve=True, candidate=_slower, baseline=every(30, wrong)),
    Release(name="not-settled-by-a-hair", approve=True, candidate=_close, baseline=every(18, wrong, 1), count=400),
    Release(
        name="own-address-allowed",
        approve=True,
        candidate=_replying,
        baseline=lambda number: _replying(number, "us"),
        mapping={"label": "output.label"},
        gates={**GATES, "safety": {"pii": {"max": 0}, "allow": "allowed.yaml"}},
        files={"allowed.yaml": ALLOWED},
    ),
    Release(
        name="wrong-references",
        approve=True,
        candidate=_mislabelled,
        baseline=lambda number: {**_mislabelled(number), "latency_ms": 101 + number % 6},
        graded=_references,
    ),
    Release(
        name="errors-hide-a-drop",
        approve=False,
        candidate=_errors,
        baseline=lambda number: wrong(number) if number % 16 == 3 else _clean(number),
        gates={**UNCOMPARED, "records": {"max_errored": "20%"}},
    ),
    Release(
        name="one-channel-broken", approve=False, candidate=_phone, baseline=every(20, wrong, 11), gates=UNCOMPARED
    ),
    Release(
        name="sure-and-wrong",
        approve=False,
        candidate=_sure,
        baseline=None,
        gates=UNCOMPARED,
        policy={"subject": {"name": "triage", "owner": "pat@example.com"}},
    ),
    Release(name="nobody-looked", approve=False, candidate=_clean, baseline=_before, graded=_hastily),
    Release(name="policy-loosened", approve=False),
)


_MADE: dict[str, Prepared] = {}


def prepared_once(release: Release, home: Home, folder: Path) -> Prepared:
    """Make a release, or return the one that this process has made already: nobody changes it."""
    if release.name not in _MADE or not _MADE[release.name].evidence.is_dir():
        _MADE[release.name] = prepare(release, home, folder)
    return _MADE[release.name]


def prepare(release: Release, home: Home, folder: Path) -> Prepared:
    """Make a release in an empty home, and run all that has happened to it so far."""
    if release.name == "policy-loosened":
        return _loosened(release, home, folder)
    project = Project(home)
    _write(release, project)
    ran = project.run()
    assert ran.status == 3, ran.text
    if release.graded is not None:
        _grade(project, release.graded)
        reason = ("--reason", "graded all of it", "--attest", "rollback plan available")
        signed = project.home.twokey("sign", "--approve", *reason)
        assert signed.status == 0, signed.text
        assert project.run().status == 3, "one of two"
    return Prepared(release=release, evidence=project.evidence, policy=(project.directory / "gates.yaml").read_bytes())


def _write(release: Release, project: Project) -> None:
    def recorded(change: Change, name: str) -> None:
        project.record((answer(number, **change(number)) for number in range(release.count)), name)

    project.write("model/weights.bin", b"weights 2")
    project.people()
    roster = yaml.safe_load((project.directory / "roster.yaml").read_text())
    other = {"principal": "ray@example.com", "name": "Ray Roe", "roles": ["risk"], "keys": [OTHER_KEY]}
    project.write("roster.yaml", yaml.safe_dump({"people": [*roster["people"], other]}))
    recorded(release.candidate, "outputs.jsonl")
    parts: dict[str, Any] = {
        "candidate": {**MAPPED, **release.mapping},
        "gates": release.gates,
        "review": REVIEW,
        "sample": SAMPLE,
    }
    if release.baseline is not None:
        recorded(release.baseline, "baseline.jsonl")
        parts["baseline"] = {"path": "baseline.jsonl"}
    parts["approval"] = {"checkpoints": BOTH}
    project.policy(**{**parts, **release.policy})
    for name, content in release.files.items():
        project.write(name, content)


OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
"""Somebody else's: the key of RFC 8032's first test, whose private half everybody knows and nobody uses."""


def _grade(project: Project, grade: GradeOf) -> None:
    """Write the grades file of the person at the keyboard."""
    lines = (project.evidence / "review/items.jsonl").read_bytes().splitlines()
    nothing = {"severity": None, "reason": "", "correction": None, "seconds": 0}
    rows = [{**nothing, "item": item["id"], **grade(item)} for item in map(json.loads, lines)]
    digest = hashlib.sha256((project.evidence / "manifest.json").read_bytes()).hexdigest()
    graded = {"type": "urn:twokey:grades:v1", "manifest": digest, "reviewer": "pat@example.com", "grades": rows}
    project.write(".twokey/evidence/grades/grades-pat@example.com.json", json.dumps(graded))


def _loosened(release: Release, home: Home, folder: Path) -> Prepared:
    """A change under review that brings a worse model and the threshold under which it would pass."""
    walk: Walk = adopted(home, folder, release.count)
    policy = (walk.project.directory / "gates.yaml").read_bytes()
    walk.repository.branch("work")
    changed = (answer(number, **every(10, wrong)(number)) for number in range(release.count))
    walk.project.record(changed)
    walk.project.write("model/weights.bin", b"weights 2")
    walk.policy(accuracy=0.5)
    walk.commit("cy", "a better model")
    ran = walk.run()
    assert ran.status == 3, ran.text
    return Prepared(release=release, evidence=walk.project.evidence, policy=policy)
