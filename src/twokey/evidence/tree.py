"""What lies in an evidence directory: plain files in known folders, and nothing that leads elsewhere or never ends.

A link, a device or a pipe says another thing each time it is read, so none is followed or opened for reading.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from twokey.errors import Place, TwokeyError
from twokey.evidence.layout import FOLDERS, strangers

MAX_FILE_BYTES = 256 * 1024 * 1024
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_regular(path: Path) -> bytes:
    """Return a regular file's bytes.

    Raises:
        TwokeyError: it is a link or no file at all, is larger than 256 MiB, or cannot be read.
        FileNotFoundError: there is nothing.
    """
    where = Place(file=str(path))
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise TwokeyError(f"is {_what(path)}: evidence is made of plain files", where=where)
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):  # it may have been replaced since
                raise TwokeyError("is no plain file: evidence is made of plain files", where=where)
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise TwokeyError(f"cannot be read: {error.strerror}", where=where) from None
    if len(data) > MAX_FILE_BYTES:
        raise TwokeyError(f"larger than {MAX_FILE_BYTES:,} bytes", where=where)
    return data


def files_in(directory: Path) -> tuple[str, ...]:
    """Return the relative paths of the files in an evidence directory, sorted.

    Raises TwokeyError naming the first entry that has no place in evidence, is a link, or is neither file nor folder.
    """
    found = []
    for path, is_folder in _entries(directory):
        name = path.relative_to(directory).as_posix()
        if name not in FOLDERS if is_folder else name in FOLDERS or strangers((name,)):
            where = Place(file=str(directory))
            raise TwokeyError(f"{name} has no place in evidence; it is neither covered nor known", where=where)
        if not is_folder:
            found.append(name)
    return tuple(sorted(found))


def _entries(folder: Path) -> Iterator[tuple[Path, bool]]:
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
        for entry in entries:
            path = Path(entry.path)
            mode = entry.stat(follow_symlinks=False).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise TwokeyError(f"is {_what(path)}: evidence is made of plain files", where=Place(file=str(path)))
            yield path, stat.S_ISDIR(mode)
            if stat.S_ISDIR(mode):
                yield from _entries(path)
    except OSError as error:
        raise TwokeyError(f"cannot be listed: {error.strerror}", where=Place(file=str(folder))) from None


def _what(path: Path) -> str:
    return "a link" if path.is_symlink() else "no plain file"
