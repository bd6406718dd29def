"""Reading roster.yaml: every problem at once, with its line.

What would let one person count twice, or two people be one, is refused here: shared keys, repeated principals,
colliding aliases, a role that is called like a person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from twokey.config.decode import Decoder
from twokey.config.keys import option
from twokey.config.nodes import MapNode, Node, Problems, ScalarNode, quoted, walk
from twokey.config.syntax import compose
from twokey.config.words import BAD
from twokey.decisions.decision import PRINCIPAL
from twokey.decisions.people import Person, Roster, RosterKey
from twokey.decisions.shapes import instant
from twokey.signers.keys import read_key_line
from twokey.signers.wire import MalformedError


def _utc(text: str) -> None:
    instant(text)


def _principal(text: str) -> None:
    if not PRINCIPAL.fullmatch(text):
        raise ValueError("expected a principal in lower case, such as ann@example.com")


def _word(text: str) -> None:
    if not text.isprintable() or " " in text or len(text) > 100:
        raise ValueError("expected one word of at most 100 characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """A key as the roster writes it: a line such as `ssh-ed25519 AAAA...`, or a mapping with its dates."""

    key: str = option("the public key, as in a .pub file")
    valid_from: str | None = option("not before, such as 2026-11-21T12:00:00Z", check=_utc, default=None)
    valid_until: str | None = option("no longer from then on", check=_utc, default=None)
    revoked_at: str | None = option("withdrawn from then on", check=_utc, default=None)
    compromised_since: str | None = option("others may have it: nothing it signs counts", check=_utc, default=None)
    why: str | None = option("the reason for these dates", default=None)

    EXPECTED: ClassVar[str] = "a public key such as ssh-ed25519 AAAA..."
    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "pattern": r"^(sk-)?(ssh|ecdsa)-\S+ \S+"}

    def __post_init__(self) -> None:
        """Refuse a key that is never valid."""
        if self.valid_from and self.valid_until and instant(self.valid_from) >= instant(self.valid_until):
            raise ValueError("valid_until is not after valid_from")

    @classmethod
    def from_scalar(cls, value: str | float | bool | None) -> Self:
        """Read a key without dates."""
        if not isinstance(value, str):
            raise ValueError(value)
        return cls(key=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEntry:
    """A person as the roster writes one."""

    principal: str = option("who they are, such as ann@example.com", check=_principal)
    keys: tuple[KeyEntry, ...] = option("the keys they sign with")
    name: str | None = option("what they are called", default=None)
    aliases: tuple[str, ...] = option("their other addresses and logins", check=_word, default=())
    roles: tuple[str, ...] = option("what they may decide as", check=_word, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFile:
    """roster.yaml: the people who may decide."""

    people: tuple[PersonEntry, ...] = option("everybody who may decide")
    roles: tuple[str, ...] = option("all roles there are; any other is then an error", check=_word, default=())


def load_roster(data: bytes, file: str) -> Roster:
    """Read roster.yaml; `file` is its name in messages. Raises ConfigError with every problem, in order of place."""
    problems = Problems(file=file)
    root = compose(data, problems)
    decoder = Decoder(problems)
    entries = decoder.value(root, RosterFile, "")
    _check_names(root, problems)
    _check_keys(root, problems)
    _check_roles(root, decoder)
    problems.raise_any()
    assert entries is not BAD  # noqa: S101 for the reader: a bad value has a problem
    return Roster(people=tuple(_person(entry) for entry in entries.people))


def _check_names(root: Node, problems: Problems) -> None:
    """Refuse a principal or alias that stands for two people, or twice for one."""
    seen: dict[str, ScalarNode] = {}
    for node in (*_words(root, "people", "*", "principal"), *_words(root, "people", "*", "aliases", "*")):
        first = seen.setdefault(node.text.casefold(), node)
        if first is not node:
            problems.add(f"{quoted(node.text)} stands here twice; the first is on line {first.line}", node)


def _check_keys(root: Node, problems: Problems) -> None:
    """Refuse what is no key that may decide, and one key in two places."""
    seen: dict[str, ScalarNode] = {}
    for _, entry in walk(root, "people", "*", "keys", "*"):
        node = entry.get("key") if isinstance(entry, MapNode) else entry
        if not isinstance(node, ScalarNode):
            continue
        try:
            line = read_key_line(node.text).line
        except MalformedError as refusal:
            problems.add(f"not a key that may decide: {refusal}", node)
            continue
        first = seen.setdefault(line, node)
        if first is not node:
            hint = "a key belongs to one person"
            problems.add(f"this key stands here twice; the first is on line {first.line}", node, hint)


def _check_roles(root: Node, decoder: Decoder) -> None:
    """Refuse a role that is not listed, where roles are listed, and one that is called like a person."""
    listed = {node.text for node in _words(root, "roles", "*")}
    names = {node.text.casefold() for node in _words(root, "people", "*", "principal")}
    names |= {node.text.casefold() for node in _words(root, "people", "*", "aliases", "*")}
    for node in (*_words(root, "people", "*", "roles", "*"), *_words(root, "roles", "*")):
        if node.text.casefold() in names:
            decoder.problems.add(f"the role {quoted(node.text)} is called like a person", node)
        elif listed and node.text not in listed:
            hint = decoder.suggest(node.text, tuple(listed))
            decoder.problems.add(f"the role {quoted(node.text)} is not among roles", node, hint)


def _words(root: Node, *path: str) -> Iterator[ScalarNode]:
    return (node for _, node in walk(root, *path) if isinstance(node, ScalarNode))


def _person(entry: PersonEntry) -> Person:
    return Person(
        principal=entry.principal,
        name=entry.name or entry.principal,
        roles=entry.roles,
        keys=tuple(_key(key) for key in entry.keys),
        aliases=entry.aliases,
    )


def _key(entry: KeyEntry) -> RosterKey:
    return RosterKey(
        key=read_key_line(entry.key),
        valid_from=_date(entry.valid_from),
        valid_until=_date(entry.valid_until),
        revoked_at=_date(entry.revoked_at),
        compromised_since=_date(entry.compromised_since),
        why=entry.why,
    )


def _date(text: str | None) -> datetime | None:
    return None if text is None else instant(text)
