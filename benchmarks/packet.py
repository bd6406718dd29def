"""The evidence packet: how long making it takes, of kept evidence with few checks and with a thousand slices.

    python benchmarks/packet.py

It makes `twokey demo` once, and packets of its results: as they are, and with more and more slices of accuracy beside.
CPU time, the median of 21; the playbook asks for less than 500 ms.
"""

import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from measure import run

from twokey.canonical import dumps
from twokey.config.load import load_config
from twokey.evidence.subject import SubjectDigest
from twokey.gates import GATES
from twokey.outcome import GateResult
from twokey.review.packet import packet

SLICES = (0, 100, 1000)
TIMES = 21


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        run([sys.executable, "-m", "twokey", "demo", str(project)])
        options = {name: gate.Options for name, gate in GATES.items()}
        config = load_config((project / "gates.yaml").read_bytes(), "gates.yaml", options, {})
        document = json.loads((project / ".twokey/evidence/results.json").read_bytes())
    results = tuple(map(GateResult.from_plain, document["gates"]))
    subject = SubjectDigest(name="support-triage", owner="ml-owner@example.com", files=())
    for slices in SLICES:
        gates = tuple(sliced(result, slices) if result.gate == "quality" else result for result in results)
        checks = sum(len(result.metrics) for result in gates)
        taken, size = [], 0
        for _ in range(TIMES):
            before = time.process_time()
            made = packet(gates, subject=subject, notes=document["sample"]["notes"], config=config)
            size = len(dumps(made))
            taken.append(time.process_time() - before)
        print(f"{checks:,} metrics: {statistics.median(taken) * 1000:.1f} ms CPU, {size / 1000:,.0f} kB")


def sliced(result: GateResult, slices: int) -> GateResult:
    """Return the result with so many slices of accuracy more, each judged and findings like the first."""
    accuracy = next(metric for metric in result.metrics if metric.id == "accuracy")
    more = tuple(replace(accuracy, slice=f"channel={number}") for number in range(slices))
    return replace(result, metrics=(*result.metrics, *more))


if __name__ == "__main__":
    main()
