"""Real repositories for tests of what is kept in a ref: made by the real Git, with no settings of the machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

ANN = "ann@example.com"
SHORT = "0123456789ab"
REF = "refs/twokey/decisions"
GIT = shutil.which("git")
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Mal",
    "GIT_AUTHOR_EMAIL": "mal@example.com",
    "GIT_COMMITTER_NAME": "Mal",
    "GIT_COMMITTER_EMAIL": "mal@example.com",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository in a directory, with the Git that a person would type."""

    directory: Path

    def git(self, *arguments: str, given: bytes = b"") -> str:
        """Return what Git prints, without the last line's end."""
        done = subprocess.run(
            [str(GIT), *arguments], cwd=self.directory, env=ENVIRONMENT, input=given, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def blob(self, data: bytes) -> str:
        """Write a blob; return its object."""
        return self.git("hash-object", "-w", "--stdin", given=data)

    def tree(self, *entries: tuple[str, str, bytes]) -> str:
        """Write a tree of exactly these modes, objects and names, odd ones too; return its object."""
        raw = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for mode, oid, name in entries)
        return self.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=raw)

    def keep(self, *entries: tuple[str, str, bytes], short: str = SHORT, ref: str = REF) -> None:
        """Make a ref whose one folder has these entries, on top of what it held."""
        whole = self.tree(("40000", self.tree(*entries), short.encode()))
        self.commit(whole, ref)

    def commit(self, tree: str, ref: str = REF) -> None:
        """Put a commit of a tree on top of a ref."""
        known = self.git("for-each-ref", "--format=%(objectname)", ref)
        parents = ("-p", known) if known else ()
        self.git("update-ref", ref, self.git("commit-tree", tree, *parents, "-m", "by hand"))

    def names(self, ref: str = REF) -> set[str]:
        """Return the paths that a ref holds."""
        return set(self.git("ls-tree", "-r", "--name-only", ref).splitlines())


def repository(directory: Path, *arguments: str) -> Repository:
    """Make a repository; skips where there is no Git."""
    if GIT is None:
        pytest.skip("git is not installed here, and repositories are made with the real one")
    directory.mkdir(parents=True)
    made = Repository(directory=directory)
    made.git("init", "-q", *arguments)
    return made


def at_once(script: str, rows: Iterable[tuple[str, ...]]) -> list[subprocess.CompletedProcess[str]]:
    """Run a Python script in one process for each row of arguments, all at the same time, until all have ended."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, *row], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for row in rows
    ]
    ended = []
    for process in started:
        out, complaints = process.communicate()
        ended.append(subprocess.CompletedProcess(process.args, process.returncode, out, complaints))
    return ended
