"""Profanity: a short list of words that no customer should read, as whole words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import ClassVar, Literal, Self

from twokey.detectors.base import Pattern
from twokey.detectors.words import coarse, places
from twokey.errors import ConfigError, Place, Problem
from twokey.kinds import Explained
from twokey.record import Sighting

Severity = Literal["low", "medium", "high"]
RULES: dict[str, Severity] = {"slur": "high", "strong": "medium", "mild": "low", "own-word": "medium"}
MAX_WORD = 100


@dataclass(frozen=True, slots=True)
class ProfanityDetector:
    """Swear words and slurs in an output.

    **What it sees.** About a hundred words and their forms in English, in three tiers: slurs (`profanity.slur`,
    severity high), strong words (`profanity.strong`, medium) and mild ones (`profanity.mild`, low). Your own words
    are added by `profanity: {max: 0, words: words.txt}`, one word or phrase on each line, `#` for comments; they are
    `profanity.own-word`.

    **How.** Whole words only, in any case, so that Scunthorpe, Dick Cheney and a blue tit pass. Words that are mostly
    innocent (cock, dick, hell, ass) are not in the list: add those that your readers mind.

    **Limits.** English only. Words that are written to get past a list (`f*ck`, Cyrillic letters, spaces between
    letters) are not found, and a word that is quoted or discussed is found like one that is meant.

    **To fix a finding**, read the redacted output in quarantine.jsonl and change the prompt or the model.
    """

    name: ClassVar[str] = "profanity"
    summary: ClassVar[str] = "swear words and slurs, as whole words"

    own: tuple[str, ...] = ()

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:
        """Make the detector; `file` adds words of the user's. Raises ConfigError where it holds none."""
        return cls(own=_own_words(read(file), file)) if file is not None else cls()

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return what each rule is."""
        return {rule: Explained(what=rule, how="") for rule in RULES}

    def patterns(self) -> tuple[Pattern, ...]:
        """Return one pattern for each tier."""
        return tuple(Pattern(rule=rule, expression=coarse(words)) for rule, words in self._tiers().items())

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        """Yield the words that stand there as whole words."""
        for rule, words in self._tiers().items():
            if rule in rules:
                for start, end in places(words, text):
                    yield Sighting(detector=self.name, rule=rule, start=start, end=end, severity=RULES[rule])

    def _tiers(self) -> dict[str, tuple[str, ...]]:
        return {**_embedded(), "own-word": self.own} if self.own else _embedded()


@cache
def _embedded() -> dict[str, tuple[str, ...]]:
    """The words that come with the package: lines of a tier and words."""
    tiers: dict[str, list[str]] = {}
    for line in files("twokey.detectors").joinpath("words.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            tier, _, words = line.partition(":")
            tiers.setdefault(tier, []).extend(word.strip() for word in words.split(","))
    return {tier: tuple(words) for tier, words in tiers.items()}


def _own_words(data: bytes, file: str) -> tuple[str, ...]:
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(message="not UTF-8", where=Place(file=file, line=line))]) from None
    words = {number: line.strip() for number, line in enumerate(lines, start=1) if line.strip()[:1] not in ("", "#")}
    problems = [
        Problem(
            message=f"a word of {len(word)} characters", where=Place(file=file, line=number), hint=f"at most {MAX_WORD}"
        )
        for number, word in words.items()
        if len(word) > MAX_WORD
    ]
    if not words:
        problems = [Problem(message="there is no word in it", where=Place(file=file), hint="one word on each line")]
    if problems:
        raise ConfigError(problems)
    return tuple(sorted(set(words.values())))
