"""How rows of a file that came back become one reviewer's grades: strictly, and with a note for all that is not taken.

A row that cannot be a grade is refused with its place, and with it the whole file: half of a review taken over would
look like a whole one. What other people said, and what is not graded, is left out and counted.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from twokey.errors import Place, TwokeyError
from twokey.kinds import nearest
from twokey.review.grades import MAX_SECONDS, Grade, Grades
from twokey.review.trade.base import MAX_ROWS, Reading, Row
from twokey.review.trade.fields import shown_texts
from twokey.values import dataclass
from twokey.visible import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The grades that a file holds, and in a sentence each what was not taken of it."""

    grades: Grades
    notes: tuple[str, ...] = ()


def taken(
    reading: Reading,
    *,
    file: str,
    manifest: str,
    items: Iterable[Mapping[str, Any]],
    reviewer: str,
    annotator: str | None = None,
    seeds: str | None = None,
) -> Taken:
    """Return the grades of one reviewer.

    Args:
        reading: what the format made of the file.
        file: its name, for messages.
        manifest: the digest of the evidence that was graded.
        items: all rows that may be graded, sealed ones among them.
        reviewer: the principal whose grades these become.
        annotator: the name or number that the reviewer has in the other tool, where it is another.
        seeds: the SHA-256 of the sealed bundle, where its items are among those graded.

    Raises:
        TwokeyError: a row is about other evidence or no item, shows another output, is no grade, or contradicts
            another; or it cannot be told whose the rows are.
    """
    if len(reading.rows) > MAX_ROWS:
        raise TwokeyError(f"{len(reading.rows):,} rows, more than the {MAX_ROWS:,} allowed", where=Place(file=file))
    known = {str(item["id"]): item for item in items}
    rows, notes = _of(reviewer, annotator, [row for row in reading.rows if _is_graded(row)], file)
    found: dict[str, tuple[Grade, Row]] = {}
    for row in rows:
        _check(row, manifest, known, reading.as_shown)
        grade = _grade(row, reviewer)
        before = found.setdefault(row.item, (grade, row))
        if before[0] != grade:
            raise TwokeyError(
                f"{_said(row)}{row.item!r} has two grades, {before[0].grade} and {grade.grade}",
                where=row.where,
                hint=f"the other is {_place(before[1])}; leave one of them",
            )
    if ungraded := len({row.item for row in reading.rows} - {row.item for row in reading.rows if _is_graded(row)}):
        notes.append(f"{ungraded:,} items have no grade in it")
    grades = Grades(
        manifest=manifest, reviewer=reviewer, grades=tuple(grade for grade, _ in found.values()), seeds=seeds
    )
    return Taken(grades=grades, notes=(*reading.notes, *notes))


def _is_graded(row: Row) -> bool:
    return bool(str(row.values.get("grade") or "").strip())


def _of(reviewer: str, annotator: str | None, rows: list[Row], file: str) -> tuple[list[Row], list[str]]:
    """Return the rows that are the reviewer's own, and whose the others are."""
    wanted = (annotator or reviewer).casefold()
    own = [row for row in rows if row.by is None or row.by.casefold() == wanted]
    others = Counter(str(row.by) for row in rows if row.by is not None and row.by.casefold() != wanted)
    notes = []
    numbers = sorted({str(row.by) for row in rows if row.numbered})
    if not any(row.by for row in own) and numbers and annotator is None:
        if len(others) > 1:
            raise TwokeyError(
                f"it holds grades by {_named(others)}, and does not say which of them is {reviewer}",
                where=Place(file=file),
                hint="name the one with --annotator",
            )
        own, others = rows, Counter()
        notes.append(f"the tool calls who graded {numbers[0]}: taken for {reviewer}")
    if others:
        notes.append(f"{others.total():,} grades are by {_named(others)}, and not taken")
    return own, notes


def _named(people: Iterable[str]) -> str:
    names = sorted(visible(name)[:60] for name in people)
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _check(row: Row, manifest: str, known: Mapping[str, Mapping[str, Any]], as_shown: Callable[[str], str]) -> None:
    """Refuse a row that was not made of this evidence, or shows another output than its item has."""
    if row.manifest != manifest:
        told = f"manifest {row.manifest[:12]!r}" if row.manifest else "no manifest"
        raise TwokeyError(
            f"{_said(row)}{told}: expected {manifest[:12]}, the evidence at hand",
            where=row.where,
            hint="it was exported from other evidence",
        )
    if row.item not in known:
        guess = nearest(row.item[:80], known)
        raise TwokeyError(
            f"{_said(row)}the item {row.item[:80]!r} is not in this review bundle",
            where=row.where,
            hint=f"did a program change {guess!r}?" if guess else "expected an id as it was exported",
        )
    if row.output is not None and _words(row.output) != _words(as_shown(shown_texts(known[row.item])["output"])):
        raise TwokeyError(
            f"{_said(row)}the output shown is not that of {row.item!r} in the evidence",
            where=row.where,
            hint="a part of the rows may have been sorted apart from the rest, or the output edited",
        )


def _words(text: str) -> list[str]:
    return text.split()


def _grade(row: Row, reviewer: str) -> Grade:
    values = row.values
    grade = re.sub(r"[\s_]+", "-", _text(row, "grade").strip().lower())
    correction = values.get("correction")
    try:
        return Grade(
            item=row.item,
            grade=grade,  # type: ignore[arg-type]  # it refuses what is none
            severity=_word(row, "severity"),  # type: ignore[arg-type]
            reason=_text(row, "reason"),
            correction=_text(row, "correction") if correction or (correction is not None and grade == "edit") else None,
            seconds=_seconds(row),
            certainty=_word(row, "certainty"),  # type: ignore[arg-type]
            revised_from=tuple(_revised(row) if row.revised_by in (None, reviewer) else ()),  # type: ignore[arg-type]
        )
    except ValueError as error:
        raise TwokeyError(f"{_said(row)}{row.item!r}: {error}", where=row.where) from None


def _text(row: Row, name: str) -> str:
    value = row.values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value


def _word(row: Row, name: str) -> str | None:
    return _text(row, name).strip().lower() or None


def _seconds(row: Row) -> int:
    value = row.values.get("seconds")
    if value is None or value == "":
        return 0
    try:
        number = float(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number < math.inf:
            raise ValueError
    except ValueError:
        raise ValueError("seconds is no number of seconds") from None
    return min(round(min(number, MAX_SECONDS)), MAX_SECONDS)


def _revised(row: Row) -> list[str]:
    value = row.values.get("revised_from")
    parts = value.split() if isinstance(value, str) else value or []
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError("revised_from is no list of grades")
    return parts


def _said(row: Row) -> str:
    return f"{row.what}: " if row.what else ""


def _place(row: Row) -> str:
    return row.what or f"in line {row.where.line}"
