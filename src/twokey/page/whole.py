"""A whole page as a server or a file has it: one style and one script, allowed by their hashes, and nothing loaded.

What is on it comes from elsewhere, as markup that was built of elements.
"""

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files

from twokey.reports import escape
from twokey.reports.elements import Markup, el, join

MAX_TITLE = 200


def document(title: str, body: Markup, *, style: str, script: str, served: bool) -> str:
    """Return a whole page; `body` is what stands in its body, the script's own element among it."""
    head = join(
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy(style=style, script=script, served=served)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", escape.clip(escape.one_line(title), MAX_TITLE)),
        Markup(f"<style>{style}</style>"),
    )
    return f'<!DOCTYPE html>\n<html lang="en">\n{el("head", head)}\n{el("body", body)}\n</html>\n'


def policy(*, style: str, script: str, served: bool) -> str:
    """Return the content security policy of a page with this style and script; a served one may ask its server."""
    rules = [
        "default-src 'none'",
        f"script-src '{_hash(script)}'" if script else "script-src 'none'",
        f"style-src '{_hash(style)}'",
        *(["connect-src 'self'"] if served else []),
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
    return "; ".join(rules)


@cache
def joined(names: tuple[str, ...]) -> str:
    """Return assets as one script, in that order. Raises ValueError where it would end the element that holds it."""
    parts = "\n".join(asset(f"{name}.js") for name in names)
    script = f"(() => {{\n'use strict';\n{parts}\n}})();\n" if names else ""
    if "</" in script or "<!--" in script:  # it would end, or hide, the element that holds it
        raise ValueError("the script holds what ends its element")
    return script


@cache
def asset(name: str) -> str:
    """Return a file of the page's assets."""
    return files("twokey.page").joinpath("assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
