"""What can be asked: kinds of targets by name, and what a config may say of each. Nothing is asked here.

Every command reads a config, and few of them ask. So the options of a target stand in light files of their own.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from twokey.kinds import Table

if TYPE_CHECKING:
    from twokey.targets.base import Setting, Target

TARGETS: Table[type["Target"]] = Table(
    "twokey.targets",
    {
        "openai": "openai:OpenaiTarget",
        "python": "python:PythonTarget",
    },
)

OPTIONS: Table[type[Any]] = Table(
    "twokey.targets",
    {
        "openai": "openai_options:OpenaiOptions",
        "python": "python_options:PythonOptions",
    },
)


def target_options() -> Mapping[str, type[Any]]:
    """Return what may stand under `target` in a config, by its `kind`."""
    return OPTIONS


def build_target(options: Any, setting: "Setting") -> "Target":
    """Return the target that a config names, ready to be asked. Raises ConfigError or TwokeyError."""
    return TARGETS[options.kind].build(options, setting)
