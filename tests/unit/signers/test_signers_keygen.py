"""The second verifier: which ssh-keygen is asked, what it is told, and what follows from each answer."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from authenticator import Authenticator, Browser

from twokey.signers import keygen
from twokey.signers.base import Signature
from twokey.signers.keygen import (
    AGREES,
    MISSING,
    PLACES,
    TOO_OLD,
    TOO_OLD_FOR_BROWSER,
    TOO_OLD_FOR_KEY,
    crosscheck,
    find,
    last_line,
)
from twokey.signers.ssh import SshSigner
from twokey.signers.sshsig import verify

pytestmark = pytest.mark.skipif(os.name == "nt", reason="shell scripts stand in for other programs")
PURPOSE = "twokey-decision-v1"
DATA = b'{"decision": "approve"}\n'
STICK = Authenticator(application=b"ssh:")


@pytest.fixture(scope="session")
def signature(keys: Mapping[str, Path]) -> bytes:
    """A good signature over DATA."""
    return SshSigner().sign(DATA, PURPOSE, str(keys["ed25519"]))


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def asked(folder: Path, script: str, armored: bytes) -> Signature:
    """What comes of it where ssh-keygen is that script."""
    return SshSigner(places=(str(program(folder / "program", script)),)).verify(DATA, armored, PURPOSE)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo Signature verification failed >&2; exit 255", "ssh-keygen refuses it: Signature verification failed"),
        ("echo Could not verify signature.; exit 255", "ssh-keygen refuses it: Could not verify signature."),
        ("exit 7", "ssh-keygen refuses it: status 7"),
        ("kill -9 $$", "ssh-keygen refuses it: status -9"),
        (
            "echo 'error while loading shared libraries' >&2; exit 127",
            "refuses it: error while loading",
        ),
        ("echo 'unknown option -- n' >&2; exit 1", "ssh-keygen refuses it: unknown option -- n"),
        ("echo 'signature: key type does not match' >&2; exit 255", "ssh-keygen refuses it: signature: key type"),
        ("echo 'Signature verification failed: key type does not match' >&2; exit 255", "key type does not match"),
        ("echo 'not unknown or unsupported key type at all' >&2; exit 255", "unsupported key type at all"),
        ("echo 'first line: invalid option -- Y' >&2; echo second >&2; echo third >&2; exit 1", None),
        ("echo first >&2; echo 'x: invalid option -- Y' >&2; exit 1", "x: invalid option -- Y"),
    ],
)
def test_what_another_program_does_not_accept_is_refused_unless_it_is_ignorant(
    tmp_path: Path, signature: bytes, script: str, reason: str | None
) -> None:
    found = asked(tmp_path, script, signature)
    if reason is None:
        assert (found.valid, found.crosscheck) == (True, TOO_OLD)
    else:
        assert not found.valid
        assert found.crosscheck == "disagrees"
        assert reason in (found.reason or "")


@pytest.mark.parametrize("said", ["unknown option -- Y", "ssh-keygen: invalid option -- 'Y'", "illegal option -- Y"])
def test_one_that_knows_no_verification_does_not_cross_check(tmp_path: Path, signature: bytes, said: str) -> None:
    found = asked(tmp_path, f'echo "{said}" >&2; echo "usage: ssh-keygen" >&2; exit 1', signature)
    assert (found.valid, found.reason, found.crosscheck) == (True, None, TOO_OLD)


@pytest.mark.parametrize(
    "said",
    [
        "Couldn't parse signature blob: unknown or unsupported key type",
        "sshsig_wrap_verify: parse signature object: unknown or unsupported key type",
    ],
)
def test_one_that_knows_no_such_key_does_not_cross_check(tmp_path: Path, said: str) -> None:
    script = f'echo "{said}" >&2; echo "Could not verify signature."; exit 255'
    found = asked(tmp_path, script, STICK.touched(DATA))
    assert (found.valid, found.reason, found.crosscheck) == (True, None, TOO_OLD_FOR_KEY)


def test_one_that_knows_no_webauthn_does_not_cross_check_what_a_browser_made(tmp_path: Path) -> None:
    script = 'echo "Signature verification failed: key type does not match" >&2; exit 255'
    found = asked(tmp_path, script, Browser().sign(DATA, Authenticator()))
    assert (found.valid, found.crosscheck, found.origin) == (True, TOO_OLD_FOR_BROWSER, Browser().origin)
    assert not asked(tmp_path, script, STICK.touched(DATA)).valid


def test_those_that_cannot_answer_say_not_cross_checked() -> None:
    assert all(
        said.startswith("not cross-checked: ") for said in (MISSING, TOO_OLD, TOO_OLD_FOR_KEY, TOO_OLD_FOR_BROWSER)
    )


def test_one_that_cannot_be_started_does_not_cross_check(tmp_path: Path, signature: bytes) -> None:
    mine = verify(DATA, signature, PURPOSE)
    gone = crosscheck(tmp_path / "gone", DATA, signature, PURPOSE, mine)
    assert gone.valid
    assert gone.crosscheck == "not cross-checked: ssh-keygen cannot be started: No such file or directory"
    (tmp_path / "other").write_bytes(b"\x7fELF for another machine")
    (tmp_path / "other").chmod(0o755)
    other = crosscheck(tmp_path / "other", DATA, signature, PURPOSE, mine)
    assert (other.valid, other.crosscheck) == (
        True,
        "not cross-checked: ssh-keygen cannot be started: Exec format error",
    )


def test_one_that_cannot_be_asked_for_lack_of_room_is_no_leave_to_go_without(
    tmp_path: Path, signature: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "no-such-folder"))
    found = SshSigner().verify(DATA, signature, PURPOSE)
    assert (found.valid, found.crosscheck) == (False, "disagrees")
    assert found.reason == "ssh-keygen could not be asked: No such file or directory"


def test_one_that_gives_no_answer_is_no_leave_to_go_without(
    tmp_path: Path, signature: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keygen, "VERIFY_SECONDS", 0.2)
    found = asked(tmp_path, "exec sleep 60", signature)
    assert (found.valid, found.reason) == (False, "ssh-keygen gave no answer in 0.2 seconds")


def test_what_is_bad_already_is_not_asked_about(tmp_path: Path, signature: bytes) -> None:
    found = asked(tmp_path, f"touch {tmp_path / 'ran'}; exit 0", signature.replace(b"A", b"B", 1))
    assert (found.valid, found.crosscheck) == (False, None)
    assert not (tmp_path / "ran").exists()


def test_it_is_told_one_key_for_one_purpose_and_sees_an_empty_home(
    keys: Mapping[str, Path], tmp_path: Path, signature: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_PRELOAD_OF_AN_ATTACKER", "1")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/somewhere")
    seen = tmp_path / "seen"
    seen.mkdir()
    script = f"""exec > /dev/null
