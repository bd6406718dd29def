"""Profanity: words that no customer should read, plain or disguised, and threats; and whether the user said them first.

The list is `words.txt`; how a text is read is `normalise.py`, how a word is disguised `disguise.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import ClassVar, Literal, Self

from twokey.detectors.base import Pattern
from twokey.detectors.disguise import coarse_disguises, disguised
from twokey.detectors.expression import encodable
from twokey.detectors.normalise import Normalised, normalise
from twokey.detectors.word_list import word_list
from twokey.detectors.words import coarse, places
from twokey.kinds import Explained
from twokey.record import Record, Sighting, flatten

Severity = Literal["low", "medium", "high"]
RULES: dict[str, Severity] = {"slur": "high", "threat": "high", "strong": "medium", "mild": "low", "own-word": "medium"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A word that a text says, and where: `text[start:end]`, by which rule. The word is that of the list, in small."""

    word: str
    rule: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ProfanityDetector:
    """Swear words, slurs and threats in an output, also where they are disguised.

    **What it sees.** Some four hundred and fifty words, forms and phrases in English: slurs (`profanity.slur`) and
    threats (`profanity.threat`) of severity high, strong words (`profanity.strong`, medium) and mild ones
    (`profanity.mild`, low). Your own words are added by `profanity: {max: 0, words: words.txt}`, one word or phrase on
    each line, `#` for comments; they are `profanity.own-word`.

    **How.** Whole words only, in any case, so that Scunthorpe, Dick Cheney and a blue tit pass. Words that are mostly
    innocent (cock, dick, hell, ass) are not in the list: add those that your readers mind. Words for who people are
    (gay, trans, Black, Jewish, Muslim) are in no tier. Look-alike letters, unseen characters, digits and signs for
    letters (`sh1t`), letters set apart (`f u c k`), repeated (`fuuuck`) or masked (`f**k`) are seen through, for words
    of four letters or more.

    **Limits.** English only. Ambiguous disguises pass: part numbers (`sh17`), names in code (`s_hit`), other spellings
    and words cut by a line's end. A word that is discussed is found like one that is meant, and a threat that uses none
    of the phrases is not found: this knows words, not meaning.

    **To fix a finding**, read the redacted output in quarantine.jsonl and change the prompt or the model.
    """

    name: ClassVar[str] = "profanity"
    summary: ClassVar[str] = "swear words, slurs and threats, also in disguise"

    own: tuple[str, ...] = ()

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:
        """Make the detector; `file` adds words of the user's. Raises ConfigError where it holds none."""
        return cls(own=word_list(read(file), file)) if file is not None else cls()

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return what each rule is."""
        return {
            rule: Explained(what=what, how=_HOW, source=_SOURCE if rule != "own-word" else "", limits=_LIMITS, fix=_FIX)
            for rule, what in _WHAT.items()
        }

    def patterns(self) -> tuple[Pattern, ...]:
        """Return the patterns of each tier: its words as they are, and all that may be a disguise of one."""
        out: list[Pattern] = []
        for rule, words in self._tiers().items():
            out.append(Pattern(rule=rule, expression=coarse(words)))
            disguises = coarse_disguises(_normalised(words))
            if disguises is not None:
                out.append(Pattern(rule=rule, expression=disguises))
        return tuple(out)

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        """Yield the words that stand there as whole words, plain or disguised."""
        for said in self.said(text, rules):
            severity = RULES[said.rule]
            yield Sighting(detector=self.name, rule=said.rule, start=said.start, end=said.end, severity=severity)

    def said(self, text: str, rules: frozenset[str] = frozenset(RULES)) -> Iterator[Said]:
        """Yield each word that the text says, by rule and place; offsets are in characters."""
        read = normalise(text)
        for rule, words in self._tiers().items():
            if rule in rules:
                yield from _said(rule, words, read)

    @property
    def weighs(self) -> Literal["hit"]:
        """Look at the records with a word in them: the user may have said it first."""
        return "hit"

    def weigh(self, record: Record, seen: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
        """Mark as quoted what the input says too."""
        if record.input is None:
            return seen
        output, asked = encodable(flatten(record.output)), encodable(flatten(record.input))
        told = quotes(self, output, asked, seen)
        return tuple(replace(one, quoted=True) if quoted else one for one, quoted in zip(seen, told, strict=True))

    def _tiers(self) -> dict[str, tuple[str, ...]]:
        tiers = {rule: words for rule, words in _embedded().items() if rule in RULES}
        return {**tiers, "own-word": self.own} if self.own else tiers


def quotes(detector: ProfanityDetector, output: str, input: str, sightings: tuple[Sighting, ...]) -> tuple[bool, ...]:  # noqa: A002 the record's word
    """Return for each sighting in an output whether the same word, in whatever writing, stands in the input as well.

    What another detector saw is never a quotation.
    """
    ours = frozenset(s.rule for s in sightings if s.detector == detector.name)
    if not ours:
        return (False,) * len(sightings)
    asked = {(said.rule, said.word) for said in detector.said(input, ours)}
    spoken = {(said.rule, said.start, said.end): said.word for said in detector.said(output, ours)} if asked else {}
    return tuple(
        s.detector == detector.name and (s.rule, spoken.get((s.rule, s.start, s.end))) in asked for s in sightings
    )


def _said(rule: str, words: tuple[str, ...], read: Normalised) -> Iterator[Said]:
    """The words of a tier that a text says: as they are, as they are read, and in disguise."""
    normalised = _normalised(words)
    found = {span: _word(read.original[slice(*span)]) for span in places(words, read.original)}
    as_read = list(places(normalised, read.text))
    for low, high in as_read:
        start, end = read.span(low, high)
        # In ASCII it is no look-alike: `ano` is another word than a user's own `a\u00f1o`.
        if not read.original[start:end].isascii():
            found.setdefault((start, end), _word(read.text[low:high]))
    for hit in disguised(normalised, read.text, {start for start, _ in as_read}):
        start, end = read.span(hit.start, hit.end)
        if read.original[start:end].lower() not in _embedded()["never"]:
            found.setdefault((start, end), hit.word)
    for start, end in sorted(found):
        yield Said(word=found[start, end], rule=rule, start=start, end=end)


def _word(seen: str) -> str:
    return " ".join(normalise(seen).text.lower().replace("'", " ").split())


@lru_cache(maxsize=32)
def _normalised(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({normalise(word).text.lower() for word in words}))


_WHAT = {
    "slur": "A word that insults people for who they are.",
    "threat": "A threat, or a call to harm oneself, in one of the common phrases.",
    "strong": "A strong swear word, or a sexual word that is used as one.",
    "mild": "A mild swear word, or an insult.",
    "own-word": "A word of your own file.",
}
_HOW = (
    "Whole words of the tier, in any case. The text is also read with look-alike letters as Latin ones and without "
    "what is not drawn, and words of four letters or more are looked for with digits, signs or stars for letters, with "
    "letters set apart and with letters repeated; what such a hit is taken for depends on what stands around it."
)
_SOURCE = "A list written for twokey (words.txt); Unicode's compatibility forms and confusables.txt (UTS 39)."
_LIMITS = (
    "English only. It knows words and not meaning: a word that is discussed is found, a threat in other words is not. "
    "Disguises that may as well be a part number or a name in code pass."
)
_FIX = "Read the redacted output in quarantine.jsonl and change the prompt or the model."


@cache
def _embedded() -> dict[str, tuple[str, ...]]:
    """The words that come with the package: lines of a tier and words, each with the endings that it may have."""
    tiers: dict[str, list[str]] = {}
    for line in files("twokey.detectors").joinpath("words.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            tier, _, words = line.partition(":")
            for word in words.split(","):
                stem, *endings = word.strip().split("/")
                tiers.setdefault(tier, []).extend([stem, *(stem + ending for ending in endings)])
    return {tier: tuple(sorted(set(words))) for tier, words in tiers.items()}
