"""What a repository holds, commit by commit: the few questions that policy, changes and history ask of Git.

Built on objects that are checked against their names; history is walked by the system's Git in a private directory
(`objects`, `program`). Paths are relative to the repository's root, with `/`. Who may be trusted with which ref is in
`protected`, what a change is in `reading`.
"""

import hashlib
import stat
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from twokey.errors import TwokeyError
from twokey.repository.checkout import OBJECT_NAME, Checkout, find_checkout
from twokey.repository.objects import Objects
from twokey.repository.program import find_git
from twokey.repository.trees import Commit, Leaf, parse_commit, parse_tree, text
from twokey.values import dataclass

MAX_BYTES = 16 * 1024 * 1024
MAX_LARGE_BYTES = 4 * 1024**3
MAX_FILES = 200_000
MAX_STEPS = 2_000_000
MAX_COMMITS = 10_000
MAX_WALK = 1_000_000
MAX_KEPT_TREES = 4096
MAX_TAGS = 5
NO_TREE: Mapping[bytes, Leaf] = {}
NOT_WHOLE = "actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0; elsewhere: git fetch --unshallow"


@dataclass(frozen=True, slots=True)
class Difference:
    """A path at which two trees differ: what stood there, and what stands there now. Never a folder."""

    path: str
    before: Leaf | None
    after: Leaf | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """A repository as it is read: its checkout, and its objects."""

    checkout: Checkout
    objects: Objects
    shallow: tuple[str, ...] = ()
    _trees: dict[str, Mapping[bytes, Leaf]] = field(default_factory=dict, repr=False)
    _commits: dict[str, Commit] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, directory: Path) -> "Git | None":
        """Return the repository that a directory is in, or None where it is in none, or there is no Git."""
        checkout = find_checkout(directory)
        program = find_git(checkout.root) if checkout is not None else None
        if checkout is None or program is None:
            return None
        shallow = checkout.shallow()
        objects = Objects(program, checkout.objects, shallow, checkout.hexadecimals())
        return cls(checkout=checkout, objects=objects, shallow=shallow)

    def commit_of(self, ref: str) -> str:
        """Return the commit that a ref's full name, `HEAD` or an object's full name stands for.

        Raises:
            TwokeyError: there is no such ref or object, or it leads to no commit.
        """
        if OBJECT_NAME.fullmatch(ref):
            found: str | None = ref
        else:
            found = self.checkout.head() if ref == "HEAD" else self.checkout.ref(ref)
        for _ in range(MAX_TAGS):
            if found is None:
                raise TwokeyError(f"there is no {ref} in this repository")
            kind, data = self.objects.read_any(found, MAX_BYTES)
            if kind == "commit":
                self._commits[found] = parse_commit(found, data)
                return found
            first = data.split(b"\n", 1)[0].decode("ascii", "replace")
            found = first.removeprefix("object ") if kind == "tag" else None
        raise TwokeyError(f"{ref} leads to no commit")

    def commit(self, name: str) -> Commit:
        """Return a commit by its full name."""
        if name not in self._commits:
            self._commits[name] = parse_commit(name, self.objects.read(name, "commit", MAX_BYTES))
        return self._commits[name]

    def leaf(self, commit: str, path: str) -> Leaf | None:
        """Return what stands at a path, or None where nothing does; the empty path is the root.

        Raises:
            TwokeyError: a link or a submodule stands above it.
        """
        found, above = self._walk(commit, path)
        if found is not None and above is not None:
            raise TwokeyError(f"{above} is {found.kind} in the commit {commit[:7]}, expected a folder")
        return found

    def standing(self, commit: str, path: str) -> Leaf | None:
        """Return what stands at a path, as `leaf` does, and None too where it is below a link or a submodule."""
        found, above = self._walk(commit, path)
        return found if above is None else None

    def _walk(self, commit: str, path: str) -> tuple[Leaf | None, str | None]:
        """Return what stands at a path; or the link or submodule above it that ends the way, and its path."""
        at = Leaf(stat.S_IFDIR, self.commit(commit).tree)
        parts = path.split("/") if path else []
        for depth, part in enumerate(parts):
            if not at.is_tree:
                return (None, None) if at.is_file else (at, "/".join(parts[:depth]))
            found = self.tree(at.name).get(part.encode("utf-8", "surrogateescape"))
            if found is None:
                return None, None
            at = found
        return at, None

    def file(self, commit: str, path: str) -> Leaf | None:
        """Return the regular file at a path, or None where nothing is. Raises TwokeyError where it is no such file."""
        found = self.leaf(commit, path)
        if found is not None and not found.is_file:
            raise TwokeyError(f"{path} is {found.kind} in the commit {commit[:7]}, expected a file")
        return found

    def read_blob(self, commit: str, path: str, max_bytes: int = MAX_BYTES) -> bytes | None:
        """Return a file's bytes, or None where there is no such file.

        Raises:
            TwokeyError: a link, a submodule or a folder stands there, a link or a submodule above it; it is too large.
        """
        found = self.file(commit, path)
        return None if found is None else self.objects.read(found.name, "blob", max_bytes)

    def digest(self, leaf: Leaf | None) -> str | None:
        """Return the SHA-256 of a regular file's content; None where there is no regular file."""
        if leaf is None or not leaf.is_file:
            return None
        seen = hashlib.sha256()
        for piece in self.objects.pieces(leaf.name, MAX_LARGE_BYTES):
            seen.update(piece)
        return seen.hexdigest()

    def list_tree(self, commit: str, folder: str = "") -> tuple[tuple[str, Leaf], ...]:
        """Return everything below a folder that is no folder itself, with its path, sorted; at most 200,000."""
        return tuple((found.path, found.after) for found in self.differences(None, commit, folder) if found.after)

    def differences(self, before: str | None, after: str, folder: str = "") -> tuple[Difference, ...]:
        """Return where two commits differ below a folder, by path. A rename is two paths. None is an empty tree.

        Raises:
            TwokeyError: more than 200,000 files differ, or trees are nested so that reading them would not end.
        """
        top = None if before is None else self.standing(before, folder)
        waiting = [(folder.encode("utf-8", "surrogateescape"), top, self.standing(after, folder))]
        out: list[Difference] = []
        for _ in range(MAX_STEPS):
            if not waiting or len(out) > MAX_FILES:
                break
            path, old, new = waiting.pop()
            if old == new:
                continue
            if any(leaf is not None and not leaf.is_tree for leaf in (old, new)):
                out.append(Difference(text(path), _no_tree(old), _no_tree(new)))
            one, other = self._inside(old), self._inside(new)
            waiting += [
                (path + b"/" + name if path else name, one.get(name), other.get(name))
                for name in {*one, *other}
                if one.get(name) != other.get(name)
            ]
        if waiting or len(out) > MAX_FILES:
            raise TwokeyError(f"more than {MAX_FILES:,} files differ between two commits")
        return tuple(sorted(out, key=lambda difference: difference.path))

    def tree(self, name: str) -> Mapping[bytes, Leaf]:
        """Return what a tree holds, by name."""
        if name not in self._trees:
            if len(self._trees) >= MAX_KEPT_TREES:
                self._trees.clear()
            self._trees[name] = parse_tree(self.objects.read(name, "tree", MAX_BYTES), self.objects.hexadecimals)
        return self._trees[name]

    def merge_base(self, one: str, other: str) -> str:
        """Return the commit at which two lines of history last met.

        Raises:
            TwokeyError: they never met, as far as this clone's history goes; they met more than once.
        """
        answer = self.objects.ask("merge-base", "--all", one, other)
        bases = answer.out.decode("ascii", "replace").split()
        if len(bases) == 1 and answer.status == 0:
            for tip in (one, other):
                self.refuse_cut(tip, bases[0])
            return bases[0]
        if answer.status > 1:
            raise TwokeyError(f"git merge-base: {answer.complaint}")
        if bases:
            told = (
                f"{one[:7]} and {other[:7]} last met in {len(bases)} commits at once, so what changed has no one answer"
            )
            raise TwokeyError(told, hint="merge the target branch into the change once more")
        hint = NOT_WHOLE if self.shallow else "rebase the change onto the target branch"
        cut = ", and its history is cut here (a shallow clone)" if self.shallow else ""
        raise TwokeyError(f"{one[:7]} and {other[:7]} have no commit in common{cut}", hint=hint)

    def parents(self, name: str) -> tuple[str, ...]:
        """Return a commit's parents. Raises TwokeyError where a shallow clone's history is cut right there."""
        if name in self.shallow:
            raise TwokeyError(f"this clone is shallow, and its history is cut at {name[:7]}", hint=NOT_WHOLE)
        return self.commit(name).parents

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Return whether a commit is in the history of another, or that other; False where it is not known here."""
        return self.objects.ask("merge-base", "--is-ancestor", older, newer).status == 0

    def names(
        self,
        head: str,
        *,
        without: str | None = None,
        first_parent: bool = False,
        below: str | None = None,
        limit: int = MAX_COMMITS,
    ) -> tuple[str, ...]:
        """Return the names of the commits in the history of `head` and not in that of `without`, newest first.

        With `first_parent`, merges are followed to their first parent only. With `below`, those that touch that folder:
        a merge only where it differs there from all its parents, but what it merged is followed all the same.

        Raises:
            TwokeyError: there are more than `limit`.
        """
        options = [f"--max-count={limit + 1}", "--topo-order", *(["--first-parent"] if first_parent else [])]
        revisions = [head] if without is None else [head, f"^{without}"]
        paths = ["--"] if below is None else ["--full-history", *revisions, "--", below]
        answer = self.objects.ask("rev-list", *options, *(paths if below is not None else [*revisions, *paths]))
        if answer.status:
            raise TwokeyError(f"git rev-list: {answer.complaint}", hint=NOT_WHOLE if self.shallow else None)
        names = tuple(answer.out.decode("ascii").split())
        if len(names) > limit:
            raise TwokeyError(f"more than {limit:,} commits to read")
        return names

    def merged(self, commit: Commit) -> str | None:
        """Return the tree that Git makes of a commit's two parents by itself; None where it cannot."""
        if len(commit.parents) != 2:
            return None
        answer = self.objects.ask("merge-tree", "--write-tree", "--no-messages", *commit.parents)
        return answer.out.decode("ascii", "replace").strip() if answer.status == 0 else None

    def numstat(self, before: str, after: str) -> Mapping[str, int | None]:
        """Return how many lines were added or removed in each path; None for those that Git takes for binary."""
        answer = self.objects.ask("diff-tree", "-r", "-z", "--numstat", "--no-renames", before, after)
        if answer.status:
            raise TwokeyError(f"git diff-tree: {answer.complaint}")
        counted: dict[str, int | None] = {}
        for added, gone, path in (row.split(b"\t", 2) for row in answer.out.split(b"\0") if row):
            name = text(path)  # which two odd names may share: together then
            known = counted.get(name, 0)
            counted[name] = None if added == b"-" or known is None else known + int(added) + int(gone)
        return counted

    def last_touched(self, head: str, paths: tuple[str, ...]) -> str | None:
        """Return the newest commit, along first parents, that differs from its first parent at one of the paths."""
        answer = self.objects.ask("rev-list", "--first-parent", "--max-count=1", head, "--", *paths)
        if answer.status:
            raise TwokeyError(f"git rev-list: {answer.complaint}", hint=NOT_WHOLE if self.shallow else None)
        return answer.out.decode("ascii").strip() or None

    def refuse_cut(self, head: str, without: str | None = None, *, first_parent: bool = False) -> None:
        """Raise TwokeyError where the history of `head` down to that of `without` is cut, as in a shallow clone."""
        if not self.shallow:
            return
        names = self.names(head, without=without, first_parent=first_parent, limit=MAX_WALK)
        if not set(self.shallow).isdisjoint(names):
            told = "this clone is shallow, and what must be known of the history is cut off"
            raise TwokeyError(told, hint=NOT_WHOLE)

    def _inside(self, leaf: Leaf | None) -> Mapping[bytes, Leaf]:
        return self.tree(leaf.name) if leaf is not None and leaf.is_tree else NO_TREE


def _no_tree(leaf: Leaf | None) -> Leaf | None:
    return None if leaf is None or leaf.is_tree else leaf
