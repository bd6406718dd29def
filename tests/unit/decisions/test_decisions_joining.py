"""A request to be let in proves that the key is the newcomer's, and is refused for everything that could mislead."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from decision_world import NOW, ROSTER_YAML, key_line, signature

from twokey import canonical
from twokey.decisions.document import NAMESPACE as DECISION
from twokey.decisions.joining import NAMESPACE, JoinRequest, against, parse, render
from twokey.decisions.roster import load_roster
from twokey.errors import TwokeyError
from twokey.signers.base import Signature
from twokey.signers.ssh import SshSigner

ROSTER = load_roster(ROSTER_YAML.encode(), "roster.yaml")
REQUEST = JoinRequest(
    principal="bot@example.com",
    name="Bo T.",
    roles=("product", "tech-lead"),
    key=key_line("bot"),
    repository="acme/triage",
    requested_at=NOW,
    nonce="0" * 32,
)


def proof(request: JoinRequest, by: str = "bot", namespace: str = NAMESPACE, change: bytes = b"") -> Signature:
    data = render(request)
    return SshSigner().verify(data + change, signature(data, by, namespace), NAMESPACE)


def test_a_request_reads_back_and_nothing_stands_against_it() -> None:
    assert parse(render(REQUEST), "r") == REQUEST
    assert against(REQUEST, proof(REQUEST), ROSTER, NOW) == ()
    assert against(REQUEST, proof(REQUEST), None, NOW) == ()
    (key,) = REQUEST.person().keys
    assert key.line == REQUEST.key
    assert key.good(NOW)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (proof(REQUEST, by="ann"), "the request was signed by another key than the one it names"),
        (proof(REQUEST, namespace="git"), "signed for the purpose 'git', not for 'twokey-roster-v1'"),
        (proof(REQUEST, namespace=DECISION), "signed for the purpose 'twokey-decision-v1'"),
        (proof(REQUEST, change=b" "), "the request's signature is not good: the signature does not match"),
        (Signature(valid=False, key=REQUEST.key, reason="no"), "the request's signature is not good: no"),
        (Signature(valid=True, key=None), "another key than the one it names"),
    ],
)
def test_without_proof_of_possession_nobody_comes_in(found: Signature, expected: str) -> None:
    for roster in (ROSTER, None):
        (problem,) = against(REQUEST, found, roster, NOW)
        assert expected in problem


def test_a_decision_key_does_not_sign_a_decision_by_signing_a_request() -> None:
    data = render(REQUEST)
    assert not SshSigner().verify(data, signature(data, "bot", NAMESPACE), DECISION).valid


@pytest.mark.parametrize(
    ("age", "good"),
    [
        (timedelta(days=7), True),
        (timedelta(days=7, seconds=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-5, seconds=-1), False),
    ],
)
def test_a_request_is_good_for_seven_days_by_the_clock_of_who_adds_it(age: timedelta, good: bool) -> None:
    found = against(REQUEST, proof(REQUEST), ROSTER, NOW + age)
    assert (found == ()) is good
    assert good or "from the future" in found[0] or "more than 7 days ago" in found[0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"principal": "bob@example.com"}, "is in the roster already, as bob@example.com"),
        ({"principal": "ann-at-work"}, "is in the roster already, as ann@example.com"),
        ({"key": key_line("ann's second")}, "the key is ann@example.com's already"),
        ({"key": key_line("revoked")}, "the key is ann@example.com's already"),
    ],
)
def test_who_is_there_already_is_not_added_again(changes: dict[str, Any], expected: str) -> None:
    request = replace(REQUEST, **changes)
    found = against(request, Signature(valid=True, key=request.key), ROSTER, NOW)
    assert [problem for problem in found if expected in problem]


def test_a_witness_never_becomes_a_person() -> None:
    roster = load_roster(f"{ROSTER_YAML}witnesses:\n  - {{name: job, keys: [{key_line('bot')}]}}\n".encode(), "r")
    (problem,) = against(REQUEST, proof(REQUEST), roster, NOW)
    assert problem == "the key is that of the witness job, and can never decide"


def document(**changes: Any) -> bytes:
    return canonical.dumps({**json.loads(render(REQUEST)), **changes})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (document(admin=True), "admin: an unknown field"),
        (document(type="urn:twokey:decision:v1"), "type: expected urn:twokey:roster-request:v1"),
        (document(principal="Bot@example.com"), "principal: expected a principal"),
        (document(principal="../../bot"), "principal: expected a principal"),
        (document(name="Bo\u202et"), "name: expected a name"),
        (document(name=""), "name: expected a name"),
        (document(roles="product"), "roles: expected a list"),
        (document(roles=["product", "product"]), "roles: an item appears twice"),
        (document(roles=["two words"]), "roles[0]: expected a role"),
        (document(key=key_line("bot") + " comment"), "key: expected a public key without comment"),
        (document(key="ssh-dss AAAA"), "key: not a key that may decide: DSA keys are not accepted"),
        (document(requested_at="2026-11-21T12:00:00+01:00"), "requested_at: expected"),
        (document(nonce="x"), "nonce: expected 32"),
        (document().replace(b'"nonce"', b'"nonce": "0", "nonce"', 1), "the key 'nonce' appears twice"),
        (b"[]", "expected an object"),
        (b"{" * 100, "nested deeper than 4"),
        (b" " * 20_000, "more than the 16,384 allowed"),
    ],
)
def test_a_request_is_read_strictly(data: bytes, expected: str) -> None:
    with pytest.raises(TwokeyError) as error:
        parse(data, "bot.request.json")
    assert expected in str(error.value)
    assert "bot.request.json" in str(error.value)


def test_a_request_that_could_not_be_read_is_not_written() -> None:
    changed = (replace(REQUEST, principal="Bot"), replace(REQUEST, name=" "), replace(REQUEST, repository=""))
    for request in (*changed, replace(REQUEST, nonce=""), replace(REQUEST, key="ssh-ed25519")):
        with pytest.raises(TwokeyError):
            render(request)
    with pytest.raises(ValueError, match="aware"):
        render(replace(REQUEST, requested_at=datetime(2026, 11, 21, tzinfo=UTC).replace(tzinfo=None)))


def test_any_bit_that_changes_in_request_or_signature_is_noticed() -> None:
    data, signed = render(REQUEST), signature(render(REQUEST), "bot", NAMESPACE)
    signer = SshSigner(places=())
    for index in range(len(data)):
        changed = data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]
        assert not signer.verify(changed, signed, NAMESPACE).valid
    for index in range(len(signed)):
        changed = signed[:index] + bytes([signed[index] ^ 1]) + signed[index + 1 :]
        assert not signer.verify(data, changed, NAMESPACE).valid
