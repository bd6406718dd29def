"""Sealed seeds from the run to the deploy: what an approval may stand on, once somebody counts who was looking."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from persona import Home, Outcome
from project import Project, row, started

from twokey.canonical import sha256
from twokey.review.sealed import locked
from twokey.review.seeds import Answer, Rule, parse_bundle, parse_opening, render, row_digest

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
    assert signed.status != 0
    assert "the review is void: 4 of 4 seeds were missed; policy voids it at 2" in signed.text
    assert not list((project.directory / "decisions").glob("*/decision-*"))
    again = project.run()
    assert again.status == 3, again.text
    assert project.home.twokey("verify").status == 3


def test_grades_without_the_seeds_count_for_nothing(project: Project) -> None:
    (project.evidence / "review/seeds.json").unlink()
    project.grade()
    signed = approve(project)
    assert "there were none among what was graded" in signed.text
    assert project.run().status == 3


def test_what_was_caught_cannot_be_merged_away(project: Project) -> None:
    project.policy(review={**REVIEW, "max_failures": 0.1})
    assert project.run().status == 3
    assert seeds(project, "seal").status == 0
    rows = [json.loads(line) for line in (project.evidence / "review/items.jsonl").read_bytes().splitlines()]
    mixed = (*rows, *parse_bundle(bundle(project)).items)
    own = project.write(
        ".twokey/evidence/grades/grades-ann@example.com.json",
        graded(project, mixed, "fail", reviewer="ann@example.com"),
    )
    assert "4 of 4 seeds caught" in seeds(project, "open").out
    merged = graded(project, rows, "pass", sources=[sha256(own.read_bytes())])
    project.write(".twokey/evidence/grades/grades-merged.json", merged)
    approve(project)
    assert project.run().status == 1
    verified = project.home.twokey("verify")
    assert verified.status == 1
    assert "5 of the 5 least confident items failed" in verified.text


def graded(project: Project, rows: Any, value: str, **more: Any) -> str:
    """A grades file that says the same of all these rows."""
    known = {"severity": "high" if value == "fail" else None, "reason": "so", "correction": None, "seconds": 9}
    return json.dumps(
        {
            "type": "urn:twokey:grades:v1",
            "manifest": sha256((project.evidence / "manifest.json").read_bytes()),
            "reviewer": PAT,
            "seeds": sha256(bundle(project)),
            "grades": [{"item": str(row["id"]), "grade": value, **known} for row in rows],
            **more,
        }
    )


def test_grades_that_leave_out_a_seed_or_were_merged_open_nothing(project: Project) -> None:
    rows = [json.loads(line) for line in (project.evidence / "review/items.jsonl").read_bytes().splitlines()]
    mixed = (*rows, *parse_bundle(bundle(project)).items)
    other = graded(project, mixed, "pass", manifest="0" * 64)
    for data in (graded(project, mixed[:-1], "pass"), graded(project, mixed, "pass", sources=["0" * 64]), other):
        project.write(f".twokey/evidence/grades/grades-{PAT}.json", data)
        refused = seeds(project, "open")
        assert refused.status == 4
        assert "nobody has graded all items and all seeds yet" in refused.err
    project.write(f".twokey/evidence/grades/grades-{PAT}.json", graded(project, mixed, "pass"))
    assert seeds(project, "open").status == 0


def test_the_job_refuses_to_open_beside_an_opening_that_another_key_made(project: Project) -> None:
    real, key = bundle(project), (project.home.directory.parent / "job.key").read_text()
    grade(project, looking=True)
    honest = next((project.evidence / "grades").iterdir()).read_bytes()
    for path in (project.evidence / "grades").iterdir():
        path.unlink()
    (project.home.directory.parent / "job.key").write_text(secrets.token_hex(32))
    assert seeds(project, "seal").status == 0
    grade(project, looking=True)
    assert seeds(project, "open").status == 0
    (project.home.directory.parent / "job.key").write_text(key)
    (project.evidence / "review/seeds.json").write_bytes(real)
    (project.evidence / f"grades/grades-{PAT}.json").write_bytes(honest)
    refused = seeds(project, "open")
    assert refused.status == 4
    assert "was not made with this key" in refused.err


def test_a_bundle_that_names_an_item_of_the_review_hides_no_grade_of_it(project: Project) -> None:
    project.policy(review={"show": 5, "audit": 20, "max_failure_rate": 0.3, "more": 40})
    assert project.run().status == 3
    rows, more = (
        [json.loads(line) for line in (project.evidence / f"review/{name}.jsonl").read_bytes().splitlines()]
        for name in ("items", "reserve")
    )
    answers = [
        Answer(id=row["id"], bad=True, origin="past", why="", severity=None, row=row_digest(row)) for row in more
    ]
    manifest = sha256((project.evidence / "manifest.json").read_bytes())
    made = render(locked(manifest, bytes(range(32)), Rule(bad=len(more), decoys=0, void_at=1), more, [], answers))
    (project.evidence / "review/seeds.json").write_bytes(made)
    passes, fails = (json.loads(graded(project, part, value)) for part, value in ((rows, "pass"), (more, "fail")))
    passes["grades"] += fails["grades"]
    project.write(f".twokey/evidence/grades/grades-{PAT}.json", json.dumps(passes))
    approve(project)
    assert project.home.twokey("verify").status == 3


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


def test_a_reviewer_is_told_before_grading_that_seeds_are_not_sealed(project: Project) -> None:
    assert "warning: policy asks for sealed seeds" not in project.home.twokey("review", "--export", "a.csv").err
    (project.evidence / "review/seeds.json").unlink()
    told = project.home.twokey("review", "--export", "b.csv")
    assert "warning: policy asks for sealed seeds, and there are none" in told.err
    assert "twokey seeds seal --key FILE" in told.err


def test_an_approval_says_that_sealed_items_are_what_is_not_graded(project: Project) -> None:
    grade(project, looking=True)
    path = project.evidence / f"grades/grades-{PAT}.json"
    document = json.loads(path.read_bytes())
    sealed = {str(one["id"]) for one in parse_bundle(bundle(project)).items}
    document["grades"] = [one for one in document["grades"] if one["item"] not in sealed]
    path.write_text(json.dumps(document))
    signed = approve(project)
    assert signed.status == 4
    assert "15 of 15 items are graded, but not all of the sealed ones among them" in signed.err
