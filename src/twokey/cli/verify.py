"""`twokey verify`: the guard before a deploy. It judges what is there and changes nothing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twokey.cli.console import say
from twokey.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_ENVIRONMENT,
    DEFAULT_EVIDENCE,
    BootstrapOption,
    ConfigOption,
    EnvironmentOption,
    EvidenceArgument,
    FormatOption,
    PolicyRefOption,
    RepositoryOption,
    digest_option,
    instant_option,
)

if TYPE_CHECKING:
    from twokey.cli.policy import Policy
    from twokey.reports.base import Run

LINES = ("terminal", "markdown")


def verify(
    evidence: EvidenceArgument = DEFAULT_EVIDENCE,
    config: ConfigOption = DEFAULT_CONFIG,
    subject: Annotated[
        Path | None, typer.Option("--subject", metavar="DIR", help="What is about to ship; default: beside the config.")
    ] = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    repository: RepositoryOption = None,
    policy_ref: PolicyRefOption = None,
    bootstrap: BootstrapOption = False,
    recompute: Annotated[bool, typer.Option("--recompute", help="Run the gates again and compare the bytes.")] = False,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="Audit: as of that UTC time.", callback=instant_option),
    ] = None,
    policy_history: Annotated[
        str | None,
        typer.Option(
            "--policy-history", metavar="DIGEST", help="Show who signed each policy since then.", callback=digest_option
        ),
    ] = None,
    attest: Annotated[
        Path | None, typer.Option("--attest", metavar="DIR", help="On pass, write in-toto attestations there.")
    ] = None,
    format_: FormatOption = "terminal",
) -> None:
    """Check evidence and decisions against what is about to ship.

    Hashes the subject, checks every covered byte, judges the decisions. Status as for run: only 0 may deploy.
    """
    from twokey.cli.policy import read_policy
    from twokey.decisions.shapes import instant
    from twokey.kinds import lookup
    from twokey.reports import REPORTS

    rendered = lookup(REPORTS, format_, "report")
    policy = read_policy(config, policy_ref or (), bootstrap=bootstrap)
    if policy_history is not None:
        from twokey.cli.transitions import history_status

        raise typer.Exit(history_status(policy, policy_history, datetime.now(UTC), say, repository=repository))
    told = verified(
        evidence,
        policy,
        subject=subject or config.parent,
        environment=environment,
        repository=repository,
        recompute=recompute,
        now=instant(at) if at else datetime.now(UTC),
        past=at,
    )
    if attest is not None:
        from twokey.cli.attesting import write_attestations

        write_attestations(attest, told, datetime.now(UTC))
    text = rendered.render(told)
    say(marked(text, at) if at and format_ in LINES else text)
    raise typer.Exit(told.conclusion.verdict.exit_status)


def verified(
    evidence: Path,
    policy: "Policy",
    *,
    subject: Path,
    environment: str,
    repository: str | None,
    recompute: bool = False,
    now: datetime,
    past: str | None = None,
) -> "Run":
    """Conclude on evidence for the subject that is about to ship. `past` says as of when, where that is not now."""
    from dataclasses import replace

    from twokey.cli.concluding import conclude_here, opened_at, refuse_other_bytes
    from twokey.cli.finding import evidence_for
    from twokey.cli.reviewed import reviewed
    from twokey.reports.base import Run

    found, directory = evidence_for(evidence, policy, subject, environment=environment, repository=repository, now=now)
    if recompute:
        refuse_other_bytes(found, policy)
    conclusion = conclude_here(
        found,
        policy,
        environment=environment,
        repository=repository,
        # A subject without files is known by name only: there is nothing to compare what ships to.
        subject_root=subject if found.manifest["subject"]["pinned"] else None,
        now=now,
        computed=recompute,
        directory=directory,
        opened_at=opened_at(evidence, found.digest),
    )
    conclusion = replace(conclusion, at=past)
    return Run(
        evidence=found,
        conclusion=conclusion,
        config=str(policy.path),
        directory=str(evidence),
        policy_ref=policy.ground.branch,
        reviewed=reviewed(evidence, found, policy),
    )


def marked(text: str, at: str) -> str:
    """Return a report of the past with every line marked, so that no part of it can pass for one of today.

    Documents of which a line is no part, such as XML, say it themselves, first and in their title.
    """
    return "\n".join(f"[as of {at}] {line}" for line in text.splitlines())
