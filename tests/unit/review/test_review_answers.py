import json
from dataclasses import replace
from typing import Any

import pytest

from twokey.decisions.directory_store import read_folder
from twokey.errors import TwokeyError
from twokey.evidence.layout import strangers
from twokey.review import answers, grades
from twokey.review.answers import Answer, Answers, Question, answers_in, parse, questions, render, replies
from twokey.review.grades import Grade, Grades

MANIFEST = "a" * 64
ITEMS = [{"id": "r1"}, {"id": "r=2"}]
GIVEN = Answers(
    manifest=MANIFEST,
    by="owner@example.com",
    answers=(
        Answer(item="r1", question_of="ann@example.com", text="It is 14 days."),
        Answer(item="r=2", question_of="bob@example.com", text="No."),
    ),
)
ASKED = Grades(
    manifest=MANIFEST,
    reviewer="ann@example.com",
    grades=(Grade(item="r1", grade="ask", reason="how many days?"), Grade(item="r=2", grade="pass")),
)


def bent(**changes: Any) -> bytes:
    return json.dumps({**json.loads(render(GIVEN)), **changes}).encode()


def bent_row(**changes: Any) -> bytes:
    first, *rest = json.loads(render(GIVEN))["answers"]
    return bent(answers=[{**first, **changes}, *rest])


def test_answers_come_back_as_they_were_written_in_whatever_order() -> None:
    assert parse(render(GIVEN), "a.json", ITEMS) == GIVEN
    assert render(replace(GIVEN, answers=GIVEN.answers[::-1])) == render(GIVEN)


def test_a_second_answer_to_the_same_question_takes_the_place_of_the_first() -> None:
    newer = Answer(item="r1", question_of="ann@example.com", text="15, since May.")
    assert GIVEN.with_answer(newer).answers == (GIVEN.answers[1], newer)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{", "not JSON"),
        (b'{"type": 1, "type": 2}', "twice"),
        (b" " * (answers.MAX_BYTES + 1), "more than the"),
        (bent(type="urn:twokey:grades:v1"), "is no answers file"),
        (bent(more=1), "is no answers file"),
        (bent(manifest="A" * 64), "manifest is no SHA-256"),
        (bent(by="Owner"), "by is no principal"),
        (bent(answers={}), "no list of at most 2,000"),
        (bent(answers=[{}] * 2001), "no list of at most 2,000"),
        (bent(answers=[1]), "answer 1: expected item, question_of, text"),
        (bent_row(more=1), "answer 1: expected item, question_of, text"),
        (bent_row(text=1), "answer 1: expected texts"),
        (bent_row(text=" \n"), "answer 1: an answer needs a text"),
        (bent_row(text="x" * 2001), "answer 1: an answer has at most 2,000"),
        (bent_row(question_of="../ann"), "answer 1: question_of is no principal"),
        (bent_row(item="r9"), "'r9' is not in this review bundle"),
        (bent_row(item="r=2", question_of="bob@example.com"), "'r=2' is answered 2 times"),
    ],
)
def test_what_is_no_file_of_answers_is_refused_with_its_place(data: bytes, told: str) -> None:
    with pytest.raises(TwokeyError, match=told) as refused:
        parse(data, "answers-owner@example.com.json", ITEMS)
    assert refused.value.problems[0].where is not None


def test_questions_come_with_their_answers_and_only_to_who_asked() -> None:
    asked = Question(item="r1", reviewer="ann@example.com", text="how many days?")
    assert tuple(questions([ASKED], [])) == (asked,)
    assert tuple(questions([ASKED], [GIVEN])) == (replace(asked, answers=(("owner@example.com", "It is 14 days."),)),)
    assert replies("bob@example.com", [GIVEN]) == {"r=2": (("owner@example.com", "No."),)}
    assert replies("cy@example.com", [GIVEN]) == {}


def test_what_cannot_be_read_or_is_about_other_evidence_answers_nothing() -> None:
    files = {
        "answers-b.json": render(GIVEN),
        "answers-a.json": b"{",
        "answers-c.json": render(replace(GIVEN, manifest="b" * 64)),
        "grades-ann@example.com.json": render(GIVEN),
    }
    assert answers_in(files, MANIFEST, ITEMS) == (GIVEN,)


def test_a_file_of_answers_has_its_place_among_the_grades_and_is_none() -> None:
    name = answers.filename(GIVEN.by)
    assert strangers((f"grades/{name}",)) == ()
    assert answers.is_of_answers(name)
    assert not name.startswith("grades-")
    with pytest.raises(TwokeyError, match="is no grades file"):
        grades.parse(render(GIVEN), name, ITEMS)


def test_a_folder_of_grades_is_read_with_its_answers(tmp_path: Any) -> None:
    (tmp_path / answers.filename(GIVEN.by)).write_bytes(render(GIVEN))
    (tmp_path / "grades-x.json").write_bytes(b"{}")
    assert answers_in(read_folder(tmp_path, answers.is_of_answers), MANIFEST, ITEMS) == (GIVEN,)
