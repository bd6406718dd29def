"""Which repository this is, as a decision names it: by the host's own facts, else by where the checkout came from."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

HOST_FACTS = ("GITHUB_REPOSITORY", "CI_PROJECT_PATH")
UNKNOWN = "unknown"


def repository_name(directory: Path, environment: Mapping[str, str]) -> str:
    """Return the repository's name, such as `org/project`, or `unknown`.

    Reads the facts that GitHub and GitLab give their jobs, then the address of Git's remote `origin`. What a person
    signs shows the name, so a wrong one is seen before it is bound.
    """
    for fact in HOST_FACTS:
        if environment.get(fact):
            return environment[fact]
    git = shutil.which("git")
    if git is None:
        return UNKNOWN
    asked = subprocess.run(  # noqa: S603 fixed arguments
        [git, "-C", str(directory), "remote", "get-url", "origin"],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    return name_in(asked.stdout.strip()) if asked.returncode == 0 else UNKNOWN


def name_in(address: str) -> str:
    """Return `org/project` out of a remote's address, in any of Git's forms; `unknown` where there is none."""
    if address.startswith(("/", ".", "file:")):
        return UNKNOWN
    path = re.sub(r"^(?:[a-z+]+://[^/]+/|[^/:]+:)", "", address).strip("/").removesuffix(".git")
    return path or UNKNOWN
