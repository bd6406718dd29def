"""HTML as values: text is escaped by being text, and only what was built here is markup.

A string cannot get into a page unescaped, no element loads or runs anything, and none carries a style of its own.
"""

import hashlib
from base64 import b64encode
from typing import Final

from twokey.reports import escape

MAX_TEXT: Final = 4000
_VOID: Final = frozenset({"meta", "br", "hr", "line", "circle", "rect"})
_NEVER: Final = frozenset({"script", "style", "iframe", "object", "embed", "link", "base", "form", "img"})


class Markup(str):
    """HTML that was built of elements, so that it needs no escaping."""

    __slots__ = ()


Child = str | None


def el(tag: str, *children: Child, **attributes: str | bool | None) -> Markup:
    """Return an element. Children that are plain text are escaped, None is nothing.

    Attribute names lose a trailing underscore and have `-` for `_`; True stands alone, False and None are left out.
    Raises ValueError for elements that load, run or style.
    """
    if tag in _NEVER:
        raise ValueError(f"a report has no {tag}")
    given = "".join(_attribute(name, value) for name, value in attributes.items() if value not in (None, False))
    if tag in _VOID:
        return Markup(f"<{tag}{given}>" if tag in ("meta", "br", "hr") else f"<{tag}{given}/>")
    return Markup(f"<{tag}{given}>{join(*children)}</{tag}>")


def join(*children: Child) -> Markup:
    """Return elements and texts one after the other; a text of more than 4,000 characters is cut, and that is said."""
    return Markup("".join(child if isinstance(child, Markup) else _text(child) for child in children if child))


def _text(text: str) -> str:
    return escape.markup(escape.clip(text, MAX_TEXT))


def _attribute(name: str, value: str | bool | None) -> str:
    plain = name.rstrip("_").replace("_", "-")
    if plain == "style" or plain.startswith("on"):
        raise ValueError(f"a report has no attribute {plain}")
    return f" {plain}" if value is True else f' {plain}="{_text(str(value))}"'


def document(title: str, css: str, body: Markup) -> str:
    """Return a whole page that may load nothing, run nothing, and be styled by exactly this `css`."""
    digest = b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = join(
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        Markup(f"<style>{css}</style>"),
    )
    return f'<!DOCTYPE html>\n<html lang="en">\n{el("head", head)}\n{el("body", body)}\n</html>\n'
