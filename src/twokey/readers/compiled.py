"""The fast way from a line of JSON to a `Record`: a tree of msgspec structs that holds the mapped paths, nothing else.

Many lines are decoded in one call; what is unmapped is skipped without being built, and the types of the tree check
most of what `Layout.build` would check. It only knows the common shape of a line: whatever does not fit raises, and the
caller reads the line again with `Layout`, which decides. So both ways must agree, and a property test holds that.
Where a key stands twice in an object, the last one counts, as in Python's `json`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from twokey.errors import ConfigError, Problem
from twokey.readers import values
from twokey.readers.mapping import CHECKS, FIELDS, Layout, Step, dotted, follow
from twokey.record import Record

_TYPES: dict[str, Any] = {
    "id": Annotated[str, Meta(min_length=1, max_length=values.MAX_ID_CHARS)] | int,
    "confidence": Annotated[float, Meta(ge=0, le=1)] | None,
    "latency_ms": Annotated[float, Meta(ge=0)] | None,
    "memory_mb": Annotated[float, Meta(ge=0)] | None,
    "impact": Annotated[str, Meta(min_length=1, max_length=values.MAX_GROUP_CHARS)] | None,
    "hallucinated": bool | None,
    "alternatives": Any,
    **dict.fromkeys(
        ("cluster", "pair", "case"), Annotated[str, Meta(min_length=1, max_length=values.MAX_GROUP_CHARS)] | None
    ),
}
Read = Callable[[bytes], Record]
Build = Callable[[list[Any]], tuple[list[Record | None], list[int]]]
REFUSALS = (ValueError, AttributeError, RecursionError)
"""What a line that does not fit raises: what msgspec raises is a ValueError, a null on the way an AttributeError."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a run of lines is read: all are decoded, then records are built of what was decoded."""

    decode_lines: Callable[[bytes], list[Any]]
    build: Build


@dataclass(frozen=True, slots=True)
class Compiled:
    """Reads records: one from a line when called, or those of a run of lines at once.

    The first of `ways` is for contents that are flat, where decoding leaves the least to check. It is dropped at the
    first run that holds others.
    """

    read: Read
    ways: list[Way]

    def __call__(self, line: bytes) -> Record:
        """Read one line. Raises one of REFUSALS."""
        return self.read(line)

    def run(self, run: bytes, lines: list[bytes]) -> tuple[list[Record | None], list[int]] | None:
        """Read all lines of a run, with the indices of those that do not fit; None where not each is one whole object.

        JSON has a line end after `}` and before `{` only between two objects, so that as many objects as lines are one
        to a line.
        """
        if {line[0] for line in lines} != _OPEN or not {line[-2] for line in lines[:-1]} <= _CLOSED:
            return None
        found = self._decoded(run)
        return self.ways[0].build(found) if found is not None and len(found) == len(lines) else None

    def _decoded(self, run: bytes) -> list[Any] | None:
        for place, way in enumerate(self.ways):
            try:
                found = way.decode_lines(run)
            except REFUSALS:
                continue
            del self.ways[:place]
            return found
        return None


_OPEN, _CLOSED = {ord("{")}, {ord("}")}


@dataclass(frozen=True, slots=True)
class _Reach:
    """How the value of one field is had: at `path` in the tree, then along `rest` inside of what stands there.

    `rest` is not empty where a shorter path is mapped too (`response` beside `response.label`).
    """

    field: str
    place: str
    path: tuple[Step, ...]
    rest: tuple[Step, ...]


@lru_cache(maxsize=32)
def compile_json(layout: Layout) -> Compiled:
    """Compile a layout, once per process.

    Raises:
        ConfigError: a path is none, or is mapped both as a list and as an object.
    """
    reaches = tuple(_reaches(layout))
    tree: dict[Step, Any] = {}
    for reach in reaches:
        node = tree
        for step in reach.path[:-1]:
            node = node.setdefault(step, {})
        kinds = node.setdefault(reach.path[-1], set())
        if reach.field in _TYPES and not reach.rest:
            kinds.add(reach.field)
    flat = _functions(layout, reaches, msgspec.json.Decoder(_struct("Flat", tree, (), _FLAT)), _FLAT_CONTENT)
    general = _functions(layout, reaches, msgspec.json.Decoder(_struct("Line", tree, (), Any)), _CONTENT)
    return Compiled(general[0], [flat[1], general[1]])


def _reaches(layout: Layout) -> Iterator[_Reach]:
    paths = layout.steps()
    ends = set(paths)
    names = (*FIELDS, *(_GROUP for _ in layout.groups))
    for field, place, path in zip(names, layout.places, paths, strict=True):
        if path is not None:
            cut = next(length for length in range(1, len(path) + 1) if path[:length] in ends)
            yield _Reach(field, place, path[:cut], path[cut:])


def _field(step: Step) -> str:
    # Users' keys need not be identifiers, and must not meet the methods of a struct.
    return f"i{step}" if isinstance(step, int) else "k" + step.encode().hex()


def _struct(name: str, tree: dict[Step, Any], at: tuple[Step, ...], content: Any) -> type[msgspec.Struct]:
    indexed = [step for step in tree if isinstance(step, int)]
    if indexed and (len(indexed) < len(tree) or not at):
        place = dotted(at) or "a line"
        message = f"{place} is mapped by number and by name; it can be a list or an object, not both"
        raise ConfigError([Problem(message=message)])
    steps: Sequence[Step] = range(max(indexed) + 1) if indexed else list(tree)
    fields: list[tuple[str, Any, Any]] = []
    for step in steps:
        key = None if indexed else str(step)
        child = tree.get(step)
        if isinstance(child, dict):
            inner = _struct(_field(step), child, (*at, step), content)
            fields.append((_field(step), inner | None, msgspec.field(name=key, default_factory=inner)))
        else:
            # Raw keeps an unmapped element of a list unparsed.
            kind = msgspec.Raw if child is None else _leaf(child, content)
            fields.append((_field(step), kind, msgspec.field(name=key, default=None)))
    return msgspec.defstruct(name, fields, array_like=bool(indexed), gc=False)


