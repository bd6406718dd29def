"""The page on threats, held against the tests and the code: what it names is there, so that it cannot rot."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NODE = re.compile(r"`(tests/[\w/]+\.py::[\w:]+)`")
MODULE = re.compile(r"`((?:[a-z_]+/)*[a-z_]+\.py)`")
LATER = "not yet"


def table(heading: str) -> list[list[str]]:
    """The cells of the rows of the first table below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[1:]]


def functions(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[str]:
    """The node ids, after the file, of all tests in a module."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from functions(node, f"{prefix}{node.name}::")
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"{prefix}{node.name}"


@cache
def nodes(file: str) -> frozenset[str]:
    path = ROOT / file
    return frozenset(functions(ast.parse(path.read_text(encoding="utf-8")))) if path.is_file() else frozenset()


THREATS = table("The threats")
TRIED = table("Tried")


def test_the_page_has_its_tables() -> None:
    assert len(THREATS) >= 26
    assert len(TRIED) >= 10
    assert all(len(row) == 3 for row in THREATS), [row for row in THREATS if len(row) != 3]
    assert all(len(row) == 2 for row in TRIED)


@pytest.mark.parametrize("row", THREATS, ids=lambda row: row[0][:60])
def test_each_threat_names_its_defence_and_tests_that_are_there(row: list[str]) -> None:
    _, defence, tests = row
    named = NODE.findall(tests)
    assert NODE.sub("", tests).strip(", ") == "", "something there is no node id"
    assert [one for one in named if one.partition("::")[2] not in nodes(one.partition("::")[0])] == []
    assert bool(named) != defence.startswith(LATER), "a test, or plainly said that there is none yet"
    assert MODULE.search(defence) or defence.startswith(LATER)


def test_each_module_on_the_page_is_there() -> None:
    named = {name for name in MODULE.findall(PAGE) if not name.startswith("tests/")}
    assert len(named) > 20
    assert sorted(name for name in named if not (ROOT / "src" / "twokey" / name).is_file()) == []


def test_what_was_tried_is_held_by_tests_that_the_threats_name() -> None:
    held = {one.rpartition("::")[2] for row in THREATS for one in NODE.findall(row[2])}
    tried = [name for row in TRIED for name in re.findall(r"`(test_\w+)`", row[1])]
    assert len(tried) >= 10
    assert [name for name in tried if name not in held] == []
    assert [row for row in TRIED if "`test_" not in row[1] and row[1] != "the same"] == []


def test_a_test_that_is_gone_is_noticed() -> None:
    file = "tests/test_threat_model.py"
    assert "test_a_test_that_is_gone_is_noticed" in nodes(file)
    assert "test_that_never_was" not in nodes(file)
    assert "TestStep4Who::test_a_bots_key_decides_nothing" in nodes("tests/unit/decisions/test_decisions_verify.py")
    assert nodes("tests/never.py") == frozenset()
