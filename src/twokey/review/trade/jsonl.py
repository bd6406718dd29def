"""Items and grades as JSON Lines: for scripts, notebooks, and whatever has no format of its own."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from twokey.canonical import dump_line, loads
from twokey.errors import Place, TwokeyError
from twokey.review.trade.base import MAX_BYTES, Reading, Row, Sheet
from twokey.review.trade.fields import (
    GRADED,
    ITEM,
    MANIFEST,
    OPINION,
    REVIEWER,
    SHOWN,
    check_keys,
    grade_in,
    graded,
    opinion_of,
    shown_text,
    written,
)
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedJsonl:
    """One JSON object a line for each item: what is shown of it, and its grade.

    A line has `item`, `manifest`, `reviewer`, what is shown (`input`, `output`, `label`, `expected`, `context`,
    `impact`, `asked`; structures stay structures) and the grade (`grade`, `severity`, `reason`, `correction`,
    `seconds`, `certainty`, `revised_from`), null where there is none yet. `opinion` is there only where it was asked
    for.

    On the way back `item`, `manifest` and `grade` are enough. Any other key is refused, and so is an `output` that is
    not the item's.
    """

    name: ClassVar[str] = "graded-jsonl"
    summary: ClassVar[str] = "items and grades as JSON Lines, one object for each item"
    suffix: ClassVar[str] = ".jsonl"

    def export(self, sheet: Sheet) -> bytes:
        """Return a line for each item."""
        return b"".join(written(dump_line(_line(sheet, row))) for row in sheet.items)

    def beside(self, sheet: Sheet) -> Mapping[str, bytes]:
        """Return nothing: the file stands alone."""
        del sheet
        return {}

    def read(self, data: bytes, file: str) -> Reading:
        """Read the lines. Raises TwokeyError with file and line."""
        if len(data) > MAX_BYTES:
            raise TwokeyError(f"{len(data):,} bytes, more than the {MAX_BYTES:,} allowed", where=Place(file=file))
        return Reading(rows=tuple(_rows(data.removeprefix(b"\xef\xbb\xbf"), file)))


def _line(sheet: Sheet, row: Mapping[str, Any]) -> dict[str, Any]:
    grade = grade_in(sheet, row)
    return {
        ITEM: row["id"],
        MANIFEST: sheet.manifest,
        REVIEWER: sheet.grades.reviewer if sheet.grades else None,
        **{name: row.get(name) for name in SHOWN},
        **({OPINION: opinion_of(row)} if sheet.opinion else {}),
        **(graded(grade) if grade else dict.fromkeys(GRADED)),
    }


def _rows(data: bytes, file: str) -> Iterator[Row]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        where = Place(file=file, line=number)
        try:
            row = loads(line, file=file)
        except TwokeyError as error:
            raise TwokeyError(error.problems[0].message, where=where) from None
        if not isinstance(row, dict):
            raise TwokeyError("is no JSON object", where=where)
        check_keys(row, where, "key")
        by, item, manifest = row.get(REVIEWER), row[ITEM], row[MANIFEST]
        if not (isinstance(item, str) and isinstance(manifest, str) and (by is None or isinstance(by, str))):
            raise TwokeyError(f"{ITEM}, {MANIFEST} and {REVIEWER} are texts, found something else", where=where)
        yield Row(
            item=item,
            manifest=manifest,
            by=by or None,
            values={name: row.get(name) for name in GRADED},
            output=shown_text(row["output"]) if "output" in row else None,
            where=where,
        )
