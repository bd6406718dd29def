"""How far people are with the items of evidence, for a report to say what comes next.

It decides nothing: whether grades count is judged where decisions are.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from twokey.canonical import sha256
from twokey.cli.policy import Policy
from twokey.decisions.directory_store import read_folder
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import DECISIONS, GRADES, short
from twokey.reports.base import Reviewed, Seeds

if TYPE_CHECKING:
    from twokey.review.grades import Grades
    from twokey.review.seeds import Bundle


def reviewed(directory: Path, evidence: Evidence, policy: Policy) -> Reviewed:
    """Return how far people are, by the grades in the evidence directory and beside the decisions."""
    review = policy.config.review
    if review is None or not evidence.items:
        return Reviewed()
    from twokey.review.grades import missing
    from twokey.review.recounting import to_grade
    from twokey.review.voiding import SeedState, bundles_in, checked

    files = {**policy.store().files(short(evidence.digest)), **_here(directory)}
    bundles = {digest: one for digest, one in bundles_in(files).items() if one.manifest == evidence.digest}
    found = dict(_grades(files, evidence, bundles))
    several = review.reviewers is not None and len(review.reviewers.people) > 1
    done = {
        checked(review, grades, digest, files, found).state
        for digest, grades in found.items()
        if not missing(grades, to_grade(evidence.items, grades, bundles)) and (grades.sources or not several)
    }
    state: Seeds = "unsealed" if not bundles else "opened" if done - {SeedState.SEALED} else "sealed"
    given = {grade.item for grades in found.values() for grade in grades.grades if grade.grade != "ask"}
    return Reviewed(
        graded=sum(str(item["id"]) in given for item in evidence.items),
        done=bool(done),
        several=several,
        seeds="off" if review.seeds is None else state,
    )


def _here(directory: Path) -> Mapping[str, object]:
    return {
        **read_folder(directory / "review", lambda name: name == "seeds.json"),
        **read_folder(directory / DECISIONS, lambda name: name.startswith("seeds-")),
        **read_folder(directory / GRADES, lambda name: name.startswith("grades-") and name.endswith(".json")),
    }


def _grades(
    files: Mapping[str, object], evidence: Evidence, bundles: "Mapping[str, Bundle]"
) -> "Iterator[tuple[str, Grades]]":
    """Yield the grades of this evidence by the SHA-256 of their file; what cannot be read is none."""
    from twokey.review.recounting import parse_grades

    for name, data in files.items():
        if not name.startswith("grades-") or not name.endswith(".json") or not isinstance(data, bytes):
            continue
        try:
            grades = parse_grades(data, name, evidence.gradable, bundles)
        except TwokeyError:
            continue
        if grades.manifest == evidence.digest:
            yield sha256(data), grades
