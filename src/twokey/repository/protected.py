"""Finding protected ground: the ref and commit that policy is read from, which the change under review cannot edit.

On a request that is its target branch, found by the host's facts and checked against the pins that the job gives
(`--policy-ref`). With pins and no request it is the pinned ref. With neither, policy is what the checkout holds, and
nobody claims more. What cannot be had is an error, never a fall back to the checkout. What changed is in `reading`.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from twokey.errors import Place, TwokeyError
from twokey.repository.checkout import is_ref_name
from twokey.repository.committed import CommittedPolicy
from twokey.repository.git import NOT_WHOLE, Git
from twokey.repository.ground import Ground, Site, branch_of, shown
from twokey.repository.host import MAX_EVENT_BYTES, Host, is_github, read_host
from twokey.repository.policy import PolicyFiles

ORIGIN, LOCAL = "refs/remotes/origin/", "refs/heads/"
FIRST_ADOPTION = "first adoption: policy was read from the change itself"


def find_ground(
    config: Path, *, environment: Mapping[str, str], policy_refs: Sequence[str] = (), bootstrap: bool = False
) -> Ground:
    """Return where policy is to be read from; `reading.with_change` then adds what is under review there.

    Args:
        config: the config's path in the checkout; its folder and name say where it stands in the protected commit.
        environment: the job's, of which only what GitHub and GitLab set is read.
        policy_refs: the pins, by full or short names or globs such as `release/*`: refs that may be policy.
        bootstrap: whether this is the first adoption, where the protected ref holds no policy yet; without protected
            ground it says nothing.

    Raises:
        TwokeyError: protected ground is needed and cannot be had, it is none of the pinned refs, there is no policy
            there (without `bootstrap`) or there is one (with it).
    """
    host = read_host(environment, _event(environment))
    if host.target is None and not policy_refs:
        return Ground(policy=PolicyFiles(directory=config.parent))
    git = _repository(config)
    ref = _target(git, host.target, policy_refs) if host.target is not None else _pinned(git, host, policy_refs)
    commit, head = git.commit_of(ref), git.commit_of("HEAD")
    _refuse_other_head(git, host, head)
    prefix = Path(os.path.abspath(config.parent)).relative_to(git.checkout.root).as_posix()  # noqa: PTH100  # no links
    prefix = "" if prefix == "." else prefix
    site = Site(git=git, ref=ref, target=commit, head=head, prefix=prefix, name=config.name, host=host)
    policy = CommittedPolicy(git=git, commit=commit, prefix=prefix, shown=shown(ref, commit))
    there = policy.has(config.name)
    if there and bootstrap:
        where = Place(file=policy.place(config.name))
        raise TwokeyError(
            "policy is there already: there is nothing to bootstrap", where=where, hint="drop --bootstrap"
        )
    if there:
        return Ground(policy=policy, ref=ref, commit=commit, site=site)
    if not bootstrap:
        hint = "merge the policy first, or say --bootstrap for the change that adopts twokey"
        raise TwokeyError("there is no policy yet", where=Place(file=policy.place(config.name)), hint=hint)
    note = f"{FIRST_ADOPTION}; {shown(ref, commit)} holds none yet"
    return Ground(policy=PolicyFiles(directory=config.parent), notes=(note,), site=site)


def proposed_policy(ground: Ground) -> CommittedPolicy | None:
    """Return the policy that the change would bring, as its newest commit holds it; None where nobody knows of one."""
    site = ground.site
    if site is None:
        return None
    return CommittedPolicy(git=site.git, commit=site.head, prefix=site.prefix, shown=f"the change ({site.head[:7]})")


def may_be_policy(branch: str, pins: Sequence[str]) -> bool:
    """Return whether a branch is one of those pinned; `*` and `?` stay within a part of the name, `**` does not."""
    full = {pin: branch_of(pin) for pin in pins}
    # A full name that is no branch's, a tag's say, matches none: a branch may be called refs/tags/v1.
    names = [name or pin.removeprefix("origin/") for pin, name in full.items() if name or not pin.startswith("refs/")]
    return any(_expression(name).fullmatch(branch) for name in names)


def _target(git: Git, branch: str, pins: Sequence[str]) -> str:
    """Return the ref of a request's target branch. The host's clone of it comes before a branch of that name here."""
    if pins and not may_be_policy(branch, pins):
        told = f"the request would change {branch!a}, which is no branch that may be policy"
        raise TwokeyError(f"{told}: {', '.join(pins)}", hint="--policy-ref in a protected job says which may be")
    for ref in (ORIGIN + branch, LOCAL + branch):
        if git.checkout.ref(ref) is not None:
            return ref
    raise TwokeyError(f"the target branch {branch!a} is not in this clone", hint=_fetch(branch))


def _pinned(git: Git, host: Host, pins: Sequence[str]) -> str:
    """Return the one ref that the pins name outside of a request; of several, the one that is being built."""
    found: dict[str, str] = {}
    for ref in [ref for pin in pins for ref in _named(git, pin)]:
        found.setdefault(branch_of(ref) or ref, ref)
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        raise TwokeyError(f"there is no {' and no '.join(pins)} in this clone", hint=_fetch(pins[0]))
    if host.building in found:
        return found[host.building]
    names = ", ".join(sorted(found)[:10])
    hint = "give one --policy-ref, or run on one of these branches"
    raise TwokeyError(f"{len(found)} refs may be policy, and none of them is being built: {names}", hint=hint)


def _named(git: Git, pin: str) -> tuple[str, ...]:
    """Return the refs that a pin names, the remote's before those of that name here."""
    if pin.startswith("refs/"):
        places = [pin]
    else:
        short = pin.removeprefix("origin/")
        places = [ORIGIN + short] if pin != short else [ORIGIN + short, LOCAL + short]
    if not set(pin) & {"*", "?"}:
        return tuple(ref for ref in places if is_ref_name(ref) and git.checkout.ref(ref) is not None)
    out: list[str] = []
    for place in places:
        folder = re.split(r"[*?]", place)[0].rpartition("/")[0]
        out += [ref for ref in git.checkout.refs_below(folder) if _expression(place).fullmatch(ref)]
    return tuple(ref for ref in out if ref != f"{ORIGIN}HEAD")


