"""How much work something is, in function calls: the same on a slow machine, a busy one and a fast one."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls(something: Callable[[], object]) -> int:
    """Return how many functions were called, Python's own and built-in ones."""
    seen = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        something()
    finally:
        sys.setprofile(before)
    return seen
