"""Real Git repositories for tests: people who commit, branch, merge and squash in a directory of their own.

Made with the git that is installed, in an environment that holds nothing of this machine's settings, at fixed dates:
the same steps give the same commits.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

GIT = shutil.which("git")
START = 1_790_000_000  # 2026-09-21; a commit a minute from there
PAT = "Pat Doe <pat@example.com>"


def need_git() -> str:
    if GIT is None:
        pytest.skip("git is not installed here, and repositories are made with the real one")
    return GIT


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with a working tree. `write` and `commit` are what a person would do in it."""

    directory: Path
    minutes: Iterator[int] = field(default_factory=count)

    @classmethod
    def made(cls, directory: Path, *options: str) -> "Repository":
        """An empty repository on branch main."""
        directory.mkdir(parents=True)
        made = cls(directory)
        made.git("init", "-q", "-b", "main", *options)
        return made

    def git(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> str:
        """Run git here; return what it printed, stripped."""
        clean = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.directory.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "Pat Doe",
            "GIT_AUTHOR_EMAIL": "pat@example.com",
            "GIT_COMMITTER_NAME": "Pat Doe",
            "GIT_COMMITTER_EMAIL": "pat@example.com",
            **(environment or {}),
        }
        done = subprocess.run(
            [need_git(), "-c", "protocol.file.allow=always", *arguments],
            cwd=self.directory,
            env=clean,
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert not check or done.returncode == 0, (arguments, done.stderr.decode("utf-8", "replace"))
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files by path; None deletes one."""
        for name, content in files.items():
            path = self.directory / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(
        self,
        files: Mapping[str, str | bytes | None] | None = None,
        *,
        author: str = PAT,
        committer: str | None = None,
        message: str = "work",
    ) -> str:
        """Write files and commit everything, as `Name <address>`; return the commit. Nothing to commit is a commit."""
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, environment=self._people(author, committer))
        return self.head()

    def merge(
        self, branch: str, *options: str, author: str = PAT, files: Mapping[str, str | bytes] | None = None
    ) -> str:
        """Merge a branch; with `files`, what the merge commit holds on top: an evil merge."""
        people = self._people(author, None)
        self.git("merge", "-q", "--no-ff", "--no-commit", *options, branch, environment=people)
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"Merge {branch}", environment=people)
        return self.head()

    def squash(self, branch: str, *, author: str = PAT, committer: str | None = None) -> str:
        """Bring all of a branch in one commit, as a host's squash button does."""
        people = self._people(author, committer)
        self.git("merge", "-q", "--squash", branch, environment=people)
        self.git("commit", "-q", "-m", f"Squash {branch}", environment=people)
        return self.head()

    def branch(self, name: str, at: str = "HEAD") -> None:
        """Start a branch and go to it."""
        self.git("checkout", "-q", "-B", name, at)

    def go(self, name: str) -> None:
        """Check out a branch or a commit."""
        self.git("checkout", "-q", name)

    def head(self, name: str = "HEAD") -> str:
        return self.git("rev-parse", name)

    def remote_ref(self, branch: str, at: str | None = None) -> None:
        """Set `refs/remotes/origin/BRANCH`, as a clone or a fetch does."""
        self.git("update-ref", f"refs/remotes/origin/{branch}", at or branch)

    def clone(self, directory: Path, *options: str) -> "Repository":
        """Clone as CI does, over the file protocol so that depth counts."""
        self.git("clone", "-q", *options, self.directory.as_uri(), str(directory))
        return Repository(directory, self.minutes)

    def _people(self, author: str, committer: str | None) -> dict[str, str]:
        date = f"{START + 60 * next(self.minutes)} +0000"
        out = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        for part, person in (("AUTHOR", author), ("COMMITTER", committer or author)):
            name, _, address = person.partition(" <")
            out |= {f"GIT_{part}_NAME": name, f"GIT_{part}_EMAIL": address.removesuffix(">")}
        return out


def github_request(
    folder: Path,
    *,
    base: str = "main",
    opener: str = "mallory",
    sender: str | None = None,
    actor: str | None = None,
    head: str | None = None,
    before: str | None = None,
    labels: tuple[str, ...] = (),
) -> dict[str, str]:
    """The environment of a GitHub pull request's job, with its event written to a file in `folder`."""
    request: dict[str, Any] = {
        "base": {"ref": base},
        "user": {"login": opener},
        "labels": [{"name": label} for label in labels],
    }
    event: dict[str, Any] = {"action": "opened", "pull_request": request, "sender": {"login": sender or opener}}
    if head is not None:
        request["head"] = {"sha": head}
    if before is not None:
        event |= {"action": "synchronize", "before": before, "after": head}
    path = folder / "event.json"
    path.write_text(json.dumps(event))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_BASE_REF": base,
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_ACTOR": actor or sender or opener,
        "GITHUB_TRIGGERING_ACTOR": actor or sender or opener,
    }


def gitlab_request(*, base: str = "main", head: str = "", starter: str = "mallory", labels: str = "") -> dict[str, str]:
    """The environment of a GitLab merge request's job."""
    return {
        "GITLAB_CI": "true",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": base,
        "CI_COMMIT_SHA": head,
        "GITLAB_USER_LOGIN": starter,
        "GITLAB_USER_EMAIL": f"{starter}@example.com",
        **({"CI_MERGE_REQUEST_LABELS": labels} if labels else {}),
    }
