"""Label F1: of several labels, which are right?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import SCALE, Asked, Score, share
from twokey.scorers.labels import label_text


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelF1:
    """The mean F1 of label sets, for answers with several labels: the order and repetition of labels do not count."""

    name: ClassVar[str] = "label_f1"
    summary: ClassVar[str] = "of several labels, how many are right and how many are missing"
    binary: ClassVar[bool] = False
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected as a list of labels"

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The mean overlap of the answer's labels with the expected ones, as F1 of each record.",
            how="`label` and `expected` are lists; each label is compared as text. Both empty is 1; one of them"
            " empty, or a label that is no list, is 0. The interval holds at any number of records (hedged betting).",
            source="Godbole and Sarawagi, PAKDD (2004); scikit-learn's f1_score with average='samples'.",
            limits="Every label counts the same, however rare it is.",
            fix="Look at the worst examples, and whether labels are missed or invented.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it; it takes no options."""
        return cls()

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return each record's F1 of its label sets."""
        return [_score(record) for record in records]


def _score(record: Record) -> Score:
    if not isinstance(record.expected, (list, tuple)):
        return None
    wanted = {label_text(label) for label in record.expected}
    if not isinstance(record.label, (list, tuple)):
        return 0
    given = {label_text(label) for label in record.label}
    return SCALE if not wanted and not given else share(2 * len(wanted & given) / (len(wanted) + len(given)))
