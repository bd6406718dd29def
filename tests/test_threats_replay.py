"""What was approved is what ships, where and when it was approved for: nothing changed, nothing shown again elsewhere.

Each test is named in docs/threat-model.md beside the threat that it holds off.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from persona import Home
from project import Project
from threat_world import GATES, SUBJECT, approved, new_key, person, public, sign, undecided, write_policy, write_roster


@pytest.fixture
def project(home: Home) -> Project:
    return undecided(home)


@pytest.fixture
def decided(home: Home) -> Project:
    return approved(home)


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


@pytest.mark.parametrize("what", TOUCHED)
def test_nothing_may_change_after_it_was_approved(decided: Project, what: str) -> None:
    TOUCHED[what](decided)
    outcome = decided.home.twokey("verify")
    # The recording doesn't ship: what was found in it is signed, and whoever has it recomputes.
    assert outcome.status == 0 if what == "record" else outcome.status in (2, 3, 4), outcome.text
    for command in (["verify", "--recompute"], ["run"]):
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
