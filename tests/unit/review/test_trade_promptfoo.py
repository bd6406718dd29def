"""promptfoo: what its viewer writes is read, and nothing that goes out is filled in, loaded or shown from elsewhere.

The shapes are those that promptfoo 0.121.20 exported after `promptfoo import` of an eval of ours, rated in its viewer.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from twokey.errors import TwokeyError
from twokey.review.grades import Grade, Grades
from twokey.review.trade import TRADE
from twokey.review.trade.base import Sheet
from twokey.review.trade.promptfoo import inert
from twokey.review.trade.promptfoo_comment import values_in
from twokey.review.trade.taking import Taken, taken

MANIFEST = "ab" * 32
ANN = "ann@example.com"
ITEMS = tuple({"id": f"r{number}", "stratum": "audit", "input": "q", "output": "a"} for number in range(1, 4))
FORMAT = TRADE["promptfoo"]
SAID = "Manual result (overrides all other grading results)"


def document(items: Any = ITEMS, grades: Grades | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FORMAT.export(Sheet(manifest=MANIFEST, items=items, grades=grades)))
    return found


def rating(up: Any, comment: str) -> dict[str, Any]:
    """What the viewer writes for a thumb and a comment."""
    human = {"pass": up, "score": int(bool(up)), "reason": SAID, "comment": comment, "assertion": {"type": "human"}}
    machine = {"pass": False, "score": 0, "reason": "no", "assertion": {"type": "contains", "value": "zz"}}
    return {
        "pass": up,
        "score": int(bool(up)),
        "reason": "Manual result",
        "comment": comment,
        "componentResults": [machine, human],
    }


def rated(*ratings: dict[str, Any] | None) -> Taken:
    found = document()
    for result, one in zip(found["results"]["results"], ratings, strict=False):
        result["gradingResult"] = one
    return back(found)


def back(found: Any) -> Taken:
    reading = FORMAT.read(json.dumps(found).encode(), "eval.json")
    return taken(reading, file="eval.json", manifest=MANIFEST, items=ITEMS, reviewer=ANN)


@pytest.mark.parametrize(
    ("up", "comment", "expected"),
    [
        (True, "", Grade(item="r1", grade="pass")),
        (True, "fine, and polite", Grade(item="r1", grade="pass", reason="fine, and polite")),
        (False, "severity: High\n\nrude", Grade(item="r1", grade="fail", severity="high", reason="rude")),
        (False, "Severity: low\r\nrude", Grade(item="r1", grade="fail", severity="low", reason="rude")),
        (False, "correction: 14 days\n\nolder", Grade(item="r1", grade="edit", correction="14 days", reason="older")),
        (None, "grade: bad-reference\n\n7 is wrong", Grade(item="r1", grade="bad-reference", reason="7 is wrong")),
        (None, "grade: ask\nseconds: 7\n\nwhy?", Grade(item="r1", grade="ask", reason="why?", seconds=7)),
        (True, "certainty: low\n\nnote: odd", Grade(item="r1", grade="pass", certainty="low", reason="note: odd")),
    ],
)
def test_a_thumb_and_its_comment_are_a_grade(up: Any, comment: str, expected: Grade) -> None:
    one = rating(up, comment)
    if up is None:
        one["componentResults"] = []
    found = rated(one)
    assert found.grades.grades == (expected,)
    assert found.notes == ("2 items have no grade in it",)


@pytest.mark.parametrize(
    ("up", "comment", "told"),
    [
        (False, "", "a fail needs a severity and a reason"),
        (False, "rude", "a fail needs a severity"),
        (False, "severity: high", "a fail needs a reason"),
        (False, "grade: edit\n\nolder", "a edit needs a correction"),
        (True, "severity: high\ngrade: fail\n\nrude", "its thumb is up, and its comment says fail"),
        (False, "grade: pass", "its thumb is down, and its comment says pass"),
        (True, "grade: escalate\n\nwho?", "its thumb is up, and its comment says escalate"),
        ("yes", "", "its rating is neither up nor down"),
    ],
)
def test_what_makes_no_grade_is_told_by_item_and_the_others_are_taken(up: Any, comment: str, told: str) -> None:
    found = rated(rating(up, comment), rating(True, ""))
    assert [grade.item for grade in found.grades.grades] == ["r2"]
    assert found.notes[0].startswith(f"'r1' is not taken: {told}")


def test_a_comment_that_was_edited_after_the_rating_counts() -> None:
    one = rating(True, "grade: pass\n\nold")
    one["comment"] = "new"
    assert rated(one).grades.grades[0].reason == "new"


def test_machine_results_are_no_grades() -> None:
    one = rating(True, "")
    one["componentResults"] = one["componentResults"][:1]
    assert rated(one).grades.grades == ()


def test_a_wrong_word_in_a_comment_is_refused_with_its_result() -> None:
    with pytest.raises(TwokeyError, match=r"^eval\.json: result 1: 'r1': 'awful' is no severity"):
        rated(rating(False, "severity: awful\n\nrude"))


def test_an_eval_that_twokey_did_not_export_is_refused() -> None:
    with pytest.raises(TwokeyError, match="result 1: its metadata has no item and manifest"):
        back({"evalId": "e", "results": {"version": 3, "results": [{"vars": {}, "metadata": {}}]}})


def test_grades_go_out_as_thumbs_where_they_are_thumbs() -> None:
    grades = (
        Grade(item="r1", grade="pass"),
        Grade(item="r2", grade="fail", severity="low", reason="no"),
        Grade(item="r3", grade="escalate", reason="who?"),
    )
    found = document(grades=Grades(manifest=MANIFEST, reviewer=ANN, grades=grades))["results"]
    humans = [
        [(part["assertion"]["type"], part["pass"]) for part in one["gradingResult"]["componentResults"]]
        for one in found["results"]
    ]
    assert humans == [[("human", True)], [("human", False)], []]
    assert [one["success"] for one in found["results"]] == [True, False, True]
    assert found["stats"]["failures"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "{{ range.constructor('return process')() }}",
        "{% include 'x' %}",
        "{{{{x",
        "file:///etc/passwd",
        " file://x.js",
        "package:x",
        "![x](https://evil.example/p.png)",
    ],
)
def test_nothing_in_a_text_is_filled_in_or_loaded_by_promptfoo(text: str) -> None:
    items = ({"id": "r1", "stratum": "audit", **dict.fromkeys(("input", "output", "expected", "context"), text)},)
    found = document(items)
    data = json.dumps(found)
    for order in ("{{ r", "{%", "{{x", "![x", "file:/", '"package:'):
        assert order not in data
    assert found["config"]["tests"] == []
    assert inert("a {b: 1} c: file://x") == "a {b: 1} c: file://x"


def test_ratings_beside_somebodys_grades_are_that_persons() -> None:
    found = document(
        grades=Grades(manifest=MANIFEST, reviewer="bob@example.com", grades=(Grade(item="r1", grade="pass"),))
    )
    taken_over = back(found)
    assert taken_over.grades.grades == ()
    assert taken_over.notes[0] == "1 grades are by bob@example.com, and not taken"


@pytest.mark.skipif(shutil.which("promptfoo") is None, reason="promptfoo is not installed")
def test_promptfoo_itself_imports_it_and_exports_the_same_grades(tmp_path: Path) -> None:
    grades = Grades(
        manifest=MANIFEST,
        reviewer=ANN,
        grades=(
            Grade(
                item="r1", grade="edit", reason="old\n\n- twice", correction="a\nb", revised_from=("pass",), seconds=3
            ),
            Grade(item="r2", grade="pass", certainty="low"),
            Grade(item="r3", grade="ask", reason="who?"),
        ),
    )
    (tmp_path / "eval.json").write_text(json.dumps(document(grades=grades)))
    quiet = {"PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1", "NODE_NO_WARNINGS": "1"}
    own = {**os.environ, **quiet, "PROMPTFOO_CONFIG_DIR": str(tmp_path)}

    def promptfoo(*words: str) -> None:
        subprocess.run(["promptfoo", *words], cwd=tmp_path, env=own, check=True, capture_output=True, timeout=120)

    promptfoo("import", "eval.json")
    promptfoo("export", "eval", f"eval-twokey-{MANIFEST[:12]}", "-o", "back.json")
    assert back(json.loads((tmp_path / "back.json").read_bytes())).grades == grades


def test_a_comment_of_a_hundred_thousand_lines_is_read_line_by_line_once() -> None:
    comment = "grade: pass\n" * 100_000 + "grade: escalate\n\nWho knows?"
    assert values_in(comment, None) == ({"grade": "escalate", "reason": "Who knows?"}, "")
