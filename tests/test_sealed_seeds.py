"""Sealed seeds from the run to the deploy: what an approval may stand on, once somebody counts who was looking."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from persona import Home, Outcome
from project import Project, row, started

from twokey.canonical import sha256
from twokey.review.seeds import parse_bundle, parse_opening

PAT = "pat@example.com"
REVIEW: dict[str, Any] = {"show": 5, "audit": 10, "seeds": {"count": 4, "decoys": 2, "void_at": 2, "practice": 2}}


@pytest.fixture
def project(home: Home) -> Project:
    """A run that waits for a review with seeds, sealed by a job."""
    project = started(home, 90)
    project.policy(review=REVIEW)
    project.record([row(n, confidence=n / 100) for n in range(90)])
    assert project.run().status == 3
    (home.directory.parent / "job.key").write_text(secrets.token_hex(32))
    sealed = seeds(project, "seal")
    assert sealed.status == 0, sealed.text
    return project


def seeds(project: Project, word: str) -> Outcome:
    return project.home.twokey("seeds", word, "--key", str(project.home.directory.parent / "job.key"))


def bundle(project: Project) -> bytes:
    return (project.evidence / "review/seeds.json").read_bytes()


def grade(project: Project, *, looking: bool) -> None:
    """Grade through the terminal: one key an item, in the order in which they come."""
    sealed = {str(one["id"]) for one in parse_bundle(bundle(project)).items}
    items = [json.loads(line) for line in (project.evidence / "review/items.jsonl").read_bytes().splitlines()]
    rows = {str(one["id"]): one for one in (*items, *parse_bundle(bundle(project)).items)}
    grades = []
    for id_, one in sorted(rows.items()):
        good = not looking or one["label"] == one["expected"] or id_ not in sealed
        grades.append(
            {
                "item": id_,
                "grade": "pass" if good else "fail",
                "severity": None if good else "high",
                "reason": "looked at it",
                "correction": None,
                "seconds": 9,
            }
        )
    document = {
        "type": "urn:twokey:grades:v1",
        "manifest": sha256((project.evidence / "manifest.json").read_bytes()),
        "reviewer": PAT,
        "seeds": sha256(bundle(project)),
        "grades": grades,
    }
    project.write(f".twokey/evidence/grades/grades-{PAT}.json", json.dumps(document))


def approve(project: Project) -> Outcome:
    return project.home.twokey("sign", "--approve", "--reason", "numbers hold")


def test_an_honest_review_passes_once_the_seeds_are_opened(project: Project) -> None:
    grade(project, looking=True)
    signed = approve(project)
    assert "the seeds are not opened yet" in signed.text
    assert project.run().status == 3
    opened = seeds(project, "open")
    assert opened.status == 0, opened.text
    assert "4 of 4 seeds caught" in opened.out
    again = project.run()
    assert again.status == 0, again.text
    assert project.home.twokey("verify").status == 0
    decision = json.loads(next((project.directory / "decisions").glob("*/decision-*.json")).read_bytes())
    assert decision["predicate"]["seeds"] == sha256(bundle(project))
    conclusion = json.loads((project.evidence / "conclusion.json").read_bytes())
    assert conclusion["review"]["facts"]["health"]["seeds"]["sentence"] == "4 of 4 seeds caught"
    assert "4 of 4 seeds caught" in (project.evidence / "report.html").read_text()


def test_a_reviewer_who_passes_everything_voids_the_review(project: Project) -> None:
    grade(project, looking=False)
    assert "0 of 4 seeds caught" in seeds(project, "open").out
    signed = approve(project)
    assert "the review is void: 4 of 4 seeds were missed; policy voids it at 2" in signed.text
    again = project.run()
    assert again.status == 3, again.text
    assert project.home.twokey("verify").status == 3


def test_grades_without_the_seeds_count_for_nothing(project: Project) -> None:
    (project.evidence / "review/seeds.json").unlink()
    project.grade()
    signed = approve(project)
    assert "there were none among what was graded" in signed.text
    assert project.run().status == 3


def test_the_store_alone_is_enough_to_count_again(project: Project) -> None:
    grade(project, looking=True)
    seeds(project, "open")
    approve(project)
    folder = next((project.directory / "decisions").iterdir())
    kept = {path.name for path in folder.iterdir()}
    assert {"seeds.json", "seeds-opening.json", f"grades-{PAT}.json"} <= kept
    assert parse_opening((folder / "seeds-opening.json").read_bytes()).answers
    opening = json.loads((folder / "seeds-opening.json").read_bytes())
    opening["answers"][0]["bad"] = not opening["answers"][0]["bad"]
    (folder / "seeds-opening.json").write_text(json.dumps(opening))
    for copy in (project.evidence / "decisions").glob("seeds-opening*"):
        copy.unlink()
    again = project.home.twokey("verify")
    assert again.status != 0, again.text


def test_the_page_in_the_evidence_mixes_them_in(project: Project) -> None:
    page = (project.evidence / "review/index.html").read_text()
    for one in parse_bundle(bundle(project)).items:
        assert str(one["id"]) in page
    assert "commitment" not in page
    assert Path(project.evidence / "review/seeds.json").is_file()
