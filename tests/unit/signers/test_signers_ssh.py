"""Signing and checking with real keys and the real ssh-keygen, and what hinders it."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from twokey.errors import TwokeyError
from twokey.signers import SIGNERS
from twokey.signers.base import Signature
from twokey.signers.keygen import AGREES, MISSING
from twokey.signers.keys import read_key_line
from twokey.signers.ssh import SshSigner

PURPOSE = "twokey-decision-v1"
DATA = b'{"decision": "approve"}\n'
ACCEPTED = ["ed25519", "ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "rsa-3072"]


@pytest.mark.parametrize("kind", ACCEPTED)
def test_what_a_key_signs_is_accepted_by_us_and_by_ssh_keygen(keys: Mapping[str, Path], kind: str) -> None:
    signature = SIGNERS["ssh"].sign(DATA, PURPOSE, str(keys[kind]))
    found = SIGNERS["ssh"].verify(DATA, signature, PURPOSE)
    assert found == Signature(valid=True, key=SshSigner().public_key(str(keys[kind])), crosscheck=AGREES)
    assert not SshSigner().verify(DATA + b" ", signature, PURPOSE).valid
    assert not SshSigner().verify(DATA, signature, "twokey-recording-v1").valid


def test_a_key_that_may_not_decide_does_not_sign(keys: Mapping[str, Path]) -> None:
    with pytest.raises(TwokeyError, match="its signature would be refused: an RSA key of 2048 bits"):
        SshSigner().sign(DATA, PURPOSE, str(keys["rsa-2048"]))
    with pytest.raises(TwokeyError, match="no public key that may decide: an RSA key of 2048 bits"):
        SshSigner().public_key(str(keys["rsa-2048"]))


def test_a_public_key_is_found_beside_the_private_one_or_in_it(keys: Mapping[str, Path], tmp_path: Path) -> None:
    alone = tmp_path / "id"
    shutil.copy(keys["ed25519"], alone)
    alone.chmod(0o600)
    expected = read_key_line(keys["ed25519"].with_suffix(".pub").read_text().strip()).line
    signer = SshSigner()
    assert signer.public_key(str(alone)) == expected
    assert signer.public_key(str(keys["ed25519"])) == expected
    assert signer.public_key(str(keys["ed25519"]) + ".pub") == expected


@pytest.fixture
def agent(keys: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The environment of a real agent that holds the Ed25519 key."""
    program = shutil.which("ssh-agent")
    if program is None:
        pytest.skip("ssh-agent is not installed")
    socket = str(tmp_path_factory.mktemp("a") / "s")
    running = subprocess.Popen([program, "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        environment = {"SSH_AUTH_SOCK": socket}
        for _ in range(100):
            added = subprocess.run(["ssh-add", "-q", str(keys["ed25519"])], env={**os.environ, **environment})
            if added.returncode == 0:
                break
        assert added.returncode == 0
        yield environment
    finally:
        running.terminate()
        running.wait()


def test_an_agent_signs_for_a_public_key(keys: Mapping[str, Path], agent: Mapping[str, str], tmp_path: Path) -> None:
    public = tmp_path / "only.pub"
    shutil.copy(keys["ed25519"].with_suffix(".pub"), public)
    signature = SshSigner(environment=agent).sign(DATA, PURPOSE, str(public))
    assert SshSigner().verify(DATA, signature, PURPOSE).valid
    other = tmp_path / "other.pub"
    shutil.copy(keys["ecdsa-p256"].with_suffix(".pub"), other)
    with pytest.raises(TwokeyError, match="the agent has no private key for this public key"):
        SshSigner(environment=agent).sign(DATA, PURPOSE, str(other))
    with pytest.raises(TwokeyError, match="the agent has no private key for this public key"):
        SshSigner().sign(DATA, PURPOSE, str(public))


def test_what_hinders_signing_is_said_plainly(keys: Mapping[str, Path], tmp_path: Path) -> None:
    with pytest.raises(TwokeyError, match="no such key"):
        SshSigner().sign(DATA, PURPOSE, str(tmp_path / "nothing"))
    with pytest.raises(TwokeyError, match="no such key"):
        SshSigner().sign(DATA, PURPOSE, str(tmp_path))
    with pytest.raises(TwokeyError, match="ssh-keygen is needed to sign; looked at nowhere"):
        SshSigner(places=()).sign(DATA, PURPOSE, str(keys["ed25519"]))
    noise = tmp_path / "noise"
    noise.write_text("not a key\n")
    noise.chmod(0o600)
    with pytest.raises(TwokeyError, match="ssh-keygen could not use the key"):
        SshSigner().sign(DATA, PURPOSE, str(noise))
    with pytest.raises(ValueError, match="not a namespace"):
        SshSigner().sign(DATA, 'x" ssh-ed25519', str(keys["ed25519"]))


@pytest.mark.skipif(os.name == "nt", reason="permissions and terminals of POSIX")
def test_a_key_with_a_passphrase_and_no_terminal_or_open_to_all_is_said_plainly(
    keys: Mapping[str, Path], ssh_keygen: str, tmp_path: Path
) -> None:
    locked = tmp_path / "locked"
    shutil.copy(keys["ed25519"], locked)
    locked.chmod(0o600)
    subprocess.run([ssh_keygen, "-q", "-p", "-P", "", "-N", "a passphrase", "-f", str(locked)], check=True)
    with pytest.raises(TwokeyError, match="the key needs a passphrase"):
        SshSigner(environment={"SSH_ASKPASS": "/bin/false", "SSH_ASKPASS_REQUIRE": "force"}).sign(
            DATA, PURPOSE, str(locked)
        )
    shutil.copy(keys["ed25519"], tmp_path / "open")
    (tmp_path / "open").chmod(0o644)
    with pytest.raises(TwokeyError, match="can be read by others"):
        SshSigner().sign(DATA, PURPOSE, str(tmp_path / "open"))


def test_without_ssh_keygen_our_own_verifier_decides_and_says_so(keys: Mapping[str, Path]) -> None:
    signature = SshSigner().sign(DATA, PURPOSE, str(keys["ed25519"]))
    found = SshSigner(places=()).verify(DATA, signature, PURPOSE)
    assert (found.valid, found.crosscheck) == (True, MISSING)
