"""Private keys, signed tokens, and passwords in the places where protocols and tools keep them."""

from twokey.detectors.secret_checks import has_key_material, is_basic, is_jwt, is_password, unlike_words
from twokey.detectors.secret_formats import Format, prefixed

_PREFIXED = r"""
age-key                    A private key of age                          AGE-SECRET-KEY-1  <up>{58}                  C2SP, "The age file encryption format"
nostr-key                  A private key of Nostr                        nsec1  <low>{58}                            Nostr, NIP-19
extended-private-key       An extended private key of a wallet           [xyzt]prv  [1-9A-HJ-NP-Za-km-z]{107,108}    Bitcoin, BIP 32
"""  # noqa: E501 a table reads better in one line each

_SERVICES = (
    r"(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|oracle|clickhouse|kafka|nats|mqtts?|neo4j"
    r"|bolt|couchbases?|cassandra|cockroachdb|elasticsearch|influxdb|snowflake|db2|cloudinary|memcached|etcd|vertica"
    r"|trino|presto|hive|ldaps?|s?ftps?|smtps?|imaps?|smb|socks5h?|ssh|git)"
)
_USERINFO = r"[^\s:/?#@\"'`\\]{0,64}:([^\s/@\"'`\\]{1,256})@[A-Za-z0-9\[_$-]"


def _shaped(rule: str, what: str, how: str, source: str, coarse: str, exact: str, *, limits: str = "") -> Format:
    return Format(rule=rule, what=what, how=how, source=source, coarse=coarse, exact=exact, limits=limits)


def _password(rule: str, what: str, how: str, source: str, coarse: str, exact: str) -> Format:
    return Format(rule=rule, what=what, how=how, source=source, coarse=coarse, exact=exact, check=is_password)


_SHAPED = (
    Format(
        rule="private-key",
        what="A private key in PEM, of whatever kind, encrypted or not.",
        how="`-----BEGIN ... PRIVATE KEY-----` with key material behind it; all of the block is hidden.",
        source="RFC 7468; RFC 9580 (OpenPGP); PROTOCOL.key of OpenSSH",
        coarse=r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY",
        exact=r"(-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[A-Za-z0-9+/=\s\\:,.()]|-[A-Za-z0-9])*(?:-----END [A-Z0-9 ]{0,40}-----)?)",
        check=has_key_material,
    ),
    _shaped(
        "putty-key", "A private key in PuTTY's format.", "`Private-Lines:` and the lines of base64 behind it.",
        "PuTTY user manual, appendix C", r"Private-Lines: ?[0-9]",
        r"Private-Lines: ?[0-9]{1,3}\s{1,4}((?:[A-Za-z0-9+/=]{16,}\s{0,2})+)",
    ),
    _shaped(
        "jwk-private", "The private part of a JSON Web Key.",
        "`d` or, in a symmetric key, `k`, with 32 or more letters, digits, `_` and `-`, after `kty`.",
        "RFC 7517, RFC 7518", r"\bkty\b[^{}]*\b[dk]\b\W{1,5}[A-Za-z0-9_-]{32}",
        r"\bkty\b[^{}]{1,1000}?\b[dk]\b\W{1,5}([A-Za-z0-9_-]{32,})",
    ),
    _shaped(
        "wireguard-key", "A private or preshared key of WireGuard.",
        "`PrivateKey` or `PresharedKey` and 43 letters, digits, `+` and `/` with `=`.", "WireGuard, wg(8)",
        r"(?i)(?:private|preshared)_?key\W{1,5}[A-Za-z0-9+/]{8}",
        r"(?i)(?:private|preshared)_?key\W{1,5}([A-Za-z0-9+/]{43}=)",
    ),
    _shaped(
        "ethereum-private-key", "A private key of Ethereum or of another chain.",
        "`0x` and 64 hexadecimal digits, or these without `0x`, after `private key`.", "Ethereum Yellow Paper",
        r"(?i)priv(?:ate)?[ _-]?key\W{1,5}(?:is |0x)?[0-9a-f]{8}",
        r"(?i)priv(?:ate)?[ _-]?key\W{1,5}(?:is )?[\"']?((?:0x)?[0-9a-f]{64})(?:\W|\z)",
    ),
    Format(
        rule="jwt",
        what="A JSON Web Token, signed or encrypted.",
        how="Three parts in base64url with dots, of which the first is JSON that names an algorithm other than `none`.",
        source="RFC 7519, RFC 7515, RFC 7516",
        coarse=r"\beyJ[A-Za-z0-9_-]+\.(?:eyJ[A-Za-z0-9_-]|[A-Za-z0-9_-]*\.)",
        exact=r"\b(eyJ[A-Za-z0-9_-]{8,}\.(?:eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{16,}"
        r"|[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}))",
        check=is_jwt,
    ),
    Format(
        rule="basic-auth",
        what="A name and password in a header of basic authentication.",
        how="`Authorization: Basic` and base64 of a name, a colon and a password.",
        source="RFC 7617",
        coarse=r"(?i)\bauthorization\W{1,5}basic ",
        exact=r"(?i)\bauthorization\W{1,5}basic\s{1,3}([A-Za-z0-9+/]{6,400}={0,2})",
        check=is_basic,
    ),
    _password(
        "connection-string", "A password in the address of a database, queue, mail or file server.",
        "`scheme://name:password@host`; the password is hidden and the address stays.", "RFC 3986, section 3.2.1",
        rf"(?i)\b{_SERVICES}(?:\+[a-z0-9]+)?://[^\s/@]*:[^\s/@]*@",
        rf"(?i)\b{_SERVICES}(?:\+[a-z0-9]+)?://{_USERINFO}",
    ),
    _password(
        "url-password", "A password or token in a web address.", "`https://name:password@host`.",
        "RFC 3986, section 3.2.1", r"(?i)\bhttps?://[^\s/@:]*:[^\s/@]*@", rf"(?i)\bhttps?://{_USERINFO}",
    ),
    _shaped(
        "url-token", "A token in place of the name in a web address.", "`https://token@host`.",
        "RFC 3986, section 3.2.1; GitHub Docs, cloning over HTTPS with a token",
        r"(?i)\bhttps?://[A-Za-z0-9_-]{20,}(?::x-oauth-basic|:)?@",
        r"(?i)\bhttps?://([A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]{19,})(?::x-oauth-basic|:)?@",
    ),
    _password(
        "netrc-password", "A password in a `.netrc` file.", "`machine`, `login` and `password` with their words.",
        "GNU inetutils, .netrc", r"\blogin\s+\S+\s+password\s+\S",
        r"\blogin\s{1,8}\S{1,100}\s{1,8}password\s{1,8}([^\s\"']{4,200})",
    ),
    _password(
        "command-password", "A password on a command line.",
        "What follows `curl -u name:`, `sshpass -p`, `--password`, `mysql -p`, `docker login -p` and their like.",
        "The manuals of these commands", r"(?i)(?:\bcurl\b|\bwget\b|sshpass|mysql|docker|psql|--pass|redis-cli).*-",
        r"(?i)(?:\bcurl\b[^\n|;]{0,200}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']{1,80}:|\bsshpass\s{1,3}-p\s?[\"']?"
        r"|\s--(?:http-)?pass(?:word|wd|phrase)?[ =][\"']?|\bmysql\w{0,8}\b[^\n|;]{0,80}?\s-p"
        r"|\bdocker\s{1,3}login\b[^\n|;]{0,80}?\s-p\s?[\"']?|\bredis-cli\b[^\n|;]{0,80}?\s-a\s{1,3}[\"']?)"
        r"([^\s\"'|;&<>$(){}\[\]-][^\s\"'|;&<>(){}\[\]]{5,127})(?:[\s\"'|;&]|\z)",
    ),
    _shaped(
        "registry-auth", "A password or token in the configuration of npm or Docker.",
        "`_authToken=`, `_auth=`, `_password=`, or `auth` in base64 after a registry's address.",
        "npm Docs, .npmrc; Docker Docs, config.json", r"_(?:authToken|auth|password)\s*=|\"auth\"\s*:",
        r"(?:_(?:authToken|auth|password)\s{0,3}=\s{0,3}\"?|\"auth\"\s{0,3}:\s{0,3}\")"
        r"([A-Za-z0-9+/_=.-]{16,1000})(?:[\s\"]|\z)",
    ),
)  # fmt: skip

