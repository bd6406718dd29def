import inspect
import subprocess
import sys

import pytest
from run_world import RUNS

from twokey.evidence.layout import DERIVED
from twokey.reports import REPORTS


def test_the_table_names_each_report_by_its_own_name() -> None:
    assert list(REPORTS) == ["terminal", "json", "junit", "markdown", "html"]
    assert all(report.name == name for name, report in REPORTS.items())


def test_files_of_reports_have_their_place_in_the_evidence_directory() -> None:
    files = {name: report.filename for name, report in REPORTS.items()}
    assert files == {
        "terminal": None,
        "json": None,
        "junit": "junit.xml",
        "markdown": "summary.md",
        "html": "report.html",
    }
    assert {file for file in files.values() if file} <= DERIVED


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_says_what_it_is(name: str) -> None:
    report = REPORTS[name]
    assert 0 < len(report.summary) < 80
    assert len(inspect.getdoc(type(report)) or "") > 200


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("run", RUNS)
def test_every_report_tells_every_verdict_the_same_way_twice(name: str, run: str) -> None:
    made = RUNS[run]()
    text = REPORTS[name].render(made)
    assert text == REPORTS[name].render(RUNS[run]())
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert made.conclusion.verdict.label in text
    assert made.evidence.digest in text


def test_reports_load_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "sklearn", "pyarrow", "re2", "jsonschema", "jsonschema_rs", "zstandard", "rich", "xml")
    code = f"import sys, twokey.reports; print([name for name in {heavy!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"
