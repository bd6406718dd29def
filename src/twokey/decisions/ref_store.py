"""Decisions in a Git ref that everybody who may push shares: a tree of folders, one for each manifest.

What is read is what the ref holds here and what was fetched of it, both together, and the refusals that its history
says were deleted. What is written is a commit on top, put in place only if the ref is still where it was read; nothing
that the ref holds is ever replaced or deleted. Sending it to a remote is in `ref_exchange`.
"""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from twokey.decisions.contents import (
    EVIDENCE,
    FOLDER,
    MANIFEST,
    NAME,
    SUFFIXES,
    Files,
    Removed,
    decision_name,
    decisions_in,
    is_manifest_of,
    limit_of,
    numbered,
    of_folder,
    refuse_unkeepable,
    removed_pairs,
    shown,
    without_suffix,
)
from twokey.decisions.decision import DecisionFile, RefusedFile
from twokey.decisions.ref_entries import TREE, Entry, Tree, join, refused_entries
from twokey.decisions.ref_git import Private, RefGit
from twokey.decisions.ref_trees import blobs, folder, gone, lookup, move, put_blobs, put_commit, put_tree, tip, top
from twokey.errors import Place, TwokeyError
from twokey.values import dataclass

REF = re.compile(r"refs/twokey(?:/[a-z0-9][a-z0-9-]{0,99}){1,4}")
TRIES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RefStore:
    """Decisions in `ref` of a repository, and in what was fetched of that ref from `remote`."""

    git: RefGit
    ref: str
    remote: str = "origin"

    @classmethod
    def open(cls, directory: Path, ref: str) -> "RefStore":
        """Return the store in the repository that a directory is in. Raises TwokeyError without one, or without Git."""
        return cls(git=RefGit.open(directory), ref=ref)

    @property
    def place(self) -> str:
        """Return what messages call the store."""
        return self.ref

    def folders(self) -> tuple[str, ...]:
        """Return the folders that hold files of decisions, or did, sorted; each is a manifest's first digits."""
        if not (tips := self._tips()):
            return ()
        with self.git.private() as git:
            here = {name for at in tips for name, entry in top(git, at, self.ref).items() if entry.mode == TREE}
            before = {path.partition("/")[0] for path, _ in gone(git, tips, status="D")}
        return tuple(sorted(name for name in here | before if FOLDER.fullmatch(name)))

    def manifest(self, short: str) -> bytes | None:
        """Return the manifest that a folder is named after, or was: one that was deleted from the ref is found too."""
        _require_folder(short)
        if not (tips := self._tips()):
            return None
        with self.git.private() as git:
            if not (oids := lookup(git, (f"{at}:{short}/{MANIFEST}" for at in tips))):
                stood = (at for path, at in gone(git, tips, short) if path == f"{short}/{MANIFEST}")
                oids = lookup(git, (f"{at}:{short}/{MANIFEST}" for at in stood))
            content = blobs(git, oids.values(), f"{self.ref}:{short}")
        return next((data for data in content.values() if is_manifest_of(data, short)), None)

    def files(self, short: str) -> Files:
        """Return what is kept for a manifest, by name. Raises TwokeyError where it cannot be had or is too much."""
        _require_folder(short)
        if not (tips := self._tips()):
            return MappingProxyType({})
        with self.git.private() as git:
            return self._files(git, tips, short)

    def read(
        self, short: str, removed: Removed = (), *, releasing: bool = False
    ) -> tuple[DecisionFile | RefusedFile, ...]:
        """Return the decisions kept for a manifest, and those that history says were removed.

        The ref's own history is looked at too: twokey deletes nothing from it, so whatever is gone somebody removed.
        """
        _require_folder(short)
        before: tuple[DecisionFile, ...] = ()
        files: Files = {}
        if tips := self._tips():
            with self.git.private() as git:
                files, before = self._files(git, tips, short), self._before(git, tips, short)
        before = (*removed_pairs(files, of_folder(removed, short)), *before)
        return decisions_in(files, before, gone=f"deleted from {self.ref}", releasing=releasing)

    def write(self, short: str, files: Mapping[str, bytes]) -> Mapping[str, str]:
        """Keep files beside the decisions, in one commit; return the name that each is kept under.

        A file that is there with other bytes stays; the new one gets a free name, `NAME-2.json` and so on.

        Raises:
            TwokeyError: a copy of evidence is there with other bytes, a name is none, or Git cannot write.
        """
        _require_folder(short)
        refuse_unkeepable(files, Place(file=self.ref))
        names: dict[str, str] = {}

        def added(tree: Tree, new: Tree) -> Tree:
            out = dict(tree)
            for name, entry in new.items():
                names[name] = self._free(out, name, entry)
                out[names[name]] = entry.called(names[name])
            return out

        self._grow(short, files, added, f"Keep what is decided on in {short}")
        return names

    def write_decision(
        self, short: str, principal: str, decision: bytes, signature: bytes, suffix: str = ".sig"
    ) -> str:
        """Keep a decision and its signature under a name that is free, in one commit; return the decision's name."""
        _require_folder(short)
        first, names = decision_name(principal, 1), [""]

        def added(tree: Tree, new: Tree) -> Tree:
            for number in range(1, len(tree) + 2):
                name = decision_name(principal, number)
                pair = {ending: new[first + ending].called(name + ending) for ending in ("", suffix)}
                there = {other: entry for other, entry in tree.items() if other == name or other == name + suffix}
                names[0] = name
                if all(entry.same(tree.get(entry.name)) for entry in pair.values()):
                    return tree
                if not there:
                    return {**tree, **{entry.name: entry for entry in pair.values()}}
            raise TwokeyError(f"{principal} has no free name for a decision", where=Place(file=self.ref))

        self._grow(short, {first: decision, first + suffix: signature}, added, f"Decision of {principal} on {short}")
        return names[0]

    def push(self, remote: str | None = None, environment: Mapping[str, str] | None = None) -> str:
        """Send the ref to a remote, together with what is there already; return what was sent, in words."""
        from twokey.decisions.ref_exchange import exchange

        return exchange(self.git, self.ref, self.remote if remote is None else remote, environment or {})

    def _tips(self) -> tuple[str, ...]:
        """Return the commits that the ref is at: here, and where it was when it was fetched."""
        fetched = f"refs/remotes/{self.remote}/{self.ref.removeprefix('refs/')}"
        found = (tip(self.git.checkout, self.ref), tip(self.git.checkout, fetched))
        return tuple(dict.fromkeys(at for at in found if at is not None))

    def _files(self, git: Private, tips: Iterable[str], short: str) -> Files:
        tree: Tree = {}
        for at in tips:
            tree = join(tree, folder(git, top(git, at, self.ref), short, self.ref), f"{self.ref}:{short}")
        refused = refused_entries(tree)
        content = blobs(git, (e.oid for name, e in tree.items() if name not in refused), f"{self.ref}:{short}")
        found: dict[str, bytes | RefusedFile] = {}
        for name in sorted(tree):
            why = refused.get(name)
            found[shown(name)] = RefusedFile(name=shown(name), reason=why) if why else content[tree[name].oid]
        return MappingProxyType(found)

    def _before(self, git: Private, tips: Iterable[str], short: str) -> tuple[DecisionFile, ...]:
        """Return the decisions that were deleted or changed, each with the signature that stood beside it then."""
        stood = {(without_suffix(path.rpartition("/")[2]), tree) for path, tree in gone(git, tips, short)}
        wanted = sorted((name, f"{tree}:{short}/{name}") for name, tree in stood if NAME.fullmatch(name))
        oids = lookup(git, (at + ending for _, at in wanted for ending in ("", *SUFFIXES)))
        content = blobs(git, oids.values(), f"history of {self.ref}:{short}")
        kept = {at: content[oid] for at, oid in oids.items() if len(content[oid]) <= limit_of(at.rpartition("/")[2])}
        return tuple(file for name, at in wanted for file in _signed(name, at, kept))

    def _free(self, tree: Tree, name: str, entry: Entry) -> str:
        """Return the name under which an entry is in a folder, or may be."""
        for number in range(1, len(tree) + 2):
            other = tree.get(numbered(name, number))
            if other is None or entry.same(other):
                return numbered(name, number)
            if name in EVIDENCE:
                raise TwokeyError(
                    "is there with other bytes: it is not a copy of the evidence that is decided on",
                    where=Place(file=f"{self.ref}:{name}"),
                )
        raise TwokeyError(f"no free name for {name}", where=Place(file=self.ref))

    def _grow(self, short: str, files: Mapping[str, bytes], added: Callable[[Tree, Tree], Tree], message: str) -> None:
        """Add files to a folder by a commit on top of the ref, again and again until nobody else was faster."""
        said: str | None = None
        self.git.refuse_unknown_format()
        with self.git.private(shared_refs=True) as git:
            new = put_blobs(git, files)
            for attempt in range(TRIES):
                old = tip(self.git.checkout, self.ref)
                base = old or next(iter(self._tips()), None)
                whole = top(git, base, self.ref)
                before = folder(git, whole, short, self.ref)
                after = added(before, new)
                if after == before:
                    return
                whole[short] = Entry(name=short, mode=TREE, kind="tree", oid=put_tree(git, after))
                commit = put_commit(git, whole, (base,) if base else (), message)
                if (said := move(git, self.ref, commit, old)) is None:
                    return
                time.sleep(random.uniform(0, 0.005 * min(attempt + 1, 20)))  # noqa: S311  # so that equals do not collide again
        raise TwokeyError(
            f"cannot be written: {said}",
            where=Place(file=self.ref),
            hint=f"where nothing else is writing, remove {self.git.checkout.common / self.ref}.lock",
        )


def _signed(name: str, at: str, kept: Mapping[str, bytes]) -> Iterator[DecisionFile]:
    """Yield the decision that stood at a place once for each of the signatures beside it."""
    if at not in kept:
        return
    signers = {kept[at + ending]: signer for ending, signer in SUFFIXES.items() if at + ending in kept}
    for signature, signer in signers.items() or ((None, "ssh"),):
        yield DecisionFile(name=name, data=kept[at], signature=signature, signer=signer)


def _require_folder(short: str) -> None:
    if not FOLDER.fullmatch(short):
        raise TwokeyError(f"{short[:80]!a} names no folder of decisions: twelve hexadecimal digits")
