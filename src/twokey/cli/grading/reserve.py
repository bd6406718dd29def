"""What may be graded in addition: ten at a time of those that wait, or the audit's next stage, always whole.

Which rows are in the reserve was drawn with the items; nothing is chosen here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twokey.review import AUDITED

TAKEN = 10
"""How many of those that wait are taken at once."""

Row = Mapping[str, Any]


@dataclass(slots=True)
class Reserve:
    """The rows that nobody has taken yet."""

    rows: list[Row]

    @classmethod
    def of(cls, rows: Sequence[Row], begun: set[str]) -> tuple["Reserve", list[Row]]:
        """Return what is left, and what an earlier session took: rows with a grade, and the rest of a stage begun."""
        stages = {stage_of(row) for row in rows if row["id"] in begun} - {0}
        taken = [row for row in rows if row["id"] in begun or stage_of(row) in stages]
        ids = {row["id"] for row in taken}
        return cls([row for row in rows if row["id"] not in ids]), taken

    def waiting(self) -> list[Row]:
        """Return the next of those that wait."""
        return [row for row in self.rows if not stage_of(row)][:TAKEN]

    def stage(self) -> list[Row]:
        """Return the audit's next stage: part of one would be no random sample of what policy claims."""
        stages = {stage_of(row) for row in self.rows} - {0}
        return [row for row in self.rows if stage_of(row) == min(stages)] if stages else []

    def take(self, rows: Sequence[Row]) -> None:
        """Take rows out."""
        ids = {row["id"] for row in rows}
        self.rows = [row for row in self.rows if row["id"] not in ids]

    def told(self) -> Iterator[str]:
        """Yield in words what can be taken."""
        waiting, stage = sum(not stage_of(row) for row in self.rows), len(self.stage())
        if waiting:
            yield f"{waiting:,} more wait: t takes the next {min(TAKEN, waiting):,}"
        if stage:
            yield f"the audit can go on: + takes its next stage, {stage:,} items"


def stage_of(row: Row) -> int:
    """Return which further stage of the audit a reserve row belongs to; 0 for one that only waits."""
    stage = row.get("stage")
    return stage if row.get("stratum") == AUDITED and isinstance(stage, int) else 0
