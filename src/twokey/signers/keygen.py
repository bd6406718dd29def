"""Finding and calling the system's own `ssh-keygen`, in a way that nobody but the system's owner can bend.

Fixed absolute places, never PATH; never inside the working directory; a private temporary directory; an environment
that holds nothing but what it is given. Decides nothing about who may sign.
"""

import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
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
    """Call ssh-keygen in a private folder, which is also its HOME; raises OSError or subprocess.TimeoutExpired."""
    clean = {"LC_ALL": "C", "HOME": str(folder), **environment}
    if os.name == "nt":
        clean.setdefault("SYSTEMROOT", r"C:\Windows")
    return subprocess.run(  # noqa: S603  # an absolute path that the caller cannot choose, a list of arguments, no shell
        [str(keygen), *arguments], cwd=folder, env=clean, input=stdin, capture_output=True, timeout=seconds, check=False
    )


def crosscheck(keygen: Path | None, data: bytes, armored: bytes, namespace: str, mine: Signature) -> Signature:
    """Return `mine` with what ssh-keygen says of the same bytes; what it refuses or cannot answer is refused."""
    if keygen is None or mine.key is None:
        return _with(mine, MISSING)
    with tempfile.TemporaryDirectory(prefix="twokey-") as name:
        folder = Path(name)
        allowed, signature = folder / "allowed_signers", folder / "signature"
        allowed.write_text(f'{PRINCIPAL} namespaces="{namespace}" {mine.key}\n', encoding="ascii", newline="\n")
        signature.write_bytes(armored)
        arguments = ["-Y", "verify", "-f", str(allowed), "-I", PRINCIPAL, "-n", namespace, "-s", str(signature)]
        try:
            done = run(keygen, arguments, folder=folder, environment={}, stdin=data, seconds=VERIFY_SECONDS)
        except subprocess.TimeoutExpired:
            return _refused(mine, f"ssh-keygen gave no answer in {VERIFY_SECONDS} seconds")
        except OSError as error:
            return _with(mine, f"not cross-checked: ssh-keygen cannot be started: {error.strerror}")
    said = last_line(done.stderr) or last_line(done.stdout)
    if done.returncode == 0:
        return _with(mine, AGREES)
    if re.match(rb"(?:[^\n]*: )?(?:unknown|illegal|invalid) option -- '?Y", done.stderr):
        return _with(mine, TOO_OLD)
    return _refused(mine, f"ssh-keygen refuses it: {said or f'status {done.returncode}'}")


def last_line(output: bytes) -> str:
    """Return the last line that a program printed, as printable ASCII, at most 200 characters."""
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return ascii(lines[-1][:200])[1:-1] if lines else ""


def _writable_by_all(path: Path) -> bool:
    return os.name != "nt" and bool(path.stat().st_mode & stat.S_IWOTH)


def _with(mine: Signature, crosscheck: str) -> Signature:
    return Signature(valid=mine.valid, key=mine.key, reason=mine.reason, crosscheck=crosscheck)


def _refused(mine: Signature, reason: str) -> Signature:
    return Signature(valid=False, key=mine.key, reason=reason, crosscheck="disagrees")
