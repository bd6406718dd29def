"""The order in which a reviewer meets everything: drawn, so that no place tells why an item is there.

By rank the doubtful ones would come first and the audit last: whoever knows that knows the machine's opinion before
giving their own, and which items are mixed in. Page, terminal and server all ask here. It chooses nothing: items were
chosen in `select`, seeds in `sealing`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]


def presented(items: Iterable[Row], seeds_rows: Iterable[Row], key: str) -> tuple[Row, ...]:
    """Return all rows in the order in which they are met, ranked by it: two rows of one rank would tell a seed.

    Whatever else is there, of two rows the same one comes first: so a part of the items has the order of the whole.

    Args:
        items: rows of review/items.jsonl, in any order.
        seeds_rows: rows of review/seeds.json; one whose id is an item's is left out.
        key: what draws; the manifest's digest, as a rule.
    """
    shown = tuple(items)
    known = {str(row["id"]) for row in shown}
    mixed = (*shown, *(row for row in seeds_rows if str(row["id"]) not in known))
    drawn = sorted(mixed, key=lambda row: (_place(str(row["id"]), key), str(row["id"])))
    return tuple({**row, "rank": number} for number, row in enumerate(drawn, start=1))


def _place(id_: str, key: str) -> bytes:
    return hashlib.sha256(f"twokey order\n{key}\n{id_}".encode("utf-8", "surrogatepass")).digest()
