"""The fast way from a line of JSON to a `Record`: a tree of msgspec structs that holds the mapped paths and nothing else.

A line is decoded in one call; what is unmapped is skipped without being built, and the tree's types have already checked
what `Layout.build` would check. It only knows the common shape of a line: whatever does not fit raises, and the caller reads the line
again with `Layout`, which decides. So both ways must agree, and a property test holds that.
Where a key stands twice in an object, the last one counts, as in Python's `json`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from twokey.errors import ConfigError, Problem
from twokey.readers import values
from twokey.readers.mapping import FIELDS, Layout, Step, dotted, follow, steps_of
from twokey.record import Record

Getter = Callable[[Any], Sequence[Any]]
Build = Callable[[Sequence[Any]], Record]

_TYPES: dict[str, Any] = {
    "id": Annotated[str, Meta(min_length=1, max_length=values.MAX_ID_CHARS)] | int,
    "confidence": Annotated[float, Meta(ge=0, le=1)] | None,
    "latency_ms": Annotated[float, Meta(ge=0)] | None,
    "memory_mb": Annotated[float, Meta(ge=0)] | None,
    "impact": Annotated[str, Meta(min_length=1, max_length=values.MAX_GROUP_CHARS)] | None,
    "hallucinated": bool | None,
}
_ABSENT = "absent"
"""A class attribute of the structs that is None: what an unmapped field reads, so that one getter serves all."""


@dataclass(frozen=True, slots=True)
class LineDecoder:
    """A compiled layout: `decode` the bytes of a line to a struct, take its `values` at the paths, `build` the record.

    They raise ValueError (what msgspec raises is one), AttributeError (a null on the way), RecursionError.
    """

    decode: Callable[[bytes], Any]
    values: Getter
    build: Build


@dataclass(frozen=True, slots=True)
class _Opening:
    """A getter that goes on inside the values it gets: at each place of `inner`, along the rest of a path."""

    getter: Getter
    inner: tuple[tuple[int, tuple[Step, ...], tuple[Step, ...]], ...]

    def __call__(self, line: Any) -> Sequence[Any]:
        opened = list(self.getter(line))
        for place, start, rest in self.inner:
            opened[place] = follow(opened[place], rest, start)
        return opened


@lru_cache(maxsize=32)
def compile_json(layout: Layout) -> LineDecoder:
    """Compile a layout, once per process. Raises ConfigError where a path is mapped both as a list and as an object."""
    paths = [None if path is None else steps_of(path) for path in layout.paths]
    ends = {path for path in paths if path}
    attributes: list[str] = []
    inner: list[tuple[int, tuple[Step, ...], tuple[Step, ...]]] = []
    tree: dict[Step, Any] = {}
    for place, path in enumerate(paths):
        if path is None:
            attributes.append(_ABSENT)
            continue
        # A path may go on inside the value of a shorter one (`response` and `response.label`): that value is opened.
        cut = next(length for length in range(1, len(path) + 1) if path[:length] in ends)
        if cut < len(path):
            inner.append((place, path[:cut], path[cut:]))
        node = tree
        for step in path[: cut - 1]:
            node = node.setdefault(step, {})
        kinds = node.setdefault(path[cut - 1], set())
        if cut == len(path) and place < len(FIELDS) and FIELDS[place] in _TYPES:
            kinds.add(FIELDS[place])
        attributes.append(".".join(map(_field, path[:cut])))
    decode = msgspec.json.Decoder(_struct("Line", tree, ())).decode
    getter = attrgetter(*attributes)
    if inner:
        return LineDecoder(decode, _Opening(getter, tuple(inner)), layout.build)
    return LineDecoder(decode, getter, _builder(layout))


def _field(step: Step) -> str:
    # Users' keys need not be identifiers, and must not meet the methods of a struct.
    return f"i{step}" if isinstance(step, int) else "k" + step.encode().hex()


def _struct(name: str, tree: dict[Step, Any], at: tuple[Step, ...]) -> type[msgspec.Struct]:
    indexed = [step for step in tree if isinstance(step, int)]
    if indexed and (len(indexed) < len(tree) or not at):
        place = dotted(at) or "a line"
        raise ConfigError([Problem(message=f"{place} is mapped by number and by name; it can be a list or an object, not both")])
    steps: Sequence[Step] = range(max(indexed) + 1) if indexed else list(tree)
    fields: list[tuple[str, Any, Any]] = []
    for step in steps:
        key = None if indexed else str(step)
        child = tree.get(step)
        if isinstance(child, dict):
            inner = _struct(_field(step), child, (*at, step))
            fields.append((_field(step), inner | None, msgspec.field(name=key, default_factory=inner)))
        else:
            # Raw keeps an unmapped element of a list unparsed.
            fields.append((_field(step), msgspec.Raw if child is None else _leaf(child), msgspec.field(name=key, default=None)))
    return msgspec.defstruct(name, fields, namespace={_ABSENT: None}, array_like=bool(indexed), gc=False)


def _leaf(kinds: set[str]) -> Any:
    types = [_TYPES[kind] for kind in sorted(kinds)]
    # Two fields at one path that want different things: null alone fits both, all else is read by the layout.
    return None if len(types) > 1 else types[0] if types else Any


_FIXED = len(FIELDS)
_SIMPLE = frozenset({str, type(None), bool, int})
_SOURCES = ("synthetic", "production")


def _builder(layout: Layout) -> Build:
    """Return what builds a record of values that the types of the tree have checked."""
    path, names, stratum = layout.path, layout.groups, layout.stratum
    labelled = layout.paths[FIELDS.index("label")] is not None
    content, word = values.content, values.word

    def build(found: Sequence[Any]) -> Record:
        (ident, source, input_, output, label, expected, context,
         confidence, latency_ms, memory_mb, at, error, impact, hallucinated, *rest) = found  # fmt: skip
        if type(ident) is not str or ident.isspace():
            ident = values.identity(ident, path("id"))
        if type(output) not in _SIMPLE:
            output = content(output, path("output"))
        groups: dict[str, str] = {}
        for name, value in zip(names, rest, strict=True):
            if text := value if type(value) is str and len(value) < values.MAX_GROUP_CHARS else word(value, name):
                groups[name] = text
        # Fifteen arguments and no more: with a sixteenth CPython makes a dict of them, which costs five times as much.
        record = Record(
            id=ident,
            source=source if source in _SOURCES else values.source_of(source),
            stratum=groups.get(stratum, "") if stratum else "",
            input=input_ if type(input_) in _SIMPLE else content(input_, path("input")),
            output=output,
            label=output if not labelled else label if type(label) in _SIMPLE else content(label, path("label")),
            expected=expected if type(expected) in _SIMPLE else content(expected, path("expected")),
            context=context if type(context) in _SIMPLE else content(context, path("context")),
            confidence=confidence,
            latency_ms=latency_ms,
            memory_mb=memory_mb,
            at=None if at is None else values.moment(at, path("at")),
            error=None if error is None else values.failure(error),
            impact=impact,
            groups=groups,
        )
        return record if hallucinated is None else msgspec.structs.replace(record, hallucinated=hallucinated)

    return build
