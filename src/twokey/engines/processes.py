"""Work shared between processes of this machine. Knows nothing of what the tasks do."""

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, TypeVar

from twokey.errors import TwokeyError

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.context import BaseContext

S = TypeVar("S")
T = TypeVar("T")

LOOK_AHEAD = 2
"""Tasks under way or done but not yet given back, for each process."""


class ProcessesEngine:
    """Worker processes on this machine, one for each processor unless `--jobs` says otherwise. For millions of records.

    Workers are started from a clean server process where the system has one, never forked from this one, whose threads
    and locks they would inherit. Results come back in the order of the shards, and only a few are held, so memory stays
    flat. Starting costs some tenths of a second. A worker that is killed (mostly: out of memory) stops the run; fewer
    jobs, or the serial engine, help then.
    """

    name: ClassVar[str] = "processes"
    summary: ClassVar[str] = "worker processes on this machine"

    def __init__(self, jobs: int | None = None) -> None:
        """Take the number of processes; by default as many as there are processors for this process."""
        if jobs is not None and jobs < 1:
            raise TwokeyError(f"{jobs} jobs cannot do any work; expected at least 1")
        self._jobs = jobs or processors()

    @property
    def width(self) -> int:
        """The number of processes."""
        return self._jobs

    def map(self, task: Callable[[S], T], shards: Sequence[S]) -> Iterator[T]:
        """Yield `task(shard)` for each shard, in order. Raises what a task raises; TwokeyError where a worker died."""
        if len(shards) <= 1:
            yield from map(task, shards)  # starting a process for one task would only cost
            return
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        others = set(multiprocessing.active_children())
        pool = ProcessPoolExecutor(
            min(self._jobs, len(shards)), mp_context=_context(task), initializer=_ignore_interrupts
        )
        done = False
        try:
            yield from _in_order(pool, task, shards, ahead=self._jobs * LOOK_AHEAD)
            done = True
        finally:
            pool.shutdown(wait=done, cancel_futures=True)
            if not done:  # interrupted, failed, or nobody wants the rest
                for child in set(multiprocessing.active_children()) - others:
                    child.terminate()


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_order(pool: "ProcessPoolExecutor", task: Callable[[S], T], shards: Sequence[S], ahead: int) -> Iterator[T]:
    from concurrent.futures.process import BrokenProcessPool

    waiting: deque[tuple[S, Future[T]]] = deque()
    rest = iter(shards)
    try:
        while True:
            for shard in islice(rest, ahead - len(waiting)):
                waiting.append((shard, pool.submit(task, shard)))
            if not waiting:
                return
            yield waiting[0][1].result()
            waiting.popleft()
    except BrokenProcessPool:
        near = str(waiting[0][0]) if waiting else str(shards[0])
        raise TwokeyError(
            f"a worker process died at {near} or one of the next few shards (killed, or out of memory)",
            hint="try --engine serial, or fewer --jobs",
        ) from None


def _context(task: Callable[[S], T]) -> "BaseContext":
    import multiprocessing

    if sys.platform == "darwin" or "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([getattr(task, "func", task).__module__])
    return context


def _ignore_interrupts() -> None:
    # Ctrl+C reaches the whole group; the parent alone answers, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
