"""What looks random and is no secret: hashes, ids, images, addresses, identifiers, prose, and documented examples.

Each text is clean: whatever a tool flags here is a false alarm. Made with chance from a fixed seed.
"""

import base64
import hashlib
import random
import string
import uuid
from collections.abc import Callable, Iterator

ALNUM = string.ascii_letters + string.digits
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WORDS = "the account holder asked about a parcel that did not arrive at the depot while the page showed it".split()  # noqa: SIM905
PROSE = (
    "To reset your password, open the settings and choose a new one of at least 12 characters with 1 digit.",
    "The password is written on the wall of the office on the 3rd floor.",
    "Please never share your PIN, password or one-time token with anybody, not even with us.",
    "The token limit of claude-sonnet-4-5-20250929 is 200000 and of gpt-4o-mini-2024-07-18 it is 128000.",
    "A bearer token is sent in the Authorization header as `Authorization: Bearer <token>`.",
    "Set the environment variable OPENAI_API_KEY to your key: export OPENAI_API_KEY=your-api-key-here",
    "api_key = os.environ['SERVICE_API_KEY']",
    "const token = await getAccessTokenFromCache(userId, options.refreshInterval2);",
    "password = getpass.getpass('Password: ')",
    "self.access_token = response.json()['access_token']",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "secretKeyRef: {name: database-credentials-v2, key: password}",
    "max_tokens: 4096, total_tokens=1234567, prompt_tokens: 120",
    "Authorization: Bearer {token}",
    "API_KEY=<your key>",
    "PASSWORD=********",
    "db_password: !vault database/creds/readonly-2024",
    "The secret of a good risotto is: stir_it_constantly_for_18_minutes.",
    "primary_key: customer_id_2024_v2, foreign_key: fk_orders_customers_2024",
    "The key to success is preparation2success4everyone, as they say at Level42.",
    "from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305",
    "Die Passphrase lautet anders als gestern; das Kennwort steht im Tresor Nr. 17.",
    "public_key = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBHQZ9NsfZv8JR2w6HM7vz2qvYIUVDmuzWQpYIrGKXZt",
    "task-list sk-learn sklearn risk-free-investments-of-the-year2024",
    "password: required|min:8|confirmed",
    "Your one-time code is 482913 and it is valid for 10 minutes.",
    "token_type: bearer, expires_in: 3600, scope: read:user",
    "the password must match ^(?=.*[A-Z])(?=.*[0-9]).{8,}$",
    "https://example.com:8080/a@b and http://example.com/x:y@z",
    "postgres://user:password@localhost/db",
)
DOCUMENTED = (
    "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "stripe.api_key = 'sk_test_" + "4eC39HqLyjWDarjtT1zdp7dc'",
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    "Authorization: Bearer mF_9.B5f-4.1JqM",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "xoxb-your-token-here",
    "sk-ant-api03-...",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
)


def negatives(each: int = 200, seed: int = 5) -> Iterator[tuple[str, str]]:
    """Yield kinds and texts, `each` of every random kind."""
    rng = random.Random(seed)  # noqa: S311 chance, no secret
    for kind, make in MAKERS.items():
        for _ in range(each):
            yield kind, make(rng)
    yield from (("prose and code", text) for text in PROSE)
    yield from (("documented example", text) for text in DOCUMENTED)


