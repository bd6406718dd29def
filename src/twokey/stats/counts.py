"""Adding counts that were made apart: exact, and the same in any order."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def add_counts(left: Mapping[Key, int], right: Mapping[Key, int]) -> dict[Key, int]:
    """Return the sum of two counts; the larger is copied, the smaller walked through."""
    large, small = (left, right) if len(left) >= len(right) else (right, left)
    total = dict(large)
    for key, seen in small.items():
        total[key] = total.get(key, 0) + seen
    return total
