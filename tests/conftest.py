import os
import shutil
import subprocess
from pathlib import Path

import pytest
from browser import browser as browser  # one Chromium in each process, for all tests of pages
from hypothesis import HealthCheck, settings
from persona import Home

# A slow machine fails no test, and mutation testing runs a test on several objects of its class.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.differing_executors])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def ssh_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh Ed25519 key, made by the real ssh-keygen."""
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is not installed here, and keys are made with the real one")
    path = tmp_path_factory.mktemp("ssh") / "id_ed25519"
    subprocess.run([program, "-q", "-t", "ed25519", "-N", "", "-C", "pat", "-f", str(path)], check=True)
    return path


@pytest.fixture
def home(tmp_path: Path, ssh_key: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A person at an empty directory, with nothing of this machine's settings."""
    folder = tmp_path / "home" / ".ssh"
    folder.mkdir(parents=True, mode=0o700)
    for half in (ssh_key, ssh_key.with_suffix(".pub")):
        shutil.copy(half, folder / half.name)
    (tmp_path / "home" / ".gitconfig").write_text("[user]\n\tname = Pat Doe\n\temail = pat@example.com\n")
    for name in [name for name in os.environ if name.startswith(("TWOKEY_", "GIT_", "GITHUB_", "CI_", "SSH_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    directory = tmp_path / "triage"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return Home(directory=directory, key=folder / "id_ed25519")
