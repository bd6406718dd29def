"""Separation of duties by what the host and Git say: whoever had a part in a change doesn't decide on it.

Ann and Dee may let Cy's change through. Here Ann has a part in it, in one way or another and under one name or another.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from git_world import gitlab_request
from persona import Outcome
from request_world import World, copy_of, under_review
from walk import Walk, told

from twokey.repository.reading import NOT_AUTHENTICATED


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return under_review(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def world(prepared: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return copy_of(prepared, tmp_path, monkeypatch)


def barred(world: World, outcome: Outcome, part: str) -> None:
    """Ann may not sign at her desk, for `run` wrote down what the host said; Dee may."""
    assert outcome.status == 3, outcome.text
    refused = world.walk.approve("ann")
    assert refused.status == 4, refused.text
    assert part in told(refused)
    assert "an approval by you would not count" in told(refused)
    assert world.walk.approve("dee").status == 0


def gitlab(world: World, environment: Mapping[str, str], *options: str) -> Outcome:
    """Run in a job of GitLab's, of which the host tells these facts."""
    for name, value in environment.items():
        world.patch.setenv(name, value)
    try:
        return world.walk.run(*options)
    finally:
        for name in environment:
            world.patch.delenv(name)


# GitHub.


@pytest.mark.parametrize("login", ["ann-login", "ANN-Login", "ann@example.com", "Ann@Example.com"])
def test_whoever_opened_the_request_may_not_decide(world: World, login: str) -> None:
    barred(world, world.run(opener=login, actor="somebody"), "opened the request")


def test_whoever_pushed_may_not_decide(world: World) -> None:
    before = world.walk.repository.head()
    head = world.commit(README_md="told better\n")
    barred(world, world.run(sender="ann-login", actor="somebody", before=before, head=head), "pushed the change")


def test_whoever_started_the_run_may_not_decide(world: World) -> None:
    barred(world, world.run(actor="ann-login"), "(as ann-login) started the run that judged it")


def test_whoever_runs_it_again_may_not_decide(world: World) -> None:
    world.request(actor="somebody")
    world.patch.setenv("GITHUB_TRIGGERING_ACTOR", "ann-login")
    outcome = world.walk.run()
    world.leave()
    barred(world, outcome, "(as ann-login) started the run that judged it")


def decided(world: World) -> tuple[str, str]:
    """Ann signs where nobody said that she may not, and commits; return the heads before and after."""
    assert world.run().status == 3
    assert world.walk.approve("ann").status == 0
    before = world.walk.repository.head()
    return before, world.commit("ann")


def test_who_pushes_nothing_but_a_decision_has_no_part_in_the_change(world: World) -> None:
    before, head = decided(world)
    outcome = world.run(sender="ann-login", actor="ann-login", before=before, head=head)
    assert outcome.status == 0, outcome.text


def test_who_pushes_a_decision_and_something_else_has_a_part_in_the_change(world: World) -> None:
    assert world.run().status == 3
    assert world.walk.approve("ann").status == 0
    before = world.walk.repository.head()
    (world.walk.project.directory / "README.md").write_text("told better\n")
    world.walk.repository.git("add", "README.md")
    world.walk.repository.git("commit", "-q", "-m", "x", environment={"GIT_AUTHOR_EMAIL": "cy@example.com"})
    head = world.commit("ann")
    outcome = world.run(sender="ann-login", actor="ann-login", before=before, head=head)
    assert outcome.status == 3, outcome.text
    assert "ann@example.com may not decide here: ann@example.com (as ann-login) pushed the change" in told(outcome)


def test_a_push_over_history_is_one_of_everything(world: World) -> None:
    """What was there before is in no history here, so nobody can say that the push brought a decision alone."""
    _, head = decided(world)
    outcome = world.run(sender="ann-login", actor="ann-login", before="a" * 40, head=head)
    assert outcome.status == 3, outcome.text
    assert "pushed the change" in told(outcome)


def test_who_edits_a_decision_has_a_part_in_the_change(world: World) -> None:
    decided(world)
    (path,) = world.walk.project.directory.glob("decisions/*/facts.json")
    path.write_bytes(path.read_bytes() + b"\n")
    world.commit("ann")
    outcome = world.run()
    assert outcome.status == 3, outcome.text
    assert "ann@example.com wrote a commit of the change" in told(outcome)


