"""`twokey verify`: the guard before a deploy. It judges what is there and changes nothing."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twokey.cli.console import say
from twokey.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_ENVIRONMENT,
    DEFAULT_EVIDENCE,
    ConfigOption,
    EnvironmentOption,
    EvidenceArgument,
    FormatOption,
    RepositoryOption,
)

if TYPE_CHECKING:
    from twokey.conclusion import Conclusion


def verify(
    evidence: EvidenceArgument = DEFAULT_EVIDENCE,
    config: ConfigOption = DEFAULT_CONFIG,
    subject: Annotated[
        Path | None, typer.Option("--subject", metavar="DIR", help="What is about to ship; default: beside the config.")
    ] = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    repository: RepositoryOption = None,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Run the gates again and compare the manifest's bytes.")
    ] = False,
    format_: FormatOption = "terminal",
) -> None:
    """Check evidence and decisions against what is about to ship.

    Hashes the subject, checks every covered byte, judges the decisions for the environment, and concludes. Status as
    for run: only 0 may deploy. Evidence that nobody signed needs --recompute to pass.
    """
    conclusion, text = verified(
        evidence,
        config,
        subject=subject or config.parent,
        environment=environment,
        repository=repository,
        recompute=recompute,
        report=format_,
    )
    say(text)
    raise typer.Exit(conclusion.verdict.exit_status)


def verified(
    evidence: Path,
    config_path: Path,
    *,
    subject: Path,
    environment: str,
    repository: str | None,
    recompute: bool = False,
    report: str = "terminal",
) -> tuple["Conclusion", str]:
    """Conclude on evidence for the subject that is about to ship; return the conclusion and the rendered report."""
    from twokey.cli.concluding import conclude_here, refuse_other_bytes
    from twokey.evidence.store import read_evidence
    from twokey.kinds import lookup
    from twokey.reports import REPORTS
    from twokey.reports.base import Run
    from twokey.repository.config import read_config

    rendered = lookup(REPORTS, report, "report")
    config = read_config(config_path, os.environ)
    found = read_evidence(evidence)
    if recompute:
        refuse_other_bytes(found, config, config_path)
    conclusion = conclude_here(
        found,
        config,
        config_path,
        environment=environment,
        repository=repository,
        # A subject without files is known by name only: there is nothing to compare what ships to.
        subject_root=subject if found.manifest["subject"]["pinned"] else None,
        now=datetime.now(UTC),
        computed=recompute,
        directory=evidence,
    )
    told = Run(evidence=found, conclusion=conclusion, config=str(config_path), directory=str(evidence))
    return conclusion, rendered.render(told)
