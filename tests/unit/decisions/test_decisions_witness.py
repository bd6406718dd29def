"""Whether a witness's word on a recording counts: one test for each step and date."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from authenticator import Authenticator, Browser
from decision_world import NOW, key_line, signature
from hypothesis import given
from hypothesis import strategies as st

from twokey.decisions.document import NAMESPACE as DECISIONS
from twokey.decisions.document import parse as parse_decision
from twokey.decisions.people import Roster, RosterKey, Witness
from twokey.decisions.roster import load_roster
from twokey.decisions.shapes import CLOCK_SKEW
from twokey.decisions.witness import (
    NAMESPACE,
    WitnessCheck,
    WitnessStatement,
    check_witness,
    parse,
    render,
)
from twokey.errors import ConfigError, TwokeyError
from twokey.signers.keygen import MISSING
from twokey.signers.ssh import SshSigner

SECOND = timedelta(seconds=1)
SAID = WitnessStatement(
    recording="outputs.jsonl",
    recording_sha256="a" * 64,
    subject="triage",
    subject_digest="b" * 64,
    witnessed_at=NOW,
    repository="acme/triage",
    nonce="0" * 32,
)
SIGNERS = {"ssh": SshSigner(places=())}
ROSTER = load_roster(
    f"""
people:
  - principal: ann@example.com
    keys: ["{key_line("ann")}"]
witnesses:
  - name: record-job
    keys:
      - "{key_line("bot")}"
      - {{key: "{key_line("old")}", valid_until: 2026-11-21T12:00:00Z}}
      - {{key: "{key_line("future")}", valid_from: 2026-11-21T12:00:00Z}}
      - {{key: "{key_line("revoked")}", revoked_at: 2026-11-21T12:00:00Z, why: runner was rebuilt}}
      - {{key: "{key_line("stolen")}", compromised_since: 2026-11-22T12:00:00Z}}
