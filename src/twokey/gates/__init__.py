"""The gates, by name, in the order of the results. A new gate is one file and one line here."""

from typing import TYPE_CHECKING, Any

from twokey.kinds import Table

if TYPE_CHECKING:
    from twokey.gates.base import Gate

GATES: Table[type["Gate[Any]"]] = Table(
    "twokey.gates",
    {
        "records": "records:RecordsGate",
        "schema": "schema:SchemaGate",
        "performance": "performance:PerformanceGate",
        "quality": "quality:QualityGate",
        "safety": "safety:SafetyGate",
    },
)
