"""Asking the person who signs: what is missing in what they gave, and nothing that could not be signed anyway."""

from collections.abc import Iterable
from dataclasses import replace

from twokey.cli.console import talk
from twokey.decisions.decision import Choice, Condition
from twokey.errors import TwokeyError
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the person said, or gave as options; None where they have yet to be asked."""

    decision: Choice | None
    reason: str | None
    criteria: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


def ask(given: Answers, criteria: Iterable[str], obstacle: TwokeyError | None, *, interactive: bool) -> Answers:
    """Ask for whatever was not given. `obstacle` is what stands against an approval: then nobody is asked for one.

    Raises:
        TwokeyError: nobody can be asked, or an approval was wanted that could not be signed.
    """
    asked = tuple(criteria)
    if not interactive:
        _refuse_missing(given, asked)
    if obstacle is not None and given.decision in (None, "approve"):
        raise obstacle
    decision = given.decision or ("approve" if _yes("Approve? (no rejects)") else "reject")
    attested = [
        criterion
        for criterion in (asked if decision == "approve" else ())
        if criterion in given.criteria or (interactive and _yes(f"Do you attest: {criterion}?"))
    ]
    if missing := [criterion for criterion in asked if decision == "approve" and criterion not in attested]:
        told = f"not attested: {', '.join(missing)}; an approval without it would not count, so nothing was signed"
        raise TwokeyError(told, hint="--reject or --decide request-changes says what is missing")
    attested += [criterion for criterion in given.criteria if criterion not in asked]
    reason = (given.reason or "").strip() or _reason()
    return replace(given, decision=decision, reason=reason, criteria=tuple(attested))


def _refuse_missing(given: Answers, criteria: Iterable[str]) -> None:
    reason = (given.reason or "").strip()
    wanted = (("--approve, --reject or --decide", given.decision), ("--reason", reason))
    missing = [name for name, value in wanted if not value]
    if given.decision == "approve":
        missing += [f"--attest {criterion!r}" for criterion in criteria if criterion not in given.criteria]
    if missing:
        raise TwokeyError(f"nobody can be asked here; give {', '.join(missing)}")


def _reason() -> str:
    while True:
        reason = _line("Reason:")
        if reason:
            return reason
        talk("a decision needs a reason")


def _yes(question: str) -> bool:
    while True:
        answer = _line(f"{question} [y/n]").lower()
        if answer in ("y", "yes", "n", "no"):
            return answer.startswith("y")


def _line(question: str) -> str:
    talk(question)
    return input("> ").strip()