_SEEN_BY_PLACE = (
    Format(
        rule="bearer-token",
        what="A bearer token of whatever issuer.",
        how="`Bearer` and 16 characters or more that look random.",
        source="RFC 6750",
        coarse=r"(?i)\bbearer[ :=]+[A-Za-z0-9._~+/-]{8}",
        exact=r"(?i)\bbearer[ :=]{1,3}([A-Za-z0-9._~+/-]{16,1000}={0,2})",
        check=unlike_words,
    ),
    Format(
        rule="session-cookie",
        what="A session's id in a cookie: whoever has it is logged in.",
        how="A cookie such as `sessionid`, `sid` or `PHPSESSID` in a cookie's header, with a random value.",
        source="RFC 6265",
        coarse=r"(?i)cookie\W.*(?:sess|sid|auth|token)[\w.-]*=",
        exact=r"(?i)cookie\W[^\n]{0,400}?\b[\w.-]{0,20}(?:sess|sid|auth|token)[\w.-]{0,20}=\"?"
        r"([A-Za-z0-9._~+/%:-]{16,1000})",
        check=unlike_words,
    ),
    Format(
        rule="presigned-address",
        what="The signature of an address that opens a file to whoever has it, until it expires.",
        how="`X-Amz-Signature=`, `X-Goog-Signature=` or `Signature=` with 28 characters or more.",
        source='AWS, "Signature Version 4"; Google Cloud Storage, "Signed URLs"',
        coarse=r"(?i)[?&](?:x-(?:amz|goog)-)?signature=[a-z0-9%]{4}",
        exact=r"(?i)[?&](?:x-(?:amz|goog)-)?signature=([A-Za-z0-9%+/=_~-]{28,600})",
        check=unlike_words,
    ),
)

KEYS = (*prefixed(_PREFIXED), *_SHAPED, *_SEEN_BY_PLACE)
