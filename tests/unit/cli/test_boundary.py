"""The one door out: every kind of leaving has its status, and what reaches the person is what they can use."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from persona import Home

from twokey.cli import app as commands
from twokey.cli.boundary import main, run
from twokey.errors import ConfigError, Place, Problem, TwokeyError


@pytest.fixture
def leaves(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | int | None], int]:
    """Run a command that leaves as told; the status."""

    def leave(how: BaseException | int | None) -> int:
        def told(**_: object) -> int | None:
            if isinstance(how, BaseException):
                raise how
            return how

        monkeypatch.setattr(commands, "app", told)
        return run(["whatever"])

    return leave


@pytest.mark.parametrize(
    ("how", "status", "told"),
    [
        (None, 0, ""),
        (3, 3, ""),
        (typer.Exit(1), 1, ""),
        (typer.Exit(0), 0, ""),
        (typer.BadParameter("--so and --so exclude each other"), 2, "exclude each other"),
        (ConfigError([Problem(message="first"), Problem(message="second")]), 2, "twokey: first\ntwokey: second\n"),
        (
            TwokeyError("is gone", where=Place(file="a.yaml", line=3), hint="look"),
            4,
            "twokey: a.yaml:3: is gone (look)",
        ),
        (KeyboardInterrupt(), 130, "interrupted"),
        (typer.Abort(), 130, "interrupted"),
        (EOFError(), 130, "interrupted"),
        (ZeroDivisionError("division"), 4, "unexpected fault: ZeroDivisionError: division"),
        (RecursionError("deep"), 4, "unexpected fault"),
        (MemoryError(), 4, "unexpected fault: MemoryError"),
        (OSError(28, "No space left on device"), 4, "No space left"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), 4, "unexpected fault"),
    ],
)
def test_each_way_of_leaving_has_its_status(
    leaves: Callable[[BaseException | int | None], int],
    capsys: pytest.CaptureFixture[str],
    how: BaseException | int | None,
    status: int,
    told: str,
) -> None:
    assert leaves(how) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err
    assert "Traceback" not in captured.err


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fault(**_: object) -> None:
        raise ZeroDivisionError("division")

    monkeypatch.setattr(commands, "app", fault)
    with pytest.raises(SystemExit) as leaving:
        main(["run", "--debug"])
    assert leaving.value.code == 4
    assert "Traceback" in capsys.readouterr().err


def test_a_message_from_elsewhere_is_shown_and_not_obeyed(
    leaves: Callable[[BaseException | int | None], int], capsys: pytest.CaptureFixture[str]
) -> None:
    leaves(TwokeyError("::error::x\x1b[2J\u202e"))
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "\u202e" not in told


def twokey(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "twokey", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_python_m_twokey_is_the_same_command(home: Home) -> None:
    assert twokey("--version").stdout == home.twokey("--version").out
    missing = twokey("verify")
    assert missing.returncode == 4
    assert missing.stdout == ""
    assert missing.stderr == home.twokey("verify").err


def test_a_listener_that_leaves_changes_no_status(home: Home) -> None:
    home.twokey("init")
    command = f"set -o pipefail; {sys.executable} -m twokey run --format html | head -c 10"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_help_that_nobody_reads_is_no_fault(home: Home) -> None:
    command = f"{sys.executable} -m twokey explain | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=home.directory)
    assert done.stderr == ""


def test_a_narrow_encoding_changes_no_status(home: Home) -> None:
    home.twokey("init")
    config = home.directory / "gates.yaml"
    config.write_text(config.read_text().replace("name: triage", "name: trïage名"), encoding="utf-8")
    done = twokey("run", PYTHONIOENCODING="ascii")
    assert done.returncode == 3, done.stderr
    assert "tr\\xefage" in done.stdout


def test_a_closed_stdout_is_no_pass(home: Home) -> None:
    home.twokey("init")
    command = f"{sys.executable} -m twokey run >&-"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=home.directory)
    assert done.returncode != 0


def test_an_interrupted_run_leaves_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.twokey("init")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("twokey.sweep.sweep", interrupted)
    assert home.twokey("run").status == 130
    assert not (home.directory / ".twokey").exists()


def test_stdout_may_be_anything_that_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with pytest.raises(SystemExit) as leaving:
        main(["--version"])
    assert leaving.value.code == 0
    assert Path.cwd().is_dir()
