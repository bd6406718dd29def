"""What a person types next, as every report says it: the exact commands, in order. Nothing is escaped here."""

import shlex
from collections.abc import Iterator

from twokey.conclusion import Verdict
from twokey.evidence.layout import short
from twokey.reports.base import DEFAULT_CONFIG, DEFAULT_DIRECTORY, Run
from twokey.reports.figures import counted
from twokey.values import dataclass

DEFAULT_ENVIRONMENT = "production"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do next: the exact command, and what it is for."""

    command: str
    purpose: str


def next_steps(run: Run) -> tuple[Step, ...]:
    """Return what a person types next, in order."""
    conclusion = run.conclusion
    where = (("--environment", conclusion.environment, DEFAULT_ENVIRONMENT),)
    policy = (("--config", run.config, DEFAULT_CONFIG), *where, ("--policy-ref", run.policy_ref, ""))
    again = _command("run", *policy, ("--evidence", run.directory, DEFAULT_DIRECTORY))
    here = ("", run.directory, DEFAULT_DIRECTORY)
    if _ships_nothing_named(run):
        return (Step(again, "judges again, once you name subject.files: until then twokey verify will not pass"),)
    if conclusion.verdict is Verdict.PASS:
        guard = "guards the deploy: hashes what is about to ship, judges the decisions"
        return (Step(_command("verify", here, *policy), guard),)
    stuck = conclusion.unclaimed or conclusion.verdict in (Verdict.BLOCK, Verdict.ERROR)
    if stuck or not any(state.open for state in conclusion.checkpoints):
        return (Step(again, "judges again: first mend what is named above"),)
    sign = Step(
        _command("sign", here, *policy), f"shows evidence {short(run.evidence.digest)}, asks, and signs your decision"
    )
    first = tuple(_reviewing(run)) if run.evidence.items and conclusion.review is None else ()
    return (*first, sign, Step(again, "concludes again, with the decision"))


def _reviewing(run: Run) -> Iterator[Step]:
    """Yield what the review still takes before a decision can stand on it."""
    found, count = run.reviewed, len(run.evidence.items)
    here, at = ("", run.directory, DEFAULT_DIRECTORY), ("--evidence", run.directory, DEFAULT_DIRECTORY)
    if found.seeds == "unsealed":
        yield Step(
            f"{_command('seeds seal', here)} --key FILE", "mixes known-bad items in, sealed, before anybody grades"
        )
    if not found.done and not (found.several and found.graded == count):
        what = counted(count, "item that waits", "items that wait")
        so_far = f"; {found.graded:,} of them so far" if found.graded else ""
        yield Step(_command("review --terminal", here), f"grades the {what} for a person{so_far}")
    if not found.done and found.several:
        yield Step(_command("grades merge", at), "brings the reviewers' grades together, once everybody has graded")
    if found.seeds in ("unsealed", "sealed"):
        yield Step(
            f"{_command('seeds open', here)} --key FILE", "says which items were known to be bad, and counts them"
        )


def _ships_nothing_named(run: Run) -> bool:
    """Whether all is decided but for what ships, because the subject names no files."""
    conclusion = run.conclusion
    decided = conclusion.verdict is Verdict.PASS or (
        conclusion.verdict is Verdict.NEEDS_DECISION
        and conclusion.subject == "consistent"
        and not any(state.open for state in conclusion.checkpoints)
    )
    return decided and not run.evidence.manifest["subject"]["pinned"]


def _command(name: str, *options: tuple[str, str, str]) -> str:
    """Return a command with those options (flag, value, default) that are not at their default."""
    given = (part for flag, value, default in options if value != default for part in (flag, shlex.quote(value)))
    return " ".join(("twokey", name, *(part for part in given if part)))
