"""Start-up: `twokey --help` and `twokey verify` against importing what any such tool imports.

python benchmarks/start_up.py PROJECT    (a directory that `twokey demo` left, for verify)
"""

import statistics
import sys
from pathlib import Path

from measure import median_ratio, pairs

IMPORTS = [sys.executable, "-c", "import typer, rich, cryptography"]


def main() -> None:
    """Measure and print."""
    command = [sys.executable, "-m", "twokey"]
    project = Path(sys.argv[1])
    verify = [*command, "verify", str(project / ".twokey/evidence"), "--config", str(project / "gates.yaml")]
    for name, measured in (("--help", [*command, "--help"]), ("verify", verify)):
        found = pairs(measured, IMPORTS, 9)
        cpu = statistics.median(first.cpu for first, _ in found)
        print(f"{name}: {median_ratio(found):.2f} x the imports, {cpu * 1000:.0f} ms CPU, status {found[0][0].status}")


if __name__ == "__main__":
    main()
