"""Security keys by touch and through a browser: a software authenticator signs well, and wrong in one way at a time."""

import base64
import shutil
from pathlib import Path
from typing import Any

import pytest
from authenticator import AT, BE, BS, ED, ORDER, UP, UV, Authenticator, Browser, number, signed_part
from hypothesis import given
from hypothesis import strategies as st

from twokey.signers.base import Signature
from twokey.signers.keygen import AGREES
from twokey.signers.keys import read_key, read_key_line
from twokey.signers.security_key import WEBAUTHN
from twokey.signers.ssh import SshSigner
from twokey.signers.sshsig import verify
from twokey.signers.wire import MalformedError, armor, string, unarmor

PURPOSE = "twokey-decision-v1"
DATA = b'{"decision": "approve"}\n'
ORIGIN = "https://review.example.com"
WEB, STICK = Authenticator(), Authenticator(application=b"ssh:", flags=UP)


def refusal(armored: bytes) -> str:
    found = verify(DATA, armored, PURPOSE)
    assert not found.valid
    assert found.origin is None
    assert found.reason
    return found.reason


def test_a_browser_with_a_verified_user_signs_and_the_origin_is_told() -> None:
    found = verify(DATA, Browser().sign(DATA, WEB), PURPOSE)
    assert found == Signature(valid=True, key=WEB.public.line, origin=ORIGIN)


def test_ssh_keygen_takes_the_software_authenticator_for_a_real_one() -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    for armored, origin in ((Browser().sign(DATA, WEB), ORIGIN), (STICK.touched(DATA), None)):
        found = SshSigner().verify(DATA, armored, PURPOSE)
        assert (found.valid, found.crosscheck, found.origin) == (True, AGREES, origin)


@pytest.mark.parametrize("flags", [UP | UV, UP | UV | BE, UP | UV | BE | BS])
def test_a_passkey_that_is_backed_up_signs_too(flags: int) -> None:
    assert verify(DATA, Browser().sign(DATA, Authenticator(flags=flags)), PURPOSE).valid


@pytest.mark.parametrize(
    "members",
    [
        (),
        (("crossOrigin", False),),
        (("crossOrigin", False), ("other_keys_can_be_added_here", "do not compare clientDataJSON against a template")),
        (("crossOrigin", False), ("tokenBinding", {"status": "supported"})),
    ],
)
def test_members_that_browsers_add_do_no_harm(members: tuple[tuple[str, Any], ...]) -> None:
    assert verify(DATA, Browser(members=members).sign(DATA, WEB), PURPOSE).origin == ORIGIN


@pytest.mark.parametrize("low", [True, False])
def test_both_forms_of_an_ecdsa_signature_are_the_same_word(low: bool) -> None:
    assert verify(DATA, Browser().sign(DATA, WEB, low_s=low), PURPOSE).key == WEB.public.line


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (0, "nobody was present"),
        (UV, "nobody was present"),
        (UP, "did not verify its user"),
        (UP | BE | BS, "did not verify its user"),
        (UP | UV | BS, "backed up and cannot be"),
        (UP | UV | AT, "flags that have no place in a signature: 0x40"),
        (UP | UV | 0x02, "flags that have no place in a signature: 0x02"),
        (UP | UV | 0x20, "flags that have no place in a signature: 0x20"),
        (UP | UV | ED, "carries extensions; none are accepted"),
    ],
)
def test_flags_of_a_browsers_signature(flags: int, reason: str) -> None:
    assert reason in refusal(Browser().sign(DATA, Authenticator(flags=flags)))


@pytest.mark.parametrize("flags", [UP | UV, UP | UV | ED])
def test_extensions_are_refused_whatever_the_flags_say(flags: int) -> None:
    device = Authenticator(flags=flags, extensions=b"\xa1\x63abc\xf5")
    assert "carries extensions; none are accepted" in refusal(Browser().sign(DATA, device))


def twice(client_data: bytes, member: bytes) -> bytes:
    return client_data[:-1] + b"," + member + b"}"


