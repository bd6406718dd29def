"""Which fields the records of a recording carry at all, so that a path which leads nowhere is told and not guessed at.

How many records carry a field is not counted here: gates that need it say so themselves.
"""

from collections.abc import Sequence

from twokey.record import Record

FIELDS = (
    "input",
    "output",
    "label",
    "expected",
    "context",
    "confidence",
    "latency_ms",
    "memory_mb",
    "at",
    "impact",
    "hallucinated",
    "system",
    "cluster",
    "pair",
    "case",
)
"""What a record may carry; `error` is left out, because it is good to have none."""


def carried(records: Sequence[Record]) -> frozenset[str]:
    """Return the fields, and groups as `groups.NAME`, that at least one record has."""
    groups = {f"groups.{name}" for record in records for name in record.groups}
    fields = (name for name in FIELDS if any(getattr(record, name) is not None for record in records))
    return frozenset(groups.union(fields))
