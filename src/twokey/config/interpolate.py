"""`${NAME}` and `${NAME:-default}` in scalars, replaced after parsing, so that no value changes structure.

The environment is passed in; nothing here reads it. Where a value stands decides what it is: `seed: ${SEED:-7}` gives
a number, `name: ${NAME}` text. `$$` is a dollar sign. Who may decide isn't for the environment to say: a protected
section takes no value from it.
"""

import dataclasses
import re
from collections.abc import Mapping

from twokey.config.nodes import ListNode, MapNode, Node, Problems, ScalarNode, Unusable, quoted
from twokey.kinds import nearest

MAX_CHARACTERS = 1024 * 1024
_MARK = re.compile(r"\$\$|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<or>:-(?P<default>[^{}$]*))?\}|\$\{")
_NEVER = re.compile("[\x00\ud800-\udfff]")


def interpolate(
    node: Node, environment: Mapping[str, str], problems: Problems, protected: tuple[str, ...] = ()
) -> Node:
    """Return the document with every `${...}` replaced; `protected` names top-level keys that may have none."""
    insert = _Insert(environment, problems)
    if not isinstance(node, MapNode):
        return insert.into(node, None)
    pairs = [(key, insert.into(child, key.text if key.text in protected else None)) for key, child in node.pairs]
    for key, _ in pairs:
        insert.refuse_key(key)
    return dataclasses.replace(node, pairs=tuple(pairs))


class _Insert:
    def __init__(self, environment: Mapping[str, str], problems: Problems) -> None:
        self.environment = environment
        self.problems = problems
        self.characters = 0

    def into(self, node: Node, protected: str | None) -> Node:
        if isinstance(node, MapNode):
            for key, _ in node.pairs:
                self.refuse_key(key)
            return dataclasses.replace(
                node, pairs=tuple((key, self.into(child, protected)) for key, child in node.pairs)
            )
        if isinstance(node, ListNode):
            return dataclasses.replace(node, items=tuple(self.into(item, protected) for item in node.items))
        return self.scalar(node, protected) if isinstance(node, ScalarNode) and "$" in node.text else node

    def refuse_key(self, key: ScalarNode) -> None:
        if "${" in key.text:
            self.problems.add(f"a key is never taken from the environment: {quoted(key.text)}", key)

    def scalar(self, node: ScalarNode, protected: str | None) -> Node:
        parts: list[str] = []
        end = 0
        inserted = False
        for match in _MARK.finditer(node.text):
            parts.append(node.text[end : match.start()])
            end = match.end()
            part = "$" if match[0] == "$$" else self.part(node, match, protected)
            if part is None:
                return Unusable(line=node.line, column=node.column)
            parts.append(part)
            inserted = inserted or match[0] != "$$"
        text = "".join(parts) + node.text[end:]
        return dataclasses.replace(node, text=text, source=node.text if inserted else None)

    def part(self, node: ScalarNode, match: re.Match[str], protected: str | None) -> str | None:
        """Return what stands for one `${...}`, or None where that is a problem."""
        name = match["name"]
        if protected is not None:
            hint = "write the value itself; $$ stands for a dollar sign"
            what = f"${{{name}}}" if name else "${"
            self.problems.add(f"{protected} takes nothing from the environment, found {what}", node, hint)
            return None
        if name is None:
            hint = "$$ stands for a dollar sign"
            self.problems.add(
                f"expected ${{NAME}} or ${{NAME:-default}}, found the text {quoted(node.text)}", node, hint
            )
            return None
        value = self.environment.get(name)
        if match["or"] is not None and not value:
            return match["default"]
        if value is None:
            self.problems.add(f"the environment variable {name} is not set", node, self.mend(name))
            return None
        return self.bounded(value, name, node)

    def mend(self, name: str) -> str | None:
        if self.problems.full:
            return None
        guess = nearest(name, self.environment)
        return f"did you mean {guess}?" if guess else f"${{{name}:-default}} gives it a default"

    def bounded(self, value: str, name: str, node: ScalarNode) -> str | None:
        """Return the value of a variable, or None where it is too much of them, or no text."""
        if self.characters > MAX_CHARACTERS:
            return None
        self.characters += len(value)
        if self.characters > MAX_CHARACTERS:
            self.problems.add(f"more than {MAX_CHARACTERS:,} characters from the environment", node)
            return None
        if _NEVER.search(value):
            self.problems.add(f"the environment variable {name} is not text", node)
            return None
        return value
