"""The simulated reviewer of the demo: grades by the answer key that the generated tickets come with.

A person would read; this one knows the expected label and looks up whether the reply's fact stands in the article that
the assistant had. It stands in for a reviewer in the demo only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from twokey.cli.demo.material import CANDIDATE
from twokey.cli.demo.tickets import desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the reviewer says of one answer; `severity` is None for a pass."""

    grade: Literal["pass", "fail"]
    severity: Literal["low", "medium", "high"] | None
    reason: str


def grade(row: Mapping[str, Any]) -> Judgement:
    """Return the judgement of one row of the recording.

    It passes if the label is the expected one and the reply's fact stands in the context that the assistant had.
    """
    label, expected = row["response"]["label"], row["gold"]
    fact = desk()["categories"][label]["fact"]
    supported = fact not in row["response"]["reply"] or fact in row["context"]
    if label != expected:
        severity: Literal["medium", "high"] = "medium" if supported else "high"
        return Judgement(grade="fail", severity=severity, reason=f"filed under {label}, belongs under {expected}")
    if not supported:
        return Judgement(grade="fail", severity="low", reason="states a fact that is not in the article at hand")
    return Judgement(grade="pass", severity=None, reason="right category, and the article supports the reply")


def answer_key(directory: Path) -> Mapping[str, Judgement]:
    """Return the judgement of each recorded answer of the project in `directory`, by record id."""
    with (directory / CANDIDATE).open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return {row["request_id"]: grade(row) for row in rows}
