"""The table for spreadsheets: no cell is a formula, nothing is converted away, and errors say which line."""

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_world import hostile_cases

from twokey.errors import TwokeyError
from twokey.review.grades import Grade, Grades
from twokey.review.trade import TRADE
from twokey.review.trade.base import Sheet
from twokey.review.trade.cells import cell, text
from twokey.review.trade.taking import Taken, taken

MANIFEST = "ab" * 32
ANN = "ann@example.com"
FORMAT = TRADE["graded-csv"]
ITEMS = tuple({"id": f"r{number}", "stratum": "audit", "output": f"answer {number}"} for number in range(1, 4))
HEAD = "item,manifest,grade,severity,reason,correction,seconds"
TEXTS = st.text() | st.text(alphabet="=+-@'\";,\t\n\r |a1\x00\u202e\uff1djson:")


def back(content: str | bytes, items: Any = ITEMS, **more: Any) -> Taken:
    data = content.encode() if isinstance(content, str) else content
    options = {"file": "sheet.csv", "manifest": MANIFEST, "items": items, "reviewer": ANN, **more}
    return taken(FORMAT.read(data, "sheet.csv"), **options)


def line(item: str, grade: str, rest: str = ",,,") -> str:
    return f"{item},{MANIFEST},{grade},{rest}"


