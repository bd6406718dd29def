"""Several reviewers through the command line: parts, questions, conflicts, merging, what a decision may stand on."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from decision_world import key_line
from persona import Home, Outcome
from project import Project, rows, started

from twokey.canonical import sha256
from twokey.config.review import Reviewers
from twokey.review.assigning import assigned
from twokey.review.grades import Grade, Grades, filename, render

ANN, BOB, PAT = "ann@example.com", "bob@example.com", "pat@example.com"
POLICY: dict[str, Any] = {"people": [ANN, BOB], "share": 0.5, "adjudicators": ["product"]}


@pytest.fixture
def project(home: Home, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody is at the keyboard
    made = started(home)
    made.record(rows(40, confidence=0.4))
    review(made)
    return made


def review(project: Project, **policy: Any) -> None:
    project.policy(review={"confidence_below": 0.6, "show": 10, "audit": 5, "reviewers": {**POLICY, **policy}})
    assert project.run().status == 3


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"adjudicators": ["prodcut"]}, "adjudicators: nobody in the roster is or has prodcut"),
        ({"signed": True}, "people: nobody in the roster is ann@example.com, whose signature would count"),
    ],
)
def test_reviewers_whom_the_roster_does_not_know_are_refused(project: Project, policy: Any, told: str) -> None:
    project.policy(review={"show": 10, "audit": 5, "reviewers": {**POLICY, **policy}})
    outcome = project.run()
    assert outcome.status == 2, outcome.text
    assert f"review.reviewers.{told}" in outcome.err
    checked = project.home.twokey("doctor")
    assert (checked.status, told in checked.out) == (4, True), checked.text


def digest(project: Project) -> str:
    return sha256((project.evidence / "manifest.json").read_bytes())


def items(project: Project) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (project.evidence / "review/items.jsonl").read_text().splitlines()]


def parts(project: Project) -> dict[str, tuple[str, ...]]:
    return dict(assigned(items(project), Reviewers(people=(ANN, BOB), share=0.5), digest(project)))


def shared(project: Project) -> str:
    return min(set(parts(project)[ANN]) & set(parts(project)[BOB]))


def give(project: Project, who: str, ids: Any, **but: Any) -> Path:
    given = tuple(
        Grade(
            item=id_,
            grade=but.get(id_, "pass"),
            reason="so it is",
            severity="high" if but.get(id_) == "fail" else None,
        )
        for id_ in ids
    )
    data = render(Grades(manifest=digest(project), reviewer=who, grades=given))
    return project.write(f".twokey/evidence/grades/{filename(who)}", data)


def give_all(project: Project, who: str, **but: Any) -> None:
    give(project, who, parts(project)[who], **but)


def merge(project: Project) -> Outcome:
    return project.home.twokey("grades", "merge", "--as", PAT)


def approve(project: Project) -> Outcome:
    return project.home.twokey("sign", "--approve", "--reason", "numbers hold")


def test_two_parts_are_merged_signed_and_open_the_pipeline(project: Project) -> None:
    give_all(project, ANN)
    give_all(project, BOB)
    done = merge(project)
    assert done.status == 0, done.text
    assert f"merged 2 files: {len(items(project))} graded, 0 seen differently, 0 without a grade" in done.out
    assert "agree on" in done.err
    signed = approve(project)
    assert signed.status == 0, signed.text
    kept = {path.name for path in (project.directory / "decisions").glob("*/grades-*")}
    assert kept == {"grades-merged.json", filename(ANN), filename(BOB)}
    assert project.run().status == 0
    assert project.home.twokey("verify").status == 0


def test_one_reviewers_file_alone_opens_nothing(project: Project) -> None:
    give(project, ANN, [item["id"] for item in items(project)])
    signed = approve(project)
    again = project.run()
    assert again.status == 3, again.text
    assert "policy names several reviewers, and these are one person's" in signed.text + again.text


def test_a_disagreement_waits_for_the_adjudicator(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    give_all(project, ANN)
    give_all(project, BOB, **{shared(project): "fail"})
    done = merge(project)
    assert f"conflict {shared(project)}: {ANN} says pass, so it is; {BOB} says fail, high, so it is" in done.out
    approve(project)
    assert project.run().status == 3
    monkeypatch.setattr("sys.stdin", io.StringIO("f3it is wrong\n"))
    assert "1 of them settled by pat@example.com, 0 seen differently" in merge(project).out
    approve(project)
    assert project.run().status == 0


def test_an_answered_question_beside_anothers_pass_is_a_conflict_until_whoever_asked_grades(project: Project) -> None:
    id_ = shared(project)
    give_all(project, ANN, **{id_: "ask"})
    give_all(project, BOB)
    assert project.home.twokey("grades", "answer", f"{id_}=It is 14 days.").status == 0
    assert f"conflict {id_}: {ANN} says ask" in merge(project).out
    give_all(project, ANN)
    assert "0 seen differently" in merge(project).out


def test_a_failure_cannot_be_merged_away(project: Project) -> None:
    give_all(project, ANN)
    give_all(project, BOB, **{min(set(parts(project)[BOB]) - set(parts(project)[ANN])): "fail"})
    merge(project)
    path = project.evidence / "grades/grades-merged.json"
    document = json.loads(path.read_bytes())
    for row in document["grades"]:
        row.update(grade="pass", severity=None)
    path.write_text(json.dumps(document))
    signed = approve(project)
    again = project.run()
    assert again.status == 3, again.text
    assert "is not what its reviewers gave" in signed.text + again.text


def test_where_policy_wants_signatures_unsigned_parts_do_not_count(project: Project) -> None:
    roster = yaml.safe_load((project.directory / "roster.yaml").read_text())
    roster["people"] += [
        {"principal": name, "name": name, "roles": ["risk"], "keys": [key_line(name[:3])]} for name in (ANN, BOB)
    ]
    project.write("roster.yaml", yaml.safe_dump(roster))
    review(project, signed=True)
    give_all(project, ANN)
    give_all(project, BOB)
    merge(project)
    signed = approve(project)
    again = project.run()
    assert again.status == 3
    assert f"the grades of {ANN}: no signature of its reviewer lies beside it" in signed.text + again.text


def test_questions_are_listed_and_answered(project: Project) -> None:
    id_ = parts(project)[ANN][0]
    give(project, ANN, [id_], **{id_: "ask"})
    listed = project.home.twokey("grades", "questions")
    assert f"{id_}: {ANN} asks: so it is" in listed.out
    assert f"to answer: twokey grades answer {id_}=TEXT" in listed.out
    answered = project.home.twokey("grades", "answer", f"{id_}=It is 14 days.")
    assert (answered.status, answered.out.startswith("1 question answered: ")) == (0, True), answered.text
    assert f"{PAT} answers: It is 14 days." in project.home.twokey("grades", "questions").out
    assert project.home.twokey("verify").status != 4


def test_who_is_no_reviewer_is_told_and_does_not_grade(project: Project) -> None:
    refused = project.home.twokey("review", "--terminal", "--as", PAT)
    assert refused.status == 4
    assert "none of the reviewers that policy names" in refused.err


def test_grades_that_somebody_sent_are_merged_and_kept_with_the_others(project: Project) -> None:
    give_all(project, ANN)
    give_all(project, BOB)
    sent = (project.evidence / "grades" / filename(BOB)).rename(project.directory / "from-bob.json")
    done = project.home.twokey("grades", "merge", "--as", PAT, "--with", str(sent))
    assert "merged 2 files" in done.out, done.text
    assert (project.evidence / "grades" / filename(BOB)).read_bytes() == sent.read_bytes()


def test_a_reviewer_signs_with_their_own_key_and_only_then_do_their_grades_count(project: Project) -> None:
    alone = {"people": [PAT], "assign": "split", "signed": True}
    project.policy(review={"confidence_below": 0.6, "show": 10, "audit": 5, "reviewers": alone})
    assert project.run().status == 3
    give(project, PAT, [item["id"] for item in items(project)])
    refused = project.home.twokey("grades", "sign", "--as", ANN)
    assert "no SSH key of ann@example.com is at hand" in refused.err
    approve(project)
    assert project.run().status == 3
    assert project.home.twokey("grades", "sign").status == 0
    assert approve(project).status == 0
    assert project.run().status == 0
    assert any((project.directory / "decisions").glob(f"*/{filename(PAT)}.sig"))
