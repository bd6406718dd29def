r"""One escaping layer per sink: what text must go through before it stands in a log, a page, a summary or XML.

All text counts as hostile, whoever wrote it: outputs, but also labels, record ids, file names and reasons that quote
them. Every sink starts from `visible`, which shows what cannot be seen (or what a terminal would obey) as an escape
such as `\x1b` or `\u202e`; what the sink itself would obey is taken care of on top. Nothing is redacted here, and
nothing is silently dropped. The ranges are written out, so that they do not change with Python's Unicode tables.
"""

import html
import re

# Controls, invisible and bidirectional characters, fillers, tags, lone surrogates, non-characters. LF and tab pass.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_UNSEEN_OR_ASTRAL = re.compile(f"{_UNSEEN.pattern}|[\U00010000-\U0010ffff]")
_NAMED = {"\r": r"\r", "\n": r"\n"}

# GitHub obeys `::name::` at the start of a line and `##[name]` anywhere in it; Azure `##vso[`, TeamCity `##teamcity[`.
_COLONS = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_HASHES = re.compile(r"#(?=#(?:\[|[A-Za-z]+\[))")


def visible(text: str) -> str:
    """Return the text with everything unseen shown as its escape; line feeds and tabs stay, CR LF becomes LF.

    What a CI host would take for a command is broken likewise, because any report may be printed to a log.
    """
    shown = _UNSEEN.sub(_shown, text.replace("\r\n", "\n"))
    return _COLONS.sub(r"\1\\x3a", _HASHES.sub(r"\\x23", shown))


def one_line(text: str) -> str:
    r"""Return the visible text in one line, line feeds shown as `\n`."""
    return visible(text).replace("\n", r"\n").replace("\t", " ")


def clip(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text, and say how many more there are."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text) - limit:,} more characters)"


def log(text: str) -> str:
    """Return a whole rendering for a terminal or a log.

    Works on finished lines, because wrapping may bring a command to the start of a line where there was none.
    """
    return visible(text)


def json_text(document: str) -> str:
    """Return the same JSON document with unseen characters and CI commands inside its strings as JSON escapes.

    So are characters above U+FFFF: a terminal's own escaping of what it does not know would be no JSON.
    """
    safe = _UNSEEN_OR_ASTRAL.sub(lambda match: _utf16(match[0]), document)
    return _HASHES.sub(r"\\u0023", safe)


def markup(text: str) -> str:
    """Return the text for HTML, as content or as a quoted attribute value."""
    return html.escape(visible(text), quote=True)


def xml(text: str) -> str:
    """Return the text without characters that XML 1.0 cannot hold. Its serialiser escapes the markup."""
    return visible(text)


def markdown(text: str) -> str:
    """Return a sentence for Markdown, in one line, also in a table's cell.

    Words of letters, digits and plain punctuation stay as they are; everything else becomes code, in which neither
    Markdown nor the host's own filters (mentions, references, links, emoji, formulas, quick actions) do anything.
    """
    words = one_line(text).split()
    pieces: list[str] = []
    odd: list[str] = []
    for index, word in enumerate(words):
        if _PLAIN_WORD.fullmatch(word) and not _REFERENCE.search(word) and not (index == 0 and _MARKER.fullmatch(word)):
            pieces += [*_as_code(odd), word]
            odd = []
        else:
            odd.append(word)
    return " ".join([*pieces, *_as_code(odd)])


def code(text: str) -> str:
    """Return the text as Markdown code in one line, also in a table's cell."""
    line = " ".join(one_line(text).split())
    if not line:
        return "(empty)"
    if not any(char in line for char in "`|"):
        return f"`{line}`"
    # A bar after a backslash ends a table's cell in some parsers, whatever the escaping; entities never do.
    return f"<code>{_PUNCTUATION.sub(lambda match: f'&#{ord(match[0])};', line)}</code>"


_PLAIN_WORD = re.compile(r"[(\"']*(?:[^\W_]|(?<=\w)[-.,/=+'](?=\w)|(?<=\d)%|(?<!\w)[-+](?=\d))+[)\"']*[.,;:]?|[-+=]")
_REFERENCE = re.compile(r"^[(\"']*(?:GH-\d|www\.)|[0-9a-f]{40}", re.IGNORECASE)
_MARKER = re.compile(r"[-+=]+|\d+[.)]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def _as_code(words: list[str]) -> list[str]:
    if not words:
        return []
    text = " ".join(words)
    tail = text[-1] if text[-1] in ".,;:" and text[-2:-1].isalnum() else ""
    return [code(text.removesuffix(tail)) + tail]


def _shown(match: re.Match[str]) -> str:
    char = match[0]
    if char in _NAMED:
        return _NAMED[char]
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _utf16(char: str) -> str:
    number = ord(char)
    if number < 0x10000:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"
