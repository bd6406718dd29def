"""From a config to built objects: the only place that reads all tables of kinds.

A plan is everything that judging needs, made before the first record is read, so that whatever is wrong with a config,
a schema or a rule is told at once. It is picklable; compiled things are made where they are used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twokey.config.judges import judge_in_use
from twokey.config.load import ALWAYS_ON
from twokey.config.shape import Config, Recording
from twokey.detectors import build_scanner, default_scanner
from twokey.engines import build_engine
from twokey.engines.base import Engine
from twokey.errors import TwokeyError
from twokey.evidence.manifest import judging_policy
from twokey.gates import GATES
from twokey.gates.base import ALWAYS_HIDDEN, Gate, Scans, Setting
from twokey.repository.ground import PolicySource
from twokey.repository.policy import NAMED, PolicyFiles
from twokey.review.select import ReviewGate

if TYPE_CHECKING:
    from twokey.gates.quality import QualityGate
    from twokey.gates.safety import SafetyGate
    from twokey.recorder.judges import JudgeSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What judging needs. `gates` are in the order of the results; `policy_files` maps files read to SHA-256.

    `places` says where each recording stands on this machine, by the path that the config gives. `judge` is the one
    whose recorded verdicts gates take, if any.
    """

    config: Config
    directory: Path
    gates: Mapping[str, Gate[Any]]
    scanner: Scans
    engine: Engine
    policy_files: Mapping[str, str]
    places: Mapping[str, str]
    judge: "JudgeSpec | None" = None

    @property
    def review(self) -> ReviewGate | None:
        """The review's selection, which is a gate like the others."""
        gate = self.gates.get(ReviewGate.name)
        return gate if isinstance(gate, ReviewGate) else None

    @property
    def safety(self) -> "SafetyGate | None":
        """The safety gate, which also fills the quarantine."""
        return _safety(self.gates)

    @property
    def quality(self) -> "QualityGate | None":
        """The quality gate, which compares with the baseline case by case."""
        from twokey.gates.quality import QualityGate

        gate = self.gates.get(QualityGate.name)
        return gate if isinstance(gate, QualityGate) else None

    def located(self, recording: Recording) -> str:
        """Return where a recording stands on this machine."""
        return self.places[recording.path]

    def policy(self) -> dict[str, Any]:
        """Return the judging policy by content, as it stands in the manifest."""
        return judging_policy(self.config, self.policy_files)


def _safety(gates: Mapping[str, Gate[Any]]) -> "SafetyGate | None":
    from twokey.gates.safety import SafetyGate

    gate = gates.get(SafetyGate.name)
    return gate if isinstance(gate, SafetyGate) else None


def _hidden(config: Config) -> Mapping[str, str | None]:
    """Return the detectors of what is not to be shown, with their files: what policy asks for, and always some."""
    safety: Any = config.gates.get("safety")
    asked = {name: check.file for name, check in safety.checks().items()} if safety is not None else {}
    return {**dict.fromkeys(ALWAYS_HIDDEN), **asked}


def build_plan(
    config: Config, directory: Path, files: PolicySource | None = None, *, engine: str = "serial", jobs: int = 1
) -> Plan:
    """Build all that judging needs: policy from `files`, what is judged from the config's directory in the checkout.

    The baseline is policy: who could choose what a candidate is compared with, could choose the outcome.

    Raises:
        ConfigError: a gate or a file of it is wrong.
        TwokeyError: a file of the policy cannot be had.
    """
    files = files or PolicyFiles(directory=directory)
    read_by_gates: set[str] = set()

    def read(path: str) -> bytes:
        read_by_gates.add(path)
        return files.read(path)

    setting = Setting(
        read=read,
        has_baseline=config.recordings.baseline is not None,
        clustered=config.recordings.candidate.cluster is not None,
        seed=config.sample.seed,
        scanner=build_scanner,
        hides=_hidden(config),
    )
    gates: dict[str, Gate[Any]] = {}
    for name, kind in GATES.items():
        if name in config.gates or name in ALWAYS_ON:
            gates[name] = kind.build(config.gates[name] if name in config.gates else kind.Options(), setting)
    safety = _safety(gates)
    scanner = safety.scanner if safety is not None else default_scanner()
    if config.review is not None:
        named = replace(setting, read=_read_for("review.learned", read))
        gates[ReviewGate.name] = ReviewGate.build(config.review, named, scanner)
    judge = build_judge(config, judge_in_use(config.gates), read, files)
    return Plan(
        config=config,
        directory=directory,
        gates=gates,
        scanner=scanner,
        engine=build_engine(engine, jobs),
        policy_files={path: files.read_so_far[path] for path in read_by_gates},
        places=_places(config, directory, files),
        judge=judge,
    )


def _read_for(part: str, read: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Return `read`, which says of a file that is not there which part of policy names it."""

    def named(path: str) -> bytes:
        try:
            return read(path)
        except TwokeyError as error:
            (problem,) = error.problems
            if problem.hint != NAMED:
                raise
            hint = NAMED.replace("policy", part)
            raise TwokeyError(problem.message, where=problem.where, hint=hint) from None

    return named


def build_judge(
    config: Config, name: str | None, read: Callable[[str], bytes], files: PolicySource
) -> "JudgeSpec | None":
    """Return a judge of the config with its prompt read; None for none. Raises ConfigError or TwokeyError."""
    if name is None:
        return None
    from twokey.recorder.judges import JudgeSpec

    return JudgeSpec.of(name, config.judges[name], read, files.place)


def _places(config: Config, directory: Path, files: PolicySource) -> dict[str, str]:
    candidate, baseline = config.recordings.candidate, config.recordings.baseline
    places = {baseline.path: str(files.located(baseline.path))} if baseline else {}
    judged = {judge.recording: str(directory / judge.recording) for judge in config.judges.values()}
    return {**places, **judged, candidate.path: str(directory / candidate.path)}
