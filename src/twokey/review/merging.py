"""Several people's grades as one: nothing is lost, and nobody can merge a failure away.

An item that one person graded is taken over. One that several graded alike in substance (not usable, usable, to be
settled by somebody, asked about) is taken over in its worse, fuller row, unchanged. One that they see differently is a
conflict, and stays open until an adjudicator, who is none of those that differ, grades it and says why. What comes out
is a function of the set of files, the adjudicator's among them, so it can be made again from them, in any order.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from twokey.canonical import sha256
from twokey.errors import TwokeyError
from twokey.review.grades import CERTAINTIES, GRADE_VALUES, SEVERITIES, Grade, Grades, render
from twokey.values import dataclass

Substance = Literal["failed", "usable", "to be settled", "asked about"]
Said = tuple[str, Grade]
"""A reviewer, and what they say of an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One reviewer's grades as they lie in a file, by its SHA-256."""

    sha256: str
    grades: Grades


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """An item that is seen differently: by several, or in two files of one person, who then has to say which holds."""

    item: str
    said: tuple[Said, ...]

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Who graded it, each once."""
        return tuple(dict.fromkeys(reviewer for reviewer, _ in self.said))

    @property
    def of_one(self) -> bool:
        """Whether one person says two things of it."""
        return len(self.reviewers) < len(self.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What several files come to: the grades, what was seen differently, and the ids of items that nobody graded."""

    grades: Grades
    differing: tuple[Conflict, ...]
    without: tuple[str, ...]

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """What is still open: nobody settled it, or who would has a question."""
        graded = {grade.item for grade in self.grades.grades if grade.grade != "ask"}
        return tuple(one for one in self.differing if one.item not in graded)


def source(grades: Grades, data: bytes | None = None) -> Source:
    """Return the grades with the digest of their file's bytes; of those that they would be written as, without any."""
    return Source(sha256=sha256(render(grades) if data is None else data), grades=grades)


def substance(grade: Grade) -> Substance:
    """Return what a grade comes to, severities aside."""
    if grade.failed:
        return "failed"
    if grade.unresolved:
        return "asked about" if grade.grade == "ask" else "to be settled"
    return "usable"


def merge(
    sources: Iterable[Source],
    items: Iterable[Mapping[str, Any]],
    *,
    by: str,
    adjudicates: bool = True,
    seeds: Collection[str] = (),
) -> Merged:
    """Merge the grades of several people.

    Args:
        sources: one file of each, none of them merged itself. Who settles disagreements has a file among them like
            everybody else: their grade of an item over which others differ is what settles it.
        items: the rows that have to be graded, in the order in which those that nobody graded are told.
        by: who merges, and in whose name the merged grades are.
        adjudicates: whether they may settle disagreements.
        seeds: ids of the sealed items. Each tests the reviewer whose file it is in, so they are not merged.

    Raises:
        TwokeyError: no file, files about other evidence or other seeds, or one that was merged before.
    """
    sources = _usable(sources)
    found = {item: said for item, said in _by_item(sources).items() if item not in seeds}
    rows = {item: row for item, said in found.items() if (row := _row(said, by if adjudicates else None)) is not None}
    return Merged(
        grades=Grades(
            manifest=sources[0].grades.manifest,
            reviewer=by,
            grades=tuple(row for _, row in sorted(rows.items())),
            seeds=next((one.grades.seeds for one in sources if one.grades.seeds is not None), None),
            sources=tuple(one.sha256 for one in sources),
        ),
        differing=tuple(Conflict(item=item, said=said) for item, said in sorted(found.items()) if differ(said)),
        without=tuple(id_ for item in items if (id_ := str(item["id"])) not in found and id_ not in seeds),
    )


def _row(said: Sequence[Said], adjudicator: str | None) -> Grade | None:
    """Return the one row that an item's rows come to, or None where that is open."""
    if not differ(said):
        return worst(grade for _, grade in said)
    mine = [grade for reviewer, grade in said if reviewer == adjudicator]
    settles = len(mine) == 1 and mine[0].reason.strip() and may_settle(said, adjudicator)
    return mine[0] if settles else None


def may_settle(said: Sequence[Said], adjudicator: str | None) -> bool:
    """Return whether others differ over an item, each with one voice; who is part of a disagreement settles none."""
    others = [(reviewer, grade) for reviewer, grade in said if reviewer != adjudicator]
    return differ(others) and len({reviewer for reviewer, _ in others}) == len(others)


def differ(said: Sequence[Said]) -> bool:
    """Return whether rows of one item differ in substance, or are two of one person."""
    reviewers = {reviewer for reviewer, _ in said}
    return len(reviewers) < len(said) or len({substance(grade) for _, grade in said}) > 1


def worst(grades: Iterable[Grade]) -> Grade:
    """Return the worse, fuller one of rows that agree in substance: by severity, then grade, then what is said."""
    return max(grades, key=_badness)


def _badness(grade: Grade) -> tuple[Any, ...]:
    """Order the rows of one item; no two different rows are alike in it, so the order of files cannot show."""
    severity = -1 if grade.severity is None else SEVERITIES.index(grade.severity)
    certainty = -1 if grade.certainty is None else CERTAINTIES.index(grade.certainty)
    rank = (severity, GRADE_VALUES.index(grade.grade), len(grade.reason) + len(grade.correction or ""))
    return (*rank, grade.reason, grade.correction or "", certainty, grade.revised_from, grade.seconds)


def _usable(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return the files sorted and each once.

    Raises TwokeyError where they cannot be merged: none, of different evidence or seeds, or merged themselves.
    """
    found = tuple({one.sha256: one for one in sorted(sources, key=lambda one: one.sha256)}.values())
    if not found:
        raise TwokeyError("there are no grades to merge")
    for one in found:
        if one.grades.sources:
            raise TwokeyError(
                f"the grades of {one.grades.reviewer} were merged themselves: {one.sha256[:12]}",
                hint="merge the reviewers' own files",
            )
    if len({one.grades.manifest for one in found}) > 1:
        raise TwokeyError("these grades are about different evidence")
    if len({one.grades.seeds for one in found} - {None}) > 1:
        raise TwokeyError("these grades were given with different sealed seeds")
    return found


def _by_item(sources: Iterable[Source]) -> dict[str, tuple[Said, ...]]:
    """Return what is said of each item, sorted. What one person says twice, whatever time it took, stands once."""
    longest: dict[str, dict[Said, int]] = {}
    for one in sources:
        for grade in one.grades.grades:
            rows = longest.setdefault(grade.item, {})
            row = (one.grades.reviewer, replace(grade, seconds=0))
            rows[row] = max(rows.get(row, 0), grade.seconds)
    return {
        item: tuple(
            (reviewer, replace(grade, seconds=rows[reviewer, grade]))
            for reviewer, grade in sorted(rows, key=lambda row: (row[0], _badness(row[1])))
        )
        for item, rows in longest.items()
    }
