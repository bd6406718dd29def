"""Signatures that nobody here made: what stock tools sign is accepted, what must not decide is refused."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from twokey.signers.base import Signature
from twokey.signers.keygen import AGREES, MISSING
from twokey.signers.ssh import SshSigner
from twokey.signers.sshsig import verify

MESSAGES: Mapping[str, tuple[str | bytes, str]] = {
    "openssh": ("signed-data", "unittest"),
    "k2gl": ("message.txt", "file"),
    "rustcrypto": (b"testing", "example"),
    "castedo": ("hola.txt", "git"),
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
]
BAD = {
    "openssh/ecdsa_sk_webauthn.sig": "WebAuthn signatures are not supported by this version",
    "openssh/mldsa44-ed25519.sig": "a key of type 'ssh-mldsa44-ed25519@openssh.com' is not accepted",
    "k2gl/rsa-sha2-256.sig": "an RSA key of 2048 bits is not accepted",
    "k2gl/rsa-sha2-512.sig": "an RSA key of 2048 bits is not accepted",
    "rustcrypto/sshsig_dsa_1024": "DSA keys are not accepted",
}


@pytest.fixture(scope="session")
def ssh_keygen() -> str:
    """The stock ssh-keygen, or a skip."""
    found = shutil.which("ssh-keygen")
    if found is None:
        pytest.skip("ssh-keygen is not installed")
    return found


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of vectors that nobody here wrote, beside the repository, or a skip."""
    folder = Path(__file__).parents[4] / "shared" / "vectors"
    if not folder.is_dir():
        pytest.skip("../shared/vectors is not at hand")
    return folder


def judge(vectors: Path, name: str, namespace: str | None = None) -> Signature:
    folder = name.split("/")[0]
    message, purpose = MESSAGES[folder]
    data = message if isinstance(message, bytes) else (vectors / folder / message).read_bytes()
    return verify(data, (vectors / name).read_bytes(), namespace or purpose)


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
    assert found.reason == f"signed for the purpose '{MESSAGES[name.split('/')[0]][1]}', not for 'twokey-decision-v1'"


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_conclusions_are_the_same_without_ssh_keygen_the_crosscheck_aside(
    ssh_keygen: str, vectors: Path, name: str
) -> None:
    assert ssh_keygen
    folder = name.split("/")[0]
    message, purpose = MESSAGES[folder]
    data = message if isinstance(message, bytes) else (vectors / folder / message).read_bytes()
    armored = (vectors / name).read_bytes()
    checked, alone = SshSigner().verify(data, armored, purpose), SshSigner(places=()).verify(data, armored, purpose)
    assert (checked.valid, checked.key, checked.reason) == (alone.valid, alone.key, alone.reason)
    assert (checked.crosscheck, alone.crosscheck) == ((AGREES, MISSING) if name in GOOD else (None, None))


def test_every_vector_is_named_here(vectors: Path) -> None:
    files = [path for folder in MESSAGES for mask in ("*.sig", "sshsig_*") for path in (vectors / folder).glob(mask)]
    assert {path.relative_to(vectors).as_posix() for path in files} == {*GOOD, *BAD}
