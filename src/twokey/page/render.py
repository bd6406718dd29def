"""The payload as one HTML file that loads nothing: one script and one style, each allowed by its own hash alone.

Data stands in it as JSON that no browser runs, in ASCII, with no character that ends an element. The same items stand
there again as plain text, for a reader without scripts and for paper. What the page does is in its assets.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from twokey.evidence.bundle import Evidence
from twokey.page.payload import payload
from twokey.page.plain import plain
from twokey.reports import escape
from twokey.reports.elements import Markup, el, join

SCRIPTS: Final = (
    "data",
    "elements",
    "differences",
    "keeping",
    "grades",
    "timing",
    "offline",
    "served",
    "saving",
    "parts",
    "item",
    "listing",
    "progress",
    "summary",
    "dialogs",
    "grading",
    "keyboard",
    "start",
)
"""The files of the script, in the order in which they are joined: what comes later knows what came before."""

STYLES: Final = ("colours", "layout", "item", "dialogs", "plain")


def page(told: Mapping[str, Any]) -> str:
    """Return the whole page for a payload."""
    script, style = _script(), _style()
    head = join(
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy(served=told["served"] is not None)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", escape.clip(escape.one_line(f"Review: {told['subject'] or told['manifest'][:12]}"), 200)),
        Markup(f"<style>{style}</style>"),
    )
    data = Markup(f'<script type="application/json" id="payload">{embedded(told)}</script>')
    run = Markup(f"<script>{script}</script>")
    body = el("body", data, el("div", id="app"), run, plain(told))
    return f'<!DOCTYPE html>\n<html lang="en">\n{el("head", head)}\n{body}\n</html>\n'


def static_page(evidence: Evidence) -> str:
    """Return the page that lies in the evidence directory: nobody's, without a grade, and it asks no server."""
    return page(payload(evidence))


def policy(*, served: bool) -> str:
    """Return the page's content security policy, which a server may send as a header too."""
    rules = [
        "default-src 'none'",
        f"script-src '{_hash(_script())}'",
        f"style-src '{_hash(_style())}'",
        *(["connect-src 'self'"] if served else []),
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
    return "; ".join(rules)


def embedded(told: Mapping[str, Any]) -> str:
    """Return JSON that can stand in any element: ASCII alone, and nothing in it that HTML knows."""
    text = json.dumps(told, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _script() -> str:
    parts = "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
    script = f"(() => {{\n'use strict';\n{parts}\n}})();\n"
    if "</" in script or "<!--" in script:  # it would end, or hide, the element that holds it
        raise ValueError("the script holds what ends its element")
    return script


@cache
def _style() -> str:
    return "\n".join(_asset(f"{name}.css") for name in STYLES)


def _asset(name: str) -> str:
    return files("twokey.page").joinpath("assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
