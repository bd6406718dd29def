"""Whether grades count where policy names several reviewers: who graded, who merged, and nothing merged away.

Whether a signature makes grades somebody's is judged in `grade_signatures`, what merging may do in `review.following`.
"""

from collections.abc import Iterator, Mapping

from twokey.config.review import Reviewers
from twokey.deciding.asked import Asked
from twokey.deciding.grade_signatures import unsigned
from twokey.decisions.contents import Files
from twokey.decisions.people import Roster
from twokey.evidence.bundle import Evidence
from twokey.review.assigning import assigned
from twokey.review.following import follows
from twokey.review.grades import Grades
from twokey.review.merging import Source
from twokey.review.voiding import bundles_in


def faults_of_several(
    digest: str,
    read: Mapping[str, tuple[bytes, Grades]],
    files: Files,
    evidence: Evidence,
    reviewers: Reviewers,
    asked: Asked,
) -> Iterator[str]:
    """Yield why a grades file does not count where policy names reviewers.

    Args:
        digest: of the file.
        read: all grades files at hand by digest: their bytes, and what they say.
        files: those beside the decisions.
        evidence: what was graded.
        reviewers: policy's.
        asked: roster, signers and clock.
    """
    grades = read[digest][1]
    sources = [one for one in grades.sources if one in read]
    if grades.sources:
        at_hand = [Source(sha256=one, grades=read[one][1]) for one in sources]
        yield from _unfollowing(grades, at_hand, files, evidence, reviewers, asked)
        yield from _one_person(at_hand, asked.roster)
    elif len(reviewers.people) > 1:
        yield "policy names several reviewers, and these are one person's: twokey grades merge brings them together"
    elif grades.reviewer not in reviewers.people:
        yield f"{grades.reviewer} is none of the reviewers that policy names"
    for data, found in (read[one] for one in (sources or [digest]) if reviewers.signed):
        against = unsigned(
            data, files, roster=asked.roster, reviewer=found.reviewer, signers=asked.signers, now=asked.now
        )
        yield from (f"the grades of {found.reviewer}: {reason}" for reason in against)


def faults_of_merged(
    digest: str, read: Mapping[str, tuple[bytes, Grades]], files: Files, evidence: Evidence
) -> Iterator[str]:
    """Yield why grades that name sources do not count where policy names no reviewers: they have to follow from them.

    Anybody may merge there, and settle what others see differently. The arguments are those of `faults_of_several`.
    """
    grades = read[digest][1]
    sources = [Source(sha256=one, grades=read[one][1]) for one in grades.sources if one in read]
    yield from follows(grades, sources, adjudicates=True, seeds=_sealed(grades, files, evidence))


def _one_person(sources: list[Source], roster: Roster) -> Iterator[str]:
    """Yield who graded under several names: nobody differs from themselves, nor settles that."""
    for person in roster.people:
        known = sorted({one.grades.reviewer for one in sources if person.known_as(one.grades.reviewer)})
        if len(known) > 1:
            yield f"{' and '.join(known)} are one person: {person.principal}"


def _sealed(grades: Grades, files: Files, evidence: Evidence) -> set[str]:
    """Return the ids of the sealed items; a bundle that names an item hides no grade of it."""
    bundle = bundles_in(files).get(grades.seeds or "")
    sealed = {str(row["id"]) for row in bundle.items} if bundle else set[str]()
    return sealed - {str(row["id"]) for row in evidence.gradable}


def _unfollowing(
    grades: Grades,
    sources: list[Source],
    files: Files,
    evidence: Evidence,
    reviewers: Reviewers,
    asked: Asked,
) -> Iterator[str]:
    """Yield why merged grades are not what they were merged from."""
    yield from follows(
        grades,
        sources,
        adjudicates=adjudicates(grades.reviewer, reviewers, asked),
        parts={person: set(part) for person, part in assigned(evidence.items, reviewers, evidence.digest).items()},
        seeds=_sealed(grades, files, evidence),
    )


def adjudicates(principal: str, reviewers: Reviewers, asked: Asked) -> bool:
    """Return whether policy lets a person settle disagreements: by name, or in a role that they hold now."""
    person = asked.roster.person(principal)
    return any(
        principal == one or (person is not None and asked.roster.holds(person, one, asked.now))
        for one in reviewers.adjudicators
    )
