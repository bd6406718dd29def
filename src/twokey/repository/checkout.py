"""Where a checkout keeps its Git directory, and what its refs point to, read as files.

Git itself is never asked, because it would read the repository's own config on the way. Linked worktrees and
submodules have a `.git` file; both are followed. Nothing is written, and `GIT_DIR` and its like have no say.
Formats: gitrepository-layout(5), and `packed-refs` as git-pack-refs(1) writes it.
"""

import os
import re
import stat
from dataclasses import replace
from pathlib import Path

from twokey.errors import Place, TwokeyError
from twokey.values import dataclass

OBJECT_NAME = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
MAX_POINTER_BYTES = 8192
MAX_PACKED_BYTES = 64 * 1024 * 1024
MAX_LINKS = 5
MAX_REFS = 100_000
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|/\.|\.lock(?:/|$)|^[./-]|[./]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A working tree: its root, its own Git directory, and the one it shares with other worktrees."""

    root: Path
    directory: Path
    common: Path
    nested: bool = False

    @property
    def objects(self) -> Path:
        """The object store."""
        return self.common / "objects"

    def head(self) -> str | None:
        """Return the commit that is checked out, or None where there is none yet."""
        return self._follow(_read(self.directory / "HEAD", MAX_POINTER_BYTES), 0)

    def ref(self, name: str) -> str | None:
        """Return the object that a ref with this full name points to, or None where there is no such ref."""
        return self._ref(name, 0)

    def refs_below(self, folder: str) -> tuple[str, ...]:
        """Return the full names of all refs below a folder such as `refs/heads`, sorted."""
        found = {name for name in self._packed() if name.startswith(f"{folder}/")}
        for place, _, files in os.walk(self.common / folder):
            for file in files:
                found.add((Path(place) / file).relative_to(self.common).as_posix())
                if len(found) > MAX_REFS:
                    raise TwokeyError(f"more than {MAX_REFS:,} refs", where=_at(self.common / folder))
        return tuple(sorted(name for name in found if is_ref_name(name)))

    def shallow(self) -> tuple[str, ...]:
        """Return the commits at which a shallow clone's history is cut; none where it is whole."""
        text = _read(self.common / "shallow", MAX_PACKED_BYTES) or ""
        return tuple(sorted({line for line in text.split("\n") if OBJECT_NAME.fullmatch(line)}))

    def hexadecimals(self) -> int:
        """Return how long an object's name is here: 40 with SHA-1, 64 with SHA-256."""
        known = self.head() or next(iter(self._packed().values()), None)
        return len(known) if known else 40

    def _ref(self, name: str, links: int) -> str | None:
        if (self.common / "reftable").is_dir():
            hint = "git refs migrate --ref-format=files"
            raise TwokeyError("its refs are kept as a reftable, which is not read", where=_at(self.common), hint=hint)
        if not is_ref_name(name):
            raise TwokeyError(f"{name[:200]!a} is no name of a ref")
        loose = _read(self.common / name, MAX_POINTER_BYTES)
        return self._packed().get(name) if loose is None else self._follow(loose, links)

    def _follow(self, text: str | None, links: int) -> str | None:
        line = (text or "").strip()
        if OBJECT_NAME.fullmatch(line):
            return line
        if links > MAX_LINKS or not line.startswith("ref:"):
            raise TwokeyError(f"a ref holds {line[:80]!a}, expected an object's name", where=_at(self.directory))
        return self._ref(line.removeprefix("ref:").strip(), links + 1)

    def _packed(self) -> dict[str, str]:
        rows = (line.split(" ", 1) for line in (_read(self.common / "packed-refs", MAX_PACKED_BYTES) or "").split("\n"))
        return {row[1]: row[0] for row in rows if len(row) == 2 and OBJECT_NAME.fullmatch(row[0])}


def find_checkout(directory: Path) -> Checkout | None:
    """Return the checkout that a directory is in, or None where it is in none.

    Goes upwards by name, through no link: a folder that a change turns into a link stays where it is named. Raises
    TwokeyError where a `.git` file leads nowhere.
    """
    found: Checkout | None = None
    start = Path(os.path.abspath(directory))  # noqa: PTH100  # resolve() would follow links
    for root in (start, *start.parents):
        git, is_file = _git_directory(root / ".git")
        if git is None:
            continue
        if found is not None:  # a .git file without a commondir, in another repository: a submodule
            return replace(found, nested=True)
        shared = _read(git / "commondir", MAX_POINTER_BYTES)
        common = (git / shared.strip()).resolve() if shared else git
        if not (common / "objects").is_dir():
            raise TwokeyError("the Git directory has no objects", where=_at(common))
        found = Checkout(root=root, directory=git, common=common)
        if not is_file or shared:
            return found
    return found


def is_ref_name(name: str) -> bool:
    """Return whether a name is a full, well-formed one, as git-check-ref-format(1) has it."""
    return name.startswith("refs/") and len(name) <= 1024 and not _FORBIDDEN.search(name)


def _git_directory(place: Path) -> tuple[Path | None, bool]:
    """Return the Git directory that `.git` is or names, and whether it is a file that names it."""
    if place.is_dir():
        return (
            (place.resolve(), False) if (place / "HEAD").is_file() and (place / "objects").is_dir() else (None, False)
        )
    text = _read(place, MAX_POINTER_BYTES)
    if text is None:
        return None, False
    named = (place.parent / text.removeprefix("gitdir:").strip()).resolve()
    if not text.startswith("gitdir:") or not (named / "HEAD").is_file():
        raise TwokeyError("names no Git directory", where=_at(place))
    return named, True


def _read(path: Path, max_bytes: int) -> str | None:
    """Return a regular file's text, or None where there is none. Opens no pipe and no device."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise TwokeyError(f"cannot be read: {error.strerror}", where=_at(path)) from None
    if len(data) > max_bytes:
        raise TwokeyError(f"larger than the {max_bytes:,} bytes allowed", where=_at(path))
    return data.decode("utf-8", "surrogateescape")


def _at(path: Path) -> Place:
    return Place(file=str(path))
