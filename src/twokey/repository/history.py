"""How policy came to be what it is: the protected branch's history, transition by transition, newest first.

Follows first parents, which is how a protected branch moved. Which files make policy is for the caller to say, because
that stands in policy itself; who signed each transition, too. Used by `verify --policy-history`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from twokey.canonical import digest
from twokey.errors import TwokeyError
from twokey.repository.change import PolicyEdit
from twokey.repository.committed import inside
from twokey.repository.git import Git
from twokey.values import dataclass

PathsAt = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A commit of the protected branch after which policy was another than before.

    `before` and `after` are digests over the policy's files, None where there was no policy that could be read; `edits`
    are by path relative to the config.
    """

    commit: str
    before: str | None
    after: str | None
    edits: tuple[PolicyEdit, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """Policy at a commit: which files make it, and the SHA-256 of each. None where it cannot be read."""

    paths: tuple[str, ...]
    files: Mapping[str, str] | None

    @property
    def digest(self) -> str | None:
        return None if self.files is None else policy_digest(self.files)


def policy_digest(files: Mapping[str, str]) -> str:
    """Return the digest over a policy's files: of the canonical object from path to SHA-256."""
    return digest(dict(files))


def policy_at(git: Git, commit: str, paths: Sequence[str], prefix: str) -> Mapping[str, str]:
    """Return the SHA-256 of each policy file at a commit, by its path relative to the folder `prefix`.

    Raises:
        TwokeyError: one of them is not there, or is no regular file.
    """
    out = {}
    for path in sorted(set(paths)):
        full = inside(prefix, path)
        found = git.digest(git.standing(commit, full)) if full is not None else None
        if found is None:
            raise TwokeyError(f"{path} is no file in the commit {commit[:7]}")
        out[path] = found
    return out


def policy_history(git: Git, commit: str, paths_at: PathsAt, prefix: str, config: str) -> Iterator[Transition]:
    """Yield the transitions of policy in the first-parent history of a commit, newest first, lazily.

    Args:
        git: the repository.
        commit: where to start: the protected ref's commit.
        paths_at: says which files make policy at a commit, relative to `prefix`; raises TwokeyError where there is no
            policy that can be read. It goes by these files alone, so that the same files give the same answer.
        prefix: the config's folder, relative to the repository's root.
        config: the config's name in it, which is among the files by itself.

    Raises:
        TwokeyError: the history is cut here, as in a shallow clone. What is newer was yielded before.
    """
    at, now = commit, _state(git, commit, paths_at, prefix, (config,))
    while True:
        # What makes policy stays the same files until one of them changes, so only those commits are looked at.
        below = tuple(sorted({full for path in now.paths if (full := inside(prefix, path)) is not None}))
        touched = git.last_touched(at, below)
        if touched is None:
            git.refuse_cut(at, first_parent=True)
            return
        older = git.parents(touched)[:1]
        before = _state(git, older[0], paths_at, prefix, now.paths) if older else _State((), None)
        if before.files != now.files:
            yield _transition(touched, before, now)
        if not older:
            return
        at, now = older[0], before


def _state(git: Git, commit: str, paths_at: PathsAt, prefix: str, known: tuple[str, ...]) -> _State:
    """Return policy at a commit. Where it cannot be read, the files known so far are those that could mend it."""
    config = known[0]
    paths = known
    try:
        paths = (config, *sorted({*paths_at(commit)} - {config}))
        return _State(paths, policy_at(git, commit, paths, prefix))
    except TwokeyError:
        return _State(paths, None)


def _transition(commit: str, before: _State, after: _State) -> Transition:
    old, new = before.files or {}, after.files or {}
    edits = (
        PolicyEdit(path=path, before=old.get(path), after=new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    )
    return Transition(commit=commit, before=before.digest, after=after.digest, edits=tuple(edits))
