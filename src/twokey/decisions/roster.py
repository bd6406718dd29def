"""Reading roster.yaml: every problem at once, with its line.

What would let one person count twice, or two people be one, is refused here: shared keys, repeated principals,
colliding aliases, a role that is called like a person, a machine's key that could decide, roles passed on in chains.
The shape of each entry is in `roster_shape`; the clock is not looked at.
"""

from collections.abc import Iterator

from twokey.config.decode import Decoder
from twokey.config.nodes import MapNode, Node, Problems, ScalarNode, quoted, walk
from twokey.config.syntax import compose
from twokey.config.words import BAD
from twokey.decisions.lookalike import folded, skeleton
from twokey.decisions.people import Delegation, Person, Roster, RosterKey, Witness
from twokey.decisions.roster_shape import DelegationEntry, IdentityEntry, KeyEntry, PersonEntry, moment
from twokey.decisions.roster_shape import RosterFile as RosterFile  # what the reference and `load_roster` read
from twokey.decisions.shapes import instant
from twokey.signers.keys import PublicKey, read_key_line
from twokey.signers.wire import MalformedError
from twokey.values import dataclass


def load_roster(data: bytes, file: str) -> Roster:
    """Read roster.yaml; `file` is its name in messages. Raises ConfigError with every problem, in order of place."""
    problems = Problems(file=file)
    root = compose(data, problems)
    decoder = Decoder(problems)
    entries = decoder.value(root, RosterFile, "")
    people = tuple(_people(root))
    _check_names(root, people, problems)
    _check_keys(root, problems)
    _check_identities(people, problems)
    _check_roles(root, people, decoder)
    _check_delegations(root, people, decoder)
    problems.raise_any()
    assert entries is not BAD  # noqa: S101 for the reader: a bad value has a problem
    return Roster(
        people=tuple(_person(entry) for entry in entries.people),
        delegations=tuple(_delegation(entry) for entry in entries.delegations),
        witnesses=tuple(Witness(name=entry.name, keys=tuple(map(_key, entry.keys))) for entry in entries.witnesses),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _PersonNode:
    """What stands in the file of one person, whether or not it is right; `index` says which."""

    index: int
    names: tuple[ScalarNode, ...]
    principal: str | None
    roles: tuple[ScalarNode, ...]
    identities: tuple[tuple[ScalarNode, str], ...]


def _people(root: Node) -> Iterator[_PersonNode]:
    for index, (_, node) in enumerate(walk(root, "people", "*")):
        principal = tuple(_words(node, "principal"))
        yield _PersonNode(
            index=index,
            names=(*principal, *_words(node, "aliases", "*")),
            principal=principal[0].text if principal else None,
            roles=tuple(_words(node, "roles", "*")),
            identities=tuple(
                (identity, "".join(issuer.text for issuer in _words(entry, "issuer")))
                for _, entry in walk(node, "identities", "*")
                for identity in _words(entry, "identity")
            ),
        )


def _check_names(root: Node, people: tuple[_PersonNode, ...], problems: Problems) -> None:
    """Refuse a name that stands for two, or twice for one, or looks like another."""
    seen: dict[str, ScalarNode] = {}
    for node in (*(node for person in people for node in person.names), *_words(root, "witnesses", "*", "name")):
        first = seen.setdefault(skeleton(node.text), node)
        if first is node:
            continue
        if folded(first.text) == folded(node.text):
            problems.add(f"{quoted(node.text)} stands here twice; the first is on line {first.line}", node)
        else:
            looks = f"{quoted(node.text)} ({ascii(node.text)[1:-1][:200]}) looks like {quoted(first.text)}"
            problems.add(f"{looks} on line {first.line}", node, "a name belongs to one person")


def _check_keys(root: Node, problems: Problems) -> None:
    """Refuse what is no key that may decide, and one key in two places, however it is written."""
    seen: dict[object, ScalarNode] = {}
    witnesses = [("a key of somebody who may decide can never witness", "witnesses")]
    for hint, holders in (("a key belongs to one person", "people"), *witnesses):
        for _, entry in walk(root, holders, "*", "keys", "*"):
            node = entry.get("key") if isinstance(entry, MapNode) else entry
            if not isinstance(node, ScalarNode):
                continue
            try:
                secret = _secret(read_key_line(node.text))
            except MalformedError as refusal:
                problems.add(f"not a key that may decide: {refusal}", node)
                continue
            first = seen.setdefault(secret, node)
            if first is not node:
                problems.add(f"this key stands here twice; the first is on line {first.line}", node, hint)


def _secret(key: PublicKey) -> object:
    """Return what is equal for two lines behind which one private key can stand, such as one with and without `sk-`."""
    return key.numbers[1] if key.numbers else (key.curve, key.raw)


def _check_identities(people: tuple[_PersonNode, ...], problems: Problems) -> None:
    """Refuse an identity twice, one address for two people, and an address that is another person's name."""
    exact: dict[tuple[str, str], ScalarNode] = {}
    owners: dict[str, tuple[int, ScalarNode]] = {}
    names = {skeleton(node.text): (person.index, node) for person in people for node in person.names}
    for person in people:
        for node, issuer in person.identities:
            address = skeleton(node.text)
            first = exact.setdefault((address, issuer), node)
            owner, earlier = owners.setdefault(address, (person.index, node))
            named, name = names.get(address, (person.index, node))
            if first is not node:
                problems.add(f"this identity stands here twice; the first is on line {first.line}", node)
            elif owner != person.index:
                problems.add(f"{quoted(node.text)} is another person's identity on line {earlier.line}", node)
            elif named != person.index:
                problems.add(f"{quoted(node.text)} is another person's name on line {name.line}", node)


def _check_roles(root: Node, people: tuple[_PersonNode, ...], decoder: Decoder) -> None:
    """Refuse a role that is not listed, where roles are listed, one that is called like somebody, and one twice."""
    listed = [node.text for node in _words(root, "roles", "*")]
    names = {skeleton(node.text): "a person" for person in people for node in person.names}
    names |= {skeleton(node.text): "a witness" for node in _words(root, "witnesses", "*", "name")}
    spelled: dict[str, ScalarNode] = {}
    for roles in (tuple(_words(root, "roles", "*")), *(person.roles for person in people)):
        here: set[str] = set()
        for node in roles:
            alike = skeleton(node.text)
            first = spelled.setdefault(alike, node)
            if alike in names:
                decoder.problems.add(f"the role {quoted(node.text)} is called like {names[alike]}", node)
            elif listed and node.text not in listed:
                hint = decoder.suggest(node.text, tuple(listed))
                decoder.problems.add(f"the role {quoted(node.text)} is not among roles", node, hint)
            elif first.text != node.text:
                looks = f"the role {quoted(node.text)} looks like {quoted(first.text)} on line {first.line}"
                decoder.problems.add(looks, node, "a role is written in one way")
            elif alike in here:
                decoder.problems.add(f"the role {quoted(node.text)} stands here twice", node)
            here.add(alike)


def _check_delegations(root: Node, people: tuple[_PersonNode, ...], decoder: Decoder) -> None:
    """Refuse a delegation between people who aren't here, or of a role that the giver has not by this file."""
    roles = {person.principal: {node.text for node in person.roles} for person in people if person.principal}
    for _, entry in walk(root, "delegations", "*"):
        for node in (*_words(entry, "from"), *_words(entry, "to")):
            if node.text not in roles:
                hint = decoder.suggest(node.text, tuple(roles))
                decoder.problems.add(f"nobody here has the principal {quoted(node.text)}", node, hint)
        for giver in _words(entry, "from"):
            for node in _words(entry, "roles", "*"):
                if node.text == giver.text:
                    hint = "a rule that names a person means that person; delegate a role"
                    decoder.problems.add(f"{giver.text} cannot be delegated: it is a person", node, hint)
                elif giver.text in roles and node.text not in roles[giver.text]:
                    hint = "what was delegated cannot be passed on"
                    decoder.problems.add(f"{giver.text} has not the role {quoted(node.text)}", node, hint)


def _words(root: Node, *path: str) -> Iterator[ScalarNode]:
    return (node for _, node in walk(root, *path) if isinstance(node, ScalarNode))


def _person(entry: PersonEntry) -> Person:
    return Person(
        principal=entry.principal,
        name=entry.name or entry.principal,
        roles=entry.roles,
        keys=(*map(_key, entry.keys), *map(_identity, entry.identities)),
        aliases=entry.aliases,
    )


def _key(entry: KeyEntry) -> RosterKey:
    key = read_key_line(entry.key)
    return RosterKey(
        line=key.line,
        key=key,
        origins=entry.origins,
        valid_from=moment(entry.valid_from),
        valid_until=moment(entry.valid_until),
        revoked_at=moment(entry.revoked_at),
        compromised_since=moment(entry.compromised_since),
        why=entry.why,
    )


def _identity(entry: IdentityEntry) -> RosterKey:
    return RosterKey(
        line=entry.line,
        valid_from=moment(entry.valid_from),
        valid_until=moment(entry.valid_until),
        revoked_at=moment(entry.revoked_at),
        compromised_since=moment(entry.compromised_since),
        why=entry.why,
    )


def _delegation(entry: DelegationEntry) -> Delegation:
    return Delegation(
        giver=entry.from_,
        to=entry.to,
        roles=entry.roles,
        valid_from=instant(entry.valid_from),
        valid_until=instant(entry.valid_until),
        why=entry.why,
    )
