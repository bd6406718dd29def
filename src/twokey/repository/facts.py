"""Which repository this is, as a decision names it: by the host's own facts, else by where the checkout came from."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from twokey.errors import TwokeyError

HOST_FACTS = ("GITHUB_REPOSITORY", "CI_PROJECT_PATH")
UNKNOWN = "unknown"
MAX_CHARACTERS = 300


def repository_name(directory: Path, environment: Mapping[str, str]) -> str:
    """Return the repository's name, such as `org/project`, or `unknown`.

    Reads the facts that GitHub and GitLab give their jobs, then the address of the remote `origin` as it stands in the
    repository's config, without what that includes or rewrites. What a person signs shows the name, so a wrong one is
    seen before it is bound.
    """
    for fact in HOST_FACTS:
        if environment.get(fact):
            return environment[fact]
    return name_in(_origin(directory))


def name_in(address: str) -> str:
    """Return `org/project` out of a remote's address, in any of Git's forms; `unknown` where there is none."""
    if address.startswith(("/", ".", "file:")) or not address.isprintable() or len(address) > MAX_CHARACTERS:
        return UNKNOWN
    path = re.sub(r"^(?:[a-z+]+://[^/]+/|[^/:]+:)", "", address).strip("/").removesuffix(".git")
    return path or UNKNOWN


def _origin(directory: Path) -> str:
    from twokey.repository.checkout import find_checkout
    from twokey.repository.program import ask, find_git

    try:
        checkout = find_checkout(directory)
        program = find_git(checkout.root) if checkout is not None else None
        if checkout is None or program is None:
            return ""
        with tempfile.TemporaryDirectory(prefix="twokey-") as room:
            file = str(checkout.common / "config")
            arguments = ["config", "--file", file, "--no-includes", "--get", "remote.origin.url"]
            answer = ask(program, Path(room), arguments, max_bytes=65536)
    except TwokeyError:
        return ""
    return answer.out.decode("utf-8", "replace").strip() if answer.status == 0 else ""
