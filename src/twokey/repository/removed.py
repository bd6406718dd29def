"""What once stood in a folder and stands there no more: so that a refusal, or a debt, cannot be made to vanish.

Whatever any commit of a history held, and the newest does not hold with the same content, counts as removed: deleted,
edited, moved, or left out of a merge, where the usual log would show nothing. What the files say is not read here.
"""

from twokey.errors import TwokeyError
from twokey.repository.git import MAX_WALK, Git
from twokey.repository.trees import Leaf

MAX_FILES = 5000
MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_TOTAL_BYTES = 64 * 1024 * 1024


def removed_files(git: Git, base: str, head: str, folder: str) -> tuple[tuple[str, bytes], ...]:
    """Return the files below `folder` that `base` or a commit since then held and `head` does not hold as they were.

    Each with its path relative to the repository's root and its content, sorted. What is no regular file is left out.

    Raises:
        TwokeyError: the history is cut between the two; there are more than 5,000 such files, or 64 MiB of them; one
            is larger than 4 MiB.
    """
    git.refuse_cut(head, base)
    return _gone(git, head, folder, set(git.list_tree(base, folder)), base)


def all_removed(git: Git, head: str, folder: str) -> tuple[tuple[str, bytes], ...]:
    """Return what the whole history of `head` held below `folder`, and it does not; as `removed_files` does."""
    git.refuse_cut(head)
    return _gone(git, head, folder, set(), None)


def _gone(
    git: Git, head: str, folder: str, held: set[tuple[str, Leaf]], base: str | None
) -> tuple[tuple[str, bytes], ...]:
    for name in git.names(head, without=base, below=folder, limit=MAX_WALK):
        parents = git.commit(name).parents
        first = parents[0] if parents else None
        held |= {(found.path, found.after) for found in git.differences(first, name, folder) if found.after}
    now = {(path, leaf.name) for path, leaf in git.list_tree(head, folder)}
    gone = sorted({(path, leaf.name) for path, leaf in held if leaf.is_file} - now)
    if len(gone) > MAX_FILES:
        raise TwokeyError(f"{len(gone):,} files were removed from {folder}, more than the {MAX_FILES:,} allowed")
    out, total = [], 0
    for path, name in gone:
        data = git.objects.read(name, "blob", MAX_FILE_BYTES)
        total += len(data)
        if total > MAX_TOTAL_BYTES:
            raise TwokeyError(f"what was removed from {folder} is larger than the {MAX_TOTAL_BYTES:,} bytes allowed")
        out.append((path, data))
    return tuple(sorted(out))
