"""Evidence, grades and decisions lie in two places, and readers look at either: both must say the same.

Signing keeps manifest, results and packet in the store beside the decision; the evidence directory shows copies of what
people gave. Which decision counts is judged in `decisions`, from the store alone.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from twokey.canonical import sha256
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import DECISIONS, GRADES, MANIFEST, PACKET, RESULTS
from twokey.evidence.tree import read_regular


def refuse_altered_copies(evidence: Evidence, kept: Mapping[str, object], place: str, directory: Path | None) -> None:
    """Compare what is kept in a store with the evidence, and what people gave in `directory` with what is kept.

    Grades that are in the directory alone are a review in progress. Raises TwokeyError naming a copy that differs.

    Args:
        evidence: what was read.
        kept: the files of the store's folder for it by name; what is no bytes could not be read as a plain file.
        place: what messages call the store.
        directory: the evidence directory, or None where the evidence came from nowhere yet.
    """
    covered = {MANIFEST: evidence.digest, RESULTS: sha256(evidence.files[RESULTS])}
    covered["packet.json"] = sha256(evidence.files[PACKET])
    for name, expected in covered.items():
        if name in kept and (found := _digest(kept[name])) != expected:
            told = f"is not the evidence that it was kept for: sha256 {expected[:12]}, found {found}"
            raise _differs(f"{place}/{evidence.digest[:12]}/{name}", told)
    for folder in (GRADES, DECISIONS):
        for shown in sorted((directory / folder).glob("*")) if directory is not None else ():
            same = [_digest(content) for name, content in kept.items() if _family(name) == _family(shown.name)]
            if same and sha256(read_regular(shown)) not in same:
                raise _differs(str(shown), f"is not what is kept in {place}/{evidence.digest[:12]}")


def _family(name: str) -> str:
    """Return a name without the number that a store adds where the plain one is taken."""
    return re.sub(r"-[0-9]{1,3}(?=\.json)", "", name)


def _digest(content: object) -> str:
    return sha256(content) if isinstance(content, bytes) else str(getattr(content, "reason", "no plain file"))


def _differs(file: str, message: str) -> TwokeyError:
    hint = "one of the two was altered after it was written; twokey run shows what is in the store"
    return TwokeyError(message, where=Place(file=file), hint=hint)
