"""`twokey run`: the ai-validation stage, the one command that CI needs before the merge."""

import gc
import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from twokey.cli.console import progress, say
from twokey.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_ENVIRONMENT,
    DEFAULT_EVIDENCE,
    DEFAULT_JOBS,
    ConfigOption,
    EngineOption,
    EnvironmentOption,
    EvidenceOption,
    FormatOption,
    JobsOption,
    RepositoryOption,
)

if TYPE_CHECKING:
    from twokey.conclusion import Conclusion
    from twokey.sweep import Progress


def run(
    config: ConfigOption = DEFAULT_CONFIG,
    evidence: EvidenceOption = DEFAULT_EVIDENCE,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    repository: RepositoryOption = None,
    engine: EngineOption = "serial",
    jobs: JobsOption = None,
    format_: FormatOption = "terminal",
) -> None:
    """Judge recorded outputs, write the evidence, and conclude.

    Looks for decisions on this evidence by itself.

    Status 0 pass, 1 block, 2 wrong usage or config, 3 a decision is needed, 4 no check could be made.
    """
    if jobs is not None and engine == "serial":
        raise typer.BadParameter("the serial engine is one process; add --engine processes", param_hint="--jobs")
    with progress("judging") as advance:
        conclusion, text = stage(
            config,
            evidence,
            environment=environment,
            repository=repository,
            engine=engine,
            jobs=jobs or (1 if engine == "serial" else DEFAULT_JOBS),
            report=format_,
            progress=advance,
        )
    say(text)
    raise typer.Exit(conclusion.verdict.exit_status)


def stage(
    config_path: Path,
    directory: Path,
    *,
    environment: str,
    repository: str | None,
    engine: str = "serial",
    jobs: int = 1,
    report: str = "terminal",
    progress: "Progress" = lambda _done, _total: None,
) -> tuple["Conclusion", str]:
    """Run the whole stage and write the evidence; return the conclusion and the rendered report."""
    from twokey.canonical import dumps
    from twokey.cli.concluding import conclude_here, publish, read_roster
    from twokey.evidence.store import refuse_foreign
    from twokey.pipeline import judge
    from twokey.plan import build_plan
    from twokey.reports import REPORTS
    from twokey.reports.base import Run
    from twokey.repository.config import read_config

    started, clock = datetime.now(UTC), time.perf_counter()
    config = read_config(config_path, os.environ)
    plan = build_plan(config, config_path.parent, engine=engine, jobs=jobs)
    read_roster(config, config_path.parent)  # now, so that a long run does not end in what could be told at once
    refuse_foreign(directory)
    gc.freeze()  # what is loaded by now stays: looking through it for garbage costs a twentieth of the time
    judged = judge(plan, config_path.parent, progress)
    conclusion = conclude_here(
        judged.evidence,
        config,
        config_path,
        environment=environment,
        repository=repository,
        subject_root=config_path.parent,
        now=started,
        computed=True,
    )
    facts = {
        "type": "urn:twokey:run:v1",
        "config": os.path.relpath(config_path),
        "engine": engine,
        "jobs": jobs,
        "started_at": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": time.perf_counter() - clock,
        "python": platform.python_version(),
    }
    told = Run(evidence=judged.evidence, conclusion=conclusion, config=str(config_path), directory=str(directory))
    publish(directory, judged, told, config_path.parent / config.approval.decisions, dumps(facts))
    return conclusion, REPORTS[report].render(told)
