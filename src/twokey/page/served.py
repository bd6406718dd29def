"""A page that only a server shows, such as the one that is signed on: one style and script, allowed by hash alone.

What is on it comes from elsewhere as markup that was built of elements. The page that grades is in `render`.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from twokey.reports import escape
from twokey.reports.elements import Markup, el, join
from twokey.reports.style import CSS

MAX_TITLE = 200


def served_page(title: str, body: Markup, scripts: Iterable[str] = ()) -> str:
    """Return a whole page. `scripts` are names of assets, joined into one in that order."""
    style, script = _style(), _script(tuple(scripts))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'" if script else "script-src 'none'",
            f"style-src '{_hash(style)}'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    head = join(
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", escape.clip(escape.one_line(title), MAX_TITLE)),
        Markup(f"<style>{style}</style>"),
    )
    run = Markup(f"<script>{script}</script>") if script else None
    return f'<!DOCTYPE html>\n<html lang="en">\n{el("head", head)}\n{el("body", body, run)}\n</html>\n'


def field(**attributes: str | bool | None) -> Markup:
    """Return an input, which has no end tag."""
    return Markup(el("input", **attributes).removesuffix("</input>"))


@cache
def _script(names: tuple[str, ...]) -> str:
    parts = "\n".join(_asset(f"{name}.js") for name in names)
    script = f"(() => {{\n'use strict';\n{parts}\n}})();\n" if names else ""
    if "</" in script or "<!--" in script:  # it would end, or hide, the element that holds it
        raise ValueError("the script holds what ends its element")
    return script


@cache
def _style() -> str:
    return CSS + _asset("sign.css")


def _asset(name: str) -> str:
    return files("twokey.page").joinpath("assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
