"""Numeric match: is the number the expected one?"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import SCALE, Asked, Score
from twokey.scorers.options import NumericOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericMatch:
    """The share of answers whose number is the expected one, within `relative` or `absolute` tolerance.

    ```yaml
    numeric_match: {min: 95%}
    scoring: {numeric_match: {relative: 1%}}
    ```
    """

    name: ClassVar[str] = "numeric_match"
    summary: ClassVar[str] = "the number is the expected one, within a tolerance"
    binary: ClassVar[bool] = True
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected as a number"

    relative: float = 0.0
    absolute: float = 0.0

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The share of answers whose number is the expected one, within a tolerance.",
            how="A number, or the last number in the text of an answer, thousands separated by commas or not, is"
            " compared: right within `relative` times the expected one, or within `absolute`. An answer without a"
            " number is wrong, and so is one whose number has letters next to it, such as 5kg.",
            source="Cobbe et al., GSM8K (2021), for taking the last number of an answer.",
            limits="Units and percent signs are not read: 5% and 5 are the same number. A comma is no decimal sign.",
            fix="Look at the examples: a rounded answer needs a tolerance, a wrong one a better model.",
        )

    @classmethod
    def build(cls, options: NumericOptions, asked: Asked) -> Self:  # noqa: ARG003 the contract has it
        """Make it with its tolerance."""
        return cls(relative=options.relative, absolute=options.absolute)

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return 1 where the number is close enough."""
        return [self._score(record) for record in records]

    def _score(self, record: Record) -> Score:
        wanted, given = number_in(record.expected), number_in(record.label)
        if wanted is None:
            return None
        near = given is not None and abs(given - wanted) <= max(self.absolute, self.relative * abs(wanted))
        return SCALE * near


# It ends where the digits end: of 2.5kg nothing is taken, and never the 2.
_NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?(?!\w|[.,][0-9])"
)


def number_in(value: Any) -> float | None:
    """Return a number, or the last one in a text; None where there is none that is finite."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return finite(value)
    numbers = _NUMBER.findall(value) if isinstance(value, str) else []
    return finite(numbers[-1].replace(",", "")) if numbers else None


def finite(value: float | str) -> float | None:
    """Return a number, or one that is written, as a float; None where it is too large for one."""
    try:
        found = float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return None
    return found if math.isfinite(found) else None
