"""Signatures that nobody here made: what stock tools sign is accepted, what must not decide is refused."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from twokey.signers.base import Signature
from twokey.signers.keygen import AGREES, MISSING
from twokey.signers.security_key import as_seen_by_browser
from twokey.signers.ssh import SshSigner
from twokey.signers.sshsig import parse, verify
from twokey.signers.wire import Wire

MESSAGES: Mapping[str, tuple[str | bytes, str]] = {
    "openssh": ("signed-data", "unittest"),
    "k2gl": ("message.txt", "file"),
    "rustcrypto": (b"testing", "example"),
    "castedo": ("hola.txt", "git"),
    "castedo/message": ("message", "git"),
}
GOOD = [
    "openssh/ecdsa.sig",
    "openssh/ed25519.sig",
    "openssh/rsa.sig",
    "openssh/ed25519_sk.sig",
    "openssh/ecdsa_sk.sig",
    "k2gl/ecdsa-nistp256.sig",
    "k2gl/ecdsa-nistp384.sig",
    "k2gl/ecdsa-nistp521.sig",
    "k2gl/ed25519.sig",
    "k2gl/ed25519-sha256.sig",
    "rustcrypto/sshsig_ecdsa_p256",
    "rustcrypto/sshsig_ecdsa_p384",
    "rustcrypto/sshsig_ed25519",
    "rustcrypto/sshsig_rsa_3072",
    "rustcrypto/sshsig_sk_ed25519",
    "castedo/hola.txt.sig",
    "castedo/message/message.sig",
]
BAD = {
    "openssh/ecdsa_sk_webauthn.sig": "the security key did not verify its user",
    "openssh/mldsa44-ed25519.sig": "a key of type 'ssh-mldsa44-ed25519@openssh.com' is not accepted",
    "k2gl/rsa-sha2-256.sig": "an RSA key of 2048 bits is not accepted",
    "k2gl/rsa-sha2-512.sig": "an RSA key of 2048 bits is not accepted",
    "rustcrypto/sshsig_dsa_1024": "DSA keys are not accepted",
}


def judge(vectors: Path, name: str, namespace: str | None = None) -> Signature:
    data, purpose = said(vectors, name)
    return verify(data, (vectors / name).read_bytes(), namespace or purpose)


def said(vectors: Path, name: str) -> tuple[bytes, str]:
    """The message and the namespace of a vector."""
    folder = name.rpartition("/")[0]
    message, purpose = MESSAGES[folder]
    return message if isinstance(message, bytes) else (vectors / folder / message).read_bytes(), purpose


@pytest.mark.parametrize("name", GOOD)
def test_stock_signatures_are_accepted(vectors: Path, name: str) -> None:
    assert judge(vectors, name) == Signature(valid=True, key=judge(vectors, name).key)


@pytest.mark.parametrize("name", BAD)
def test_what_must_not_decide_is_refused_with_its_reason(vectors: Path, name: str) -> None:
    found = judge(vectors, name)
    assert not found.valid
    assert found.reason is not None
    assert found.reason.startswith(BAD[name])


@pytest.mark.parametrize("name", GOOD)
def test_a_signature_for_another_purpose_is_no_decision(vectors: Path, name: str) -> None:
    found = judge(vectors, name, "twokey-decision-v1")
    assert not found.valid
    assert found.reason == f"signed for the purpose '{said(vectors, name)[1]}', not for 'twokey-decision-v1'"


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_conclusions_are_the_same_without_ssh_keygen_the_crosscheck_aside(
    ssh_keygen: str, vectors: Path, name: str
) -> None:
    assert ssh_keygen
    data, purpose = said(vectors, name)
    armored = (vectors / name).read_bytes()
    checked, alone = SshSigner().verify(data, armored, purpose), SshSigner(places=()).verify(data, armored, purpose)
    assert (checked.valid, checked.key, checked.reason) == (alone.valid, alone.key, alone.reason)
    assert (checked.crosscheck, alone.crosscheck) == ((AGREES, MISSING) if name in GOOD else (None, None))


def test_a_browser_elsewhere_writes_what_we_read_but_for_the_user_verified(vectors: Path) -> None:
    parsed = parse((vectors / "openssh/ecdsa_sk_webauthn.sig").read_bytes())
    signed = parsed.signed((vectors / "openssh/signed-data").read_bytes())
    assert parsed.key.application == b"mindrot.org"
    outer = Wire(parsed.signature, "x")
    assert [outer.string()[:9], len(outer.string())] == [b"webauthn-", 73]
    assert outer.take(1) == b"\1"
    wire = Wire(b"\5" + outer.data[outer.at :], "x")
    _, origin = as_seen_by_browser(b"mindrot.org", wire, signed)
    assert origin == "https://www.mindrot.org"


@pytest.mark.parametrize("name", [*GOOD, *(name for name in BAD if "mldsa44" not in name)])
def test_the_stock_tool_itself_takes_them_so_only_our_own_rules_refuse(
    ssh_keygen: str, vectors: Path, name: str
) -> None:
    data, purpose = said(vectors, name)
    command = [ssh_keygen, "-Y", "check-novalidate", "-n", purpose, "-s", str(vectors / name)]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    if "dsa_1024" in name and done.returncode:
        pytest.skip("this ssh-keygen has dropped DSA")
    assert done.returncode == 0, done.stderr


def test_every_vector_is_named_here(vectors: Path) -> None:
    files = [path for folder in MESSAGES for mask in ("*.sig", "sshsig_*") for path in (vectors / folder).glob(mask)]
    assert {path.relative_to(vectors).as_posix() for path in files} == {*GOOD, *BAD}
