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
            if match[0] == "$$":
                parts.append("$")
                continue
            part = self.part(node, match, protected)
            if part is None:
                return Unusable(line=node.line, column=node.column)
            parts.append(part)
            inserted = True
        text = "".join(parts) + node.text[end:]
        self.characters += len(text) if inserted else 0
        if self.characters > MAX_CHARACTERS:
            self.problems.add(f"more than {MAX_CHARACTERS:,} characters from the environment", node)
            return Unusable(line=node.line, column=node.column)
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
            guess = nearest(name, self.environment)
            hint = f"did you mean {guess}?" if guess else f"${{{name}:-default}} gives it a default"
            self.problems.add(f"the environment variable {name} is not set", node, hint)
        elif "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            self.problems.add(f"the environment variable {name} is not text", node)
            return None
        return value
