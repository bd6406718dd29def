"""Credentials that no format names: seen by name, place and beginning; and the many random things that are none."""

import base64
import hashlib
import random
import string
import uuid
from collections.abc import Callable

import pytest

from twokey.detectors.scan import Scanner
from twokey.detectors.secret_checks import unlike_words
from twokey.detectors.secrets import SecretsDetector

SCANNER = Scanner((SecretsDetector(),))
ALNUM = string.ascii_letters + string.digits
SECRET = "q7Wz3Kp9Tn5Rb1Xv" + "8Lm2Yc6Hd4Gf0Js"  # joined, so that no scanner takes this file for a leak
HEX = hashlib.sha256(b"a value").hexdigest()[:40]
UUID = str(uuid.uuid5(uuid.NAMESPACE_DNS, "a value"))


def seen(text: str) -> set[str]:
    return {text[one.start : one.end] for one in SCANNER.scan(text)}


@pytest.mark.parametrize(
    "frame",
    [
        "ACME_API_KEY={}",
        "export ACME_TOKEN='{}'",
        '{{"api_key": "{}"}}',
        "client_secret: {}",
        "  accessToken: '{}',",
        "x-api-key: {}",
        "Authorization: Bearer {}",
        "Authorization: Token token={}",
        "curl 'https://api.internal/v1?access_token={}&page=2'",
        "deploy --api-key {} --region eu",
        "<apiKey>{}</apiKey>",
        '<add key="ApiSecret" value="{}"/>',
        'setenv("ACME_SECRET_KEY", "{}")',
        "| API key | {} |",
        "**API key:** `{}`",
        "region\neu\napi_key\n{}\nretries\n3",
        "The API key is {}.",
        "Your token for the Acme account: {}",
        "Use {} as your API key.",
        '{{\\"auth_token\\": \\"{}\\"}}',
        'os.environ["ACME_TOKEN"] = "{}"',
        "api_secret => '{}'",
        'apiToken := "{}"',
    ],
)
def test_a_value_is_seen_where_its_name_gives_it_away(frame: str) -> None:
    assert seen(frame.format(SECRET)) == {SECRET}
    hidden = SCANNER.redact_value(frame.format(SECRET))
    assert SECRET not in hidden
    assert SCANNER.scan(hidden) == ()


@pytest.mark.parametrize(
    "value", ["acme_live_" + SECRET, "acme-sk-" + SECRET, "zph_pat_" + HEX, "qq_" + SECRET + SECRET]
)
@pytest.mark.parametrize("frame", ["{}", "it was {} last week.", "f('{}', 3)", "a\n{}\nb"])
def test_a_token_that_begins_as_keys_do_is_seen_without_a_name(value: str, frame: str) -> None:
    assert seen(frame.format(value)) == {value}


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("password = 'hunter2222'", "hunter2222"),
        ("DB_PASSWORD=c0rrect-horse", "c0rrect-horse"),
        ('{"password": "Tr0ub4dor&3x"}', "Tr0ub4dor&3x"),
        ("the password is Tr0ub4dor!3x, keep it", "Tr0ub4dor!3x"),
        ("Server=db;User Id=sa;Password=Harbour77!;Encrypt=true", "Harbour77!"),
        ("mysql -u root -pHarbour77x shop", "Harbour77x"),
        ("sshpass -p Harbour77x ssh a@b", "Harbour77x"),
        ("machine git.internal login me password Harbour77x", "Harbour77x"),
        ("password\nHarbour77!", "Harbour77!"),
        ("<password>Harbour77!</password>", "Harbour77!"),
    ],
)
def test_a_password_is_seen_where_its_name_or_command_gives_it_away(text: str, password: str) -> None:
    assert seen(text) == {password}


@pytest.mark.parametrize(
    "text",
    [
        f"commit {HEX}",
        f"the key of the cache is {HEX} by md5",
        f'{{"key": "{HEX}"}}',
        f"token_id: {UUID}",
        f"next_page_token: {SECRET}",
        f'"public_key": "{SECRET}"',
        f"password_hash = {SECRET}",
        f"idempotency-key: {UUID}",
        f"the token has the request id {SECRET}",
        f"req_{SECRET[:24]}",
        f"order_{HEX[:16]}",
        f"test_{HEX[:32]}",
        f"resp_{HEX}ab12cd34",
        f"sha256:{HEX}{HEX[:24]}",
        f"https://example.com/a/{SECRET}?b={HEX}",
        SECRET,
        HEX,
        UUID,
        "api_key = os.environ['SERVICE_API_KEY']",
        "token = getToken(user2, cache3)",
        "password: required|min:8|confirmed",
        "password = settings.DB_PASSWORD_2",
        "max_tokens: 4096",
        "secret: projects/a1/secrets/b2/versions/latest",
        "The password is written on the 3rd floor.",
        "Authorization: Bearer {token}",
        "API_KEY=<your-key-1234567890abcd>",
        "AccessTokenProviderFactoryBean2Impl",
        "test_it_refuses_a_token_that_expired_2_seconds_ago",
        "sk-learn task_live_data_pipeline_with_many_words_2024",
    ],
)
def test_what_only_looks_random_or_only_speaks_of_secrets_is_none(text: str) -> None:
    assert seen(text) == set()


def test_lists_of_ids_hashes_and_images_are_none() -> None:
    rng = random.Random(4)

    def some(length: int) -> str:
        return "".join(rng.choices(ALNUM, k=length))

    makers: tuple[Callable[[], str], ...] = (
        lambda: str(uuid.UUID(int=rng.getrandbits(128))),
        lambda: hashlib.sha256(rng.randbytes(8)).hexdigest(),
        lambda: hashlib.sha1(rng.randbytes(8)).hexdigest(),  # noqa: S324 a name
        lambda: "data:image/png;base64," + base64.b64encode(rng.randbytes(300)).decode(),
        lambda: "req_" + some(24),
        lambda: "chatcmpl-" + some(29),
        lambda: "order_" + rng.randbytes(8).hex(),
        lambda: "cus_" + some(14),
        lambda: "01" + "".join(rng.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=24)),
    )
    for make in makers:
        text = "\n".join(make() for _ in range(300))
        assert seen(text) == set()


def test_what_a_known_beginning_is_cut_from_is_no_token_of_somebody_else() -> None:
    assert seen("it was ghp_" + (SECRET + SECRET)[:35]) == set()


def test_chance_is_told_from_words() -> None:
    rng = random.Random(8)
    for alphabet in (
        ALNUM,
        "0123456789abcdef",
        string.ascii_lowercase + string.digits,
        string.ascii_uppercase + "234567",
    ):
        found = sum(unlike_words("".join(rng.choices(alphabet, k=32))) for _ in range(1000))
        assert found >= 920, alphabet
    for words in (
        "InternationalizationProviderFactory2",
        "claude-sonnet-4-5-20250929",
        "get_secret_value_from_vault_2",
    ):
        assert not unlike_words(words)


def test_a_long_hostile_text_takes_time_in_proportion() -> None:
    # Not timed: it would not end if each place were looked at from every other.
    text = "token: " * 20_000 + "password=" * 20_000 + ("a1B" * 30 + " key ") * 2_000
    assert isinstance(SCANNER.scan(text), tuple)
