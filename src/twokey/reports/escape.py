r"""One escaping layer per sink: what text must go through before it stands in a log, a page, a summary or XML.

All text counts as hostile, whoever wrote it: outputs, but also labels, record ids, file names and reasons that quote
them. Every sink starts from `visible`, which shows what cannot be seen (or what a terminal would obey) as an escape
such as `\x1b` or `\u202e`; what the sink itself would obey is taken care of on top. Nothing is redacted here, and
nothing is silently dropped.
"""

import re
from functools import cache

from twokey.visible import HASHES, UNSEEN, visible


def one_line(text: str) -> str:
    r"""Return the visible text in one line, line feeds shown as `\n`."""
    return visible(text).replace("\n", r"\n").replace("\t", " ")


def clip(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text, and say how many more there are; a tenth more is shown instead."""
    cut = f"{text[:limit]}... ({len(text) - limit:,} more characters)"
    return text if len(text) <= max(len(cut), limit + limit // 10) else cut


def log(text: str) -> str:
    """Return a whole rendering for a terminal or a log.

    Works on finished lines, because wrapping may bring a command to the start of a line where there was none.
    """
    return visible(text)


def json_text(document: str) -> str:
    """Return the same JSON document with unseen characters and CI commands inside its strings as JSON escapes.

    So are characters above U+FFFF: a terminal's own escaping of what it does not know would be no JSON.
    """
    safe = _unseen_or_astral().sub(lambda match: _utf16(match[0]), document)
    return HASHES.sub(r"\\u0023", safe)


@cache
def _unseen_or_astral() -> re.Pattern[str]:
    return re.compile(f"{UNSEEN.pattern}|[\U00010000-\U0010ffff]")  # not for a log, which is what most commands print


def markup(text: str) -> str:
    """Return the text for HTML, as content or as a quoted attribute value."""
    import html  # it brings a table of entities, which only pages need

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


def _utf16(char: str) -> str:
    number = ord(char)
    if number < 0x10000:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"