""".encode(),
    "roster.yaml",
)


def judge(
    said: WitnessStatement | bytes = SAID, by: str = "bot", *, namespace: str = NAMESPACE, **changes: Any
) -> WitnessCheck:
    data = said if isinstance(said, bytes) else render(said)
    given: dict[str, Any] = {
        "recording_sha256": "a" * 64,
        "subject_digest": "b" * 64,
        "repository": "acme/triage",
        "now": NOW,
        **changes,
    }
    return check_witness(data, signature(data, by, namespace), roster=ROSTER, signers=SIGNERS, **given)


def test_a_good_word_counts_and_says_whose_it_is_and_when() -> None:
    assert judge() == WitnessCheck(valid=True, name="record-job", witnessed_at=NOW, crosscheck=MISSING)


def test_a_statement_reads_back_as_it_was_written() -> None:
    assert parse(render(SAID), "x") == SAID
    assert json.loads(render(SAID))["subject"] == [{"name": "outputs.jsonl", "digest": {"sha256": "a" * 64}}]


@pytest.mark.parametrize("namespace", [DECISIONS, "git", "twokey-recording-v2"])
def test_a_signature_for_another_purpose_witnesses_nothing(namespace: str) -> None:
    found = judge(namespace=namespace)
    assert found == WitnessCheck(valid=False, reasons=(f"signed for the purpose '{namespace}', not for '{NAMESPACE}'",))


def test_a_statement_is_never_read_as_a_decision() -> None:
    with pytest.raises(TwokeyError, match=r"predicateType: expected urn:twokey:decision:v1"):
        parse_decision(render(SAID), "decision-x.json")


@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_any_flipped_byte_of_the_statement_is_noticed(at: int, flip: int) -> None:
    good = render(SAID)
    at %= len(good)
    bad = good[:at] + bytes([good[at] ^ flip]) + good[at + 1 :]
    found = check_witness(
        bad,
        signature(good, "bot", NAMESPACE),
        recording_sha256="a" * 64,
        subject_digest="b" * 64,
        roster=ROSTER,
        signers=SIGNERS,
        now=NOW,
    )
    assert (found.valid, found.name) == (False, None)


@pytest.mark.parametrize(
    ("by", "name", "reason"),
    [
        ("ann", None, "the key that signed it is ann@example.com's: who decides is no witness"),
        ("cy", None, "the key that signed it is no witness's in the roster"),
        ("stolen", "record-job", "the key counts as compromised since 2026-11-22T12:00:00Z"),
    ],
)
def test_only_a_witnesss_own_key_counts(by: str, name: str | None, reason: str) -> None:
    found = judge(by=by)
    assert (found.valid, found.name, found.reasons) == (False, name, (reason,))


def test_what_a_browser_signed_no_job_witnessed() -> None:
    device, data = Authenticator(), render(SAID)
    key = RosterKey(line=device.public.line, key=device.public, origins=("https://review.example.com",))
    found = check_witness(
        data,
        Browser().sign(data, device, NAMESPACE),
        recording_sha256="a" * 64,
        subject_digest="b" * 64,
        roster=Roster(people=(), witnesses=(Witness(name="record-job", keys=(key,)),)),
        signers=SIGNERS,
        now=NOW,
    )
    assert (found.name, found.reasons) == ("record-job", ("a browser made the signature: a witness is a job",))


@pytest.mark.parametrize(
    ("by", "good_before", "reason"),
    [
        ("old", True, "the key was valid until 2026-11-21T12:00:00Z"),
        ("future", False, "the key is not valid before 2026-11-21T12:00:00Z"),
        ("revoked", True, "the key was revoked at 2026-11-21T12:00:00Z: runner was rebuilt"),
    ],
)
def test_a_keys_dates_are_the_verifiers_whatever_the_statement_claims(by: str, good_before: bool, reason: str) -> None:
    said = replace(SAID, witnessed_at=NOW - SECOND)
    before, after = judge(said, by, now=NOW - SECOND), judge(said, by, now=NOW)
    assert (before.valid, after.valid) == (good_before, not good_before)
    assert {*before.reasons, *after.reasons} == {reason}


@pytest.mark.parametrize(
    ("here", "reason"),
    [
        ({"recording_sha256": "c" * 64}, "it is about another recording: aaaaaaaaaaaa, here cccccccccccc"),
        ({"subject_digest": "c" * 64}, "it is a recording of another subject: bbbbbbbbbbbb, here cccccccccccc"),
        ({"repository": "acme/other"}, "it was made in acme/triage, not in acme/other"),
    ],
)
def test_another_recording_subject_or_repository_is_refused(here: dict[str, Any], reason: str) -> None:
    found = judge(**here)
    assert (found.valid, found.name, found.reasons) == (False, "record-job", (reason,))


def test_a_baselines_subject_and_an_unknown_repository_are_not_compared() -> None:
    assert judge(subject_digest=None, repository=None).valid


def test_every_reason_is_told_at_once() -> None:
    found = judge(by="old", recording_sha256="c" * 64, subject_digest="d" * 64, repository="x")
    assert len(found.reasons) == 4


def test_the_future_begins_after_what_clocks_differ_by() -> None:
    assert judge(now=NOW - CLOCK_SKEW).valid
    found = judge(now=NOW - CLOCK_SKEW - SECOND)
    assert found.reasons == ("it is from the future: 2026-11-21T12:00:00Z",)


def test_the_verifiers_zone_changes_nothing_and_a_clock_without_zone_is_refused() -> None:
    assert judge(by="old", now=(NOW - SECOND).astimezone(timezone(timedelta(hours=14)))).reasons == ()
    with pytest.raises(ValueError, match="no time zone"):
        judge(now=datetime(2026, 11, 21))


def changed(**parts: Any) -> bytes:
    document = json.loads(render(SAID))
    for path, value in parts.items():
        at = document
        *way, last = path.split("__")
        for step in way:
            at = at[int(step) if step.isdecimal() else step]
        at[last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{}", "_type: a field that must be there is missing"),
        (b'{"a": 1, "a": 1}', "not strict JSON: the key 'a' appears twice"),
        (b"[" * 7 + b"]" * 7, "not strict JSON: nested deeper than 6"),
        (b" " * 20_000, "20,000 bytes, more than the 16,384 allowed"),
        (
            changed(predicateType="urn:twokey:decision:v1"),
            "predicateType: expected urn:twokey:recording:v1, found 'urn:",
        ),
        (changed(predicate__verdict="pass"), "predicate.verdict: an unknown field"),
        (changed(predicate__witnessed_at="2026-11-21T12:00:00+00:00"), "predicate.witnessed_at: expected a UTC time"),
        (changed(predicate__subject__digest="B" * 64), "predicate.subject.digest: expected a SHA-256"),
        (changed(subject__0__digest__sha512="a"), "subject[0].digest.sha512: an unknown field"),
        (changed(subject=[]), "subject: expected a list of 1 to 1 items"),
        (changed(predicate__nonce=""), "predicate.nonce: expected 32"),
        (changed(predicate__repository="a\nb"), "predicate.repository: expected a name"),
    ],
)
def test_well_signed_bytes_that_are_no_statement_are_refused(data: bytes, reason: str) -> None:
    found = judge(data)
    assert (found.valid, found.name) == (False, None)
    assert found.reasons[0].startswith(reason), found.reasons


def test_nothing_malformed_is_ever_written() -> None:
    with pytest.raises(ConfigError, match="expected a SHA-256"):
        render(replace(SAID, recording_sha256="short"))
    with pytest.raises(ValueError, match="whole seconds"):
        render(replace(SAID, witnessed_at=NOW.replace(microsecond=1)))
