"""The one error boundary: what is expected, what is interrupted, and what should not have happened, each with its status.

| what | status |
|---|---|
| an option or the content of a config is wrong | 2 |
| a check could not be made | 4 |
| an unexpected fault | 4, with the traceback where `--debug` is given |
| interrupted | 130 |
"""

import os
import sys
import traceback
from typing import NoReturn

import click

from twokey.cli.console import complain
from twokey.errors import TwokeyError

INTERRUPTED = 130
UNEXPECTED = 4


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    status = run([argument for argument in arguments if argument != "--debug"], debug=debug)
    sys.stdout.flush()
    sys.exit(status)


def run(arguments: list[str], *, debug: bool = False) -> int:
    """Run the command line and return its exit status; every failure has been told on stderr."""
    from twokey.cli.app import app  # here, so that a fault while importing is told like any other

    try:
        return int(app(args=arguments, prog_name="twokey", standalone_mode=False) or 0)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except TwokeyError as error:
        for problem in error.problems:
            complain(str(problem))
        return error.status
    except (KeyboardInterrupt, click.Abort, EOFError):
        complain("interrupted; nothing half-written was left behind")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as fault:
        if debug:
            traceback.print_exc()
        complain(f"unexpected fault: {type(fault).__name__}: {fault} (this is a bug; --debug shows where)")
        return UNEXPECTED
