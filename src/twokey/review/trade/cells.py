r"""Texts as cells of a spreadsheet: nothing in them is a formula, becomes a number or a date, or is lost on the way.

`cell` and `text` undo each other for every text. A cell that a program would take for a formula, wherever it thinks
that the cell begins (some split at semicolons, whatever the quotes), gets an apostrophe in front; so does what it would
turn into a number or a date. What cannot be seen is written as `json:"..."`.

Source: OWASP, "CSV Injection", on what begins a formula and on separators inside of cells.
"""

import json
import re

from twokey.visible import UNSEEN

_FORMULA = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"  # ASCII, and the full-width forms that some programs take for them
_BEGINS = r"((?:^|[;,|\"\t\n]) *)"
_BARE = re.compile(f"{_BEGINS}('*{_FORMULA})")
_GUARDED = re.compile(f"{_BEGINS}'('*{_FORMULA})")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NUMBER = r"[\s\d.,:/%$\u20ac\u00a3()eE+\-]"
_CONVERTED = re.compile(  # nothing gives back what it took: a hostile text takes no longer than another
    rf"'*+(?:[\t\n][\s\S]*|(?=\D*+\d){_NUMBER}++(?:[ap]m)?"
    rf"|\d*+[ ./-]*+(?:{_MONTHS})[a-z]*+[ ./-]*+\d++.{{0,8}}|true|false)",
    re.IGNORECASE,
)
_ENCODED = 'json:"'


def cell(text: str) -> str:
    """Return what stands for a text in a cell."""
    if UNSEEN.search(text) or text.startswith(_ENCODED):
        literal = json.dumps(text, ensure_ascii=False)
        text = "json:" + UNSEEN.sub(lambda match: json.dumps(match[0])[1:-1], literal)
    if _CONVERTED.fullmatch(text):
        text = f"'{text}"
    return _BARE.sub(lambda match: f"{match[1]}'{match[2]}", text)


def text(cell: str) -> str:
    """Return the text that a cell stands for; a cell that somebody typed stands for itself."""
    found = _GUARDED.sub(lambda match: match[1] + match[2], cell)
    if found.startswith("'") and _CONVERTED.fullmatch(found[1:]):
        found = found[1:]
    if found.startswith(_ENCODED):
        try:
            decoded = json.loads(found.removeprefix("json:"))
        except ValueError:
            return found
        return decoded if isinstance(decoded, str) else found
    return found
