"""What is kept of a flagged record for people to read: what was seen where, and the output with all of it hidden.

Redaction is slow, so it waits until it is known which flagged records are kept in the end: a tally holds them as they
are, in memory alone. What was found is in no row that is shown, and in no fingerprint.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from twokey.canonical import digest, dump_line
from twokey.gates.base import Scans
from twokey.gates.kept import Kept
from twokey.record import Field, Record, Sighting, flatten

MAX_TEXT = 2000
MAX_SPANS = 50
MAX_HELD = 8000
"""Characters of an output that may wait for its redaction; longer ones are redacted and cut at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined(Kept):
    """One flagged record: what was seen where, the first fifty places; its output, and its input where that matters.

    Once it is `redacted`, `output` is what is shown and `previews` stand beside the places; `input` is gone.
    """

    sightings: tuple[Sighting, ...] = ()
    seen: int = 0
    output: Any = None
    input: Any = None
    redacted: bool = False
    previews: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[Any, ...]:
        """The place in the order: by hash, and by everything else where ids repeat."""
        places = [(s.field, s.start, s.end, s.tag, s.severity) for s in self.sightings]
        return (self.key, self.id, as_text(self.output), as_text(self.input), places, self.seen)

    def plain(self, scanner: Scans) -> dict[str, Any]:
        """Return the row as it stands in quarantine.jsonl, its output redacted and cut to 2,000 characters."""
        output = self.output if self.redacted else _shown(self.output, self.sightings, scanner)
        around = self.previews if self.redacted else _previews(self.output, self.input, self.sightings, scanner)
        return {
            "id": self.id,
            "seen": self.seen,
            "rules": [self._place(*each) for each in zip(self.sightings, around, strict=True)],
            "output": output,
        }

    def _place(self, sighting: Sighting, around: str) -> dict[str, Any]:
        return {
            "detector": sighting.detector,
            "rule": sighting.tag,
            "severity": sighting.severity,
            "field": sighting.field,
            "start": sighting.start,
            "end": sighting.end,
            "quoted": sighting.quoted,
            "preview": around,
            "fingerprint": fingerprint(self.id, sighting),
        }


def fingerprint(record: str, sighting: Sighting) -> str:
    """Return a finding's name in every run, of rule, record and place: a hash of what was found could be guessed."""
    return digest([sighting.tag, record, sighting.field, sighting.start])


def quarantined(kept: Kept, record: Record, sightings: tuple[Sighting, ...], scanner: Scans) -> Quarantined:
    """Return what is kept of a flagged record."""
    some = sightings[:MAX_SPANS]
    asked = record.input if any(sighting.field == "input" for sighting in some) else None
    # All of what was seen is hidden, and what is held has the first fifty places only.
    long = len(sightings) > MAX_SPANS or len(flatten(record.output)) + len(flatten(asked)) > MAX_HELD
    return Quarantined(
        key=kept.key,
        id=kept.id,
        sightings=some,
        seen=len(sightings),
        output=_shown(record.output, sightings, scanner) if long else record.output,
        input=None if long else asked,
        redacted=long,
        previews=_previews(record.output, asked, some, scanner) if long else (),
    )


def first_held(rows: Iterable[Quarantined], most: int) -> tuple[Quarantined, ...]:
    """Return the rows that come first, in order."""
    ordered = sorted(rows, key=_PLACE)
    if len(set(map(_ID, ordered))) < len(ordered):
        ordered.sort(key=lambda row: row.rank)
    return tuple(ordered[:most])


_PLACE, _ID = attrgetter("key", "id"), attrgetter("id")


def _previews(output: Any, asked: Any, sightings: tuple[Sighting, ...], scanner: Scans) -> tuple[str, ...]:
    values: dict[Field, Any] = {"output": output, "input": asked}
    found: dict[Field, Iterator[str]] = {}
    for name, value in values.items():
        here = [sighting for sighting in sightings if sighting.field == name]
        places = [(sighting.start, sighting.end) for sighting in here]
        found[name] = iter(scanner.previews(value, places, here) if here else ())
    return tuple(next(found[sighting.field]) for sighting in sightings)


def _shown(output: Any, sightings: tuple[Sighting, ...], scanner: Scans) -> str:
    """Return the output as a redacted text. Cutting it can bring something to light, so it is redacted once more."""
    redacted = scanner.redact_value(output, [sighting for sighting in sightings if sighting.field == "output"])
    if isinstance(redacted, str) and len(redacted) <= MAX_TEXT:
        return redacted
    return str(scanner.redact_value(as_text(redacted)[:MAX_TEXT]))


def as_text(value: Any) -> str:
    """Return a text itself, and anything else as JSON, or flattened where it is none."""
    if isinstance(value, str):
        return value
    try:
        return dump_line(value).decode().rstrip("\n")
    except ValueError:  # a date or the like, from a file that is no JSON
        return flatten(value)
