"""Who is at the keyboard: Git's name and e-mail, and the SSH keys that could sign."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

NAMES = ("id_ed25519", "id_ecdsa", "id_rsa")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A key that could sign: the path to hand to the signer, and its public half in one line without comment.

    `path` is None where only an agent holds the key.
    """

    path: Path | None
    public: str


def git_setting(name: str, directory: Path) -> str | None:
    """Return a setting of the person's Git, or None."""
    return _asked(["git", "-C", str(directory), "config", "--get", name])


def default_branch(directory: Path) -> str:
    """Return the branch that the remote calls its own, as a clone remembers it; else `main`."""
    found = _asked(["git", "-C", str(directory), "symbolic-ref", "--short", "refs/remotes/origin/HEAD"])
    return (found or "origin/main").removeprefix("origin/")


def in_checkout(directory: Path) -> bool:
    """Return whether the directory lies in a Git checkout."""
    return _asked(["git", "-C", str(directory), "rev-parse", "--is-inside-work-tree"]) == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to put into a roster; `key` is a public key in one line without comment."""

    principal: str
    name: str
    key: str | None
    roles: tuple[str, ...] = ("product", "risk")


def person_here(directory: Path, environment: Mapping[str, str]) -> Person:
    """Return who is at the keyboard: Git's identity, else the login's name, and the first SSH key that could sign."""
    email = git_setting("user.email", directory)
    user = environment.get("USER") or environment.get("USERNAME") or "me"
    name = git_setting("user.name", directory) or user
    keys = [found.public for found in key_files(environment)] + list(agent_keys(environment))
    return Person(principal=(email or f"{user}@localhost").lower(), name=name, key=next(iter(keys), None))


def key_files(environment: Mapping[str, str]) -> Iterator[KeyFile]:
    """Yield the keys found in ~/.ssh, the usual names first, then others with a public half there."""
    folder = Path(environment.get("HOME", "~")).expanduser() / ".ssh"
    names = [folder / f"{name}.pub" for name in NAMES]
    names += [path for path in sorted(folder.glob("*.pub")) if path not in names] if folder.is_dir() else []
    for path in names:
        public = public_line(path)
        if public:
            private = path.with_suffix("")
            yield KeyFile(path=private if private.is_file() else path, public=public)


def public_line(path: Path) -> str | None:
    """Return the public key in a .pub file as `type base64`, or None where there is none."""
    try:
        parts = path.read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return None
    return " ".join(parts[:2]) if len(parts) >= 2 and parts[0].startswith(("ssh-", "ecdsa-", "sk-")) else None


def agent_keys(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the public keys that a running SSH agent holds."""
    listed = _asked(["ssh-add", "-L"]) if environment.get("SSH_AUTH_SOCK") else None
    lines = (line.split() for line in (listed or "").splitlines())
    return tuple(" ".join(parts[:2]) for parts in lines if len(parts) >= 2)


def _asked(command: list[str]) -> str | None:
    program = shutil.which(command[0])
    if program is None:
        return None
    answer = subprocess.run(  # noqa: S603 fixed arguments, no shell
        [program, *command[1:]], capture_output=True, text=True, check=False, timeout=10
    )
    return answer.stdout.strip() or None if answer.returncode == 0 else None
