"""Several people's grades brought together: `twokey grades merge`, and the conflicts before who settles them.

How grades are merged is in `review.merging`. The merged grades are a file of their own, which can be made again from
the others at any time: everybody's own grades, the adjudicator's too, stay as they are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from twokey.cli.console import say, talk
from twokey.cli.grading.screen import said
from twokey.cli.grading.session import grade_in_terminal
from twokey.cli.keeping import keep
from twokey.cli.options import command
from twokey.deciding.grade_signatures import SUFFIX
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import GRADES
from twokey.evidence.tree import read_regular
from twokey.review.agreeing import agreeing
from twokey.review.grades import Grades, filename, parse, render
from twokey.review.merging import Conflict, Merged, Source, differ, may_settle, merge, source
from twokey.values import dataclass

MERGED = "grades-merged.json"
"""The name of merged grades in a folder of grades: nobody's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """What is merged, and who merges.

    `directory` is the evidence's. `by` merges; `adjudicates` says whether they may settle disagreements, and `reviews`
    whether they grade like everybody else, blind. `seeds` are the rows of sealed items, which reviewers saw as well.
    """

    directory: Path
    evidence: Evidence
    by: str
    adjudicates: bool = True
    reviews: bool = True
    seeds: Sequence[Mapping[str, Any]] = ()

    @property
    def folder(self) -> Path:
        """Where the grades are."""
        return self.directory / GRADES

    @property
    def rows(self) -> tuple[Mapping[str, Any], ...]:
        """All rows that a grade may be about."""
        return (*self.evidence.gradable, *self.seeds)

    @property
    def sealed(self) -> frozenset[str]:
        """The ids of the sealed items."""
        return frozenset(str(row["id"]) for row in self.seeds)


def merge_files(case: Merging, files: Sequence[Path] = ()) -> Merged:
    """Merge the files given, or all those in the evidence, and keep the result; what was brought along is kept too.

    Raises:
        TwokeyError: no file, one that cannot be read or is about other evidence, or a second one of a reviewer.
    """
    if any(path.name == MERGED for path in files):
        raise TwokeyError("merged grades are not merged again", hint="name the reviewers' own files")
    if files:
        _bring(case, files)
    found = tuple(_sources(case, sorted(case.folder.glob("grades-*.json"))))
    merged = merge(found, case.evidence.items, by=case.by, adjudicates=case.adjudicates, seeds=case.sealed)
    keep(case.folder, {MERGED: render(merged.grades)})
    return merged


def settle_in_terminal(case: Merging, merged: Merged, stdin: TextIO, stdout: TextIO, **how: Any) -> Merged:
    """Put the conflicts before the adjudicator, and merge again with what they say; others' files stay as they are.

    `how` goes to `grade_in_terminal`. Raises TwokeyError where policy does not let them settle anything.
    """
    if not case.adjudicates:
        raise TwokeyError(f"policy does not let {case.by} settle disagreements", hint="review.reviewers.adjudicators")
    path = case.folder / filename(case.by)
    seeds = merged.grades.seeds if case.reviews else None
    own = Grades(manifest=case.evidence.digest, reviewer=case.by, seeds=seeds)
    if path.is_file():
        own = parse(read_regular(path), str(path), case.rows)
    found = (one for one in merged.differing if may_settle(one.said, case.by) or _outdated(one, case))
    theirs = {one.item: [row for row in one.said if row[0] != case.by] for one in found}
    rows = [row for row in case.rows if row["id"] in theirs]
    if rows:
        grade_in_terminal(
            rows, own, lambda now: keep(case.folder, {path.name: render(now)}), stdin, stdout, differing=theirs, **how
        )
    return merge_files(case)


def _outdated(conflict: Conflict, case: Merging) -> bool:
    """Return whether an adjudicator's word alone makes the conflict: others agree now, or took their grades back."""
    others = [row for row in conflict.said if row[0] != case.by]
    return not case.reviews and case.by in conflict.reviewers and not differ(others)


def tell(case: Merging, merged: Merged) -> None:
    """Say what came of merging: what is open and who said what, on stdout; how far they agree, on stderr."""
    sources = tuple(_sources(case, sorted(case.folder.glob("grades-*.json"))))
    for line in told(merged):
        say(line)
    if found := agreeing((one.grades for one in sources if one.grades.reviewer != case.by), case.sealed):
        talk(found.sentence)


def told(merged: Merged) -> Iterator[str]:
    """Yield what merging came to, the conflicts with what each reviewer says."""
    settled = len(merged.differing) - len(merged.conflicts)
    parts = [
        f"{len(merged.grades.grades):,} graded",
        *([f"{settled:,} of them settled by {merged.grades.reviewer}"] if settled else []),
        f"{len(merged.conflicts):,} seen differently",
        f"{len(merged.without):,} without a grade",
    ]
    yield f"merged {len(merged.grades.sources):,} files: {', '.join(parts)}"
    yield from (conflict_line(one) for one in merged.conflicts)


def conflict_line(conflict: Conflict) -> str:
    """Return who says what of an item that is seen differently."""
    words = "; ".join(f"{reviewer} says {said(grade)}" for reviewer, grade in conflict.said)
    whose = f"; {conflict.reviewers[0]} has to say which holds" if conflict.of_one else ""
    return f"conflict {conflict.item}: {words}{whose}"


def _sources(case: Merging, paths: Iterable[Path]) -> Iterator[Source]:
    """Yield the files as grades of this evidence, the merged one left out."""
    for path in paths:
        if path.name == MERGED:
            continue
        try:
            data = read_regular(path)
        except FileNotFoundError:
            raise TwokeyError("there are no such grades", where=Place(file=str(path))) from None
        grades = parse(data, str(path), case.rows)
        if grades.manifest != case.evidence.digest:
            raise TwokeyError("holds grades of other evidence", where=Place(file=str(path)))
        yield source(grades, data)


def _bring(case: Merging, files: Sequence[Path]) -> None:
    """Copy grades from elsewhere, with their signatures, to where the evidence keeps them: each under its reviewer."""
    for path, one in zip(files, _sources(case, files), strict=True):
        place = case.folder / filename(one.grades.reviewer)
        if place.is_file() and path.resolve() != place.resolve() and read_regular(place) != read_regular(path):
            hint = f"only they can say which holds: {command('review', '--as', one.grades.reviewer, '--import', path)}"
            raise TwokeyError(
                f"there are other grades of {one.grades.reviewer} already", where=Place(file=str(place)), hint=hint
            )
        beside = path.with_name(path.name + SUFFIX)
        keep(case.folder, {place.name: read_regular(path)})
        if beside.is_file():
            keep(case.folder, {place.name + SUFFIX: read_regular(beside)})
