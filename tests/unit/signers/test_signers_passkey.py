"""What a browser gives of a passkey, put into OpenSSH's forms: what our verifier and stock ssh-keygen then read."""

import base64
import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from authenticator import BE, BS, ED, UP, UV, Authenticator, Browser, signed_part
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from twokey.signers.passkey import MAX_BYTES, Assertion, assemble, challenge, origin_of, public_key
from twokey.signers.sshsig import verify
from twokey.signers.wire import MalformedError

PURPOSE, DATA, ORIGIN = "twokey-decision-v1", b'{"decision": "approve"}\n', "http://localhost:7361"
HELD = Authenticator(application=b"localhost")
SPKI = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def made(held: Authenticator = HELD, browser: Browser | None = None, data: bytes = DATA) -> Assertion:
    """An assertion as a browser gives it."""
    client_data = (browser or Browser(origin=ORIGIN)).client_data(challenge(data, PURPOSE))
    head = hashlib.sha256(held.application).digest() + held.tail() + held.extensions
    return Assertion(
        authenticator_data=head,
        client_data=client_data,
        signature=encode_dss_signature(*held.numbers(client_data)),
    )


def test_the_challenge_is_what_sshsig_has_a_key_sign_and_not_its_hash() -> None:
    assert challenge(DATA, PURPOSE) == signed_part(DATA, PURPOSE)
    assert challenge(DATA, PURPOSE).startswith(b"SSHSIG\x00\x00\x00\x12twokey-decision-v1\x00\x00\x00\x00")
    assert len({challenge(DATA, PURPOSE), challenge(DATA, "git"), challenge(DATA + b" ", PURPOSE)}) == 3


def test_a_browsers_public_key_is_a_line_of_openssh(tmp_path: Path) -> None:
    key = public_key(HELD.private.public_key().public_bytes(*SPKI))
    assert key == HELD.public
    assert (key.algorithm, key.application) == ("sk-ecdsa-sha2-nistp256@openssh.com", b"localhost")
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is not installed")
    (tmp_path / "key.pub").write_text(f"{key.line} passkey\n")
    listed = subprocess.run([program, "-lf", str(tmp_path / "key.pub")], capture_output=True, text=True, check=True)
    assert key.fingerprint in listed.stdout


@pytest.mark.parametrize(
    ("spki", "expected"),
    [
        (b"", "1 to 4,096 expected"),
        (b"\x30" * (MAX_BYTES + 1), "1 to 4,096 expected"),
        (b"\x30\x00", "cannot be read"),
        (ec.generate_private_key(ec.SECP384R1()).public_key().public_bytes(*SPKI), "another kind than ES256"),
        (ec.generate_private_key(ec.SECP256K1()).public_key().public_bytes(*SPKI), "another kind than ES256"),
        (ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*SPKI), "another kind than ES256"),
        (rsa.generate_private_key(65537, 2048).public_key().public_bytes(*SPKI), "another kind than ES256"),
    ],
    ids=["nothing", "too long", "no key", "P-384", "secp256k1", "Ed25519", "RSA"],
)
def test_another_kind_of_key_is_refused(spki: bytes, expected: str) -> None:
    with pytest.raises(MalformedError, match=expected):
        public_key(spki)


@pytest.mark.parametrize("flags", [UP | UV, UP | UV | BE, UP | UV | BE | BS])
def test_an_assertion_is_a_signature_that_our_verifier_takes(flags: int) -> None:
    found = verify(DATA, assemble(made(replace(HELD, flags=flags)), HELD.public, PURPOSE), PURPOSE)
    assert (found.valid, found.key, found.origin) == (True, HELD.public.line, ORIGIN)


@given(data=st.binary(max_size=200), secret=st.integers(1, 2**200), counter=st.integers(0, 2**32 - 1))
def test_whatever_the_numbers_are_the_form_is_the_one_that_is_read(data: bytes, secret: int, counter: int) -> None:
    held = replace(HELD, secret=secret, counter=counter)
    assert verify(data, assemble(made(held, data=data), held.public, PURPOSE), PURPOSE).valid


def test_stock_ssh_keygen_takes_it_too(tmp_path: Path) -> None:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is not installed")
    (tmp_path / "signature").write_bytes(assemble(made(), HELD.public, PURPOSE))
    (tmp_path / "allowed").write_text(f"ann {HELD.public.line}\n")
    arguments = ["-Y", "verify", "-f", "allowed", "-I", "ann", "-n", PURPOSE, "-s", "signature"]
    for data, status in ((DATA, 0), (DATA + b" ", 255)):
        done = subprocess.run([program, *arguments], input=data, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == status


def test_what_follows_the_counter_is_handed_on_for_the_verifier_to_refuse() -> None:
    extended = replace(HELD, flags=UP | UV | ED, extensions=b"\xa0")
    found = verify(DATA, assemble(made(extended), HELD.public, PURPOSE), PURPOSE)
    assert (found.valid, "extensions" in str(found.reason)) == (False, True)


@pytest.mark.parametrize(
    ("assertion", "expected"),
    [
        (replace(made(), authenticator_data=b""), "the authenticator data has 0 bytes"),
        (replace(made(), authenticator_data=made().authenticator_data[:36]), "has 36 bytes, 37 or more expected"),
        (replace(made(), authenticator_data=bytes(37)), "one of another site"),
        (replace(made(), client_data=b"x" * (MAX_BYTES + 1)), "the client data has 4,097 bytes"),
        (replace(made(), client_data=b"{"), "the client data cannot be read: not JSON"),
        (replace(made(), client_data=b"[1]"), "names no origin"),
        (replace(made(), client_data=b'{"origin": 7}'), "names no origin"),
        (replace(made(), client_data=b'{"origin": "a b"}'), "names no origin"),
        (replace(made(), client_data='{"origin": "http://löcalhost:1"}'.encode()), "names no origin"),
        (replace(made(), client_data=b'{"origin": "a", "origin": "b"}'), "appears twice"),
        (replace(made(), signature=b""), "the signature has 0 bytes"),
        (replace(made(), signature=bytes(64)), "not in DER"),
        (replace(made(), signature=made().signature + b"x"), "not in DER"),
        (replace(made(), signature=bytes.fromhex("30060201ff020101")), "not in DER"),  # a negative number
    ],
)
def test_what_cannot_be_put_together_is_refused_in_plain_words(assertion: Assertion, expected: str) -> None:
    with pytest.raises(MalformedError, match=expected):
        assemble(assertion, HELD.public, PURPOSE)


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (2**256, 1), (1, 1)])
def test_a_number_that_is_none_is_handed_on_for_the_verifier_to_refuse(r: int, s: int) -> None:
    wrong = replace(made(), signature=encode_dss_signature(r, s))
    found = verify(DATA, assemble(wrong, HELD.public, PURPOSE), PURPOSE)
    assert (found.valid, found.origin) == (False, None)


def test_the_origin_is_the_one_that_the_browser_wrote() -> None:
    client_data = json.dumps({"challenge": base64.b64encode(b"x").decode(), "origin": ORIGIN}).encode()
    assert origin_of(client_data) == ORIGIN.encode()
