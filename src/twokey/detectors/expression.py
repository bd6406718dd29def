"""Compiled expressions, one of each per process: linear in the text whatever the text is, because RE2 never backtracks.

The only place that knows how `google-re2` is called. Compiled expressions do not pickle; what pickles is their text.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

MAX_MEM = 64 << 20
MAX_HITS = 100
MAX_EXPRESSION = 2000
MAX_REASON = 200  # characters of what RE2 says, which may repeat all of an expression
MAX_STEPS = 2_000
"""Steps of a user's expression: a text's cost grows with them, so that many make long texts slow."""

MAX_PROGRAM = 30_000
"""The same in bytes, where a class of letters such as `\\pL` alone has a thousand."""


class BadExpression(ValueError):  # noqa: N818 it says what it is
    """An expression that RE2 does not take."""


@cache
def compiled(expression: str, max_mem: int | None = None) -> Any:
    """Return the compiled expression, with so many bytes of memory or RE2's 8 MB. Raises BadExpression."""
    import re2

    options = re2.Options()
    options.log_errors = False
    if max_mem is not None:
        options.max_mem = max_mem
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


def spans(expression: str, text: str, group: int = 0, max_mem: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield where the expression matches, in order, not overlapping. For our own, whose matches are local."""
    # Bytes of ASCII have the same offsets, and spare google-re2 counting characters in Python.
    for match in compiled(expression, max_mem).finditer(text.encode() if text.isascii() else text):
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


def wrong(expression: str) -> str | None:
    """Return what is wrong with a user's expression, or None."""
    if len(expression) > MAX_EXPRESSION:
        return f"an expression of {len(expression):,} characters, more than the {MAX_EXPRESSION:,} allowed"
    try:
        size = compiled(expression).programsize
    except BadExpression as error:
        return f"not an expression in RE2's syntax: {error}"
    steps = steps_of(expression)
    if steps > MAX_STEPS or size > MAX_PROGRAM:
        most = f"{steps:,} steps, more than the {MAX_STEPS:,}"
        most = most if steps > MAX_STEPS else f"{size:,} steps in bytes, more than the {MAX_PROGRAM:,}"
        return f"the expression stands for {most} allowed: counted repetitions multiply, above all one within another"
    return (
        "the expression matches the empty text, so it would match everywhere" if matches_nothing(expression) else None
    )


def steps_of(expression: str) -> int:
    """Return the size of the expression's program where each character is one byte; 0 where it has no such form."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1
    narrow = "".join(char if ord(char) < 256 else "x" for char in expression)
    try:
        return int(re2.compile(narrow.encode("latin-1"), options).programsize)
    except re2.error:
        return 0


def encodable(text: str) -> str:
    """Return a text that has a form in UTF-8: a lone surrogate becomes a question mark, so that the offsets stay."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else "unknown"
    told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return told if len(told) <= MAX_REASON else f"{told[:MAX_REASON]}..."
