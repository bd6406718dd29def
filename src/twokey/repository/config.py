"""Reading gates.yaml from where policy comes from: bytes, every gate's options and the environment, to a Config."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twokey.config.load import load_config
from twokey.config.shape import Config
from twokey.errors import Place, TwokeyError
from twokey.gates import GATES
from twokey.repository.policy import PolicyFiles


def read_config(path: Path, environment: Mapping[str, str]) -> Config:
    """Read a config file. Raises ConfigError with everything that is wrong, TwokeyError where it cannot be had."""
    if not path.exists():
        raise TwokeyError("there is no such config", where=Place(file=str(path)), hint="twokey init writes one")
    data = PolicyFiles(directory=path.parent).read(path.name)
    return load_config(data, str(path), gate_options(), environment)


def gate_options() -> dict[str, type[Any]]:
    """Return each gate's options by its name: what may stand under `gates` in a config."""
    return {name: gate.Options for name, gate in GATES.items()}
