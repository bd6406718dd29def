import base64
import json

import pytest

from twokey.detectors.scan import Scanner
from twokey.detectors.secrets import FORMATS, SecretsDetector

SCANNER = Scanner((SecretsDetector(),))
LETTERS = "q7Wz3Kp9Tn5Rb1Xv8Lm2Yc6Hd4Gf0Js" * 6  # joined at run time, so that no scanner takes this file for a leak
HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
BASE32 = "QWERTYUIOPASDFGHJK234567"


def b64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def token(prefix: str, length: int, alphabet: str = LETTERS) -> str:
    return prefix + alphabet[:length]


JWT = f"{b64({'alg': 'RS256', 'kid': 'k1'})}.{b64({'sub': 'u1', 'exp': 1})}.{LETTERS[:43]}"
PEM = "-----BEGIN RSA PRIVATE KEY-----\n" + (LETTERS[:64] + "\n") * 3 + "-----END RSA PRIVATE KEY-----"
PLANTED = {
    "aws-access-key": token("AKIA", 16, BASE32),
    "aws-secret-key": "AWS_SECRET_ACCESS_KEY=" + LETTERS[:40],
    "anthropic-key": token("sk-ant-api03-", 90),
    "azure-storage-key": "AccountKey=" + LETTERS[:86] + "==",
    "basic-auth": "Authorization: Basic " + base64.b64encode(b"bob:c0rrecthorse").decode(),
    "connection-string": "postgresql://bob:c0rrect-horse@db.internal:5432/app",
    "databricks-token": token("dapi", 32, HEX),
    "digitalocean-token": token("dop_v1_", 64, HEX),
    "discord-webhook": "https://discord.com/api/webhooks/123456789012345678/" + LETTERS[:68],
    "dockerhub-token": token("dckr_pat_", 27),
    "github-token": token("ghp_", 36),
    "github-fine-grained-token": token("github_pat_", 22) + "_" + LETTERS[:59],
    "gitlab-token": token("glpat-", 20),
    "google-api-key": token("AIza", 35),
    "google-oauth": token("ya29.", 60),
    "huggingface-token": token("hf_", 34),
    "jwt": JWT,
    "npm-token": token("npm_", 36),
    "openai-key": token("sk-proj-", 48),
    "private-key": PEM,
    "pypi-token": token("pypi-AgEIcHlwaS5vcmc", 60),
    "sendgrid-key": token("SG.", 22) + "." + LETTERS[:43],
    "shopify-token": token("shpat_", 32, HEX),
    "slack-token": "xoxb-" + "123456789012-1234567890123-" + LETTERS[:24],
    "slack-webhook": "https://hooks.slack.com/services/" + "T01ABCDEF/B01ABCDEF/" + LETTERS[:24],
    "square-token": token("sq0atp-", 22),
    "stripe-key": token("sk_live_", 24),
    "telegram-bot-token": "123456789:AA" + LETTERS[:33],
    "twilio-key": token("SK", 32, HEX),
    "url-password": "https://bob:c0rrect-horse@intranet.example.com/x",
    "vault-token": token("hvs.", 90),
}


def rules(text: str) -> set[str]:
    return {seen.rule for seen in SCANNER.scan(text)}


def test_old_names_stay() -> None:
    assert PLANTED.keys() <= FORMATS.keys()


@pytest.mark.parametrize("rule", sorted(PLANTED))
@pytest.mark.parametrize("frame", ["{}", "use {} now", '{{"key": "{}"}}', "line\n{}\nline", "key={};"])
def test_it_sees_and_hides_all_of_it(rule: str, frame: str) -> None:
    text = frame.format(PLANTED[rule])
    assert rules(text) == {rule}
    hidden = SCANNER.redact_value(text)
    assert f"[secrets.{rule}]" in hidden
    assert LETTERS[5:15] not in hidden
    assert "c0rrect" not in hidden


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "ghp_" + "x" * 36,
        "ghp_" + "a" * 36,
        "sk_test_" + "your-key-here",
        "glpat-" + "a" * 30,
        "postgres://user:password@localhost/db",
        "postgres://user:<password>@localhost/db",
        "postgres://user:${DB_PASSWORD}@localhost/db",
        "postgres://user@localhost/db and redis://localhost:6379",
        "https://example.com:8080/a@b and http://example.com/x:y@z",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "A PEM file starts with -----BEGIN RSA PRIVATE KEY----- and goes on in base64",
        "-----BEGIN PUBLIC KEY-----\n" + LETTERS[:64] + "\n-----END PUBLIC KEY-----",
        f"{b64({'typ': 'x'})}.{b64({'sub': 'y'})}.{LETTERS[:43]}",
        f"{b64({'alg': 'none'})}.{b64({'sub': 'y'})}.{LETTERS[:43]}",
        "Authorization: Basic " + base64.b64encode(b"user:password").decode(),
        "Authorization: Basic not-base64-at-all",
        HEX,
        LETTERS,
        "task-list sk-learn sklearn risk-free-investments-of-the-year",
        "the password is written on the wall",
    ],
)
def test_examples_templates_and_plain_text_are_none(text: str) -> None:
    assert rules(text) == set()


def test_the_token_that_jwt_io_shows_is_documented() -> None:
    signature = "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(b'{"sub":"1234567890","name":"John Doe","iat":1516239022}').decode().rstrip("=")
    assert rules(f"{head}.{body}.{signature}") == set()
    assert rules(f"{head}.{body}.{signature[::-1]}") == {"jwt"}


def test_a_password_in_an_address_is_hidden_and_the_address_stays() -> None:
    text = "postgresql://bob:c0rrect-horse@db/app"
    assert SCANNER.redact_value(text) == "postgresql://bob:[secrets.connection-string]@db/app"


def test_a_private_key_on_one_line_with_escapes_is_seen_whole() -> None:
    text = json.dumps({"key": PEM})
    assert SCANNER.redact_value(text) == '{"key": "[secrets.private-key]"}'
