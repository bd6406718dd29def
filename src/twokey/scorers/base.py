"""The contract of a scorer: how good one answer is, from 0 to 1, as far as its record says.

A scorer looks at one record at a time and at nothing else, so that records can be scored in any order and in any
process. What the mean of its scores amounts to is the quality gate's business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, Self

from twokey.kinds import Explained
from twokey.record import Record

SCALE = 10_000
"""A score of 1. Scores are whole ten-thousandths, so that sums are exact and the order of adding cannot show."""

Score = int | None
"""From 0 to SCALE, or None where the record does not hold what the scorer needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a scorer may know beside its own options: `read` gives the bytes of a file that policy names."""

    read: Callable[[str], bytes]
    confident_at: float = 0.6


class Scorer(Protocol):
    """Scores answers. The class's docstring is its page in the docs; it is frozen and picklable.

    `binary` says that every score is 0 or 1; `missing` what no record had, in words.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    binary: ClassVar[bool]
    missing: ClassVar[str]

    @property
    def better(self) -> Literal["higher", "lower"]:
        """Which way is good."""

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is, how it is computed, its source, its limits and what to do about a low value."""

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:
        """Make it, from its options where it takes any (`options.Scoring`). Raises TwokeyError."""

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return each record's score. None of them carries an error."""


def share(value: float) -> int:
    """Return a share from 0 to 1 as a score, rounded half up. Raises ValueError on anything else, NaN included."""
    if not 0 <= value <= 1:
        raise ValueError(f"a score is from 0 to 1, and not {value}")
    return int(value * SCALE + 0.5)
