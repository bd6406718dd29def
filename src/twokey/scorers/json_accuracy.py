"""JSON accuracy: of the expected fields, how many are right?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import Asked, Score, share
from twokey.scorers.fields import as_object, exact_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonAccuracy:
    """The mean share of expected fields that hold exactly the expected value; others cost nothing."""

    name: ClassVar[str] = "json_accuracy"
    summary: ClassVar[str] = "the share of expected fields that hold the expected value"
    binary: ClassVar[bool] = False
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected as an object"

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The mean share of expected fields whose value is exactly right.",
            how="Objects are taken apart into paths and values; an answer that is text is parsed as JSON first, and"
            " is wrong in every field where it is none. The interval holds at any number of records (hedged"
            " betting).",
            source="The same is called field accuracy in document extraction.",
            limits="Fields that nobody expected are not seen: field_f1 counts them.",
            fix="Look at the worst examples, and at the schema gate for answers that are no JSON.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it; it takes no options."""
        return cls()

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return each record's share of right fields."""
        return [_score(record) for record in records]


def _score(record: Record) -> Score:
    wanted = dict(exact_fields(record.expected)) if isinstance(record.expected, dict) else {}
    if not wanted:
        return None
    given = dict(exact_fields(as_object(record.label)))
    return share(sum(given.get(path, _ABSENT) == value for path, value in wanted.items()) / len(wanted))


_ABSENT = ("absent", "")
