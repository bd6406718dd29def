"""Engines: the same results in the same order whichever runs, errors whole, and no worker left behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from shard_tasks import backwards, die, fail, touch

from twokey.engines import ENGINES, build_engine
from twokey.errors import ConfigError, MissingExtraError, Place, Problem, TwokeyError

ALL = [build_engine(name, 2) for name in ENGINES]


@pytest.mark.parametrize("engine", ALL, ids=lambda engine: engine.name)
def test_results_come_in_the_order_of_the_shards(engine: Any) -> None:
    found = list(engine.map(backwards, range(8)))
    assert [number for number, _ in found] == list(range(8))
    assert len({process for _, process in found}) <= engine.width
    assert list(engine.map(backwards, [])) == []
    assert multiprocessing.active_children() == []


def test_processes_work_beside_this_one() -> None:
    found = list(build_engine("processes", 2).map(backwards, range(8)))
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.parametrize("engine", ALL, ids=lambda engine: engine.name)
@pytest.mark.parametrize(
    "error",
    [
        TwokeyError("bad", where=Place(file="a", line=3), hint="mend it"),
        ConfigError([Problem(message="one"), Problem(message="two", where=Place(file="b"))]),
        MissingExtraError("pyarrow", "parquet", "reading"),
    ],
)
def test_what_a_task_raises_arrives_whole(engine: Any, error: TwokeyError) -> None:
    results = engine.map(partial(fail, error), range(8))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(type(error)) as caught:
        next(results)
    assert caught.value.problems == error.problems
    assert str(caught.value) == str(error)
    assert caught.value.status == error.status
    wait_for_no_children()


def test_a_worker_that_dies_is_an_error_that_names_the_shard() -> None:
    with pytest.raises(TwokeyError, match=r"a worker process died at [0-3] or one of the next few shards") as caught:
        list(build_engine("processes", 2).map(die, range(8)))
    assert caught.value.status == 4
    wait_for_no_children()


def test_only_a_few_tasks_run_ahead_of_who_reads(tmp_path: Path) -> None:
    results = build_engine("processes", 2).map(partial(touch, str(tmp_path)), range(40))
    assert next(results) == 0
    time.sleep(0.3)
    assert len(list(tmp_path.iterdir())) <= 5
    assert list(results) == list(range(1, 40))


def test_workers_end_when_nobody_wants_the_rest() -> None:
    results = build_engine("processes", 2).map(backwards, range(40))
    next(results)
    results.close()  # type: ignore[attr-defined]
    wait_for_no_children()


def wait_for_no_children() -> None:
    deadline = time.monotonic() + 10
    while multiprocessing.active_children():
        assert time.monotonic() < deadline, "a worker is left behind"
        time.sleep(0.02)


INTERRUPTED = """
import time, sys
from twokey.engines import build_engine
if __name__ == "__main__":
    try:
        for item in build_engine("processes", 2).map(time.sleep, [0.01] * 2 + [30] * 10):
            print("one", flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(130)
"""


def test_an_interrupt_ends_all_quickly_and_quietly(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED)
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "one\n"
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the whole group
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    assert out.endswith("interrupted\n")
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("jobs", [0, -1])
def test_there_is_at_least_one_job(jobs: int) -> None:
    with pytest.raises(TwokeyError, match=f"{jobs} jobs cannot do any work"):
        build_engine("processes", jobs)


def test_an_unknown_engine_names_the_nearest() -> None:
    with pytest.raises(TwokeyError, match=r"there is no engine called 'process' \(did you mean processes\?\)"):
        build_engine("process")


def test_width_is_what_runs_at_once() -> None:
    assert build_engine("serial", 5).width == 1
    assert build_engine("processes", 5).width == 5
    assert build_engine("processes").width >= 1


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_says_what_it_is(name: str) -> None:
    kind = ENGINES[name]
    assert kind.name == name
    assert kind.summary
    assert len(kind.__doc__ or "") > 100
