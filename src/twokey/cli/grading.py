"""Stub to be replaced."""

from typing import Any


def grade_in_terminal(items: Any, grades: Any, save: Any, *rest: Any) -> Any:
    """Stub."""
    return grades