# Cells


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_every_text_comes_back_out_of_its_cell(content: str) -> None:
    assert text(cell(content)) == content


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_no_cell_begins_a_formula_wherever_it_is_split(content: str) -> None:
    for separators in ("", ";", ",", "\t", "\n", ";,\t\n|"):
        parts = re.split(f"[{separators}]", cell(content)) if separators else [cell(content)]
        for part in parts:
            assert not part.lstrip(' "').startswith(("=", "+", "-", "@", "\r", "\uff1d")), part


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_cell_has_no_character_that_is_obeyed_unseen(content: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", cell(content))


@pytest.mark.parametrize("content", ["007", "1e5", "2024-01-02", "1/2", "Mar-01", "TRUE", "-1", "50%", "1,5", "$5"])
def test_what_a_program_would_convert_stays_a_text(content: str) -> None:
    assert cell(content).startswith("'")
    assert text(cell(content)) == content


@pytest.mark.parametrize("content", ["case-1", "plain words", "it's 5", "'tis so", "a = b", "Maria", "x-1", "", "é"])
def test_what_is_harmless_stays_as_it_is(content: str) -> None:
    assert cell(content) == content
    assert text(content) == content


def test_a_long_cell_takes_no_time_to_speak_of() -> None:
    for content in ("1" * 30_000 + "x", "'" * 30_000, " " * 30_000 + "x", "; " * 15_000 + "x", "jan" * 10_000):
        assert text(cell(content)) == content


# The table


def test_it_opens_in_a_spreadsheet_as_it_is() -> None:
    grades = Grades(manifest=MANIFEST, reviewer=ANN, grades=(Grade(item="r1", grade="pass", seconds=12),))
    data = FORMAT.export(Sheet(manifest=MANIFEST, items=ITEMS, grades=grades))
    assert data.startswith(b"\xef\xbb\xbf")
    (head, first, *_) = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert dict(zip(head, first, strict=True))["seconds"] == "12", "a number stays a number"
    assert "stratum" not in head


def test_what_somebody_typed_is_taken_as_it_was_meant() -> None:
    found = back(f"{HEAD}\n{line('r1', ' Pass ')}\n{line('r2', 'Bad reference', ',it is 5,,12.0')}\n")
    assert found.grades.grades == (
        Grade(item="r1", grade="pass"),
        Grade(item="r2", grade="bad-reference", reason="it is 5", seconds=12),
    )
    assert found.notes == ()


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_semicolons_and_tabs_are_read_as_well(delimiter: str, end: str) -> None:
    content = f"{HEAD}\n{line('r1', 'fail', 'high,rude,,3')}\n".replace(",", delimiter).replace("\n", end)
    assert back(content).grades.grades == (Grade(item="r1", grade="fail", severity="high", reason="rude", seconds=3),)


def test_a_long_output_is_cut_and_still_found_again() -> None:
    items = ({"id": "r1", "stratum": "audit", "output": "a" * 40_000},)
    grades = Grades(manifest=MANIFEST, reviewer=ANN, grades=(Grade(item="r1", grade="pass"),))
    data = FORMAT.export(Sheet(manifest=MANIFEST, items=items, grades=grades))
    assert len(data) < 31_000
    assert back(data, items).grades == grades


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("", "1", "is empty"),
        ("item,manifest\nr1,x\n", "1", "there is no grade: expected item, manifest, grade"),
        ("item,manifest,grade,severty\n", "1", "there is no column 'severty' (did you mean severity?)"),
        ("item,manifest,grade,grade\n", "1", "a column stands twice"),
        (f"{HEAD}\nr1,{MANIFEST},pass\n", "2", "3 cells, expected 7 as in the first line"),
        (f"{HEAD}\n{line('r1', 'pass')}\n\n{line('r2', 'fail', 'high,,,')}", "4", "a grade of fail needs a reason"),
        (f'{HEAD}\n"r1\n', "2", "not CSV: unexpected end of data"),
        (f"{HEAD}\n{line('r1', 'pass')}\nr9,x,pass,,,,", "3", "manifest 'x'"),
        (f"{HEAD}\n{line('case 1', 'pass')}\n", "2", "'case 1' is not in this review bundle"),
        (f"{HEAD}\n{line('r1', 'pass', ',,,soon')}\n", "2", "seconds is no number of seconds"),
        (f"{HEAD}\n{line('r1', 'pass', ',,,nan')}\n", "2", "seconds is no number of seconds"),
        (f"{HEAD}\n{line('r1', 'pass', ',,,inf')}\n", "2", "seconds is no number of seconds"),
        (f"{HEAD}\n{line('r1', 'pass', ',,new,')}\n", "2", "a correction belongs to an edit"),
        (f"{HEAD}\n{line('r1', 'pass')}\n{line('r1', 'fail', 'low,no,,')}", "3", "has two grades, pass and fail"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(content: str, place: str, message: str) -> None:
    with pytest.raises(TwokeyError) as refused:
        back(content)
    assert str(refused.value).startswith(f"sheet.csv:{place}: ")
    assert message in str(refused.value)


def test_the_line_is_where_a_row_begins_also_after_cells_of_several_lines() -> None:
    content = f'{HEAD}\nr1,{MANIFEST},pass,,"a\nb\nc",,\n{line("r2", "superb")}\n'
    with pytest.raises(TwokeyError, match=r"^sheet\.csv:5: 'r2': 'superb' is no grade"):
        back(content)


def test_rows_of_another_person_are_not_taken_and_told() -> None:
    content = f"item,manifest,grade,reviewer\nr1,{MANIFEST},pass,bob@example.com\nr2,{MANIFEST},pass,\n"
    found = back(content)
    assert [grade.item for grade in found.grades.grades] == ["r2"]
    assert found.notes == ("1 grades are by bob@example.com, and not taken",)
    assert [grade.item for grade in back(content, annotator="bob@example.com").grades.grades] == ["r1", "r2"]


def test_other_bytes_than_utf_8_are_refused_with_the_line() -> None:
    with pytest.raises(TwokeyError, match=r"^sheet\.csv:2: not UTF-8"):
        back(f"{HEAD}\n{line('r1', 'pass')}".encode() + b"\xe9")


@pytest.mark.parametrize("case", hostile_cases(), ids=lambda case: case.name)
def test_no_hostile_output_is_a_formula_wherever_a_program_splits_the_table(case: Any) -> None:
    item = {"stratum": "audit", **dict.fromkeys(("id", "input", "output", "expected", "context"), case.text)}
    wrong = Grade(item=case.text, grade="edit", reason=case.text[:999] + "x", correction=case.text[:5000])
    grades = Grades(manifest=MANIFEST, reviewer=ANN, grades=(wrong,))
    data = FORMAT.export(Sheet(manifest=MANIFEST, items=(item,), grades=grades)).decode("utf-8-sig")
    for part in re.split('[;,\t\n|"]', data):
        assert not part.strip(" ").startswith(("=", "+", "-", "@")), part
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", data)
    assert back(data.encode(), (item,)).grades == grades