def _some(rng: random.Random, alphabet: str, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def _hex(rng: random.Random, length: int) -> str:
    return _some(rng, "0123456789abcdef", length)


def _sentence(rng: random.Random, inner: str) -> str:
    return f"{' '.join(rng.choices(WORDS, k=12))} {inner} {' '.join(rng.choices(WORDS, k=8))}."


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _hashes(rng: random.Random) -> str:
    data = rng.randbytes(12)
    made = (
        f"commit {hashlib.sha1(data).hexdigest()}",  # noqa: S324 a name, no protection
        f"md5: {hashlib.md5(data).hexdigest()}",  # noqa: S324
        f"sha256:{hashlib.sha256(data).hexdigest()}",
        f'integrity="sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"',
        f'ETag: "{_hex(rng, 32)}"',
        f"docker pull app@sha256:{hashlib.sha256(data).hexdigest()}",
        f"the checksum is {_hex(rng, 64)}",
        f"fingerprint SHA256:{_some(rng, ALNUM, 43)}",
        f"password_hash: $2b$12${_some(rng, ALNUM, 53)}",
        f"cache key: {_hex(rng, 40)}",
    )
    return _sentence(rng, rng.choice(made))


def _ids(rng: random.Random) -> str:
    made = (
        _uuid(rng),
        f"req_{_some(rng, ALNUM, 24)}",
        f"order_{_hex(rng, 16)}",
        f"cus_{_some(rng, ALNUM, 14)}",
        f"chatcmpl-{_some(rng, ALNUM, 29)}",
        f"msg_01{_some(rng, ALNUM, 22)}",
        f"resp_{_hex(rng, 48)}",
        f"toolu_01{_some(rng, ALNUM, 22)}",
        f"run-{_hex(rng, 32)}",
        "01" + _some(rng, CROCKFORD, 24),
        f"ORD-{rng.randint(10**8, 10**9)}-{_some(rng, string.ascii_uppercase, 3)}",
        f"trace_{_hex(rng, 32)}",
        f"test_{_hex(rng, 32)}",
        _hex(rng, 24),
        _some(rng, ALNUM, 21),
        f"1Z{_some(rng, string.digits + 'ABCDEFW', 16)}",
    )
    return rng.choice(made)


def _json_ids(rng: random.Random) -> str:
    rows = (
        f'"id": "{_ids(rng)}"',
        f'"order_id": "{_ids(rng)}"',
        f'"next_page_token": "{_some(rng, ALNUM, 40)}"',
        f'"cursor": "{base64.b64encode(rng.randbytes(24)).decode()}"',
        f'"etag": "{_hex(rng, 32)}"',
        f'"token_id": "{_uuid(rng)}"',
        f'"idempotency_key": "{_uuid(rng)}"',
        f'"object_key": "uploads/{_uuid(rng)}/photo.png"',
        f'"sha": "{_hex(rng, 40)}"',
        f'"trace": "{_hex(rng, 32)}", "span": "{_hex(rng, 16)}"',
        f'"key": "{_hex(rng, 40)}"',
        f'"key": "user:{rng.randint(1, 10**6)}:profile:v2"',
    )
    return "{" + ", ".join(rng.sample(rows, 5)) + "}"


def _images(rng: random.Random) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(rng.randbytes(600)).decode()}">'


def _addresses(rng: random.Random) -> str:
    made = (
        f"https://docs.google.com/document/d/1{_some(rng, ALNUM + '_-', 43)}/edit",
        f"https://www.youtube.com/watch?v={_some(rng, ALNUM + '_-', 11)}&list=PL{_some(rng, ALNUM, 32)}",
        f"https://cdn.example.com/assets/main.{_hex(rng, 20)}.js",
        f"https://shop.example.com/p/{_some(rng, ALNUM, 12)}?utm_source=mail&gclid={_some(rng, ALNUM + '_-', 60)}",
        f"https://github.com/a/b/blob/{_hex(rng, 40)}/src/token_reader_v2.py#L10-L20",
        f"s3://bucket-{rng.randint(1, 99)}/year=2025/part-0000{rng.randint(0, 9)}-{_uuid(rng)}.snappy.parquet",
    )
    return _sentence(rng, rng.choice(made))


def _names(rng: random.Random) -> str:
    made = (
        "meta-llama/Llama-3.1-8B-Instruct-Q4_K_M.gguf",
        "/usr/lib/python3.11/site-packages/google/auth/transport/_aiohttp_requests.cpython-311.pyc",
        "test_it_refuses_a_token_that_expired_2_seconds_ago_and_says_so",
        "com.example.payments.v2.internal.TokenRefreshScheduler$Worker1",
        "arn:aws:iam::123456789012:role/service-role/AWSLambdaBasicExecutionRole-8f3k2j",
        "kube-api-access-x7k2p api-7d4b9c6f5d-x2x4z token-reviewer-6c8d",
        "AccessTokenProviderFactoryBean2Impl ApiKeyAuthenticationFilterV3",
        "ISO8601DateTimeFormatterBuilder2WithRFC3339Fallback",
        ".btn_primary__3xYz1.sc-bdVaJa.css-1a2b3c4d5e6f",
        "tests/integration/test_api_key_rotation_v2.py::test_rotates_api_key[eu-west-1]",
    )
    return _sentence(rng, rng.choice(made))


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "hash": _hashes,
    "id": _ids,
    "json of ids": _json_ids,
    "image": _images,
    "address": _addresses,
    "name": _names,
}
