"""What GitHub and GitLab tell their jobs of the request under review, as a value.

Pure over the environment and the bytes of the event. These facts are the host's; who can set the environment of the
job can set them, so nothing here makes anything pass: it says which branch is the target, and who may not decide.
Sources: GitHub's "Variables reference" and "Webhook events and payloads", GitLab's "Predefined CI/CD variables".
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from twokey.canonical import loads
from twokey.errors import TwokeyError
from twokey.repository.change import Part, Party, in_order
from twokey.repository.checkout import OBJECT_NAME
from twokey.values import dataclass

MAX_EVENT_BYTES = 16 * 1024 * 1024
MAX_LABELS = 1000
GITHUB_REQUESTS = ("pull_request", "pull_request_target", "merge_group")
BRANCHES = "refs/heads/"
QUEUE = "refs/heads/gh-readonly-queue/"
_QUEUED = re.compile(rf"{QUEUE}(.+)/pr-\d+-[0-9a-f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What a host says of this job.

    `target` is the branch that a request would change, None where this is no request; `building` the branch that is
    being built outside of one. `head` is the request's newest commit and `pushed_from` the one before the push that
    started this job, where the host tells them. `labels` is None where no host says. `pushers` are those who pushed or
    started this job, `openers` those who opened the request.
    """

    name: Literal["github", "gitlab"] | None = None
    target: str | None = None
    building: str | None = None
    head: str | None = None
    pushed_from: str | None = None
    labels: tuple[str, ...] | None = None
    openers: tuple[Party, ...] = ()
    pushers: tuple[Party, ...] = ()


def read_host(environment: Mapping[str, str], event: bytes | None = None) -> Host:
    """Return what the host says, out of a job's environment and, on GitHub, the event that started it.

    Raises:
        TwokeyError: this is a request and its target cannot be known, or the event is no strict JSON.
    """
    if is_github(environment):
        return _github(environment, event)
    if environment.get("GITLAB_CI") == "true" or environment.get("CI_MERGE_REQUEST_IID"):
        return _gitlab(environment)
    return Host()


def is_github(environment: Mapping[str, str]) -> bool:
    """Return whether this is a job of GitHub's."""
    return environment.get("GITHUB_ACTIONS") == "true" or bool(environment.get("GITHUB_EVENT_NAME"))


def _github(environment: Mapping[str, str], data: bytes | None) -> Host:
    name, ref = environment.get("GITHUB_EVENT_NAME", ""), environment.get("GITHUB_REF", "")
    event = loads(data, file="the event of this job", max_bytes=MAX_EVENT_BYTES) if data is not None else {}
    request = _at(event, "pull_request")
    asked = name in GITHUB_REQUESTS or ref.startswith(("refs/pull/", QUEUE)) or isinstance(request, dict)
    if not asked:
        return Host(name="github", building=_branch(ref))
    group = _at(event, "merge_group")
    queued = name == "merge_group" or ref.startswith(QUEUE)
    inside = _QUEUED.fullmatch(ref)
    named = (environment.get("GITHUB_BASE_REF"), _text(request, "base", "ref"), _text(group, "base_ref"))
    bases = (*named, inside[1] if inside else None)
    target = next((base.removeprefix(BRANCHES) for base in bases if base), None)
    if target is None:
        raise TwokeyError(f"the job is about a request ({name or ref}), and its target branch is not told")
    pushed = _text(event, "action") == "synchronize"
    return Host(
        name="github",
        target=target,
        head=_commit(_text(request, "head", "sha") or _text(group, "head_sha")),
        pushed_from=_commit(_text(event, "before")) if pushed else None,
        labels=_labels(_at(request, "labels")),
        openers=_parties(("opener", _text(request, "user", "login"))),
        # Who adds a request to the merge queue starts a conclusion on what was judged before, and brings nothing.
        pushers=()
        if queued
        else _parties(
            ("pusher", _text(event, "sender", "login") if pushed else None),
            ("starter", environment.get("GITHUB_ACTOR")),
            ("starter", environment.get("GITHUB_TRIGGERING_ACTOR")),
        ),
    )


def _gitlab(environment: Mapping[str, str]) -> Host:
    iid, target = environment.get("CI_MERGE_REQUEST_IID"), environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
    if not iid and not target and environment.get("CI_PIPELINE_SOURCE") != "merge_request_event":
        return Host(name="gitlab", building=environment.get("CI_COMMIT_BRANCH") or None)
    if not target:
        raise TwokeyError("the job is about a merge request, and CI_MERGE_REQUEST_TARGET_BRANCH_NAME is not set")
    labels = environment.get("CI_MERGE_REQUEST_LABELS")
    train = environment.get("CI_MERGE_REQUEST_EVENT_TYPE") == "merge_train"
    starter = [environment.get(name) for name in ("GITLAB_USER_LOGIN", "GITLAB_USER_EMAIL")]
    return Host(
        name="gitlab",
        target=target,
        head=_commit(environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA")),
        # The variable is missing where there is no label, so its absence on a request says that there is none.
        labels=tuple(sorted({label.strip() for label in (labels or "").split(",") if label.strip()})),
        pushers=() if train else _parties(*(("starter", who) for who in starter)),
    )


def _parties(*people: tuple[Part, str | None]) -> tuple[Party, ...]:
    return in_order(Party(known_as=who, part=part, authenticated=True) for part, who in people if who)


def _labels(found: Any) -> tuple[str, ...] | None:
    if not isinstance(found, list) or len(found) > MAX_LABELS:
        return None
    names = [_text(label, "name") for label in found]
    return None if None in names else tuple(sorted({name for name in names if name}))


def _branch(ref: str) -> str | None:
    return ref.removeprefix(BRANCHES) if ref.startswith(BRANCHES) else None


def _commit(name: str | None) -> str | None:
    return name if name and OBJECT_NAME.fullmatch(name) and set(name) != {"0"} else None


def _text(value: Any, *keys: str) -> str | None:
    found = _at(value, *keys)
    return found if isinstance(found, str) and found else None


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
