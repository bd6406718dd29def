"""Trees of a ref that keeps decisions, as values: what is in a folder, and how two of them become one. Pure.

A tree is written by anybody who may push, with names and kinds of entries that no file system would have. Joining two
trees loses nothing; what is in only one, however odd, is carried along, and refused where it is read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import count

from twokey.decisions.contents import (
    EVIDENCE,
    NAME,
    family,
    limit_of,
    numbered,
    oversized,
    refused_names,
    shown,
    without_suffix,
)
from twokey.errors import TwokeyError
from twokey.values import dataclass

TREE = "040000"
REGULAR = ("100644", "100664", "100755")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a tree: `mode` as six octal digits, `kind` blob, tree or commit; `size` in bytes, of a blob."""

    name: str
    mode: str
    kind: str
    oid: str
    size: int | None = None

    def row(self) -> bytes:
        """Return the entry as `git mktree -z` reads it."""
        return f"{self.mode} {self.kind} {self.oid}\t{self.name}\0".encode("utf-8", "surrogateescape")

    def called(self, name: str) -> "Entry":
        """Return the same thing under another name."""
        return replace(self, name=name)

    def same(self, other: "Entry | None") -> bool:
        """Return whether both are the same thing, whatever they are called."""
        return other is not None and (self.mode, self.oid) == (other.mode, other.oid)


Tree = Mapping[str, Entry]


def parse_tree(listing: bytes, where: str) -> tuple[Entry, ...]:
    """Read what `git ls-tree -z` or `ls-tree -z -l` prints. Raises TwokeyError where it is something else."""
    out = []
    for row in listing.split(b"\0")[:-1]:
        facts, tab, name = row.partition(b"\t")
        parts = facts.decode("ascii", "replace").split()
        if not tab or len(parts) not in (3, 4):
            raise TwokeyError(f"{where}: git lists what cannot be read")
        size = int(parts[3]) if len(parts) == 4 and parts[3].isdecimal() else None
        text = name.decode("utf-8", "surrogateescape")
        out.append(Entry(name=text, mode=parts[0], kind=parts[1], oid=parts[2], size=size))
    return tuple(out)


def by_name(entries: Iterable[Entry], where: str) -> dict[str, Entry]:
    """Return the entries by name. Raises TwokeyError where a name stands twice: Git itself would see only one."""
    out: dict[str, Entry] = {}
    for entry in entries:
        if entry.name in out:
            raise TwokeyError(f"{where}: {shown(entry.name)} stands in it twice")
        out[entry.name] = entry
    return out


def refused_entries(tree: Tree) -> dict[str, str]:
    """Return the entries of a folder that are not even opened, each with the reason."""
    out = refused_names(tree)
    for name, entry in tree.items():
        if name in out:
            continue
        if entry.mode not in REGULAR or entry.kind != "blob":
            out[name] = f"{_what(entry)}: no regular file"
        elif entry.size is not None and entry.size > limit_of(name):  # without a size it is not here: that is an error
            out[name] = oversized(entry.size, limit_of(name))
    return out


def join(mine: Tree, theirs: Tree, where: str) -> dict[str, Entry]:
    """Return a folder that holds all of both.

    A file that is in both with other bytes is there twice, theirs under a free name, `NAME-2.json` and so on; a
    decision moves together with its signature. Raises TwokeyError where a copy of evidence or no file differs.
    """
    groups = _groups(mine)
    for stem, group in sorted(_groups(theirs).items()):
        there = groups.get(stem, {})
        if any(_same_group(group, other) for name, other in groups.items() if family(name) == family(stem)):
            continue
        if not all(entry.same(there.get(ending, entry)) for ending, entry in group.items()):
            if stem in EVIDENCE or any(entry.mode not in REGULAR for entry in group.values()):
                raise TwokeyError(f"{where}/{shown(stem)} differs from what is kept here, and only one can be right")
            stem = next(name for number in count(2) if (name := numbered(stem, number)) not in groups)
        groups[stem] = {**group, **groups.get(stem, {})}
    return {
        stem + ending: entry.called(stem + ending) for stem, group in groups.items() for ending, entry in group.items()
    }


def _groups(tree: Tree) -> dict[str, dict[str, Entry]]:
    """Return what belongs together: a decision with its signatures by their ending; any other file alone."""
    out: dict[str, dict[str, Entry]] = {}
    for name, entry in tree.items():
        stem = without_suffix(name)
        if not NAME.fullmatch(stem):
            stem = name
        out.setdefault(stem, {})[name.removeprefix(stem)] = entry
    return out


def _same_group(one: Mapping[str, Entry], other: Mapping[str, Entry]) -> bool:
    return one.keys() == other.keys() and all(entry.same(other[ending]) for ending, entry in one.items())


def _what(entry: Entry) -> str:
    return {"120000": "a link", "160000": "a submodule", TREE: "a folder"}.get(entry.mode, f"mode {entry.mode}")


def rows(tree: Tree) -> Iterator[bytes]:
    """Yield the tree's entries as `git mktree -z` reads them."""
    return (tree[name].row() for name in sorted(tree))
