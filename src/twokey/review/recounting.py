"""What grades come to on sealed seeds, counted by anybody from three files: bundle, opening and grades.

A seed is caught where the output is not let through: failed, edited or escalated. A `bad-reference` lets it through,
and so misses it. Nothing is counted where a file does not fit the others; the reason is returned. What of that a
decision may stand on is in `voiding`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from twokey import canonical
from twokey.errors import Place, TwokeyError
from twokey.review import grades as graded
from twokey.review.grades import Grades
from twokey.review.seeds import Answer, Bundle, Opening, fault_of, parse_bundle, parse_opening
from twokey.values import dataclass

CAUGHT = frozenset({"fail", "edit", "escalate"})
FALSE = frozenset({"fail", "edit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedCount:
    """What one reviewer's grades come to. `missed` and `ungraded` are bad items; `false_alarms` are failed decoys.

    `told` are the answers of the bad items that were missed, for people to look whether they are bad indeed.
    """

    caught: int
    missed: int
    ungraded: int
    false_alarms: int
    total: int
    decoys: int
    void_at: int
    told: tuple[Answer, ...] = ()

    @property
    def void(self) -> bool:
        """Whether so many were missed that the review says nothing."""
        return self.missed >= self.void_at

    @property
    def sentence(self) -> str:
        """What an auditor wants to read, such as `4 of 4 seeds caught`."""
        text = f"{self.caught} of {self.total} seeds caught"
        if self.false_alarms:
            text += f", {self.false_alarms} of {self.decoys} good ones failed"
        return f"{text}, {self.ungraded} not graded" if self.ungraded else text


def recount(bundle: bytes, opening: bytes, grades: Grades) -> SeedCount | str:
    """Count again from the files; return why not where they do not fit each other.

    Which grades files were there when the seeds were opened is not looked at: `voiding` does.

    Raises:
        TwokeyError: a file cannot be read as what it is.
    """
    sealed, opened, digest = parse_bundle(bundle), parse_opening(opening), canonical.sha256(bundle)
    return counted(sealed, digest, opened, grades)


def counted(bundle: Bundle, digest: str, opening: Opening, grades: Grades) -> SeedCount | str:
    """Count from files that were read; return why not where they do not fit each other."""
    if grades.manifest != bundle.manifest:
        return "the bundle of seeds is of other evidence than the grades"
    if grades.seeds != digest:
        named = "none" if grades.seeds is None else grades.seeds[:12]
        return f"the grades name another bundle of seeds: {named}, not {digest[:12]}"
    if fault := fault_of(bundle, digest, opening):
        return f"the opening does not fit the bundle of seeds: {fault}"
    return tally(opening.answers, grades, bundle.rule.void_at)


def tally(answers: Iterable[Answer], grades: Grades, void_at: int) -> SeedCount:
    """Count grades against answers. A question that waits for its answer is no grade."""
    given = {grade.item: grade.grade for grade in grades.grades if grade.grade != "ask"}
    answers = tuple(answers)
    bad = [answer for answer in answers if answer.bad]
    missed = tuple(answer for answer in bad if answer.id in given and given[answer.id] not in CAUGHT)
    ungraded = sum(answer.id not in given for answer in bad)
    return SeedCount(
        caught=len(bad) - len(missed) - ungraded,
        missed=len(missed),
        ungraded=ungraded,
        false_alarms=sum(given.get(answer.id) in FALSE for answer in answers if not answer.bad),
        total=len(bad),
        decoys=len(answers) - len(bad),
        void_at=void_at,
        told=missed,
    )


def parse_grades(data: bytes, file: str, items: Iterable[Mapping[str, Any]], bundles: Mapping[str, Bundle]) -> Grades:
    """Read a grades file as `grades.parse` does; of the seeds, only those of the bundle that it names may be graded.

    Raises:
        TwokeyError: as `grades.parse` does, or the bundle that it names is not among these.
    """
    items = tuple(items)
    document = canonical.loads(data, file=file, max_bytes=graded.MAX_BYTES)
    named = document.get("seeds") if isinstance(document, dict) else None
    if named is None:
        return graded.parse(data, file, items)
    bundle = bundles.get(named) if isinstance(named, str) else None
    if bundle is None:
        told = f"names a bundle of seeds that is not here: {str(named)[:12]!a}"
        raise TwokeyError(told, where=Place(file=file), hint="review/seeds.json goes with the evidence")
    return graded.parse(data, file, (*items, *bundle.items))


def to_grade(items: Iterable[Mapping[str, Any]], grades: Grades, bundles: Mapping[str, Bundle]) -> tuple[Any, ...]:
    """Return the rows that have to be graded for these grades to be complete: the items, and the seeds they name.

    Merged grades have no seeds: those are in each of the files that they were merged from.
    """
    bundle = bundles.get(grades.seeds) if grades.seeds is not None and not grades.sources else None
    return (*items, *(bundle.items if bundle else ()))


def without_seeds(grades: Grades, bundles: Mapping[str, Bundle]) -> Grades:
    """Return the grades of items alone: those of seeds say nothing of the outputs."""
    bundle = bundles.get(grades.seeds) if grades.seeds is not None else None
    known = {str(row["id"]) for row in bundle.items} if bundle else set()
    return replace(grades, grades=tuple(grade for grade in grades.grades if grade.item not in known))
