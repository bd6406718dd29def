"""The fields that every format carries, and how they become texts that other tools show.

Why an item was chosen is not among them, and what the machine thinks of it only where it was asked for. A text is made
visible on its way out: what a screen would obey or hide stands there as an escape.
"""

import json
from collections.abc import Mapping
from typing import Any

from twokey.canonical import dumps
from twokey.errors import Place, TwokeyError
from twokey.kinds import nearest
from twokey.review.grades import Grade
from twokey.review.shown import without_confidence
from twokey.review.trade.base import Sheet
from twokey.visible import UNSEEN, visible

ITEM, MANIFEST, REVIEWER, OPINION = "item", "manifest", "reviewer", "opinion"
SHOWN = ("input", "output", "label", "expected", "context", "impact", "asked")
"""What a reviewer needs of an item before the first grade."""

GRADED = ("grade", "severity", "reason", "correction", "seconds", "certainty", "revised_from")
"""What makes a grade, beside its item."""

OPINIONS = ("confidence", "confidence_past", "findings", "rules", "grounding", "alternatives", "doubts")
"""What the machine thinks of an item, as far as the row has it."""

KNOWN = (ITEM, MANIFEST, REVIEWER, *SHOWN, OPINION, *GRADED)
"""All keys of a line, and columns of a table."""

NEEDED = (ITEM, MANIFEST, "grade")
"""What must be there on the way back."""


def shown_text(value: Any) -> str:
    """Return a value of an item as a text for a screen: nothing for None, and a structure as JSON."""
    if value is None:
        return ""
    return visible(value if isinstance(value, str) else dumps(value).decode().rstrip("\n"))


def shown_texts(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what is shown of an item, each field as a text, without the confidence where an output repeats it."""
    clean = without_confidence(row)
    return {name: shown_text(clean.get(name)) for name in SHOWN}


def written(document: bytes) -> bytes:
    """Return JSON with everything that cannot be seen in its strings as an escape: reasons quote hostile outputs."""
    return UNSEEN.sub(lambda match: json.dumps(match[0])[1:-1], document.decode()).encode()


def opinion_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the machine thinks of an item, without what it does not say."""
    return {name: row[name] for name in OPINIONS if row.get(name) not in (None, [], {}, "")}


def graded(grade: Grade) -> dict[str, Any]:
    """Return a grade's fields as JSON, all of them."""
    return {name: getattr(grade, name) for name in GRADED} | {"revised_from": list(grade.revised_from)}


def grade_in(sheet: Sheet, row: Mapping[str, Any]) -> Grade | None:
    """Return the grade that an item has so far, or None."""
    return sheet.grades.of(str(row["id"])) if sheet.grades else None


def check_keys(found: Mapping[str, Any], where: Place, what: str) -> None:
    """Refuse names that no grade has, and rows without what each needs. Raises TwokeyError."""
    for name in found:
        if name not in KNOWN:
            guess = nearest(name[:80], KNOWN)
            raise TwokeyError(
                f"there is no {what} {name[:80]!r}",
                where=where,
                hint=f"did you mean {guess}?" if guess else f"known: {', '.join(KNOWN)}",
            )
    if lacking := [name for name in NEEDED if name not in found]:
        raise TwokeyError(f"there is no {' and no '.join(lacking)}: expected {', '.join(NEEDED)}", where=where)
