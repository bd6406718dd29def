"""When what has the form of a credential is one: random enough, and no placeholder, template or documented example.

These checks look at a value alone, never at what stands around it, and they ask nobody whether it still works.
"""

import base64
import binascii
import re
from itertools import pairwise

import msgspec

# Printed in the issuers' own documentation, so that nobody's secret is given away by them.
DOCUMENTED = frozenset(
    {
        "AKIAIOSFODNN7EXAMPLE",
        "AKIAI44QH8DHBEXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        # The development account of Azure's storage emulator.
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        # The emulator of Azure Cosmos DB.
        "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
        # The token on jwt.io.
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ"
        ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        # Stripe's documentation, for everybody who reads it without an account.
        "sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc",
        "sk_test_" + "BQokikJOvBiI2HlWgH4olfQ2",
        "rk_test_" + "4eC39HqLyjWDarjtT1zdp7dc",
        # The key with which RFC 6455 explains the opening of a WebSocket, and RFC 6750's bearer token.
        "dGhlIHNhbXBsZSBub25jZQ==",
        "mF_9.B5f-4.1JqM",
        # RFC 7617's password, and the two of RFC 6749.
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "czZCaGRSa3F0MzpnWDFmQmF0M2JW",
        "2YotnFZFEjr1zCsicMWpAA",
    }
)
_TEMPLATE = re.compile(r"[<>{}]|\*\*|\.\.\.|…|^\$|^%\w+%$|\[secrets\.|\[redacted")
_SAYS_SO = re.compile(
    r"example|placeholder|redacted|your[_-]|dummy|change[_-]?me|replace[_-]?me|xxxx|abcdefghij|0123456789abcdef|"
    r"deadbeef|insert[_-]|not[_-]?a[_-]?real|my[_-]?(?:api|secret|token|key)|fake",
    re.IGNORECASE,
)
_NO_PASSWORD = re.compile(
    r"(?:my|your|db|the|user)?[-_]?(?:pass|passwd|password|pwd|pw|secret|token|user|username|key|api_?key)"
    r"|x-oauth-basic|none|null",
    re.IGNORECASE,
)


def is_placeholder(secret: str) -> bool:
    """Return whether a value is documented, a template, or says itself that it is none."""
    return secret in DOCUMENTED or bool(_TEMPLATE.search(secret) or _SAYS_SO.search(secret))


def looks_random(secret: str) -> bool:
    """Return whether a token could be a real one: varied enough, and not saying that it is an example."""
    return len(set(secret)) >= min(10, len(secret) // 3) and not is_placeholder(secret)


def is_password(secret: str) -> bool:
    """Return whether a password could be a real one: no template and none of the words that stand for one."""
    return (
        len(secret) >= 3
        and len(set(secret)) > 1
        and not _NO_PASSWORD.fullmatch(secret)
        and not _TEMPLATE.search(secret)
        and not _SAYS_SO.search(secret)
    )


def is_jwt(token: str) -> bool:
    """Return whether it is a JSON Web Token: its header names an algorithm, by RFC 7519, other than `none`."""
    head = token.split(".", 1)[0]
    try:
        header = msgspec.json.decode(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (binascii.Error, msgspec.DecodeError, ValueError, RecursionError):
        return False
    algorithm = header.get("alg") if isinstance(header, dict) else None
    return isinstance(algorithm, str) and algorithm.lower() != "none" and token not in DOCUMENTED


def is_basic(credentials: str) -> bool:
    """Return whether it is the `user:password` of basic authentication, by RFC 7617."""
    try:
        user, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return False
    named = bool(user and colon) and user.isprintable()
    return named and is_password(password) and credentials not in DOCUMENTED


def has_key_material(block: str) -> bool:
    """Return whether a PEM block holds a key and not just its headings."""
    return re.search(r"[A-Za-z0-9+/=]{32}", block) is not None and "[redacted" not in block


_PIECE = re.compile(r"[A-Za-z0-9+/]+")


def unlike_words(value: str, least: int = 16) -> bool:
    """Return whether a value changes between digits, capitals and small letters as chance does, and not as words do.

    Between neighbours of a random text of letters and digits the class changes in three to five cases of ten; in
    words, identifiers, versions and dates in one or none.
    """
    pieces = _PIECE.findall(value)
    whole = "".join(pieces)
    if len(whole) < least or len(set(whole)) < 8 or len(max(pieces, key=len)) < min(least, 10):
        return False
    if len(re.findall(r"\d+", whole)) < 2 or not re.search(r"[A-Za-z]", whole) or is_placeholder(value):
        return False
    classes = [_class(here, after) for here, after in zip(whole, whole[1:] + " ", strict=True)]
    return sum(here != after for here, after in pairwise(classes)) >= 0.15 * len(whole)


def is_mixed(value: str) -> bool:
    """Return whether a value has small letters, capitals and digits."""
    return all(re.search(some, value) for some in ("[a-z]", "[A-Z]", "[0-9]"))


def _class(character: str, following: str) -> str:
    if character.isdigit():
        return "d"
    # The capital that begins a word is read as part of it.
    return "u" if character.isupper() and not following.islower() else "l"
