"""change.json: what of a change the people who decided had before them, kept beside their decisions.

Once merged, a change is seen no more; a deploy job takes its facts from here. They count only where decisions that
count signed the digests that follow from them, so whoever alters this file loses the decisions. What it says is read
strictly: unknown fields are refused.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from twokey import canonical
from twokey.decisions import shapes
from twokey.decisions.checkpoints import OpenCheckpoint
from twokey.decisions.shapes import DIGEST, anything, listing, matching, nullable, one_of, record, truth, whole
from twokey.errors import Place, TwokeyError
from twokey.repository.change import PARTS, Change, ChangedFile, Party, PolicyEdit

TYPE = "urn:twokey:change:v1"
CHANGE = "change.json"
FACTS = "facts.json"
MAX_BYTES = 16 * 1024 * 1024
MAX_FILES = 50_000

_NAME = re.compile(r"change(?:-[0-9]{1,3})?\.json")
_FACTS_NAME = re.compile(r"facts(?:-[0-9]{1,3})?\.json")
_OBJECT = matching(r"[0-9a-f]{40}|[0-9a-f]{64}", "an object id of Git")
_FOUND = anything(16_384)  # in Git or on the host, where a name may be of any characters
_SHAPE = record(
    {
        "type": one_of(TYPE),
        "base": _OBJECT,
        "head": _OBJECT,
        "prefix": matching(r"(?:[^/\x00]+/){0,100}", "a folder, empty or ending with a slash"),
        "files": listing(record({"path": _FOUND, "blob": nullable(_OBJECT)}), most=MAX_FILES),
        "lines": whole(10**9),
        "labels": nullable(listing(_FOUND, most=200)),
        "parties": listing(record({"known_as": _FOUND, "part": one_of(*PARTS), "authenticated": truth}), most=10_000),
        "policy": listing(record({"path": _FOUND, "before": nullable(DIGEST), "after": nullable(DIGEST)}), most=1000),
        "judging_after": nullable(DIGEST),
        "rollback": truth,
    }
)


def render_facts(checkpoints: Iterable[OpenCheckpoint]) -> bytes:
    """Return the facts that a decision on these checkpoints signs the digests of, for whoever reads it years later."""
    return canonical.dumps([dict(opened.facts) for opened in checkpoints])


def is_of_facts(name: str) -> bool:
    """Return whether a file of a store holds such facts: `facts.json`, or `facts-2.json` and so on."""
    return _FACTS_NAME.fullmatch(name) is not None


def is_of_change(name: str) -> bool:
    """Return whether a file of a store is such a document: `change.json`, or `change-2.json` and so on."""
    return _NAME.fullmatch(name) is not None


def change_facts(change: Change | None) -> dict[str, Any] | None:
    """Return the facts of a change as plain JSON types, or None where there is none."""
    if change is None or change.empty:
        return None
    plain = {"type": TYPE, **asdict(change)}
    del plain["decisions_only"]  # it is about the run, and changes with the next decision
    return plain


def render_change(change: Change) -> bytes:
    """Return the facts of a change as its document; the same change gives the same bytes.

    Raises TwokeyError where it could not be read again, as with too many files: a decision on it would be lost later.
    """
    data = canonical.dumps(change_facts(change))
    parse_change(data, CHANGE)
    return data


def parse_change(data: bytes, file: str) -> Change:
    """Read such a document. Raises TwokeyError with what is wrong with it."""
    said = canonical.loads(data, file=file, max_bytes=MAX_BYTES, max_depth=4)
    problems = shapes.problems_of(said, _SHAPE)
    if not problems and said["base"] == said["head"]:
        problems = ("head: it is the base, so nothing was under review",)
    if not problems and said["judging_after"] and not said["policy"]:
        problems = ("judging_after: a change that edits no policy brings none",)
    if problems:
        raise TwokeyError(f"is not what people had before them: {problems[0]}", where=Place(file=file))
    return _change(said)


def _change(said: Mapping[str, Any]) -> Change:
    return Change(
        base=said["base"],
        head=said["head"],
        prefix=said["prefix"],
        files=tuple(ChangedFile(**row) for row in said["files"]),
        lines=said["lines"],
        labels=None if said["labels"] is None else tuple(said["labels"]),
        parties=tuple(Party(**row) for row in said["parties"]),
        policy=tuple(PolicyEdit(**row) for row in said["policy"]),
        judging_after=said["judging_after"],
        rollback=said["rollback"],
    )
