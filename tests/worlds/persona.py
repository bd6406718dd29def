"""A person at a keyboard, for tests that go the whole way: real keys, real files, commands run in this process."""

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

from twokey.cli.boundary import run


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: its status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Home:
    """A person with a home of their own: a directory to work in, Git's identity, and a real SSH key."""

    directory: Path
    key: Path

    @property
    def public(self) -> str:
        return " ".join(self.key.with_suffix(".pub").read_text().split()[:2])

    def twokey(self, *arguments: str) -> Outcome:
        """Run a command in this process, where coverage sees it."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run(list(arguments))
        return Outcome(status, out.getvalue(), err.getvalue())