def _leaf(kinds: set[str], content: Any) -> Any:
    types = [_TYPES[kind] for kind in sorted(kinds)]
    # Two fields at one path that want different things: null alone fits both, all else is read by the layout.
    return None if len(types) > 1 else types[0] if types else content


_GROUP = "group"
_LEAF = str | int | float | bool | None
_FLAT = dict[str, _LEAF] | _LEAF
_FLAT_CONTENT = "type({0}) not in flat"
_CONTENT = "(type({0}) is not dict or not leaves(map(type, {0}.values()))) and type({0}) not in simple"
_UNCHECKED: dict[str, str] = {
    "id": "type({0}) is not str or {0}.isspace()",
    "source": "{0} not in ('synthetic', 'production')",
    "at": "{0} is not None",
    "error": "{0} is not None",
    "alternatives": "True",
    _GROUP: f"type({{0}}) is not str or not 0 < len({{0}}) <= {values.MAX_GROUP_CHARS}",
}
"""When a value that came through the tree is still to be checked, beside contents; other fields never are."""

_CONTENTS = ("input", "output", "label", "expected", "context", "system")

_UNTYPED: dict[str, str] = {
    "confidence": "type({0}) is not float or not 0.0 <= {0} <= 1.0",
    **dict.fromkeys(("latency_ms", "memory_mb"), "type({0}) is not float or not {0} >= 0.0"),
}
"""When a value that the tree holds no type for is to be checked too; fields that are in neither table always are."""


def _functions(
    layout: Layout, reaches: Sequence[_Reach], decoder: msgspec.json.Decoder[Any], content: str
) -> tuple[Read, Way]:
    """Write the functions that a person would write for this mapping, and compile them.

    One function for every mapping, with its fourteen questions, takes longer than decoding the line (1.7 against 1.2
    microseconds; this takes 0.6). As in `dataclasses`, the text is made of our own names only: what users write, paths
    and names of groups, is passed in as values, and their keys are in the text as hexadecimal digits.
    """
    body, known = _body(layout, reaches, {**_UNCHECKED, **dict.fromkeys(_CONTENTS, content)})
    known["decode"] = decoder.decode
    one = ["def read(data):", "    line = decode(data)", *(f"    {text}" for text in body), "    return record"]
    many = [
        "def build(lines):",
        "    records, refused = [], []",
        "    keep = records.append",
        "    for line in lines:",
        "        try:",
        *(f"            {text}" for text in body),
        "        except refusals:",
        "            refused.append(len(records))",
        "            record = None",
        "        keep(record)",
        "    return records, refused",
    ]
    exec("\n".join([*one, *many]), known)  # noqa: S102 (see above)
    return known["read"], Way(decoder.decode_lines, known["build"])


def _body(layout: Layout, reaches: Sequence[_Reach], checks: dict[str, str]) -> tuple[list[str], dict[str, Any]]:
    """Return the statements that make `record` of `line`, and the values that they name."""
    known: dict[str, Any] = {"follow": follow, "simple": _SIMPLE, "flat": _SIMPLE | {dict}, "leaves": _LEAVES}
    known["Record"] = Record
    known["refusals"] = REFUSALS
    body: list[str] = []
    arguments: dict[str, str] = {}
    grouping: list[str] = []
    for number, reach in enumerate(reaches):
        name, group = f"v{number}", number - len(reaches) + len(layout.groups)
        known |= {f"check{number}": CHECKS.get(reach.field, values.word), f"place{number}": reach.place}
        value = "line." + ".".join(map(_field, reach.path))
        if reach.rest:
            known |= {f"rest{number}": reach.rest, f"start{number}": reach.path, f"key{number}": reach.rest[0]}
            body.append(f"outer = {value}")
            value = _inner("outer", reach.rest, number)
        body.append(f"{name} = {value}")
        unchecked = checks.get(reach.field) or (_UNTYPED.get(reach.field, "True") if reach.rest else None)
        if unchecked:
            body.append(f"if {unchecked.format(name)}: {name} = check{number}({name}, place{number})")
        if reach.field == _GROUP:
            known[f"group{number}"] = layout.groups[group]
            grouping.append(f"if {name} is not None: groups[group{number}] = {name}")
        else:
            arguments[reach.field] = name
    if "output" in arguments and not layout.labelled:
        arguments["label"] = arguments["output"]
    if grouping:
        known["stratum"] = layout.stratum
        body += ["groups = {}", *grouping]
        arguments["groups"] = "groups"
        if layout.stratum:
            arguments["stratum"] = "groups.get(stratum, '')"
    body.append(f"record = Record({', '.join(f'{field}={name}' for field, name in arguments.items())})")
    return body, known


def _inner(value: str, rest: tuple[Step, ...], number: int) -> str:
    """Return how a value inside of a mapped object is had: by one look-up where that is all, else by `follow`."""
    follow_it = f"follow({value}, rest{number}, start{number})"
    if len(rest) != 1 or isinstance(rest[0], int):
        return follow_it
    return f"{value}.get(key{number}) if type({value}) is dict else {follow_it}"


_SIMPLE = frozenset({str, type(None), bool, int})
_LEAVES = frozenset({str, type(None), bool, int, float}).issuperset
