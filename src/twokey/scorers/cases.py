"""Records that several scorers look at, with what more than one of them asks of all: found once, not once for each.

It scores nothing that a scorer would not score by itself; where it is not at hand, a scorer finds the same.
"""

from collections.abc import Sequence
from functools import cached_property

from twokey.record import Record
from twokey.scorers.base import SCALE, Score
from twokey.scorers.labels import label_texts


class Cases(list[Record]):
    """Some records that are not added to; everywhere else a plain sequence of them."""

    @cached_property
    def labels(self) -> tuple[list[str | None], list[str | None]]:
        """What was expected, and what was given, as the texts that are compared."""
        return label_texts([record.expected for record in self]), label_texts([record.label for record in self])

    @cached_property
    def right(self) -> list[Score]:
        """1 where the label is the expected one, 0 where it is not, None where nothing was expected."""
        return [
            None if wanted is None else SCALE if wanted == label else 0
            for wanted, label in zip(*self.labels, strict=True)
        ]


def rightness(records: Sequence[Record]) -> list[Score]:
    """Return for each record whether its label is the expected one. The list may be shared: it is not to be changed."""
    return records.right if isinstance(records, Cases) else Cases(records).right
