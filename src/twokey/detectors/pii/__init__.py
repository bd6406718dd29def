"""Personal data that has a form of its own or a word that names it. Names, organisations and faces have neither."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import ClassVar, Self

from twokey.detectors.base import Pattern
from twokey.detectors.expression import compiled_set
from twokey.detectors.pii import typeset
from twokey.detectors.pii.identities_europe import EUROPE
from twokey.detectors.pii.identities_world import WORLD
from twokey.detectors.pii.money import MONEY
from twokey.detectors.pii.network import NETWORK
from twokey.detectors.pii.papers import PAPERS
from twokey.detectors.pii.phones import PHONES
from twokey.detectors.pii.places import PLACES
from twokey.detectors.pii.rule import Rule
from twokey.errors import TwokeyError
from twokey.kinds import Explained
from twokey.record import Sighting

# The order decides: where two rules see the same characters, the first has the stronger proof.
RULES = (*MONEY[:3], *NETWORK, *PAPERS, *EUROPE, *WORLD, *MONEY[3:], *PHONES, *PLACES)
_NEEDS = tuple((index, need) for index, rule in enumerate(RULES) for need in rule.needs)
# Each coarse pattern with the indices of the rules that have it.
_SHARED = {
    coarse: tuple(index for index, rule in enumerate(RULES) if coarse in rule.coarse)
    for coarse in dict.fromkeys(coarse for rule in RULES for coarse in rule.coarse)
}
# Stands for all: what is set with other spaces and hyphens than the scan knows may be any number.
_RAREST = RULES[-1].name


@dataclass(frozen=True, slots=True)
class PiiDetector:
    """Personal data in an output, where it has a form that can be checked or a word beside it that names it.

    **What it sees.** E-mail addresses; telephone numbers; payment cards, IBANs, bank accounts and crypto-currency
    addresses; US social security numbers and the national identity numbers of some fifty kinds from forty countries;
    passports, driving licences and dates of birth; IPv4, IPv6 and MAC addresses; user names with passwords in URLs;
    coordinates; US and UK street addresses. Each is a rule with a page of its own: `twokey explain pii.iban`.

    **How.** One scan with coarse expressions, then exact form, checksum and surroundings. Bare digits count only
    beside a word that names them.

    **Limits.** Names and organisations are not looked for: that needs a language model, and small ones see a person
    in most clean answers (the optional `twokey[names]` adds Presidio). Neither are vehicles' plates, nor postal
    addresses but the two above. Test cards (4242 4242 4242 4242) and example.com addresses count: nobody can tell what
    they were before. Addresses inside private networks and those reserved for documentation do not. Not seen are
    digits and at signs of other writings, values with unseen characters within, over several fields, or in a code
    (base64, hexadecimal, percent signs, HTML entities).

    **To fix a finding**, read the redacted output in quarantine.jsonl: the model repeated its input (mask it), or
    knew it.
    """

    name: ClassVar[str] = "pii"
    summary: ClassVar[str] = (
        "addresses, telephone, card, account and identity numbers, and other personal data with a form"
    )
    blind: ClassVar[tuple[str, ...]] = (
        "Names of people and organisations are not looked for, unless policy asks for `names` too.",
        "Vehicles' plates, and postal addresses but US and UK ones with ZIP code or postcode, are not looked for.",
        "Bare digits without a word that names them nearby are not taken for an identity, passport or account number.",
    )

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:  # noqa: ARG003 the contract has it
        """Make the detector; it takes no file."""
        if file is not None:
            raise TwokeyError(f"the detector {cls.name} takes no file, but was given {file}")
        return cls()

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return what each rule is."""
        return {rule.name: rule.explained for rule in RULES}

    def patterns(self) -> tuple[Pattern, ...]:
        """Return the coarse patterns, each once: those that several rules share stand under the first."""
        shared = (Pattern(rule=RULES[sharing[0]].name, expression=coarse) for coarse, sharing in _SHARED.items())
        return (*shared, Pattern(rule=_RAREST, expression=typeset.COARSE))

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        """Yield what is confirmed; a number that is two things is the one with the stronger proof.

        A rule that shares a pattern with one of `rules` is asked too.
        """
        text, taken = typeset.plain(text), bytearray(len(text))
        for rule in _asked(text, rules):
            for start, end in rule.places(text):
                if 1 not in taken[start:end]:
                    taken[start:end] = b"\1" * (end - start)
                    yield Sighting(detector=self.name, rule=rule.name, start=start, end=end, severity=rule.severity)


def _asked(text: str, hit: frozenset[str]) -> list[Rule]:
    """Return the rules that the scan's hits ask for, in order; of those that need a word, the ones that have it."""
    asked, needy = _sharing(hit)
    if needy:
        met = _needs()(text.encode())
        if not met:
            raise TwokeyError(f"a text of {len(text):,} characters ran out of memory", hint="shorter outputs")
        asked |= {_NEEDS[index - 1][0] for index in met if index} & needy
    return [RULES[index] for index in sorted(asked)]


@lru_cache(maxsize=4096)
def _sharing(hit: frozenset[str]) -> tuple[frozenset[int], frozenset[int]]:
    """Return which rules, by index, have a pattern under one of these names: those without needs, and with."""
    asked = (sharing for sharing in _SHARED.values() if RULES[sharing[0]].name in hit or _RAREST in hit)
    found = {index for sharing in asked for index in sharing}
    needy = frozenset(index for index in found if RULES[index].needs)
    return frozenset(found) - needy, needy


@cache
def _needs() -> Callable[[bytes], list[int] | None]:
    """Return what answers which needs a text meets, counted from 1; compiled once in each process.

    A first member matches every text: an answer without it means that memory ran out.
    """
    match: Callable[[bytes], list[int] | None] = compiled_set((r"\z", *(need for _, need in _NEEDS))).Match
    return match
