"""What manifest, packet, items and quarantine must look like inside, so that whoever reads them need not ask again.

Evidence may come from anybody. What is checked here is the form alone: that the bytes are those that were covered is
checked in `store`, and whether they say the truth is what recomputing is for.
"""

from typing import Any

import msgspec


class _Strict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A table with these keys and no others."""


class _Tool(_Strict):
    name: str
    version: str


class _Named(_Strict):
    path: str
    sha256: str


class _Sized(_Strict):
    path: str
    sha256: str
    size: int


class _Subject(_Strict):
    name: str
    owner: str
    digest: str
    pinned: bool
    files: list[_Sized]


class _Line(_Strict):
    line: int
    reason: str


class _Unreadable(_Strict):
    count: int
    first: list[_Line]


class _Recording(_Strict):
    sha256: str
    size: int
    records: int
    unreadable: _Unreadable


class _Recordings(_Strict):
    candidate: _Recording
    baseline: _Recording | None
    judge: _Recording | msgspec.UnsetType = msgspec.UNSET  # only where policy takes a judge's verdicts


class _Policy(_Strict):
    sha256: str
    files: list[_Named]


class _Manifest(_Strict):
    type: str
    tool: _Tool
    subject: _Subject
    recordings: _Recordings
    policy: _Policy
    seed: int
    files: list[_Sized]


class _Item(msgspec.Struct):
    id: str
    stratum: str


class _Rule(msgspec.Struct):
    rule: str


class _Held(msgspec.Struct):
    id: str
    output: Any
    rules: list[_Rule]


def malformed(manifest: Any) -> str | None:
    """Return what is wrong with the form of a manifest, or None."""
    return _fault(manifest, _Manifest)


def malformed_packet(packet: Any) -> str | None:
    """Return what is wrong with the form of review/packet.json, or None."""
    return _fault(packet, dict[str, Any])


def malformed_item(item: Any) -> str | None:
    """Return what is wrong with the form of a row of review/items.jsonl, or None."""
    return _fault(item, _Item)


def malformed_held(row: Any) -> str | None:
    """Return what is wrong with the form of a row of quarantine.jsonl, or None."""
    return _fault(row, _Held)


def _fault(value: Any, shape: Any) -> str | None:
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        return str(error)
    return None
