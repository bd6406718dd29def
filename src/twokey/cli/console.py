"""Streams and colour: results on stdout, talk on stderr, progress only where somebody watches."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from twokey.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console


def say(text: str) -> None:
    """Print a result to stdout, plain; what is not printable is shown, never obeyed."""
    with _listened_to():
        sys.stdout.write(visible(text.rstrip("\n")) + "\n")


def flush() -> None:
    """Hand over what was printed to stdout."""
    with _listened_to():
        sys.stdout.flush()


@contextmanager
def _listened_to() -> Iterator[None]:
    """Go on without a listener where the one there was has left: `| head` must not change an exit status."""
    try:
        yield
    except BrokenPipeError:
        leave_nobody_listening()


def leave_nobody_listening() -> None:
    """Send what is printed to stdout from now on nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def talk(text: str) -> None:
    """Print a remark to stderr."""
    sys.stderr.write(visible(text) + "\n")


def complain(text: str) -> None:
    """Print an error to stderr."""
    talk(f"twokey: {text}")


def talking() -> "Console":
    """Return a Rich console on stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


@contextmanager
def progress(title: str) -> "Iterator[Callable[[int, int], None]]":
    """Show a bar on stderr while work goes on, where stderr is a terminal. Yields `advance(done, total)`."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=talking(), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
