"""Reading the files that policy is made of from the checkout, and remembering which bytes were read.

The checkout is what a change may edit. `committed` reads the same files from a protected commit and takes this class's
place: whoever reads policy asks it for bytes by path (`ground.PolicySource`), and knows of no file system.
"""

import stat
from dataclasses import dataclass, field
from pathlib import Path

from twokey.canonical import sha256
from twokey.errors import Place, TwokeyError

MAX_BYTES = 16 * 1024 * 1024

NAMED = "policy names it; its paths are relative to the config"
"""What is said of a file that is not there; `plan` says which part of policy names it."""


@dataclass(slots=True, kw_only=True)
class PolicyFiles:
    """Files below the config's directory; `read_so_far` holds the digest of each that was read."""

    directory: Path
    read_so_far: dict[str, str] = field(default_factory=dict)

    def read(self, path: str) -> bytes:
        """Return a policy file's bytes. Raises TwokeyError where it cannot be had or is too large."""
        full = self.directory / path
        where = Place(file=str(full))
        try:
            if not stat.S_ISREG(full.stat().st_mode):
                raise TwokeyError("is a directory or a device, expected a file", where=where)
            with full.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            raise TwokeyError("there is no such file", where=where, hint=NAMED) from None
        except OSError as error:
            raise TwokeyError(f"cannot be read: {error.strerror}", where=where) from None
        if len(data) > MAX_BYTES:
            raise TwokeyError(f"larger than the {MAX_BYTES:,} bytes allowed", where=where)
        self.read_so_far[path] = sha256(data)
        return data

    def place(self, path: str) -> str:
        """Return what messages call a file: where it stands."""
        return str(self.directory / path)

    def located(self, path: str) -> Path:
        """Return where a file stands; whether it is there shows when it is opened."""
        return self.directory / path
