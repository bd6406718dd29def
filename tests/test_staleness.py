"""What costs an approval and what doesn't, event by event, over real Git: a cheap one keeps it, a costly one says why.

Ann and Dee may let a change through. Cy changed the model, its job ran on the host, Ann approved, and her decision is
committed: the pipeline is open. Each event starts from a copy of that.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_world import github_request
from persona import Outcome
from project import rows
from walk import CRITERION, Walk, begun, elsewhere, told

from twokey.decisions.shapes import instant, written

PEOPLE = {"ann": ("product",), "bob": ("risk",), "cy": ("developer",), "dee": ("product",)}
RULES = "rules:\n  - {name: no-promises, words: [guaranteed], severity: high, why: we promise nothing}\n"
SCHEMA = '{"type": "string", "enum": ["billing", "delivery", "account", "other"]}'
ANSWERS = rows(40)


@dataclass(frozen=True, slots=True)
class World:
    """A walk whose change is a pull request on GitHub: `run` is its job, everything else happens at somebody's desk."""

    walk: Walk
    patch: pytest.MonkeyPatch
    folder: Path

    def policy(self, minimum: float = 0.5, criteria: tuple[str, ...] = (CRITERION,), **approval: Any) -> None:
        opens = [{"gates": ["quality", "safety", "schema"]}]
        checkpoints = {
            "release": {"opens": opens, "close": {"any_of": ["product"]}, "criteria": list(criteria)},
            "policy-change": {"close": {"any_of": ["risk"]}},
            "interface": {"opens": [{"paths": ["api/**"]}], "close": {"any_of": ["product"]}},
            "urgent": {"opens": [{"labels": ["urgent"]}], "close": {"any_of": ["product"]}},
        }
        self.walk.project.policy(
            gates={
                "schema": {"output": "schema.json"},
                "quality": {"accuracy": {"min": minimum, "max_drop": 0.5}},
                "safety": {"policy": {"rules": "rules.yaml", "max": 0}},
            },
            baseline={"path": "baseline.jsonl"},
            approval={"checkpoints": checkpoints, **approval},
        )

    def roster(self, without: str = "", **changes: dict[str, Any]) -> str:
        """The roster, where everybody has a login at the host; `changes` replace parts of somebody's entry."""
        people = [
            self.walk.person(who, *held, aliases=[f"{who}-login"]) | changes.get(who, {})
            for who, held in PEOPLE.items()
            if who != without
        ]
        return yaml.safe_dump({"people": people})

    def write(self, name: str, content: str | bytes) -> None:
        self.walk.project.write(name, content)

    def request(self, **facts: Any) -> None:
        """From here on commands run in a job of the pull request."""
        facts = {"opener": "cy-login", "head": self.walk.repository.head(), **facts}
        for name, value in github_request(self.folder, **facts).items():
            self.patch.setenv(name, value)

    def leave(self) -> None:
        for name in github_request(self.folder):
            self.patch.delenv(name, raising=False)

    def run(self, *options: str, **facts: Any) -> Outcome:
        """Run in a job of the pull request, of which the host tells these facts."""
        self.request(**facts)
        try:
            return self.walk.run(*options)
        finally:
            self.leave()

    def commit(self, who: str = "cy", **files: str) -> str:
        for name, content in files.items():
            self.write(name.replace("__", "/").replace("_", "."), content)
        return self.walk.commit(who)

    def merge(self) -> None:
        """Squash the change into main, which is checked out then."""
        self.walk.repository.go("main")
        self.walk.repository.squash("work", author="Ann <ann@example.com>")

    def decision(self) -> dict[str, Any]:
        (path,) = self.walk.project.directory.glob("decisions/*/decision-ann@example.com.json")
        loaded: dict[str, Any] = json.loads(path.read_bytes())["predicate"]
        return loaded


def opened(world: World) -> None:
    """Cy's change of the model, approved by Ann, whose decision is committed."""
    world.policy()
    for name, content in {
        "roster.yaml": world.roster(),
        "rules.yaml": RULES,
        "schema.json": SCHEMA,
        "model/config.json": "{}",
    }.items():
        world.write(name, content)
    world.walk.project.record(ANSWERS)
    world.walk.project.record(ANSWERS, "baseline.jsonl")
    world.walk.repository.git("remote", "add", "origin", "https://git.example/org/triage.git")
    world.commit("bob")
    world.walk.repository.branch("work")
    world.write("model/weights.bin", b"weights 2")
    world.commit()
    assert world.run().status == 3
    approved = world.walk.approve("ann")
    assert approved.status == 0, approved.text
    world.commit("ann")
    passed = world.run()
    assert passed.status == 0, passed.text


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    folder = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        walk = begun(elsewhere(folder, patch), folder, PEOPLE)
        opened(World(walk, patch, folder))
    return walk


