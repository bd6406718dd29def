"""What worker processes do in the tests of engines: in a module of its own, so that any process can import it."""

import os
import signal
import time
from pathlib import Path

from twokey.errors import TwokeyError


def backwards(number: int) -> tuple[int, int]:
    """Take longer the earlier it is, so that the order of ending is not the order of starting."""
    time.sleep(0.02 * (8 - number))
    return number, os.getpid()


def fail(error: TwokeyError, number: int) -> int:
    if number == 3:
        raise error
    return number


def die(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def touch(folder: str, number: int) -> int:
    (Path(folder) / str(number)).touch()
    return number
