"""The gates, by name, in the order of the results. A new gate is one file and one line here.

Every command reads a config, and few of them judge. So a gate may keep its options in a light file of its own and name
it in `OPTIONS`: then a config is read without importing how the gate counts. It need not. `EXPLAINED` names what each
gate says of its metrics.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from twokey.kinds import Explained, Table

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
        "drift": "drift:DriftGate",
        "fairness": "fairness:FairnessGate",
    },
)

OPTIONS: Table[type[Any]] = Table(
    "twokey.gates",
    {
        "records": "records_options:RecordsOptions",
        "schema": "schema_options:SchemaOptions",
        "performance": "performance_options:PerformanceOptions",
        "quality": "quality_options:QualityOptions",
        "safety": "safety_options:SafetyOptions",
        "drift": "drift_options:DriftOptions",
        "fairness": "fairness_options:FairnessOptions",
    },
)

EXPLAINED: Table[Mapping[str, Explained]] = Table(
    "twokey.gates",
    {
        "records": "records_flaky:EXPLAINED",
        "performance": "performance_explained:EXPLAINED",
        "quality": "quality_explained:EXPLAINED",
        "drift": "drift_measures:EXPLAINED",
        "fairness": "fairness_measures:EXPLAINED",
    },
)


def options_of(name: str) -> type[Any]:
    """Return what may be written under the gate's name in a config; raises KeyError where there is no such gate."""
    return OPTIONS[name] if name in OPTIONS else GATES[name].Options
