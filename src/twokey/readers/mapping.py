"""From the users' own field names to a `Record`: the mapping of the config, compiled once per process.

`Layout` is the one definition of what a path means and of what a value must be, for all formats: `dig`, then `build`.
It judges one row at a time and at leisure; `compiled` is the fast way for JSON. Opens no files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from twokey.config.shape import Recording
from twokey.errors import ConfigError, Problem
from twokey.readers import values
from twokey.readers.values import Mismatch, kind
from twokey.record import Record

FIELDS = (
    "id", "source", "input", "output", "label", "expected", "context",
    "confidence", "latency_ms", "memory_mb", "at", "error", "impact", "hallucinated",
)  # fmt: skip
MAX_INDEX = 999
"""The largest list index in a path."""

Step = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which paths are read, and how a record is built from their values. Hashable and picklable.

    `paths` are those of FIELDS in order, None where unmapped, then those of `groups`. `stratum` is the group whose value
    is the record's stratum, or None.
    """

    paths: tuple[str | None, ...]
    groups: tuple[str, ...]
    stratum: str | None

    @classmethod
    def of(cls, recording: Recording, stratify_by: str | None) -> "Layout":
        """Make the layout of a recording. Raises ConfigError where no id is mapped or a path cannot be one."""
        groups = tuple(recording.groups)
        paths = (*(getattr(recording, name) for name in FIELDS), *recording.groups.values())
        problems = [Problem(message=f"{path!r} is no path", hint="such as request.text") for path in paths if path is not None and not steps_of(path)]
        if recording.id is None:
            problems.append(Problem(message="no path is mapped to id, and every record needs one", hint="such as id: request_id"))
        if problems:
            raise ConfigError(problems)
        return cls(paths=paths, groups=groups, stratum=stratify_by if stratify_by in groups else None)

    def path(self, field: str) -> str:
        """Return the user's path for a field, or the field's own name."""
        return self.paths[FIELDS.index(field)] or field

    def dig(self, row: Any) -> list[Any]:
        """Return the value at each path of a JSON value. Raises Mismatch where something else than expected is in the way."""
        if not isinstance(row, dict):
            raise Mismatch(f"expected an object, found {kind(row)}")
        return [None if path is None else follow(row, steps_of(path)) for path in self.paths]

    def build(self, found: Sequence[Any]) -> Record:
        """Make the record from the values at the paths, in their order. Raises Mismatch naming the path."""
        (ident, source, input_, output, label, expected, context,
         confidence, latency_ms, memory_mb, at, error, impact, hallucinated) = found[:_FIXED]  # fmt: skip
        groups: dict[str, str] = {}
        for place, name in enumerate(self.groups, _FIXED):
            if (text := values.word(found[place], self.paths[place] or name)) is not None:
                groups[name] = text
        output = values.content(output, self.path("output"))
        return Record(
            id=values.identity(ident, self.path("id")),
            source=values.source_of(source),
            stratum=groups.get(self.stratum, "") if self.stratum else "",
            input=values.content(input_, self.path("input")),
            output=output,
            label=output if self.paths[_LABEL] is None else values.content(label, self.path("label")),
            expected=values.content(expected, self.path("expected")),
            context=values.content(context, self.path("context")),
            confidence=values.probability(confidence, self.path("confidence")),
            latency_ms=values.amount(latency_ms, self.path("latency_ms")),
            memory_mb=values.amount(memory_mb, self.path("memory_mb")),
            at=values.moment(at, self.path("at")),
            error=values.failure(error),
            impact=values.word(impact, self.path("impact")),
            hallucinated=values.truth(hallucinated, self.path("hallucinated")),
            groups=groups,
        )


_FIXED = len(FIELDS)
_LABEL = FIELDS.index("label")


@lru_cache(maxsize=1024)
def steps_of(path: str) -> tuple[Step, ...]:
    """Return the parts of a path, digits as list indexes; none at all where it is no path."""
    parts = path.split(".")
    if not all(parts) or any(part.isascii() and part.isdigit() and int(part) > MAX_INDEX for part in parts):
        return ()
    return tuple(int(part) if part.isascii() and part.isdigit() else part for part in parts)


def follow(value: Any, steps: Sequence[Step], start: Sequence[Step] = ()) -> Any:
    """Return what stands at the end of a path: None where a part is absent, null, or beyond a list's end.

    `start` is how the path began, for the message of the Mismatch that is raised where the way is blocked.
    """
    for done, step in enumerate(steps):
        if value is None:
            return None
        if isinstance(step, int):
            if not isinstance(value, list):
                raise Mismatch(f"{dotted((*start, *steps[:done]))}: expected a list, found {kind(value)}")
            value = value[step] if step < len(value) else None
        else:
            if not isinstance(value, dict):
                raise Mismatch(f"{dotted((*start, *steps[:done]))}: expected an object, found {kind(value)}")
            value = value.get(step)
    return value


def dotted(steps: Sequence[Step]) -> str:
    return ".".join(map(str, steps))
