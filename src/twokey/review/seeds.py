"""Sealed seeds as files: a bundle of items of which some are known to be bad, and its opening, which says which.

The bundle is made before anybody grades, and commits to the answers without telling them: a salted digest, and the
answers in a box that only the salt opens. The opening is written when grades are there, so that anybody can count
again. How a bundle is made is in `sealing`, what grades come to in `recounting`; nothing here knows a key.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from twokey import canonical
from twokey.errors import Place, TwokeyError
from twokey.evidence.shapes import malformed_item

TYPE: Literal["urn:twokey:seeds:v1"] = "urn:twokey:seeds:v1"
OPENING_TYPE: Literal["urn:twokey:seeds-opening:v1"] = "urn:twokey:seeds-opening:v1"
NAME, OPENING = "seeds.json", "seeds-opening.json"
"""What the two are called beside decisions; a store may put a number before the ending."""

MAX_BYTES = 16 * 1024 * 1024
MAX_OPENING_BYTES = 1024 * 1024
MAX_PRACTICE = 5
MAX_ITEMS = 100
_COMMITMENT = b"twokey seeds commitment v1\n"
_TELLING = frozenset({"answer", "feedback", "bad", "origin", "why", "seed_bad"})

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Some = Annotated[int, msgspec.Meta(ge=1, le=50)]
Any50 = Annotated[int, msgspec.Meta(ge=0, le=50)]
Told = Annotated[str, msgspec.Meta(max_length=2_000)]
Row = dict[str, Any]


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table with these keys and no others, and values of these types."""


class Rule(Strict, frozen=True):
    """How many of a bundle's items are bad, how many good, and how many missed void the review."""

    bad: Some
    decoys: Any50
    void_at: Some


class Answer(Strict, frozen=True):
    """What is known of one item of a bundle. `origin` is `past`, `decoy` or the name of a mutation.

    `row` is the SHA-256 of the item's canonical line, so that no other content can be put in its place.
    """

    id: str
    bad: bool
    origin: Told
    why: Told
    severity: Literal["low", "medium", "high", "critical"] | None
    row: Digest


class Bundle(Strict, frozen=True):
    """A sealed bundle. `items` look like any item's row; `practice` has `answer` and `feedback` in clear.

    `nonce` and `box` make sense only with the key, or the salt that it gives.
    """

    type: Literal["urn:twokey:seeds:v1"]
    manifest: Digest
    commitment: Digest
    rule: Rule
    items: Annotated[list[Row], msgspec.Meta(max_length=MAX_ITEMS)]
    practice: Annotated[list[Row], msgspec.Meta(max_length=MAX_PRACTICE)]
    nonce: Digest
    box: Annotated[str, msgspec.Meta(max_length=MAX_OPENING_BYTES, pattern="^(?:[0-9a-f]{2})+$")]


class Opening(Strict, frozen=True):
    """What a bundle held: the salt that its commitment was made with, and an answer for each item.

    `seeds` is the SHA-256 of the bundle. `grades` are the grades files, by SHA-256, that were there when it was opened:
    only those were given without knowing. `tag` lets whoever has the key tell that nobody added to them.
    """

    type: Literal["urn:twokey:seeds-opening:v1"]
    manifest: Digest
    seeds: Digest
    salt: Digest
    answers: Annotated[list[Answer], msgspec.Meta(max_length=MAX_ITEMS)]
    grades: Annotated[list[Digest], msgspec.Meta(max_length=1000)]
    tag: Digest


Shape = TypeVar("Shape", Bundle, Opening)


