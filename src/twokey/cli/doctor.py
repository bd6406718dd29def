"""`twokey doctor`: what is missing here, and the exact next command."""

import importlib.util
import os
import platform
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from twokey.cli.console import say
from twokey.cli.options import DEFAULT_CONFIG, DEFAULT_EVIDENCE, ConfigOption, command
from twokey.errors import TwokeyError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is there, what was found, and the next command where it is missing."""

    ok: bool
    what: str
    found: str
    next: str = ""
    needed: bool = True


def doctor(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Look for what is missing here, and name the next command.

    Status 0 if nothing that is needed is missing, else 4.
    """
    checks = tuple(_checks(config))
    for check in checks:
        mark = "ok     " if check.ok else "missing" if check.needed else "absent "
        say(
            f"{mark} {check.what}: {check.found}"
            + (f"\n        next: {check.next}" if check.next and not check.ok else "")
        )
    if any(check.needed and not check.ok for check in checks):
        raise typer.Exit(4)


def _checks(config: Path) -> Iterator[Check]:
    yield Check(True, "Python", platform.python_version())
    yield _program("git", "install Git", needed=False)
    yield _program("ssh-keygen", "install the OpenSSH client", needed=True)
    yield _key()
    yield from _policy(config)
    yield _allow_failure(config.parent)
    for module, extra, purpose in (("pyarrow", "parquet", "reading Parquet"),):
        there = importlib.util.find_spec(module) is not None
        yield Check(
            there, purpose, module if there else "not installed", f"pip install 'twokey[{extra}]'", needed=False
        )


def _program(name: str, mend: str, *, needed: bool) -> Check:
    path = shutil.which(name)
    return Check(path is not None, name, path or "not found", mend, needed=needed)


def _key() -> Check:
    from twokey.cli.identity import agent_keys, key_files

    found = [str(key.path) for key in key_files(os.environ)] + ["in the agent" for _ in agent_keys(os.environ)]
    return Check(
        bool(found), "an SSH key to sign with", found[0] if found else "none in ~/.ssh", "ssh-keygen -t ed25519"
    )


def _policy(config: Path) -> Iterator[Check]:
    from twokey.decisions.roster import load_roster
    from twokey.decisions.rules import policy_problems
    from twokey.plan import build_plan
    from twokey.repository.config import read_config
    from twokey.repository.policy import PolicyFiles

    init = command("init", config=config)
    try:
        loaded = read_config(config, os.environ)
        plan = build_plan(loaded, config.parent)
        yield Check(True, "policy", str(config))
    except TwokeyError as error:
        yield Check(
            False,
            "policy",
            str(error),
            init if not config.exists() else f"mend it, then {command('doctor', config=config)}",
        )
        return
    recording = Path(plan.located(loaded.recordings.candidate))
    yield Check(
        recording.is_file(), "candidate recording", str(recording), f"put the model's outputs there: {recording}"
    )
    try:
        roster = load_roster(PolicyFiles(directory=config.parent).read(loaded.approval.roster), loaded.approval.roster)
        yield Check(True, "roster", f"{len(roster.people)} people in {loaded.approval.roster}")
        problems = policy_problems(loaded.approval, roster, loaded.review)
        mend = f"mend approval.checkpoints or review.reviewers in {config}, or the roles in {loaded.approval.roster}"
        yield Check(not problems, "who may close", "; ".join(problems) or "every checkpoint has somebody", mend)
    except TwokeyError as error:
        yield Check(False, "roster", str(error), init)
    named = ", ".join(loaded.subject.files)
    yield Check(
        bool(named),
        "files of the subject",
        named or "none named, so nothing says what ships, and twokey verify will not pass",
        f"name them in subject.files in {config}",
        needed=False,
    )
    there = (DEFAULT_EVIDENCE / "manifest.json").is_file()
    yield Check(
        there, "evidence", str(DEFAULT_EVIDENCE) if there else "none yet", command("run", config=config), needed=False
    )


_FORGIVING = re.compile(
    r"^[\s-]*(allow_failure|continue-on-error)\s*:(?!\s*false\b)|\btwokey\b.*\|\|\s*(true|:|exit 0)(?!\w)"
)
"""A line of a CI file by which a job goes on where the command in it said no."""


def _allow_failure(directory: Path) -> Check:
    """Look for CI files that let a pending decision through."""
    lines = []
    for path in (directory / ".gitlab-ci.yml", *sorted((directory / ".github" / "workflows").glob("*.y*ml"))):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            if "twokey" in text:
                lines += [
                    f"{path}:{number}"
                    for number, line in enumerate(text.splitlines(), start=1)
                    if _FORGIVING.search(line)
                ]
    if lines:
        return Check(
            False, "CI files", f"{lines[0]} lets an undecided change through", "take it out of the guarding job"
        )
    return Check(True, "CI files", "none lets an undecided change through")
