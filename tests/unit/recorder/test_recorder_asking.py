"""Asking again: only where it may help, after pauses that grow, never before the target wants it."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from twokey.recorder.asking import FIRST_PAUSE, LONGEST_PAUSE, LONGEST_WAIT, Asker, StoppedError
from twokey.targets.base import Reply, Request, TargetError

ASKED = Request(id="1", text="?", fields={})
BUSY = TargetError("busy", "later", again=True)


@dataclass
class Scripted:
    """A target that does one thing after the other."""

    script: Iterable[TargetError | Reply]
    attempts: int = 5
    at_once: int = 1
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.script = iter(self.script)

    def ask(self, _: Request) -> Reply:
        found = next(iter(self.script))
        if isinstance(found, TargetError):
            raise found
        return found

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self.pauses.append(seconds)
        return stop.is_set()


def asker(target: Scripted, chance: float) -> Asker:
    return Asker(target, lambda: chance, target.wait)  # type: ignore[arg-type]  # it is asked, and never built


def test_a_reply_ends_it_and_tries_are_counted() -> None:
    target = Scripted([BUSY, BUSY, Reply(text="yes")])
    found = asker(target, 1.0).ask(ASKED)
    assert (found.reply, found.error, found.attempts) == (Reply(text="yes"), None, 3)
    assert target.pauses == [FIRST_PAUSE * 2, FIRST_PAUSE * 4]


def test_the_last_error_is_what_stays() -> None:
    last = TargetError("timeout", "slow", again=True)
    found = asker(Scripted([BUSY] * 4 + [last, Reply(text="never asked for")]), 0.0).ask(ASKED)
    assert (found.reply, found.error, found.attempts) == (None, last, 5)


def test_what_does_not_get_better_is_not_asked_again() -> None:
    target = Scripted([TargetError("refused", "HTTP 401"), Reply(text="never asked for")])
    found = asker(target, 1.0).ask(ASKED)
    assert (found.error and found.error.fault, found.attempts, target.pauses) == ("refused", 1, [])


def test_pauses_grow_to_a_limit_and_chance_is_in_all_of_them() -> None:
    for chance in (0.0, 0.25, 1.0):
        target = Scripted([BUSY] * 20, attempts=20)
        asker(target, chance).ask(ASKED)
        longest = [min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt) for attempt in range(1, 20)]
        assert target.pauses == [chance * pause for pause in longest]


def test_it_never_comes_back_before_the_target_wants_it() -> None:
    target = Scripted(
        [TargetError("busy", "later", again=True, after=after) for after in (3.0, 90.0)] + [Reply(text="")]
    )
    asker(target, 0.0).ask(ASKED)
    assert target.pauses == [3.0, 90.0]


def test_a_target_that_wants_to_be_left_alone_for_long_is() -> None:
    target = Scripted([TargetError("busy", "tomorrow", again=True, after=LONGEST_WAIT + 1), Reply(text="")])
    found = asker(target, 0.0).ask(ASKED)
    assert (found.error and found.error.message, target.pauses) == ("tomorrow", [])


def test_stopping_ends_a_pause_at_once() -> None:
    target = Scripted([TargetError("busy", "later", again=True, after=500.0), Reply(text="never asked for")])
    waiting = Asker(target)  # type: ignore[arg-type]  # it is asked, and never built
    waiting.stop()
    with pytest.raises(StoppedError):
        waiting.ask(ASKED)
