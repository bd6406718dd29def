"""How a line of the tables of national identity numbers becomes a rule.

A number's own proof is its structure, its date and its check digit. Bare digits prove too little (one in ten or eleven
random numbers passes), so they count only beside a word that names them.
"""

import re
from collections.abc import Callable

from twokey.detectors.pii.rule import AFTER, BEFORE, FIX, Rule, Severity, Worded, bare, run, word
from twokey.kinds import Explained

_ENDS_WITHIN = 5
_LIMITS = (
    "Whether the number was ever given out, and to whom, is not known. Without one of its words near it is not seen{}."
)


def digits(*groups: int, separators: str = r"[ \-]") -> str:
    """Return the expression of groups of digits, each apart from the next by a separator or by nothing."""
    return rf"{separators}?".join(f"[0-9]{{{count}}}" for count in groups)


def identity(
    name: str,
    what: str,
    valid: Callable[[str], bool],
    *,
    shape: str,
    words: tuple[str, ...],
    least: int = 0,
    coarse: str = "",
    alone: str = "",
    sign: str = "",
    severity: Severity = "high",
) -> Rule:
    """Return the rule of one number.

    Args:
        name: the rule's name, its country first (ISO 3166).
        what: what it is, in a few words.
        valid: judges its letters and digits; the docstring says by what formula, and in brackets from what source.
        shape: the expression of every form that it is written in.
        words: what it is called. In capitals, a word must be so (`SIN` is no sin); others are found in any case and in
            keys. A word of up to five letters must end there.
        least: so many digits stand in a row in every form, with or without separators.
        coarse: a cheap superset of `shape`, where `least` is none.
        alone: the form that needs no word beside it.
        sign: a cheap superset of `alone`.
        severity: of a sighting.
    """
    named = word("|".join(map(_spelled, words)))
    form = re.compile(alone) if alone else None
    places = Worded(
        words=named,
        shape=shape,
        valid=lambda value: valid(bare(value)),
        alone=(lambda value: form.fullmatch(value) is not None) if form else None,
    )
    doc = (valid.__doc__ or "").split("\n")[0]
    formula, _, source = doc.partition(": ")[2].rpartition(" (")
    near = f"Counts within {BEFORE} characters after, or {AFTER} before, a word such as `{words[0]}`"
    return Rule(
        name=name,
        severity=severity,
        coarse=tuple(filter(None, (run(least) if least else "", coarse, sign))),
        needs=(named, sign) if sign else (named,),
        places=places,
        explained=Explained(
            what=what,
            how=f"Checked: {formula or doc.partition(': ')[2].rstrip('.')}. {near}"
            + (f"; in the form `{alone}` without one." if alone else "."),
            source=source.rstrip(").") or what,
            limits=_LIMITS.format(", but in the form above" if alone else ""),
            fix=FIX,
        ),
    )


def _spelled(name: str) -> str:
    if name.isupper() and name.isascii():
        return rf"(?-i:{name.replace(' ', '[ _-]?')})(?:$|[^A-Za-z])"
    spelled = name.replace(".", r"\.?").replace(" ", "[ _-]?")
    return spelled if len(name) > _ENDS_WITHIN or not name.isascii() else rf"{spelled}(?-i:$|[^a-z])"
