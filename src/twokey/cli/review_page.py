"""The review page in the evidence directory, with the sealed seeds among its items where there are any."""

from pathlib import Path

from twokey.canonical import loads
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import SEEDS, short
from twokey.evidence.tree import read_regular
from twokey.page.payload import payload
from twokey.page.render import page
from twokey.review.mixing import mixed
from twokey.review.seeds import MAX_BYTES


def sealed_bytes(directory: Path, evidence: Evidence) -> bytes | None:
    """Return the sealed seeds of this evidence, from its directory or from where they stepped aside; None for none."""
    for path in (directory / SEEDS, directory.parent / "kept" / short(evidence.digest) / SEEDS):
        try:
            data = read_regular(path)
            said = loads(data, file=str(path), max_bytes=MAX_BYTES)
        except (FileNotFoundError, NotADirectoryError, TwokeyError):
            continue
        if isinstance(said, dict) and said.get("manifest") == evidence.digest:
            return data
    return None


def review_page(directory: Path, evidence: Evidence) -> str:
    """Return the page that lies in the directory: nobody's, without a grade, and it asks no server.

    Raises TwokeyError where there are sealed seeds of this evidence that are none.
    """
    given = mixed(evidence.items, sealed_bytes(directory, evidence), evidence.digest)
    return page(payload(evidence, items=given.items, practice=given.practice, seeds=given.seeds))
