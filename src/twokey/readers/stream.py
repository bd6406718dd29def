"""Bytes of a recording, in blocks, whether it is plain, gzip or zstd: and every way in which they cannot be had.

Memory stays flat: a block is 128 KiB, a line over the limit is passed over in blocks, and compressed files are never
unpacked whole. What the lines mean is the readers' business.
"""

import gzip
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from twokey.errors import Place, TwokeyError
from twokey.readers.base import MAX_LINE_BYTES

BLOCK_BYTES = 128 * 1024
ZSTD_INPUT_BYTES = 512
"""Fed to zstd at a time: so few bytes cannot unpack to more than 16 MiB, whatever a hostile file holds."""

BOM = b"\xef\xbb\xbf"
Read = Callable[[int], bytes]

_PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_SUFFIXES = {".gz": "gzip", ".zst": "zstd"}
_FOREIGN = {
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
    b"PAR1": "a Parquet file; say so with format: parquet",
    b"PK\x03\x04": "a zip archive or a spreadsheet; unpack or export it",
}


@dataclass(frozen=True, slots=True)
class Oversize:
    """Stands in the place of a line that is too long to be read; `size` is its length in bytes."""

    size: int

    @property
    def reason(self) -> str:
        """Why it cannot be read."""
        return f"a line of {self.size:,} bytes, more than the {MAX_LINE_BYTES:,} allowed"


def size_of(path: str, expected: str) -> int:
    """Return the size of a file in bytes. Raises TwokeyError where it is absent, no file, unreadable or empty."""
    where = Place(file=path)
    try:
        found = Path(path).stat()
        if stat.S_ISDIR(found.st_mode):
            raise TwokeyError(f"is a directory; expected {expected}", where=where)
        if not stat.S_ISREG(found.st_mode):
            raise TwokeyError(f"is no regular file; expected {expected}, which is read more than once", where=where)
        with Path(path).open("rb"):
            pass
    except FileNotFoundError:
        raise TwokeyError(f"there is no such file; expected {expected}", where=where) from None
    except (OSError, ValueError) as error:
        raise TwokeyError(f"cannot be read ({_cause(error)}); expected {expected}", where=where) from None
    if found.st_size == 0:
        raise TwokeyError(f"is empty (0 bytes); expected {expected}", where=where)
    return found.st_size


