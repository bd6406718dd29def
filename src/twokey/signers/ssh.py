"""Signatures by the SSH key that a developer already has. Verifies with our own verifier, then asks `ssh-keygen`."""

import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import ClassVar

from twokey.errors import Place, TwokeyError
from twokey.signers import keygen
from twokey.signers.base import Signature
from twokey.signers.keys import read_key_line
from twokey.signers.sshsig import verify as verify_sshsig
from twokey.signers.wire import MalformedError
from twokey.values import dataclass

NAMESPACE = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
MAX_PUBLIC_KEY_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SshSigner:
    """A detached OpenSSH signature (SSHSIG), which `ssh-keygen -Y verify` checks without twokey.

    **What it is.** `DECISION.sig` beside the decision, armored text, made by `ssh-keygen -Y sign` with a key file or
    with a key that an agent holds (name its `.pub` file then). Accepted keys: Ed25519, ECDSA on P-256, P-384 and P-521,
    RSA from 3072 bits with SHA-2, and Ed25519 and P-256 on a security key that was touched; P-256 through a browser too
    (WebAuthn), where the key checked its user by a PIN or a finger.

    **How it is checked.** Our own strict verifier reads the signature (PROTOCOL.sshsig): version 1, exact namespace,
    SHA-256 or SHA-512, no certificate, no trailing byte, canonical armor. Where `ssh-keygen` is found at a fixed
    absolute place outside the working directory, it checks the same bytes; what it refuses is refused. One that says
    it does not know the kind of key is too old to ask, and counts as absent.

    **Limits.** DSA and certificates are refused, and so are WebAuthn signatures made in a frame of another page, with
    extensions, or at an origin that the roster does not list for the key. A security key made by `ssh-keygen` signs by
    touch and one made for web pages through a browser, neither the other's way. Without `ssh-keygen`, signatures are
    checked by one verifier only and the report says `not cross-checked`; signing needs it.

    **How to fix.** `signed for the purpose 'git'`: sign with `twokey sign`, which sets the namespace. `the signature
    does not match`: the decision changed after it was signed; line endings count. `an RSA key of 2048 bits`: make
    another key, `ssh-keygen -t ed25519`, and have it added to the roster.

    `environment` is what ssh-keygen may see beside an empty HOME when it signs, such as SSH_AUTH_SOCK for an agent.
    `workspace` is where its program is never taken from; the working directory where it is None.
    """

    name: ClassVar[str] = "ssh"
    summary: ClassVar[str] = "the SSH key you have: detached, checked by stock ssh-keygen"
    suffix: ClassVar[str] = ".sig"

    environment: Mapping[str, str] = field(default_factory=dict)
    places: tuple[str, ...] = keygen.PLACES
    workspace: Path | None = None

    def verify(self, data: bytes, signature: bytes, namespace: str) -> Signature:
        """Judge a detached signature over exactly `data`; never raises for a bad one."""
        _expect_namespace(namespace)
        mine = verify_sshsig(data, signature, namespace)
        return keygen.crosscheck(self._keygen(), data, signature, namespace, mine) if mine.valid else mine

    def sign(self, data: bytes, namespace: str, key: str) -> bytes:
        """Sign with the key at that path: a private key, or a public one whose private half an agent holds.

        Raises:
            TwokeyError: no ssh-keygen, no such key, the agent has no such key, a wrong passphrase, or a key that twokey
                would not accept.
        """
        _expect_namespace(namespace)
        path = _existing(key)
        program = self._required_keygen("sign")
        with tempfile.TemporaryDirectory(prefix="twokey-") as name:
            folder = Path(name)
            message = folder / "message"
            message.write_bytes(data)
            self._run(program, ["-Y", "sign", "-n", namespace, "-f", str(path), str(message)], folder, path)
            signature = (folder / "message.sig").read_bytes()
        made = self.verify(data, signature, namespace)
        if not made.valid:
            raise TwokeyError(f"the key signed, but its signature would be refused: {made.reason}", where=_at(path))
        return signature

    def public_key(self, key: str) -> str:
        """Return the one-line public key, without comment, of the key at that path; may ask for its passphrase.

        Raises:
            TwokeyError: no such file, or no key that may decide.
        """
        path = _existing(key)
        beside = path if path.suffix == ".pub" else path.with_name(path.name + ".pub")
        if beside.is_file():
            with beside.open("rb") as file:
                raw = file.read(MAX_PUBLIC_KEY_BYTES)
        else:
            program = self._required_keygen("read a private key")
            with tempfile.TemporaryDirectory(prefix="twokey-") as name:
                raw = self._run(program, ["-y", "-f", str(path)], Path(name), path)
        try:
            return read_key_line(raw.decode("utf-8").strip()).line
        except (MalformedError, UnicodeDecodeError) as refusal:
            raise TwokeyError(f"no public key that may decide: {refusal}", where=_at(beside)) from None

    def _keygen(self) -> Path | None:
        return keygen.find(self.places, self.workspace or Path.cwd())

    def _required_keygen(self, purpose: str) -> Path:
        program = self._keygen()
        if program is None:
            places = ", ".join(self.places) or "nowhere"
            raise TwokeyError(f"ssh-keygen is needed to {purpose}; looked at {places}", hint="install OpenSSH's client")
        return program

    def _run(self, program: Path, arguments: list[str], folder: Path, key: Path) -> bytes:
        try:
            done = keygen.run(
                program,
                arguments,
                folder=folder,
                environment=self.environment,
                stdin=b"",
                seconds=keygen.SIGN_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise TwokeyError(f"ssh-keygen did not end in {keygen.SIGN_SECONDS} seconds", where=_at(key)) from None
        except OSError as error:
            raise TwokeyError(f"ssh-keygen cannot be started: {error.strerror}", where=_at(key)) from None
        if done.returncode != 0:
            raise _why_unsigned(done.stderr.decode("utf-8", "replace"), keygen.last_line(done.stderr), key)
        return done.stdout


def _why_unsigned(said: str, last: str, key: Path) -> TwokeyError:
    """Put ssh-keygen's refusal in words that say what to do."""
    if "UNPROTECTED PRIVATE KEY FILE" in said:
        hint = f"chmod 600 {key}"
        return TwokeyError("the private key can be read by others; ssh-keygen ignores it", where=_at(key), hint=hint)
    if "No private key found" in said or "agent refused" in said or "from agent" in said:
        hint = f"ssh-add {key.with_suffix('')}, or name the private key itself"
        return TwokeyError("the agent has no private key for this public key", where=_at(key), hint=hint)
    if "passphrase" in said:
        hint = "run it in a terminal, or ssh-add the key and name its .pub file"
        return TwokeyError("the key needs a passphrase, and the right one was not given", where=_at(key), hint=hint)
    return TwokeyError(f"ssh-keygen could not use the key: {last or 'no reason given'}", where=_at(key))


def _existing(key: str) -> Path:
    path = Path(key).absolute()
    if not path.is_file():
        hint = "make one: ssh-keygen -t ed25519"
        raise TwokeyError(
            "no such key: a private key file, or the .pub file of one in an agent", where=_at(path), hint=hint
        )
    return path


def _expect_namespace(namespace: str) -> None:
    if not NAMESPACE.fullmatch(namespace):
        raise ValueError(f"not a namespace: {namespace!r}")


def _at(path: Path) -> Place:
    return Place(file=str(path))
