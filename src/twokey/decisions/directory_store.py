"""Decisions in folders of files, one folder for each manifest: below the config, or anywhere that policy names.

Every file appears whole or not at all, no link is followed, and nothing that is there is replaced or deleted. What is
read is only material; what the files of a folder come to is in `contents`.
"""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from twokey.decisions.contents import (
    EVIDENCE,
    FOLDER,
    MANIFEST,
    MAX_FILES,
    MAX_FOLDER_BYTES,
    Files,
    Removed,
    decision_name,
    decisions_in,
    is_manifest_of,
    is_of_decisions,
    limit_of,
    numbered,
    of_folder,
    oversized,
    refuse_unkeepable,
    refused_names,
    removed_pairs,
    shown,
)
from twokey.decisions.decision import DecisionFile, RefusedFile
from twokey.errors import Place, TwokeyError
from twokey.values import dataclass

TEMPORARY = ".writing-"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryStore:
    """Decisions in folders below `root`."""

    root: Path

    @property
    def place(self) -> str:
        """Return what messages call the store."""
        return str(self.root)

    def folders(self) -> tuple[str, ...]:
        """Return the folders that hold files of decisions, sorted; each is a manifest's first twelve characters."""
        try:
            with os.scandir(self.root) as entries:
                found = [e.name for e in entries if FOLDER.fullmatch(e.name) and e.is_dir(follow_symlinks=False)]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise TwokeyError(f"the decisions cannot be listed: {error.strerror}", where=_at(self.root)) from None
        return tuple(sorted(found))

    def manifest(self, short: str) -> bytes | None:
        """Return the manifest that a folder is named after; None where it holds none, whatever else is in it."""
        refuse_links(self.root, folder := self._folder(short))
        data = _read(folder / MANIFEST, limit_of(MANIFEST))
        return data if isinstance(data, bytes) and is_manifest_of(data, short) else None

    def files(self, short: str) -> Files:
        """Return what is kept for a manifest, by name. Raises TwokeyError where it cannot be had or is too much."""
        refuse_links(self.root, folder := self._folder(short))
        return read_folder(folder)

    def read(
        self, short: str, removed: Removed = (), *, releasing: bool = False
    ) -> tuple[DecisionFile | RefusedFile, ...]:
        """Return the decisions kept for a manifest, and those that history says were removed."""
        refuse_links(self.root, folder := self._folder(short))
        files = read_folder(folder, is_of_decisions)  # whatever else is there, and however much of it
        return decisions_in(files, removed_pairs(files, of_folder(removed, short)), releasing=releasing)

    def write(self, short: str, files: Mapping[str, bytes]) -> Mapping[str, str]:
        """Keep files beside the decisions; return the name that each is kept under.

        A file that is there with other bytes stays; the new one gets a free name, `NAME-2.json` and so on.

        Raises:
            TwokeyError: a copy of evidence is there with other bytes, a name is none, or the folder cannot be written.
        """
        folder = self._folder(short)
        refuse_unkeepable(files, _at(folder))
        refuse_links(self.root, folder)
        with _writing(folder):
            return {name: _keep(folder, name, data) for name, data in files.items()}

    def write_decision(
        self, short: str, principal: str, decision: bytes, signature: bytes, suffix: str = ".sig"
    ) -> str:
        """Keep a decision and its signature under a name that is free; return the decision's name."""
        refuse_links(self.root, folder := self._folder(short))
        return write_pair(folder, principal, decision, signature, suffix).name

    def push(self, remote: str = "origin", environment: Mapping[str, str] | None = None) -> str:
        """Refuse: files in a folder travel as its owner sends them."""
        del remote, environment
        raise TwokeyError(
            "decisions are kept in a folder here, and a folder is not pushed by twokey",
            where=_at(self.root),
            hint="commit and push the files, or keep decisions in a ref: approval.decisions: refs/twokey/decisions",
        )

    def _folder(self, short: str) -> Path:
        if not FOLDER.fullmatch(short):
            raise TwokeyError(f"{short[:80]!a} names no folder of decisions: twelve hexadecimal digits")
        return self.root / short


