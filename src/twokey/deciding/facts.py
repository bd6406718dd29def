"""The facts that people signed the digests of, as a store keeps them beside decisions. Nothing is judged here."""

from collections.abc import Iterator, Mapping
from typing import Any

from twokey.canonical import loads
from twokey.decisions.contents import Files
from twokey.decisions.seen import is_of_facts
from twokey.errors import TwokeyError


def facts_in(files: Files) -> Iterator[Mapping[str, Any]]:
    """Yield the facts among a folder's files; what cannot be read is none. Which were signed, their digests say."""
    for name in sorted(files):
        data = files[name]
        if not is_of_facts(name) or not isinstance(data, bytes):
            continue
        try:
            kept = loads(data, file=name)
        except TwokeyError:
            continue
        yield from (facts for facts in kept if isinstance(facts, dict)) if isinstance(kept, list) else ()
