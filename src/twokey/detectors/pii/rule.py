"""A rule for one kind of personal data, and how a number without a form of its own is told by the words beside it.

Knows no kind of data itself: the tables of rules stand in the files beside it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from twokey.detectors.expression import found, spans
from twokey.detectors.pii.typeset import is_letter
from twokey.kinds import Explained

Spans = Iterator[tuple[int, int]]
Severity = Literal["low", "medium", "high"]

FIX = (
    "Read the redacted output in quarantine.jsonl. If the model repeated its input, mask the value before the model "
    "sees it; if the input does not hold it, the model knew or made it up, and the prompt or the training data is at "
    "fault."
)
BEFORE = 60
AFTER = 30
_LIST = r"^[\s,;/&|'\"]*(?:and|or|und|y|et|e)?[\s,;/&|'\"]*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of personal data: `coarse` is what the scan looks for, `places` decides where it stands in a text.

    Words would slow the scan of every text down, so `coarse` holds none. Where `needs` are given, one of them must
    match before `places` is asked; they are looked for together, and only in texts that the scan hit.
    """

    name: str
    severity: Severity
    coarse: tuple[str, ...]
    places: Callable[[str], Spans]
    explained: Explained
    needs: tuple[str, ...] = ()


NO_FRACTION = r"(?:^|[^0-9.]|[^0-9]\.)"
"""What stands before a number that is no decimal's fraction: scores are in every structured output."""


def run(count: int) -> str:
    """Return the expression of so many digits, apart or in groups, that do not begin behind a decimal point."""
    return rf"(?:^|[^0-9.])[0-9](?:[ \-/]?[0-9]){{{count - 1}}}"


def word(alternatives: str) -> str:
    """Return the expression of words that stand alone or begin a part of a key such as `user_ssn`, in any case.

    Where such a word could go on in another word, the alternatives themselves say where it ends, by `END`.
    """
    return rf"(?i)(?:^|[^A-Za-z0-9])(?:{alternatives})"


END = r"(?:$|[^A-Za-z])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """Looks for a shape that only counts beside a word: shortly before it, shortly after it, or in a list behind it.

    `valid` judges the characters of the shape; `alone` says which of them need no word. Where `group` is set, the
    number is that group of the shape. So many digits as `between` says may stand between the word and the number, as in
    `passport (2019): ...`; more are another number.
    """

    words: str
    shape: str
    valid: Callable[[str], bool] = bool
    alone: Callable[[str], bool] | None = None
    before: int = BEFORE
    after: int = AFTER
    group: int = 0
    between: int = 4

    def __call__(self, text: str) -> Spans:
        """Yield where the shape stands, is valid, and has its word."""
        last = -1
        for start, end in spans(self.shape, text, group=self.group):
            value = text[start:end]
            if not stands_free(text, start, end) or not self.valid(value):
                continue
            listed = last >= 0 and start - last <= 8 and found(_LIST, text[last:start]) is not None
            if listed or (self.alone is not None and self.alone(value)) or self.worded(text, start, end):
                last = end
                yield start, end

    def worded(self, text: str, start: int, end: int) -> bool:
        """Return whether one of the words stands near, with no other number between."""
        lead = text[max(0, start - self.before) : start]
        for place in spans(self.words, lead):
            if digit_count(lead[place[1] :]) <= self.between:
                return True
        if not self.after:
            return False
        trail = text[end : end + self.after]
        place_after = found(self.words, trail)
        return place_after is not None and digit_count(trail[: place_after[0]]) == 0


def digit_count(text: str) -> int:
    """Return how many ASCII digits there are."""
    return sum("0" <= char <= "9" for char in text)


def stands_free(text: str, start: int, end: int) -> bool:
    """Return whether the span is no part of a longer number, word, decimal or identifier."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    joined = is_letter(before[-1:]) or before[-1:] == "_" or (before[-1:] in _GLUE and before[:1].isdigit())
    follows = is_letter(after[:1]) or after[:1] == "_" or (after[:1] in _GLUE_AFTER and after[1:].isdigit())
    return not joined and (not follows or _WHOLE.match(text, end) is not None)


_GLUE = ("-", ".", ",", "+", "/")
_GLUE_AFTER = ("-", ".", ",", "/")
# What a whole number ends in that was read as a float: `536228471.0`.
_WHOLE = re.compile(r"\.0(?![\w.,/-])")


def bare(value: str) -> str:
    """Return the letters and digits alone, upper case."""
    return "".join(char for char in value if char.isalnum()).upper()
