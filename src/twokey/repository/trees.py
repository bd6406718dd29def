"""Git's trees and commits, out of their raw bytes. Pure: nothing is read here, and nobody is asked.

Parsed by ourselves, so that no option of Git's output decides what we see: names with line feeds, escapes and bytes
that are no UTF-8 are names like others. Formats: gitformat-object names and `git cat-file`, in gitcore-tutorial(7).
"""

import re
import stat
from collections.abc import Mapping
from functools import cache

from twokey.errors import TwokeyError
from twokey.values import dataclass

_ADDRESS = re.compile(rb"<([^<>\n]*)>")
_CO_AUTHOR = re.compile(rb"^[ \t]*co-authored-by[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Leaf:
    """What stands at a name in a tree: its mode and the name of its object."""

    mode: int
    name: str

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file, and neither a link nor a submodule."""
        return stat.S_ISREG(self.mode)

    @property
    def is_tree(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode)

    @property
    def kind(self) -> str:
        """Return what messages call it."""
        kinds = {
            stat.S_IFREG: "a file",
            stat.S_IFDIR: "a folder",
            stat.S_IFLNK: "a symbolic link",
            0o160000: "a submodule",
        }
        return kinds.get(stat.S_IFMT(self.mode), "something unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit as it is stored. People are e-mail addresses, or names where no address is given."""

    name: str
    tree: str
    parents: tuple[str, ...]
    authors: tuple[str, ...]
    committers: tuple[str, ...]
    co_authors: tuple[str, ...]


def parse_tree(data: bytes, hexadecimals: int) -> Mapping[bytes, Leaf]:
    """Return what a tree holds, by name. Raises TwokeyError where Git itself would not have made it."""
    out: dict[bytes, Leaf] = {}
    at, width = 0, hexadecimals // 2
    while at < len(data):
        space = data.find(b" ", at, at + 8)
        end = data.find(b"\0", space)
        name = data[space + 1 : end]
        mode = _mode(data[at:space])
        if space < 0 or end < 0 or len(data) < end + 1 + width or mode is None:
            raise TwokeyError("a tree of the repository is malformed")
        if name in out or name in (b"", b".", b"..") or b"/" in name:
            raise TwokeyError(f"a tree of the repository holds {name[:80]!a}: twice, or no name of a file")
        out[name] = Leaf(mode, data[end + 1 : end + 1 + width].hex())
        at = end + 1 + width
    return out


def parse_commit(name: str, data: bytes) -> Commit:
    """Return a commit out of its bytes. Every address in it counts, where somebody wrote more than one."""
    head, _, message = data.partition(b"\n\n")
    rows = [line.partition(b" ") for line in head.split(b"\n")]  # continued lines start with a space: no key

    def values(key: bytes) -> list[bytes]:
        return [value for found, _, value in rows if found == key]

    trees = values(b"tree")
    if len(trees) != 1:
        raise TwokeyError(f"the commit {name} is malformed")
    return Commit(
        name=name,
        tree=trees[0].decode("ascii", "replace"),
        parents=tuple(value.decode("ascii", "replace") for value in values(b"parent")),
        authors=_people(values(b"author")),
        committers=_people(values(b"committer")),
        co_authors=_people(_CO_AUTHOR.findall(message)),
    )


def text(path: bytes) -> str:
    r"""Return a path as text; bytes that are no UTF-8 show as `\xff`."""
    return path.decode("utf-8", "backslashreplace")


@cache
def _mode(digits: bytes) -> int | None:
    return int(digits, 8) if re.fullmatch(b"[0-7]{1,7}", digits) else None


def _people(lines: list[bytes]) -> tuple[str, ...]:
    out: dict[str, None] = {}
    for line in lines:
        addresses = [address.strip() for address in _ADDRESS.findall(line) if address.strip()]
        for person in addresses or [line.split(b"<")[0].strip()]:
            if person:
                out[text(person)] = None
    return tuple(out)
