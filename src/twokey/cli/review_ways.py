"""The ways of `twokey review` and `twokey grades`: each takes one person's review and does one thing.

Each says what came of it, and what is next.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from twokey.cli.console import say, talk
from twokey.cli.options import DEFAULT_EVIDENCE, command
from twokey.cli.reviewing import Reviewing
from twokey.errors import TwokeyError
from twokey.review import MAY_HOLD
from twokey.review.grades import Grades, missing

if TYPE_CHECKING:
    from twokey.cli.serving.serve import Under


def in_terminal(case: Reviewing) -> None:
    """Grade with keys."""
    from twokey.cli.grading.session import grade_in_terminal

    _warned(case)
    rows, before = case.rows(), case.grades()
    _tell_of_earlier(case, before)
    grades = grade_in_terminal(
        rows,
        before,
        case.save,
        sys.stdin,
        sys.stdout,
        practice=case.practice,
        reserve=case.evidence.reserve,
        answers=case.answers(),
    )
    left = len(missing(grades, rows))
    say(f"{len(rows) - left} of {len(rows)} items are graded: {case.path}")
    _next(case, left)


def on_page(case: Reviewing, under: "Under", *, port: int, browser: bool) -> None:
    """Grade, and sign, on a page of this machine."""
    from twokey.cli.serving.serve import Material, serve

    _warned(case)
    _tell_of_earlier(case, case.grades())  # and what is wrong with them is told here, not on the page
    material = Material(
        evidence=case.evidence, items=case.rows(), practice=case.practice, answers=case.answers, seeds=case.seeds
    )
    ended = serve(case.directory, material, principal=case.principal, under=under, port=port, open_browser=browser)
    say(f"{ended.items - ended.left} of {ended.items} items are graded: {ended.grades}")
    if ended.signed:
        say(f"signed: {ended.signed}")
        talk(ended.next)
    else:
        _next(case, ended.left)


def _tell_of_earlier(case: Reviewing, grades: Grades) -> None:
    """Say how many grades were there before: evidence out of an artifact may bring some that this person never gave."""
    if grades.grades:
        told = f"items that have a grade already: {len(grades.grades):,}, in {case.path}"
        talk(f"{told}; if you did not give them, move the file away")


def exported(
    case: Reviewing, path: Path, format_name: str | None, *, opinion: bool = False, force: bool = False
) -> None:
    """Write the items for another tool."""
    from twokey.cli.trading import export_file

    files = export_file(
        case.evidence,
        path,
        format_name=format_name,
        rows=case.rows(),
        grades=case.grades(),
        opinion=opinion,
        force=force,
    )
    say("\n".join(f"written: {file}" for file in files))
    _warned(case)
    talk(f"next: {command('review', _where(case), '--import', 'FILE')}, with what comes back")


def imported(
    case: Reviewing, path: Path, format_name: str | None, *, annotator: str | None = None, replace: bool = False
) -> None:
    """Take grades that were given elsewhere, and join them with those there are."""
    from twokey.cli.trading import import_file

    found = import_file(
        case.evidence,
        path,
        reviewer=case.principal,
        before=case.grades(),
        format_name=format_name,
        sealed=case.sealed,
        seeds=case.seeds,
        annotator=annotator,
        replace=replace,
    )
    case.save(found.grades)
    for note in found.notes:
        talk(note)
    say(f"{found.told()}: {case.path}")
    _next(case, len(missing(found.grades, case.rows())))


def learned(case: Reviewing, folder: Path) -> None:
    """Turn everybody's grades into cases, known-bad outputs and a report."""
    from twokey.cli.learning import learn

    say(learn(case.evidence, _everybodys(case), folder, policy=case.policy))


def asked(case: Reviewing) -> None:
    """List what reviewers ask, with the command that answers."""
    from twokey.cli.answering import questions, told

    say("\n".join(told(questions(case.directory, case.evidence, case.gradable), case.directory)))


