"""Asking to be in the roster, with proof that the key is one's own: the request document, and what stands against it.

A newcomer signs the request with the key it names, in a namespace of its own, so that nobody can bring another's public
key in as theirs. Who the newcomer is, the proof does not say: that is for the people who merge the change. Nothing
is read, written or signed here, and no clock is looked at.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from twokey import canonical
from twokey.decisions import shapes
from twokey.decisions.decision import PRINCIPAL
from twokey.decisions.lookalike import skeleton
from twokey.decisions.people import Person, Roster, RosterKey
from twokey.decisions.shapes import CLOCK_SKEW, listing, matching, name, one_of, record, written
from twokey.errors import ConfigError, Place, Problem
from twokey.signers.base import Signature
from twokey.signers.keys import read_key_line
from twokey.signers.wire import MalformedError
from twokey.values import dataclass

NAMESPACE = "twokey-roster-v1"
TYPE = "urn:twokey:roster-request:v1"
MAX_BYTES = 16 * 1024
MAX_AGE = timedelta(days=7)

_SHAPE = record(
    {
        "type": one_of(TYPE),
        "principal": matching(PRINCIPAL.pattern, "a principal such as ann@example.com, in lower case"),
        "name": name(200),
        "roles": listing(matching(r"[^\s]{1,100}", "a role, one word"), most=50),
        "key": name(MAX_BYTES),
        "repository": name(500),
        "requested_at": shapes.moment,
        "nonce": matching(r"[0-9a-f]{32}", "32 lower-case hexadecimal digits"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """Who asks to be in which repository's roster, in which roles, with which key (one line without comment).

    `nonce` is 128 random bits.
    """

    principal: str
    name: str
    roles: tuple[str, ...]
    key: str
    repository: str
    requested_at: datetime
    nonce: str

    def person(self, origin: str | None = None) -> Person:
        """Return the newcomer as the roster would have them; raises MalformedError where the key is none.

        `origin` is the page that a passkey gave its proof on: the only one that it may then decide on.
        """
        key = RosterKey(line=self.key, key=read_key_line(self.key), origins=(origin,) if origin else ())
        return Person(principal=self.principal, name=self.name, roles=self.roles, keys=(key,))


def render(request: JoinRequest) -> bytes:
    """Return the request as its document; raises ConfigError where it would not be a valid one."""
    document = {
        "type": TYPE,
        "principal": request.principal,
        "name": request.name,
        "roles": list(request.roles),
        "key": request.key,
        "repository": request.repository,
        "requested_at": written(request.requested_at),
        "nonce": request.nonce,
    }
    data = canonical.dumps(document)
    parse(data, "the request")
    return data


def parse(data: bytes, file: str) -> JoinRequest:
    """Read a request strictly; `file` is its name in messages.

    Raises:
        TwokeyError: the bytes are no strict JSON.
        ConfigError: they are no request, with every problem.
    """
    document = canonical.loads(data, file=file, max_bytes=MAX_BYTES, max_depth=4)
    problems = list(shapes.problems_of(document, _SHAPE))
    if not problems:
        try:
            if read_key_line(document["key"]).line != document["key"]:
                problems.append("key: expected a public key without comment")
        except MalformedError as refusal:
            problems.append(f"key: not a key that may decide: {refusal}")
    if problems:
        raise ConfigError(Problem(message=problem, where=Place(file=file)) for problem in problems)
    return JoinRequest(
        principal=document["principal"],
        name=document["name"],
        roles=tuple(document["roles"]),
        key=document["key"],
        repository=document["repository"],
        requested_at=shapes.instant(document["requested_at"]),
        nonce=document["nonce"],
    )


def against(request: JoinRequest, signature: Signature, roster: Roster | None, now: datetime) -> tuple[str, ...]:
    """Say everything that stands against taking the newcomer in; nothing where nothing does.

    `signature` is what a signer said of exactly the request's bytes and this module's namespace; `roster` is None where
    there is nobody in it yet; `now` is an aware time.
    """
    return (*_proof(request, signature), *_age(request, now), *_collisions(request, roster))


def _proof(request: JoinRequest, signature: Signature) -> Iterator[str]:
    if not signature.valid:
        yield f"the request's signature is not good: {signature.reason}"
    elif signature.key != request.key:
        yield "the request was signed by another key than the one it names"


def _age(request: JoinRequest, now: datetime) -> Iterator[str]:
    if request.requested_at > now + CLOCK_SKEW:
        yield f"the request is from the future: {written(request.requested_at)}"
    if now - request.requested_at > MAX_AGE:
        yield f"the request is of {written(request.requested_at)}, more than {MAX_AGE.days} days ago: ask for another"


def _collisions(request: JoinRequest, roster: Roster | None) -> Iterator[str]:
    for person in roster.people if roster else ():
        same = [word for word in (person.principal, *person.aliases) if skeleton(word) == skeleton(request.principal)]
        if same:
            yield f"{request.principal} is in the roster already, as {person.principal}; add another key there by hand"
    known = roster.person_of_key(request.key) if roster else None
    if known:
        yield f"the key is {known[0].principal}'s already"
    witness = roster.witness_of_key(request.key) if roster else None
    if witness:
        yield f"the key is that of the witness {witness[0].name}, and can never decide"
