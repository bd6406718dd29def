"""The form of a credential: a coarse expression for the scan, an exact one for the place, and what stands around it.

Formats are written as tables, a family to each file (`secret_cloud`, `secret_code`, ...): a line names the rule, what
it finds, how it begins, what follows, and who describes it in public. What a placeholder looks like is in
`secret_checks`; how sightings are made of all this is in `secrets`.

In a table, columns are parted by two spaces or more, and these stand for alphabets: `<62>` letters and digits, `<64>`
those with `_` and `-`, `<b64>` those with `+` and `/`, `<hex>` small hexadecimal digits, `<low>` small letters and
digits, `<up>` capitals and digits, `<uuid>` a whole UUID.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from twokey.detectors.secret_checks import looks_random
from twokey.kinds import Explained

Check = Callable[[str], bool]

ALPHABETS = {
    "62": ("[A-Za-z0-9]", "letters and digits"),
    "64": ("[A-Za-z0-9_-]", "letters, digits, `_` and `-`"),
    "b64": ("[A-Za-z0-9+/]", "letters, digits, `+` and `/`"),
    "hex": ("[0-9a-f]", "hexadecimal digits"),
    "low": ("[a-z0-9]", "small letters and digits"),
    "up": ("[A-Z0-9]", "capitals and digits"),
}
UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_ALPHABET = re.compile(r"<(\w+)>")
_COUNTED = re.compile(r"<(\w+)>\{(\d+)(,?)(\d*)\}")
_COLUMNS = re.compile(r"\s{2,}")
_REVOKE = "Revoke it at its issuer first: it has been seen. Then find where the model got it."
_FALSE_FRIENDS = "Keys that issuers print in their documentation, templates and tokens that say `example` are none."


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format. Group 1 of `exact` is the secret itself, which `check` may refuse.

    Where `near` is given, it must match (whatever the case) in the neighbourhood, and a word such as `key` or `token`
    must stand before: the form alone is that of a thousand harmless things.
    """

    rule: str
    what: str
    how: str
    source: str
    coarse: str
    exact: str
    check: Check = looks_random
    near: str = ""
    beginning: str = ""
    limits: str = ""
    severity: Literal["low", "medium", "high"] = "high"

    def explained(self) -> Explained:
        """Return what the rule is, for `explain` and the reference."""
        limits = f"{self.limits} {_FALSE_FRIENDS}".strip()
        return Explained(what=self.what, how=self.how, source=self.source, limits=limits, fix=_REVOKE)


def prefixed(table: str) -> tuple[Format, ...]:
    """Return the formats in a table of `rule  what  beginning  rest  source`."""
    return tuple(_prefixed(*_COLUMNS.split(line.strip())) for line in table.strip().splitlines())


def contextual(table: str) -> tuple[Format, ...]:
    """Return the formats in a table of `rule  what  name of the issuer  form  source`."""
    return tuple(_contextual(*_COLUMNS.split(line.strip())) for line in table.strip().splitlines())


def by_rule(formats: Iterable[Format]) -> dict[str, Format]:
    """Return the formats by their rules' names. Raises ValueError where a name stands twice."""
    found: dict[str, Format] = {}
    for form in formats:
        if form.rule in found:
            raise ValueError(f"two formats are called {form.rule}")
        found[form.rule] = form
    return found


def spelt(form: str) -> str:
    """Return the expression that a table's form stands for."""
    return _ALPHABET.sub(lambda found: ALPHABETS[found[1]][0], form.replace("<uuid>", UUID))


def _prefixed(rule: str, what: str, beginning: str, rest: str, source: str) -> Format:
    # An open end takes what there is; a counted one must end there, or it is something else that begins alike.
    end = "" if rest.endswith(",}") else r"(?:\W|\z)"
    return Format(
        rule=rule,
        what=f"{what}.",
        how=f"By its form: `{beginning}`, then {_told(rest)}.",
        source=source,
        coarse=_coarse(beginning, rest),
        exact=rf"\b({beginning}{spelt(rest)}){end}",
        beginning=beginning,
    )


def _coarse(beginning: str, rest: str) -> str:
    """Return what the scan looks for: counting along every word would cost it dear, so what is counted is left out."""
    if re.match(r"\[[^]]+\]\{", beginning):
        return rf"{beginning.rpartition('}')[2]}{_opening(rest)}"
    return rf"\b{beginning}{_opening(rest)}"


def _contextual(rule: str, what: str, issuer: str, form: str, source: str) -> Format:
    return Format(
        rule=rule,
        what=f"{what}.",
        how=f"By its form, {_told(form)}, with the issuer's name (`{issuer}`) near it and a word such as key, token or "
        "secret before it.",
        source=source,
        coarse="",
        exact=rf"\b({spelt(form)})(?:\W|\z)",
        near=issuer,
        limits="Without the issuer's name near it, the form says nothing; the rule for assignments may still see it.",
    )


def _opening(rest: str) -> str:
    """Return the first four characters of what follows, which is enough for the scan."""
    found = re.match(r"(<\w+>|\[[^]]+\])\{(\d+)", rest)
    if found is None or found[1] == "<uuid>":
        return spelt(rest.split("<", 1)[0]) if not rest.startswith("<uuid>") else "[0-9a-fA-F]{4}"
    return f"{spelt(found[1])}{{{min(4, int(found[2]))}}}"


def _told(form: str) -> str:
    """Return a form in words, where it has words."""

    def words(found: re.Match[str]) -> str:
        name, low, comma, high = found.groups()
        count = f"{low} to {high}" if high else f"{low} or more" if comma else low
        return f"{count} {ALPHABETS[name][1]}"

    whole = _COUNTED.fullmatch(form)
    if whole:
        return words(whole)
    return "a UUID" if form == "<uuid>" else f"`{spelt(form).replace(UUID, 'UUID')}`"
