"""Where two texts differ, by word: what only the first has, and what only the second. Which is right is not said.

For screens without a script; the page compares for itself, in the same way. Texts that are too long to be compared by
word are compared by line, and longer ones not at all: outputs are hostile, and nobody waits for a comparison.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

Kind = Literal["same", "gone", "new"]

MOST_CELLS = 250_000
"""Of the table of common lengths, which is filled for what lies between the first and the last difference."""

_TOKEN = re.compile(
    r"\s+|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W\u0e00-\u0e7f\u3040-\u9fff]+|.", re.DOTALL
)


@lru_cache(maxsize=64)
def by_word(before: str, after: str) -> tuple[tuple[Kind, str], ...] | None:
    """Return the stretches that both have, only the first, or only the second; None where they are too long.

    What is gone stands before what is new in its place, and spaces between two changes belong to them.
    """
    found = _aligned(_TOKEN.findall(before), _TOKEN.findall(after))
    if found is None:
        found = _aligned(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return None if found is None else tuple(_stretches(found))


def _aligned(before: Sequence[str], after: Sequence[str]) -> list[tuple[Kind, str]] | None:
    room = min(len(before), len(after))
    head = next((n for n in range(room) if before[n] != after[n]), room)
    tail = next((n for n in range(room - head) if before[-1 - n] != after[-1 - n]), room - head)
    left, right = before[head : len(before) - tail], after[head : len(after) - tail]
    if (len(left) + 1) * (len(right) + 1) > MOST_CELLS:
        return None
    same: list[tuple[Kind, str]] = [("same", token) for token in before[:head]]
    return [*same, *_longest_common(left, right), *(("same", token) for token in before[len(before) - tail :])]


def _longest_common(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[Kind, str]]:
    """Yield the longest common subsequence and what is beside it, by its table walked from the front.

    Source: Wagner and Fischer, Journal of the ACM 21 (1974) 168-173.
    """
    lengths = [[0] * (len(right) + 1)]
    for token in reversed(left):
        below, line = lengths[-1], [0] * (len(right) + 1)
        for column in range(len(right) - 1, -1, -1):
            both = below[column + 1] + 1
            line[column] = both if token == right[column] else max(below[column], line[column + 1])
        lengths.append(line)
    lengths.reverse()
    row = column = 0
    while row < len(left) and column < len(right):
        if left[row] == right[column]:
            yield "same", left[row]
            row, column = row + 1, column + 1
        elif lengths[row + 1][column] >= lengths[row][column + 1]:
            yield "gone", left[row]
            row += 1
        else:
            yield "new", right[column]
            column += 1
    yield from (("gone", token) for token in left[row:])
    yield from (("new", token) for token in right[column:])


def _stretches(found: Sequence[tuple[Kind, str]]) -> Iterator[tuple[Kind, str]]:
    same, gone, new = "", "", ""
    for place, (kind, token) in enumerate(found):
        follows = place + 1 < len(found) and found[place + 1][0] != "same"
        between = bool(gone or new) and kind == "same" and follows and not token.strip() and "\n" not in token
        if kind == "same" and not between:
            yield from _told(("gone", gone), ("new", new))
            same, gone, new = same + token, "", ""
            continue
        yield from _told(("same", same))
        same = ""
        gone += token if kind != "new" else ""
        new += token if kind != "gone" else ""
    yield from _told(("same", same), ("gone", gone), ("new", new))


def _told(*stretches: tuple[Kind, str]) -> Iterator[tuple[Kind, str]]:
    return (stretch for stretch in stretches if stretch[1])