@pytest.fixture
def world(prepared: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    return World(prepared.copied(elsewhere(tmp_path, monkeypatch), tmp_path), monkeypatch, tmp_path)


# What costs nothing.


def a_commit_that_only_adds_a_decision(world: World) -> Outcome:
    assert world.walk.approve("dee").status == 0
    world.commit("dee")
    outcome = world.run()
    closers = [one["closed_by"] for one in world.walk.conclusion()["checkpoints"]]
    assert closers == [["ann@example.com", "dee@example.com"]], "who only adds decisions has made nothing"
    return outcome


def a_run_that_somebody_else_starts(world: World) -> Outcome:
    return world.run(actor="somebody")


def a_run_that_the_approver_starts_after_her_decision(world: World) -> Outcome:
    return world.run(actor="ann-login")


def one_more_person_in_the_roster(world: World) -> Outcome:
    people = yaml.safe_load(world.roster())["people"]
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "Jc0kp1vDOfQWtQTY1jtuT9u4KzLtr7Zb9o4kSNCbX4V"
    people.append({"principal": "new@example.com", "roles": ["product"], "keys": [key]})
    with world.walk.on_main("bob"):
        world.write("roster.yaml", yaml.safe_dump({"people": people}))
    return world.run()


def a_readme_edit(world: World) -> Outcome:
    world.commit(README_md="told better\n")
    return world.run()


def unrelated_work_of_main_merged_into_the_change(world: World) -> Outcome:
    with world.walk.on_main("dee"):  # who may close it, and writes nothing of this change
        world.write("tool.py", "print()\n")
    world.walk.repository.merge("main", author="Cy <cy@example.com>")
    return world.run()


def main_moves_on(world: World) -> Outcome:
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    return world.run()


def the_hosts_own_merge_is_checked_out(world: World) -> Outcome:
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    head = world.walk.repository.head()
    world.walk.repository.git("checkout", "-q", "--detach", "main")
    world.walk.repository.merge("work", author="GitHub <noreply@github.com>")
    return world.run(head=head)


def a_rebase_under_review(world: World) -> Outcome:
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    world.walk.repository.git("rebase", "-q", "main", environment={"GIT_COMMITTER_EMAIL": "cy@example.com"})
    return world.run()


def a_commit_that_is_squashed_under_review(world: World) -> Outcome:
    repository = world.walk.repository
    repository.git("reset", "-q", "--soft", repository.git("merge-base", "main", "HEAD"))
    world.commit()
    return world.run()


def a_label_that_no_clause_names(world: World) -> Outcome:
    return world.run(labels=("documentation",))


def a_mode_that_makes_the_readme_executable(world: World) -> Outcome:
    world.walk.repository.git("update-index", "--chmod=+x", "README.md")
    world.walk.repository.git("commit", "-q", "-m", "x", environment={"GIT_AUTHOR_EMAIL": "cy@example.com"})
    return world.run()


def the_merge_queue(world: World) -> Outcome:
    repository = world.walk.repository
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    repository.git("checkout", "-q", "--detach", "main")
    head = repository.merge("work", author="GitHub <noreply@github.com>")
    event = world.folder / "event.json"
    world.request()
    event.write_text(json.dumps({"merge_group": {"base_ref": "refs/heads/main", "head_sha": head}}))
    world.patch.setenv("GITHUB_EVENT_NAME", "merge_group")
    world.patch.setenv("GITHUB_REF", "refs/heads/gh-readonly-queue/main/pr-7-" + head)
    world.patch.setenv("GITHUB_ACTOR", "ann-login")
    world.patch.delenv("GITHUB_BASE_REF")
    try:
        return world.walk.run()
    finally:
        world.leave()


def a_squash(world: World) -> Outcome:
    world.merge()
    return world.walk.deploy()


def a_merge_commit(world: World) -> Outcome:
    world.walk.repository.go("main")
    world.walk.repository.merge("work", author="Ann <ann@example.com>")
    return world.walk.deploy()


def a_rebase(world: World) -> Outcome:
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    world.walk.repository.git("rebase", "-q", "main")
    world.walk.repository.go("main")
    world.walk.repository.git("merge", "-q", "--ff-only", "work")
    return world.walk.deploy()


def a_deploy_without_any_artifact(world: World) -> Outcome:
    world.merge()
    shutil.rmtree(world.walk.project.directory / ".twokey")
    return world.walk.deploy()


def a_deploy_a_week_of_unrelated_work_later(world: World) -> Outcome:
    world.merge()
    world.commit("dee", README_md="another project\n", tool_py="print()\n")
    return world.walk.deploy("--at", written(instant(world.decision()["expires_at"]) - timedelta(seconds=1)))


def newer_tool(world: World) -> None:
    for place in ("twokey", "twokey.evidence.manifest"):
        world.patch.setattr(f"{place}.__version__", "99.0.0")


def a_newer_tool_concluding_on_what_was_kept(world: World) -> Outcome:
    world.merge()
    shutil.rmtree(world.walk.project.directory / ".twokey")
    newer_tool(world)
    return world.walk.deploy()


def a_newer_tool_that_finds_the_same(world: World) -> Outcome:
    newer_tool(world)
    return world.run()


CHEAP: tuple[Callable[[World], Outcome], ...] = (
    a_commit_that_only_adds_a_decision,
    a_run_that_somebody_else_starts,
    a_run_that_the_approver_starts_after_her_decision,
    one_more_person_in_the_roster,
    a_readme_edit,
    unrelated_work_of_main_merged_into_the_change,
    main_moves_on,
    the_hosts_own_merge_is_checked_out,
    a_rebase_under_review,
    a_commit_that_is_squashed_under_review,
    a_label_that_no_clause_names,
    a_mode_that_makes_the_readme_executable,
    the_merge_queue,
    a_squash,
    a_merge_commit,
    a_rebase,
    a_deploy_without_any_artifact,
    a_deploy_a_week_of_unrelated_work_later,
    a_newer_tool_concluding_on_what_was_kept,
    a_newer_tool_that_finds_the_same,
)


@pytest.mark.parametrize("event", CHEAP, ids=lambda event: event.__name__)
def test_a_cheap_event_costs_no_approval(world: World, event: Callable[[World], Outcome]) -> None:
    outcome = event(world)
    assert outcome.status == 0, outcome.text
