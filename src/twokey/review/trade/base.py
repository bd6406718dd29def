"""The contract of a trade format: items and grades so far become a file, and a file that came back becomes rows.

A format knows its tool's shape and nothing of what makes a grade: unknown items, missing severities and other people's
rows are judged in `taking`, alike for all formats.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

from twokey.errors import Place
from twokey.review.grades import Grades
from twokey.values import dataclass

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What goes out: the rows in the order in which they are met, and the grades so far of one reviewer.

    With `opinion`, what the machine thinks of each goes along. Without it, a reviewer elsewhere sees as little of it as
    on the page.
    """

    manifest: str
    items: tuple[Mapping[str, Any], ...]
    grades: Grades | None = None
    opinion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One grade as a file has it. `values` are the fields of a grade, typed or as texts; empty ones may be left out.

    `output` is the answer as the file shows it, None where it shows none. `by` is whose the row is: a name, or
    `numbered` where the tool tells only a number of its own. `revised_by` is whose earlier grades `revised_from` is
    about, where a file tells it apart.
    """

    item: str
    manifest: str
    values: Mapping[str, Any]
    where: Place
    what: str = ""
    output: str | None = None
    by: str | None = None
    numbered: bool = False
    revised_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The rows of a file, and in a sentence each what was seen in it and is no grade.

    `as_shown` is what the format makes of an output's text, for comparing what came back.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    as_shown: Callable[[str], str] = str


class TradeFormat(Protocol):
    """A format that grades can be given in elsewhere. The class's docstring is its page in the docs."""

    name: ClassVar[str]
    summary: ClassVar[str]
    suffix: ClassVar[str]

    def export(self, sheet: Sheet) -> bytes:
        """Return the file: every item, with its grade where there is one. The same sheet gives the same bytes."""

    def beside(self, sheet: Sheet) -> Mapping[str, bytes]:
        """Return the files that belong beside it, by suffix; none for most formats."""

    def read(self, data: bytes, file: str) -> Reading:
        """Read a file that came back. Raises TwokeyError with the place where it is not one of this format."""
