"""Make src/twokey/detectors/folding.txt: which characters are drawn like which letters, for the normaliser of words.

    python scripts/make_folding.py           writes the table
    python scripts/make_folding.py --check   writes nothing; status 1 where the table is not what this script makes

The table is kept in the repository: what Python knows of Unicode changes with its version, and evidence must not. It
needs `pip install confusable-homoglyphs` (Unicode's confusables.txt, UTS 39) and the version of Unicode in SOURCE.
"""

# ruff: noqa: RUF001 - letters that look like others are the point

import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

TABLE = Path(__file__).parents[1] / "src" / "twokey" / "detectors" / "folding.txt"
UNICODE = "14.0.0"
HEAD = f"""\
# Characters that are drawn like other ones: what they are read as, then their code points in hexadecimal.
# Made by scripts/make_folding.py from Unicode {UNICODE} (compatibility forms, names) and its confusables.txt, under the
# Unicode licence v3; restricted to Latin, Greek, Cyrillic, Armenian, Cherokee and Lisu letters and to signs.

"""
BLOCKS = (
    *((0xA0, 0x58F), (0x13A0, 0x13FF), (0x1AB0, 0x1AFF), (0x1C80, 0x1C8F), (0x1D00, 0x1EFF), (0x1F00, 0x1FFF)),
    *((0x2000, 0x23FF), (0x2460, 0x2BFF), (0x2C60, 0x2C7F), (0x2DE0, 0x2DFF), (0x3000, 0x3000), (0xA4D0, 0xA4FF)),
    *((0xA640, 0xA69F), (0xA720, 0xA7FF), (0xAB30, 0xABBF), (0xFB00, 0xFB06), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F)),
    *((0xFEFF, 0xFEFF), (0xFF01, 0xFF5E), (0x1D400, 0x1D7FF), (0x1F100, 0x1F1FF), (0x1F300, 0x1FAFF)),
    *((0xE0000, 0xE0FFF), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x3164, 0x3164)),
    (0xFFA0, 0xFFA0),
)
# What is not drawn: default-ignorable code points (UAX 44), and marks that are put on a letter of any alphabet.
UNSEEN = (
    *((0xAD, 0xAD), (0x300, 0x36F), (0x483, 0x489), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F)),
    *((0x20D0, 0x20FF), (0x2DE0, 0x2DFF), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xE0000, 0xE0FFF)),
)
# Read as these though neither decomposition, name nor confusables.txt says so: look-alikes of the street, and signs.
BY_HAND = {
    **dict(zip("ктмнвпияц", "ktmhbnnru", strict=True)),
    **dict(zip("τκνηυμσςεπωιχαβορ", "tkvnuuosenwixabop", strict=True)),
    **dict(zip("€¢£¥§†¡©®°ºª", "eclysticroo\u0061", strict=True)),
    "ϲ": "c",
    "є": "e",
    "ѵ": "v",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ǝ": "e",
    "ə": "e",
    "ð": "d",
    "ı": "i",
    "ȷ": "j",
    **dict.fromkeys("×•●■█▓▒░∗⁎✱✲✳★☆◼▪♥❤", "*"),
    **dict.fromkeys("·‧∙․", "."),
    **dict.fromkeys("‘’ʼ′`´", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}
SIGNS = ((0x2600, 0x27BF), (0x1F300, 0x1FAFF))
NAMED = re.compile(
    r"(?:LATIN (?:SMALL |CAPITAL )?LETTER |MODIFIER LETTER (?:SMALL |CAPITAL )?"
    r"|(?:NEGATIVE )?(?:CIRCLED|SQUARED) LATIN CAPITAL LETTER "
    r"|REGIONAL INDICATOR SYMBOL LETTER |PARENTHESIZED LATIN (?:SMALL|CAPITAL) LETTER )"
    r"(?:SMALL CAPITAL |TURNED |REVERSED |OPEN |SCRIPT |SIDEWAYS |INSULAR |DOTLESS |LONG |BLACKLETTER |EGYPTOLOGICAL )*"
    r"([A-Z])(?: WITH .*)?$"
)
TURNED = {"LATIN SMALL LETTER TURNED V": "a", "LATIN SMALL LETTER TURNED M": "w", "LATIN SMALL LETTER OPEN E": "e"}


def main() -> int:
    """Write the table, or say whether it is the one."""
    if unicodedata.unidata_version != UNICODE:
        sys.stdout.write(
            f"this needs a Python that knows Unicode {UNICODE}, and this one knows {unicodedata.unidata_version}\n"
        )
        return 2
    made = HEAD + "".join(f"{line}\n" for line in lines(table()))
    if "--check" in sys.argv[1:]:
        return int(TABLE.read_text("utf-8") != made)
    TABLE.write_text(made, "utf-8")
    sys.stdout.write(f"{TABLE}: {len(made):,} bytes\n")
    return 0


def table() -> dict[int, str]:
    """Return what each character is read as; nothing for what is not drawn."""
    alike = confusables()
    out: dict[int, str] = {}
    for point in (point for first, last in BLOCKS for point in range(first, last + 1)):
        read = reading(chr(point), alike)
        if read is not None and read != chr(point):
            out[point] = read
    return out


def reading(char: str, alike: dict[str, str]) -> str | None:
    """Return what one character is read as, or None where it is only itself."""
    if any(first <= ord(char) <= last for first, last in UNSEEN):
        return ""
    if unicodedata.category(char) == "Zs":
        return " "
    cases = [case for case in (char, char.lower(), char.upper()) if len(case) == 1]
    for one in cases:
        if one in BY_HAND:
            return BY_HAND[one]
    for one in cases:
        found = decomposed(one) or alike.get(one) or named(one, alike)
        if found:
            return found.lower()
    return "*" if any(first <= ord(char) <= last for first, last in SIGNS) else None


def decomposed(char: str) -> str | None:
    """Return the compatibility decomposition without its marks, where that is ASCII; letters by hand within it too."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    plain = "".join(BY_HAND.get(c.lower(), c) for c in plain).strip("()") if len(plain) > 1 or plain != char else plain
    return plain if plain.isascii() and plain.isprintable() and plain.strip() and len(plain) <= 3 else None


def named(char: str, alike: dict[str, str]) -> str | None:
    """Return the Latin letter that the character's name says it is a form of, or what the plain letter is read as."""
    name = unicodedata.name(char, "")
    plain = name.partition(" WITH ")[0]
    if plain != name and plain.startswith(("CYRILLIC", "GREEK", "ARMENIAN")):
        try:
            return reading(unicodedata.lookup(plain), alike)
        except KeyError:
            return None
    match = NAMED.match(name)
    return TURNED.get(name) or (match[1] if match else None)


def confusables() -> dict[str, str]:
    """Return the ASCII letter or digit that each character is confusable with, by Unicode's table."""
    from confusable_homoglyphs.confusables import confusables_data

    out: dict[str, str] = {}
    for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
        for other in confusables_data.get(letter, ()):
            if len(other["c"]) == 1 and not other["c"].isascii():
                out.setdefault(other["c"], letter)
    return out


def lines(found: dict[int, str]) -> list[str]:
    """Return the lines of the table."""
    groups: dict[str, list[int]] = defaultdict(list)
    for point, read in sorted(found.items()):
        groups[read].append(point)
    return [
        f"{ {'': 'nothing', ' ': 'space'}.get(read, read) } {','.join(ranges(groups[read]))}" for read in sorted(groups)
    ]


def ranges(points: list[int]) -> list[str]:
    """Return code points as hexadecimal ranges."""
    out: list[list[int]] = []
    for point in points:
        if out and point == out[-1][1] + 1:
            out[-1][1] = point
        else:
            out.append([point, point])
    return [f"{first:x}" if first == last else f"{first:x}-{last:x}" for first, last in out]


if __name__ == "__main__":
    raise SystemExit(main())
