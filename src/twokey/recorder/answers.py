"""The file that answers are written to: appended as they come, so that whoever is killed loses what was in flight.

It is JSON Lines: a header, then a row for each record. Starting again drops what is no answer (errors, a torn last
line) by writing the file anew in one step, and goes on behind the rest; an answer is never asked for twice.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from twokey.errors import Place, TwokeyError
from twokey.recorder.header import Header, differences, parse_header
from twokey.targets.base import FaultClass

SYNC_EVERY = 64
MAX_RAW = 200
"""Characters of an answer that are kept: enough to see what a judge says that gives no verdict."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, rename={"fault": "class"}):
    """Why there is no verdict."""

    fault: FaultClass
    message: str


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What became of one record. `verdict` is true where its output is unsupported, and null with every error.

    `raw` is the beginning of the answer, redacted. `attempts` counts those of earlier runs too. `at` is when the last
    one was sent, in seconds since the epoch; `latency_ms` is its time alone, without pauses.
    """

    id: str
    verdict: bool | None
    raw: str | None
    error: Fault | None
    attempts: int
    at: float
    latency_ms: float
    usage: dict[str, int] | None = None


class Answers:
    """A recording that is being made. `answered` are the ids that have a verdict, `tried` attempts without one."""

    def __init__(self, path: Path, header: Header, *, restart: bool = False) -> None:
        """Open the file, or begin it.

        Raises:
            TwokeyError: what is there is no judge's recording, or one of other answers; it is a link, or cannot be
                written. `restart` replaces another recording, and nothing else.
        """
        self.path = path
        self.answered: set[str] = set()
        self.tried: dict[str, int] = {}
        self._unsynced = 0
        try:
            self._file = self._opened(header, restart)
        except OSError as error:
            raise TwokeyError(f"cannot be written: {error.strerror}", where=Place(file=str(path))) from None

    def append(self, row: Row) -> None:
        """Write a row, and hand it over to the system before anything else happens."""
        try:
            self._file.write(msgspec.json.encode(row) + b"\n")
            self._unsynced += 1
            if self._unsynced >= SYNC_EVERY:
                self._sync()
        except OSError as error:
            raise TwokeyError(f"cannot be written: {error.strerror}", where=Place(file=str(self.path))) from None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):
            self._sync()
        self._file.close()

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._unsynced = 0

    def _opened(self, header: Header, restart: bool) -> BinaryIO:
        if self.path.is_symlink():
            raise TwokeyError("is a link; answers are kept in a real file only", where=Place(file=str(self.path)))
        if not self.path.exists() or not self.path.stat().st_size:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _replace(self.path, iter((header.line(),)))
        else:
            self._look(header, restart)
        return self.path.open("ab", buffering=0)

    def _look(self, header: Header, restart: bool) -> None:
        """Find what is answered already, and write the file anew where it holds anything else."""
        with self.path.open("rb") as file:
            found = parse_header(file.readline(), self.path)
            other = "; ".join(differences(found, header))
            if other and not restart:
                told = f"holds other answers: {other}"
                raise TwokeyError(told, where=Place(file=str(self.path)), hint="--restart throws them away")
            if restart:
                _replace(self.path, iter((header.line(),)))
                return
            if any(self._count(line) is None for line in file):
                self.answered.clear()
                self.tried.clear()
                file.seek(0)
                _replace(self.path, self._kept(file))

    def _kept(self, file: BinaryIO) -> Iterator[bytes]:
        yield file.readline()
        for line in file:
            if (kept := self._count(line)) is not None:
                yield kept

    def _count(self, line: bytes) -> bytes | None:
        """Take a line into account, and return it where it stays."""
        try:
            row = msgspec.json.decode(line, type=Row) if line.endswith(b"\n") else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            row = None
        if row is None or row.id in self.answered:
            return None
        if row.verdict is None or row.error is not None:
            self.tried[row.id] = self.tried.get(row.id, 0) + row.attempts
            return None
        self.answered.add(row.id)
        return line


def _replace(path: Path, lines: Iterator[bytes]) -> None:
    """Write a file in one step: whoever is killed meanwhile leaves the old one."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def plain_text(text: str) -> str:
    """Return text that can be written: what is no character becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
