"""What is other now than the facts that somebody signed: which file, person, finding or checkpoint, in a few words.

A decision signs the digest of a checkpoint's facts, and a store keeps the facts themselves beside it. They only explain
here: whether a decision counts goes by the digest alone. Anybody may have written them, so they may say anything. Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from twokey import canonical

MOST = 5
Facts = Mapping[str, Any]


def what_differs(before: Facts | None, now: Facts) -> str:
    """Say what is other now than it was, the first few of it; empty where nobody can say."""
    if before is None:
        return ""
    said = list(dict.fromkeys(_sentences(before, now)))
    more = f" and {len(said) - MOST} more" if len(said) > MOST else ""
    return f"{'; '.join(said[:MOST])}{more}"


def _sentences(before: Facts, now: Facts) -> Iterator[str]:
    old, new = _part(before, "change"), _part(now, "change")
    yield from _apart(_words(old, "parties"), _words(new, "parties"), "had no part in it", "has no part in it any more")
    yield from _apart(_words(old, "opens"), _words(new, "opens"), "was not open", "is open no more")
    yield from _edited(_files(before), _files(now))
    yield from _edited(_column(old, "policy", "path", "after"), _column(new, "policy", "path", "after"))
    was, is_ = _column(before, "findings", "id", "status"), _column(now, "findings", "id", "status")
    yield from (f"{name} is {is_[name]}" for name in sorted(is_) if was.get(name) != is_[name])
    yield from (f"{name} was {was[name]}" for name in sorted(was.keys() - is_.keys()))
    if _clauses(before) != _clauses(now):
        yield "other clauses of policy open it"


def _apart(was: set[str], is_: set[str], new: str, gone: str) -> Iterator[str]:
    yield from (f"{name} {new}" for name in sorted(is_ - was))
    yield from (f"{name} {gone}" for name in sorted(was - is_))


def _edited(was: Mapping[str, Any], is_: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{path} was not changed" for path in sorted(is_.keys() - was.keys()))
    yield from (f"{path} is changed no more" for path in sorted(was.keys() - is_.keys()))
    yield from (f"{path} was changed otherwise" for path in sorted(is_.keys() & was.keys()) if was[path] != is_[path])


def _part(facts: Facts, key: str) -> Facts:
    found = facts.get(key)
    return found if isinstance(found, dict) else {}


def _rows(facts: Facts, key: str) -> Iterator[Any]:
    found = facts.get(key)
    yield from found if isinstance(found, (list, tuple)) else ()


def _words(facts: Facts, key: str) -> set[str]:
    return {word for word in _rows(facts, key) if isinstance(word, str)}


def _column(facts: Facts, key: str, name: str, value: str) -> dict[str, Any]:
    rows = (row for row in _rows(facts, key) if isinstance(row, dict))
    return {str(row.get(name)): row.get(value) for row in rows}


def _files(facts: Facts) -> dict[str, Any]:
    """Return the changed files that opened it, each with Git's id of its content."""
    listed = (pair for row in _rows(facts, "opened_by") if isinstance(row, dict) for pair in _rows(row, "files"))
    return {str(pair[0]): pair[1] for pair in listed if isinstance(pair, (list, tuple)) and len(pair) == 2}


def _clauses(facts: Facts) -> list[str]:
    return sorted(canonical.digest(row.get("clause")) for row in _rows(facts, "opened_by") if isinstance(row, dict))
