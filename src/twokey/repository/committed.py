"""Policy as it stood in a commit: bytes by path, out of Git's objects, never from the working tree.

Takes the place of `PolicyFiles` where policy comes from protected ground. Which commit that is, `protected` decides.
"""

import os
import shutil
import tempfile
import weakref
from dataclasses import dataclass, field
from pathlib import Path

from twokey.canonical import sha256
from twokey.errors import Place, TwokeyError
from twokey.repository.git import MAX_BYTES, MAX_LARGE_BYTES, Git
from twokey.repository.policy import NAMED
from twokey.repository.trees import Leaf

LFS = b"version https://git-lfs.github.com/spec/"
POINTER_BYTES = 1024


@dataclass(slots=True, kw_only=True, weakref_slot=True)
class CommittedPolicy:
    """Files of a commit, by their path relative to the config, which is in the folder `prefix` of the repository.

    `shown` is what reports call the commit, such as `main (1a2b3c4)`. `read_so_far` holds the digest of each file read.
    """

    git: Git
    commit: str
    prefix: str
    shown: str
    read_so_far: dict[str, str] = field(default_factory=dict)
    _copies: Path | None = None

    def read(self, path: str) -> bytes:
        """Return a file's bytes as they are in the commit.

        Raises:
            TwokeyError: there is no such file there, it is a link, in a submodule, or a Git LFS pointer; it is too
                large; the path leaves the repository.
        """
        leaf = self._leaf(path)
        try:
            data = self.git.objects.read(leaf.name, "blob", MAX_BYTES)
        except TwokeyError as error:
            raise self._told(error, path) from None
        self._refuse_pointer(data, path)
        self.read_so_far[path] = sha256(data)
        return data

    def place(self, path: str) -> str:
        """Return what messages call a file, such as `gates.yaml at main (1a2b3c4)`."""
        return f"{inside(self.prefix, path) or path} at {self.shown}"

    def has(self, path: str) -> bool:
        """Return whether anything stands at a path."""
        full = inside(self.prefix, path)
        return full is not None and self.git.leaf(self.commit, full) is not None

    def located(self, path: str) -> Path:
        """Return a private copy of a file, under its own name, that lasts as long as this. Raises as `read` does."""
        leaf = self._leaf(path)
        if self._copies is None:
            self._copies = Path(tempfile.mkdtemp(prefix="twokey-policy-"))
            weakref.finalize(self, _remove, self._copies, os.getpid())
        copy = self._copies / sha256(path.encode("utf-8", "surrogateescape"))[:16] / Path(path).name
        if copy.exists():
            return copy
        copy.parent.mkdir(exist_ok=True)
        part = copy.with_name(f".{sha256(leaf.name.encode())[:16]}")
        try:
            with part.open("wb") as file:
                for piece in self.git.objects.pieces(leaf.name, MAX_LARGE_BYTES):
                    file.write(piece)
        except TwokeyError as error:
            raise self._told(error, path) from None
        if part.stat().st_size < POINTER_BYTES:
            self._refuse_pointer(part.read_bytes(), path)
        part.replace(copy)
        return copy

    def _leaf(self, path: str) -> Leaf:
        full = inside(self.prefix, path)
        if full is None:
            raise TwokeyError("the path leaves the repository", where=Place(file=path))
        try:
            found = self.git.file(self.commit, full)
        except TwokeyError as error:
            raise self._told(error, path) from None
        if found is None:
            raise TwokeyError("there is no such file", where=Place(file=self.place(path)), hint=NAMED)
        return found

    def _refuse_pointer(self, data: bytes, path: str) -> None:
        if len(data) < POINTER_BYTES and data.startswith(LFS):
            told = "is a pointer of Git LFS: what it points to is not in the commit"
            raise TwokeyError(told, where=Place(file=self.place(path)), hint="keep what policy names in Git itself")

    def _told(self, error: TwokeyError, path: str) -> TwokeyError:
        problem = error.problems[0]
        return TwokeyError(problem.message, where=Place(file=self.place(path)), hint=problem.hint)


def inside(prefix: str, path: str) -> str | None:
    """Return a path that is relative to the folder `prefix` as one relative to the root; None where it leaves it."""
    if path.startswith("/") or "\0" in path or (os.name == "nt" and ("\\" in path or ":" in path)):
        return None
    out = prefix.split("/") if prefix else []
    for part in path.split("/"):
        if part == "..":
            if not out:
                return None
            out.pop()
        elif part not in ("", "."):
            out.append(part)
    return "/".join(out) or None


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
