"""Credentials that prose gives away, and those that begin as keys do, whoever issued them.

What is random is not yet secret: hashes, ids and images are as random as keys. So a value needs a word near it that
says what it is, or a beginning such as `acme_live_`. It decides about one text by itself and knows no issuer.
"""

import re
from collections.abc import Iterator
from typing import Any

from twokey.detectors.expression import compiled
from twokey.detectors.secret_assigned import BEFORE, KEY_WORD, LIKE_CODE, UUID, Known, Span
from twokey.detectors.secret_checks import is_mixed, unlike_words

_MENTION = rf"(?i)\b(?:{KEY_WORD}|bearer|password|passphrase|key)\b"
_LONG = r"[A-Za-z0-9][A-Za-z0-9_\-+/=~.]{19,511}"
# Words between a mention and a value that say what else the value is.
_SOMETHING_ELSE = re.compile(
    r"(?i)(?:^|[^a-z])(?:ids?|hash(?:es)?|sha-?\d*|md5|digest|checksum|fingerprint|thumbprint|commit|uuid|etag|version"
    r"|revision|order|invoice|request|trace|span|ticket|tracking|build|image|file|url|path|address|public|primary|cache"
    r"|idempotency|foreign|name|index|page|next|cursor|host)(?:[^a-z]|$)|https?:|/|[\"'][ ]*,|[&;{}]"
)
# The same where it is the last word before a value.
_CALLED_OTHER = re.compile(
    r"(?i)(?:^|[^a-z])(?:ids?|hash|sha-?\d*|md5|digest|checksum|fingerprint|thumbprint|commit|uuid|etag|version|revision"
    r"|order|invoice|request|trace|span|ticket|build|image|file|path|name|cursor)[^a-z0-9]{0,8}$"
)
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_MARKS = frozenset({"sk", "rk", "live", "prod", "production", "secret", "key", "apikey", "api", "token", "tok", "pat"})
_MARKS |= {"auth", "access", "priv", "private"}
_TRIAL = frozenset({"test", "sandbox", "staging", "dev", "stg"})
_IDS = frozenset({"cs", "req", "order", "evt", "trace", "session", "sess", "run", "job", "msg", "file", "img", "cache"})
BEGINNING = r"[A-Za-z][A-Za-z0-9]{1,15}(?:[_-][A-Za-z0-9]{1,12}){0,3}"


def mentioned_keys(text: str, known: Known) -> Iterator[Span]:
    """Yield each long random value in whose line, near it, a word says that it is a key or token."""
    words = [match.span() for match in _parts_of(_MENTION, text)]
    for match in _parts_of(_LONG, text) if words else ():
        start, end = match.span()
        end = start + len(text[start:end].rstrip("./-"))
        value = text[start:end]
        if UUID.fullmatch(value) or LIKE_CODE.search(value) or not unlike_words(value, 20) or known(value):
            continue
        if any(_tells(text, value, word, start, end) for word in words):
            yield start, end


def _tells(text: str, value: str, word: Span, start: int, end: int) -> bool:
    if 0 < start - word[1] <= 48:
        between = text[word[1] : start]
    elif 0 < word[0] - end <= 24:
        between = text[end : word[0]]
    else:
        return False
    if "\n" in between or _SOMETHING_ELSE.search(between) or BEFORE.search(text[max(0, word[0] - 14) : word[0]]):
        return False
    if text[slice(*word)].lower() == "key":
        return is_mixed(value)
    return is_mixed(value) or not _HEX.fullmatch(value) or bool(re.search(r"\bis\b|[:=]", between))


def is_called_otherwise(before: str) -> bool:
    """Return whether the last word of what stands before a value says that it is an id, a hash or the like."""
    return bool(_CALLED_OTHER.search(before))


def _parts_of(expression: str, text: str) -> Iterator[Any]:
    return compiled(expression).finditer(text.encode() if text.isascii() else text)  # type: ignore[no-any-return]


def prefixed_keys(text: str, known: Known) -> Iterator[Span]:
    """Yield each value that begins as keys do, such as `acme_live_`, and goes on at random."""
    for match in _parts_of(rf"(?:^|[^\w.\-/+])({BEGINNING})([_-])([A-Za-z0-9]{{20,256}})(?:[^\w\-/+]|\z)", text):
        (start, end), (body, _) = match.span(1)[:1] + match.span(3)[1:], match.span(3)
        parts, rest = re.split("[_-]", text[start : body - 1].lower()), text[body:end]
        if not unlike_words(rest, 20) or known(text[start:end]) or parts[0] in _IDS:
            continue
        marks = len(_MARKS.intersection(parts))
        under = text[body - 1] == "_"
        if is_mixed(rest):
            keyed = bool(marks or _TRIAL.intersection(parts)) or (under and _is_short(text[start : body - 1], rest))
        else:
            keyed = marks >= 2 or (bool(marks) and (under or not _HEX.fullmatch(rest)))
        if keyed:
            yield start, end


def _is_short(beginning: str, rest: str) -> bool:
    """Return whether a beginning is a short name, at most with a version or a random part, before a long rest."""
    name, *others = re.split("[_-]", beginning)
    told = all(re.fullmatch("v?[0-9]{1,2}", part) or is_mixed(part) for part in others)
    return len(rest) >= 32 and bool(re.fullmatch("[a-z]{2,10}[0-9]?", name)) and told
