"""What a person types next, as every report says it: the exact commands, in order. Nothing is escaped here."""

import shlex

from twokey.conclusion import Verdict
from twokey.evidence.layout import short
from twokey.reports.base import DEFAULT_CONFIG, DEFAULT_DIRECTORY, Run
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
    count = len(run.evidence.items)
    grade = Step(_command("review --terminal", here), f"grades the {count:,} items that wait for a person")
    sign = Step(
        _command("sign", here, *policy), f"shows evidence {short(run.evidence.digest)}, asks, and signs your decision"
    )
    first = (grade,) if count and conclusion.review is None else ()
    return (*first, sign, Step(again, "concludes again, with the decision"))


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
