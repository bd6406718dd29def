"""The payload as one HTML file that loads nothing: one script and one style, each allowed by its own hash alone.

Data stands in it as JSON that no browser runs, in ASCII, with no character that ends an element. The same items stand
there again as plain text, for a reader without scripts and for paper. What the page does is in its assets.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from twokey.page.plain import plain
from twokey.page.whole import asset, document, joined
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
    script, style = joined(SCRIPTS), "\n".join(asset(f"{name}.css") for name in STYLES)
    data = Markup(f'<script type="application/json" id="payload">{embedded(told)}</script>')
    run = Markup(f"<script>{script}</script>")
    body = join(data, el("div", id="app"), run, plain(told))
    title = f"Review: {told['subject'] or told['manifest'][:12]}"
    return document(title, body, style=style, script=script, served=told["served"] is not None)


def embedded(told: Mapping[str, Any]) -> str:
    """Return JSON that can stand in any element: ASCII alone, and nothing in it that HTML knows."""
    text = json.dumps(told, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
