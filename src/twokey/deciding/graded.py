"""Grades beside decisions: which files are grades of this evidence, and what those that decisions stand on come to."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from twokey.canonical import sha256
from twokey.config.review import Review
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
from twokey.review.grades import parse as parse_grades
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGrades:
    """A grades file that could be read: what decisions name it by, and what it says."""

    on_file: GradesOnFile
    grades: Grades


def grades_in(files: Files, evidence: Evidence) -> Iterator[FoundGrades]:
    """Yield the grades that are about this evidence; what cannot be read is no grade."""
    for name in sorted(files):
        data = files[name]
        if not _is_of_grades(name) or not isinstance(data, bytes) or len(data) > MAX_BYTES:
            continue
        try:
            grades = parse_grades(data, name, evidence.gradable)
        except TwokeyError:
            continue
        on_file = GradesOnFile(
            sha256=sha256(data),
            manifest=grades.manifest,
            complete=not missing(grades, evidence.items),
            summary=GradesSummary(**asdict(summarise(grades, evidence.items).total)),
            reviewer=grades.reviewer,
        )
        yield FoundGrades(on_file=on_file, grades=grades)


def grades_below(folder: Path, evidence: Evidence) -> Iterator[FoundGrades]:
    """Yield the grades in a folder that are about this evidence, such as those of a review in progress."""
    yield from grades_in(read_folder(folder, _is_of_grades), evidence)


def review_of(
    evidence: Evidence, review: Review | None, stands: Standing, grades: Iterable[FoundGrades]
) -> GateResult | None:
    """Judge the grades that standing approvals rely on; the worst of them where they rely on different ones."""
    selection = evidence.result(REVIEW)
    if review is None or selection is None:
        return None
    approvals = {vote.file for standing in stands.checkpoints for vote in standing.approvals}
    cited = {
        check.decision.grades.sha256
        for check in stands.checks
        if check.file in approvals and check.decision and check.decision.grades
    }
    judged = [
        assess(evidence.items, found.grades, review, selection.facts)
        for found in grades
        if found.on_file.sha256 in cited
    ]
    return max(judged, key=lambda result: result.status.rank, default=None)


def _is_of_grades(name: str) -> bool:
    return name.startswith("grades-") and name.endswith(".json")
