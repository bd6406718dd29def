"""The few words that say what is other than the facts that somebody signed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.decisions.differing import MOST, what_differs

BLOB, OTHER = "a" * 40, "b" * 40


def facts(**parts: Any) -> dict[str, Any]:
    """Facts as `open_checkpoints` makes them."""
    change = {"parties": ["cy@example.com"], "opens": [], **parts.pop("change", {})}
    return {"checkpoint": "release", "opened_by": [], "findings": [], "change": change, **parts}


def paths(*files: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"clause": {"paths": ["api/**"]}, "files": [list(file) for file in files]}]


def findings(**found: str) -> list[dict[str, str]]:
    return [{"id": f"quality.{name}", "status": status} for name, status in found.items()]


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ({}, {"change": {"parties": ["cy@example.com", "dee@example.com"]}}, "dee@example.com had no part in it"),
        ({}, {"change": {"parties": []}}, "cy@example.com has no part in it any more"),
        ({}, {"change": {"opens": ["interface"]}}, "interface was not open"),
        ({"change": {"opens": ["interface"]}}, {}, "interface is open no more"),
        (
            {"opened_by": paths(("api/a", BLOB), ("api/b", BLOB))},
            {"opened_by": paths(("api/b", OTHER), ("api/c", BLOB))},
            "api/c was not changed; api/a is changed no more; api/b was changed otherwise",
        ),
        (
            {"change": {"policy": [{"path": "gates.yaml", "before": BLOB, "after": OTHER}]}},
            {"change": {"policy": [{"path": "gates.yaml", "before": BLOB, "after": None}]}},
            "gates.yaml was changed otherwise",
        ),
        (
            {"findings": findings(accuracy="inconclusive", recall="fail")},
            {"findings": findings(accuracy="fail", f1="fail")},
            "quality.accuracy is fail; quality.f1 is fail; quality.recall was fail",
        ),
        ({}, {"opened_by": [{"clause": {"rollback": True}}]}, "other clauses of policy open it"),
        ({}, {}, ""),
        ({"change": {"parties": ["cy@example.com"]}}, {}, ""),
    ],
)
def test_it_names_the_file_the_person_the_finding_or_the_checkpoint(
    before: dict[str, Any], now: dict[str, Any], told: str
) -> None:
    assert what_differs(facts(**before), facts(**now)) == told


def test_it_says_nothing_of_facts_that_nobody_kept() -> None:
    assert what_differs(None, facts()) == ""


def test_it_names_the_first_few_and_counts_the_others() -> None:
    many = facts(findings=findings(**{f"metric_{number}": "fail" for number in range(MOST + 3)}))
    assert what_differs(facts(), many).endswith(f"quality.metric_{MOST - 1} is fail and 3 more")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
PARTS = ("change", "opened_by", "findings", "parties", "opens", "policy", "files", "clause", "path", "id", "status")
ODD = st.recursive(
    ANYTHING,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PARTS), inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(PARTS), ODD, max_size=6))
def test_facts_that_anybody_made_up_are_no_fault(made_up: dict[str, Any]) -> None:
    now = facts(findings=findings(accuracy="fail"), opened_by=paths(("api/a", BLOB)))
    assert isinstance(what_differs(made_up, now), str)
    assert isinstance(what_differs(now, made_up), str)
