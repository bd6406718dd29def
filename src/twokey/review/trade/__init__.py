"""Trade with other tools: in which formats items go out to be graded, and grades come back.

A format writes and reads rows. What a row has to hold to become a grade is the same for all of them, in `taking`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from twokey.errors import Place, TwokeyError
from twokey.kinds import Table, lookup

if TYPE_CHECKING:
    from twokey.review.trade.base import TradeFormat

TRADE: Table["TradeFormat"] = Table(
    "twokey.review.trade",
    {
        "label-studio": "label_studio:LabelStudio",
        "promptfoo": "promptfoo:Promptfoo",
        "graded-csv": "csv:GradedCsv",
        "graded-jsonl": "jsonl:GradedJsonl",
    },
    made=True,
)

SHORT = {"csv": "graded-csv", "jsonl": "graded-jsonl"}
"""What people call two of them; readers of recordings have those names already."""


def format_named(name: str) -> "TradeFormat":
    """Return the format of that name. Raises TwokeyError where there is none."""
    return lookup(TRADE, SHORT.get(name, name), "trade format")


def format_for(path: Path) -> "TradeFormat":
    """Return the format that a file to be written is meant to be, by the end of its name. Raises TwokeyError."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix == "json":
        raise TwokeyError(
            "two formats end in .json", where=Place(file=str(path)), hint="--format label-studio, or promptfoo"
        )
    if suffix not in SHORT:
        raise TwokeyError(
            "the name does not say which format is meant: expected .csv, .jsonl or .json",
            where=Place(file=str(path)),
            hint=f"--format is one of {', '.join(TRADE)}",
        )
    return TRADE[SHORT[suffix]]


def format_of(data: bytes, path: Path) -> "TradeFormat":
    """Return the format that a file is in: by the end of its name, and for .json by how it begins.

    Raises:
        TwokeyError: neither says which.
    """
    if path.suffix.lower() != ".json":
        return format_for(path)
    return TRADE["label-studio" if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[" else "promptfoo"]
