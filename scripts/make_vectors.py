"""Make tests/vectors: decisions, good and hostile, each with what a verifier must say of it. docs/decision-format.md.

    python scripts/make_vectors.py           writes what differs
    python scripts/make_vectors.py --check   writes nothing; status 1 names each file that is not what this script makes

Keys come from seeds and times are fixed, so that the same bytes are made everywhere. What is expected stands in
scripts/vectors, written by hand; tests/test_vectors.py holds the code against it.
"""

import sys
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from vectors import (
    altered,
    changes,
    documents,
    emergency,
    good,
    matters,
    people,
    review,
    signatures,
    standing,
    surroundings,
)
from vectors.world import shared

VECTORS = Path(__file__).parents[1] / "tests" / "vectors"
GROUPS = (
    good,
    signatures,
    documents,
    people,
    matters,
    review,
    standing,
    emergency,
    surroundings,
    altered,
    changes,
)
BY_HAND = {Path("README.md"), Path(".gitattributes")}


def made() -> dict[Path, bytes]:
    """Return every file by its path below tests/vectors. Raises ValueError where two cases have one name."""
    found = shared()
    for name, case in chain.from_iterable(group.cases() for group in GROUPS):
        files = {Path("cases", name, path): data for path, data in case.files().items()}
        if twice := found.keys() & files.keys():
            raise ValueError(f"{min(twice)} is made twice")
        found |= files
    return found


def stale(wanted: Mapping[Path, bytes]) -> list[Path]:
    """Return the files on disk that differ, are missing, or that nothing makes."""
    there = {path.relative_to(VECTORS): path.read_bytes() for path in VECTORS.rglob("*") if path.is_file()}
    names = {*there, *wanted} - BY_HAND
    return sorted(name for name in names if there.get(name) != wanted.get(name))


def main(arguments: list[str]) -> int:
    """Write the vectors, or with `--check` compare them; return the exit status."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: make_vectors.py [--check]\n")
        return 2
    wanted = made()
    differing = stale(wanted)
    if arguments:
        for name in differing:
            sys.stderr.write(f"tests/vectors/{name.as_posix()} is not what scripts/make_vectors.py makes\n")
        return 1 if differing else 0
    for name in differing:
        path = VECTORS / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted[name])
        else:
            path.unlink()
            for folder in path.parents[: len(name.parents) - 1]:
                if not any(folder.iterdir()):
                    folder.rmdir()
        sys.stdout.write(f"tests/vectors/{name.as_posix()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
