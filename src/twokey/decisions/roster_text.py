"""Putting a person or a key into the text of roster.yaml without touching what is there: comments, order, spacing stay.

Only the usual form is written to: `people` as a block list at the top level, and `keys` as one below a person. Anything
else is refused, with the lines to add by hand. The result is read again and held against what was meant; nothing is
written to a file here.
"""

import dataclasses
import json
import re

from twokey.config.nodes import ListNode, MapNode, Node, Problems, ScalarNode
from twokey.config.syntax import compose
from twokey.decisions.people import Person, Roster, RosterKey
from twokey.decisions.roster import load_roster
from twokey.errors import Place, TwokeyError

HEAD = """\
# The people who may decide: who they are, in which roles, and the keys they sign with.
# Merge a change to this file like a change to who holds the keys of the house.
people:
"""


def nobody_yet(data: bytes | None, file: str) -> bool:
    """Return whether the roster has no person so far: there is no file, or its `people` is empty."""
    if data is None or not data.strip():
        return True
    problems = Problems(file=file)
    people = _get(compose(data, problems), "people")
    if isinstance(people, ScalarNode):
        return people.plain and people.text in ("", "~", "null")
    return isinstance(people, ListNode) and not people.items


def with_person(data: bytes | None, newcomer: Person, file: str) -> bytes:
    """Return the roster's bytes with the newcomer, whose keys have no dates, at the end of its people.

    Raises:
        ConfigError: the roster, as it is or as it would be, is not one; the latter where a role is not listed.
        TwokeyError: it is written in a form that lines cannot be added to.
    """
    first = nobody_yet(data, file)
    old = data if data and data.strip() else HEAD.encode()
    before = None if first else load_roster(old, file)
    root, lines = compose(old, Problems(file=file)), old.decode("utf-8").splitlines(keepends=True)
    place, indent = _place(root, lines, file, newcomer)
    if first:
        lines[place - 1] = _EMPTY.sub("people:", lines[place - 1])
    break_ = "\r\n" if lines[0].endswith("\r\n") else "\n"
    lines[place - 1] = lines[place - 1].rstrip("\r\n") + break_
    lines[place:place] = [line + break_ for line in entry(newcomer, indent)]
    changed = "".join(lines).encode()
    expect(load_roster(changed, f"{file} as it would be"), before, newcomer, file)
    return changed


_EMPTY = re.compile(r"^people:\s*(\[\s*\]|null|~)")


def entry(newcomer: Person, indent: str = "  ") -> list[str]:
    """Return the lines of a roster that name the newcomer."""
    return [
        f"{indent}- principal: {_quoted(newcomer.principal)}",
        f"{indent}  name: {_quoted(newcomer.name)}",
        *([f"{indent}  roles: [{', '.join(map(_quoted, newcomer.roles))}]"] if newcomer.roles else []),
        f"{indent}  keys:",
        *(f"{indent}    {line}" for key in newcomer.keys for line in key_entry(key)),
    ]


def key_entry(key: RosterKey) -> list[str]:
    """Return the lines that name a key without dates, the first with its dash."""
    if not key.origins:
        return [f"- {key.line}"]
    return [f"- key: {key.line}", f"  origins: [{', '.join(map(_quoted, key.origins))}]"]


def with_key(data: bytes, principal: str, key: RosterKey, file: str) -> bytes:
    """Return the roster's bytes with one more key, which has no dates, at the end of that person's.

    Raises:
        ConfigError: the roster, as it is or as it would be, is not one; the latter where the key is there already.
        TwokeyError: it is written in a form that lines cannot be added to, or has nobody of that name.
    """
    before = load_roster(data, file)
    index, person = next(((n, one) for n, one in enumerate(before.people) if one.principal == principal), (None, None))
    if index is None or person is None:
        raise TwokeyError(f"{principal} is not in the roster", where=Place(file=file))
    more = dataclasses.replace(person, keys=(*person.keys, key))
    root, lines = compose(data, Problems(file=file)), data.decode("utf-8").splitlines(keepends=True)
    people = _get(root, "people")
    keys = _get(people.items[index], "keys") if isinstance(people, ListNode) else None
    last = keys.items[-1] if isinstance(keys, ListNode) and keys.items else root
    dash = re.match(r"( *)- +", lines[last.line - 1])
    if not dash or last.column != len(dash[0]) + 1:
        raise _by_hand("the person's `keys` are not one below another, each after a dash", file, more)
    place = _end(lines, last.line, len(dash[1]))
    break_ = "\r\n" if lines[0].endswith("\r\n") else "\n"
    lines[place - 1] = lines[place - 1].rstrip("\r\n") + break_
    lines[place:place] = [f"{dash[1]}{line}{break_}" for line in key_entry(key)]
    changed = "".join(lines).encode()
    after = load_roster(changed, f"{file} as it would be")
    if after != dataclasses.replace(before, people=(*before.people[:index], more, *before.people[index + 1 :])):
        raise _by_hand("adding lines to it would change what is there", file, more)
    return changed


def _end(lines: list[str], start: int, indent: int) -> int:
    """Return the last line of an entry that begins on `start` (from 1): what is indented further than its dash."""
    end = start
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip(" ")) > indent):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return end


def expect(after: Roster, before: Roster | None, newcomer: Person, file: str) -> None:
    """Raise TwokeyError unless `after` is `before` with the newcomer at the end, and nothing else is different."""
    old = before or dataclasses.replace(after, people=())
    if after != dataclasses.replace(old, people=(*old.people, newcomer)):
        raise _by_hand("adding lines to it would change what is there", file, newcomer)


def _place(root: Node, lines: list[str], file: str, newcomer: Person) -> tuple[int, str]:
    """Return after which line (from 1) people end, and how far their entries are indented."""
    people, names = _get(root, "people"), _names(root)
    start = next((name.line for name in names if name.text == "people"), 0)
    if not start or not lines[start - 1].startswith("people:") or people is None:
        raise _by_hand("its `people` is not at the beginning of a line", file, newcomer)
    if not isinstance(people, ListNode) or not people.items:
        return start, "  "
    dash = re.match(r"( *)- ", lines[people.items[0].line - 1])
    if dash is None or people.line == start:
        raise _by_hand("its `people` are not one below another, each after a dash", file, newcomer)
    end = min((name.line - 1 for name in names if name.line > start), default=len(lines))
    while not lines[end - 1].strip() or lines[end - 1].startswith("#") or lines[end - 1].rstrip() == "...":
        end -= 1
    return end, dash[1]


def _get(root: Node, key: str) -> Node | None:
    return root.get(key) if isinstance(root, MapNode) else None


def _names(root: Node) -> list[ScalarNode]:
    return [name for name, _ in root.pairs] if isinstance(root, MapNode) else []


def _quoted(text: str) -> str:
    return (
        text
        if re.fullmatch(r"[a-z][a-z0-9-]*", text) and text not in _NO_TEXT
        else json.dumps(text, ensure_ascii=False)
    )


_NO_TEXT = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def _by_hand(why: str, file: str, newcomer: Person) -> TwokeyError:
    lines = " | ".join(line.strip() for line in entry(newcomer))
    return TwokeyError(f"no lines can be added to this roster: {why}", where=Place(file=file), hint=f"by hand: {lines}")
