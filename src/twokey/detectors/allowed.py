"""What policy allows by name: a place that a rule sees, and that is known, wanted and has an end.

Nothing is allowed silently: whatever is seen and allowed is counted, with the reason and the last day, and a day that
has passed is told when the evidence is concluded on. Which day it is, is not known here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from twokey.config.decode import decode
from twokey.config.nodes import Problems, quoted
from twokey.config.shape import option
from twokey.config.syntax import read_yaml
from twokey.detectors.expression import compiled, wrong
from twokey.detectors.places import Finder
from twokey.kinds import nearest

MAX_ALLOWED = 200
MAX_WORD = 200


def day(text: str) -> None:
    """Refuse what is no day, such as 2027-01-31."""
    try:
        good = len(text) == len("2027-01-31") and date.fromisoformat(text)
    except ValueError:
        good = None
    if not good:
        raise ValueError("expected a day such as 2027-01-31")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """One thing that a rule sees and that may be there. All of what was seen must be it, not only a part."""

    rule: str = option("the rule that sees it, such as pii.email")
    words: tuple[str, ...] = option("what may be there, letter by letter, in any case", default=())
    expression: str | None = option("or a regular expression, in RE2's syntax, that matches all of it", default=None)
    why: str = option("the reason, for whoever reads the counts")
    until: str = option("the last day on which it holds, in UTC", check=day)

    def __post_init__(self) -> None:
        """Refuse what allows nothing, or two things."""
        if bool(self.words) == bool(self.expression):
            raise ValueError("what is allowed is words or an expression, and not both")

    def covers(self, text: str) -> bool:
        """Return whether a text that was seen is allowed, from its first to its last character."""
        if self.expression is not None:
            return compiled(self.expression).fullmatch(text) is not None
        return text.casefold() in {word.casefold() for word in self.words}

    def plain(self) -> Mapping[str, str]:
        """Return what reports say of it: never what may be there, which may be somebody's address."""
        return {"rule": self.rule, "why": self.why, "until": self.until}


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedFile:
    """A file of what is allowed."""

    allow: tuple[Allowed, ...] = option("what may be there although a rule sees it")


def load_allowed(data: bytes, file: str, rules: Iterable[str]) -> tuple[Allowed, ...]:
    """Return what a file allows; `rules` are all that there are. Raises ConfigError with everything that is wrong."""
    root = read_yaml(data, file)
    allowed = decode(root, AllowedFile, file).allow
    known, problems = set(rules), Problems(file=file)
    if len(allowed) > MAX_ALLOWED:
        problems.add(f"{len(allowed):,} things are allowed, more than {MAX_ALLOWED}", root)
    for index, one in enumerate(allowed[:MAX_ALLOWED]):
        place = Finder(root, "allow", index)
        if one.rule not in known:
            guess = nearest(one.rule, known)
            hint = f"did you mean {guess}?" if guess else "twokey explain lists the detectors; a rule is pii.email"
            problems.add(f"no detector that is asked for has a rule {quoted(one.rule)}", place("rule"), hint)
        for number, word in enumerate(one.words):
            if not word.strip() or len(word) > MAX_WORD:
                what = f"a word of {len(word)} characters" if word.strip() else "an empty word"
                problems.add(what, place("words", str(number)), f"1 to {MAX_WORD} characters")
        if one.expression is not None and (fault := wrong(one.expression)):
            problems.add(fault, place("expression"))
    problems.raise_any()
    return allowed
