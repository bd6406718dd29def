"""Past cases that policy names: what was right, or whether the output failed, for selecting what to look at.

The file is policy: read from protected ground, and in the policy's digest. Nothing is fitted here.
"""

import heapq
from typing import Any

from twokey.canonical import dump_line, loads
from twokey.errors import ConfigError, Place, Problem
from twokey.record import flatten
from twokey.sample import keys
from twokey.stats.second_opinion import Features, features
from twokey.values import dataclass

KEYS = frozenset({"input", "label", "output", "answer", "failed", "confidence"})
MOST_CASES = 10_000
"""So many cases are used; of more, a draw by hash."""

PAST = b"twokey past"
"""The purpose of that draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One past case. `right` is the label that was right, None where nobody said; `failed` None likewise."""

    input: Features
    right: str | None = None
    given: str | None = None
    failed: bool | None = None
    confidence: float | None = None


def past_cases(data: bytes, path: str) -> tuple[Case, ...]:
    """Read JSON Lines of past cases.

    Each has `input`, and any of `label` (what was right), `output` or `answer` (what the model said), `failed` and
    `confidence`. What did not fail was right.

    Raises:
        ConfigError: a line is no such case; names each of the first few.
    """
    rows: list[tuple[bytes, Any]] = []
    problems: list[Problem] = []
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        row = loads(line, file=f"{path}:{number}")
        if wrong := _wrong(row):
            problems.append(Problem(message=wrong, where=Place(file=path, line=number)))
        rows.append((line, row))
    if not rows and not problems:
        problems.append(Problem(message="holds no past case", where=Place(file=path)))
    if problems:
        raise ConfigError(problems[:10])
    if len(rows) > MOST_CASES:
        drawn = keys([line.hex() for line, _ in rows], 0, PAST)
        rows = [row for _, row in heapq.nsmallest(MOST_CASES, zip(drawn, rows, strict=True), key=lambda one: one[0])]
    return tuple(_case(row) for _, row in rows)


def _wrong(row: Any) -> str | None:
    if not isinstance(row, dict):
        return "a past case is an object"
    if odd := sorted(row.keys() - KEYS):
        return f"unknown key {odd[0][:80]!r} (known: {', '.join(sorted(KEYS))})"
    if row.get("input") is None:
        return "a past case needs its input"
    if type(row.get("failed")) not in (bool, type(None)):
        return "failed is true or false"
    sure = row.get("confidence")
    if sure is not None and (type(sure) not in (int, float) or not 0 <= sure <= 1):
        return "confidence is a number from 0 to 1"
    return None


def _case(row: dict[str, Any]) -> Case:
    right = label_text(row.get("label"))
    given = label_text(row.get("output", row.get("answer")))
    failed = row.get("failed")
    if failed is None and right is not None and given is not None:
        failed = right != given
    if right is None and failed is False:
        right = given
    return Case(
        input=features(flatten(row["input"])), right=right, given=given, failed=failed, confidence=row.get("confidence")
    )


def label_text(value: Any) -> str | None:
    """Return a label as text, so that equal labels are equal texts; None where there is none."""
    if value is None or isinstance(value, str):
        return value
    try:
        return dump_line(value).decode().strip()
    except (ValueError, OverflowError, RecursionError):
        return str(value)
