"""Grades beside decisions: which files are grades of this evidence, whether they count, and what they come to.

Whether they count is said by what policy asks of a review: complete, signed, sealed seeds caught, several reviewers
merged and nothing merged away. What does not count voids no evidence: the approval that stands on it is refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from twokey.canonical import sha256
from twokey.config.review import Review
from twokey.deciding.asked import Asked
from twokey.decisions.contents import Files
from twokey.decisions.decision import GradesSummary
from twokey.decisions.directory_store import read_folder
from twokey.decisions.matter import GradesOnFile
from twokey.decisions.standing import Standing
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.outcome import GateResult
from twokey.review import REVIEW
from twokey.review.estimate import assess
from twokey.review.grades import MAX_BYTES, Grades, missing, summarise
from twokey.review.health import health
from twokey.review.recounting import parse_grades, to_grade, without_seeds
from twokey.review.voiding import SeedCheck, bundles_in, checked
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGrades:
    """A grades file that could be read: what decisions name it by, what it says, and what else is known of it.

    `grades` are without those of sealed seeds; `reviewers` the grades that it was merged from, those alone where it
    was not.
    """

    on_file: GradesOnFile
    grades: Grades
    seeds: SeedCheck
    reviewers: tuple[Grades, ...]


def grades_in(files: Files, evidence: Evidence, asked: Asked) -> Iterator[FoundGrades]:
    """Yield the grades that are about this evidence; what cannot be read is no grade."""
    own = {str(row["id"]) for row in evidence.gradable}  # a bundle that names one of these would hide its grade
    bundles = {
        digest: bundle
        for digest, bundle in bundles_in(files).items()
        if own.isdisjoint(str(row["id"]) for row in bundle.items)
    }
    read: dict[str, tuple[bytes, Grades]] = {}
    for name in sorted(files):
        data = files[name]
        if not _is_of_grades(name) or not isinstance(data, bytes) or len(data) > MAX_BYTES:
            continue
        try:
            read[sha256(data)] = (data, parse_grades(data, name, evidence.gradable, bundles))
        except TwokeyError:
            continue
    known = {digest: grades for digest, (_, grades) in read.items()}
    for digest, grades in known.items():
        seeds = checked(asked.review, grades, digest, files, known)
        on_file = GradesOnFile(
            sha256=digest,
            manifest=grades.manifest,
            complete=not missing(grades, to_grade(evidence.items, grades, bundles)),
            summary=GradesSummary(**asdict(summarise(grades, evidence.items).total)),
            reviewer=grades.reviewer,
            merged_from=tuple(known[one].reviewer for one in grades.sources if one in known),
            seeds=grades.seeds,
            faults=tuple(_faults(digest, read, files, evidence, asked, seeds)),
        )
        yield FoundGrades(
            on_file=on_file,
            grades=without_seeds(grades, bundles),
            seeds=seeds,
            reviewers=tuple(without_seeds(known[one], bundles) for one in grades.sources or (digest,) if one in known),
        )


def grades_below(folder: Path, evidence: Evidence, asked: Asked, beside: Files) -> Iterator[FoundGrades]:
    """Yield the grades in a folder that are about this evidence, such as those of a review in progress.

    `beside` are files that belong to them: the sealed bundle of seeds, its opening, and what the store has.
    """
    yield from grades_in({**beside, **read_folder(folder, _is_of_grades_or_signature)}, evidence, asked)


def _faults(
    digest: str,
    read: Mapping[str, tuple[bytes, Grades]],
    files: Files,
    evidence: Evidence,
    asked: Asked,
    seeds: SeedCheck,
) -> Iterator[str]:
    """Yield why a grades file does not count, by what policy asks of a review."""
    if not seeds.holds:
        yield seeds.reason
    reviewers = asked.review.reviewers if asked.review else None
    if reviewers is None and not read[digest][1].sources:
        return
    # few policies name reviewers, and verify is to start fast
    from twokey.deciding.several import faults_of_merged, faults_of_several

    if reviewers is None:
        yield from faults_of_merged(digest, read, files, evidence)
    else:
        yield from faults_of_several(digest, read, files, evidence, reviewers, asked)


def review_of(
    evidence: Evidence, review: Review | None, stands: Standing, grades: Iterable[FoundGrades]
) -> GateResult | None:
    """Judge the grades that standing approvals rely on; the worst of them where they rely on different ones."""
    approvals = {vote.file for standing in stands.checkpoints for vote in standing.approvals}
    cited = {
        check.decision.grades.sha256
        for check in stands.checks
        if check.file in approvals and check.decision and check.decision.grades
    }
    judged = [comes_to(evidence, review, found) for found in grades if found.on_file.sha256 in cited]
    return max(filter(None, judged), key=lambda result: result.status.rank, default=None)


def comes_to(evidence: Evidence, review: Review | None, found: FoundGrades) -> GateResult | None:
    """Return what grades come to by policy's review section, with how the reviewing went among the facts."""
    selection = evidence.result(REVIEW)
    if review is None or selection is None:
        return None
    result = assess(evidence.items, found.grades, review, selection.facts, reserve=evidence.reserve)
    facts: dict[str, Any] = {"health": health(found.grades, evidence.gradable, found.seeds.count).plain()}
    if len(found.reviewers) > 1:
        from twokey.review.agreeing import agreeing

        among = agreeing(found.reviewers)
        facts |= {"agreement": {**among.plain(), "sentence": among.sentence}} if among else {}
    return replace(result, facts={**result.facts, **facts})


def _is_of_grades(name: str) -> bool:
    return name.startswith("grades-") and name.endswith(".json")


def _is_of_grades_or_signature(name: str) -> bool:
    return _is_of_grades(name.removesuffix(".sig"))
