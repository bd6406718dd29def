"""Evidence, grades and decisions lie in two places, and readers look at either: both must say the same.

Signing keeps manifest, results and packet in the store beside the decision; the evidence directory shows copies of what
people gave. Which decision counts is judged in `decisions`, from the store alone.
"""

from collections.abc import Iterator
from pathlib import Path

from twokey.canonical import sha256
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import DECISIONS, GRADES, MANIFEST, PACKET, RESULTS
from twokey.evidence.tree import read_regular


def refuse_altered_copies(evidence: Evidence, store: Path, directory: Path | None) -> None:
    """Compare what is kept in `store` with the evidence, and what people gave in `directory` with what is in `store`.

    Grades that are in the directory alone are a review in progress. Raises TwokeyError naming a copy that differs.
    """
    covered = {MANIFEST: evidence.digest, RESULTS: sha256(evidence.files[RESULTS])}
    covered["packet.json"] = sha256(evidence.files[PACKET])
    for name, expected in covered.items():
        kept = store / name
        if _there(kept) and (found := sha256(read_regular(kept))) != expected:
            raise _differs(
                kept, f"is not the evidence that it was kept for: sha256 {expected[:12]}, found {found[:12]}"
            )
    for shown, kept in _pairs(directory, store) if directory is not None else ():
        if read_regular(shown) != read_regular(kept):
            raise _differs(shown, f"is not what is kept in {kept}")


def _pairs(directory: Path, store: Path) -> Iterator[tuple[Path, Path]]:
    for folder in (GRADES, DECISIONS):
        for shown in sorted((directory / folder).glob("*")):
            kept = store / shown.name
            if _there(kept):
                yield shown, kept


def _there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _differs(path: Path, message: str) -> TwokeyError:
    hint = "one of the two was altered after it was written; twokey run shows what is in the store"
    return TwokeyError(message, where=Place(file=str(path)), hint=hint)
