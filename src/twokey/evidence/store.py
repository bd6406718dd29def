"""Evidence on disk: written whole or not at all, and read back only if every covered byte is what the manifest says."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from twokey.canonical import loads, sha256
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import (
    ALSO_COVERED,
    GRADES,
    ITEMS,
    MANIFEST,
    PACKET,
    QUARANTINE,
    RESERVE,
    RESULTS,
    SEEDS,
    short,
)
from twokey.evidence.manifest import parse_manifest
from twokey.evidence.results import parse_results
from twokey.evidence.shapes import malformed_held, malformed_item, malformed_packet
from twokey.evidence.tree import files_in, read_regular


def write_evidence(directory: Path, evidence: Evidence, manifest: bytes, others: Mapping[str, bytes]) -> None:
    """Put evidence in place of what stood in `directory` before; `others` are derived and people's files.

    Grades that belong to the same manifest stay where they are, unless `others` holds them too: those were signed.
    So do its sealed seeds. Grades and seeds of another manifest, and grades that give way, are kept beside, under
    `kept/<first 12 of its digest>`, and come back when that evidence does. Raises TwokeyError where the directory holds
    something else than evidence.
    """
    _bring_back(directory)
    refuse_foreign(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as error:
        raise TwokeyError(f"cannot be written: {error.strerror}", where=_at(directory)) from None
    try:
        fresh.chmod(0o755)
        for path, data in {**evidence.files, MANIFEST: manifest, **others}.items():
            target = fresh / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        _carry_grades(directory, fresh, evidence.digest)
        _swap(fresh, directory)
    except OSError as error:
        raise TwokeyError(f"cannot be written: {error.strerror}", where=_at(directory)) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read_evidence(directory: Path) -> Evidence:
    """Read evidence and check every byte that its manifest covers.

    Raises:
        TwokeyError: no evidence there, a covered file missing, altered or too large, a file that has no place there.
    """
    _bring_back(directory)
    manifest_bytes = _read(directory, MANIFEST)
    manifest = parse_manifest(manifest_bytes, str(directory / MANIFEST))
    listed = {row["path"] for row in manifest["files"]}
    if loose := [name for name in files_in(directory) if name in ALSO_COVERED and name not in listed]:
        raise TwokeyError(f"{loose[0]} is there, and the manifest does not cover it", where=_at(directory))
    files = {}
    for row in manifest["files"]:
        data = _read(directory, row["path"])
        if len(data) != row["size"] or sha256(data) != row["sha256"]:
            raise TwokeyError(
                f"is not what the manifest covers: expected sha256 {row['sha256'][:12]}, found {sha256(data)[:12]}",
                where=Place(file=str(directory / row["path"])),
                hint="the evidence was altered after it was made; run twokey run again",
            )
        files[row["path"]] = data
    return assemble(manifest_bytes, manifest, files)


def assemble(manifest_bytes: bytes, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Evidence:
    """Return the typed evidence out of its bytes. Raises TwokeyError where results or items are malformed."""
    packet = loads(files[PACKET], file=PACKET)
    items = _rows(files, ITEMS, malformed_item)
    _rows(files, QUARANTINE, malformed_held)
    if fault := malformed_packet(packet):
        raise TwokeyError(f"is not a packet: {fault}", where=Place(file=PACKET))
    return Evidence(
        digest=sha256(manifest_bytes),
        manifest=manifest,
        results=parse_results(files[RESULTS]),
        packet=packet,
        items=items,
        reserve=_rows(files, RESERVE, malformed_item) if RESERVE in files else (),
        files=dict(files),
    )


def _rows(files: Mapping[str, bytes], name: str, malformed: Callable[[Any], str | None]) -> tuple[Any, ...]:
    rows = tuple(loads(line, file=name) for line in files[name].splitlines())
    for number, row in enumerate(rows, start=1):
        if fault := malformed(row):
            raise TwokeyError(f"is not a row of evidence: {fault}", where=Place(file=name, line=number))
    return rows


def _at(directory: Path) -> Place:
    return Place(file=str(directory))


def _read(directory: Path, name: str) -> bytes:
    try:
        return read_regular(directory / name)
    except FileNotFoundError:
        hint = "run twokey run first" if name == MANIFEST else "the evidence is incomplete; run twokey run again"
        raise TwokeyError("there is no such evidence", where=Place(file=str(directory / name)), hint=hint) from None


def refuse_foreign(directory: Path) -> None:
    """Raise TwokeyError where a directory holds anything that evidence does not: it would be lost when replaced."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise TwokeyError("is no directory", where=_at(directory), hint="expected a directory for evidence")
    if not directory.is_dir() or not any(directory.iterdir()):
        _refuse_file_above(directory)
        return
    try:
        odd = "" if {MANIFEST, RESULTS} <= set(files_in(directory)) else "no manifest and results"
    except TwokeyError as error:
        odd = str(error)
    if odd:
        raise TwokeyError(
            f"holds something else than evidence and will not be replaced: {odd}",
            where=_at(directory),
            hint="move it away, or name another directory with --evidence",
        )


def _refuse_file_above(directory: Path) -> None:
    above = next(path for path in directory.absolute().parents if path.exists())
    if not above.is_dir():
        raise TwokeyError(f"cannot be made: {above.name} above it is a file", where=_at(directory))


def _carry_grades(old: Path, fresh: Path, digest: str) -> None:
    kept = old.parent / "kept"
    if (old / MANIFEST).is_file():
        before = sha256((old / MANIFEST).read_bytes())
        aside = kept / short(before) / GRADES
        if (old / SEEDS).is_file():  # grades name the sealed seeds that they were given with
            _copy(old / SEEDS, fresh / SEEDS if before == digest else aside.parent / SEEDS)
        for path in sorted((old / GRADES).glob("*")):
            there = fresh / GRADES / path.name
            if before == digest and not there.exists():
                _copy(path, there)
            elif before != digest or there.read_bytes() != path.read_bytes():
                _copy(path, aside / path.name)
    if (kept / short(digest) / SEEDS).is_file() and not (fresh / SEEDS).exists():
        _copy(kept / short(digest) / SEEDS, fresh / SEEDS)
    for path in sorted((kept / short(digest) / GRADES).glob("*")):
        if not (fresh / GRADES / path.name).exists():
            _copy(path, fresh / GRADES / path.name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def _bring_back(directory: Path) -> None:
    """Rename evidence back into place that stepped aside in a `_swap` that was killed halfway."""
    if directory.is_symlink() or directory.exists():
        return
    aside = [path for path in directory.parent.glob(f"{_aside(directory)}*") if (path / MANIFEST).is_file()]
    if len(aside) != 1 or aside[0].is_symlink():
        return
    try:
        aside[0].rename(directory)
    except OSError as error:
        raise TwokeyError(f"cannot be brought back: {error.strerror}", where=_at(aside[0])) from None


def _aside(directory: Path) -> str:
    return f".{directory.name}-old-"


def _swap(fresh: Path, directory: Path) -> None:
    """Rename the new directory into place; the old one steps aside first and comes back if that fails."""
    if not directory.exists():
        fresh.rename(directory)
        return
    aside = Path(tempfile.mkdtemp(prefix=_aside(directory), dir=directory.parent))
    aside.rmdir()
    directory.rename(aside)
    try:
        fresh.rename(directory)
    except BaseException:  # an interruption too
        aside.rename(directory)
        raise
    shutil.rmtree(aside, ignore_errors=True)
