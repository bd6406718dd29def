"""The reference of the files that users write, from the dataclasses that they are read as. Part of make_docs.py.

It says what one key may hold. Rules between keys are told by loading, and are not repeated here.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from twokey.config.keys import Key, keys_of
from twokey.config.load import config_type
from twokey.config.scalars import number
from twokey.config.shape import Config
from twokey.config.words import by_kind, expected, is_dataclass_type, members
from twokey.decisions.roster import RosterFile
from twokey.detectors.allowed import AllowedFile
from twokey.detectors.rule_file import RuleFile
from twokey.repository.config import gate_options
from twokey.targets import target_options

INTRODUCTION = """\
Every key of the files that you write, with its type, its default and what it is for. `twokey schema` prints the same
for your editor. An unknown key is refused, with its line and the nearest known one, and so is an empty list.

- A number may be written as a percentage: `40%` is 0.4.
- Paths are relative to the directory of gates.yaml.
- In gates.yaml `${NAME}` and `${NAME:-default}` are taken from the environment, except in `approval`; `$$` is a dollar
  sign.
- In the headings `NAME` stands for a name of your own, and `[]` for each item of a list."""

FILES: Mapping[str, tuple[type[Any], str]] = {
    "gates.yaml": (config_type(gate_options(), target_options()), inspect.cleandoc(Config.__doc__ or "")),
    "roster.yaml": (RosterFile, "The file that `approval.roster` names: the people who may decide."),
    "Rules of your own": (RuleFile, "The file that `gates.safety.policy.rules` names."),
    "What may be there": (AllowedFile, "The file that `gates.safety.allow` names."),
}


def slug(heading: str) -> str:
    """Return the anchor that code hosts give to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def page_of(thing: Any) -> str:
    """Return the documentation of a class or function; nothing where a dataclass made up its own."""
    text = inspect.cleandoc(thing.__doc__ or "")
    return "" if text.startswith(f"{thing.__name__}(") else text


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; a bar within a cell does not end it."""
    head = tuple(head)
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def config_page() -> str:
    """Return the page of all files: each by itself, then the shapes that stand in several places."""
    titles = _titles()
    parts = ["# Config reference", INTRODUCTION]
    for file, (root, about) in FILES.items():
        parts += [f"## {file}", about, _table(root, titles)]
        for shape in _shapes(root):
            if titles[shape].startswith("`") and shape is not root:
                parts.append(_section(shape, titles))
    parts.append("## Shapes that stand in several places")
    shared = sorted((title, shape) for shape, title in titles.items() if title.startswith("A"))
    parts += [_section(shape, titles) for _, shape in shared]
    return "\n\n".join(part for part in parts if part)


def _titles() -> dict[type[Any], str]:
    """Return each shape's heading: its place where it stands in one, else its name in words."""
    places: dict[type[Any], list[str]] = {}
    for root, _ in FILES.values():
        for shape, found in _shapes(root).items():
            places.setdefault(shape, []).extend(found)
    return {shape: f"`{found[0]}`" if len(found) == 1 else _name(shape) for shape, found in places.items()}


def _name(shape: type[Any]) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", shape.__name__).lower()
    return f"An {words}" if words[0] in "aeiou" else f"A {words}"


def _shapes(root: type[Any]) -> dict[type[Any], list[str]]:
    """Return the dataclasses below a file's root, in the order of the file, with the places where each stands."""
    found: dict[type[Any], list[str]] = {}

    def visit(shape: type[Any], place: str) -> None:
        if shape in found:
            found[shape].append(place)
            return
        found[shape] = [place]
        for name, key in _rows(shape):
            below = f"{place}.{name}" if place else name
            for inner, path in _inside(key.type, below):
                visit(inner, path)

    visit(root, "")
    return found


def _rows(shape: type[Any]) -> Iterator[tuple[str, Key]]:
    keys = keys_of(shape)
    yield from sorted(keys.fixed.items(), key=lambda item: not item[1].required)
    if keys.rest:
        yield "NAME", keys.rest


def _inside(type_: Any, place: str) -> Iterator[tuple[type[Any], str]]:
    kinds = {shape: kind for kind, shape in by_kind(members(type_)).items()}
    for member in members(type_):
        if get_origin(member) is tuple:
            yield from _inside(get_args(member)[0], f"{place}[]")
        elif get_origin(member) is Mapping:
            yield from _inside(get_args(member)[1], f"{place}.NAME")
        elif is_dataclass_type(member):
            yield member, f"{place} of kind {kinds[member]}" if member in kinds else place


def _section(shape: type[Any], titles: Mapping[type[Any], str]) -> str:
    return "\n\n".join(part for part in (f"### {titles[shape]}", page_of(shape), _table(shape, titles)) if part)


def _table(shape: type[Any], titles: Mapping[type[Any], str]) -> str:
    names = keys_of(shape).known_rest()
    rest = ", ".join(f"`{name}`" for name in names) if names else "`NAME`"
    rows = (
        (
            rest if key is keys_of(shape).rest else f"`{name}`",
            _type(key.type, titles) + _bounds(key),
            _default(key),
            key.help,
        )
        for name, key in _rows(shape)
    )
    return table(("key", "type", "default", "meaning"), rows)


def _type(type_: Any, titles: Mapping[type[Any], str]) -> str:
    """Return in words what may stand there, with a link to where its keys are."""
    if len(members(type_)) > 1:
        return " or ".join(_type(member, titles) for member in members(type_))
    type_ = members(type_)[0]
    if type_ is Any:
        return "anything"
    if get_origin(type_) is tuple:
        return f"a list, each item {_type(get_args(type_)[0], titles)}"
    if get_origin(type_) is Mapping:
        return f"a mapping by name, each value {_type(get_args(type_)[1], titles)}"
    if get_origin(type_) is Literal:
        words = [f"`{word}`" for word in get_args(type_)]
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    if is_dataclass_type(type_):
        title = titles[type_]
        link = f"[{'a mapping' if title.startswith('`') else title.lower()}](#{slug(title)})"
        return f"{type_.EXPECTED}, or {link}" if hasattr(type_, "from_scalar") else link
    return expected(type_)


def _bounds(key: Key) -> str:
    least, most = (number(key.rules[rule]) if rule in key.rules else None for rule in ("minimum", "maximum"))
    if least and most:
        text = f", from {least} to {most}"
    else:
        text = f", at least {least}" if least else f", at most {most}" if most else ""
    needs = key.rules.get("needs", ())
    return text + (f", with {' and '.join(f'`{name}`' for name in needs)}" if needs else "")


def _default(key: Key) -> str:
    if key.required:
        return "required"
    value = key.default
    if value is None or value == () or value == {}:
        return "none"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, (int, float)):
        return f"`{number(value)}`"
    if isinstance(value, str):
        return f"`{value}`" if value else "none"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`" if hasattr(value, "from_scalar") else "that of its keys"
