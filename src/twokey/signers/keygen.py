"""Finding and calling the system's own `ssh-keygen`, in a way that nobody but the system's owner can bend.

Fixed absolute places, never PATH; never inside the working directory; a private temporary directory; an environment
that holds nothing but what it is given. Decides nothing about who may sign.
"""

import errno
import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from twokey.signers.base import Signature

PLACES = (
    "/usr/bin/ssh-keygen",
    "/usr/local/bin/ssh-keygen",
    "/opt/homebrew/bin/ssh-keygen",
    r"C:\Windows\System32\OpenSSH\ssh-keygen.exe",
)
VERIFY_SECONDS = 20
SIGN_SECONDS = 300  # somebody may have to find a passphrase or touch a key
AGREES = "agrees"
MISSING = "not cross-checked: no ssh-keygen"
TOO_OLD = "not cross-checked: this ssh-keygen knows no -Y"
TOO_OLD_FOR_KEY = "not cross-checked: this ssh-keygen does not know this kind of key"
TOO_OLD_FOR_BROWSER = "not cross-checked: this ssh-keygen does not know WebAuthn"
NOT_STARTED = frozenset({errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOEXEC})
"""What says that the program is as good as missing; any other failure may pass, and is no leave to go without it."""
PRINCIPAL = "signer"


def find(places: Sequence[str], workspace: Path) -> Path | None:
    """Return the first executable regular file among absolute `places` that is outside the workspace, or None."""
    inside = workspace.resolve()
    for place in map(Path, places):
        if not place.is_absolute():
            continue
        real = place.resolve()
        if inside != Path(inside.anchor) and real.is_relative_to(inside):
            continue
        if real.is_file() and os.access(real, os.X_OK) and not _writable_by_all(real):
            return real
    return None


def run(
    keygen: Path, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], stdin: bytes, seconds: int
) -> subprocess.CompletedProcess[bytes]:
    """Call ssh-keygen in a private folder, with an empty HOME; raises OSError or subprocess.TimeoutExpired."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    clean = {"LC_ALL": "C", "HOME": str(home), **environment}
    if os.name == "nt":
        clean.setdefault("SYSTEMROOT", r"C:\Windows")
    return subprocess.run(  # noqa: S603  # an absolute path that the caller cannot choose, a list of arguments, no shell
        [str(keygen), *arguments], cwd=folder, env=clean, input=stdin, capture_output=True, timeout=seconds, check=False
    )


def crosscheck(keygen: Path | None, data: bytes, armored: bytes, namespace: str, mine: Signature) -> Signature:
    """Return `mine`, a good signature, with what ssh-keygen says of the same bytes; what it does not accept is refused.

    Only a program that is missing, or that says it does not know this kind of thing, is done without.
    """
    if keygen is None:
        return replace(mine, crosscheck=MISSING)
    try:
        done = _verify(keygen, data, armored, namespace, mine.key or "")
    except subprocess.TimeoutExpired:
        return _refused(mine, f"ssh-keygen gave no answer in {VERIFY_SECONDS} seconds")
    except OSError as error:
        if error.errno in NOT_STARTED and error.filename == str(keygen):
            return replace(mine, crosscheck=f"not cross-checked: ssh-keygen cannot be started: {error.strerror}")
        return _refused(mine, f"ssh-keygen could not be asked: {error.strerror}")
    if done.returncode == 0:
        return replace(mine, crosscheck=AGREES)
    if ignorance := _ignorance(done.stderr, mine):
        return replace(mine, crosscheck=ignorance)
    said = last_line(done.stderr) or last_line(done.stdout)
    return _refused(mine, f"ssh-keygen refuses it: {said or f'status {done.returncode}'}")


def _verify(keygen: Path, data: bytes, armored: bytes, namespace: str, key: str) -> subprocess.CompletedProcess[bytes]:
    """Run `ssh-keygen -Y verify` with an allowed_signers of one line, made here for that key and namespace alone."""
    with tempfile.TemporaryDirectory(prefix="twokey-") as name:
        folder = Path(name)
        allowed, signature = folder / "allowed_signers", folder / "signature"
        allowed.write_text(f'{PRINCIPAL} namespaces="{namespace}" {key}\n', encoding="ascii", newline="\n")
        signature.write_bytes(armored)
        arguments = ["-Y", "verify", "-f", str(allowed), "-I", PRINCIPAL, "-n", namespace, "-s", str(signature)]
        return run(keygen, arguments, folder=folder, environment={}, stdin=data, seconds=VERIFY_SECONDS)


def _ignorance(stderr: bytes, mine: Signature) -> str | None:
    """Say what the program does not know, by its own words; None where it knew enough to judge.

    Its words: no -Y before OpenSSH 8.1; no security keys before 8.2, or built without; no WebAuthn before 8.4.
    """
    if re.match(rb"(?:[^\n]*: )?(?:unknown|illegal|invalid) option -- '?Y", stderr):
        return TOO_OLD
    if re.search(rb": unknown or unsupported key type\r?$", stderr, re.MULTILINE):
        return TOO_OLD_FOR_KEY
    if mine.origin is not None and re.search(rb"failed: key type does not match\r?$", stderr, re.MULTILINE):
        return TOO_OLD_FOR_BROWSER
    return None


def last_line(output: bytes) -> str:
    """Return the last line that a program printed, as printable ASCII, at most 200 characters."""
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return ascii(lines[-1][:200])[1:-1] if lines else ""


def _writable_by_all(path: Path) -> bool:
    return os.name != "nt" and bool(path.stat().st_mode & stat.S_IWOTH)


def _refused(mine: Signature, reason: str) -> Signature:
    return replace(mine, valid=False, reason=reason, crosscheck="disagrees")
