"""All detectors beside their peers on labelled data: prints the table, and writes it into docs/detectors.md.

    pip install -c constraints.txt -e '.[dev]' presidio-analyzer detect-secrets better-profanity glin-profanity ...
    python -m benchmarks.detectors ../shared/data            all kinds
    python -m benchmarks.detectors ../shared/data pii secrets

`data` holds the folders `pii`, `intents`, `injection` and `grounding`. A peer that is not installed has a row that says
so. Kinds that were not asked for keep the rows that the page has.
"""

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from benchmarks.detectors.row import Row

KINDS = ("pii", "secrets", "profanity", "injection", "grounding")
PAGE = Path(__file__).parents[2] / "docs" / "detectors.md"
HEAD = (
    "| corpus | tool | precision | recall | F1 | false alarms per 1,000 | texts/s | |",
    "|---|---|---|---|---|---|---|---|",
)


def main(data: Path, kinds: Iterable[str]) -> None:
    """Measure the kinds, one after the other, and put each one's table into the page."""
    for kind in kinds:
        table = [*HEAD, *(line(row) for row in import_module(f"benchmarks.detectors.{kind}").rows(data))]
        print(f"\n{kind}\n" + "\n".join(table), flush=True)
        PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), kind, "\n".join(table)), encoding="utf-8")


def line(row: Row) -> str:
    """Return a row of the table."""
    shares = ("" if value is None else f"{value:.3f}" for value in (row.precision, row.recall, row.f1))
    alarms = "" if row.false_alarms is None else f"{row.false_alarms:.2f}".rstrip("0").rstrip(".")
    speed = "" if row.per_second is None else f"{float(f'{row.per_second:.2g}'):,.0f}"
    return f"| {' | '.join((row.corpus, row.tool, *shares, alarms, speed, row.note))} |"


def replaced(page: str, kind: str, table: str) -> str:
    """Return the page with the kind's table between its marks. Raises ValueError where it has none."""
    first, last = f"<!-- {kind}: made by python -m benchmarks.detectors -->", f"<!-- end of {kind} -->"
    start, end = page.index(first) + len(first), page.index(last)
    return f"{page[:start]}\n{table}\n{page[end:]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or KINDS)