@pytest.mark.parametrize(
    ("browser", "reason"),
    [
        (Browser(claimed=b"https://evil.example"), "names another origin than the signature, which says 'https://evil"),
        (Browser(members=(("crossOrigin", True),)), "framed by one of another origin"),
        (Browser(members=(("crossOrigin", 0),)), "framed by one of another origin"),
        (Browser(members=(("crossOrigin", None),)), "framed by one of another origin"),
        (Browser(members=(("crossOrigin", False), ("topOrigin", "https://evil.example"))), "names a top origin"),
        (Browser(members=(("topOrigin", None),)), "names a top origin"),
        (Browser(challenge=signed_part(DATA + b" ")), "challenge is not these bytes for this purpose"),
        (Browser(challenge=signed_part(DATA, "git")), "challenge is not these bytes for this purpose"),
        (Browser(challenge=DATA), "challenge is not these bytes for this purpose"),
        (Browser(kind="webauthn.create"), "not of type webauthn.get"),
        (Browser(kind="payment.get"), "not of type webauthn.get"),
        (
            Browser(rewrite=lambda c: twice(c, b'"origin":"https://review.example.com"')),
            "the key 'origin' appears twice",
        ),
        (Browser(rewrite=lambda c: twice(c, b'"crossOrigin":false')), "the key 'crossOrigin' appears twice"),
        (Browser(rewrite=lambda c: twice(c, b'"x":NaN')), "NaN is not a JSON number"),
        (Browser(rewrite=lambda c: twice(c, b'"x":' + b"[" * 9 + b"]" * 9)), "nested deeper than 4"),
        (Browser(rewrite=lambda c: twice(c, b'"x":"' + b"y" * 4096 + b'"')), "more than the 4,096 allowed"),
        (Browser(rewrite=lambda c: twice(c, b'"x":"\xff"')), "not UTF-8"),
        (Browser(rewrite=lambda c: c[:-1]), "cannot be read: not JSON"),
        (Browser(rewrite=lambda c: c + b"{}"), "cannot be read: not JSON"),
        (Browser(rewrite=lambda _: b"[]"), "not a JSON object"),
        (Browser(rewrite=lambda c: b" " + c), "not written as browsers write it"),
        (Browser(rewrite=lambda c: c.replace(b":", b": ", 1)), "not written as browsers write it"),
        (
            Browser(rewrite=lambda c: c.replace(b'"type":"webauthn.get",', b"")[:-1] + b',"type":"webauthn.get"}'),
            "not written",
        ),
        (Browser(rewrite=lambda c: c.replace(b"https://", b"https:\\/\\/")), "not written as browsers write it"),
        (Browser(origin="", rewrite=bytes), "origin is not one: ''"),
        (Browser(origin='https://a"b'), "origin is not one"),
        (Browser(origin="https://ex\u00e4mple.com"), "origin is not one"),
        (Browser(claimed=ORIGIN.encode() + b"\0"), "origin is not one"),
        (Browser(origin="https://" + "a" * 248), "origin is not one"),
        (Browser(trailing=b"\0"), "the signature has 1 bytes too many"),
        (Browser(algorithm=b"sk-ecdsa-sha2-nistp256@openssh.com"), "bytes too many at its end"),
        (
            Browser(algorithm=b"webauthn-sk-ssh-ed25519@openssh.com"),
            "made as 'webauthn-sk-ssh-ed25519@openssh.com' with",
        ),
        (Browser(algorithm=b"webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"), "certificates are not accepted"),
    ],
)
def test_a_browsers_signature_that_is_wrong_in_one_way_says_which(browser: Browser, reason: str) -> None:
    assert reason in refusal(browser.sign(DATA, WEB))


def test_the_longest_origin_is_read() -> None:
    origin = "https://" + "a" * 247
    assert verify(DATA, Browser(origin=origin).sign(DATA, WEB), PURPOSE).origin == origin


def test_only_the_padding_of_a_challenge_is_left_out() -> None:
    purpose = "twokey-decision-v10"  # of a length that needs no padding, so that any letter may come last
    said = (b"%d" % number for number in range(1000))
    data = next(data for data in said if base64.b64encode(signed_part(data, purpose)).endswith(b"X"))
    assert verify(data, Browser().sign(data, WEB, purpose), purpose).valid


