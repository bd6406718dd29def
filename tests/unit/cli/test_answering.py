from dataclasses import replace
from pathlib import Path

import pytest

from twokey.cli.answering import answer, answers_at, questions, told
from twokey.cli.options import DEFAULT_EVIDENCE
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import GRADES
from twokey.review.answers import Answer, Answers, Question, filename, render
from twokey.review.grades import Grade, Grades
from twokey.review.grades import filename as grades_name
from twokey.review.grades import render as grades_bytes

MANIFEST = "c" * 64
ANN, BOB, OWNER = "ann@example.com", "bob@example.com", "owner@example.com"
ITEMS = tuple({"id": id_, "stratum": "audit"} for id_ in ("r1", "r1=x", "r2"))
EVIDENCE = Evidence(digest=MANIFEST, manifest={}, results=(), packet={}, items=ITEMS, files={})


def asks(directory: Path, reviewer: str, *ids: str, manifest: str = MANIFEST) -> None:
    rows = tuple(Grade(item=id_, grade="ask", reason=f"what of {id_}?") for id_ in ids)
    grades = Grades(manifest=manifest, reviewer=reviewer, grades=(*rows, Grade(item="r2", grade="pass")))
    (directory / GRADES).mkdir(exist_ok=True)
    (directory / GRADES / grades_name(reviewer)).write_bytes(grades_bytes(grades))


def test_open_questions_are_listed_with_the_command_that_answers_them(tmp_path: Path) -> None:
    asks(tmp_path, ANN, "r1")
    found = questions(tmp_path, EVIDENCE)
    assert found == (Question(item="r1", reviewer=ANN, text="what of r1?"),)
    assert list(told(found, DEFAULT_EVIDENCE)) == [
        f"r1: {ANN} asks: what of r1?",
        "  to answer: twokey grades answer r1=TEXT",
    ]
    assert str(tmp_path) in list(told(found, tmp_path))[1]
    assert list(told((), tmp_path)) == ["nobody asks anything"]


def test_an_answer_is_kept_for_everybody_who_asks_about_the_item(tmp_path: Path) -> None:
    asks(tmp_path, ANN, "r1", "r1=x")
    asks(tmp_path, BOB, "r1")
    path, count = answer(tmp_path, EVIDENCE, ["r1=a=b"], by=OWNER)
    assert (path, count) == (tmp_path / GRADES / filename(OWNER), 2)
    (kept,) = answers_at(tmp_path, EVIDENCE)
    assert kept.answers == (
        Answer(item="r1", question_of=ANN, text="a=b"),
        Answer(item="r1", question_of=BOB, text="a=b"),
    )
    answer(tmp_path, EVIDENCE, ["r1=x=the other one", "r1=c"], by=OWNER)
    lines = list(told(questions(tmp_path, EVIDENCE), DEFAULT_EVIDENCE))
    assert f"  {OWNER} answers: c" in lines
    assert f"  {OWNER} answers: the other one" in lines
    assert not any("to answer" in line for line in lines)


def test_what_answers_no_question_is_refused_with_those_that_are_asked(tmp_path: Path) -> None:
    asks(tmp_path, ANN, "r1")
    for given in ("r2=text", "r1", "text"):
        with pytest.raises(TwokeyError, match="answers no question; expected ITEM=TEXT, asked about are: r1"):
            answer(tmp_path, EVIDENCE, [given], by=OWNER)
    with pytest.raises(TwokeyError, match="r1: an answer needs a text"):
        answer(tmp_path, EVIDENCE, ["r1= "], by=OWNER)
    assert not (tmp_path / GRADES / filename(OWNER)).exists()


def test_answers_about_other_evidence_are_not_written_over(tmp_path: Path) -> None:
    asks(tmp_path, ANN, "r1")
    other = render(Answers(manifest="d" * 64, by=OWNER))
    (tmp_path / GRADES / filename(OWNER)).write_bytes(other)
    with pytest.raises(TwokeyError, match="about other evidence"):
        answer(tmp_path, EVIDENCE, ["r1=yes"], by=OWNER)
    assert (tmp_path / GRADES / filename(OWNER)).read_bytes() == other


def test_only_grades_of_this_evidence_that_can_be_read_ask_anything(tmp_path: Path) -> None:
    asks(tmp_path, ANN, "r1", manifest="d" * 64)
    (tmp_path / GRADES / "grades-broken.json").write_bytes(b"{")
    (tmp_path / GRADES / "grades-link.json").symlink_to(tmp_path)
    merged = Grades(
        manifest=MANIFEST,
        reviewer="jo",
        grades=(Grade(item="r1", grade="ask", reason="?"),),
        sources=("e" * 64,),
    )
    (tmp_path / GRADES / "grades-merged.json").write_bytes(grades_bytes(merged))
    assert questions(tmp_path, EVIDENCE) == ()
    assert len(questions(tmp_path, replace(EVIDENCE, digest="d" * 64))) == 1


def test_a_question_on_an_item_in_addition_is_heard_where_its_row_is_given(tmp_path: Path) -> None:
    asks(tmp_path, ANN, "s1")
    assert questions(tmp_path, EVIDENCE) == ()
    rows = (*ITEMS, {"id": "s1", "stratum": "audit"})
    assert [one.item for one in questions(tmp_path, EVIDENCE, rows)] == ["s1"]
    assert answer(tmp_path, EVIDENCE, ["s1=yes"], by=OWNER, rows=rows)[1] == 1
