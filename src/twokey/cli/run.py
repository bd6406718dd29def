"""`twokey run`: the ai-validation stage, the one command that CI needs before the merge."""

import gc
import os
import platform
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twokey.cli.console import progress, say
from twokey.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_ENVIRONMENT,
    DEFAULT_EVIDENCE,
    DEFAULT_JOBS,
    BootstrapOption,
    ConfigOption,
    EngineOption,
    EnvironmentOption,
    EvidenceOption,
    FormatOption,
    JobsOption,
    PolicyRefOption,
    RepositoryOption,
)
from twokey.cli.revealing import refuse_listeners, revealed

if TYPE_CHECKING:
    from twokey.conclusion import Conclusion
    from twokey.sweep import Progress


def run(
    config: ConfigOption = DEFAULT_CONFIG,
    evidence: EvidenceOption = DEFAULT_EVIDENCE,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    repository: RepositoryOption = None,
    policy_ref: PolicyRefOption = None,
    bootstrap: BootstrapOption = False,
    engine: EngineOption = "serial",
    jobs: JobsOption = None,
    reopen: Annotated[bool, typer.Option("--reopen", help="Start the clocks of open checkpoints anew.")] = False,
    format_: FormatOption = "terminal",
    reveal: Annotated[bool, typer.Option("--reveal", help="Show what was flagged in clear; terminal only.")] = False,
) -> None:
    """Judge recorded outputs, write the evidence, and conclude.

    Looks for decisions by itself. Status 0 pass, 1 block, 2 wrong usage or
    config, 3 a decision is needed, 4 no check could be made.
    """
    if jobs is not None and engine == "serial":
        raise typer.BadParameter("the serial engine is one process; add --engine processes", param_hint="--jobs")
    if reveal:
        refuse_listeners(format_)
    with progress("judging") as advance:
        conclusion, text = stage(
            config,
            evidence,
            environment=environment,
            repository=repository,
            policy_refs=tuple(policy_ref or ()),
            bootstrap=bootstrap,
            engine=engine,
            jobs=jobs or (1 if engine == "serial" else DEFAULT_JOBS),
            reopen=reopen,
            report=format_,
            reveal=reveal,
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
    policy_refs: tuple[str, ...] = (),
    bootstrap: bool = False,
    engine: str = "serial",
    jobs: int = 1,
    reopen: bool = False,
    report: str = "terminal",
    reveal: bool = False,
    progress: "Progress" = lambda _done, _total: None,
) -> tuple["Conclusion", str]:
    """Run the whole stage and write the evidence; return the conclusion and the rendered report."""
    from twokey.canonical import dumps
    from twokey.cli.concluding import conclude_here, opened_at, people_folder, proposed, publish
    from twokey.cli.policy import read_policy, read_roster
    from twokey.cli.reviewed import reviewed
    from twokey.cli.versions import concluded
    from twokey.decisions.shapes import written
    from twokey.evidence.store import refuse_foreign
    from twokey.pipeline import judge
    from twokey.plan import build_plan
    from twokey.reports import REPORTS
    from twokey.reports.base import Run

    started, clock = datetime.now(UTC).replace(microsecond=0), time.perf_counter()
    policy = read_policy(config_path, policy_refs, bootstrap=bootstrap)
    plan = build_plan(policy.config, policy.directory, policy.files, engine=engine, jobs=jobs)
    read_roster(policy)  # now, so that a long run does not end in what could be told at once
    refuse_foreign(directory)
    gc.freeze()  # what is loaded by now stays: looking through it for garbage costs a twentieth of the time
    judged = judge(plan, policy.directory, progress)
    opened = (None if reopen else opened_at(directory, judged.evidence.digest)) or started
    conclude = partial(
        conclude_here,
        policy=policy,
        environment=environment,
        repository=repository,
        subject_root=policy.directory,
        now=started,
        computed=True,
        opened_at=opened,
    )
    judged, conclusion = concluded(judged, policy, conclude)
    conclusion = proposed(policy, judged, conclusion)
    facts = {
        "type": "urn:twokey:run:v1",
        "config": os.path.relpath(config_path),
        "policy_ref": policy.ground.site.ref if policy.ground.site else None,
        "bootstrap": bootstrap,
        "engine": engine,
        "jobs": jobs,
        "manifest": judged.evidence.digest,
        "started_at": written(started),
        "opened_at": written(opened),
        "seconds": time.perf_counter() - clock,
        "python": platform.python_version(),
    }
    told = Run(
        evidence=judged.evidence,
        conclusion=conclusion,
        config=str(config_path),
        directory=str(directory),
        policy_ref=policy.ground.branch,
        reviewed=reviewed(directory, judged.evidence, policy),
    )
    publish(directory, judged, told, people_folder(policy, judged.evidence), dumps(facts))
    text = REPORTS[report].render(told)
    return conclusion, f"{text}\n\n{revealed(plan, judged.evidence)}" if reveal else text
