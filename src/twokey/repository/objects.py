"""Git's objects by their names, out of a private bare Git directory whose only tie to the repository is its store.

So the repository's config, hooks, attributes, replace refs, grafts, filters and remotes are never read, nothing is
fetched, and nothing is written into the repository. Every object that is read here is checked against its name. What a
store borrows from others (`objects/info/alternates`) is followed, as clones with a reference need it: names are
digests, so a borrowed object is the same object. Which commit is meant is no question for this file.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from twokey.errors import Place, TwokeyError
from twokey.repository import program as git

CHUNK_BYTES = 1024 * 1024
_CONFIG = """\
[core]
\trepositoryFormatVersion = 1
\tbare = true
\tcommitGraph = false
\tmultiPackIndex = false
\tlogAllRefUpdates = false
[extensions]
\tobjectFormat = {format}
[gc]
\tauto = 0
"""


class TooLargeError(TwokeyError):
    """An object has more bytes than whoever asked for it takes."""


class Objects:
    """The objects of a repository, read through one Git process that lives as long as this."""

    def __init__(self, program: Path, store: Path, shallow: Sequence[str], hexadecimals: int) -> None:
        """Make the private directory over an object store; `shallow` are the commits where history is cut."""
        if "\n" in str(store):
            raise TwokeyError("the repository's path has a line feed in it", where=Place(file=str(store)))
        self.program, self.hexadecimals = program, hexadecimals
        self.room = Path(tempfile.mkdtemp(prefix="twokey-git-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: git.Deadline | None = None
        weakref.finalize(self, _remove, self.room, os.getpid())
        (self.room / "objects/info").mkdir(parents=True)
        (self.room / "refs").mkdir()
        (self.room / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
        (self.room / "config").write_text(_CONFIG.format(format=self._algorithm), encoding="ascii")
        (self.room / "objects/info/alternates").write_bytes(os.fsencode(store) + b"\n")
        if shallow:
            (self.room / "shallow").write_text("".join(f"{name}\n" for name in shallow), encoding="ascii")

    @property
    def _algorithm(self) -> str:
        return "sha1" if self.hexadecimals == 40 else "sha256"

    def ask(self, *arguments: str, max_bytes: int = git.MAX_OUTPUT_BYTES) -> git.Answer:
        """Run Git over these objects and return what it said."""
        return git.ask(self.program, self.room, arguments, max_bytes=max_bytes)

    def read(self, name: str, kind: str, max_bytes: int) -> bytes:
        """Return an object's content. Raises TwokeyError where it is missing, of another kind, false or too large."""
        found, data = self.read_any(name, max_bytes)
        if found != kind:
            raise TwokeyError(f"the object {name} is a {found}, expected a {kind}")
        return data

    def read_any(self, name: str, max_bytes: int) -> tuple[str, bytes]:
        """Return an object's kind (commit, tree, blob or tag) and content; raises as `read` does."""
        found, size = self._request(name)
        return found, b"".join(self._content(name, found, size, max_bytes))

    def pieces(self, name: str, max_bytes: int) -> Iterator[bytes]:
        """Yield a blob piece by piece. That it is not what its name says shows, as a TwokeyError, at the end."""
        found, size = self._request(name)
        yield from self._content(name, found, size, max_bytes)

    def _request(self, name: str) -> tuple[str, int]:
        """Ask for an object; return its kind and size. Its content must be read next."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        try:
            into, out = self._pipes()
            with self._deadline():
                into.write(f"{name}\n".encode())
                into.flush()
                words = out.readline(200).split()
        except OSError:
            words = []
        if len(words) == 3:
            return words[1].decode("ascii", "replace"), int(words[2])
        self._stop()
        if words[1:] == [b"missing"]:
            hint = "a partial or damaged clone does not hold all objects: clone without --filter"
            raise TwokeyError(f"the repository has no object {name}", hint=hint)
        raise TwokeyError(f"git did not give the object {name}")

    def _content(self, name: str, kind: str, size: int, max_bytes: int) -> Iterator[bytes]:
        whole = False
        try:
            if size > max_bytes:
                raise TooLargeError(f"{size:,} bytes, more than the {max_bytes:,} allowed")
            seen = hashlib.new(self._algorithm, b"%s %d\0" % (kind.encode(), size), usedforsecurity=False)
            for start in range(0, size, CHUNK_BYTES):
                piece = self._piece(min(size - start, CHUNK_BYTES))
                seen.update(piece)
                yield piece
            self._piece(1)  # a line feed follows
            whole = True
        finally:
            if not whole:  # what is left in the pipe would be taken for the next answer
                self._stop()
        if seen.hexdigest() != name:
            raise TwokeyError(f"the object {name} is not what its name says: the object store was tampered with")

    def _piece(self, size: int) -> bytes:
        with self._deadline():
            piece = self._pipes()[1].read(size)
        if len(piece) != size:
            raise TwokeyError(f"git stopped in the middle of an object, or took more than {git.SECONDS} seconds")
        return piece

    def _start(self) -> None:
        self._stop()
        arguments = ["cat-file", "--batch"]
        self._process = git.start(self.program, self.room, arguments, subprocess.PIPE, subprocess.DEVNULL)
        self._watch = git.Deadline(self._process)
        weakref.finalize(self, git.end, self._process, os.getpid())

    def _deadline(self) -> git.Deadline:
        assert self._watch is not None  # noqa: S101  # it came with the process
        return self._watch

    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None  # noqa: S101  # it was started when the object was asked for
        return self._process

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  # they are pipes
        return process.stdin, process.stdout

    def _stop(self) -> None:
        if self._process is not None:
            git.end(self._process, os.getpid())
            self._process = None


def _remove(room: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(room, ignore_errors=True)
