"""The gates, by name. A new gate is one file and one line here."""

from collections.abc import Mapping
from typing import Any

from twokey.gates.base import Gate
from twokey.gates.performance import PerformanceGate
from twokey.gates.quality import QualityGate
from twokey.gates.records import RecordsGate
from twokey.gates.safety import SafetyGate
from twokey.gates.schema import SchemaGate

GATES: Mapping[str, type[Gate[Any]]] = {
    "records": RecordsGate,
    "schema": SchemaGate,
    "performance": PerformanceGate,
    "quality": QualityGate,
    "safety": SafetyGate,
}
