"""Writing objects and one ref with the system's own Git, in a way that nobody but the system's owner can bend.

Git works in a private directory that has the repository's object store and refs, and none of its config, hooks,
attributes, replace refs or grafts. Reading policy and changes is in `repository.git`, which writes nothing.
Nothing is collected as garbage from there: Git would take for unreachable whatever the private directory does not name.
"""

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from twokey.errors import Place, TwokeyError
from twokey.repository.checkout import Checkout, find_checkout
from twokey.repository.program import PLACES, clean_environment, find_git
from twokey.signers.keygen import last_line
from twokey.values import dataclass

SECONDS = 60
NETWORK_SECONDS = 300  # somebody may have to find a passphrase or touch a key
MAX_OUTPUT_BYTES = 320 * 1024 * 1024
IDENTITY = {"NAME": "twokey", "EMAIL": "twokey@localhost"}
PROTOCOLS = "file:git:http:https:ssh"
_PATH = "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin"
_OWN = {
    "core.hooksPath": os.devnull,
    "core.fsync": "all",
    "core.commitGraph": "false",
    "fetch.writeCommitGraph": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "push.recurseSubmodules": "no",
    "push.gpgSign": "false",
}
_PASSED_ON = (
    *("HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "USERPROFILE", "APPDATA"),
    *("http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "ALL_PROXY", "all_proxy"),
)


class GitRefusedError(TwokeyError):
    """Git ended with a failure. `said` is all that it printed, for telling a lost race from an inability."""

    def __init__(self, message: str, said: str) -> None:
        """Take what to tell a person, and all that Git said."""
        super().__init__(message)
        self.said = said


@dataclass(frozen=True, slots=True, kw_only=True)
class RefGit:
    """The system's Git on a checkout's objects. `program` is an absolute path outside of it."""

    program: Path
    checkout: Checkout

    @classmethod
    def open(cls, directory: Path) -> "RefGit":
        """Return Git on the checkout that a directory is in. Raises TwokeyError where there is no Git or checkout."""
        where = Place(file=str(directory))
        checkout = find_checkout(directory)
        if checkout is None:
            raise TwokeyError("is in no Git repository, and policy keeps decisions in one of its refs", where=where)
        program = find_git(checkout.root)
        if program is None:
            hint = f"install Git at one of {', '.join(PLACES)}"
            raise TwokeyError("there is no Git at a place that only the system's owner writes to", hint=hint)
        return cls(program=program, checkout=checkout)

    @contextmanager
    def private(self, *, shared_refs: bool = False) -> Iterator["Private"]:
        """Give Git in a private directory: with the repository's objects and, if asked for, its very refs."""
        common = self.checkout.common
        with tempfile.TemporaryDirectory(prefix="twokey-", ignore_cleanup_errors=True) as name:
            folder = Path(name) / "git"
            folder.mkdir()
            version = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
            extension = "[extensions]\n\tobjectFormat = sha256\n" if self.checkout.hexadecimals() == 64 else ""
            (folder / "config").write_text(version + extension, encoding="ascii")
            (folder / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
            (folder / "objects").mkdir()
            if cut := self.checkout.shallow():
                (folder / "shallow").write_text("".join(f"{commit}\n" for commit in cut), encoding="ascii")
            if shared_refs:
                _link(folder / "refs", common / "refs")
                _link(folder / "packed-refs", common / "packed-refs")
            else:
                (folder / "refs").mkdir()
            yield Private(program=self.program, folder=folder, objects=self.checkout.objects)

    def refuse_unknown_format(self) -> None:
        """Raise TwokeyError where nothing here says yet how objects are named, and it is not in the usual way."""
        if self.checkout.hexadecimals() == 40 and self.setting("extensions.objectformat") not in (None, "sha1"):
            where = Place(file=str(self.checkout.root))
            raise TwokeyError("has no commit yet", where=where, hint="make the first commit, then sign")

    def setting(self, name: str) -> str | None:
        """Return the last value of a setting in the repository's own file, its includes left out; None without one.

        Only for what a person would see and could name otherwise, such as a remote's address.
        """
        with self.private() as git:
            file = str(self.checkout.common / "config")
            try:
                values = git.run("config", "--file", file, "--no-includes", "-z", "--get-all", name).split(b"\0")
            except GitRefusedError:
                return None
        return values[-2].decode("utf-8", "surrogateescape") if len(values) > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """Git in a private directory, for as long as that is there."""

    program: Path
    folder: Path
    objects: Path

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        ok: tuple[int, ...] = (0,),
    ) -> bytes:
        """Return what a Git command prints. With an `environment` the person's own settings and keys are at hand.

        Raises:
            GitRefusedError: it ended with a failure.
            TwokeyError: it cannot be started, takes too long or prints too much.
        """
        seconds = SECONDS if environment is None else NETWORK_SECONDS
        options = [part for name, value in _OWN.items() for part in ("-c", f"{name}={value}")]
        with (
            tempfile.TemporaryFile(dir=self.folder) as given,
            tempfile.TemporaryFile(dir=self.folder) as complaints,
        ):
            given.write(stdin)
            given.seek(0)
            try:
                process = subprocess.Popen(  # noqa: S603  # an absolute path, a list of arguments, no shell
                    [str(self.program), *options, *arguments],
                    cwd=self.folder,
                    env=self._environment(environment),
                    stdin=given,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                )
            except OSError as error:
                raise TwokeyError(f"Git cannot be started: {error.strerror}", where=_at(self.program)) from None
            output = _output(process, arguments[0], seconds)
            complaints.seek(0)
            said = complaints.read(100_000)
        if process.returncode not in ok:
            why = _first_complaint(said) or f"status {process.returncode}"
            raise GitRefusedError(f"git {arguments[0]}: {why}", (output[:100_000] + said).decode("utf-8", "replace"))
        return output

    def _environment(self, person: Mapping[str, str] | None) -> dict[str, str]:
        clean = clean_environment(self.folder) | {
            "TZ": "UTC",
            "GIT_OBJECT_DIRECTORY": str(self.objects),
            "GIT_ALLOW_PROTOCOL": PROTOCOLS,
        }
        for part in ("AUTHOR", "COMMITTER"):
            clean |= {f"GIT_{part}_{name}": value for name, value in IDENTITY.items()}
        if person is None:
            return clean
        for name in ("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL"):
            del clean[name]
        return clean | {"PATH": _PATH} | {name: person[name] for name in _PASSED_ON if name in person}


def _output(process: subprocess.Popen[bytes], command: str, seconds: int) -> bytes:
    """Return what the process prints until it ends, and end it where it takes too long or prints too much."""
    if process.stdout is None:
        raise TwokeyError(f"git {command} has no output")
    late = threading.Timer(seconds, process.kill)
    late.start()
    try:
        with process, process.stdout as printed:
            output = printed.read(MAX_OUTPUT_BYTES + 1)
            if len(output) > MAX_OUTPUT_BYTES:
                process.kill()
                raise TwokeyError(f"git {command} printed more than {MAX_OUTPUT_BYTES:,} bytes")
    finally:
        late.cancel()
    if process.returncode < 0:
        raise TwokeyError(f"git {command} was stopped, by signal {-process.returncode}, or after {seconds} seconds")
    return output


def _link(place: Path, target: Path) -> None:
    try:
        place.symlink_to(target, target_is_directory=target.is_dir())
    except OSError as error:  # Windows asks for a right that not everybody has
        hint = "keep decisions in a folder, or sign where links can be made"
        raise TwokeyError(f"a link to the refs cannot be made: {error.strerror}", hint=hint) from None


def _first_complaint(said: bytes) -> str:
    """Return what went wrong out of all that Git printed, which often ends in advice."""
    line = next((line for line in said.splitlines() if line.startswith((b"fatal:", b"error:"))), said)
    return last_line(line)


def _at(path: Path) -> Place:
    return Place(file=str(path))
