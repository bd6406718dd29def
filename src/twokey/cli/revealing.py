"""`twokey run --reveal`: what safety flagged, in clear, for the person at the terminal and for nobody else.

It is read from the recording again, once everything is written, and goes to the screen alone: into no file, no report,
no log. Where a screen may be kept (a CI job, a pipe) it is refused. Nothing here changes a verdict.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from twokey.evidence.bundle import Evidence
    from twokey.plan import Plan

MAX_SHOWN = 200
"""Places that are shown: nobody reads more."""


def refuse_listeners(report: str) -> None:
    """Refuse to reveal anything to what is no person at a terminal. Raises typer.BadParameter."""
    if os.environ.get("CI"):
        raise typer.BadParameter("not in CI, whose logs are kept", param_hint="--reveal")
    if not sys.stdout.isatty():
        raise typer.BadParameter("only on a terminal: what is printed here may be kept", param_hint="--reveal")
    if report != "terminal":
        raise typer.BadParameter("only with --format terminal", param_hint="--reveal")


def revealed(plan: "Plan", evidence: "Evidence") -> str:
    """Return what the places in quarantine hold, as the recording has it. Raises TwokeyError where it is gone."""
    from twokey.canonical import loads
    from twokey.evidence.layout import QUARANTINE

    rows = [loads(line, file=QUARANTINE) for line in evidence.files[QUARANTINE].splitlines()]
    lines = [line for row in _with_records(plan, rows) for line in row]
    if not lines:
        return "Nothing is in quarantine, so there is nothing to reveal."
    more = [f"and {len(lines) - MAX_SHOWN:,} more places"] if len(lines) > MAX_SHOWN else []
    return "\n".join(["Flagged, in clear; it stands nowhere else:", *lines[:MAX_SHOWN], *more])


def _with_records(plan: "Plan", rows: list[Any]) -> Iterator[list[str]]:
    from twokey.readers import open_reader
    from twokey.record import Record
    from twokey.sweep import recordings

    wanted: Mapping[str, Any] = {row["id"]: row["rules"] for row in rows}
    recording = recordings(plan)["candidate"]
    reader = open_reader(recording)
    for shard in reader.shards(recording.path, 1) if wanted else ():
        for record in reader.rows(shard, recording, plan.config.sample.stratify_by):
            if type(record) is Record and record.id in wanted:
                yield list(_places(record.id, {"output": record.output, "input": record.input}, wanted[record.id]))


def _places(name: str, fields: Mapping[str, Any], places: list[Any]) -> Iterator[str]:
    from twokey.record import flatten

    for place in places:
        text = flatten(fields[place.get("field", "output")])[place["start"] : place["end"]]
        if text:
            yield f"  {name} {place['rule']} {place.get('field', 'output')}[{place['start']}:{place['end']}]: {text}"
