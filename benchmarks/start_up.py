"""Start-up: `twokey --help` and `twokey verify` against importing what any such tool imports.

    python benchmarks/start_up.py

`verify` works on what `twokey demo` leaves; its time holds one call of ssh-keygen and one of git. Both sides find their
modules compiled, as after an installation, whatever is installed how.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

from measure import median_ratio, pairs, run

IMPORTS = [sys.executable, "-c", "import typer, rich, cryptography"]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the warm-ups compile, into a place that goes away
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "compiled")
        measure(Path(folder) / "project")


def measure(project: Path) -> None:
    """Make the project, and measure both commands against the imports, in turn."""
    command = [sys.executable, "-m", "twokey"]
    run([*command, "demo", str(project)])
    verify = [*command, "verify", str(project / ".twokey/evidence"), "--config", str(project / "gates.yaml")]
    for name, measured in (("--help", [*command, "--help"]), ("verify", verify)):
        found = pairs(measured, IMPORTS, 9)
        cpu = statistics.median(first.cpu for first, _ in found)
        print(f"{name}: {median_ratio(found):.2f} x the imports, {cpu * 1000:.0f} ms CPU, status {found[0][0].status}")


if __name__ == "__main__":
    main()
