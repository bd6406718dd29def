"""`twokey review --export` and `--import`: items go out to be graded elsewhere, and the grades come back.

Formats are in `review.trade`. Here files are read and written, and what came back is joined with what there was: a
grade that says something else than an earlier one is a conflict, and takes its place only where that is asked for.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twokey.values import dataclass

if TYPE_CHECKING:
    from twokey.evidence.bundle import Evidence
    from twokey.review.grades import Grades
    from twokey.review.trade.taking import Taken

MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The grades as they are now; how many came `fresh`, took an older one's place or were there already; and notes."""

    grades: "Grades"
    fresh: int
    changed: int
    same: int
    notes: tuple[str, ...] = ()

    def told(self) -> str:
        """Return what happened, in a sentence."""
        parts = [f"{self.fresh:,} new grades"]
        parts += [f"{self.changed:,} in place of earlier ones"] if self.changed else []
        parts += [f"{self.same:,} that were there already"] if self.same else []
        return ", ".join(parts)


def export_file(
    evidence: "Evidence",
    path: Path,
    *,
    format_name: str | None = None,
    rows: Iterable[Mapping[str, Any]] | None = None,
    grades: "Grades | None" = None,
    opinion: bool = False,
    force: bool = False,
) -> tuple[Path, ...]:
    """Write the items for another tool, and return the files: the one that was named, and what belongs beside it.

    Args:
        evidence: what is to be graded.
        path: where to; the end of its name says the format where none is named.
        format_name: a format of `review.trade`.
        rows: what the reviewer meets, in that order, sealed items among them; default: the items.
        grades: given so far, to go along.
        opinion: whether what the machine thinks goes along; it is hidden until the first grade otherwise.
        force: whether files of these names may be written over.

    Raises:
        TwokeyError: no such format, a file is there already, or it cannot be written.
    """
    from twokey.cli.keeping import write_whole
    from twokey.errors import Place, TwokeyError
    from twokey.review.trade import format_for, format_named
    from twokey.review.trade.base import Sheet

    chosen = format_named(format_name) if format_name else format_for(path)
    items = tuple(evidence.items if rows is None else rows)
    sheet = Sheet(manifest=evidence.digest, items=items, grades=grades, opinion=opinion)
    files = {path: chosen.export(sheet)}
    files |= {path.with_suffix(suffix): data for suffix, data in chosen.beside(sheet).items()}
    if not force and (there := next((file for file in files if file.exists()), None)):
        raise TwokeyError(
            "is there already, and may hold grades", where=Place(file=str(there)), hint="name another file, or --force"
        )
    for file, data in files.items():
        write_whole(file, data)
    return tuple(files)


def import_file(
    evidence: "Evidence",
    path: Path,
    *,
    reviewer: str,
    before: "Grades | None" = None,
    format_name: str | None = None,
    sealed: Iterable[Mapping[str, Any]] = (),
    seeds: str | None = None,
    annotator: str | None = None,
    replace: bool = False,
) -> Imported:
    """Read grades that were given elsewhere, and join them with those there are. Nothing is written.

    Args:
        evidence: what was graded.
        path: a file of any format of `review.trade`, or a grades file of twokey's own, as the page saves it.
        reviewer: whose grades they become.
        before: the reviewer's grades so far.
        format_name: a format; default: by the file's name and beginning.
        sealed: rows of the sealed bundle, which may be graded as well.
        seeds: the SHA-256 of that bundle.
        annotator: the name or number that the reviewer has in the other tool.
        replace: whether a grade that says something else takes the place of an earlier one.

    Raises:
        TwokeyError: the file cannot be read, is of no known format, or contradicts the evidence or the grades so far.
    """
    from twokey.review.trade import format_named, format_of
    from twokey.review.trade.taking import taken

    data = _read(path)
    known = (*evidence.gradable, *sealed)
    own = None if format_name else _own(data, path, known, evidence.digest, reviewer)
    if own is None:
        chosen = format_named(format_name) if format_name else format_of(data, path)
        own = taken(
            chosen.read(data, str(path)),
            file=str(path),
            manifest=evidence.digest,
            items=known,
            reviewer=reviewer,
            annotator=annotator,
            seeds=seeds,
        )
    return _joined(before, own, str(path), replace=replace)


def _own(data: bytes, path: Path, items: Iterable[Mapping[str, Any]], manifest: str, reviewer: str) -> "Taken | None":
    """Return the grades of a grades file of twokey's own, or None where it is something else."""
    from twokey.errors import Place, TwokeyError
    from twokey.review.grades import TYPE, parse
    from twokey.review.trade.taking import Taken

    if path.suffix.lower() != ".json" or f'"{TYPE}"'.encode() not in data:
        return None
    grades = parse(data, str(path), items)
    where = Place(file=str(path))
    if grades.manifest != manifest:
        raise TwokeyError(f"holds grades of other evidence: expected {manifest[:12]}", where=where)
    if grades.reviewer != reviewer:
        raise TwokeyError(f"holds grades by {grades.reviewer}", where=where, hint=f"--as {grades.reviewer}")
    return Taken(grades=grades)


def _joined(before: "Grades | None", found: "Taken", file: str, *, replace: bool) -> Imported:
    from dataclasses import replace as changed_to

    from twokey.errors import Place, TwokeyError
    from twokey.review.grades import Grades

    fresh = found.grades
    now = before or Grades(manifest=fresh.manifest, reviewer=fresh.reviewer)
    earlier = {grade.item: grade for grade in now.grades}
    other = [grade for grade in fresh.grades if earlier.get(grade.item, grade) != grade]
    if other and not replace:
        named = ", ".join(repr(grade.item[:80]) for grade in other[:MOST_NAMED])
        more = f" and {len(other) - MOST_NAMED} more" if len(other) > MOST_NAMED else ""
        raise TwokeyError(
            f"grades {len(other):,} items otherwise than {now.reviewer} did before: {named}{more}",
            where=Place(file=file),
            hint="--replace takes those of the file",
        )
    new = [grade for grade in fresh.grades if grade.item not in earlier]
    together = {**earlier, **{grade.item: grade for grade in fresh.grades}}
    now = changed_to(now, grades=tuple(together.values()), seeds=fresh.seeds or now.seeds)
    return Imported(
        grades=now,
        fresh=len(new),
        changed=len(other),
        same=len(fresh.grades) - len(new) - len(other),
        notes=found.notes,
    )


def _read(path: Path) -> bytes:
    from twokey.errors import Place, TwokeyError
    from twokey.review.trade.base import MAX_BYTES

    where = Place(file=str(path))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TwokeyError(f"cannot be read: {error.strerror}", where=where) from None
    if len(data) > MAX_BYTES:
        raise TwokeyError(f"has more than the {MAX_BYTES:,} bytes allowed", where=where)
    return data