def _expression(pin: str) -> re.Pattern[str]:
    parts = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(parts.get(token) or re.escape(token) for token in re.split(r"(\*\*|\*|\?)", pin)), re.DOTALL
    )


def _repository(config: Path) -> Git:
    git = Git.open(config.parent)
    where = Place(file=str(config))
    if git is None:
        told = "policy must come from protected ground, and there is no Git repository here, or no git outside it"
        raise TwokeyError(told, where=where, hint="twokey doctor says what is missing")
    if git.checkout.nested:
        hint = "keep policy in the repository that is reviewed"
        raise TwokeyError("is in a submodule, whose branches are not those of the request", where=where, hint=hint)
    return git


def _refuse_other_head(git: Git, host: Host, head: str) -> None:
    """Refuse a checkout that does not hold what the host says is under review, as after a force-push."""
    if host.head is None or host.head == head or git.is_ancestor(host.head, head):
        return
    told = f"the checkout is at {head[:7]}, which does not hold {host.head[:7]}, the commit under review"
    hint = NOT_WHOLE if git.checkout.shallow() else "check out the request's head; after a force-push, start a new job"
    raise TwokeyError(told, hint=hint)


def _fetch(branch: str) -> str:
    name = branch.removeprefix("origin/")
    command = f"git fetch origin '+refs/heads/{name}:refs/remotes/origin/{name}'"
    return f"actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0; elsewhere: {command}"


def _event(environment: Mapping[str, str]) -> bytes | None:
    path = environment.get("GITHUB_EVENT_PATH")
    if not path or not is_github(environment):
        return None
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_EVENT_BYTES + 1)
    except OSError as error:
        raise TwokeyError(f"the job's event cannot be read: {error.strerror}", where=Place(file=path)) from None
