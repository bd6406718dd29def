"""What the local server hands to a page's routes and takes from them: requests and responses as values.

Nothing is served here, and nothing of HTTP but statuses and content types is known.
"""

import html
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from twokey.values import dataclass

HTML = "text/html; charset=utf-8"
JSON = "application/json"
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What the browser gets. `policy` is the content security policy; `last` says that nothing comes after it."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    policy: str = NOTHING
    last: bool = False


class RefusalError(Exception):
    """A request that is not done: its HTTP status, and the reason for whoever is at the page."""

    def __init__(self, status: int, reason: str) -> None:
        """Take the status and the reason."""
        super().__init__(reason)
        self.status, self.reason = status, reason


Route = Callable[[Mapping[str, Any]], Response]
"""Answers a request, given the JSON object that was sent, which is empty for GET."""

Routes = Mapping[tuple[str, str], Route]
"""By method and path. The path is what comes after `/TOKEN/`, exactly; there are no others."""


def told(value: Mapping[str, Any], status: int = 200, *, last: bool = False) -> Response:
    """Return a JSON object as a response."""
    return Response(
        body=json.dumps(value, ensure_ascii=True, allow_nan=False).encode("ascii"), status=status, last=last
    )


def page(text: str, status: int = 200) -> Response:
    """Return a page; its own content security policy goes into the header too, with a ban on frames.

    Raises ValueError where the page has no policy, or could bring one in through its text.
    """
    policies = _POLICY.findall(text.partition("</head>")[0])
    if len(policies) != 1:
        raise ValueError(f"a served page has one content security policy, not {len(policies)}")
    policy = html.unescape(policies[0])
    if "frame-ancestors" in policy or not policy.isascii() or not policy.isprintable():
        raise ValueError("a served page's content security policy is one that cannot stand in a header")
    text_bytes = text.encode("utf-8", "backslashreplace")
    return Response(body=text_bytes, status=status, content_type=HTML, policy=f"{policy}; frame-ancestors 'none'")
