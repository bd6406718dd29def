"""YAML bytes to nodes with places: the syntax of our files, without their meaning.

A strict part of YAML: one document, maps with text keys, lists and scalars. Tags, anchors and aliases, duplicate keys,
and characters that an editor doesn't show are refused; size, depth and number of values are bounded. libyaml's events
are read one by one, so nothing recurses and no Python object is ever constructed from a file.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from twokey.config.nodes import ListNode, MapNode, Node, Problems, ScalarNode, Unusable, quoted

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 50_000

# Control characters, other alphabets' line ends, byte order marks and bidirectional controls: what a reader can't see.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_NEVER = re.compile("[\x00\ud800-\udfff]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(data: bytes, file: str) -> Node:
    """Read one YAML document; `file` is its name in messages. Raises ConfigError with every problem of syntax."""
    problems = Problems(file=file)
    node = compose(data, problems)
    problems.raise_any()
    return node


def compose(data: bytes, problems: Problems) -> Node:
    """Read one YAML document, adding what can be passed over to `problems`.

    Raises ConfigError where reading must end.
    """
    text = _decode(data, problems)
    composer = _Composer(problems)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            composer.take(event)
            if composer.ended:
                break
    except yaml.MarkedYAMLError as error:
        _add_syntax_error(error, text, problems)
        composer.ended = True
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        problems.add(f"not YAML: {str(error).splitlines()[0]}")
        composer.ended = True
    if composer.root is None and not composer.ended:
        problems.add_at("the file is empty", 1, 1)
    if composer.root is None or composer.ended:
        problems.raise_any()
    assert composer.root is not None  # noqa: S101 for the type checker: without a root there was a problem
    return composer.root


def _decode(data: bytes, problems: Problems) -> str:
    if len(data) > MAX_BYTES:
        problems.add(f"{len(data):,} bytes, more than the {MAX_BYTES:,} allowed")
        problems.raise_any()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        problems.add_at(f"not UTF-8: the byte 0x{data[error.start]:02x}", *_place(before, len(before)))
        problems.raise_any()
        raise
    for match in _UNSEEN.finditer(text):
        if problems.full:
            break
        code = ord(match[0])
        what = "a byte order mark" if code == 0xFEFF else "a character that cannot be seen"
        hint = (
            "save as UTF-8 without BOM"
            if code == 0xFEFF
            else 'in double quotes, write it as an escape such as "\\u202e"'
        )
        problems.add_at(f"{what}, U+{code:04X}", *_place(text, match.start()), hint)
    problems.raise_any()
    return text


def _place(text: str, end: int) -> tuple[int, int]:
    breaks = text.count("\n", 0, end) + text.count("\r", 0, end) - text.count("\r\n", 0, end)
    return breaks + 1, end - max(text.rfind("\n", 0, end), text.rfind("\r", 0, end))


def _add_syntax_error(error: yaml.MarkedYAMLError, text: str, problems: Problems) -> None:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = re.split("\r\n|\r|\n", text)
    shown = lines[line - 1] if line <= len(lines) else ""
    hint = None
    if "\t" in shown:
        hint = "indent with spaces, not tabs"
    elif "${" in shown:
        hint = "inside { } and [ ], put ${...} in quotes"
    elif re.search(r"[\[{,:-]\s*\*", shown):
        hint = "a text that starts with * needs quotes"
    message = " ".join(part for part in (error.context, error.problem) if part)
    problems.add_at(f"not YAML: {message or 'cannot be read'}", line, column, hint)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been seen yet."""

    is_map: bool
    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[ScalarNode, Node]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    key: Node | None = None

    def close(self) -> Node:
        if self.is_map:
            return MapNode(pairs=tuple(self.pairs), line=self.line, column=self.column)
        return ListNode(items=tuple(self.items), line=self.line, column=self.column)


class _Composer:
    """Makes nodes of events, with a stack of its own."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.root: Node | None = None
        self.ended = False
        self._stack: list[_Open] = []
        self._nodes = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._end("a second document starts here, and a file holds one", line, column)
        elif isinstance(event, yaml.AliasEvent):
            hint = "write the value out; a text that starts with * needs quotes"
            self.problems.add_at(f"aliases such as {quoted('*' + str(event.anchor))} are not read", line, column, hint)
            self._count(line, column)
            self._place(Unusable(line=line, column=column))
        elif isinstance(event, (yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._refuse_properties(event, line, column)
            self._start(event, line, column)
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self._place(self._stack.pop().close())

    def _end(self, message: str, line: int, column: int) -> None:
        self.problems.add_at(message, line, column)
        self.ended = True

    def _count(self, line: int, column: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._end(f"more than the {MAX_NODES:,} values allowed in a file", line, column)

    def _refuse_properties(self, event: Any, line: int, column: int) -> None:
        if event.anchor is not None:
            hint = "a text that starts with & needs quotes"
            self.problems.add_at(f"anchors such as {quoted('&' + event.anchor)} are not read", line, column, hint)
        if event.tag is not None:
            hint = "a text that starts with ! needs quotes"
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.problems.add_at(f"tags such as {quoted(tag)} are not read", line, column, hint)

    def _start(self, event: Any, line: int, column: int) -> None:
        self._count(line, column)
        if not isinstance(event, yaml.ScalarEvent):
            if len(self._stack) >= MAX_DEPTH:
                self._end(f"nested deeper than {MAX_DEPTH}", line, column)
            self._stack.append(_Open(isinstance(event, yaml.MappingStartEvent), line, column))
        elif _NEVER.search(event.value):
            self.problems.add_at("a text with U+0000 or half a character in it", line, column)
            self._place(Unusable(line=line, column=column))
        else:
            self._place(
                ScalarNode(text=event.value, plain=event.style is None or event.style == "", line=line, column=column)
            )

    def _place(self, node: Node) -> None:
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        if not parent.is_map:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._key(parent, node)
        else:
            if isinstance(parent.key, ScalarNode):
                parent.pairs.append((parent.key, node))
            parent.key = None

    def _key(self, parent: _Open, node: Node) -> Node:
        if not isinstance(node, ScalarNode) or not node.text:
            if not isinstance(node, Unusable):
                self.problems.add(
                    "expected a key, found " + ("nothing" if isinstance(node, ScalarNode) else "a list or mapping"),
                    node,
                )
            return Unusable(line=node.line, column=node.column)
        if node.text in parent.seen:
            hint = f"the first is on line {parent.seen[node.text]}"
            self.problems.add(f"the key {quoted(node.text)} appears twice", node, hint)
            return Unusable(line=node.line, column=node.column)
        parent.seen[node.text] = node.line
        return node
