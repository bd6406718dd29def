"""The change by which a subject came to the protected branch, as its history shows it once nobody reviews it any more.

Two uses. Facts that people had before them when they decided are believed only if they cover what was then merged. And
where nobody kept any, a merge shows the change. A commit that is no merge may be the last of several that came by
fast-forward or rebase, or hold several in one: it shows who may not decide, and what else the change held nobody knows.
"""

from collections.abc import Callable, Iterable

from twokey.config.globs import literal, names
from twokey.errors import TwokeyError
from twokey.repository.change import Change, ChangedFile
from twokey.repository.git import Git
from twokey.repository.ground import Site
from twokey.repository.host import Host
from twokey.repository.reading import read_change
from twokey.values import dataclass

MAX_STEPS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What the protected branch shows of a change. `before` is the commit that it was merged onto.

    `whole` says that it is a merge, which shows all of the change; any other commit may be the last of several.
    `guarded` are the files of the subject and those that checkpoints are about, as the merge left them; `opening` are
    the latter alone.
    """

    git: Git
    change: Change
    before: str
    whole: bool
    guarded: tuple[ChangedFile, ...]
    opening: tuple[ChangedFile, ...] = ()

    def covers(self, known: Change) -> bool:
        """Return whether a change that people had before them holds all that was merged and is guarded."""
        return set(self.guarded) <= set(known.files)

    def comes_before(self, known: Change) -> bool:
        """Return whether a change began after this one, which opened nothing by its files: another recording, say.

        Who made this one may then not decide on the other either.
        """
        return not self.opening and self.git.is_ancestor(self.change.head, known.base)


def read_merged(
    site: Site, *, subject: Iterable[str], guarded: Iterable[str], decisions: str, policy_paths: Iterable[str]
) -> Merged | None:
    """Return the change that last brought files of the subject.

    None where the subject names no files, or where they came with the first commit.

    Args:
        site: the repository, with the protected commit.
        subject: the globs of the subject's files, relative to the config.
        guarded: the globs that checkpoints are about, likewise, or from the root with a slash before them.
        decisions: the folder of decision files, relative to the repository's root.
        policy_paths: the files of the policy, relative to the config.

    Raises:
        TwokeyError: history is cut before that commit, as in a shallow clone, or it is more than 2,000 commits back.
    """
    prefix = f"{site.prefix}/" if site.prefix else ""
    subject, guarded = tuple(subject), tuple(guarded)
    if not subject:
        return None
    folders = tuple(prefix + literal(glob) for glob in subject)
    brought = _last(site.git, site.target, folders, lambda path: any(names(glob, path, prefix) for glob in subject))
    if brought is None:
        return None
    commit, before = brought
    change = read_change(
        site.git,
        before,
        head=commit,
        decisions=decisions,
        policy_paths=[site.name, *policy_paths],
        prefix=site.prefix,
        host=Host(),  # who starts a deploy has no part in what was merged
    )

    def among(globs: Iterable[str]) -> tuple[ChangedFile, ...]:
        wanted = tuple(globs)
        return tuple(file for file in change.files if any(names(glob, file.path, prefix) for glob in wanted))

    return Merged(
        git=site.git,
        change=change,
        before=before,
        whole=len(site.git.parents(commit)) > 1,
        guarded=among((*subject, *guarded)),
        opening=among(guarded),
    )


def _last(git: Git, head: str, folders: tuple[str, ...], wanted: Callable[[str], bool]) -> tuple[str, str] | None:
    """Return the newest commit along first parents that changes a wanted file, and its first parent."""
    commit = head
    for _ in range(MAX_STEPS):
        found = git.last_touched(commit, folders) if folders and all(folders) else commit
        parents = git.parents(found) if found else ()
        if found is None or not parents:
            return None
        if any(wanted(difference.path) for difference in git.differences(parents[0], found)):
            return found, parents[0]
        commit = parents[0]
    told = f"the last change of the subject is more than {MAX_STEPS:,} commits before {head[:7]}"
    raise TwokeyError(told, hint="name its folder in subject.files, as in model/**, so that it is found by history")
