"""From a config to built objects: the only place that reads all tables of kinds.

A plan is everything that judging needs, made before the first record is read, so that whatever is wrong with a config,
a schema or a rule is told at once. It is picklable; compiled things are made where they are used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twokey.config.load import ALWAYS_ON, load_config
from twokey.config.shape import Config, Recording
from twokey.detectors import build_scanner, default_scanner
from twokey.engines import build_engine
from twokey.engines.base import Engine
from twokey.errors import Place, TwokeyError
from twokey.evidence.manifest import judging_policy
from twokey.gates import GATES
from twokey.gates.base import Gate, Scans, Setting
from twokey.gates.safety import SafetyGate
from twokey.repository.policy import PolicyFiles
from twokey.review.select import ReviewGate


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What judging needs. `gates` are in the order of the results; `policy_files` maps files read to SHA-256."""

    config: Config
    directory: Path
    gates: Mapping[str, Gate[Any]]
    scanner: Scans
    engine: Engine
    policy_files: Mapping[str, str]

    @property
    def review(self) -> ReviewGate | None:
        """The review's selection, which is a gate like the others."""
        gate = self.gates.get(ReviewGate.name)
        return gate if isinstance(gate, ReviewGate) else None

    @property
    def safety(self) -> SafetyGate | None:
        """The safety gate, which also fills the quarantine."""
        gate = self.gates.get(SafetyGate.name)
        return gate if isinstance(gate, SafetyGate) else None

    def located(self, recording: Recording) -> str:
        """Return where a recording stands, relative to the config's directory."""
        return str(self.directory / recording.path)

    def policy(self) -> dict[str, Any]:
        """Return the judging policy by content, as it stands in the manifest."""
        return judging_policy(self.config, self.policy_files)


def read_config(path: Path, environment: Mapping[str, str]) -> Config:
    """Read a config file. Raises ConfigError with everything that is wrong, TwokeyError where it cannot be had."""
    if not path.exists():
        raise TwokeyError("there is no such config", where=Place(file=str(path)), hint="twokey init writes one")
    data = PolicyFiles(directory=path.parent).read(path.name)
    return load_config(data, str(path), gate_options(), environment)


def gate_options() -> dict[str, type[Any]]:
    """Return each gate's options by its name: what may stand under `gates` in a config."""
    return {name: gate.Options for name, gate in GATES.items()}


def build_plan(config: Config, directory: Path, *, engine: str = "serial", jobs: int = 1) -> Plan:
    """Build all that judging needs. Raises ConfigError or TwokeyError where a gate or a file of it is wrong."""
    files = PolicyFiles(directory=directory)
    setting = Setting(
        read=files.read,
        has_baseline=config.recordings.baseline is not None,
        seed=config.sample.seed,
        scanner=build_scanner,
    )
    gates: dict[str, Gate[Any]] = {}
    for name, kind in GATES.items():
        if name in config.gates or name in ALWAYS_ON:
            gates[name] = kind.build(config.gates[name] if name in config.gates else kind.Options(), setting)
    safety = gates.get(SafetyGate.name)
    scanner = safety.scanner if isinstance(safety, SafetyGate) else default_scanner()
    if config.review is not None:
        gates[ReviewGate.name] = ReviewGate.build(config.review, setting, scanner)
    return Plan(
        config=config,
        directory=directory,
        gates=gates,
        scanner=scanner,
        engine=build_engine(engine, jobs),
        policy_files=dict(files.read_so_far),
    )
