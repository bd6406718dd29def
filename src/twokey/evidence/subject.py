"""What would be released, by content: the files that make it, each with its digest.

Files are found by the globs of `subject.files` below a root directory. Links are refused, because what they point to
can change while they do not. Version control's own folder and twokey's working folder directly below the root are never
part of a subject; folders of these names further down are like any other.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from twokey.canonical import digest
from twokey.config.globs import expression, literal
from twokey.config.shape import Subject
from twokey.errors import Place, TwokeyError
from twokey.values import dataclass

SKIPPED = frozenset({".git", ".twokey"})
_SKIPPED_PARTS = frozenset((name,) for name in SKIPPED)
_BLOCK = 1024 * 1024
_UNSPEAKABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDigest:
    """A file's relative path (with forward slashes), the SHA-256 of its content, and its size in bytes."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectDigest:
    """The subject by content. Without files it is unpinned: only its name is known."""

    name: str
    owner: str
    files: tuple[FileDigest, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 over the subject's name and its files' paths and contents."""
        return digest({"name": self.name, "files": [[file.path, file.sha256] for file in self.files]})

    @property
    def pinned(self) -> bool:
        """Whether the subject is known by content."""
        return bool(self.files)

    def plain(self) -> dict[str, Any]:
        """Return the JSON form, as it stands in the manifest."""
        return {
            "name": self.name,
            "owner": self.owner,
            "digest": self.digest,
            "pinned": self.pinned,
            "files": [{"path": file.path, "sha256": file.sha256, "size": file.size} for file in self.files],
        }


def hash_file(path: Path) -> tuple[str, int]:
    """Return the SHA-256 and the size in bytes of a file. Raises TwokeyError where it cannot be read."""
    hasher = hashlib.sha256()
    size = 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                hasher.update(block)
                size += len(block)
    except OSError as error:
        raise TwokeyError(f"cannot be read: {error.strerror}", where=Place(file=str(path))) from None
    return hasher.hexdigest(), size


def hash_subject(root: Path, subject: Subject) -> SubjectDigest:
    """Hash the files of a subject below `root`.

    Raises:
        TwokeyError: a glob that matches nothing, a link, a name with control characters or that is not UTF-8, two paths
            that differ in case only, an unreadable file.
    """
    found: dict[str, Path] = {}
    for glob in subject.files:
        matches = dict(_matching(root, glob))
        if not matches:
            raise TwokeyError(
                f"subject.files: {glob!r} matches no file",
                where=Place(file=str(root)),
                hint="expected the model's files",
            )
        found.update(matches)
    _refuse_collisions(found)
    files = []
    for path in sorted(found):
        sha256, size = hash_file(found[path])
        files.append(FileDigest(path=path, sha256=sha256, size=size))
    return SubjectDigest(name=subject.name, owner=subject.owner, files=tuple(files))


def differences(manifest_subject: Mapping[str, Any], now: SubjectDigest) -> tuple[str, ...]:
    """Return a sentence for each file in which a subject differs from the one in a manifest; none if it is the same."""
    before = {file["path"]: file["sha256"] for file in manifest_subject["files"]}
    after = {file.path: file.sha256 for file in now.files}
    out = [f"{path} is gone" for path in sorted(before.keys() - after.keys())]
    out += [f"{path} is new" for path in sorted(after.keys() - before.keys())]
    out += [f"{path} has changed" for path in sorted(before.keys() & after.keys()) if before[path] != after[path]]
    if manifest_subject["name"] != now.name:
        out.append(f"its name is {now.name!r}, not {manifest_subject['name']!r}")
    return tuple(out)


def _refuse_collisions(paths: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for path in sorted(paths):
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            raise TwokeyError(f"{other} and {path} differ in case only: one machine's two files are another's one")


def _matching(root: Path, glob: str) -> Iterator[tuple[str, Path]]:
    pattern = expression(glob)
    start = root / literal(glob)
    for path in _walk(start, root):
        relative = path.relative_to(root).as_posix()
        if not pattern.fullmatch(relative):
            continue
        if _UNSPEAKABLE.search(relative):
            told = f"{relative!a} has control characters in its name, or is not UTF-8"
            raise TwokeyError(told, where=Place(file=str(root)), hint="rename it, or name other files in subject.files")
        yield relative, path


def _walk(start: Path, root: Path) -> Iterator[Path]:
    if start.parts[len(root.parts) :][:1] in _SKIPPED_PARTS:
        return
    if start.is_symlink():
        raise TwokeyError("is a link: a subject is made of plain files", where=Place(file=str(start)))
    if start.is_file():
        yield start
        return
    if not start.is_dir():
        return
    try:
        entries = sorted(os.scandir(start), key=lambda entry: entry.name)
    except OSError as error:
        raise TwokeyError(f"cannot be read: {error.strerror}", where=Place(file=str(start))) from None
    for entry in entries:
        yield from _walk(Path(entry.path), root)
