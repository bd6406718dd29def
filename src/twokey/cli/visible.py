"""Text from elsewhere, made visible: whatever a terminal would obey or hide is shown in its place.

Line feeds and tabs stay. Control characters (C0 and C1, the escape among them), bidirectional controls, zero-width and
other format characters, line separators and halves of characters become `\\x1b`, `\\u202e` and the like.
"""

import unicodedata

_KEPT = frozenset("\n\t")
_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return the text with nothing in it that a terminal obeys or hides."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _harmless(char) else _escaped(char) for char in text)


def _harmless(char: str) -> bool:
    return char in _KEPT or unicodedata.category(char) not in _SHOWN


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
