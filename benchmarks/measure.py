"""Whole processes measured by the operating system's own accounting: CPU seconds and peak memory of finished runs."""

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """One finished process: user + system CPU seconds, and the largest resident set in MB (10^6 bytes)."""

    cpu: float
    peak_mb: float
    status: int


def run(command: Sequence[str]) -> Usage:
    """Run a command to its end, its output thrown away.

    Bytecode may be kept, as it is wherever a program is installed: else each process would compile all its modules.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1 if sys.platform == "darwin" else 1024
    return Usage(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * scale / 1e6, process.returncode)


def pairs(first: Sequence[str], second: Sequence[str], times: int) -> list[tuple[Usage, Usage]]:
    """Run two commands in turn, after one warm-up of each, so that a drifting machine touches both alike."""
    run(first), run(second)
    return [(run(first), run(second)) for _ in range(times)]


def median_ratio(measured: Sequence[tuple[Usage, Usage]]) -> float:
    """Return the median over pairs of CPU time of the first by that of the second."""
    return statistics.median(a.cpu / b.cpu for a, b in measured)
