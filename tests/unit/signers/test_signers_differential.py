"""Our verifier against the real ssh-keygen, on signatures bent at random: never do we accept what it refuses.

Signatures are bent after they were made (armor, blob, fields), and forged whole around odd fields with real keys, so
that the mathematics is right and only the rules of form decide. DEEP_EXAMPLES in the environment sets how many are
tried of each; a few are tried otherwise.
"""

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from authenticator import ORDER, Authenticator, Browser, number
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twokey.signers.keygen import AGREES, crosscheck
from twokey.signers.ssh import SshSigner
from twokey.signers.sshsig import verify
from twokey.signers.wire import FOOTER, HEADER, Wire, armor, string, unarmor

PURPOSE = "twokey-decision-v1"
DATA = b'{"decision": "approve"}\n'
EXAMPLES = int(os.environ.get("DEEP_EXAMPLES", "0")) or 150
DEEP = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIELDS = ("key", "namespace", "reserved", "hash", "signature")


def agree(ssh_keygen: str, data: bytes, armored: bytes, namespace: str = PURPOSE) -> bool:
    """Judge; where we accept, so must ssh-keygen. Returns whether we did."""
    mine = verify(data, armored, namespace)
    if mine.valid:
        checked = crosscheck(Path(ssh_keygen), data, armored, namespace, mine)
        assert (checked.valid, checked.crosscheck) == (True, AGREES), checked.reason
    return mine.valid


# --- signatures that were good once -----------------------------------------------------------------------------------

