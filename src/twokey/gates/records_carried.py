"""Which fields the records of a recording carry at all, so that a path which leads nowhere is told and not guessed at.

How many records carry a field is not counted here: gates that need it say so themselves.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from twokey.record import Record

# Each written out: reading an attribute whose name is only known at run time takes three times as long.
FIELDS: Mapping[str, Callable[[Sequence[Record]], list[Any]]] = {
    "input": lambda records: [record.input for record in records],
    "output": lambda records: [record.output for record in records],
    "label": lambda records: [record.label for record in records],
    "expected": lambda records: [record.expected for record in records],
    "context": lambda records: [record.context for record in records],
    "confidence": lambda records: [record.confidence for record in records],
    "latency_ms": lambda records: [record.latency_ms for record in records],
    "memory_mb": lambda records: [record.memory_mb for record in records],
    "at": lambda records: [record.at for record in records],
    "impact": lambda records: [record.impact for record in records],
    "hallucinated": lambda records: [record.hallucinated for record in records],
    "system": lambda records: [record.system for record in records],
    "cluster": lambda records: [record.cluster for record in records],
    "pair": lambda records: [record.pair for record in records],
    "case": lambda records: [record.case for record in records],
    "alternatives": lambda records: [record.alternatives or None for record in records],
}
"""What a record may carry; `error` is left out, because it is good to have none."""


def carried(records: Sequence[Record]) -> frozenset[str]:
    """Return the fields, and groups as `groups.NAME`, that at least one record has."""
    groups = set[str]().union(*[record.groups for record in records])
    fields = (name for name, of in FIELDS.items() if any(of(records[:1])) or _any_had(of(records)))
    return frozenset({*(f"groups.{name}" for name in groups), *fields})


def _any_had(values: list[Any]) -> bool:
    return any(values) or values.count(None) < len(values)
