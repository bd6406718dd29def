"""Rankings: what was ranked, and how relevant each item is."""

from collections.abc import Mapping, Sequence
from typing import Any

from twokey.scorers.labels import label_text

MOST = 1e9
"""The largest grade of relevance, far from where floats end: a larger one is no grade."""


def ranking(items: Sequence[Any]) -> list[str]:
    """Return the items of a ranking as text, best first; one that comes twice counts where it comes first."""
    return list(dict.fromkeys(map(label_text, items)))


def relevance(expected: Any) -> Mapping[str, float]:
    """Return how relevant each right item is: 1 for those of a list or a single one, the grade for those of an object.

    Grades that are no positive number, or beyond a thousand million, are left out.
    """
    if isinstance(expected, dict):
        return {
            label_text(item): float(grade)
            for item, grade in expected.items()
            if isinstance(grade, (int, float)) and not isinstance(grade, bool) and 0 < grade <= MOST
        }
    if expected is None:
        return {}
    items = expected if isinstance(expected, (list, tuple)) else [expected]
    return {label_text(item): 1.0 for item in items}
