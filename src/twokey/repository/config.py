"""Reading gates.yaml from where policy comes from: bytes, every gate's options and the environment, to a Config."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twokey.config.load import load_config
from twokey.config.shape import Config
from twokey.errors import Place, TwokeyError
from twokey.gates import GATES, options_of
from twokey.repository.ground import PolicySource
from twokey.repository.policy import PolicyFiles
from twokey.targets import target_options


def read_config(path: Path, environment: Mapping[str, str]) -> Config:
    """Read a config in the checkout. Raises ConfigError with all that is wrong, TwokeyError where it cannot be had."""
    if not path.exists():
        raise TwokeyError("there is no such config", where=Place(file=str(path)), hint="twokey init writes one")
    return config_from(PolicyFiles(directory=path.parent), path.name, environment)


def config_from(source: PolicySource, name: str, environment: Mapping[str, str]) -> Config:
    """Read the config of that name from where policy comes from; raises as `read_config` does."""
    return load_config(source.read(name), source.place(name), gate_options(), environment, target_options())


def gate_options() -> dict[str, type[Any]]:
    """Return each gate's options by its name: what may stand under `gates` in a config."""
    return {name: options_of(name) for name in GATES}
