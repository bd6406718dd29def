"""Keeping what was signed: the decision, what it speaks of beside it, a copy in the evidence. No link is followed."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from twokey.errors import Place, TwokeyError


def refuse_links(*places: Path) -> None:
    """Refuse to write where a link would lead elsewhere. Raises TwokeyError that names the link."""
    for place in places:
        if place.is_symlink():
            raise TwokeyError(
                "is a link; decisions are kept in real folders and files only",
                where=Place(file=str(place)),
                hint="look where it leads, and remove it",
            )


def keep(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, each whole or not at all. Raises TwokeyError at a link, or where it cannot write."""
    refuse_links(folder, *(folder / name for name in files))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            _replace(folder / name, data)
    except OSError as error:
        raise TwokeyError(f"cannot be written: {error.strerror}", where=Place(file=str(folder))) from None


def _replace(path: Path, data: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)  # a rename puts itself in a link's place, and never follows it
    finally:
        Path(temporary).unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of the person's choice whole or not at all. Raises TwokeyError where it cannot be written."""
    try:
        _replace(path, data)
    except OSError as error:
        raise TwokeyError(f"cannot be written: {error.strerror}", where=Place(file=str(path))) from None
