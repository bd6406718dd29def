"""Calling Git so that nobody but the system's owner can bend it.

The program stands at a fixed absolute place, never PATH, never inside the workspace, and gets an environment that holds
nothing of ours. It works in a private bare Git directory (`objects` makes it), so no repository's config, hooks,
attributes or remotes are read. What is asked, and what an answer means, is no question for this file.
"""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from twokey.errors import Place, TwokeyError
from twokey.signers.keygen import find, last_line
from twokey.values import dataclass

PLACES = (
    "/usr/bin/git",
    "/usr/local/bin/git",
    "/opt/homebrew/bin/git",
    "/run/current-system/sw/bin/git",
    r"C:\Program Files\Git\cmd\git.exe",
)
SECONDS = 120
MAX_OUTPUT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What Git said: its exit status, what it printed, and the last line of its complaints."""

    status: int
    out: bytes
    complaint: str


def find_git(workspace: Path) -> Path | None:
    """Return the system's Git, or None where there is none outside the workspace."""
    return find(PLACES, workspace)


def clean_environment(room: Path) -> dict[str, str]:
    """Return the whole environment that Git gets."""
    fixed = {
        "GIT_DIR": str(room),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "HOME": str(room),
        "LC_ALL": "C",
    }
    return {**fixed, "SYSTEMROOT": r"C:\Windows"} if os.name == "nt" else fixed


def ask(program: Path, room: Path, arguments: Sequence[str], *, max_bytes: int = MAX_OUTPUT_BYTES) -> Answer:
    """Run Git in a private directory and return what it said.

    Raises:
        TwokeyError: it cannot be started, gives no answer in 120 seconds, or prints more than `max_bytes`.
    """
    with tempfile.TemporaryFile(dir=room) as complaints:
        process = start(program, room, arguments, subprocess.DEVNULL, complaints)
        try:
            assert process.stdout is not None  # noqa: S101  # it is a pipe
            with Deadline(process):
                printed = process.stdout.read(max_bytes + 1)
                status = process.wait() if len(printed) <= max_bytes else 0
        finally:
            end(process, os.getpid())
        complaints.seek(0)
        complaint = last_line(complaints.read(65536))
    if len(printed) > max_bytes:
        raise TwokeyError(f"git {arguments[0]} printed more than the {max_bytes:,} bytes allowed")
    if status < 0:
        raise TwokeyError(f"git {arguments[0]} was ended: no answer in {SECONDS} seconds, or somebody stopped it")
    return Answer(status, printed, complaint)


def start(
    program: Path, room: Path, arguments: Sequence[str], stdin: int, stderr: int | IO[bytes]
) -> "subprocess.Popen[bytes]":
    """Start Git in a private directory. Raises TwokeyError where it cannot be started."""
    try:
        return subprocess.Popen(  # noqa: S603  # an absolute path that the caller cannot choose, a list, no shell
            [str(program), *arguments],
            cwd=room,
            env=clean_environment(room),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
    except OSError as error:
        raise TwokeyError(f"git cannot be started: {error.strerror}", where=Place(file=str(program))) from None


class Deadline:
    """Kills a process that is being waited for longer than 120 seconds: a context around each wait."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Start watching, in a thread that ends with the process."""
        self._process = process
        self._since: float | None = None
        threading.Thread(target=self._watch, daemon=True).start()

    def __enter__(self) -> None:
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._since = None

    def _watch(self) -> None:
        while self._process.poll() is None:
            since = self._since
            if since is not None and time.monotonic() - since > SECONDS:
                self._process.kill()
                return
            time.sleep(min(SECONDS / 4, 0.5))


def end(process: "subprocess.Popen[bytes]", owner: int) -> None:
    """End a process that the process `owner` started; a forked worker leaves its parent's alone."""
    if os.getpid() != owner:
        return
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was still to be written to a process that has ended
                pipe.close()
