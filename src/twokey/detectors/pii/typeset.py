"""Numbers as typesetters, models and other writings set them: no-break spaces and hyphens, and no spaces at all.

Models write `4111\u202f1111` and `536\u201122\u20118471` as readily as the plain forms. Digits of other writings are
not read.
"""

import re

# One character for another, so that every place stays where it was.
_SPACES = {"\xa0": " ", "\u2002": " ", "\u2003": " ", "\u2007": " ", "\u2009": " ", "\u200a": " ", "\u202f": " "}
_HYPHENS = {"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-"}
_PLAIN = str.maketrans(_SPACES | _HYPHENS)
COARSE = r"[0-9A-Za-z)][\x{a0}\x{2002}\x{2003}\x{2007}\x{2009}-\x{200a}\x{202f}\x{2010}-\x{2013}][0-9A-Za-z(]"
"""What the scan looks for: such a space or hyphen between letters or digits. It says nothing of what the number is."""

# Thai to Myanmar, Khmer, Japanese, Chinese and Korean: letters that words and numbers follow without a space.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


def plain(text: str) -> str:
    """Return the text with plain spaces and hyphens; it is as long, and every place is the same."""
    return text if text.isascii() else text.translate(_PLAIN)


def is_letter(char: str) -> bool:
    """Return whether a character, or none, would make a number beside it part of a word or of a longer number."""
    return char.isalnum() and (char.isascii() or _UNSPACED.match(char) is None)
