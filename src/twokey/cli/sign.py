"""`twokey sign`: shows what a signature would bind, asks, signs, and keeps the decision where later runs find it."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from twokey.cli.console import say, talk
from twokey.cli.options import (
    DEFAULT_ENVIRONMENT,
    DEFAULT_EVIDENCE,
    EnvironmentOption,
    EvidenceArgument,
    RecordedConfigOption,
    RepositoryOption,
    command,
)


def sign(
    evidence: EvidenceArgument = DEFAULT_EVIDENCE,
    config: RecordedConfigOption = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    repository: RepositoryOption = None,
    key: Annotated[
        Path | None, typer.Option("--key", "-k", metavar="FILE", help="SSH key; default: yours that the roster names.")
    ] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Approve, without being asked.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Reject, without being asked.")] = False,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")] = None,
    attest: Annotated[
        list[str] | None, typer.Option("--attest", metavar="CRITERION", help="A criterion that holds; repeatable.")
    ] = None,
    condition: Annotated[
        list[str] | None, typer.Option("--condition", metavar="TEXT", help="A condition of it; repeatable.")
    ] = None,
    not_recomputed: Annotated[
        bool, typer.Option("--not-recomputed", help="Approve without the recording at hand.")
    ] = False,
) -> None:
    """Decide on the evidence and sign the decision with your SSH key.

    Recomputes what it can, shows digest, failures first, open checkpoints and what you would attest; then asks.
    """
    from twokey.cli.asking import Answers, ask
    from twokey.cli.signing import prepare, write

    if approve and reject:
        raise typer.BadParameter("--approve and --reject exclude each other")
    given = Answers(
        decision="approve" if approve else "reject" if reject else None,
        reason=reason,
        criteria=tuple(attest or ()),
        conditions=tuple(condition or ()),
    )
    now = datetime.now(UTC)
    case = prepare(evidence, config, environment=environment, repository=repository, key=key, now=now)
    say(case.rendering())
    obstacle = case.obstacle(not_recomputed=not_recomputed)
    answers = ask(given, case.criteria, obstacle, interactive=sys.stdin.isatty())
    path = write(case, answers, now)
    say(f"signed: {path}")
    talk(f"next: {command('run', config=case.config)}; and commit the decision")