def _cause(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def packing(path: str, expected: str) -> str | None:
    """Return gzip, zstd or None for plain, by the file's first bytes. Raises TwokeyError where they fit neither."""
    where = Place(file=path)
    with _readable(path), Path(path).open("rb") as file:
        head = file.read(4)
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise TwokeyError(f"is {what}; expected {expected}", where=where)
    found = next((name for magic, name in _PACKED.items() if head.startswith(magic)), None)
    named = _SUFFIXES.get(Path(path).suffix.lower())
    if named and found != named:
        raise TwokeyError(f"is named {Path(path).suffix}, but it is no {named} file", where=where)
    return found


@contextmanager
def _readable(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TwokeyError(f"cannot be read: {_cause(error)}", where=Place(file=path)) from None


@contextmanager
def opened(path: str, expected: str) -> Iterator[Read]:
    """Open the whole of a file, unpacked; gives a `read(size)` that returns about that many bytes, none at the end."""
    packed = packing(path, expected)
    with _readable(path), Path(path).open("rb") as file:
        if packed == "gzip":
            yield _gzip(file, path)
        elif packed == "zstd":
            yield _zstd(file, path)
        else:
            yield file.read


@contextmanager
def opened_range(path: str, start: int, end: int) -> Iterator[Read]:
    """Open the bytes from `start` to `end` of a plain file. Reading raises TwokeyError where it became shorter."""
    with _readable(path), Path(path).open("rb", buffering=0) as file:
        file.seek(start)
        left = end - start

        def read(size: int) -> bytes:
            nonlocal left
            data = file.read(min(size, left)) or b""
            if left and not data:
                raise TwokeyError(f"has become {left:,} bytes shorter while it was read", where=Place(file=path))
            left -= len(data)
            return data

        yield read


def _gzip(file: BinaryIO, path: str) -> Read:
    unpacked = gzip.GzipFile(fileobj=file)

    def read(size: int) -> bytes:
        at = unpacked.tell()
        try:
            return unpacked.read(size)
        except EOFError:
            message = f"is a truncated gzip file: it ends in the middle, some time after {at:,} unpacked bytes"
        except (gzip.BadGzipFile, zlib.error) as error:
            message = f"is a damaged gzip file: {error}, some time after {at:,} unpacked bytes"
        raise TwokeyError(message, where=Place(file=path))

    return read


def _zstd(file: BinaryIO, path: str) -> Read:
    import zstandard

    # A stream_reader would be shorter, but takes the end of a truncated file for the end of the data.
    factory = zstandard.ZstdDecompressor()
    frame: Any = None
    pending = b""
    total = 0

    def fill() -> bytes | None:
        nonlocal frame, pending
        pending = pending or file.read(ZSTD_INPUT_BYTES)
        if not pending:
            if frame is not None:
                raise TwokeyError(
                    f"is a truncated zstd file: it ends in the middle, after {total:,} unpacked bytes",
                    where=Place(file=path),
                )
            return None
        frame = frame or factory.decompressobj()
        try:
            data: bytes = frame.decompress(pending)
        except zstandard.ZstdError as error:
            message = f"is a damaged zstd file: {error}, after {total:,} unpacked bytes"
            raise TwokeyError(message, where=Place(file=path)) from None
        pending = frame.unused_data if frame.eof else b""
        frame = None if frame.eof else frame
        return data

    def read(size: int) -> bytes:
        nonlocal total
        parts: list[bytes] = []
        held = 0
        while held < size and (data := fill()) is not None:
            parts.append(data)
            held += len(data)
            total += len(data)
        return b"".join(parts)

    return read


def runs(read: Read, limit: int = MAX_LINE_BYTES) -> Iterator[bytes | Oversize]:
    """Yield runs of whole lines, of about 128 KiB; an Oversize stands for a line of more than `limit` bytes."""
    carry = b""
    dropped = 0  # bytes of an oversized line that were let go so far
    while data := read(BLOCK_BYTES):
        if dropped:
            cut = data.find(b"\n")
            if cut < 0:
                dropped += len(data)
                continue
            yield Oversize(dropped + cut)
            dropped, data = 0, data[cut + 1 :]
        cut = data.rfind(b"\n") + 1
        if cut:
            run, carry = carry + data[:cut], data[cut:]
            if (first := _first_length(run, limit)) > limit:
                yield Oversize(first)
                run = run[first + 1 :]
            if run:
                yield run
        else:
            carry += data
        if len(carry) > limit:
            dropped, carry = len(carry), b""
    if dropped:
        yield Oversize(dropped)
    elif carry:
        yield carry


def _first_length(run: bytes, limit: int) -> int:
    # Only the first line of a run can have begun in an earlier block.
    return run.index(b"\n") if len(run) > limit else 0


def without_bom(found: Iterator[bytes | Oversize]) -> Iterator[bytes | Oversize]:
    """Take the byte order mark from the first run of a file."""
    for run in found:
        yield run.removeprefix(BOM) if isinstance(run, bytes) else run
        break
    yield from found


def count_lines(found: Iterator[bytes | Oversize]) -> int:
    """Count the lines in some runs; the last one need not end."""
    return sum(1 if isinstance(run, Oversize) else run.count(b"\n") + (not run.endswith(b"\n")) for run in found)


def anything(read: Read) -> bool:
    """Say whether there is anything but blank lines."""
    data = read(4096).removeprefix(BOM)
    while data:
        if not data.isspace():
            return True
        data = read(BLOCK_BYTES)
    return False


def cuts(path: str, size: int, count: int, least: int) -> tuple[int, ...]:
    """Return offsets of line starts, from 0 to `size`, that divide a plain file into about `count` parts.

    No more parts than come to `least` bytes each on average.
    """
    count = max(1, min(count, size // least))
    found = [0]
    with _readable(path), Path(path).open("rb") as file:
        for part in range(1, count):
            file.seek(max(size * part // count - 1, found[-1]))
            while (data := file.read(BLOCK_BYTES)) and (at := data.find(b"\n")) < 0:
                pass
            if data and (cut := file.tell() - len(data) + at + 1) < size and cut > found[-1]:
                found.append(cut)
    return (*found, size)
