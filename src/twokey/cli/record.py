"""`twokey record`: asks a judge about the outputs that `run` would judge, and writes its answers down."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twokey.cli.console import progress, say
from twokey.cli.options import DEFAULT_CONFIG, BootstrapOption, ConfigOption, PolicyRefOption

if TYPE_CHECKING:
    from twokey.cli.policy import Policy
    from twokey.plan import Plan
    from twokey.recorder.judged import Recorded
    from twokey.recorder.judges import JudgeSpec


def record(
    judge: Annotated[str, typer.Option("--judge", metavar="NAME", help="The judge to ask, as the config names it.")],
    config: ConfigOption = DEFAULT_CONFIG,
    policy_ref: PolicyRefOption = None,
    bootstrap: BootstrapOption = False,
    restart: Annotated[bool, typer.Option("--restart", help="Throw away the answers to another question.")] = False,
) -> None:
    """Record what a judge says of the outputs that run would judge.

    Resumes where it stopped: what has a verdict is not asked again, what had an
    error is. Status 0 where there are verdicts, 2 wrong usage or config, 4 if
    the judge cannot be asked.
    """
    with progress(f"asking {judge}") as advance:
        path, done = recorded(
            config, judge, policy_refs=tuple(policy_ref or ()), bootstrap=bootstrap, restart=restart, progress=advance
        )
    say(_told(path, done))


def recorded(
    config_path: Path,
    name: str,
    *,
    policy_refs: tuple[str, ...] = (),
    bootstrap: bool = False,
    restart: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Path, "Recorded"]:
    """Ask a judge; return where its answers stand and what came of it.

    Policy is read as `run` reads it: who could name another address could have the key and the records sent there.

    Raises:
        ConfigError: there is no such judge, or something of it is wrong.
        TwokeyError: a file, the key or an answer cannot be had, or nothing came but errors.
    """
    from twokey.cli.policy import read_policy
    from twokey.evidence.subject import hash_file
    from twokey.plan import build_plan
    from twokey.recorder.answers import Answers
    from twokey.recorder.judged import ask_judge
    from twokey.sweep import drawn_records
    from twokey.targets import build_target

    policy = read_policy(config_path, policy_refs, bootstrap=bootstrap)
    spec = _judge(policy, name)
    target = build_target(spec.judge.target, _setting(policy, spec))
    plan = build_plan(policy.config, policy.directory, policy.files)
    header = spec.header(hash_file(Path(plan.located(policy.config.recordings.candidate)))[0])
    drawn, records = drawn_records(plan, lambda _done, _total: None)
    path = Path(plan.located(spec.recording()))
    with Answers(path, header, restart=restart) as answers:
        done = ask_judge(
            records, spec, target, answers, redact=_redact(plan), progress=lambda done: progress(done, drawn.size)
        )
    _refuse_only_errors(path, done)
    return path, done


def _judge(policy: "Policy", name: str) -> "JudgeSpec":
    """Return the judge of that name. Raises ConfigError where the config has none."""
    from twokey.errors import ConfigError, Place, Problem
    from twokey.kinds import nearest
    from twokey.recorder.judges import JudgeSpec

    judges = policy.config.judges
    if name not in judges:
        guess = nearest(name, judges)
        hint = f"did you mean {guess}?" if guess else f"known: {', '.join(judges) or 'none'}; see judges in the config"
        where = Place(file=policy.files.place(policy.path.name))
        raise ConfigError([Problem(message=f"there is no judge called {name!r}", where=where, hint=hint)])
    return JudgeSpec.of(name, judges[name], policy.files.read, policy.files.place)


def _setting(policy: "Policy", spec: "JudgeSpec") -> Any:
    """Return what the target may know; the only secrets read are those that policy names for it."""
    from twokey.targets.base import Setting

    secrets = {name: os.environ.get(name, "") for name in spec.judge.target.secrets}
    return Setting(read=policy.files.read, place=policy.files.place, secrets=secrets)


def _redact(plan: "Plan") -> Callable[[str], str]:
    """Return what hides personal data and credentials in the answers that are kept."""
    from twokey.detectors import default_scanner

    scanner = plan.scanner if plan.safety is not None else default_scanner()
    return lambda text: str(scanner.redact_value(text))


def _refuse_only_errors(path: Path, done: "Recorded") -> None:
    """Say that nothing came of it, where nothing did."""
    from twokey.errors import Place, TwokeyError

    if done.kept + done.asked - sum(done.errors.values()) <= 0:
        told = f"holds no verdict: {_errors(done)}" if done.errors else "holds no verdict: there was no output to judge"
        raise TwokeyError(told, where=Place(file=str(path)), hint="the same command asks again")


def _told(path: Path, done: "Recorded") -> str:
    parts = [f"{done.asked - sum(done.errors.values()):,} verdicts"]
    parts += [f"{done.kept:,} from before"] if done.kept else []
    parts += [f"{done.unasked:,} records without an output"] if done.unasked else []
    parts += [f"{_errors(done)}; the same command asks about them again"] if done.errors else []
    return f"{path}: {', '.join(parts)}"


def _errors(done: "Recorded") -> str:
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in done.errors.items())
    return f"{sum(done.errors.values()):,} errors ({kinds})"
