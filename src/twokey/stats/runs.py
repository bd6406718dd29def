"""Runs of one value in a row of several: how long the longest is, and how often chance alone gives one as long."""

import math
from collections.abc import Sequence


def longest_run(values: Sequence[str]) -> tuple[int, str]:
    """Return the length of the longest run of one value, and the value; the first of several."""
    best, length = (0, ""), 0
    for place, value in enumerate(values):
        length = length + 1 if place and values[place - 1] == value else 1
        best = max(best, (length, value), key=lambda run: run[0])
    return best


def chance_of_run(total: int, alike: int, run: int) -> float:
    """Return the chance that `alike` of `total` items, in random order, have a run of at least `run` of them.

    The others part them into total - alike + 1 gaps; the orders in which every gap holds less than `run` are counted by
    inclusion and exclusion. Source: Feller, An Introduction to Probability Theory 1 (1968), II.11 and IV.1.
    """
    others = total - alike
    short = sum(
        (-1 if j % 2 else 1) * math.comb(others + 1, j) * math.comb(total - j * run, others)
        for j in range(min(others + 1, alike // run) + 1)
    )
    return 1 - short / math.comb(total, alike)
