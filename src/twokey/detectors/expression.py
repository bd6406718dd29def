"""Compiled expressions, one of each per process: linear in the text whatever the text is, because RE2 never backtracks.

The only place that knows how `google-re2` is called. Compiled expressions do not pickle; what pickles is their text.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

MAX_MEM = 64 << 20
MAX_HITS = 100


class BadExpression(ValueError):  # noqa: N818 it says what it is
    """An expression that RE2 does not take."""


@cache
def compiled(expression: str) -> Any:
    """Return the compiled expression. Raises BadExpression."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise BadExpression(_reason(error)) from None


def compiled_set(expressions: tuple[str, ...]) -> Any:
    """Return one matcher of all expressions at once; its answers are indices into them. Raises BadExpression.

    64 MB of DFA memory: with RE2's default, sets of this size fall to a tenth of their speed on code and random text.
    """
    import re2

    options = re2.Options()
    options.max_mem = MAX_MEM
    options.log_errors = False
    together = re2.Set.SearchSet(options)
    try:
        for expression in expressions:
            together.Add(expression)
        together.Compile()
    except (re2.error, UnicodeEncodeError) as error:
        raise BadExpression(_reason(error)) from None
    return together


def spans(expression: str, text: str, group: int = 0) -> Iterator[tuple[int, int]]:
    """Yield where the expression matches, in order, not overlapping. For our own, whose matches are local."""
    # Bytes of ASCII have the same offsets, and spare google-re2 counting characters in Python.
    for match in compiled(expression).finditer(text.encode() if text.isascii() else text):
        yield match.span(group)


def found(expression: str, text: str) -> tuple[int, int] | None:
    """Return where the expression first matches, or None."""
    return next(spans(expression, text), None)


def bounded_spans(expression: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where a user's expression matches; after a hundred matches, all the rest of the text is one.

    Each search may read to the end, so finding every match in a hostile text could take quadratic time, while nothing
    may be missed.
    """
    end = 0
    for count, (start, stop) in enumerate(spans(expression, text)):
        if count == MAX_HITS:
            yield end, len(text)
            return
        end = stop
        yield start, stop


def matches_nothing(expression: str) -> bool:
    """Return whether the expression matches an empty piece of text, so that it would flag every output."""
    probes = ("", "a", " ", "a b\n1_é", "0-9")
    return any(match.start() == match.end() for probe in probes for match in compiled(expression).finditer(probe))


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else "unknown"
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
