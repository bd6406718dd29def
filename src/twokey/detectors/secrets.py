"""Secrets: credentials in the formats that their issuers document, and those that their names or places give away."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self

from twokey.detectors.base import Pattern
from twokey.detectors.expression import compiled_set, spans
from twokey.detectors.secret_business import BUSINESS
from twokey.detectors.secret_chat import CHAT
from twokey.detectors.secret_cloud import CLOUD
from twokey.detectors.secret_code import CODE
from twokey.detectors.secret_formats import Format, by_rule
from twokey.detectors.secret_generic import GENERIC
from twokey.detectors.secret_keys import KEYS
from twokey.detectors.secret_mentioned import is_called_otherwise
from twokey.detectors.secret_models import MODELS
from twokey.detectors.secret_payment import PAYMENT
from twokey.errors import TwokeyError
from twokey.kinds import Explained
from twokey.record import Sighting

FORMATS = by_rule((*CLOUD, *CODE, *MODELS, *PAYMENT, *CHAT, *BUSINESS, *KEYS))
PREFIXED = tuple(rule for rule, form in FORMATS.items() if not form.near)
CONTEXTUAL = tuple(rule for rule, form in FORMATS.items() if form.near)
# How far around a value the issuer's name may stand, and how far before it a word for what it is; in characters.
_BEFORE, _AFTER, _WORD_BEFORE = 100, 40, 60
_WORD = re.compile(r"(?i)key|token|secret|auth|pass|credential|bearer|\bpat\b|\bapi\b|sid\b|dsn")


@dataclass(frozen=True, slots=True)
class SecretsDetector:
    """Credentials in an output: keys, tokens, private keys, passwords in addresses and assignments.

    **What it sees.** More than 300 formats of clouds, code hosts, build services, package registries, language models,
    payment, chat, mail, observation and offices: most by what their issuers put in front of them, the others by their
    form beside the issuer's name and a word such as key. PEM, PuTTY, age and JWK private keys; JSON Web Tokens;
    basic authentication; passwords in addresses, commands and configuration. And what nobody described: values that
    a name such as `api_key` or `password` gives away, in code, headers, JSON and prose, and tokens that begin as keys
    do (`acme_live_...`).

    **How.** By form, then by a check. Keys that issuers print in their documentation, templates such as `<password>` or
    `${TOKEN}`, and tokens that say `example` or repeat a few characters are none. Hashes, UUIDs, ids and images are
    none unless something beside them says that they are secrets: randomness alone flags every clean text.

    **Limits.** A password of letters alone is not seen, nor a random value that stands alone, nor what a line end or an
    unseen character cuts, or a code such as base64 holds. Whether a credential
    still works is not asked: nothing is ever sent anywhere.

    **To fix a finding**, revoke the credential first, then find where the model got it.
    """

    name: ClassVar[str] = "secrets"
    summary: ClassVar[str] = "credentials in documented formats, and what names and places give away"

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:  # noqa: ARG003 the contract has it
        """Make the detector; it takes no file."""
        if file is not None:
            raise TwokeyError(f"the detector {cls.name} takes no file, but was given {file}")
        return cls()

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return what each rule is."""
        named = {rule: form.explained() for rule, form in FORMATS.items()}
        return named | {rule: generic.explained() for rule, generic in GENERIC.items()}

    def patterns(self) -> tuple[Pattern, ...]:
        """Return one coarse pattern for each format, and those of the rules that know no format."""
        named = [Pattern(rule=rule, expression=form.coarse) for rule, form in FORMATS.items() if form.coarse]
        generic = [Pattern(rule=rule, expression=each) for rule, one in GENERIC.items() for each in one.coarse]
        return (*named, *generic)

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        """Yield each secret that has the exact form and is no example; the less a rule knows, the later it is asked."""
        taken: list[tuple[int, int]] = []
        for rule in PREFIXED:
            if rule in rules:
                found = list(_found(text, FORMATS[rule]))
                yield from (self._sighting(rule, span) for span in found)
                taken += found
        # What is told by context has a name beside it that the generic rules look for: they share one pattern.
        for rule in _issuers(text) if not rules.isdisjoint(GENERIC) else ():
            found = [span for span in _found(text, FORMATS[rule]) if not _overlaps(span, taken)]
            yield from (self._sighting(rule, span) for span in found)
            taken += found
        for rule, generic in GENERIC.items():
            if rule in rules:
                found = [span for span in generic.find(text, _malformed) if not _overlaps(span, taken)]
                yield from (self._sighting(rule, span) for span in dict.fromkeys(found))
                taken += found

    def _sighting(self, rule: str, span: tuple[int, int]) -> Sighting:
        return Sighting(detector=self.name, rule=rule, start=span[0], end=span[1])


def _issuers(text: str) -> list[str]:
    """Return the rules whose issuers are named in the text, each of which asks for more."""
    names = _issuers_set().Match(text.encode())
    return [CONTEXTUAL[index - 1] for index in names if index]


@cache
def _issuers_set() -> Any:
    # The empty end of the text matches too: without it, an answer could not be told from none.
    return compiled_set((r"\z", *(f"(?i){FORMATS[rule].near}" for rule in CONTEXTUAL)))


def _found(text: str, form: Format) -> Iterator[tuple[int, int]]:
    for start, end in spans(form.exact, text, 1):
        if form.check(text[start:end]) and (not form.near or _is_near(text, start, end, form.near)):
            yield start, end


def _is_near(text: str, start: int, end: int, name: str) -> bool:
    """Return whether the issuer's name stands around, and a word for what it is before."""
    if is_called_otherwise(text[max(0, start - 24) : start]):
        return False
    around = f"{text[max(0, start - _BEFORE) : start]}\n{text[end : end + _AFTER]}"
    return bool(_WORD.search(text[max(0, start - _WORD_BEFORE) : start]) and _named(name).search(around))


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


@cache
def _named(name: str) -> re.Pattern[str]:
    # Not in the midst of a word, nor of chance; and a short name is a whole one.
    end = "(?![a-z])" if name.isalpha() and len(name) < 7 else ""
    return re.compile(rf"(?<![a-z0-9])(?:{name}){end}", re.IGNORECASE)


def _malformed(value: str) -> bool:
    """Return whether a value begins as a known format does; as none saw it, it is cut or wrong, and no key."""
    return bool(_beginnings().match(value))


@cache
def _beginnings() -> re.Pattern[str]:
    return re.compile("|".join(form.beginning for form in FORMATS.values() if form.beginning.endswith(("_", "-", "."))))
