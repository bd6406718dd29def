"""Reading and writing the trees and commits of a ref that keeps decisions, by Git's plumbing commands.

Everything is read by object and with a limit. What a tree's entries are worth is in `ref_entries`; whether a written
commit takes the ref's place is for Git to say, which compares the ref with what it was.
"""

import re
from collections.abc import Iterable, Mapping

from twokey.decisions.contents import MAX_FILES, MAX_FOLDER_BYTES
from twokey.decisions.ref_entries import TREE, Entry, Tree, by_name, parse_tree, rows
from twokey.decisions.ref_git import GitRefusedError, Private
from twokey.errors import Place, TwokeyError
from twokey.repository.checkout import Checkout

MAX_GONE = 200_000
_STEP = re.compile(rb"([0-9a-f]{40,64}) [0-9a-f]{40,64}\n")


def tip(checkout: Checkout, ref: str) -> str | None:
    """Return the commit that a ref is at, or None without one. Raises TwokeyError where it leads to another ref."""
    place = checkout.common / ref
    leads_on = place.is_symlink()
    if place.is_file():
        with place.open("rb") as file:
            leads_on = leads_on or file.read(4) == b"ref:"
    if leads_on:
        raise TwokeyError("leads to another ref; decisions are kept in a ref of their own", where=_at(str(place)))
    return checkout.ref(ref)


def top(git: Private, commit: str | None, where: str) -> dict[str, Entry]:
    """Return the entries of a commit's tree by name; none without a commit."""
    return by_name(parse_tree(git.run("ls-tree", "-z", commit), where), where) if commit else {}


def folder(git: Private, whole: Tree, short: str, where: str) -> dict[str, Entry]:
    """Return the entries of a folder in a tree; none where it is not there.

    Raises TwokeyError where it is no folder, or holds more than 1,000 entries.
    """
    found, where = whole.get(short), f"{where}:{short}"
    if found is None:
        return {}
    if (found.mode, found.kind) != (TREE, "tree"):
        raise TwokeyError("is a link or something else that is no folder", where=_at(where))
    entries = parse_tree(git.run("ls-tree", "-z", "-l", found.oid), where)
    if len(entries) > MAX_FILES:
        raise TwokeyError(f"more than {MAX_FILES:,} files in a folder of decisions", where=_at(where))
    return by_name(entries, where)


def blobs(git: Private, oids: Iterable[str], where: str) -> dict[str, bytes]:
    """Return the content of blobs. Raises TwokeyError where they are too much together, or are not here."""
    asked = "".join(f"{oid}\n" for oid in dict.fromkeys(oids)).encode("ascii")
    if not asked:
        return {}
    sizes = [line.split() for line in git.run("cat-file", "--batch-check", stdin=asked).decode("ascii").splitlines()]
    if any(len(row) != 3 or row[1] != "blob" for row in sizes):
        raise TwokeyError(
            "the content of a file is not in this repository", where=_at(where), hint="git fetch it again"
        )
    if sum(int(row[2]) for row in sizes) > MAX_FOLDER_BYTES:
        raise TwokeyError(f"more than {MAX_FOLDER_BYTES:,} bytes in a folder of decisions", where=_at(where))
    printed, out, start = git.run("cat-file", "--batch", stdin=asked), {}, 0
    for oid, _, size in sizes:
        start = printed.index(b"\n", start) + 1
        out[oid] = printed[start : start + int(size)]
        start += int(size) + 1
    return out


def gone(git: Private, commits: Iterable[str], below: str = "", status: str = "DMT") -> tuple[tuple[str, str], ...]:
    """Return what the history of commits deleted or changed: the path of each file, and a tree that still has it.

    Every commit is compared with each of its parents, so that a merge hides nothing. A history that was cut short by a
    shallow clone is read as far as it goes.
    """
    lines = [line.split() for line in git.run("log", "--format=%H %T %P", *commits, "--").decode("ascii").splitlines()]
    tree_of = {commit: tree for commit, tree, *_ in lines}
    pairs = {(tree_of[parent], tree) for _, tree, *parents in lines for parent in parents if tree_of[parent] != tree}
    steps = "".join(f"{before} {after}\n" for before, after in sorted(pairs))
    if not steps:
        return ()
    options = ("--stdin", "-z", "-r", "--no-renames", "--name-only", f"--diff-filter={status}")
    printed = git.run("diff-tree", *options, *(("--", below) if below else ()), stdin=steps.encode("ascii"))
    found, before = set[tuple[str, str]](), ""
    for part in printed.split(b"\0")[:-1]:
        while step := _STEP.match(part):  # a step without a difference is followed by the next one
            before, part = step[1].decode("ascii"), part[step.end() :]
        found.add((part.decode("utf-8", "replace"), before))
    if len(found) > MAX_GONE:
        raise TwokeyError(f"more than {MAX_GONE:,} files were deleted from the decisions")
    return tuple(sorted(found))


def lookup(git: Private, names: Iterable[str]) -> dict[str, str]:
    """Return the blob that each name such as `COMMIT:PATH` stands for; a name that stands for none is left out."""
    names = tuple(dict.fromkeys(names))
    if not names:
        return {}
    asked = "".join(f"{name}\n" for name in names).encode()
    printed = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked).decode().splitlines()
    found = zip(names, map(str.split, printed), strict=True)
    return {name: row[0] for name, row in found if len(row) == 2 and row[1] == "blob"}


def put_blobs(git: Private, files: Mapping[str, bytes]) -> dict[str, Entry]:
    """Write files as blobs; return their entries."""
    paths = []
    for number, data in enumerate(files.values()):
        (git.folder / f"blob-{number}").write_bytes(data)
        paths.append(str(git.folder / f"blob-{number}"))
    given = "".join(f"{path}\n" for path in paths).encode()
    oids = git.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=given).decode("ascii").split()
    return {
        name: Entry(name=name, mode="100644", kind="blob", oid=oid, size=len(data))
        for (name, data), oid in zip(files.items(), oids, strict=True)
    }


def put_tree(git: Private, tree: Tree) -> str:
    """Write a tree, carrying along whatever odd entries it has; return its object."""
    return git.run("mktree", "-z", "--missing", stdin=b"".join(rows(tree))).decode("ascii").strip()


def put_commit(git: Private, whole: Tree, parents: Iterable[str], message: str) -> str:
    """Write a commit of a tree, in the fixed name of twokey; return its object."""
    before = [part for parent in parents for part in ("-p", parent)]
    written = git.run("commit-tree", *before, "-m", message, put_tree(git, whole))
    return written.decode("ascii").strip()


def move(git: Private, ref: str, new: str, old: str | None) -> str | None:
    """Move a ref if it still is where it was; return None, or what Git says where somebody else was faster."""
    try:
        git.run("update-ref", "--no-deref", ref, new, old or "0" * len(new))
    except GitRefusedError as error:
        if "cannot lock ref" not in error.said:
            raise
        return str(error)
    return None


def _at(place: str) -> Place:
    return Place(file=place)