MADE = ["ed25519", "ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "rsa-3072", "rsa-2048", "touched", "browser"]
_SIGNED: dict[str, bytes] = {}


def good(keys: Mapping[str, Path], kind: str) -> bytes:
    if kind not in _SIGNED:
        match kind:
            case "touched":
                _SIGNED[kind] = Authenticator(application=b"ssh:").touched(DATA)
            case "browser":
                _SIGNED[kind] = Browser().sign(DATA, Authenticator())
            case "rsa-2048":
                _SIGNED[kind] = forge("rsa", bits=2048)
            case _:
                _SIGNED[kind] = SshSigner().sign(DATA, PURPOSE, str(keys[kind]))
    return _SIGNED[kind]


def bent(data: bytes, how: str, at: int, piece: bytes) -> bytes:
    """One change at a place: a bit or a byte flipped, a piece put in, taken out, doubled or put over; or cut there."""
    at %= len(data) + 1
    match how:
        case "bit" if at < len(data):
            return data[:at] + bytes([data[at] ^ (1 << (piece[0] & 7))]) + data[at + 1 :]
        case "byte" if at < len(data):
            return data[:at] + bytes([data[at] ^ (piece[0] or 1)]) + data[at + 1 :]
        case "in":
            return data[:at] + piece + data[at:]
        case "out":
            return data[:at] + data[at + len(piece) :]
        case "over":
            return data[:at] + piece + data[at + len(piece) :]
        case "twice":
            return data[:at] + data[at - len(piece) : at] + data[at:]
        case "cut":
            return data[:at]
    return data


PIECES = st.one_of(
    st.binary(min_size=1, max_size=4),
    st.sampled_from([b"\r", b"\n", b"\r\n", b" ", b"\t", b"=", b"\0", b"\xe2\x80\xa8", b"\x0b", b"#", b"AAAA"]),
    st.sampled_from([HEADER.encode(), FOOTER.encode(), b"\n" + FOOTER.encode(), b"\0\0\0\0", b"\xff\xff\xff\xff"]),
)
BENDS = st.lists(
    st.tuples(
        st.sampled_from(["armor", "blob", *FIELDS]),
        st.sampled_from(["bit", "byte", "in", "out", "over", "twice", "cut"]),
        st.integers(0, 2000),
        PIECES,
    ),
    max_size=2,
)


def bend(good_one: bytes, bends: Sequence[tuple[str, str, int, bytes]], width: int, malleate: bool) -> bytes:
    """Apply changes to fields, then to the blob, then to the armor."""
    blob = unarmor(good_one)
    wire = Wire(blob[10:], "x")
    fields = {name: wire.string() for name in FIELDS}
    if malleate:
        fields["signature"] = malleated(fields["signature"])
    for layer, *change in bends:
        if layer in fields:
            fields[layer] = bent(fields[layer], *change)  # type: ignore[arg-type]
    blob = blob[:10] + b"".join(map(string, fields.values()))
    for layer, *change in bends:
        if layer == "blob":
            blob = bent(blob, *change)  # type: ignore[arg-type]
    armored = armor(blob, width)
    for layer, *change in bends:
        if layer == "armor":
            armored = bent(armored, *change)  # type: ignore[arg-type]
    return armored


ORDERS = {b"p256": ORDER, b"p384": 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D}


def malleated(signature: bytes) -> bytes:
    """The same ECDSA signature with n - s for s: as good as the first, in other bytes. Others stay as they are."""
    wire = Wire(signature, "x")
    named = wire.string()
    order = ORDERS.get(named.removesuffix(b"@openssh.com")[-4:])
    if order is None:
        return signature
    inner = Wire(wire.string(), "x")
    r, s = inner.number(), order - inner.number()
    return string(named) + string(number(r) + number(s)) + wire.data[wire.at :]


@DEEP
@given(
    kind=st.sampled_from(MADE),
    bends=BENDS,
    width=st.sampled_from([70, 70, 70, 76, 64, 1000]),
    malleate=st.booleans(),
    namespace=st.sampled_from([PURPOSE, PURPOSE, PURPOSE, "git", PURPOSE + ".", PURPOSE[:-1]]),
    data=st.sampled_from([DATA, DATA, DATA, DATA[:-1], DATA.replace(b"\n", b"\r\n"), b""]),
)
def test_never_do_we_accept_a_bent_signature_that_ssh_keygen_refuses(
    keys: Mapping[str, Path],
    ssh_keygen: str,
    kind: str,
    bends: list[tuple[str, str, int, bytes]],
    width: int,
    malleate: bool,
    namespace: str,
    data: bytes,
) -> None:
    armored = bend(good(keys, kind), bends, width, malleate)
    accepted = agree(ssh_keygen, data, armored, namespace)
    if not bends:
        right = (data, namespace) == (DATA, PURPOSE) and width in (70, 76) and kind != "rsa-2048"
        assert accepted == right
    elif armored != bend(good(keys, kind), [], 70, False) and not malleate and width == 70:
        assert not accepted, "any change is noticed"


# --- signatures forged whole, by real keys ----------------------------------------------------------------------------

PLAIN = ["ed25519", "nistp256", "nistp384", "nistp521", "rsa", "sk-ed25519"]
GROUPS: Mapping[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "nistp256": (ec.SECP256R1(), hashes.SHA256()),
    "nistp384": (ec.SECP384R1(), hashes.SHA384()),
    "nistp521": (ec.SECP521R1(), hashes.SHA512()),
}


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def forge(
    kind: str,
    *,
    secret: int = 1,
    version: int = 1,
    namespace: bytes = PURPOSE.encode(),
    reserved: bytes = b"",
    signs_reserved: bool = False,
    hash_name: bytes = b"sha512",
    named: bytes | None = None,
    key_named: bytes | None = None,
    application: bytes = b"ssh:",
    flags: int = 1,
    bits: int = 3072,
    rsa_hash: hashes.HashAlgorithm | None = None,
    pad: bytes = b"",
    tails: tuple[bytes, bytes, bytes] = (b"", b"", b""),
) -> bytes:
    """An armored signature by a real key of that kind over DATA, with what is odd about it signed as it stands."""
    digest = hashlib.new(hash_name.rstrip(b"\0").decode() if hash_name.strip(b"\0") in HASHES else "sha512", DATA)
    to_sign = b"SSHSIG" + string(namespace) + string(reserved if signs_reserved else b"")
    to_sign += string(hash_name) + string(digest.digest())
    end = b""
    if kind.startswith("sk-"):
        end = bytes([flags]) + b"\0\0\0\7"
        to_sign = hashlib.sha256(application).digest() + end + hashlib.sha256(to_sign).digest()
    if kind in GROUPS:
        group, digester = GROUPS[kind]
        private = ec.derive_private_key(secret + 2**200, group)
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        name = b"ecdsa-sha2-" + kind.encode()
        body = string(kind.encode()) + string(point)
        r, s = decode_dss_signature(private.sign(to_sign, ec.ECDSA(digester)))
        made = string(b"".join(string(pad + Wire(number(n), "x").string()) for n in (r, s)) + tails[2])
    elif kind == "rsa":
        numbers = rsa_key(bits).public_key().public_numbers()
        name, body = b"ssh-rsa", number(numbers.e) + number(numbers.n)
        made = string(pad + rsa_key(bits).sign(to_sign, padding.PKCS1v15(), rsa_hash or hashes.SHA512()))
    else:
        ed = Ed25519PrivateKey.from_private_bytes(secret.to_bytes(32, "big"))
        name, body = b"ssh-ed25519", string(ed.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        made = string(ed.sign(to_sign) + pad)
    if kind.startswith("sk-"):
        name, body = b"sk-ssh-ed25519@openssh.com", body + string(application)
    algorithm = b"rsa-sha2-512" if kind == "rsa" else name
    key = string(name if key_named is None else key_named) + body + tails[0]
    inner = string(algorithm if named is None else named) + made + end + tails[1]
    front = b"SSHSIG" + version.to_bytes(4, "big") + string(key) + string(namespace) + string(reserved)
    return armor(front + string(hash_name) + string(inner))


HASHES = (b"sha512", b"sha256", b"sha1", b"sha384", b"md5")
ODD: dict[str, st.SearchStrategy[object]] = {
    "secret": st.integers(1, 2**250),
    "version": st.sampled_from([0, 1, 2, 2**32 - 1]),
    "namespace": st.sampled_from([b"", b"git", PURPOSE.encode() + b"\0", PURPOSE.upper().encode(), b"*"]),
    "reserved": st.binary(max_size=4),
    "signs_reserved": st.booleans(),
    "hash_name": st.sampled_from([*HASHES, b"sha512\0", b"sha256\0", b"SHA512", b""]),
    "named": st.sampled_from([b"rsa-sha2-256", b"rsa-sha2-512", b"ssh-rsa", b"ssh-ed25519", b"ssh-ed25519\0", b""]),
    "key_named": st.sampled_from([b"ssh-ed25519\0", b"ssh-dss", b"rsa-sha2-512", b"ssh-ed25519-cert-v01@openssh.com"]),
    "application": st.sampled_from([b"ssh:", b"ssh:x", b"ssh:\0", b"ssh:\0x", b"", b"example.com", b"ssh:\xff"]),
    "flags": st.integers(0, 255),
    "bits": st.sampled_from([2048, 3072]),
    "rsa_hash": st.sampled_from([hashes.SHA1(), hashes.SHA256(), hashes.SHA512()]),  # noqa: S303  what is refused
    "pad": st.sampled_from([b"", b"\0", b"\0\0", b"\xff"]),
    "tails": st.tuples(*[st.sampled_from([b"", b"", b"\0", b"\0\0\0\0"])] * 3),
}


@st.composite
def oddities(draw: st.DrawFn) -> dict[str, object]:
    """Up to three things that are odd about a signature."""
    names = draw(st.lists(st.sampled_from(sorted(ODD)), unique=True, max_size=3))
    return {name: draw(ODD[name]) for name in names}


@DEEP
@given(kind=st.sampled_from(PLAIN), odd=oddities())
def test_never_do_we_accept_a_forged_signature_that_ssh_keygen_refuses(
    ssh_keygen: str, kind: str, odd: dict[str, object]
) -> None:
    accepted = agree(ssh_keygen, DATA, forge(kind, **odd))  # type: ignore[arg-type]
    if set(odd) <= {"secret"}:
        assert accepted


CLIENTS = st.builds(
    Browser,
    origin=st.one_of(st.just("https://review.example.com"), st.text(max_size=6)),
    claimed=st.one_of(
        st.none(), st.sampled_from([b"", b"https://review.example.com", b"https://review.example.com\0"])
    ),
    challenge=st.one_of(st.none(), st.binary(min_size=1, max_size=4)),
    kind=st.sampled_from(["webauthn.get", "webauthn.create"]),
    members=st.lists(
        st.tuples(
            st.sampled_from(["crossOrigin", "topOrigin", "x", "type", "origin"]),
            st.one_of(st.booleans(), st.none(), st.text(max_size=3), st.integers(), st.lists(st.none(), max_size=2)),
        ),
        max_size=2,
    ).map(tuple),
    rewrite=st.one_of(
        st.just(bytes),
        st.tuples(st.sampled_from(["in", "out", "over", "twice"]), st.integers(0, 300), PIECES).map(
            lambda change: lambda text: bent(text, *change)
        ),
    ),
    trailing=st.sampled_from([b"", b"", b"", b"\0"]),
)
DEVICES = st.builds(
    Authenticator,
    application=st.sampled_from([b"example.com", b"ssh:", b"x"]),
    secret=st.integers(1, 2**250),
    flags=st.one_of(st.just(5), st.integers(0, 255)),
    counter=st.integers(0, 2**32 - 1),
    extensions=st.sampled_from([b"", b"", b"\xa0"]),
)


@DEEP
@given(browser=CLIENTS, device=DEVICES, low=st.sampled_from([None, True, False]))
def test_never_do_we_accept_a_browsers_signature_that_ssh_keygen_refuses(
    ssh_keygen: str, browser: Browser, device: Authenticator, low: bool | None
) -> None:
    agree(ssh_keygen, DATA, browser.sign(DATA, device, low_s=low))
    agree(ssh_keygen, DATA, device.touched(DATA))


def test_hidden_bits_and_gaps_in_base64_are_no_other_way_to_write_a_signature(ssh_keygen: str) -> None:
    good_one = forge("ed25519", hash_name=b"sha256")
    body = base64.b64encode(unarmor(good_one))
    for other in (body.rstrip(b"="), body + b"=", body.replace(b"/", b"_"), body[:-3] + b"B=="):
        if other != body:
            assert not agree(ssh_keygen, DATA, HEADER.encode() + other + b"\n" + FOOTER.encode())
