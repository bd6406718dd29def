"""What the tests of signers share: the stock ssh-keygen, real keys made by it, and vectors made elsewhere."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

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


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of vectors that nobody here wrote, beside the repository, or a skip."""
    folder = Path(__file__).parents[4] / "shared" / "vectors"
    if not folder.is_dir():
        pytest.skip("../shared/vectors is not at hand")
    return folder
