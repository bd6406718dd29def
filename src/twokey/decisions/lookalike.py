"""When two names are one: in other capitals, in wide or otherwise compatible forms, or in letters that look the same.

Only for telling names apart. It makes no name safe to print, and knows no more than the commonest look-alikes.
"""

import re
import unicodedata

from twokey.visible import UNSEEN

# What is not drawn at all; in a name that goes for the two selectors as well that make a character an emoji.
HIDDEN = re.compile(f"{UNSEEN.pattern}|[\ufe0e\ufe0f]")

# Small letters of other alphabets that are drawn like Latin ones, in small or in capitals: the single-letter pairs of
# Unicode's confusables.txt (UTS 39) that are on keyboards.
_CYRILLIC = dict(zip("авекмнорстухіјѕһԁԛԝүӏ", "abekmhopctyxijshdqwyl", strict=True))
_GREEK = dict(zip("αβγεζηικμνορτυχω", "abyeznikmvoptuxw", strict=True))
_OTHER = dict(zip("ɑɡɩɪıʏոօսհց", "agiiiynouhg", strict=True))  # noqa: RUF001  # they are the point
_LATIN = str.maketrans({**_CYRILLIC, **_GREEK, **_OTHER})


def folded(text: str) -> str:
    """Return the text so that writings of one name are equal: case, width, compatible forms and unseen characters."""
    seen = HIDDEN.sub("", unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFKC", seen.casefold())


_DOUBTFUL = {"0": "o", "1": "l", "i": "l", "rn": "m", "vv": "w", "cl": "d"}


def doubtful(text: str) -> str:
    """Return the text so that names easily taken for each other are equal, though they may well be two: ann1, annl."""
    out = skeleton(text)
    for drawn, alike in _DOUBTFUL.items():
        out = out.replace(drawn, alike)
    return out


def skeleton(text: str) -> str:
    """Return the text so that names that look the same are equal, whatever alphabet their letters are of."""
    return folded(text).translate(_LATIN)