def read_folder(folder: Path, wanted: Callable[[str], bool] = lambda _name: True) -> Files:
    """Return the wanted files of a folder by name, each as its bytes or as a refusal; none where there is no folder.

    Raises TwokeyError where the folder cannot be listed, holds more than 1,000 such files, or too many bytes of them.
    """
    try:
        with os.scandir(folder) as entries:
            found_there = (entry.name for entry in entries if wanted(entry.name))
            listed = [name for name, _ in zip(found_there, range(MAX_FILES + 1), strict=False)]
    except FileNotFoundError:
        return MappingProxyType({})
    except OSError as error:
        raise TwokeyError(f"the decisions cannot be listed: {error.strerror}", where=_at(folder)) from None
    if len(listed) > MAX_FILES:
        raise TwokeyError(f"more than {MAX_FILES:,} files in a folder of decisions", where=_at(folder))
    names = sorted(name for name in listed if not name.startswith(TEMPORARY))
    refused, found, total = refused_names(names), dict[str, bytes | RefusedFile](), 0
    for name in names:
        data = refused.get(name) or _read(folder / name, limit_of(name))
        total += len(data) if isinstance(data, bytes) else 0
        if total > MAX_FOLDER_BYTES:
            raise TwokeyError(f"more than {MAX_FOLDER_BYTES:,} bytes in a folder of decisions", where=_at(folder))
        found[shown(name)] = data if isinstance(data, bytes) else RefusedFile(name=shown(name), reason=data)
    return MappingProxyType(found)


def write_pair(folder: Path, principal: str, decision: bytes, signature: bytes, suffix: str) -> Path:
    """Write a decision and its signature under a name that is free; return the decision's path.

    The name is `decision-PRINCIPAL.json`, or `decision-PRINCIPAL-2.json` and so on where others are there already. Both
    files appear whole, and nothing that is there is replaced. The very same decision and signature are written once.
    """
    decision_name(principal, 1)
    with _writing(folder):
        for number in range(1, MAX_FILES):
            path = folder / decision_name(principal, number)
            beside = path.with_name(path.name + suffix)
            same_decision = _read(path, limit_of(path.name)) == decision
            if same_decision and _read(beside, limit_of(beside.name)) == signature:
                return path
            # The signature reserves the name: whoever comes second finds it taken and takes the next.
            if not os.path.lexists(path) and _create(beside, signature):
                if _create(path, decision):
                    return path
                beside.unlink()
    raise TwokeyError(f"{principal} has {MAX_FILES:,} decisions here already", where=_at(folder))


def refuse_links(*places: Path) -> None:
    """Refuse to read or write where a link would lead elsewhere. Raises TwokeyError that names the link."""
    for place in places:
        if place.is_symlink():
            raise TwokeyError(
                "is a link; decisions are kept in real folders and files only",
                where=_at(place),
                hint="look where it leads, and remove it",
            )


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Make the folder, and turn what the system refuses into an error that names it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise TwokeyError(f"the decision cannot be written: {error.strerror}", where=_at(folder)) from None


def _keep(folder: Path, name: str, data: bytes) -> str:
    for number in range(1, MAX_FILES):
        path = folder / numbered(name, number)
        refuse_links(path)
        if _read(path, limit_of(name)) == data or _create(path, data):
            return path.name
        if _read(path, limit_of(name)) == data:  # somebody was faster, with the same bytes
            return path.name
        if name in EVIDENCE:
            raise TwokeyError(
                "is there with other bytes: it is not a copy of the evidence that is decided on", where=_at(path)
            )
    raise TwokeyError(f"{MAX_FILES:,} files are called {name} here already", where=_at(folder))


def _read(path: Path, max_bytes: int) -> bytes | str:
    """Return a regular file's bytes, or why it is not read. Follows no link, reads nothing beyond the limit."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return "a link or something else that is no regular file"
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return "a link or something else that is no regular file"
            data = file.read(max_bytes + 1)
            size = max(status.st_size, len(data))
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    return data if len(data) <= max_bytes else oversized(size, max_bytes)


def _create(path: Path, data: bytes) -> bool:
    """Make a file appear whole under a name that nothing has; return False where something has it."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        try:
            os.link(temporary, path)  # unlike a rename, it refuses a name that is taken
        except FileExistsError:
            return False
        except (OSError, NotImplementedError):  # a file system without hard links
            return _reserve(path, Path(temporary))
    finally:
        Path(temporary).unlink(missing_ok=True)
    return True


def _reserve(path: Path, temporary: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    temporary.replace(path)
    return True


def _at(path: Path) -> Place:
    return Place(file=str(path))
