"""Items and grades as a table that spreadsheets open. What goes into a cell, and comes out of it, is in `cells`."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from twokey.canonical import dump_line
from twokey.errors import Place, TwokeyError
from twokey.review.trade.base import MAX_BYTES, Reading, Row, Sheet
from twokey.review.trade.cells import cell, text
from twokey.review.trade.fields import (
    GRADED,
    ITEM,
    KNOWN,
    MANIFEST,
    OPINION,
    REVIEWER,
    check_keys,
    grade_in,
    graded,
    opinion_of,
    shown_text,
    shown_texts,
)
from twokey.values import dataclass

BOM = b"\xef\xbb\xbf"
MAX_SHOWN = 30_000
"""Characters of a text that is only shown: a cell of a spreadsheet has room for 32,767."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedCsv:
    """A table for spreadsheets: a row for each item, the grade in columns of its own.

    The columns are those of `graded-jsonl`; structures stand as JSON, `revised_from` as words with spaces between. It
    is UTF-8 with a byte order mark, which Excel needs, and every cell is quoted. Semicolons or tabs between cells, as
    some programs save them, are read as well.

    Outputs are hostile: a cell that a program would take for a formula has an apostrophe in front, and so has what
    would become a number or a date, such as an id `007`. Both are taken off again on the way back.

    Limits: a text of more than 30,000 characters is cut, since a cell holds no more; unknown columns are refused.
    """

    name: ClassVar[str] = "graded-csv"
    summary: ClassVar[str] = "items and grades as a table for spreadsheets, safe from formulas"
    suffix: ClassVar[str] = ".csv"

    def export(self, sheet: Sheet) -> bytes:
        """Return the table."""
        out = io.StringIO()
        names = [name for name in KNOWN if sheet.opinion or name != OPINION]
        writer = csv.DictWriter(out, names, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(_cells(sheet, row) for row in sheet.items)
        return BOM + out.getvalue().encode()

    def beside(self, sheet: Sheet) -> Mapping[str, bytes]:
        """Return nothing: the file stands alone."""
        del sheet
        return {}

    def read(self, data: bytes, file: str) -> Reading:
        """Read the table. Raises TwokeyError with file and line."""
        if len(data) > MAX_BYTES:
            raise TwokeyError(f"{len(data):,} bytes, more than the {MAX_BYTES:,} allowed", where=Place(file=file))
        try:
            content = data.removeprefix(BOM).decode()
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise TwokeyError("not UTF-8", where=Place(file=file, line=line), hint="save it as CSV UTF-8") from None
        return Reading(rows=tuple(_rows(content, file)), as_shown=_cut)


def _cut(text: str) -> str:
    return text[:MAX_SHOWN]


def _cells(sheet: Sheet, row: Mapping[str, Any]) -> dict[str, str]:
    """Return a row; the seconds alone stay a number."""
    grade = grade_in(sheet, row)
    given = dict.fromkeys(GRADED, "")
    if grade:
        texts = {**graded(grade), "revised_from": " ".join(grade.revised_from)}
        given = {name: cell(str(value)) if value is not None else "" for name, value in texts.items()}
        given["seconds"] = str(grade.seconds)
    opinion = {OPINION: shown_text(dump_line(opinion_of(row)).decode().rstrip("\n"))} if sheet.opinion else {}
    return {
        ITEM: cell(str(row["id"])),
        MANIFEST: cell(sheet.manifest),
        REVIEWER: cell(sheet.grades.reviewer if sheet.grades else ""),
        **{name: cell(_cut(value)) for name, value in {**shown_texts(row), **opinion}.items()},
        **given,
    }


def _rows(content: str, file: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=_delimiter(content), strict=True)
    before, head = 0, None
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise TwokeyError(f"not CSV: {error}", where=Place(file=file, line=before + 1)) from None
        if cells is None:
            break
        where, before = Place(file=file, line=before + 1), reader.line_num
        if head is None:
            head = _head(cells, where)
        elif any(cells):
            if len(cells) != len(head):
                raise TwokeyError(f"{len(cells)} cells, expected {len(head)} as in the first line", where=where)
            yield _row(dict(zip(head, map(text, cells), strict=True)), where)
    if head is None:
        raise TwokeyError("is empty: expected a first line with the names of columns", where=Place(file=file, line=1))


def _delimiter(content: str) -> str:
    first = content.partition("\n")[0]
    return max(",;\t", key=first.count)


def _head(cells: list[str], where: Place) -> list[str]:
    head = [name.strip().lower() for name in cells]
    check_keys(dict.fromkeys(head), where, "column")
    if len(set(head)) < len(head):
        raise TwokeyError("a column stands twice", where=where)
    return head


def _row(cells: Mapping[str, str], where: Place) -> Row:
    return Row(
        item=cells[ITEM],
        manifest=cells[MANIFEST].strip(),
        by=cells.get(REVIEWER, "").strip() or None,
        values={name: cells.get(name, "") for name in GRADED},
        output=cells.get("output"),
        where=where,
    )
