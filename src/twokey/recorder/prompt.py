"""A judge's prompt: a text of the policy with slots, filled with what a record says.

Outputs are hostile, so that filling is a single replacement of whole slots: no format fields, no attributes, and what
is put in is never looked at again.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

from twokey.canonical import sha256
from twokey.errors import ConfigError, Place, Problem
from twokey.kinds import nearest
from twokey.values import dataclass

SLOTS = ("input", "output", "context")
MAX_BYTES = 64 * 1024
_MARK = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")
_BRACES = {"{{": "{", "}}": "}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Text before, between and after slots: the odd `parts` are names of slots. `sha256` is the file's digest."""

    parts: tuple[str, ...]
    sha256: str

    @classmethod
    def parse(cls, data: bytes, place: str) -> Self:
        """Read a prompt. `{{` and `}}` stand for braces; a brace that makes no slot stands for itself.

        Raises ConfigError with all that is wrong: no UTF-8, too long, a slot that there is none of, no `{output}`.
        """
        where = Place(file=place)
        if len(data) > MAX_BYTES:
            message = f"{len(data):,} bytes, more than the {MAX_BYTES:,} allowed for a prompt"
            raise ConfigError([Problem(message=message, where=where)])
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError([Problem(message=f"not UTF-8 at byte {error.start}", where=where)]) from None
        parts = _parts(text)
        if problems := tuple(_problems(text, parts, place)):
            raise ConfigError(problems)
        return cls(parts=parts, sha256=sha256(data))

    def fill(self, fields: Mapping[str, Any]) -> str:
        """Return the text with each slot replaced by what `fields` hold under its name, as text."""
        return "".join(as_text(fields[part]) if odd % 2 else part for odd, part in enumerate(self.parts))


def as_text(value: Any) -> str:
    """Return a part of a record as a judge reads it: text as it is, nothing as nothing, all else as JSON."""
    import msgspec

    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


def _parts(text: str) -> tuple[str, ...]:
    parts = [""]
    end = 0
    for match in _MARK.finditer(text):
        parts[-1] += text[end : match.start()]
        end = match.end()
        if match[1] is None:
            parts[-1] += _BRACES[match[0]]
        else:
            parts += [match[1], ""]
    parts[-1] += text[end:]
    return tuple(parts)


def _problems(text: str, parts: tuple[str, ...], place: str) -> Iterator[Problem]:
    names = parts[1::2]
    if "output" not in names:
        yield Problem(message="a prompt without {output} asks about nothing", where=Place(file=place))
    for match in _MARK.finditer(text):
        if match[1] is not None and match[1] not in SLOTS:
            line = text.count("\n", 0, match.start()) + 1
            column = match.start() - (text.rfind("\n", 0, match.start()) + 1) + 1
            guess = nearest(match[1], SLOTS)
            hint = f"did you mean {{{guess}}}?" if guess else f"{{{{{match[1]}}}}} stands for the text itself"
            told = f"there is no slot {{{match[1][:40]}}}"
            yield Problem(message=told, where=Place(file=place, line=line, column=column), hint=hint)
