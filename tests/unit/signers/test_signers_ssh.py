"""Signing and checking with real keys and the real ssh-keygen; and that neither PATH nor the workspace can swap it."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.errors import TwokeyError
from twokey.signers import SIGNERS
from twokey.signers.base import Signature
from twokey.signers.keygen import AGREES, MISSING, TOO_OLD, crosscheck, find
from twokey.signers.keys import read_key_line
from twokey.signers.ssh import SshSigner
from twokey.signers.sshsig import verify
from twokey.signers.wire import Wire, armor, string, unarmor

PURPOSE = "twokey-decision-v1"
DATA = b'{"decision": "approve"}\n'
ACCEPTED = ["ed25519", "ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "rsa-3072"]


KINDS: Mapping[str, list[str]] = {
    "ed25519": ["-t", "ed25519"],
    "ecdsa-p256": ["-t", "ecdsa", "-b", "256"],
    "ecdsa-p384": ["-t", "ecdsa", "-b", "384"],
    "ecdsa-p521": ["-t", "ecdsa", "-b", "521"],
    "rsa-3072": ["-t", "rsa", "-b", "3072"],
    "rsa-2048": ["-t", "rsa", "-b", "2048"],
}


@pytest.fixture(scope="session")
def ssh_keygen() -> str:
    """The stock ssh-keygen, or a skip."""
    found = shutil.which("ssh-keygen")
    if found is None:
        pytest.skip("ssh-keygen is not installed")
    return found


@pytest.fixture(scope="session")
def keys(ssh_keygen: str, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Private key files without passphrase, by kind; each has its .pub beside it."""
    folder = tmp_path_factory.mktemp("keys")
    for kind, options in KINDS.items():
        subprocess.run(
            [ssh_keygen, "-q", *options, "-N", "", "-C", f"{kind} of a test", "-f", str(folder / kind)], check=True
        )
    return {kind: folder / kind for kind in KINDS}


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


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(os.name == "nt", reason="shell scripts")
class TestAnotherSshKeygen:
    def test_what_it_refuses_is_refused(self, keys: Mapping[str, Path], tmp_path: Path) -> None:
        signature = SshSigner().sign(DATA, PURPOSE, str(keys["ed25519"]))
        no = program(tmp_path / "no", "echo Signature verification failed >&2; exit 255")
        found = SshSigner(places=(str(no),)).verify(DATA, signature, PURPOSE)
        assert not found.valid
        assert found.reason == "ssh-keygen refuses it: Signature verification failed"

    def test_one_that_knows_no_verification_does_not_cross_check(
        self, keys: Mapping[str, Path], tmp_path: Path
    ) -> None:
        signature = SshSigner().sign(DATA, PURPOSE, str(keys["ed25519"]))
        old = program(tmp_path / "old", "echo 'unknown option -- Y' >&2; exit 1")
        found = SshSigner(places=(str(old),)).verify(DATA, signature, PURPOSE)
        assert (found.valid, found.crosscheck) == (True, TOO_OLD)

    def test_one_that_cannot_be_started_does_not_cross_check(self, tmp_path: Path) -> None:
        mine = Signature(valid=True, key="ssh-ed25519 AAAA")
        found = crosscheck(tmp_path / "gone", DATA, b"", PURPOSE, mine)
        assert found.valid
        assert found.crosscheck == "not cross-checked: ssh-keygen cannot be started: No such file or directory"

    def test_it_sees_none_of_our_environment(
        self, keys: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        signature = SshSigner().sign(DATA, PURPOSE, str(keys["ed25519"]))
        monkeypatch.setenv("LD_PRELOAD_OF_AN_ATTACKER", "1")
        spy = program(tmp_path / "spy", f'/usr/bin/env > {tmp_path / "seen"}; ls -A "$HOME" >> {tmp_path / "seen"}')
        assert SshSigner(places=(str(spy),)).verify(DATA, signature, PURPOSE).valid
        names = {line.split("=")[0] for line in (tmp_path / "seen").read_text().splitlines()}
        assert names - {"PWD", "OLDPWD", "SHLVL", "_", "PATH"} == {"HOME", "LC_ALL", "allowed_signers", "signature"}

    def test_it_is_never_taken_from_path_the_workspace_or_a_relative_place(
        self, keys: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        evil = program(tmp_path / "workspace" / "bin" / "ssh-keygen", f"touch {tmp_path / 'ran'}; exit 0")
        monkeypatch.setenv("PATH", f"{evil.parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.chdir(tmp_path / "workspace")
        link = tmp_path / "link"
        link.symlink_to(evil)
        signature = SshSigner().sign(DATA, PURPOSE, str(keys["ed25519"]))
        assert SshSigner().verify(DATA, signature, PURPOSE).valid
        found = SshSigner(places=("bin/ssh-keygen", str(evil), str(link))).verify(DATA, signature, PURPOSE)
        assert found.crosscheck == MISSING
        assert not (tmp_path / "ran").exists()
        assert find((str(evil),), tmp_path / "elsewhere") == evil.resolve()

    def test_one_that_anybody_may_overwrite_is_not_used(self, tmp_path: Path) -> None:
        loose = program(tmp_path / "ssh-keygen", "exit 0")
        loose.chmod(0o777)
        assert find((str(loose), str(tmp_path)), tmp_path / "elsewhere") is None


HOW = ["nothing", "rewrapped", "malleated", "armor", "blob", "cut", "grown"]
NIST_ORDERS = {
    "ecdsa-p256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "ecdsa-p384": 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
}


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from(ACCEPTED),
    how=st.sampled_from(HOW),
    at=st.integers(0, 10_000),
    value=st.integers(1, 255),
    namespace=st.sampled_from([PURPOSE, PURPOSE, "git"]),
)
def test_never_do_we_accept_what_ssh_keygen_refuses(
    keys: Mapping[str, Path], ssh_keygen: str, kind: str, how: str, at: int, value: int, namespace: str
) -> None:
    good = signature_of(keys[kind])
    changed = mutated(good, kind, how, at, value)
    mine = verify(DATA, changed, namespace)
    if mine.valid:
        assert crosscheck(Path(ssh_keygen), DATA, changed, namespace, mine).crosscheck == AGREES
    assert mine.valid == (namespace == PURPOSE and how in ("nothing", "rewrapped", "malleated"))


def mutated(good: bytes, kind: str, how: str, at: int, value: int) -> bytes:
    blob = unarmor(good)
    match how:
        case "rewrapped":
            return armor(blob, 76)
        case "malleated":
            return armor(malleated(blob, NIST_ORDERS[kind])) if kind in NIST_ORDERS else good
        case "armor":
            return flipped(good, at, value)
        case "blob":
            return armor(flipped(blob, at, value))
        case "cut":
            return armor(blob[: at % len(blob)])
        case "grown":
            return armor(blob + bytes([value]))
    return good


def malleated(blob: bytes, order: int) -> bytes:
    """The same signature with n - s for s: as good as the first, in other bytes."""
    outer = Wire(blob[10:], "x")
    front = [outer.string() for _ in range(4)]
    inner = Wire(outer.string(), "x")
    named, numbers = inner.string(), Wire(inner.string(), "x")
    r, s = numbers.number(), order - numbers.number()
    pair = b"".join(string(n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in (r, s))
    return blob[:10] + b"".join(map(string, front)) + string(string(named) + string(pair))


def flipped(data: bytes, at: int, value: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ value]) + data[at + 1 :]


_SIGNATURES: dict[Path, bytes] = {}


def signature_of(key: Path) -> bytes:
    if key not in _SIGNATURES:
        _SIGNATURES[key] = SshSigner().sign(DATA, PURPOSE, str(key))
    return _SIGNATURES[key]
