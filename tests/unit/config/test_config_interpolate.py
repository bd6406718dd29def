from typing import Any

import pytest

from twokey.config.decode import decode, read_yaml
from twokey.config.interpolate import interpolate
from twokey.config.nodes import Problems
from twokey.errors import ConfigError

ENVIRONMENT = {"A": "a", "SEVEN": "7", "EMPTY": "", "YAML": "[x, {y: &z 1}]: *z\nk: v", "NESTED": "${A} $$"}


def read(text: str, protected: tuple[str, ...] = ()) -> Any:
    problems = Problems(file="f.yaml")
    node = interpolate(read_yaml(text.encode(), "f.yaml"), ENVIRONMENT, problems, protected)
    problems.raise_any()
    return decode(node, Any, "f.yaml")


def problems(text: str, protected: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, protected)
    return [str(problem).removeprefix("f.yaml:") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x-${A}-${A}", "x-a-a"),
        ("${SEVEN}", 7),
        ("'${SEVEN}'", 7),
        ("${SEVEN}0", 70),
        ("${NONE:-7}", 7),
        ("${NONE:-}", None),
        ("${EMPTY:-default words}", "default words"),
        ("${EMPTY}", None),
        ("${A:-b}", "a"),
        ("$A", "$A"),
        ("^[a-z]+$", "^[a-z]+$"),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("$$${A}", "$a"),
        ("$$$$", "$$"),
    ],
)
def test_values_and_defaults_and_dollars(text: str, value: Any) -> None:
    assert read(f"k: {text}") == {"k": value}


def test_no_value_changes_structure_and_none_is_replaced_twice() -> None:
    assert read('k: ${YAML}\nn: ["${NESTED}"]') == {"k": ENVIRONMENT["YAML"], "n": ["${A} $$"]}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("k: ${SEVN}", "1:4: the environment variable SEVN is not set (did you mean SEVEN?)"),
        ("k: ${OTHER}", "1:4: the environment variable OTHER is not set (${OTHER:-default} gives it a default)"),
        ("k: ${A", "1:4: expected ${NAME} or ${NAME:-default}, found the text '${A' ($$ stands for a dollar sign)"),
        ("k: ${}", "1:4: expected ${NAME}"),
        ("k: ${1A}", "1:4: expected ${NAME}"),
        ("k: ${A-b}", "1:4: expected ${NAME}"),
        ("k: ${A:-${B}}", "1:4: expected ${NAME}"),
        ("${A}: 1", "1:1: a key is never taken from the environment: '${A}'"),
        ("k: {'${A}': 1}", "1:5: a key is never taken from the environment: '${A}'"),
    ],
)
def test_what_cannot_be_replaced_is_a_problem_at_its_place(text: str, problem: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(problem)


@pytest.mark.parametrize("text", ["${A}", "${A:-x}", "'${A}'", "[x, '${A}']", "{x: {y: '${A}'}}", "${"])
def test_a_protected_section_takes_nothing_at_any_depth(text: str) -> None:
    found = problems(f"free: ${{A}}\napproval: {text}", protected=("approval",))
    assert len(found) == 1
    assert "approval takes nothing from the environment" in found[0]
    assert found[0].startswith("2:")


def test_a_protected_section_may_hold_dollars() -> None:
    assert read("approval: {x: $$5}", protected=("approval",)) == {"approval": {"x": "$5"}}


@pytest.mark.parametrize("value", ["a\0b", "a\udcffb"])
def test_a_variable_that_is_no_text_is_refused(value: str) -> None:
    found = Problems(file="f.yaml")
    interpolate(read_yaml(b"k: ${V}", "f.yaml"), {"V": value}, found)
    assert [problem.message for problem in found.found] == ["the environment variable V is not text"]


def test_the_environment_cannot_fill_the_memory() -> None:
    found = Problems(file="f.yaml")
    data = b"[" + b"'${V}${V}'," * 20_000 + b"]"
    interpolate(read_yaml(data, "f.yaml"), {"V": "x" * 100_000}, found)
    assert [problem.message for problem in found.found] == ["more than 1,048,576 characters from the environment"]
