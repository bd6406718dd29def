"""Asking a target until it answers or there is no use: pauses that grow, with chance in them, and what it asks for.

What comes out is a value: a reply, or an error with its class. How a reply is understood is not known here.
"""

import random
import time
from collections.abc import Callable
from threading import Event

from twokey.errors import TwokeyError
from twokey.targets.base import Reply, Request, Target, TargetError
from twokey.values import dataclass

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
LONGEST_WAIT = 600.0
"""Seconds that a target may ask to be left alone; one that asks for more is not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of one request: a reply, or the error of the last try. `seconds` are those of the last try alone."""

    reply: Reply | None = None
    error: TargetError | None = None
    attempts: int
    at: float
    seconds: float


class StoppedError(TwokeyError):
    """Asking was given up from outside; nothing is known of the request."""


class Asker:
    """Asks a target, from as many threads as it takes."""

    def __init__(
        self,
        target: Target,
        chance: Callable[[], float] = random.random,
        wait: Callable[[Event, float], bool] = Event.wait,
    ) -> None:
        """Take the target, where chance from 0 to 1 comes from, and how a pause is sat out."""
        self._target = target
        self._chance = chance
        self._wait = wait
        self._stop = Event()

    def stop(self) -> None:
        """Try nothing again, and end all pauses."""
        self._stop.set()

    def ask(self, request: Request) -> Answered:
        """Ask until there is a reply, an error that stays, or no attempt left.

        Raises:
            StoppedError: asking was stopped meanwhile.
        """
        attempt = 0
        while True:
            attempt += 1
            at, clock = time.time(), time.perf_counter()
            try:
                reply = self._target.ask(request)
                return Answered(reply=reply, attempts=attempt, at=at, seconds=time.perf_counter() - clock)
            except TargetError as error:
                seconds = time.perf_counter() - clock
                pause = self._pause(attempt, error)
                if pause is None:
                    return Answered(error=error, attempts=attempt, at=at, seconds=seconds)
            if self._wait(self._stop, pause):
                raise StoppedError("stopped")

    def _pause(self, attempt: int, error: TargetError) -> float | None:
        """Return the seconds until the next try, None where there is none.

        Exponential with full jitter, so that many that were refused together do not come back together; never before
        the target wants it.
        """
        after = error.after or 0.0
        if not error.again or attempt >= self._target.attempts or after > LONGEST_WAIT:
            return None
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**attempt)
        return after + self._chance() * longest
