"""From the users' own field names to a `Record`: the mapping of the config, compiled once per process.

For JSON a tree of msgspec structs is made that holds the mapped paths and nothing else, so that a line is decoded in one
call and everything unmapped is skipped without being built. That is only the fast way: a line which does not fit the tree
is read again by `Layout.dig`, which is also what the other formats use and the one definition of what a path means.
Where a key stands twice in an object, the last one counts, as in Python's `json`. Opens no files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

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
        problems = [Problem(message=f"{path!r} is no path", hint="such as request.text") for path in paths if path is not None and not _steps(path)]
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
        return [None if path is None else follow(row, _steps(path)) for path in self.paths]

    def build(self, found: Sequence[Any]) -> Record:
        """Make the record from the values at the paths, in their order. Raises Mismatch naming the path."""
        (ident, source, input_, output, label, expected, context,
         confidence, latency_ms, memory_mb, at, error, impact, hallucinated) = found[:_FIXED]  # fmt: skip
        # Exact types first: a call for each of fourteen fields would cost as much as decoding the line.
        if type(ident) is not str or not 0 < len(ident) <= values.MAX_ID_CHARS or ident.isspace():
            ident = values.identity(ident, self.path("id"))
        if type(output) not in _SIMPLE:
            output = values.content(output, self.path("output"))
        if self.paths[_LABEL] is None:
            label = output
        if type(confidence) is not float or not 0.0 <= confidence <= 1.0:
            confidence = values.probability(confidence, self.path("confidence"))
        if type(latency_ms) is not float or not 0.0 <= latency_ms < _HUGE:
            latency_ms = values.amount(latency_ms, self.path("latency_ms"))
        groups = self._groups(found) if self.groups else {}
        return Record(
            id=ident,
            source=values.source_of(source) if source is not None else "unknown",
            stratum=groups.get(self.stratum, "") if self.stratum else "",
            input=input_ if type(input_) in _SIMPLE else values.content(input_, self.path("input")),
            output=output,
            label=label if type(label) in _SIMPLE else values.content(label, self.path("label")),
            expected=expected if type(expected) in _SIMPLE else values.content(expected, self.path("expected")),
            context=context if type(context) in _SIMPLE else values.content(context, self.path("context")),
            confidence=confidence,
            latency_ms=latency_ms,
            memory_mb=None if memory_mb is None else values.amount(memory_mb, self.path("memory_mb")),
            at=None if at is None else values.moment(at, self.path("at")),
            error=None if error is None else values.failure(error),
            impact=None if impact is None else values.word(impact, self.path("impact")),
            hallucinated=None if hallucinated is None else values.truth(hallucinated, self.path("hallucinated")),
            groups=groups,
        )

    def _groups(self, found: Sequence[Any]) -> dict[str, str]:
        groups: dict[str, str] = {}
        for place, name in enumerate(self.groups, _FIXED):
            text = values.word(found[place], self.paths[place] or name)
            if text is not None:
                groups[name] = text
        return groups


_FIXED = len(FIELDS)
_LABEL = FIELDS.index("label")
_SIMPLE = frozenset({str, type(None), bool, int})
_HUGE = float("inf")


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[Step, ...]:
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
                raise Mismatch(f"{_dotted((*start, *steps[:done]))}: expected a list, found {kind(value)}")
            value = value[step] if step < len(value) else None
        else:
            if not isinstance(value, dict):
                raise Mismatch(f"{_dotted((*start, *steps[:done]))}: expected an object, found {kind(value)}")
            value = value.get(step)
    return value


def _dotted(steps: Sequence[Step]) -> str:
    return ".".join(map(str, steps))


@dataclass(frozen=True, slots=True)
class LineDecoder:
    """A compiled layout for JSON: bytes of one line in, values at the paths out, in order.

    `inner` names the places whose path goes on inside the value of a shorter mapped path (`response` and `response.label`).
    """

    decode: Callable[[bytes], Any]
    getter: Callable[[Any], tuple[Any, ...]]
    inner: tuple[tuple[int, tuple[Step, ...], tuple[Step, ...]], ...]

    def values(self, line: bytes) -> Sequence[Any]:
        """Return the values; raises msgspec.DecodeError, AttributeError (a null on the way) or Mismatch."""
        found = self.getter(self.decode(line))
        if not self.inner:
            return found
        opened = list(found)
        for place, start, rest in self.inner:
            opened[place] = follow(opened[place], rest, start)
        return opened


@lru_cache(maxsize=32)
def compile_json(layout: Layout) -> LineDecoder:
    """Compile a layout into struct types, once per process. Raises ConfigError where a path is both a list and an object."""
    paths = [None if path is None else _steps(path) for path in layout.paths]
    ends = {path for path in paths if path}
    attributes: list[str] = []
    inner: list[tuple[int, tuple[Step, ...], tuple[Step, ...]]] = []
    tree: dict[Step, Any] = {}
    for place, path in enumerate(paths):
        if path is None:
            attributes.append(_ABSENT)
            continue
        cut = next(length for length in range(1, len(path) + 1) if path[:length] in ends)
        if cut < len(path):
            inner.append((place, path[:cut], path[cut:]))
        node = tree
        for step in path[: cut - 1]:
            node = node.setdefault(step, {})
        node[path[cut - 1]] = None
        attributes.append(_attribute(paths, path[:cut]))
    struct = _struct("Line", tree, ())
    return LineDecoder(msgspec.json.Decoder(struct).decode, attrgetter(*attributes), tuple(inner))


_ABSENT = "absent"
"""A class attribute of the root that is None: what an unmapped field reads, so that one getter serves all."""


def _attribute(paths: Sequence[tuple[Step, ...] | None], path: tuple[Step, ...]) -> str:
    return ".".join(_field(step) for step in path)


def _field(step: Step) -> str:
    # Users' keys need not be identifiers, and must not meet the methods of a struct.
    return f"i{step}" if isinstance(step, int) else "k" + step.encode().hex()


def _struct(name: str, tree: dict[Step, Any], at: tuple[Step, ...]) -> type[msgspec.Struct]:
    indexed = [step for step in tree if isinstance(step, int)]
    if indexed and (len(indexed) < len(tree) or not at):
        place = _dotted(at) or "a line"
        raise ConfigError([Problem(message=f"{place} is mapped by number and by name; it can be a list or an object, not both")])
    steps: Sequence[Step] = range(max(indexed) + 1) if indexed else list(tree)
    fields: list[tuple[str, Any, Any]] = []
    for step in steps:
        key = None if indexed else str(step)
        child = tree.get(step)
        if child:
            inner = _struct(_field(step), child, (*at, step))
            fields.append((_field(step), inner | None, msgspec.field(name=key, default_factory=inner)))
        else:
            # Raw keeps an unmapped element of a list unparsed.
            fields.append((_field(step), Any if step in tree else msgspec.Raw, msgspec.field(name=key, default=None)))
    return msgspec.defstruct(name, fields, namespace={_ABSENT: None}, array_like=bool(indexed), gc=False)