def parse_bundle(data: bytes, file: str = NAME) -> Bundle:
    """Read a sealed bundle strictly.

    Raises:
        TwokeyError: too large, not strict JSON, unknown or missing fields, an id twice, more or fewer items than its
            rule says, an item that tells what it is.
    """
    bundle = _read(data, Bundle, file, MAX_BYTES)
    where = Place(file=file)
    for row in (*bundle.items, *bundle.practice):
        if fault := malformed_item(row):
            raise TwokeyError(f"holds what is no item: {fault}", where=where)
    refuse_twice([str(row["id"]) for row in (*bundle.items, *bundle.practice)], where)
    if len(bundle.items) != bundle.rule.bad + bundle.rule.decoys or bundle.rule.void_at > bundle.rule.bad:
        told = f"{len(bundle.items)} items do not fit its rule: {bundle.rule.bad} bad and {bundle.rule.decoys} good"
        raise TwokeyError(f"{told}, void at {bundle.rule.void_at}", where=where)
    if any(_TELLING & row.keys() for row in bundle.items):
        raise TwokeyError("holds an item that says what it is", where=where)
    for row in bundle.practice:
        if row.get("answer") not in ("pass", "fail") or not isinstance(row.get("feedback"), str):
            raise TwokeyError("practice needs an answer, pass or fail, and a feedback", where=where)
    return bundle


def parse_opening(data: bytes, file: str = OPENING) -> Opening:
    """Read an opening strictly. Raises TwokeyError as `parse_bundle` does; whether it fits is `fault_of`'s to say."""
    opening = _read(data, Opening, file, MAX_OPENING_BYTES)
    refuse_twice([answer.id for answer in opening.answers], Place(file=file))
    return opening


def _read(data: bytes, shape: type[Shape], file: str, most: int) -> Shape:
    document = canonical.loads(data, file=file, max_bytes=most)
    try:
        return msgspec.convert(document, shape)
    except msgspec.ValidationError as error:
        told = "sealed bundle of seeds" if shape is Bundle else "opening of seeds"
        raise TwokeyError(f"is no {told}: {error}", where=Place(file=file)) from None


def refuse_twice(ids: Iterable[str], where: Place) -> None:
    """Raise TwokeyError where an id stands twice."""
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            raise TwokeyError(f"the id {id_[:80]!r} stands twice", where=where)
        seen.add(id_)


def render(value: Bundle | Opening) -> bytes:
    """Return the bytes of the file; the same value gives the same bytes."""
    return canonical.dumps(msgspec.to_builtins(value))


def row_digest(row: Mapping[str, Any]) -> str:
    """Return what an answer names an item's content by."""
    return canonical.digest(row)


def commitment(
    salt: str, manifest: str, rule: Rule, practice: Iterable[Mapping[str, Any]], answers: Iterable[Answer]
) -> str:
    """Return the commitment to the answers, in hexadecimal.

    It is SHA-256 over a line of its own and the canonical line of the object with the keys `answers` (in order of their
    ids, each with the digest of its row), `manifest`, `practice` (digests of the rows), `rule` and `salt`. Without the
    salt, 256 bits that nobody knows, trying all answers tells nothing.
    """
    said = {
        "answers": plain(answers),
        "manifest": manifest,
        "practice": [row_digest(row) for row in practice],
        "rule": msgspec.to_builtins(rule),
        "salt": salt,
    }
    return canonical.sha256(_COMMITMENT + canonical.dump_line(said))


def plain(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """Return answers as JSON, in the order of their ids."""
    rows: list[dict[str, Any]] = msgspec.to_builtins(list(answers))
    return sorted(rows, key=lambda row: str(row["id"]))


def fault_of(bundle: Bundle, digest: str, opening: Opening) -> str | None:
    """Say why an opening is not that of a bundle, whose file's SHA-256 is `digest`; None where it is."""
    if opening.seeds != digest:
        return f"it opens another bundle: {opening.seeds[:12]}, not {digest[:12]}"
    if opening.manifest != bundle.manifest:
        return "it is about other evidence"
    made = commitment(opening.salt, bundle.manifest, bundle.rule, bundle.practice, opening.answers)
    if made != bundle.commitment:
        return "its answers are not those that were committed to"
    rows = {str(row["id"]): row_digest(row) for row in bundle.items}
    if rows != {answer.id: answer.row for answer in opening.answers}:
        return "the bundle's items are not those that were sealed"
    if sum(answer.bad for answer in opening.answers) != bundle.rule.bad:
        return "it has not as many bad items as the bundle says"
    return None