def answered(case: Reviewing, given: Sequence[str]) -> None:
    """Keep answers where whoever asked finds them."""
    from twokey.cli.answering import answer

    path, count = answer(case.directory, case.evidence, given, by=case.principal, rows=case.gradable)
    say(f"{count} {'question' if count == 1 else 'questions'} answered: {path}")


def merged(case: Reviewing, files: Sequence[Path] = ()) -> None:
    """Bring grades together, and put what is seen differently before who may settle it."""
    from twokey.cli.merging import Merging, merge_files, settle_in_terminal, tell

    merging = Merging(
        directory=case.directory,
        evidence=case.evidence,
        by=case.principal,
        adjudicates=_adjudicates(case),
        reviews=case.reviewers is not None and case.principal in case.reviewers.people,
        seeds=case.sealed,
    )
    found = merge_files(merging, files)
    if found.conflicts and merging.adjudicates:
        found = settle_in_terminal(merging, found, sys.stdin, sys.stdout, answers=case.answers())
    tell(merging, found)


def _warned(case: Reviewing) -> None:
    """Say what the items may hold, and that grades will not count where policy asks for seeds that are not here."""
    talk(MAY_HOLD)
    if case.unsealed:
        seal = command("seeds", "seal", _where(case), "--key", "FILE")
        talk(f"warning: policy asks for sealed seeds, and there are none: grades given now will not count ({seal})")


def _adjudicates(case: Reviewing) -> bool:
    """Return whether this person may settle disagreements; where policy does not say, anybody may try."""
    if case.policy is None or case.reviewers is None:
        return True
    from twokey.cli.terms import deciding
    from twokey.deciding.asked import Asked
    from twokey.deciding.several import adjudicates

    terms = deciding(case.evidence, case.policy, environment="production", repository=None)
    now = datetime.now(UTC)
    policy = Asked(review=case.policy.config.review, roster=terms.roster, signers=terms.signers, now=now)
    return adjudicates(case.principal, case.reviewers, policy)


def signed(case: Reviewing, key: Path | None) -> None:
    """Sign this person's grades, so that nobody else can have given them."""
    from twokey.cli.grade_signing import own_key, sign_grades
    from twokey.cli.terms import deciding

    if case.policy is None:
        raise TwokeyError("whose key counts is said by the roster, and policy is not at hand", hint="--config names it")
    terms = deciding(case.evidence, case.policy, environment="production", repository=None)
    found = own_key(case.principal, terms.roster, key)
    now = datetime.now(UTC)
    path, against = sign_grades(case.path, found, reviewer=case.principal, roster=terms.roster, now=now)
    for reason in against:
        talk(f"this signature does not count yet: {reason}")
    say(f"signed: {path}")


def _everybodys(case: Reviewing) -> tuple[Grades, ...]:
    """Return the grades of all reviewers in the evidence, but not merged ones: those say nothing of their own."""
    from twokey.evidence.tree import read_regular
    from twokey.review.grades import parse
    from twokey.review.recounting import without_seeds

    found = [
        parse(read_regular(path), str(path), case.gradable) for path in sorted(case.path.parent.glob("grades-*.json"))
    ]
    bundles = {case.seeds: case.bundle} if case.seeds and case.bundle else {}
    return tuple(without_seeds(grades, bundles) for grades in found if not grades.sources)


def _where(case: Reviewing) -> Path | str:
    return "" if case.directory == DEFAULT_EVIDENCE else case.directory


def _at(case: Reviewing) -> tuple[str, ...]:
    return () if case.directory == DEFAULT_EVIDENCE else ("--evidence", str(case.directory))


def _next(case: Reviewing, left: int) -> None:
    """Say what comes next: go on, sign the grades or bring them together, or sign the decision."""
    reviewers = case.reviewers
    if left:
        talk(f"next: {command('review', _where(case))}, to go on")
    elif reviewers and reviewers.signed:
        talk(f"next: {command('grades', 'sign', *_at(case))}")
    elif reviewers and len(reviewers.people) > 1:
        talk(f"next: {command('grades', 'merge', *_at(case))}, once everybody has graded")
    else:
        talk(f"next: {command('sign', _where(case))}")
