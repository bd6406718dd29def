"""Grades that a page saves: whole, strictly read, and never over somebody else's."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from twokey.cli.serving.grades import SavedGrades
from twokey.errors import TwokeyError
from twokey.page.exchange import RefusalError, Response
from twokey.review.grades import Grade, Grades, parse, render, rows_of

ITEMS = [{"id": f"case-{number}", "stratum": "audit"} for number in range(3)]
RESERVE = [{"id": "more-1", "stratum": "low-confidence"}]
EMPTY = Grades(manifest="a" * 64, reviewer="pat@example.com")
PASS: Mapping[str, Any] = {"grade": "pass", "severity": None, "reason": "", "correction": None, "seconds": 3}


@pytest.fixture
def saved(tmp_path: Path) -> SavedGrades:
    return SavedGrades(path=tmp_path / "grades/grades-pat@example.com.json", grades=EMPTY, items=ITEMS, reserve=RESERVE)


def passes(*items: str) -> list[dict[str, Any]]:
    return [{"item": item, **PASS} for item in items]


def said(response: Response) -> tuple[int, dict[str, Any]]:
    return response.status, json.loads(response.body)


def test_grades_are_saved_as_every_grades_file_is(saved: SavedGrades) -> None:
    assert saved.now() == (EMPTY, 0)
    assert said(saved.put({"revision": 0, "grades": passes("case-1", "more-1")})) == (200, {"revision": 1, "left": 2})
    data = saved.path.read_bytes()
    grades = parse(data, "g", [*ITEMS, *RESERVE])
    assert render(grades) == data
    assert [grade.item for grade in grades.grades] == ["case-1", "more-1"]
    assert [path.name for path in saved.path.parent.iterdir()] == [saved.path.name]
    assert said(saved.put({"revision": 1, "grades": passes(*(str(item["id"]) for item in ITEMS))}))[1]["left"] == 0


def test_whoever_saves_on_an_old_revision_is_given_the_new_one(saved: SavedGrades) -> None:
    saved.put({"revision": 0, "grades": passes("case-1")})
    before = saved.path.read_bytes()
    status, answer = said(saved.put({"revision": 0, "grades": passes("case-2")}))
    assert (status, answer) == (409, {"revision": 1, "grades": passes("case-1")})
    assert saved.path.read_bytes() == before
    assert saved.put({"revision": 1, "grades": passes("case-1", "case-2")}).status == 200


def test_what_a_terminal_wrote_meanwhile_is_not_written_over(saved: SavedGrades) -> None:
    saved.put({"revision": 0, "grades": passes("case-1")})
    terminal = EMPTY.with_grade(Grade(item="case-0", grade="pass"))
    saved.path.write_bytes(render(terminal))
    status, answer = said(saved.put({"revision": 1, "grades": passes("case-1", "case-2")}))
    assert (status, answer) == (409, {"revision": 2, "grades": rows_of(terminal)})
    assert saved.path.read_bytes() == render(terminal)
    saved.path.unlink()
    assert said(saved.put({"revision": 2, "grades": passes("case-1")})) == (409, {"revision": 3, "grades": []})


def test_the_seeds_and_sources_of_the_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "grades-pat@example.com.json"
    there = Grades(manifest="a" * 64, reviewer="pat@example.com", seeds="b" * 64, sources=("c" * 64,))
    path.write_bytes(render(there))
    saved = SavedGrades(path=path, grades=EMPTY, items=ITEMS)
    assert saved.now() == (there, 1)
    saved.put({"revision": 1, "grades": passes("case-1")})
    found = parse(path.read_bytes(), "g", ITEMS)
    assert (found.seeds, found.sources) == (there.seeds, there.sources)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"revision": 0},
        {"grades": []},
        {"revision": "0", "grades": []},
        {"revision": True, "grades": []},
        {"revision": 0, "grades": {}},
        {"revision": 0, "grades": [], "reviewer": "ann@example.com"},
    ],
)
def test_what_is_no_saving_is_refused(saved: SavedGrades, sent: dict[str, Any]) -> None:
    with pytest.raises(RefusalError, match="expected grades, and the revision") as refused:
        saved.put(sent)
    assert refused.value.status == 422
    assert not saved.path.exists()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([7], "grade 1: expected"),
        (passes("nowhere"), "is not in this review bundle"),
        (passes("case-1", "case-1"), "is graded 2 times"),
        ([{"item": "case-1", **PASS, "grade": "fine"}], "is no grade"),
        ([{"item": "case-1", **PASS, "grade": "fail"}], "severity"),
        ([{"item": "case-1", **PASS, "reason": "x" * 1001}], "at most 1,000 characters"),
        ([{"item": "case-1", **PASS, "more": 1}], "grade 1: expected"),
        ([{"item": "case-1", **PASS, "seconds": 10**9}], "seconds lie between"),
    ],
)
def test_a_grade_that_is_none_saves_nothing(saved: SavedGrades, rows: list[Any], expected: str) -> None:
    saved.put({"revision": 0, "grades": passes("case-0")})
    before = saved.path.read_bytes()
    with pytest.raises(TwokeyError, match=expected):
        saved.put({"revision": 1, "grades": rows})
    assert saved.path.read_bytes() == before
    assert saved.now()[1] == 1


def test_grades_of_other_evidence_are_left_alone(saved: SavedGrades) -> None:
    saved.path.parent.mkdir()
    saved.path.write_bytes(render(Grades(manifest="b" * 64, reviewer="pat@example.com")))
    for do in (saved.now, lambda: saved.put({"revision": 0, "grades": []})):
        with pytest.raises(TwokeyError, match="holds grades of other evidence"):
            do()


def test_a_link_is_not_followed(saved: SavedGrades, tmp_path: Path) -> None:
    saved.path.parent.mkdir()
    (tmp_path / "elsewhere").write_bytes(render(EMPTY))
    saved.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusalError, match="is a link"):
        saved.put({"revision": saved.now()[1], "grades": passes("case-1")})
    assert (tmp_path / "elsewhere").read_bytes() == render(EMPTY)


def test_whoever_waits_for_changes_hears_of_what_was_saved_and_of_nothing_else(saved: SavedGrades) -> None:
    heard: list[int] = []
    saved.saved = lambda: heard.append(saved.revision)
    saved.put({"revision": 0, "grades": passes("case-1")})
    saved.put({"revision": 0, "grades": passes("case-1")})
    assert heard == [1]


def test_after_the_end_nothing_is_saved(saved: SavedGrades) -> None:
    saved.end()
    with pytest.raises(RefusalError, match="the review has ended"):
        saved.put({"revision": 0, "grades": []})
    assert not saved.path.exists()


def test_grades_of_somebody_else_under_this_name_are_neither_shown_nor_added_to(saved: SavedGrades) -> None:
    saved.path.parent.mkdir()
    theirs = render(
        Grades(manifest="a" * 64, reviewer="bob@example.com").with_grade(Grade(item="case-0", grade="pass"))
    )
    saved.path.write_bytes(theirs)
    with pytest.raises(TwokeyError, match=r"holds grades of bob@example\.com, not of pat@example\.com"):
        saved.now()
    with pytest.raises(TwokeyError, match="holds grades of bob"):
        saved.put({"revision": 0, "grades": passes("case-1")})
    assert saved.path.read_bytes() == theirs
