"""Sending a ref of decisions to a remote, where others may have written meanwhile: what is there is joined, never lost.

A push that the remote refuses because it has more is answered by fetching that, joining both in a commit with two
parents, and trying again. Nothing is forced and nothing deleted. The repository's own config has no say but for the
remote's address; the person's settings and keys do.
"""

import random
import re
import time
from collections.abc import Mapping
from pathlib import Path

from twokey.decisions.contents import FOLDER, shown
from twokey.decisions.ref_entries import TREE, Entry, Tree, join
from twokey.decisions.ref_git import GitRefusedError, Private, RefGit
from twokey.decisions.ref_trees import folder, move, put_commit, put_tree, tip, top
from twokey.errors import Place, TwokeyError

TRIES = 30
FETCHED = "refs/fetched"
_REMOTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_RACE = re.compile(r"fetch first|non-fast-forward|stale info|failed to update ref|cannot lock ref|already exists")
_NOT_THERE = re.compile(r"couldn't find remote ref")


def exchange(git: RefGit, ref: str, remote: str, environment: Mapping[str, str]) -> str:
    """Send a ref to a remote, together with what is there already; return what was sent, in words.

    Raises:
        TwokeyError: there is nothing to send, no such remote, it cannot be reached or refuses, or what is there and
            what is here cannot both be right.
    """
    address, lost = _address(git, remote), ""
    for attempt in range(TRIES):
        commit = tip(git.checkout, ref)
        if commit is None:
            raise TwokeyError("there are no decisions to send", where=Place(file=ref), hint="twokey sign makes one")
        with git.private() as private:
            try:
                private.run("push", "--porcelain", "--", address, f"{commit}:{ref}", environment=environment)
            except GitRefusedError as error:
                if (race := _RACE.search(error.said)) is None:
                    raise _refused(ref, remote, error) from None
                lost = race[0]
            else:
                return f"{ref} is at {commit[:12]} on {remote}"
            theirs = _fetched(private, address, ref, commit, environment)
        if theirs is not None:
            _take_in(git, ref, theirs)
        time.sleep(random.uniform(0, 0.05 * attempt))  # noqa: S311  # so that equals do not collide again
    raise TwokeyError(f"cannot be sent to {remote}: {lost}, and so {TRIES} times", where=Place(file=ref))


def _refused(ref: str, remote: str, error: GitRefusedError) -> TwokeyError:
    told = re.search(r"\[remote rejected\] \((.{1,200})\)", error.said)
    why = f"it refuses: {ascii(told[1])[1:-1]}" if told else str(error)
    return TwokeyError(f"cannot be sent to {remote}: {why}", where=Place(file=ref), hint="what is signed is kept here")


def _fetched(private: Private, address: str, ref: str, commit: str, environment: Mapping[str, str]) -> str | None:
    """Fetch what the remote has; return its commit, or None where it has none, or none that is not here."""
    private.run("update-ref", "refs/here", commit)  # so that only what is new travels
    options = ("--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules")
    try:
        private.run("fetch", *options, "--", address, f"+{ref}:{FETCHED}", environment=environment)
    except GitRefusedError as error:
        if _NOT_THERE.search(error.said):
            return None
        raise
    return private.run("rev-parse", "--verify", FETCHED).decode("ascii").strip()


def _take_in(git: RefGit, ref: str, theirs: str) -> None:
    """Join what was fetched with what the ref holds now; where that moved meanwhile, the next round does."""
    with git.private(shared_refs=True) as private:
        mine = tip(git.checkout, ref)
        if mine is None or _contains(private, mine, theirs):
            return
        if _contains(private, theirs, mine):
            move(private, ref, theirs, mine)
            return
        whole = _joined(private, top(private, mine, ref), top(private, theirs, ref), ref)
        move(private, ref, put_commit(private, whole, (mine, theirs), "Join decisions"), mine)


def _joined(git: Private, mine: Tree, theirs: Tree, ref: str) -> Tree:
    out = dict(mine)
    for name, entry in theirs.items():
        if entry.same(mine.get(name, entry)):
            out[name] = entry
        elif FOLDER.fullmatch(name):
            both = join(folder(git, mine, name, ref), folder(git, theirs, name, ref), f"{ref}:{name}")
            out[name] = Entry(name=name, mode=TREE, kind="tree", oid=put_tree(git, both))
        else:
            raise TwokeyError(f"{shown(name)} is no folder of decisions, and differs there", where=Place(file=ref))
    return out


def _contains(git: Private, newer: str, older: str) -> bool:
    return git.run("merge-base", "--all", newer, older, ok=(0, 1)).decode("ascii").split() == [older]


def _address(git: RefGit, remote: str) -> str:
    """Return where a remote is, by the repository's own file; a relative path as seen from the checkout."""
    if not _REMOTE.fullmatch(remote):
        raise TwokeyError(f"{remote[:100]!a} is no name of a remote, such as origin")
    address = git.setting(f"remote.{remote}.pushurl") or git.setting(f"remote.{remote}.url")
    if not address:
        raise TwokeyError(f"there is no remote called {remote}", where=Place(file=str(git.checkout.root)))
    if address.startswith("-") or "::" in address or not address.isprintable():
        raise TwokeyError(f"the address of {remote} is not one to send to: {ascii(address[:200])[1:-1]}")
    is_path = not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://|[^/]*:", address)
    return str(Path(git.checkout.root) / address) if is_path else address
