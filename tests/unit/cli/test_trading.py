"""Out to another tool and back, with real evidence on disk."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from persona import Home
from project import Project, started

from twokey.cli.trading import export_file, import_file
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.store import read_evidence
from twokey.review.grades import Grade, Grades, render
from twokey.review.trade import TRADE

ANN = "ann@example.com"


@pytest.fixture
def project(home: Home) -> Project:
    made = started(home)
    made.policy(review={"confidence_below": 0.95, "show": 5, "audit": 5})
    assert made.run().status in (0, 3)
    return made


@pytest.fixture
def evidence(project: Project) -> Evidence:
    return read_evidence(project.evidence)


def graded(evidence: Evidence, count: int = 3) -> Grades:
    rows = tuple(Grade(item=str(item["id"]), grade="pass", seconds=3) for item in evidence.items[:count])
    return Grades(manifest=evidence.digest, reviewer=ANN, grades=rows)


@pytest.mark.parametrize("name", TRADE)
def test_out_and_back_gives_the_same_grades(evidence: Evidence, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"out{TRADE[name].suffix}"
    grades = graded(evidence)
    files = export_file(evidence, path, format_name=name, grades=grades)
    assert files[0] == path
    assert {file.suffix for file in files[1:]} == ({".xml"} if name == "label-studio" else set())
    found = import_file(evidence, path, reviewer=ANN)
    assert found.grades == grades
    assert (found.fresh, found.changed, found.same) == (3, 0, 0)
    assert import_file(evidence, path, reviewer=ANN, before=grades).told() == "0 new grades, 3 that were there already"


def test_sealed_items_go_out_among_the_others_and_come_back(evidence: Evidence, tmp_path: Path) -> None:
    seed = {**evidence.items[0], "id": "sealed-1"}
    path = tmp_path / "out.jsonl"
    export_file(evidence, path, rows=(evidence.items[0], seed))
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["item"] for row in rows] == [evidence.items[0]["id"], "sealed-1"]
    path.write_text("".join(json.dumps({**row, "grade": "pass"}) + "\n" for row in rows))
    found = import_file(evidence, path, reviewer=ANN, sealed=[seed], seeds="cd" * 32).grades
    assert {grade.item for grade in found.grades} == {evidence.items[0]["id"], "sealed-1"}
    assert found.seeds == "cd" * 32
    with pytest.raises(TwokeyError, match="'sealed-1' is not in this review bundle"):
        import_file(evidence, path, reviewer=ANN)


def test_a_file_that_is_there_is_not_written_over(evidence: Evidence, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.with_suffix(".xml").write_text("mine")
    with pytest.raises(TwokeyError, match=r"out\.xml: is there already"):
        export_file(evidence, path, format_name="label-studio")
    assert not path.exists()
    export_file(evidence, path, format_name="label-studio", force=True)
    assert path.with_suffix(".xml").read_text().startswith("<View>")


def test_a_grades_file_of_the_page_is_imported_too(evidence: Evidence, tmp_path: Path) -> None:
    path = tmp_path / "grades-ann.json"
    path.write_bytes(render(graded(evidence)))
    assert import_file(evidence, path, reviewer=ANN).fresh == 3
    with pytest.raises(TwokeyError, match=r"holds grades by ann@example\.com \(--as ann@example\.com\)"):
        import_file(evidence, path, reviewer="bob@example.com")
    path.write_bytes(render(replace(graded(evidence), manifest="0" * 64)))
    with pytest.raises(TwokeyError, match="holds grades of other evidence"):
        import_file(evidence, path, reviewer=ANN)


def test_another_grade_than_before_is_a_conflict_until_it_may_take_its_place(
    evidence: Evidence, tmp_path: Path
) -> None:
    path, item = tmp_path / "out.csv", str(evidence.items[0]["id"])
    export_file(evidence, path, grades=graded(evidence))
    before = graded(evidence).with_grade(Grade(item=item, grade="fail", severity="low", reason="no"))
    with pytest.raises(TwokeyError, match=f"grades 1 items otherwise than {ANN} did before: '{item}'"):
        import_file(evidence, path, reviewer=ANN, before=before)
    found = import_file(evidence, path, reviewer=ANN, before=before, replace=True)
    assert found.told() == "0 new grades, 1 in place of earlier ones, 2 that were there already"
    assert set(found.grades.grades) == set(graded(evidence).grades)


def test_grades_that_the_file_lacks_stay(evidence: Evidence, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    export_file(evidence, path, grades=graded(evidence, 1))
    found = import_file(evidence, path, reviewer=ANN, before=graded(evidence, 3))
    assert len(found.grades.grades) == 3


def test_the_reserve_may_be_graded_as_well(evidence: Evidence, tmp_path: Path) -> None:
    more = replace(evidence, reserve=({"id": "spare-1", "stratum": "audit", "output": "x"},))
    path = tmp_path / "out.jsonl"
    path.write_text(json.dumps({"item": "spare-1", "manifest": evidence.digest, "grade": "pass"}))
    assert import_file(more, path, reviewer=ANN).fresh == 1


def test_what_cannot_be_read_or_written_is_told(evidence: Evidence, tmp_path: Path) -> None:
    with pytest.raises(TwokeyError, match=r"none\.csv: cannot be read: No such file"):
        import_file(evidence, tmp_path / "none.csv", reviewer=ANN)
    with pytest.raises(TwokeyError, match="cannot be written"):
        export_file(evidence, tmp_path / "no" / "out.csv")
