"""2,000 outputs, whole process: `twokey run` against naive Python with the same checks, in turn.

python benchmarks/whole_process.py
"""

import json
import re
import statistics
import sys
import tempfile
from pathlib import Path

from material import write_project
from measure import median_ratio, pairs

from twokey.detectors import DETECTORS


def patterns() -> dict[str, str]:
    """Return the expressions that twokey scans with, in the syntax of Python's re."""
    found = {}
    for name in ("pii", "secrets", "profanity"):
        detector = DETECTORS[name].build(None, lambda _: b"")
        for pattern in detector.patterns():
            expression = pattern.expression.replace(r"\pL\pN", r"\w")
            found[f"{name}.{pattern.rule}"] = re.sub(r"\\x\{(\w+)\}", lambda m: f"\\u{int(m[1], 16):04x}", expression)
    return found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        config = write_project(project, 2000)
        (Path(folder) / "patterns.json").write_text(json.dumps(patterns()))
        naive = [sys.executable, str(Path(__file__).with_name("naive.py")), str(project), f"{folder}/patterns.json"]
        stage = [sys.executable, "-m", "twokey", "run", "-c", str(config), "--evidence", f"{folder}/evidence"]
        measured = pairs(naive, stage, 5)
    for name, index in (("naive", 0), ("twokey", 1)):
        cpu = statistics.median(pair[index].cpu for pair in measured)
        peak = statistics.median(pair[index].peak_mb for pair in measured)
        print(f"{name}: {cpu:.2f} s CPU, {peak:.0f} MB, status {measured[0][index].status}")
    print(f"naive / twokey: {median_ratio(measured):.1f} x")


if __name__ == "__main__":
    main()