def test_neither_kind_of_security_key_signs_the_others_way() -> None:
    assert "one of ssh-keygen: no web page can sign with it" in refusal(
        Browser().sign(DATA, Authenticator(application=b"ssh:"))
    )
    assert "one of web pages ('example.com'): it signs through a browser only" in refusal(WEB.touched(DATA))


@pytest.mark.parametrize("flags", [UP, UP | UV, UP | UV | BE | BS])
def test_touch_is_enough_for_a_key_of_ssh_keygen(flags: int) -> None:
    assert verify(DATA, Authenticator(application=b"ssh:team", flags=flags).touched(DATA), PURPOSE).valid


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (0, "nobody was present"),
        (UV, "nobody was present"),
        (UP | AT, "no place in a signature: 0x40"),
        (UP | ED, "no place in a signature: 0x80"),
        (UP | 0x22, "no place in a signature: 0x22"),
        (UP | BS, "backed up and cannot be"),
    ],
)
def test_flags_of_a_touched_key(flags: int, reason: str) -> None:
    assert reason in refusal(Authenticator(application=b"ssh:", flags=flags).touched(DATA))


@pytest.mark.parametrize("kind", ["browser", "touched"])
def test_one_flipped_bit_anywhere_in_a_security_keys_signature_is_noticed(kind: str) -> None:
    blob = unarmor(Browser().sign(DATA, WEB) if kind == "browser" else STICK.touched(DATA))
    assert verify(DATA, armor(blob), PURPOSE).valid
    for at in range(len(blob)):
        changed = armor(blob[:at] + bytes([blob[at] ^ (1 << at % 8)]) + blob[at + 1 :])
        assert not verify(DATA, changed, PURPOSE).valid, at


@given(st.binary(max_size=200))
def test_no_client_data_raises(noise: bytes) -> None:
    browser = Browser(rewrite=lambda _: noise)
    assert not verify(DATA, browser.sign(DATA, WEB), PURPOSE).valid


def test_a_plain_key_does_not_sign_as_a_browser() -> None:
    point = WEB.blob[4 + len("sk-ecdsa-sha2-nistp256@openssh.com") : -4 - len(WEB.application)]
    plain = string(b"ecdsa-sha2-nistp256") + point
    assert read_key(plain).application is None
    inner = (
        string(WEBAUTHN) + string(number(1) + number(1)) + b"\5\0\0\0\0" + string(b"o") + string(b"{}") + string(b"")
    )
    front = b"SSHSIG" + (1).to_bytes(4, "big") + string(plain) + string(PURPOSE.encode())
    assert "with a key of ecdsa-sha2-nistp256" in refusal(
        armor(front + string(b"") + string(b"sha512") + string(inner))
    )


@pytest.mark.parametrize(
    ("application", "reason"),
    [
        (b"", "names no application"),
        (b"ssh:\0", "not visible ASCII"),
        (b"ssh: ", "not visible ASCII"),
        (b"\x7f", "ASCII"),
    ],
)
def test_a_security_keys_application_is_read_in_one_way(application: bytes, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        _ = Authenticator(application=application).public


def test_a_security_keys_application_may_hold_any_visible_ascii() -> None:
    assert Authenticator(application=b"ssh:!~").public.application == b"ssh:!~"


def test_the_roster_names_the_key_not_the_kind_of_signature() -> None:
    with pytest.raises(MalformedError, match="a kind of signature, made by a key of sk-ecdsa-sha2-nistp256"):
        read_key_line(WEB.public.line.replace("sk-ecdsa", "webauthn-sk-ecdsa", 1))


def test_the_order_used_for_malleated_signatures_is_that_of_the_curve() -> None:
    assert WEB.private.curve.key_size == ORDER.bit_length()


def test_the_crosscheck_keeps_the_origin(tmp_path: Path) -> None:
    found = SshSigner(places=(str(tmp_path / "gone"),)).verify(DATA, Browser().sign(DATA, WEB), PURPOSE)
    assert (found.valid, found.origin) == (True, ORIGIN)
