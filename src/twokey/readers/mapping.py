"""From the users' own field names to a `Record`: the mapping of the config, compiled once per process.

`Layout` is the one definition of what a path means and of what a value must be, for all formats: `dig`, then `build`.
It judges one row at a time and at leisure; `compiled` is the fast way for JSON. Opens no files.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from typing import Any

from twokey.config.shape import Recording
from twokey.errors import ConfigError, Problem
from twokey.readers import values
from twokey.readers.values import MismatchError, kind
from twokey.record import Record

CHECKS: Mapping[str, Callable[[Any, str], Any]] = {
    "id": values.identity,
    "source": values.source,
    "input": values.content,
    "output": values.content,
    "label": values.content,
    "expected": values.content,
    "context": values.content,
    "confidence": values.probability,
    "latency_ms": values.amount,
    "memory_mb": values.amount,
    "at": values.moment,
    "error": values.failure,
    "impact": values.word,
    "hallucinated": values.truth,
    "system": values.content,
    "cluster": values.word,
    "pair": values.word,
    "case": values.word,
    "alternatives": values.alternatives,
}
"""What each field of a record must be, in the order in which values are passed."""

FIELDS = tuple(CHECKS)
MAX_INDEX = 999
"""The largest list index in a path."""

Step = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which paths are read, and how a record is built from their values. Hashable and picklable.

    `paths` are those of FIELDS in order, None where unmapped, then those of `groups`; `places` are the same with the
    field's name where there is no path, for messages. `stratum` is the group whose value is the record's stratum.
    """

    paths: tuple[str | None, ...]
    places: tuple[str, ...]
    groups: tuple[str, ...]
    stratum: str | None

    @classmethod
    def of(cls, recording: Recording, stratify_by: str | None) -> "Layout":
        """Make the layout of a recording. Raises ConfigError where no id is mapped."""
        if recording.id is None:
            message = f"{recording.path}: no path is mapped to id, and every record needs one"
            raise ConfigError([Problem(message=message, hint="such as id: request_id")])
        groups = tuple(recording.groups)
        paths = (*(getattr(recording, name) for name in FIELDS), *recording.groups.values())
        places = tuple(path or name for path, name in zip(paths, (*FIELDS, *groups), strict=True))
        return cls(paths=paths, places=places, groups=groups, stratum=stratify_by if stratify_by in groups else None)

    @property
    def labelled(self) -> bool:
        """Whether the label has a path of its own; else it is the output."""
        return self.paths[FIELDS.index("label")] is not None

    def place(self, field: str) -> str:
        """Return the user's path for a field, or the field's own name."""
        return self.places[FIELDS.index(field)]

    def steps(self) -> tuple[tuple[Step, ...] | None, ...]:
        """Return the paths in parts. Raises ConfigError where one cannot be a dotted path."""
        wrong = [path for path in self.paths if path is not None and not steps_of(path)]
        if wrong:
            hint = f"parts joined by single dots, such as request.text; list indexes up to {MAX_INDEX}"
            raise ConfigError([Problem(message=f"{path!r} is no path", hint=hint) for path in wrong])
        return tuple(None if path is None else steps_of(path) for path in self.paths)

    def dig(self, row: Any) -> list[Any]:
        """Return the value at each path of a JSON value. Raises MismatchError where something else is in the way."""
        if not isinstance(row, dict):
            raise MismatchError(f"expected an object, found {kind(row)}")
        return [None if path is None else follow(row, steps_of(path)) for path in self.paths]

    def build(self, found: Sequence[Any]) -> Record:
        """Make the record from the values at the paths, in their order. Raises MismatchError naming the path."""
        checks = chain(CHECKS.values(), repeat(values.word))
        checked = [check(value, place) for check, value, place in zip(checks, found, self.places, strict=False)]
        (ident, source, input_, output, label, expected, context,
         confidence, latency_ms, memory_mb, at, error, impact, hallucinated,
         system, cluster, pair, case, alternatives, *words) = checked  # fmt: skip
        groups = {name: word for name, word in zip(self.groups, words, strict=True) if word is not None}
        return Record(
            id=ident,
            source=source,
            stratum=groups.get(self.stratum, "") if self.stratum else "",
            input=input_,
            output=output,
            label=label if self.labelled else output,
            expected=expected,
            context=context,
            confidence=confidence,
            latency_ms=latency_ms,
            memory_mb=memory_mb,
            at=at,
            error=error,
            impact=impact,
            hallucinated=hallucinated,
            system=system,
            cluster=cluster,
            pair=pair,
            case=case,
            alternatives=alternatives,
            groups=groups,
        )


@lru_cache(maxsize=1024)
def steps_of(path: str) -> tuple[Step, ...]:
    """Return the parts of a path, digits as list indexes; none at all where it is no path."""
    parts = path.split(".")
    if not all(parts) or any(part.isascii() and part.isdigit() and int(part) > MAX_INDEX for part in parts):
        return ()
    return tuple(int(part) if part.isascii() and part.isdigit() else part for part in parts)


def follow(value: Any, steps: Sequence[Step], start: Sequence[Step] = ()) -> Any:
    """Return what stands at the end of a path: None where a part is absent, null, or beyond a list's end.

    `start` is how the path began, for the message of the MismatchError that is raised where the way is blocked.
    """
    for done, step in enumerate(steps):
        if value is None:
            return None
        if isinstance(step, int):
            if not isinstance(value, list):
                raise MismatchError(f"{dotted((*start, *steps[:done]))}: expected a list, found {kind(value)}")
            value = value[step] if step < len(value) else None
        else:
            if not isinstance(value, dict):
                raise MismatchError(f"{dotted((*start, *steps[:done]))}: expected an object, found {kind(value)}")
            value = value.get(step)
    return value


def dotted(steps: Sequence[Step]) -> str:
    """Return a path as its user wrote it."""
    return ".".join(map(str, steps))
