"""The formats of credentials, from their issuers' public descriptions: how each looks, and when it is only an example.

A format is a coarse expression for the scan, an exact one for the place, and sometimes a check. What a placeholder
looks like is here too; how sightings are made of all this is in `secrets`.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

Check = Callable[[str], bool]
B64 = r"[A-Za-z0-9_-]"

# Printed in the issuers' own documentation, so that nobody's secret is given away by them.
DOCUMENTED = frozenset(
    {
        "AKIAIOSFODNN7EXAMPLE",
        "AKIAI44QH8DHBEXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        # The development account of Azure's storage emulator.
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        # The token on jwt.io.
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ"
        ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    }
)
_TEMPLATE = re.compile(r"[<>{}]|\*\*|\.\.\.|…|^\$|^%\w+%$")
_SAYS_SO = re.compile(r"example|placeholder|redacted|your[_-]|dummy|changeme|xxxx", re.IGNORECASE)
_NO_PASSWORD = re.compile(
    r"(?:my|your|db|the|user)?[-_]?(?:pass|passwd|password|pwd|pw|secret|token|user|username|key|api_?key)"
    r"|x-oauth-basic|none|null",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format. Group 1 of `exact` is the secret itself, which `check` may refuse; without groups it is the whole."""

    coarse: str
    exact: str
    check: Check | None = None
    severity: Literal["low", "medium", "high"] = "high"


def looks_random(secret: str) -> bool:
    """Return whether a token could be a real one: varied enough, and not saying that it is an example."""
    return (
        secret not in DOCUMENTED
        and len(set(secret)) >= min(10, len(secret) // 3)
        and not _SAYS_SO.search(secret)
        and not _TEMPLATE.search(secret)
    )


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
    return bool(user and colon) and user.isprintable() and is_password(password)


def has_key_material(block: str) -> bool:
    """Return whether a PEM block holds a key and not just its headings."""
    return re.search(r"[A-Za-z0-9+/=]{32}", block) is not None and "[redacted" not in block


def _token(prefix: str, body: str, *, check: Check = looks_random, start: str = r"\b") -> Format:
    return Format(
        coarse=f"{start}{prefix}{body.split('{', maxsplit=1)[0]}{{4}}", exact=f"{start}({prefix}{body})", check=check
    )


_USERINFO = r"[^\s:/?#@\"'`\\]{0,64}:([^\s/@\"'`\\]{1,256})@[A-Za-z0-9\[]"
_SERVICES = (
    r"(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|clickhouse|kafka"
    r"|ldaps?|s?ftps?|smtps?|ssh)"
)

FORMATS: dict[str, Format] = {
    "aws-access-key": _token("(?:AKIA|ASIA|ABIA|ACCA)", r"[A-Z2-7]{16}\b"),
    "aws-secret-key": Format(
        coarse=r"(?i)aws[a-z_ -]{0,20}secret",
        exact=r"(?i)aws[a-z_ -]{0,20}secret[a-z_ -]{0,20}[\"']?\s{0,3}(?:[:=]|=>|is)\s{0,3}[\"']?"
        r"([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|\z)",
        check=looks_random,
    ),
    "anthropic-key": _token("sk-ant-(?:api|admin|sid|oat|ort)[0-9]{2}-", f"{B64}{{32,}}"),
    "azure-storage-key": Format(
        coarse=r"AccountKey=[A-Za-z0-9+/]{8}", exact=r"AccountKey=([A-Za-z0-9+/]{86}==)", check=looks_random
    ),
    "basic-auth": Format(
        coarse=r"(?i)\bauthorization\W{1,5}basic ",
        exact=r"(?i)\bauthorization\W{1,5}basic\s{1,3}([A-Za-z0-9+/]{6,400}={0,2})",
        check=is_basic,
    ),
    "connection-string": Format(
        coarse=rf"(?i)\b{_SERVICES}(?:\+[a-z0-9]+)?://[^\s/@]*:[^\s/@]*@",
        exact=rf"(?i)\b{_SERVICES}(?:\+[a-z0-9]+)?://{_USERINFO}",
        check=is_password,
    ),
    "databricks-token": _token("dapi", r"[0-9a-f]{32}\b"),
    "digitalocean-token": _token("do[opr]_v1_", r"[a-f0-9]{64}\b"),
    "discord-webhook": Format(
        coarse=r"(?i)discord(?:app)?\.com/api/webhooks/[0-9]",
        exact=r"(?i)discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/([A-Za-z0-9_-]{60,})",
        check=looks_random,
    ),
    "dockerhub-token": _token("dckr_(?:pat|oat)_", f"{B64}{{27,}}"),
    "github-token": _token("gh[pousr]_", "[A-Za-z0-9]{36,}"),
    "github-fine-grained-token": _token("github_pat_", "[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    "gitlab-token": _token("gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt)-", f"{B64}{{20,}}"),
    "google-api-key": _token("AIza", f"{B64}{{35}}"),
    "google-oauth": _token(r"(?:ya29\.|GOCSPX-)", f"{B64}{{24,}}"),
    "huggingface-token": _token("(?:hf_|api_org_)", r"[A-Za-z0-9]{34}\b"),
    "jwt": Format(
        coarse=rf"\beyJ{B64}+\.eyJ{B64}", exact=rf"\b(eyJ{B64}{{8,}}\.eyJ{B64}{{4,}}\.{B64}{{16,}})", check=is_jwt
    ),
    "npm-token": _token("npm_", r"[A-Za-z0-9]{36}\b"),
    "openai-key": Format(
        coarse=rf"\bsk-{B64}{{8}}",
        exact=rf"\b(sk-(?:(?:proj|svcacct|admin|None)-{B64}{{20,}}|[A-Za-z0-9]{{20}}T3BlbkFJ[A-Za-z0-9]{{20}}|[A-Za-z0-9]{{48}}\b))",
        check=looks_random,
    ),
    "private-key": Format(
        coarse=r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY",
        exact=r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[A-Za-z0-9+/=\s\\:,.()]|-[A-Za-z0-9])*(?:-----END [A-Z0-9 ]{0,40}-----)?",
        check=has_key_material,
    ),
    "pypi-token": _token("pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)", f"{B64}{{50,}}"),
    "sendgrid-key": _token(r"SG\.", rf"{B64}{{20,24}}\.{B64}{{39,50}}"),
    "shopify-token": _token("shp(?:at|ca|pa|ss)_", r"[a-fA-F0-9]{32}\b"),
    "slack-token": _token("(?:xox[abeoprs]|xapp|xwfp)-", r"[A-Za-z0-9-]{10,}"),
    "slack-webhook": Format(
        coarse=r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9]",
        exact=r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{20,})",
        check=looks_random,
    ),
    "square-token": _token("sq0(?:atp|csp)-", f"{B64}{{22,43}}"),
    "stripe-key": _token("(?:[sr]k_(?:live|test)|whsec)_", "[A-Za-z0-9]{16,}"),
    "telegram-bot-token": Format(
        coarse=rf"\b[0-9]{{8,10}}:AA{B64}{{4}}", exact=rf"\b([0-9]{{8,10}}:AA{B64}{{33}})", check=looks_random
    ),
    "twilio-key": _token("SK", r"[0-9a-f]{32}\b"),
    "url-password": Format(
        coarse=r"(?i)\bhttps?://[^\s/@:]*:[^\s/@]*@", exact=rf"(?i)\bhttps?://{_USERINFO}", check=is_password
    ),
    "vault-token": _token(r"hv[sbr]\.", f"{B64}{{24,}}"),
}
