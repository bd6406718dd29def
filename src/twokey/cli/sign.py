"""`twokey sign`: shows what a signature would bind, asks, signs, and keeps the decision where later runs find it."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twokey.cli.console import say, talk
from twokey.cli.options import (
    DEFAULT_ENVIRONMENT,
    DEFAULT_EVIDENCE,
    EnvironmentOption,
    EvidenceArgument,
    PolicyRefOption,
    RecordedConfigOption,
    RepositoryOption,
)

if TYPE_CHECKING:
    from twokey.decisions.decision import Choice


def sign(
    evidence: EvidenceArgument = DEFAULT_EVIDENCE,
    config: RecordedConfigOption = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    repository: RepositoryOption = None,
    policy_ref: PolicyRefOption = None,
    key: Annotated[
        Path | None, typer.Option("--key", "-k", metavar="FILE", help="SSH key; default: yours that the roster names.")
    ] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Approve, without being asked.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Reject, without being asked.")] = False,
    decide: Annotated[
        str | None, typer.Option("--decide", metavar="WORD", help="request-changes, escalate, override or ratify.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")] = None,
    attest: Annotated[
        list[str] | None, typer.Option("--attest", metavar="CRITERION", help="A criterion that holds; repeatable.")
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option("--condition", metavar="TEXT", help="A condition; or 'to: ROLE', 'ticket: ID'."),
    ] = None,
    not_recomputed: Annotated[
        bool, typer.Option("--not-recomputed", help="Approve without the recording at hand.")
    ] = False,
    push: Annotated[bool, typer.Option("--push", help="Send the decision to the shared ref.")] = False,
) -> None:
    """Sign a decision on the evidence with your SSH key.

    Recomputes, shows failures first and all that it would bind; then asks.
    """
    from twokey.cli.asking import Answers, ask
    from twokey.cli.fetchable import refuse_unfetchable
    from twokey.cli.preparing import prepare
    from twokey.cli.signing import next_step, write
    from twokey.decisions.conditions import read_condition
    from twokey.errors import TwokeyError

    choice = _chosen(approve=approve, reject=reject, word=decide)
    conditions = tuple(map(read_condition, condition or ()))
    now = datetime.now(UTC)
    case = prepare(
        evidence,
        config,
        environment=environment,
        repository=repository,
        policy_refs=tuple(policy_ref or ()),
        key=key,
        choice=choice,
        ratifies=next((one.text for one in conditions if one.kind == "ratifies"), None),
        now=now,
    )
    given = Answers(decision=choice, reason=reason, criteria=tuple(attest or ()), conditions=conditions)
    refuse_unfetchable(case, push=push)
    if unasked := case.unasked(given.criteria):
        raise TwokeyError(f"nobody asked for {', '.join(map(ascii, unasked))}", hint="--attest takes the very words")
    say(case.rendering())
    obstacle = case.obstacle(not_recomputed=not_recomputed)
    answers = ask(given, case.criteria, obstacle, interactive=sys.stdin.isatty())
    place = write(case, answers, now)
    say(f"signed: {place}")
    if push:
        say(case.policy.store.push(environment=os.environ))
    talk(next_step(case, pushed=push))


def _chosen(*, approve: bool, reject: bool, word: str | None) -> "Choice | None":
    """Return the one decision that the options name, or None where the person is to be asked."""
    from twokey.decisions.decision import CHOICES

    named = [name for name, given in (("approve", approve), ("reject", reject)) if given]
    named += [word] if word is not None else []
    if len(named) > 1:
        raise typer.BadParameter(f"{' and '.join(named)} exclude each other")
    if word is not None and word not in CHOICES:
        raise typer.BadParameter(f"expected {', '.join(CHOICES)}, found {word!a}", param_hint="--decide")
    return next((choice for choice in CHOICES if choice in named), None)
