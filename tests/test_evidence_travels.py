"""What leaves the machine and is had elsewhere: attestations, the history of policy, decisions in a ref or a folder.

And what could never be had by a later run, which nobody is asked to sign.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from git_world import Repository, need_git
from persona import Home
from project import rows
from team import Team, team, told

PEOPLE: Mapping[str, tuple[str, ...]] = {"ann": ("product",), "bob": ("risk",), "cy": ("developer",)}
ANN, BOB, CY = (f"{name.title()} <{name}@example.com>" for name in ("ann", "bob", "cy"))
RELEASE: Mapping[str, Any] = {"opens": [{"gates": ["quality", "safety"]}], "close": {"any_of": ["product"]}}
SUMMARY, TESTS = "verification-summary.intoto.json", "test-result.intoto.json"
REF = "refs/twokey/decisions"


@pytest.fixture
def project(home: Home, tmp_path: Path) -> Team:
    return team(home, tmp_path, PEOPLE)


@pytest.fixture
def repository(project: Team) -> Repository:
    """The same project in a repository, with nothing committed yet."""
    need_git()
    made = Repository(project.project.directory)
    made.git("init", "-q", "-b", "main")
    project.project.write(".gitignore", ".twokey/\n")
    return made


# Attestations


def statement(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_bytes())
    assert loaded["_type"] == "https://in-toto.io/Statement/v1"
    assert [row["name"] for row in loaded["subject"]] == ["model/weights.bin"]
    return loaded


def test_both_statements_are_written_on_a_pass_and_no_summary_otherwise(project: Team, tmp_path: Path) -> None:
    out = tmp_path / "attested"
    assert project.run().status == 3
    assert project.verify("--attest", str(out)).status == 3
    assert {path.name for path in out.iterdir()} == {TESTS}
    project.approved("ann")
    assert project.verify("--attest", str(out)).status == 0
    assert {path.name for path in out.iterdir()} == {TESTS, SUMMARY}
    passed = statement(out / SUMMARY)["predicate"]
    assert passed["verificationResult"] == "PASSED"
    assert {"TWOKEY_PASS", "TWOKEY_DECIDED", "TWOKEY_NOTHING_RELEASED"} < set(passed["verifiedLevels"])
    assert any(row["name"].startswith("decision-ann") for row in passed["inputAttestations"])
    assert statement(out / TESTS)["predicate"]["result"] == "PASSED"
    project.signed("ann", "--reject")
    assert project.verify("--attest", str(out)).status == 1
    assert {path.name for path in out.iterdir()} == {TESTS}, "what the summary said is no longer so"
    project.write_policy(RELEASE)
    project.project.write("model/weights.bin", b"other weights")
    assert project.verify("--attest", str(out)).status == 4
    assert {path.name for path in out.iterdir()} == {TESTS}


def test_an_overridden_pass_is_told_from_a_decided_one(project: Team, tmp_path: Path) -> None:
    override = {"roles": ["risk"], "ticket": "optional"}
    project.write_policy({**RELEASE, "opens": [{"gates": ["quality"]}]}, override=override)
    leak = "call 079 123 45 67 or ann@example.com"
    project.project.record(rows(60, output=leak, expected=leak))
    assert project.run().status == 1
    project.signed("bob", "--decide", "override")
    assert project.verify("--attest", str(tmp_path / "out")).status == 0
    levels = set(statement(tmp_path / "out" / SUMMARY)["predicate"]["verifiedLevels"])
    assert "TWOKEY_PASS" in levels
    assert levels.isdisjoint({"TWOKEY_DECIDED", "TWOKEY_NOTHING_RELEASED"})
    assert statement(tmp_path / "out" / TESTS)["predicate"]["result"] == "FAILED"


# The history of policy


def adopted(made: Team, repository: Repository) -> None:
    made.write_policy(RELEASE, checkpoints={"policy-change": {"close": {"any_of": ["risk"]}}})
    repository.commit(author=ANN, message="adopt twokey")


def edited(made: Team, repository: Repository, number: int, *signers: str) -> None:
    """A change of policy, on a branch of its own: decided on by these people, and squashed into main."""
    repository.branch(f"policy-{number}")
    gates = {"quality": {"accuracy": {"min": 0.5 + number / 100}}, "safety": {"pii": {"max": 0}}}
    made.write_policy(RELEASE, gates=gates, checkpoints={"policy-change": {"close": {"any_of": ["risk"]}}})
    repository.commit(author=CY, message=f"policy {number}")
    waiting = made.run("--policy-ref", "main")
    assert waiting.status == 3, waiting.text
    for who in signers:
        made.approved(who, "--policy-ref", "main")
    repository.commit(author=CY, message="decided")
    repository.go("main")
    repository.squash(f"policy-{number}", author=CY)


def history(made: Team, pinned: str) -> tuple[int, list[str]]:
    outcome = made.verify("--policy-ref", "main", "--policy-history", pinned)
    return outcome.status, outcome.text.splitlines()


def test_the_history_of_policy_tells_who_signed_each_change(project: Team, repository: Repository) -> None:
    adopted(project, repository)
    for number, signers in enumerate((("ann", "bob"), ("ann",), ("bob", "ann")), start=1):
        edited(project, repository, number, *signers)
    status, lines = history(project, "0" * 64)
    assert status == 4
    assert "is not in the history of" in lines[-1]
    digests = [found[0] for line in lines if (found := re.match(r"[0-9a-f]{64}", line))]
    assert len(digests) == 4
    newest, unsigned, first, adoption = digests

    status, lines = history(project, adoption)
    assert status == 3, "one of them was let through by nobody who may"
    assert "signed by bob@example.com as risk" in lines[0]
    assert "gates.yaml" in lines[0]
    assert "signed by nobody whom the policy before entitles" in lines[1]
    assert "signed by bob@example.com as risk" in lines[2]
    assert lines[3].endswith("pinned")
    assert history(project, first)[0] == 3
    assert history(project, unsigned)[0] == 0, "everything since then was signed"
    status, lines = history(project, newest)
    assert status == 0
    assert lines == [f"{newest}  {repository.head('main')[:7]}  pinned"]


@pytest.mark.parametrize("pinned", ["", "0" * 12, "0" * 63, "0" * 65, "g" * 64, "A" * 64])
def test_a_pinned_policy_is_named_by_its_whole_digest(project: Team, repository: Repository, pinned: str) -> None:
    adopted(project, repository)
    assert project.verify("--policy-ref", "main", "--policy-history", pinned).status == 2


def test_the_checkout_has_no_history_to_trust(project: Team) -> None:
    refused = project.verify("--policy-history", "0" * 64)
    assert refused.status == 4
    assert "--policy-ref" in refused.err


# The shared ref


def test_a_decision_in_a_ref_is_pushed_and_counts_in_another_clone(
    project: Team, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write_policy(RELEASE, decisions=REF)
    repository.commit(author=ANN, message="adopt twokey")
    remote = Repository.made(tmp_path / "remote.git", "--bare")
    repository.git("remote", "add", "origin", str(remote.directory))
    repository.git("push", "-q", "origin", "main")
    assert project.run("--repository", "org/triage").status == 3
    signed = project.sign("ann", "--approve", "--push", "--repository", "org/triage")
    assert signed.status == 0, signed.text
    assert f"{REF} is at {remote.git('rev-parse', REF)[:12]} on origin" in signed.out
    assert project.run("--repository", "org/triage").status == 0
    assert not (project.project.directory / "decisions").exists()

    second = remote.clone(tmp_path / "second")
    monkeypatch.chdir(second.directory)
    deploy = ("verify", "--policy-ref", "main", "--repository", "org/triage")
    before = project.home.twokey(*deploy)
    assert before.status == 4, "nothing was fetched yet"
    assert f"{REF} keeps none of the subject" in told(before)
    second.git("fetch", "-q", "origin", f"+{REF}:refs/remotes/origin/twokey/decisions")
    passed = project.home.twokey(*deploy)
    assert passed.status == 0, passed.text

    second.write({"model/weights.bin": "other weights"})
    assert project.home.twokey(*deploy).status == 4


def test_two_people_who_push_at_different_times_lose_nothing(
    project: Team, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = {**RELEASE, "close": {"all_of": ["product", "risk"]}}
    project.write_policy(both, decisions=REF)
    repository.commit(author=CY, message="adopt twokey")
    remote = Repository.made(tmp_path / "remote.git", "--bare")
    repository.git("remote", "add", "origin", str(remote.directory))
    repository.git("push", "-q", "origin", "main")
    second = remote.clone(tmp_path / "second")
    named = ("--repository", "org/triage")
    for place, who in ((project.project.directory, "ann"), (second.directory, "bob")):
        monkeypatch.chdir(place)
        assert project.run(*named).status == 3
        pushed = project.sign(who, "--approve", "--push", *named)
        assert pushed.status == 0, pushed.text
    assert project.run(*named).status == 0, "bob's clone took in what ann had pushed"
    names = remote.git("ls-tree", "-r", "--name-only", REF)
    assert "decision-ann@example.com.json" in names
    assert "decision-bob@example.com.json" in names


def test_what_to_do_with_a_decision_is_said_for_the_store_that_it_is_in(project: Team, repository: Repository) -> None:
    project.write_policy(RELEASE, decisions=REF)
    repository.commit(author=ANN)
    project.run()
    assert project.sign("ann", "--approve").err.endswith(f"; and git push origin {REF}\n")


# A folder elsewhere


def test_a_folder_outside_the_repository_is_where_policy_says(
    project: Team, repository: Repository, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    project.write_policy(RELEASE, decisions=str(shared))
    repository.commit(author=ANN, message="adopt twokey")
    assert project.run().status == 3
    project.approved("ann")
    assert [path.parent.parent for path in shared.glob("*/decision-ann*.json")] == [shared]
    assert not (project.project.directory / "decisions").exists()
    assert project.run().status == 0
    passed = project.verify("--policy-ref", "main")
    assert passed.status == 0, passed.text


# What could never be fetched


@pytest.mark.parametrize(
    ("place", "rules"),
    [
        (".gitignore", "decisions/\n"),
        (".gitignore", "*.sig\n"),
        (".gitignore", "*.json\n"),
        (".gitignore", "**/decision-ann*\n"),
        (".gitignore", "/decisions/*/manifest.json\n"),
        ("decisions/.gitignore", "*\n"),
        (".git/info/exclude", "decisions\n"),
    ],
)
@pytest.mark.parametrize("word", ["--approve", "--reject"])
def test_nobody_is_asked_to_sign_what_git_would_leave_behind(
    project: Team, repository: Repository, place: str, rules: str, word: str
) -> None:
    repository.commit(author=CY)
    project.run()
    project.project.write(place, rules)
    refused = project.sign("ann", word)
    assert refused.status == 4, refused.text
    assert "no later run could have what is signed: Git ignores" in refused.err
    assert not list(project.project.directory.glob("decisions/*/decision-*"))
    project.project.write(place, rules + "!decisions\n!decisions/**\n")
    if place == ".gitignore":
        assert project.sign("ann", word).status == 0, "what the rules let pass again is fetched"


def test_a_persons_own_ignore_rules_and_other_rules_have_no_say(project: Team, repository: Repository) -> None:
    repository.commit(author=CY)
    project.run()
    settings = project.project.directory.parent / "home" / ".config" / "git"
    settings.mkdir(parents=True)
    (settings / "ignore").write_text("*.sig\n")
    project.project.write(".gitignore", ".twokey/\n*.bak\nmodel/\n")
    assert project.sign("ann", "--approve").status == 0


def test_a_folder_is_refused_before_anything_is_signed_where_it_was_to_be_pushed(project: Team) -> None:
    project.run()
    refused = project.sign("ann", "--approve", "--push")
    assert refused.status == 4
    assert "a folder is not pushed by twokey" in refused.err
    assert not (project.project.directory / "decisions").exists()


def test_decisions_inside_gits_own_directory_are_refused(project: Team, repository: Repository) -> None:
    project.write_policy(RELEASE, decisions=".git/decisions")
    repository.commit(author=CY)
    project.run()
    refused = project.sign("ann", "--approve")
    assert refused.status == 4
    assert "nobody fetches" in refused.err
