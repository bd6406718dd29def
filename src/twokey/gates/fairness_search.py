"""Where answers are wrong most often: a small decision tree over the groups, as a lead and never as a verdict.

It looks for what is worst and so finds something in any recording: its p-values allow for every slice it could have
chosen, and nothing is judged by them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from twokey.stats.fdr import fisher_exact

Cells = Mapping[tuple[tuple[str, ...], bool], int]
LEAST = 30
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the tree: whether the group at `place` has `value`, or has not."""

    place: int
    value: str
    holds: bool = True

    def met(self, values: Sequence[str]) -> bool:
        """Say whether these values answer it so."""
        return (values[self.place] == self.value) is self.holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A slice: the answers to its questions, and how many of its records are right.

    `p` is that of Fisher's exact test against all other records, times the number of slices that could have been chosen
    (Bonferroni).
    """

    answers: tuple[Question, ...]
    right: int
    n: int
    p: float


def worst_slices(cells: Cells, least: int = LEAST) -> list[Leaf]:
    """Return the leaves of a tree of two levels, the least accurate first; none where nothing can be split.

    Each level asks the question that leaves least Gini impurity, among those with `least` records on either side.

    Source: Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees" (1984).
    """
    table = _table(cells)
    right, n = _sums(table)
    questions = _questions(table)
    leaves = [*_grown(table, questions, least)]
    # A root and, below each answer, another question: so many slices could have come out.
    chosen = max(1, 4 * len(questions) * max(1, len(questions) - 1))
    found = [_leaf(tests, part, right, n, chosen) for tests, part in leaves if tests]
    return sorted(found, key=lambda leaf: (leaf.right / leaf.n, leaf.p, _order(leaf)))


_Rows = list[tuple[tuple[str, ...], int, int]]


def _order(leaf: Leaf) -> list[tuple[int, str, bool]]:
    return [(test.place, test.value, test.holds) for test in leaf.answers]


def _table(cells: Cells) -> _Rows:
    values = sorted({values for values, _ in cells})
    rows = [(each, cells.get((each, True), 0), cells.get((each, False), 0)) for each in values]
    return [(each, right, right + wrong) for each, right, wrong in rows]


def _sums(rows: _Rows) -> tuple[int, int]:
    return sum(right for _, right, _ in rows), sum(n for _, _, n in rows)


def _questions(rows: _Rows) -> list[Question]:
    return [
        Question(*pair)
        for pair in sorted({(place, value) for values, _, _ in rows for place, value in enumerate(values)})
    ]


def _grown(
    rows: _Rows, questions: list[Question], least: int, depth: int = 2, above: tuple[Question, ...] = ()
) -> Iterator[tuple[tuple[Question, ...], _Rows]]:
    best = _best(rows, questions, least) if depth else None
    if best is None:
        yield above, rows
        return
    for test in (best, Question(best.place, best.value, holds=False)):
        part = [row for row in rows if test.met(row[0])]
        yield from _grown(part, questions, least, depth - 1, (*above, test))


def _best(rows: _Rows, questions: list[Question], least: int) -> Question | None:
    right, n = _sums(rows)
    best, lowest = None, _impurity(right, n) - 1e-9
    for test in questions:
        inside, within = _sums([row for row in rows if test.met(row[0])])
        if within < least or n - within < least:
            continue
        left = _impurity(inside, within) + _impurity(right - inside, n - within)
        if left < lowest:
            best, lowest = test, left - 1e-9
    return best


def _impurity(right: int, n: int) -> float:
    return right * (n - right) / n if n else 0.0


def _leaf(tests: tuple[Question, ...], rows: _Rows, right: int, n: int, chosen: int) -> Leaf:
    inside, within = _sums(rows)
    p = fisher_exact(inside, within, right - inside, n - within)
    return Leaf(answers=tests, right=inside, n=within, p=min(1.0, p * chosen))
