"""How far people are, as `twokey run` finds it on disk and says what comes next."""

import json
import secrets
from typing import Any

import pytest
from persona import Home
from project import Project, row, started

from twokey.canonical import sha256
from twokey.review.seeds import parse_bundle

REVIEW: dict[str, Any] = {"show": 5, "audit": 10}
SEEDS = {"count": 4, "decoys": 2, "void_at": 2}


@pytest.fixture
def project(home: Home) -> Project:
    project = started(home, 90)
    project.policy(review=REVIEW)
    project.record([row(number, confidence=number / 100) for number in range(90)])
    return project


def steps(project: Project) -> list[str]:
    """The commands that a run says come next."""
    ran = project.run()
    assert ran.status == 3, ran.text
    lines = [line.strip() for line in ran.out.splitlines()]
    return [
        line.split(": twokey ")[1].split(" #")[0].strip() for line in lines if line.startswith(("next: ", "then: "))
    ]


def grade(project: Project, ids: list[str], **more: Any) -> None:
    row_ = {"grade": "fail", "severity": "low", "reason": "looked at it", "correction": None, "seconds": 9}
    digest = sha256((project.evidence / "manifest.json").read_bytes())
    document = {"type": "urn:twokey:grades:v1", "manifest": digest, "reviewer": "pat@example.com", **more}
    document["grades"] = [{"item": one, **row_} for one in sorted(ids)]
    project.write(".twokey/evidence/grades/grades-pat@example.com.json", json.dumps(document))


def items(project: Project) -> list[str]:
    return [json.loads(line)["id"] for line in (project.evidence / "review/items.jsonl").read_bytes().splitlines()]


def test_once_all_is_graded_a_run_says_that_only_the_signature_is_left(project: Project) -> None:
    assert steps(project) == ["review --terminal", "sign", "run"]
    grade(project, items(project)[:-1])
    assert steps(project) == ["review --terminal", "sign", "run"]
    assert "14 of them so far" in project.run().out
    project.grade()
    assert steps(project) == ["sign", "run"]
    text = (project.evidence / "report.html").read_text()
    assert "twokey sign" in text
    assert "twokey review" not in text
    verified = project.home.twokey("verify")
    assert "next: twokey sign" in verified.out


def test_grades_of_other_evidence_do_not_stand_for_these(project: Project) -> None:
    project.run()
    project.grade()
    project.record([row(number, confidence=number / 101) for number in range(90)])
    assert steps(project) == ["review --terminal", "sign", "run"]


def test_seeds_are_sealed_before_anybody_grades_and_opened_before_anybody_signs(project: Project) -> None:
    project.policy(review={**REVIEW, "seeds": SEEDS})
    key = project.home.directory.parent / "job.key"
    key.write_text(secrets.token_hex(32))
    assert steps(project) == ["seeds seal --key FILE", "review --terminal", "seeds open --key FILE", "sign", "run"]
    assert project.home.twokey("seeds", "seal", "--key", str(key)).status == 0
    assert steps(project) == ["review --terminal", "seeds open --key FILE", "sign", "run"]
    bundle = (project.evidence / "review/seeds.json").read_bytes()
    grade(project, items(project), seeds=sha256(bundle))
    assert steps(project) == ["review --terminal", "seeds open --key FILE", "sign", "run"], "sealed ones are left"
    grade(project, [*items(project), *(str(one["id"]) for one in parse_bundle(bundle).items)], seeds=sha256(bundle))
    assert steps(project) == ["seeds open --key FILE", "sign", "run"]
    assert project.home.twokey("seeds", "open", "--key", str(key)).status == 0
    assert steps(project) == ["sign", "run"]
