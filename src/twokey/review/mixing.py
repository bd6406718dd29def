"""What a reviewer is given: the items alone, or with the sealed seeds of this evidence among them, and practice first.

Page, server and terminal take it from here, so that all three show the same and name the same bundle in their grades.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from twokey import canonical
from twokey.errors import Place, TwokeyError
from twokey.review.order import presented
from twokey.review.seeds import NAME, Bundle, parse_bundle
from twokey.values import dataclass

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """The rows to grade, in the order in which they are met; practice; and the bundle's SHA-256, None without one."""

    items: tuple[Row, ...]
    practice: tuple[Row, ...] = ()
    seeds: str | None = None


def mixed(items: Iterable[Row], sealed: bytes | None, manifest: str) -> Mixed:
    """Mix sealed seeds in among items, all of them or those of one reviewer.

    Args:
        items: rows of review/items.jsonl.
        sealed: the bytes of review/seeds.json, or None where there is none.
        manifest: the evidence's digest, which draws the places.

    Raises:
        TwokeyError: the bundle cannot be read, is of other evidence, or has an item that is none of its own.
    """
    items = tuple(items)
    if sealed is None:
        return Mixed(items=presented(items, (), manifest))
    bundle = bundle_for(items, sealed, manifest)
    return Mixed(
        items=presented(items, bundle.items, manifest),
        practice=tuple(bundle.practice),
        seeds=canonical.sha256(sealed),
    )


def bundle_for(items: Iterable[Row], sealed: bytes, manifest: str, file: str = NAME) -> Bundle:
    """Return a sealed bundle that can be mixed in among these items.

    Raises:
        TwokeyError: it cannot be read, is of other evidence, or has an item that is none of its own.
    """
    bundle, where = parse_bundle(sealed, file), Place(file=file)
    if bundle.manifest != manifest:
        hint = "move it away, or make one of this evidence: twokey seeds seal"
        raise TwokeyError("holds sealed seeds of other evidence", where=where, hint=hint)
    if {row["id"] for row in (*bundle.items, *bundle.practice)} & {row["id"] for row in items}:
        raise TwokeyError("holds an item that the review has already", where=where)
    return bundle