def test_what_the_host_says_counts_though_it_was_not_known_at_the_signature(world: World) -> None:
    decided(world)
    world.commit(README_md="told better\n")
    outcome = world.run(opener="ann-login", actor="somebody")
    assert outcome.status == 3, outcome.text
    assert "ann@example.com may not decide here: ann@example.com (as ann-login) opened the request" in told(outcome)


# GitLab.


@pytest.mark.parametrize("login", ["ann-login", "ANN-LOGIN", "ann"])
def test_whoever_started_the_pipeline_may_not_decide(world: World, login: str) -> None:
    """By login, or by the address that GitLab gives of it."""
    request = gitlab_request(head=world.walk.repository.head(), starter=login, labels="docs")
    barred(world, gitlab(world, request), "started the run that judged it")


def test_a_pipeline_on_nothing_but_a_decision_bars_nobody(world: World) -> None:
    request = gitlab_request(head=world.walk.repository.head(), starter="cy")
    assert gitlab(world, request).status == 3
    assert world.walk.approve("ann").status == 0
    head = world.commit("ann")
    outcome = gitlab(world, gitlab_request(head=head, starter="ann"))
    assert outcome.status == 0, outcome.text
    head = world.commit(README_md="told better\n")
    assert gitlab(world, gitlab_request(head=head, starter="ann")).status == 3
    assert gitlab(world, gitlab_request(head=head, starter="cy")).status == 0


def test_a_merge_train_bars_nobody(world: World) -> None:
    assert gitlab(world, gitlab_request(head=world.walk.repository.head(), starter="cy")).status == 3
    assert world.walk.approve("ann").status == 0
    world.commit("ann")
    head = world.commit(README_md="told better\n")
    train = {**gitlab_request(head=head, starter="ann"), "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train"}
    outcome = gitlab(world, train)
    assert outcome.status == 0, outcome.text


# Git, where anybody can write any name.


@pytest.mark.parametrize(
    ("author", "committer", "trailer", "part"),
    [
        ("ann@example.com", "cy@example.com", "", "wrote a commit of the change"),
        ("ann-login", "cy@example.com", "", "(as ann-login) wrote a commit of the change"),
        ("ANN@EXAMPLE.COM", "cy@example.com", "", "wrote a commit of the change"),
        ("cy@example.com", "ann@example.com", "", "committed a part of the change"),
        ("cy@example.com", "cy@example.com", "Co-authored-by: Ann <ann@example.com>", "is named as co-author"),
        ("cy@example.com", "noreply@github.com", "co-AUTHORED-by: A <ann-login>", "is named as co-author"),
    ],
)
def test_whoever_git_names_may_not_decide(world: World, author: str, committer: str, trailer: str, part: str) -> None:
    world.write("README.md", "told better\n")
    world.walk.repository.commit(author=f"A <{author}>", committer=f"C <{committer}>", message=f"work\n\n{trailer}")
    outcome = world.walk.run()
    barred(world, outcome, part)


def test_the_host_that_commits_for_people_is_nobody(world: World) -> None:
    world.write("README.md", "told better\n")
    world.walk.repository.commit(author="Cy <cy@example.com>", committer="GitHub <noreply@github.com>")
    assert world.run().status == 3
    assert "noreply@github.com" not in {one["known_as"] for one in world.walk.conclusion()["change"]["parties"]}


def test_reports_say_whether_anybody_was_authenticated(world: World) -> None:
    by_git = world.walk.run()
    assert NOT_AUTHENTICATED in told(by_git)
    by_host = world.run()
    assert NOT_AUTHENTICATED not in told(by_host)
    known = {(one["known_as"], one["authenticated"]) for one in world.walk.conclusion()["change"]["parties"]}
    assert known >= {("cy-login", True), ("cy@example.com", False)}
    by_gitlab = gitlab(world, gitlab_request(head=world.walk.repository.head(), starter="cy"))
    assert NOT_AUTHENTICATED not in told(by_gitlab)


def test_an_author_may_decide_where_policy_says_so_and_every_report_says_it(world: World) -> None:
    with world.walk.on_main("bob"):
        world.policy(separation={"author_may_decide": True})
    assert world.run(opener="ann-login").status == 3
    assert world.walk.approve("ann").status == 0
    world.commit("ann")
    outcome = world.run(opener="ann-login")
    assert outcome.status == 0, outcome.text
    assert "policy lets a change's author decide on it" in told(outcome)
    for name in ("report.html", "summary.md", "conclusion.json"):
        text = (world.walk.project.evidence / name).read_text()
        assert "author decide on it" in text, name
    assert not [name for name in os.environ if name.startswith("GITHUB_")]
