"""A page that only a server shows, such as the one that is signed on: one style and script, allowed by hash alone.

What is on it comes from elsewhere as markup that was built of elements. The page that grades is in `render`.
"""

from collections.abc import Iterable

from twokey.page.whole import asset, document, joined
from twokey.reports.elements import Markup, el, join
from twokey.reports.style import CSS


def served_page(title: str, body: Markup, scripts: Iterable[str] = ()) -> str:
    """Return a whole page. `scripts` are names of assets, joined into one in that order."""
    script = joined(tuple(scripts))
    run = Markup(f"<script>{script}</script>") if script else None
    return document(title, join(body, run), style=CSS + asset("sign.css"), script=script, served=True)


def field(**attributes: str | bool | None) -> Markup:
    """Return an input, which has no end tag."""
    return Markup(el("input", **attributes).removesuffix("</input>"))
