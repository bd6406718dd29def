"""What once stood in a folder and stands there no more: so that a refusal, or a debt, cannot be made to vanish.

Whatever any commit of a history held, and the newest does not hold with the same content, counts as removed: deleted,
edited, moved, or left out of a merge, where the usual log would show nothing. So does what the protected commit holds,
where another one is checked out. What the files say is not read here.

History cannot be mended, so junk in it must not be an error for ever: a `Limit` says how many bytes the file at a path
may have to be of interest, 0 where it never is, and anything else is passed over.
"""

from collections.abc import Callable

from twokey.errors import TwokeyError
from twokey.repository.git import MAX_WALK, Git
from twokey.repository.objects import TooLargeError
from twokey.repository.trees import Leaf

MAX_FILES = 5000
MAX_TOTAL_BYTES = 64 * 1024 * 1024
ELSEWHERE = "have the deciding policy keep decisions in another folder from now on: approval.decisions"

Limit = Callable[[str], int]


def removed_files(git: Git, base: str, head: str, folder: str, limit: Limit) -> tuple[tuple[str, bytes], ...]:
    """Return the files below `folder` that `base` or a commit since then held and `head` does not hold as they were.

    Each with its path relative to the repository's root and its content, sorted. What is no regular file is left out.

    Raises:
        TwokeyError: the history is cut between the two; there are more than 5,000 such files, or 64 MiB of them.
    """
    git.refuse_cut(head, base)
    return _gone(git, head, folder, set(git.list_tree(base, folder)), base, limit)


def all_removed(git: Git, head: str, folder: str, limit: Limit) -> tuple[tuple[str, bytes], ...]:
    """Return what the whole history of `head` held below `folder`, and it does not; as `removed_files` does."""
    git.refuse_cut(head)
    return _gone(git, head, folder, set(), None, limit)


def lacking(git: Git, head: str, other: str, folder: str, limit: Limit) -> tuple[tuple[str, bytes], ...]:
    """Return what the commit `other` holds below `folder`, and `head` does not; as `removed_files` does."""
    held = {(found.path, found.after) for found in git.differences(head, other, folder) if found.after}
    return _read(git, head, folder, held, limit)


def _gone(
    git: Git, head: str, folder: str, held: set[tuple[str, Leaf]], base: str | None, limit: Limit
) -> tuple[tuple[str, bytes], ...]:
    for name in git.names(head, without=base, below=folder, limit=MAX_WALK):
        parents = git.commit(name).parents
        first = parents[0] if parents else None
        held |= {(found.path, found.after) for found in git.differences(first, name, folder) if found.after}
    return _read(git, head, folder, held, limit)


def _read(git: Git, head: str, folder: str, held: set[tuple[str, Leaf]], limit: Limit) -> tuple[tuple[str, bytes], ...]:
    now = {(path, leaf.name) for path, leaf in git.list_tree(head, folder)}
    gone = sorted({(path, leaf.name) for path, leaf in held if leaf.is_file and limit(path)} - now)
    if len(gone) > MAX_FILES:
        told = f"{len(gone):,} files were removed from {folder}, more than the {MAX_FILES:,} allowed"
        raise TwokeyError(told, hint=ELSEWHERE)
    out, total = [], 0
    for path, name in gone:
        try:
            data = git.objects.read(name, "blob", limit(path))
        except TooLargeError:
            continue
        total += len(data)
        if total > MAX_TOTAL_BYTES:
            told = f"what was removed from {folder} is larger than the {MAX_TOTAL_BYTES:,} bytes allowed"
            raise TwokeyError(told, hint=ELSEWHERE)
        out.append((path, data))
    return tuple(sorted(out))
