"""Addresses on networks: e-mail, IPv4, IPv6, MAC, and a name with its password in a URL.

An address inside a private network, or one that is reserved for documentation, is nobody's and is left alone.
"""

import re

from twokey.detectors.expression import found, spans
from twokey.detectors.pii.checksums import is_public_ipv4
from twokey.detectors.pii.rule import FIX, Rule, Spans, stands_free
from twokey.detectors.pii.typeset import is_letter
from twokey.kinds import Explained

_HOST_END = 24
# Counting the letters of a host's end makes RE2 fall back to its slowest engine, so that is left to the rare long ones.
_EMAIL = r"[\pL\pN_][\pL\pM\pN._%+'\-]*@(?:[\pL\pN](?:[\pL\pM\pN\-]*[\pL\pM\pN])?\.)+\pL[\pL\pM]+"
_EMAIL_COUNTED = _EMAIL.removesuffix(r"[\pL\pM]+") + rf"[\pL\pM]{{1,{_HOST_END - 1}}}"
# `bob [at] example [dot] com`: the brackets say that an address is being spelled.
_AT = r"(?:\[at\]|\(at\)|\{at\}|<at>|\[@\]|\(@\))"
_DOT = r"(?:\.|\[\.\]|\(\.\)|\[dot\]|\(dot\)|\{dot\}|<dot>)"
_SPELLED = rf"(?i)[\pL\pN_][\pL\pN._%+'\-]* ?{_AT} ?(?:[\pL\pN][\pL\pN\-]* ?{_DOT} ?)+\pL\pL+"
_USERINFO = r"://[^\s/?#@]*:[^\s/?#@]*$"
_NOT_EMAIL = frozenset(["png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "bmp", "avif"])
_IPV4 = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
_IPV6 = r"(?i)[0-9a-f:]*:[0-9a-f]*:[0-9a-f:]*[0-9a-f:](?:%[0-9a-z]+)?"
_MAC = r"(?i)[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}"
_URL = r"(?i)\b[a-z][a-z0-9+.\-]*://([^\s/?#@:\"'<>]+:[^\s/?#@\"'<>]+)@[^\s/?#@\"'<>]"
_FILLED_IN = r"<[^>]*>|\$?\{[^}]*\}|\$[a-z_]+|%[a-z]|\*+|xxx+"
_PLACEHOLDER = rf"(?i)^(?:user(?:name)?|{_FILLED_IN}):|:(?:pass(?:word|wd)?|\.\.\.|{_FILLED_IN})$"
_HEX = re.compile("[0-9a-fA-F]{1,4}")


def emails(text: str) -> Spans:
    """Yield where e-mail addresses stand, but none in a URL's user part, in a Git remote, or as a picture's name."""
    places = list(spans(_EMAIL, text))
    if any(end - text.rindex(".", start, end) - 1 > _HOST_END for start, end in places):
        places = list(spans(_EMAIL_COUNTED, text))
    for start, end in places:
        host = text[text.index("@", start) + 1 : end]
        in_url = found(_USERINFO, text[max(0, start - 200) : start]) is not None
        remote = text[start : start + 4] == "git@" and text[end : end + 1] == ":"
        if host.rpartition(".")[2].lower() not in _NOT_EMAIL and not in_url and not remote:
            yield start, end
    yield from spans(_SPELLED, text)


def ipv4s(text: str) -> Spans:
    """Yield where public IPv4 addresses stand; version numbers have no octet of at least 100."""
    for start, end in spans(_IPV4, text):
        number = text[start:end]
        large = any(int(part) >= 100 for part in number.split("."))
        if stands_free(text, start, end) and is_public_ipv4(number) and large:
            yield start, end


def ipv6s(text: str) -> Spans:
    """Yield where IPv6 addresses stand that are nobody's private or documentation address."""
    for start, end in spans(_IPV6, text):
        end -= text[end - 1] == ":" and text[end - 2] != ":"
        before, after = text[max(0, start - 1) : start], text[end : end + 1]
        if is_letter(before) or before in ("_", ".") or is_letter(after) or after == "_":
            continue
        if is_public_ipv6(text[start:end].partition("%")[0]):
            yield start, end


def is_public_ipv6(text: str) -> bool:
    """Return whether it is an IPv6 address (RFC 4291) outside the IANA special-purpose registry.

    Eight groups, or a global address (2000::/3) with `::` and at least three groups: `std::end` and `dead::beef` are
    code. Eight pairs are a fingerprint.
    """
    head, gap, tail = text.partition("::")
    groups = [*filter(None, head.split(":")), *filter(None, tail.split(":"))]
    whole = ":".join(head.split(":")) == head and "" not in (head.split(":") if head else []) and ":::" not in text
    whole = whole and "" not in (tail.split(":") if tail else []) and "::" not in tail
    if not whole or not all(map(_HEX.fullmatch, groups)) or not any(char.isdigit() for char in text):
        return False
    if gap:
        shaped = 3 <= len(groups) <= 7 and len(groups[0]) == 4 and groups[0][0] in "23" and bool(head)
    else:
        shaped = len(groups) == 8 and any(len(group) > 2 for group in groups)
    return shaped and not _is_special(groups)


def _is_special(groups: list[str]) -> bool:
    first, second = int(groups[0], 16), int(groups[1], 16)
    return (
        first >> 9 == 0xFC00 >> 9  # private
        or first >> 6 == 0xFE80 >> 6  # of one link
        or first >> 8 == 0xFF  # multicast
        or (first, second) == (0x2001, 0x0DB8)  # documentation
        or first == 0x3FFF
        or first == 0
    )


def macs(text: str) -> Spans:
    """Yield where MAC addresses stand, but neither broadcast nor all zeros, nor a part of a fingerprint."""
    for start, end in spans(_MAC, text):
        mark = text[start + 2] if text[start + 2] in ":-" else "."
        before, after = text[max(0, start - 1) : start], text[end : end + 1]
        joined = is_letter(before) or is_letter(after) or (mark in (before, after[:1]) and mark != ".")
        octets = text[start:end].replace(mark, "").lower()
        dated = mark == "-" and octets.isdigit()
        if not joined and not dated and len(set(octets)) > 2:
            yield start, end


def url_credentials(text: str) -> Spans:
    """Yield where a URL names a user and a password, unless both are said to be put there by the reader."""
    for start, end in spans(_URL, text, group=1):
        if found(_PLACEHOLDER, text[start:end]) is None:
            yield start, end


NETWORK = (
    Rule(
        name="email",
        severity="medium",
        coarse=(
            r"[\pL\pM\pN._%+'\-]@[\pL\pN]",
            r"(?i)[\[({<](?:at|@)[\])}>] ?[\pL\pN]",
        ),
        places=emails,
        explained=Explained(
            what="An e-mail address, also as `name [at] host [dot] com`.",
            how="A local part, an at sign, and a host with a dot, in any script.",
            source="RFC 5322 and RFC 6531, without quoted local parts.",
            limits="Addresses at example.com count: nobody can tell what they were before. Those of a shared mailbox "
            "(info@) do too. Addresses spelled without brackets (`bob at host dot com`) are not seen.",
            fix=FIX,
        ),
    ),
    Rule(
        name="url-credentials",
        severity="high",
        coarse=(r"://[^\s/?#@:]+:[^\s/?#@]+@",),
        places=url_credentials,
        explained=Explained(
            what="A user name and a password inside a URL.",
            how="`scheme://user:password@host`; what is a placeholder (`user:password`, `${NAME}`) is left alone.",
            source="RFC 3986, section 3.2.1.",
            limits="The secrets detector sees the password too, so one URL may be a finding of both.",
            fix=FIX,
        ),
    ),
    Rule(
        name="ipv6-address",
        severity="low",
        coarse=(r"(?i)[0-9a-f]:[0-9a-f]{1,4}::?[0-9a-f]{1,4}::?[0-9a-f]", r"(?i)[0-9a-f]::[0-9a-f]"),
        places=ipv6s,
        explained=Explained(
            what="An IPv6 address that may be somebody's.",
            how="Eight groups, or a global address with `::` and at least three groups; private, link-local, multicast "
            "and documentation addresses are left alone.",
            source="RFC 4291; the IANA IPv6 special-purpose registry.",
            limits="Addresses with an IPv4 tail, and short forms outside 2000::/3, are not seen.",
            fix=FIX,
        ),
    ),
    Rule(
        name="mac-address",
        severity="low",
        coarse=(
            "(?i)[0-9a-f]{2}:[0-9a-f]{2}:[0-9a-f]{2}:[0-9a-f]{2}:",
            "(?i)[0-9a-f]{2}-[0-9a-f]{2}-[0-9a-f]{2}-[0-9a-f]{2}-",
            r"(?i)[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}",
        ),
        places=macs,
        explained=Explained(
            what="The hardware address of a network card, which follows a device and its owner about.",
            how="Six pairs of hexadecimal digits with `:` or `-`, or three fours with dots; not part of a longer run.",
            source="IEEE 802-2014.",
            limits="Pairs of decimal digits with hyphens are taken for numbers; twelve digits in one go are not seen.",
            fix=FIX,
        ),
    ),
    Rule(
        name="ip-address",
        severity="low",
        coarse=(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",),
        places=ipv4s,
        explained=Explained(
            what="An IPv4 address that may be somebody's.",
            how="Four octets, one of at least 100 so that version numbers pass, outside private and reserved networks.",
            source="RFC 791; the IANA IPv4 special-purpose registry.",
            limits="Addresses inside private networks (10.0.0.0/8 and the like) are left alone, and public ones whose "
            "octets are all below 100 are not seen.",
            fix=FIX,
        ),
    ),
)
