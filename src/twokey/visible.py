r"""Text from elsewhere, made visible: what a terminal or a CI log would obey or hide is shown in its place.

Line feeds and tabs stay. Control characters (the escape among them), bidirectional and zero-width ones, fillers, line
separators and halves of characters become `\x1b`, `\u202e` and the like. The ranges are written out, so that they do
not change with Python's Unicode tables. Whoever prints, and every report, starts from here.
"""

import re

# Controls, invisible and bidirectional characters, fillers, tags, lone surrogates, non-characters. LF and tab pass.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

# GitHub obeys `::name::` at the start of a line and `##[name]` anywhere in it; Azure `##vso[`, TeamCity `##teamcity[`.
_COLONS = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
HASHES = re.compile(r"#(?=#(?:\[|[A-Za-z]+\[))")


def visible(text: str) -> str:
    """Return the text with nothing in it that a terminal or a CI log obeys or hides; CR LF becomes LF."""
    shown = UNSEEN.sub(_escaped, text.replace("\r\n", "\n"))
    return _COLONS.sub(r"\1\\x3a", HASHES.sub(r"\\x23", shown))


def _escaped(match: re.Match[str]) -> str:
    if match[0] == "\r":
        return r"\r"
    code = ord(match[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
