"""Make the data of examples/support-triage anew: the demo's project with fewer tickets and a smaller model.

It writes what gates.example.yaml names, and leaves the roster and everything else in that folder as it is. Latency and
memory are measured, so each run changes the recordings. The demo's own gates.yaml is not part of the example.
"""

import sys
from pathlib import Path

from twokey.cli.demo.material import write_project

EXAMPLE = Path(__file__).parents[1] / "examples" / "support-triage"


def main() -> int:
    """Write the example's files and say how large they are."""
    write_project(EXAMPLE, seed=4, synthetic=220, production=220, terms=700)
    (EXAMPLE / "gates.yaml").unlink()
    total = sum(path.stat().st_size for path in EXAMPLE.rglob("*") if path.is_file())
    sys.stdout.write(f"{EXAMPLE.name}: {total / 1000:,.0f} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
