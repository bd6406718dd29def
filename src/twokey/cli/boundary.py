"""The one error boundary: what is expected, what is interrupted, what should not have happened, each with its status.

| what | status |
|---|---|
| an option or the content of a config is wrong | 2 |
| a check could not be made | 4 |
| an unexpected fault | 4, with the traceback where `--debug` is given |
| interrupted | 130 |
"""

import contextlib
import gc
import io
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

import typer

from twokey.cli.console import complain, flush, leave_nobody_listening
from twokey.errors import TwokeyError

# Typer carries a Click of its own, or uses the installed one, by its version: its classes are had through Typer.
UsageError: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
INTERRUPTED = 130
UNEXPECTED = 4


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _refuse_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a narrow encoding must not turn a verdict into a fault
    gc.set_threshold(50_000)  # collecting while modules load costs a tenth of a short command, and finds nothing
    debug = "--debug" in arguments
    status = run([argument for argument in arguments if argument != "--debug"], debug=debug)
    status = _handed_over(status)
    gc.freeze()  # or Python looks through all objects once more while it leaves: again a tenth, and nothing gained
    sys.exit(status)


def _refuse_closed_streams() -> None:
    """Leave at once where stdout is closed: a verdict that nobody can be told is none."""
    streams: dict[str, Any] = {"out": sys.stdout, "err": sys.stderr}  # None where the caller closed them
    if streams["err"] is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 open for as long as the process is
    if streams["out"] is None:
        complain("stdout is closed, so nothing could be told")
        sys.exit(UNEXPECTED)


def _handed_over(status: int) -> int:
    """Hand over what was printed and return the status; that of a fault where it could not be handed over."""
    try:
        flush()
    except (OSError, ValueError) as fault:
        complain(f"what was printed could not be handed over: {fault}")
        with contextlib.suppress(OSError, ValueError):
            leave_nobody_listening()  # or Python tries again while it leaves, and makes a status of its own
        return UNEXPECTED
    return status


def run(arguments: list[str], *, debug: bool = False) -> int:
    """Run the command line and return its exit status; every failure has been told on stderr."""
    try:
        from twokey.cli.app import app  # here, so that a fault while importing is told like any other

        return int(app(args=arguments, prog_name="twokey", standalone_mode=False) or 0)
    except typer.Exit as leaving:
        return leaving.exit_code
    except UsageError as error:
        error.show()
        return int(error.exit_code)
    except TwokeyError as error:
        for problem in error.problems:
            complain(str(problem))
        return error.status
    except (KeyboardInterrupt, typer.Abort, EOFError):
        complain("interrupted; nothing half-written was left behind")
        return INTERRUPTED
    except BrokenPipeError:
        leave_nobody_listening()
        return UNEXPECTED  # what was not told must not look like a pass
    except Exception as fault:
        if debug:
            traceback.print_exc()
        complain(f"unexpected fault: {type(fault).__name__}: {fault} (this is a bug; --debug shows where)")
        return UNEXPECTED
