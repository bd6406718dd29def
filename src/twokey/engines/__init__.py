"""Where the work can run: a table, and how an engine is built from its name."""

from collections.abc import Mapping

from twokey.engines.base import Engine
from twokey.engines.processes import ProcessesEngine
from twokey.engines.serial import SerialEngine
from twokey.kinds import lookup

__all__ = ["ENGINES", "Engine", "build_engine"]

ENGINES: Mapping[str, type[SerialEngine] | type[ProcessesEngine]] = {
    "serial": SerialEngine,
    "processes": ProcessesEngine,
}


def build_engine(name: str, jobs: int | None = None) -> Engine:
    """Return the engine of that name; `jobs` is how many tasks run at once where it can say. Raises TwokeyError."""
    kind = lookup(ENGINES, name, "engine")
    return kind(jobs) if issubclass(kind, ProcessesEngine) else kind()