/usr/bin/env > {seen}/env; ls -A "$HOME" > {seen}/home; ls -A > {seen}/here; pwd > {seen}/pwd
cat > {seen}/stdin; cp allowed_signers signature {seen}; echo "$@" > {seen}/arguments"""
    assert asked(tmp_path, script, signature).valid
    names = {line.split("=")[0] for line in (seen / "env").read_text().splitlines()}
    assert names - {"PWD", "OLDPWD", "SHLVL", "_", "PATH"} == {"HOME", "LC_ALL"}
    assert (seen / "home").read_text() == ""
    assert (seen / "here").read_text().split() == ["allowed_signers", "home", "signature"]
    line = SshSigner().public_key(str(keys["ed25519"]))
    assert (seen / "allowed_signers").read_text() == f'signer namespaces="{PURPOSE}" {line}\n'
    assert (seen / "stdin").read_bytes() == DATA
    assert (seen / "signature").read_bytes() == signature
    folder = (seen / "pwd").read_text().strip()
    expected = f"-Y verify -f {folder}/allowed_signers -I signer -n {PURPOSE} -s {folder}/signature"
    assert (seen / "arguments").read_text().strip() == expected
    assert not Path(folder).exists(), "nothing is left behind"


def test_it_is_never_taken_from_path_the_workspace_or_a_relative_place(
    tmp_path: Path, signature: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = program(tmp_path / "workspace" / "bin" / "ssh-keygen", f"touch {tmp_path / 'ran'}; exit 0")
    monkeypatch.setenv("PATH", f"{evil.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path / "workspace")
    link = tmp_path / "link"
    link.symlink_to(evil)
    assert SshSigner().verify(DATA, signature, PURPOSE).crosscheck == AGREES
    for places in (("bin/ssh-keygen",), (str(evil),), (str(link),), ("ssh-keygen",)):
        assert SshSigner(places=places).verify(DATA, signature, PURPOSE).crosscheck == MISSING
    elsewhere = SshSigner(places=(str(evil),), workspace=tmp_path / "workspace")
    monkeypatch.chdir(tmp_path)
    assert elsewhere.verify(DATA, signature, PURPOSE).crosscheck == MISSING
    assert not (tmp_path / "ran").exists()
    assert find((str(evil),), tmp_path / "elsewhere") == evil.resolve()


def test_a_hostile_home_and_environment_change_nothing(
    tmp_path: Path, signature: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home whose ssh and git settings name other programs and other keys, as a workspace's could."""
    evil = program(tmp_path / "evil", f"touch {tmp_path / 'ran'}; exit 0")
    ssh = tmp_path / "home" / ".ssh"
    ssh.mkdir(parents=True)
    (ssh / "config").write_text(f"Match exec {evil}\n")
    (ssh / "allowed_signers").write_text("* ssh-ed25519 AAAA\n")
    (tmp_path / "home" / ".gitconfig").write_text(f'[gpg]\n\tformat = ssh\n[gpg "ssh"]\n\tprogram = {evil}\n')
    for name in ("SSH_SK_PROVIDER", "SSH_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "SSH_SK_HELPER", "SHELL"):
        monkeypatch.setenv(name, str(evil))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    monkeypatch.setenv("LD_PRELOAD", "")
    monkeypatch.chdir(tmp_path / "home")
    assert SshSigner().verify(DATA, signature, PURPOSE).crosscheck == AGREES
    assert not SshSigner().verify(DATA + b" ", signature, PURPOSE).valid
    assert not (tmp_path / "ran").exists()


def test_one_that_anybody_may_overwrite_is_not_used(tmp_path: Path) -> None:
    loose = program(tmp_path / "ssh-keygen", "exit 0")
    loose.chmod(0o757)
    assert find((str(loose), str(tmp_path)), tmp_path / "elsewhere") is None
    loose.chmod(0o755)
    assert find((str(tmp_path), str(loose)), tmp_path / "elsewhere") == loose
    loose.chmod(0o644)
    assert find((str(loose),), tmp_path / "elsewhere") is None
    loose.chmod(0o755)
    assert find((str(loose),), tmp_path) is None
    assert find((str(loose),), Path("/")) == loose, "with the root as workspace nothing would be outside"


def test_it_is_looked_for_at_absolute_places_only() -> None:
    assert all(place.startswith("/") or place[1:3] == ":\\" for place in PLACES)


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (b"", ""),
        (b"one\ntwo\n", "two"),
        (b"one\r\ntwo \x1b[31m\r\n", "two \\x1b[31m"),
        (b"\xff\n\n", "\\ufffd"),
        (b"x" * 300, "x" * 200),
    ],
)
def test_what_a_program_said_is_shown_as_printable_ascii(output: bytes, line: str) -> None:
    assert last_line(output) == line


def test_the_real_one_refuses_an_unknown_key_in_the_words_we_know(
    ssh_keygen: str, vectors: Path, tmp_path: Path
) -> None:
    folder = vectors / "openssh"
    allowed = tmp_path / "allowed"
    allowed.write_text(f"x {(folder / 'ed25519.pub').read_text()}")
    command = [ssh_keygen, "-Y", "verify", "-f", str(allowed), "-I", "x", "-n", "unittest"]
    command += ["-s", str(folder / "mldsa44-ed25519.sig")]
    done = subprocess.run(
        command, input=(folder / "signed-data").read_bytes(), capture_output=True, check=False, env={"LC_ALL": "C"}
    )
    if b"unsupported key type" not in done.stderr:
        pytest.skip("this ssh-keygen knows mldsa44")
    mine = Signature(valid=True, key="ssh-ed25519 AAAA")
    real = program(tmp_path / "real", f"cat >/dev/null; echo '{done.stderr.decode().strip()}' >&2; exit 255")
    assert crosscheck(real, DATA, b"", PURPOSE, mine).crosscheck == TOO_OLD_FOR_KEY
