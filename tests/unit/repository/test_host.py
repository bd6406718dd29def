import json
from typing import Any

import pytest

from twokey.errors import TwokeyError
from twokey.repository.change import Party
from twokey.repository.host import Host, read_host

HEAD, BEFORE = "a" * 40, "b" * 40


def github(name: str = "pull_request", **variables: str) -> dict[str, str]:
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, **variables}


def event(**parts: Any) -> bytes:
    request = {"base": {"ref": "main"}, "head": {"sha": HEAD}, "user": {"login": "olga"}, "labels": [{"name": "risky"}]}
    return json.dumps({"action": "synchronize", "sender": {"login": "pete"}, "pull_request": request, **parts}).encode()


def vouched(*parties: tuple[str, Any]) -> tuple[Party, ...]:
    return tuple(Party(known_as=who, part=part, authenticated=True) for who, part in parties)


def test_a_machine_of_ones_own_says_nothing() -> None:
    assert read_host({"PATH": "/bin", "CI": "true", "GITHUB_REF": "refs/heads/main"}) == Host()


def test_a_pull_request_is_told_whole() -> None:
    environment = github(GITHUB_BASE_REF="main", GITHUB_ACTOR="stan", GITHUB_TRIGGERING_ACTOR="tess")
    assert read_host(environment, event(before=BEFORE)) == Host(
        name="github",
        target="main",
        head=HEAD,
        pushed_from=BEFORE,
        labels=("risky",),
        openers=vouched(("olga", "opener")),
        pushers=vouched(("pete", "pusher"), ("stan", "starter"), ("tess", "starter")),
    )


def test_who_labels_a_request_pushes_nothing() -> None:
    host = read_host(github(GITHUB_BASE_REF="main"), event(action="labeled", before=BEFORE))
    assert (host.pushers, host.pushed_from) == ((), None)


def test_a_push_builds_a_branch_and_a_tag_builds_none() -> None:
    assert read_host(github("push", GITHUB_REF="refs/heads/release/1"), b"{}").building == "release/1"
    assert read_host(github("push", GITHUB_REF="refs/tags/main"), b"{}").building is None
    assert read_host({"GITLAB_CI": "true", "CI_COMMIT_BRANCH": "main"}).building == "main"
    assert read_host({"GITLAB_CI": "true", "CI_COMMIT_TAG": "main"}).building is None


@pytest.mark.parametrize("odd", [None, [], 7, "x", {"login": 7}, {"login": ""}, {"login": ["mal"]}])
def test_what_an_event_says_in_another_shape_is_not_said(odd: Any) -> None:
    request = {"user": odd, "labels": odd, "head": odd, "base": odd}
    host = read_host(github(GITHUB_BASE_REF="main"), event(sender=odd, pull_request=request))
    assert (host.openers, host.pushers, host.head) == ((), (), None)
    assert host.labels == (() if odd == [] else None)


@pytest.mark.parametrize("labels", [[{"name": "a"}, {"name": None}], ["a"], [{"name": "a"}] * 1001])
def test_labels_that_cannot_be_read_whole_are_not_known(labels: Any) -> None:
    request = {"base": {"ref": "main"}, "labels": labels}
    assert read_host(github(GITHUB_BASE_REF="main"), event(pull_request=request)).labels is None


@pytest.mark.parametrize(
    "environment",
    [
        github(),
        github("pull_request_target"),
        github("merge_group"),
        github("workflow_dispatch", GITHUB_REF="refs/pull/1/merge"),
        {"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "1"},
        {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "merge_request_event"},
    ],
)
def test_a_request_whose_target_is_not_told_is_an_error(environment: dict[str, str]) -> None:
    with pytest.raises(TwokeyError, match=r"target|TARGET"):
        read_host(environment)


@pytest.mark.parametrize("name", ["0" * 40, "", "main", "A" * 40, "a" * 41, "--all"])
def test_what_is_no_commit_is_not_taken_for_one(name: str) -> None:
    request = {"base": {"ref": "main"}, "head": {"sha": name}}
    assert read_host(github(GITHUB_BASE_REF="main"), event(pull_request=request, before=name)).head is None
    assert (
        read_host({"GITLAB_CI": "true", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_COMMIT_SHA": name}).head
        is None
    )
