"""Credentials that a name gives away: values that stand after `api_key`, `password` and the like as if assigned.

It knows the joins of code, headers, tables, options, XML and nested JSON, and no issuer. What prose says is in
`secret_mentioned`.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from twokey.detectors.expression import compiled
from twokey.detectors.secret_checks import is_mixed, is_password, is_placeholder, unlike_words

Span = tuple[int, int]
Known = Callable[[str], bool]

KEY_WORD = (
    r"api[ _.-]?key|api[ _.-]?secret|(?:access|auth|secret|signing|encryption|master|private|service|account|licen[cs]e"
    r"|deploy|integration|session|app|client|admin|write|ingest|root|subscription|webhook)[ _.-]?key|secret|token"
    r"|credential|authorization|\bpat\b|_pat\b|_key"
)
PASS_WORD = r"pass[ _-]?(?:word|wd|phrase|code)|passw|passwort|pwd|_pass|\bpass\b"  # noqa: S105 the words for it
_CHARACTERS = r"[A-Za-z0-9_\-.~+/=:!@#%^&*|$]"
_JOIN = (
    r"[\"'`\\\])*]{0,4}(?:\s{0,3}(?::=|=>|->|[:=])\s{0,3}|\s{1,2}is:?\s{1,3}|\s{0,2}\|\s{0,2}|>|\n|\s{1,2}"
    r"|[\"']\s{1,3}value=|[\"'],\s{0,3})[\"'`*(\[\\\x{2018}-\x{201e}\x{ab}]{0,3}"
    r"(?:(?:bearer|basic|token|apikey|key)\s{1,2}(?:token=)?[\"']?)?"
)
_END = r"(?:[\s\"'`,;)\]}<>\\?\x{2018}-\x{201e}\x{bb}]|\z)"


def _assignment(word: str) -> str:
    return rf"(?i)([\w.\-]{{0,40}}?)({word})([\w\-]{{0,30}}?)({_JOIN})([\w\-!@#%^&*+]{_CHARACTERS}{{7,511}}){_END}"


def assigned(word: str) -> str:
    """Return what the scan looks for where a value may stand after a name with such a word."""
    between = r"[^A-Za-z0-9]+(?:(?:is|value|bearer|basic|token|apikey|key)[^A-Za-z0-9]+)*"
    return rf"(?i)(?:{word})[\w\-]*{between}[A-Za-z0-9]{_CHARACTERS}{{7}}"


KEY_NAME = rf"{KEY_WORD}|[?&](?:key|auth|code)"
_KEY_ASSIGNMENT, _PASSWORD_ASSIGNMENT = _assignment(KEY_NAME), _assignment(PASS_WORD)
# What a name says before or after its word, where it then names something else: `next_page_token`, `password_hash`.
BEFORE = re.compile(
    r"(?i)(?:^|[^a-z])(?:public|pub|primary|foreign|cache|next|page|paging|pagination|continuation|idempotency|csrf|xsrf"
    r"|partition|sort|sync|cursor|max|min|num|total|commit|etag|cancellation|nonce|resume|object|s3|row|id)[^a-z]{0,2}$"
)
_AFTER = re.compile(
    r"(?i)^[_.\- ]?(?:ids?|name|hash(?:ed)?|sha\d*|digest|md5|checksum|fingerprint|thumbprint|count|type|urls?|uri"
    r"|endpoint|files?|path|dir|expir\w*|expires?|length|len|size|limit|policy|field|label|prefix|format|arn|version|at"
    r"|ttl|usage|budget|index|column|ref|alias|kid|salt)(?:$|[^a-z])"
)
LIKE_CODE = re.compile(
    r"^(?:https?:|s3:|file:|arn:|urn:|(?i:sha|md)\d+[-:]|\.\.?/)|://|::|->|"
    r"\.(?:py|js|ts|go|rs|json|ya?ml|com|org|net|io|txt|pem|crt|env|html?|md|png|svg|conf|ini|toml)(?:\b|$)"
    r"|^[\w.]*(?:env|config|settings|secrets?|self|this|os|process|options?|args|params|request|req|data|vars?|local"
    r"|module|ctx|context)\.[A-Za-z]|^[\d.,:/-]+$|^v?\d+\.\d+|^\d{4}-\d\d-\d\d"
)
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PARAMETER = re.compile(r"&[\w.-]{1,40}=")


def _parts(expression: str, text: str) -> Iterator[Any]:
    """Yield the matches, each looked for from where the value of the one before begins. Offsets are in characters."""
    data = text.encode() if text.isascii() else text
    expressed, place = compiled(expression), 0
    while (match := expressed.search(data, place)) is not None:
        yield match
        place = match.start(expressed.groups)


def _assignments(expression: str, text: str) -> Iterator[tuple[str, str, str, int, int]]:
    """Yield the name, its word, what joins, and the place of each value that stands as if it were assigned."""
    for match in _parts(expression, text):
        before, word, after, join = (text[slice(*match.span(group))] for group in range(1, 5))
        start, end = match.span(5)
        if BEFORE.search(before) or _AFTER.search(after) or _is_chance(before, word, after):
            continue
        if not join.strip("\"'` \n") and not _stands_alone(text, match.start(), end, join):
            continue
        parameter = _PARAMETER.search(text, start, end)
        end = parameter.start() if parameter else end
        yield before + word + after, word, join, start, start + len(text[start:end].rstrip(".:"))


def _stands_alone(text: str, name: int, end: int, join: str) -> bool:
    """Return whether white space may join: after an option, or where name and value fill a line each, as leaves do."""
    if "\n" not in join:
        return text[name : name + 2] == "--"
    return (name == 0 or text[name - 1] == "\n") and text[end : end + 1] in ("", "\n")


def _is_chance(before: str, word: str, after: str) -> bool:
    """Return whether a name is none, but random characters that happen to spell a short word such as `pWd`."""
    odd = len(word) <= 4 and word not in (word.lower(), word.upper(), word.title())
    return odd or unlike_words(before + word + after, 12)


def _is_key(name: str, value: str) -> bool:
    if is_placeholder(value) or LIKE_CODE.search(value):
        return False
    if UUID.fullmatch(value):
        return not re.search(r"(?i)(?:^|[^a-z])(?:token|_key)$", name)
    return unlike_words(value)


def assigned_keys(text: str, _known: Known) -> Iterator[Span]:
    """Yield each value that is given to a name such as `api_key`, and looks random."""
    for name, _, _, start, end in _assignments(_KEY_ASSIGNMENT, text):
        if _is_key(name, text[start:end]):
            yield start, end


def assigned_passwords(text: str, _known: Known) -> Iterator[Span]:
    """Yield each value that is given to a name such as `password`, and has letters and a digit or a sign."""
    for _, _, join, start, end in _assignments(_PASSWORD_ASSIGNMENT, text):
        value = text[start:end]
        digit, sign = re.search("[0-9]", value), re.search("[!@#%^&*$+]", value)
        sure = ("=" in join or '"' in join or "'" in join or "`" in join) and (digit or sign)
        strong = digit and (sign or is_mixed(value) or unlike_words(value, 8))
        if (sure or strong) and is_password(value) and not LIKE_CODE.search(value) and re.search("[A-Za-z]", value):
            yield start, end
