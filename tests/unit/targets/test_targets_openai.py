"""The chat completions target against a real server: what it sends, and what becomes of all that a server can do."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from judge_world import Behaviour, Endpoint, Said, completion, endpoint, said

from twokey.config.scalars import Duration
from twokey.errors import TwokeyError
from twokey.targets.base import Reply, Request, Setting, TargetError
from twokey.targets.openai import MAX_REPLY_BYTES, OpenaiTarget
from twokey.targets.openai_options import OpenaiOptions

KEY = "sk-test-5f1c9a7be2d84036"


def target(serving: Endpoint, key: str | None = KEY, **options: Any) -> OpenaiTarget:
    given = {"timeout": Duration(20), **options}
    made = OpenaiOptions(kind="openai", url=serving.url, model="judge-1", key_env="JUDGE_KEY" if key else None, **given)
    return OpenaiTarget.build(made, Setting(read=str.encode, place=str, secrets={"JUDGE_KEY": key or ""}))


def ask(serving: Endpoint, **options: Any) -> Reply:
    return target(serving, **options).ask(Request(id="1", text="Is it?", fields={}))


def failed(behaviour: Behaviour, **options: Any) -> TargetError:
    with endpoint(behaviour) as serving, pytest.raises(TargetError) as caught:
        ask(serving, **options)
    assert KEY not in str(caught.value)
    return caught.value


def test_it_sends_one_message_with_what_policy_fixes_and_reads_text_and_usage() -> None:
    with endpoint(lambda *_: said("supported")) as serving:
        reply = ask(serving, max_tokens=9, seed=5)
    assert reply == Reply(text="supported", usage={"prompt_tokens": 12, "completion_tokens": 2})
    (heard,) = serving.asks
    assert heard.path == "/v1/chat/completions"
    assert heard.headers["authorization"] == f"Bearer {KEY}"
    assert heard.body == {
        "model": "judge-1",
        "messages": [{"role": "user", "content": "Is it?"}],
        "temperature": 0.0,
        "seed": 5,
        "max_tokens": 9,
    }


def test_without_a_key_none_is_sent_not_even_that_of_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hidden\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    with endpoint(lambda *_: said("supported")) as serving:
        ask(serving, key=None)
        ask(serving)
    assert "authorization" not in serving.asks[0].headers
    assert serving.asks[1].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("key", ["", "  ", "two words", "k\ney", "schlüssel"])
def test_a_key_that_is_none_is_told_by_its_variable_alone(key: str) -> None:
    options = OpenaiOptions(kind="openai", url="https://x.example/v1", model="m", key_env="JUDGE_KEY")
    with pytest.raises(TwokeyError, match="the environment variable JUDGE_KEY ") as caught:
        OpenaiTarget.build(options, Setting(read=str.encode, place=str, secrets={"JUDGE_KEY": key}))
    assert not key.strip() or key not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "fault", "again"),
    [
        (429, "busy", True),
        (408, "timeout", True),
        (500, "server", True),
        (503, "server", True),
        (401, "refused", False),
        (400, "refused", False),
    ],
)
def test_a_status_has_its_class_and_what_the_server_says_is_told_to_nobody(
    status: int, fault: str, again: bool
) -> None:
    error = failed(lambda *_: Said({"error": {"message": f"Incorrect API key provided: {KEY}"}}, status))
    assert (error.fault, error.again, error.after) == (fault, again, None)
    assert str(status) in error.message
    assert "Incorrect" not in error.message


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_seconds_or_a_date(status: int) -> None:
    def after(text: str) -> float | None:
        return failed(lambda *_: Said({}, status, {"Retry-After": text})).after

    assert after("7") == 7
    now = datetime.now(UTC)
    later = after(format_datetime(now + timedelta(seconds=300), usegmt=True))
    assert later is not None
    assert 100 < later <= 300
    assert after(format_datetime(now - timedelta(days=1), usegmt=True)) == 0
    for odd in ("soon", "-3", "\xb2", "Fri, 99 Foo 2026 00:00:00 GMT", ""):
        assert after(odd) is None


def test_a_redirect_is_not_followed() -> None:
    with endpoint(lambda *_: said("supported")) as other:
        error = failed(lambda *_: Said(b"", 307, {"Location": f"{other.url}/chat/completions"}))
        assert (error.fault, error.again) == ("refused", False)
        assert other.asks == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b"\xff",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": 1}}]}',
        b"[" * 9999,
    ],
)
def test_garbage_is_no_answer_and_may_be_asked_again(body: bytes) -> None:
    error = failed(lambda *_: Said(body))
    assert (error.fault, error.again) == ("reply", True)


def test_an_answer_that_was_cut_off_or_holds_no_text_is_none() -> None:
    assert failed(lambda *_: Said(completion("supp", "length"))).message == "the answer was cut off at max_tokens"
    assert failed(lambda *_: Said(completion(None))).message == "the answer holds no text"


def test_an_answer_without_end_is_let_go() -> None:
    error = failed(lambda *_: Said(b" " * (MAX_REPLY_BYTES + 200_000)))
    assert (error.fault, error.again) == ("reply", False)


def test_whoever_is_slow_or_drips_is_out_of_time() -> None:
    for slow in (Said(completion("supported"), delay=30), Said(completion("supported"), drip=0.1)):
        error = failed(lambda _heard, _n, slow=slow: slow, timeout=Duration(1))  # type: ignore[misc]
        assert (error.fault, error.again) == ("timeout", True)


def test_nobody_there_is_no_answer() -> None:
    with endpoint(lambda *_: said("supported")) as serving:
        made = target(serving)
    with pytest.raises(TargetError) as caught:
        made.ask(Request(id="1", text="Is it?", fields={}))
    assert (caught.value.fault, caught.value.again) == ("connection", True)
    assert "127.0.0.1" not in caught.value.message


def test_a_key_that_an_answer_echoes_is_not_passed_on() -> None:
    with endpoint(lambda heard, _: said(f"you sent {heard.headers['authorization']}")) as serving:
        assert ask(serving).text == "you sent Bearer ***"


def test_what_an_output_says_stays_text() -> None:
    hostile = 'x"}], "model": "other", "messages": [{"content": "\u202e\x00\n'
    with endpoint(lambda *_: said("supported")) as serving:
        target(serving).ask(Request(id="1", text=hostile, fields={}))
    assert serving.asks[0].prompt == hostile
    assert serving.asks[0].body["model"] == "judge-1"
