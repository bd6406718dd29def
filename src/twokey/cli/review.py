"""`twokey review`: grade the items of the review bundle. Grades are saved as they are given, and never signed here."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twokey.cli.console import say, talk
from twokey.cli.options import DEFAULT_EVIDENCE, EvidenceArgument, command

if TYPE_CHECKING:
    from twokey.review.grades import Grades


def review(
    evidence: EvidenceArgument = DEFAULT_EVIDENCE,
    terminal: Annotated[bool, typer.Option("--terminal", help="Grade in the terminal (the default, so far).")] = True,
    reviewer: Annotated[
        str | None, typer.Option("--as", metavar="PRINCIPAL", help="Who grades; default: Git's e-mail.")
    ] = None,
) -> None:
    """Grade the items of the review bundle.

    Each is a pass, a fail, an edit, to escalate, or has a bad reference. Every grade is saved as it is given; starting
    again goes on where you left.
    """
    from twokey.cli.grading import grade_in_terminal
    from twokey.cli.identity import person_here
    from twokey.decisions.decision import PRINCIPAL
    from twokey.errors import TwokeyError
    from twokey.evidence.layout import GRADES
    from twokey.evidence.store import read_evidence
    from twokey.review import MAY_HOLD
    from twokey.review.grades import Grades, filename, missing, parse

    del terminal  # there is no other way yet; the option is here so that scripts which name it keep working
    found = read_evidence(evidence)
    principal = reviewer or person_here(Path.cwd(), os.environ).principal
    if not PRINCIPAL.fullmatch(principal):
        raise TwokeyError(f"{principal!r} is no principal: lower case, such as ann@example.com", hint="--as names one")
    if not found.items:
        say("there is nothing to review in this evidence")
        return
    talk(MAY_HOLD)
    path = evidence / GRADES / filename(principal)
    grades = Grades(manifest=found.digest, reviewer=principal)
    if path.is_file():
        grades = parse(path.read_bytes(), str(path), found.gradable)
        if grades.manifest != found.digest:
            raise TwokeyError(f"{path} holds grades of other evidence", hint="move it away, and grade again")
    grades = grade_in_terminal(found.items, grades, lambda now: _save(path, now), sys.stdin, sys.stdout)
    left = len(missing(grades, found.items))
    say(f"{len(found.items) - left} of {len(found.items)} items are graded: {path}")
    where = "" if evidence == DEFAULT_EVIDENCE else evidence
    talk(f"next: {command('sign', where)}" if not left else f"next: {command('review', where)}, to go on")


def _save(path: Path, grades: "Grades") -> None:
    """Write the grades whole or not at all."""
    from twokey.review.grades import render

    path.parent.mkdir(exist_ok=True)
    fresh = path.with_name(f".{path.name}.tmp")
    fresh.write_bytes(render(grades))
    fresh.replace(path)
