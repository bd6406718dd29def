"""Whether merged grades are what the files that they name come to, and nothing else.

Anybody can write a grades file. So a verifier merges again what merged grades name by digest, and whatever was left
out, softened, or settled by nobody entitled to it is a reason not to count them. Signatures are judged elsewhere.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from twokey.errors import TwokeyError
from twokey.review.grades import Grades
from twokey.review.merging import Source, merge


def follows(
    merged: Grades,
    at_hand: Iterable[Source],
    *,
    adjudicates: bool,
    parts: Mapping[str, Collection[str]] | None = None,
    seeds: Collection[str] = (),
) -> tuple[str, ...]:
    """Return why merged grades do not follow from their sources; nothing where they do.

    Args:
        merged: grades that name sources.
        at_hand: grades files, those that the merged grades name among them.
        adjudicates: whether policy lets the reviewer of the merged grades settle disagreements.
        parts: the ids that policy assigns to each reviewer, where it does: all of them have to be graded by that
            person, and nobody else's grades count but those of who adjudicates.
        seeds: ids of the sealed items.
    """
    known = {one.sha256: one for one in at_hand}
    if missing := [digest for digest in merged.sources if digest not in known]:
        return tuple(f"grades that it was merged from are not here or were changed: {one[:12]}" for one in missing)
    sources = [known[digest] for digest in merged.sources]
    try:
        again = merge(sources, (), by=merged.reviewer, adjudicates=adjudicates, seeds=seeds).grades
    except TwokeyError as error:
        return (error.problems[0].message,)
    if again.manifest != merged.manifest:
        return ("it was merged from grades of other evidence",)
    if again.seeds != merged.seeds:
        return ("it names other sealed seeds than the grades that it was merged from",)
    people = [] if parts is None else [*_of_others(merged, parts, sources, adjudicates), *_not_graded(parts, sources)]
    return (*_different(merged, again), *people)


def _different(merged: Grades, again: Grades) -> Iterator[str]:
    """Yield what stands in the merged grades, or is left out of them, otherwise than merging again gives it."""
    here, there = ({grade.item: grade for grade in grades.grades} for grades in (merged, again))
    for item in sorted(here.keys() | there.keys()):
        if item not in here:
            yield f"the grade of {item[:80]!r} was left out of it"
        elif item not in there:
            yield f"the grade of {item[:80]!r} was given by nobody, or settles what it cannot settle"
        elif here[item] != there[item]:
            yield f"the grade of {item[:80]!r} is not what its reviewers gave"


def _of_others(
    merged: Grades, parts: Mapping[str, Collection[str]], sources: Sequence[Source], adjudicates: bool
) -> Iterator[str]:
    """Yield whose grades are among the sources although policy names them nowhere, or lets them only settle."""
    named = {*parts, *([merged.reviewer] if adjudicates else [])}
    for person in sorted({one.grades.reviewer for one in sources} - named):
        yield f"{person} is none of the reviewers that policy names"
    if adjudicates and merged.reviewer not in parts:  # who only settles sees no seeds, and grades nothing on their own
        of_others, theirs = set[str](), set[str]()
        for one in sources:
            (theirs if one.grades.reviewer == merged.reviewer else of_others).update(g.item for g in one.grades.grades)
        for item in sorted(theirs - of_others):
            yield f"{merged.reviewer} is no reviewer that policy names, and alone graded {item[:80]!r}"


def _not_graded(parts: Mapping[str, Collection[str]], sources: Iterable[Source]) -> Iterator[str]:
    """Yield who has not graded all that policy assigns to them."""
    graded: dict[str, set[str]] = {}
    for one in sources:
        graded.setdefault(one.grades.reviewer, set()).update(
            grade.item for grade in one.grades.grades if grade.grade != "ask"
        )
    for person, part in sorted(parts.items()):
        if left := len(set(part) - graded.get(person, set())):
            yield f"{left:,} of the {len(part):,} items assigned to {person} have no grade of theirs"
