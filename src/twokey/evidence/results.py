"""results.json read strictly: what a gate concluded must follow from the metrics that it reports.

Whether the metrics themselves are true is what signatures and recomputing are for.
"""

from typing import Any

from twokey.canonical import loads
from twokey.errors import Place, TwokeyError
from twokey.evidence.layout import RESULTS
from twokey.outcome import GateResult, conclude_gate


def parse_results(data: bytes) -> tuple[GateResult, ...]:
    """Return the gates' results.

    Raises:
        TwokeyError: no gate at all, one twice, one of another form, or findings or a status that do not follow from the
            gate's metrics.
    """
    results = loads(data, file=RESULTS)
    try:
        rows = results["gates"]
        if not isinstance(rows, list) or not rows:
            raise ValueError("no gate is in it, and nothing passes on no evidence")
        gates = tuple(map(_gate, rows))
        if len({gate.gate for gate in gates}) < len(gates):
            raise ValueError("a gate is in it twice")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise TwokeyError(f"is not a list of gate results: {error}", where=Place(file=RESULTS)) from None
    return gates


def _gate(row: Any) -> GateResult:
    found = GateResult.from_plain(row)
    if found.plain() != row:
        raise ValueError(f"{found.gate} says one thing twice and differently, or something that nobody asked for")
    derived = conclude_gate(found.gate, found.books, found.metrics)
    if [(one.id, one.status) for one in found.findings] != [(one.id, one.status) for one in derived.findings]:
        raise ValueError(f"the findings of {found.gate} are not those that its metrics give")
    if found.status is not derived.status:
        raise ValueError(f"{found.gate} is {found.status.value}, but its metrics give {derived.status.value}")
    return found
