"""The strict reading of a signature: forged piece by piece, each piece out of place refused with its reason."""

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from twokey.signers.checks import ORDERS
from twokey.signers.keys import LOW_ORDER, PublicKey, read_key, read_key_line
from twokey.signers.sshsig import verify
from twokey.signers.wire import FOOTER, HEADER, MAX_ARMOR_BYTES, MalformedError, Wire, armor, string, unarmor

PURPOSE = "twokey-decision-v1"
DATA = b'{"decision": "approve"}\n'
ED = Ed25519PrivateKey.from_private_bytes(b"a key for tests, of 32 bytes: ok")
EC = ec.derive_private_key(987654321987654321, ec.SECP256R1())
ED_RAW = ED.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
ED_BLOB = string(b"ssh-ed25519") + string(ED_RAW)
SK = b"sk-ssh-ed25519@openssh.com"
SK_BLOB = string(SK) + string(ED_RAW) + string(b"ssh:")


def number(value: int) -> bytes:
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big"))


def signed(
    purpose: bytes = PURPOSE.encode(), reserved: bytes = b"", name: bytes = b"sha512", data: bytes = DATA
) -> bytes:
    digest = hashlib.new(name.decode(), data).digest()
    return b"SSHSIG" + string(purpose) + string(reserved) + string(name) + string(digest)


def blob(
    key: bytes = ED_BLOB,
    signature: bytes | None = None,
    *,
    magic: bytes = b"SSHSIG",
    version: int = 1,
    purpose: bytes = PURPOSE.encode(),
    reserved: bytes = b"",
    name: bytes = b"sha512",
    tail: bytes = b"",
) -> bytes:
    inner = string(b"ssh-ed25519") + string(
        ED.sign(signed(purpose, reserved, name if name in (b"sha256", b"sha512") else b"sha512"))
    )
    parts = [
        string(key),
        string(purpose),
        string(reserved),
        string(name),
        string(inner if signature is None else signature),
    ]
    return magic + version.to_bytes(4, "big") + b"".join(parts) + tail


def refusal(data: bytes, armored: bytes) -> str:
    found = verify(data, armored, PURPOSE)
    assert not found.valid
    assert found.reason
    return found.reason


def test_the_forge_itself_makes_good_signatures() -> None:
    assert verify(DATA, armor(blob()), PURPOSE).valid
    assert verify(DATA, armor(blob(name=b"sha256")), PURPOSE).valid
    assert verify(DATA, armor(blob(), 76), PURPOSE).valid


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (blob(magic=b"SSHSIX"), "does not start with SSHSIG"),
        (blob(version=2), "version 2, not 1"),
        (blob(version=0), "version 0, not 1"),
        (blob(purpose=b"git"), "signed for the purpose 'git'"),
        (blob(purpose=PURPOSE.encode() + b"\0"), "signed for the purpose"),
        (blob(purpose=PURPOSE.upper().encode()), "signed for the purpose"),
        (blob(purpose=b""), "names no namespace"),
        (blob(reserved=b"x"), "reserved field has 1 bytes"),
        (blob(name=b"sha1"), "the hash 'sha1' is not accepted"),
        (blob(tail=b"\0"), "1 bytes too many at its end"),
        (blob(key=ED_BLOB + b"\0"), "the public key has 1 bytes too many"),
        (blob(key=string(b"ssh-ed25519") + string(ED_RAW[:31])), "an Ed25519 key has 32 bytes, not 31"),
        (blob(key=string(b"ssh-ed25519-cert-v01@openssh.com") + string(ED_RAW)), "certificates are not accepted"),
        (blob(key=string(b"ssh-dss")), "DSA keys are not accepted"),
        (blob(key=string(b"ssh-mldsa44-ed25519@openssh.com")), "'ssh-mldsa44-ed25519@openssh.com' is not accepted"),
        (blob(key=string(b"ssh-ed25519\0") + string(ED_RAW)), "is not accepted"),
        (blob(key=string(b"ssh-ed25519") + string(ED_RAW + b"\0")), "an Ed25519 key has 32 bytes, not 33"),
        (blob(key=string(b"\xff")), "type is not ASCII"),
        (blob(name=b"sha512\0"), "the hash 'sha512\\x00' is not accepted"),
        (blob(name=b"sha384"), "the hash 'sha384' is not accepted"),
        (blob(name=b""), "the hash '' is not accepted"),
        (
            blob(signature=string(b"ssh-ed25519-cert-v01@openssh.com") + string(b"\0" * 64)),
            "certificates are not accepted",
        ),
        (blob(signature=string(b"ssh-ed25519") + string(b"\0" * 63)), "has 64 bytes, not 63"),
        (blob(signature=string(b"ssh-ed25519") + string(b"\0" * 65)), "has 64 bytes, not 65"),
        (blob(signature=string(b"ssh-ed25519") + string(b"\0" * 64)), "does not match"),
        (
            blob(signature=string(b"ssh-ed25519") + string(ED.sign(signed())) + b"\0"),
            "the signature has 1 bytes too many",
        ),
        (blob(signature=string(b"ssh-rsa") + string(ED.sign(signed()))), "made as 'ssh-rsa' with a key of ssh-ed25519"),
        (blob(signature=string(b"ssh-ed25519") + string(ED.sign(DATA))), "does not match"),
        (blob()[:-1], "the signature blob is cut off: 83 bytes expected at "),
        (b"", "the signature blob is cut off: 6 bytes expected at 0, 0 there"),
    ],
)
def test_a_signature_that_is_not_strictly_one_is_refused(made: bytes, reason: str) -> None:
    assert reason in refusal(DATA, armor(made))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda good: b" " + good, "does not start"),
        (lambda good: b"\xef\xbb\xbf" + good, "characters outside ASCII"),
        (lambda good: good.replace(b"\n", "\u2028".encode()), "characters outside ASCII"),
        (lambda good: good.replace(b"\n", b"\n\xe2\x80\xa8", 1), "characters outside ASCII"),
        (lambda good: good.replace(b"\n", b"\x0b", 1), "does not start"),
        (lambda good: b"-----BEGIN CERTIFICATE-----\n" + good, "does not start"),
        (lambda good: good.replace(b"\n", b"\r"), "carriage returns"),
        (lambda good: good + b"\n", "does not end"),
        (lambda good: good + b"and more", "does not end"),
        (lambda good: good[:-1], "does not end"),
        (lambda good: good.replace(b"\n", b"\r\n"), "carriage returns"),
        (lambda good: good + good, "base64 cannot be decoded"),
        (lambda good: good.replace(b"\n", b"\n\n", 2), "not canonical"),
        (lambda good: good.replace(b"\n", b"\n ", 1), "base64 cannot be decoded"),
        (lambda good: armor(unarmor(good), 64), "not canonical"),
        (lambda good: armor(unarmor(good), 10_000), "not canonical"),
        (lambda _: (HEADER + FOOTER).encode(), "is cut off"),
        (lambda good: HEADER.encode() + good[len(HEADER) + 5 : -len(FOOTER) - 1] + FOOTER.encode(), "does not end"),
        (lambda good: good + b"\n" * 20_000, "more than the 16,384 allowed"),
        (lambda good: good.replace(b"SSH SIGNATURE", b"PGP SIGNATURE"), "does not start"),
    ],
)
def test_armor_is_read_in_one_way_only(change: Callable[[bytes], bytes], reason: str) -> None:
    assert reason in refusal(DATA, change(armor(blob())))


def test_base64_with_hidden_bits_is_not_canonical() -> None:
    good = armor(blob(key=ED_BLOB, name=b"sha256"))
    body = good[len(HEADER) : -len(FOOTER)]
    assert body.endswith(b"=\n"), "the case needs padding"
    last = body.rstrip(b"=\n")[-1:]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    hidden = alphabet[alphabet.index(last) + 1 : alphabet.index(last) + 2]
    stem = body.rstrip(b"=\n")[:-1]
    armored = HEADER.encode() + stem + hidden + body[len(stem) + 1 :] + FOOTER.encode()
    assert "not canonical" in refusal(DATA, armored)


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_one_flipped_bit_anywhere_in_a_signature_is_noticed(flip: int) -> None:
    good = armor(blob())
    for at in range(len(good)):
        assert not verify(DATA, good[:at] + bytes([good[at] ^ flip]) + good[at + 1 :], PURPOSE).valid


@given(st.integers(0, len(armor(blob())) - 1), st.integers(1, 255))
def test_any_flipped_byte_of_a_signature_is_noticed(at: int, flip: int) -> None:
    good = bytearray(armor(blob()))
    good[at] ^= flip
    assert not verify(DATA, bytes(good), PURPOSE).valid


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_any_flipped_byte_of_what_was_signed_is_noticed(at: int, flip: int) -> None:
    data = bytearray(DATA)
    data[at] ^= flip
    assert not verify(bytes(data), armor(blob()), PURPOSE).valid


@given(st.binary(max_size=300))
def test_no_bytes_raise(noise: bytes) -> None:
    assert not verify(DATA, noise, PURPOSE).valid
    assert not verify(DATA, armor(noise), PURPOSE).valid
    assert not verify(DATA, armor(b"SSHSIG\0\0\0\1" + noise), PURPOSE).valid


def sk_blob(flags: int, counter: int = 7, signed_flags: int | None = None, application: bytes = b"ssh:") -> bytes:
    seen = bytes([flags if signed_flags is None else signed_flags]) + counter.to_bytes(4, "big")
    message = hashlib.sha256(application).digest() + seen + hashlib.sha256(signed()).digest()
    inner = string(SK) + string(ED.sign(message)) + bytes([flags]) + counter.to_bytes(4, "big")
    return blob(SK_BLOB, inner)


def test_a_security_key_must_have_been_touched() -> None:
    assert verify(DATA, armor(sk_blob(0x01)), PURPOSE).valid
    assert verify(DATA, armor(sk_blob(0x05)), PURPOSE).valid
    assert "nobody was present" in refusal(DATA, armor(sk_blob(0x00)))
    assert "nobody was present" in refusal(DATA, armor(sk_blob(0x04)))
    assert "does not match" in refusal(DATA, armor(sk_blob(0x01, signed_flags=0x00)))
    assert "does not match" in refusal(DATA, armor(sk_blob(0x01, application=b"other:")))


L = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize("times", [1, 2, 7, 15])
def test_an_ed25519_signature_is_written_in_one_way(times: int) -> None:
    raw = ED.sign(signed())
    second = int.from_bytes(raw[32:], "little") + times * L
    again = raw[:32] + second.to_bytes(32, "little")
    made = armor(blob(signature=string(b"ssh-ed25519") + string(again)))
    assert "second half is out of range" in refusal(DATA, made)


def test_the_largest_second_half_of_an_ed25519_signature_is_one_below_the_order() -> None:
    for second, reason in ((L, "out of range"), (L - 1, "does not match")):
        raw = ED.sign(signed())[:32] + second.to_bytes(32, "little")
        assert reason in refusal(DATA, armor(blob(signature=string(b"ssh-ed25519") + string(raw))))


@pytest.mark.parametrize("y", range(2, 19))
def test_an_ed25519_key_is_written_in_one_way(y: int) -> None:
    for sign in (0, 1 << 255):
        with pytest.raises(MalformedError, match="written in a second way"):
            read_key(string(b"ssh-ed25519") + string((2**255 - 19 + y | sign).to_bytes(32, "little")))


def ec_blob(
    r_s: tuple[int, int], key: bytes | None = None, wrap: Callable[[int], bytes] = number, tail: bytes = b""
) -> bytes:
    point = EC.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    ours = string(b"ecdsa-sha2-nistp256") + string(b"nistp256") + string(point)
    inner = string(b"ecdsa-sha2-nistp256") + string(wrap(r_s[0]) + wrap(r_s[1]) + tail)
    return blob(key or ours, inner)


def test_numbers_of_an_ecdsa_signature_are_written_in_one_way() -> None:
    r, s = decode_dss_signature(EC.sign(signed(), ec.ECDSA(hashes.SHA256())))

    def shortest(value: int) -> bytes:
        return string(value.to_bytes((value.bit_length() + 8) // 8, "big"))

    assert verify(DATA, armor(ec_blob((r, s), wrap=shortest)), PURPOSE).valid
    longer = armor(ec_blob((r, s), wrap=shortest, tail=b"\0"))
    assert "the ECDSA signature has 1 bytes too many" in refusal(DATA, longer)
    padded = "zero or padded"
    assert padded in refusal(DATA, armor(ec_blob((r, s), wrap=lambda v: string(b"\0\0" + v.to_bytes(32, "big")))))
    assert padded in refusal(DATA, armor(ec_blob((r, s), wrap=lambda _: string(b"\0"))))
    assert "not positive" in refusal(DATA, armor(ec_blob((r, s), wrap=lambda _: string(b"\xff"))))
    assert "not positive" in refusal(DATA, armor(ec_blob((r, s), wrap=lambda _: string(b""))))


CURVES: list[tuple[bytes, ec.EllipticCurve, hashes.HashAlgorithm]] = [
    (b"nistp256", ec.SECP256R1(), hashes.SHA256()),
    (b"nistp384", ec.SECP384R1(), hashes.SHA384()),
    (b"nistp521", ec.SECP521R1(), hashes.SHA512()),
]


@pytest.mark.parametrize(("curve", "group", "digest"), CURVES)
def test_numbers_of_an_ecdsa_signature_stay_below_the_order(
    curve: bytes, group: ec.EllipticCurve, digest: hashes.HashAlgorithm
) -> None:
    private = ec.derive_private_key(987654321987654321, group)
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    named = b"ecdsa-sha2-" + curve
    key, order = string(named) + string(curve) + string(point), ORDERS[curve.decode()]

    def made(r: int, s: int) -> bytes:
        return armor(blob(key, string(named) + string(number(r) + number(s))))

    r, s = decode_dss_signature(private.sign(signed(), ec.ECDSA(digest)))
    assert verify(DATA, made(r, s), PURPOSE).valid
    assert verify(DATA, made(r, order - s), PURPOSE).valid, "the curve's own order"
    for pair in ((r + order, s), (r, s + order), (order, s), (r, order)):
        assert f"out of range for {curve.decode()}" in refusal(DATA, made(*pair))
    for pair in ((order - 1, s), (r, order - 1), (1, 1)):
        assert "does not match" in refusal(DATA, made(*pair))


@pytest.mark.parametrize(("curve", "group", "_"), CURVES)
def test_a_point_with_a_short_coordinate_is_no_key(curve: bytes, group: ec.EllipticCurve, _: object) -> None:
    def key(least: int) -> PublicKey:
        """A key at the first point of the curve whose x is not below `least`; cryptography knows which has a y."""
        for x in range(least, least + 100):
            packed = b"\2" + x.to_bytes((group.key_size + 7) // 8, "big")
            try:
                point = ec.EllipticCurvePublicKey.from_encoded_point(group, packed)
            except ValueError:
                continue
            raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            return read_key(string(b"ecdsa-sha2-" + curve) + string(curve) + string(raw))
        raise AssertionError("no point")

    half = group.key_size // 2
    for short in (1, 2 ** (half - 1), 2**half - 100):
        with pytest.raises(MalformedError, match=f"coordinate too short for {curve.decode()}"):
            key(short)
    assert key(2**half).curve == curve.decode()
    assert key(2 ** (group.key_size - 8)).curve == curve.decode()


@pytest.mark.parametrize(
    ("curve", "point", "reason"),
    [
        (b"nistp384", b"\4" + b"\1" * 64, "do not agree"),
        (b"nistp256", b"\4" + b"\1" * 64, "not on nistp256"),
        (b"nistp256", b"\2" + b"\1" * 32, "not an uncompressed one"),
        (b"nistp256", b"\0", "not an uncompressed one"),
        (b"nistp256", b"\6" + b"\1" * 64, "not an uncompressed one"),
        (b"nistp256", b"\4" + b"\1" * 63, "not an uncompressed one"),
    ],
)
def test_an_ecdsa_key_is_an_uncompressed_point_on_its_curve(curve: bytes, point: bytes, reason: str) -> None:
    key = string(b"ecdsa-sha2-nistp256") + string(curve) + string(point)
    assert reason in refusal(DATA, armor(ec_blob((1, 1), key)))


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 3072)


def rsa_blob(key: rsa.RSAPrivateKey, named: bytes, hash_: hashes.HashAlgorithm, cut: int = 0) -> bytes:
    numbers = key.public_key().public_numbers()
    inner = string(named) + string(b"\0" * -cut + key.sign(signed(), PKCS1v15(), hash_)[max(cut, 0) :])
    return blob(string(b"ssh-rsa") + number(numbers.e) + number(numbers.n), inner)


def test_rsa_signs_with_sha_2_in_the_full_length_of_the_key(rsa_key: rsa.RSAPrivateKey) -> None:
    assert verify(DATA, armor(rsa_blob(rsa_key, b"rsa-sha2-512", hashes.SHA512())), PURPOSE).valid
    assert verify(DATA, armor(rsa_blob(rsa_key, b"rsa-sha2-256", hashes.SHA256())), PURPOSE).valid
    assert "does not match" in refusal(DATA, armor(rsa_blob(rsa_key, b"rsa-sha2-256", hashes.SHA512())))
    sha1 = hashes.SHA1()  # noqa: S303 what must be refused
    made = armor(rsa_blob(rsa_key, b"ssh-rsa", sha1))
    assert refusal(DATA, made) == "the RSA signature was made with SHA-1: rsa-sha2-256 or rsa-sha2-512 expected"
    long, short = (armor(rsa_blob(rsa_key, b"rsa-sha2-512", hashes.SHA512(), cut=cut)) for cut in (-1, 1))
    assert refusal(DATA, long) == "the RSA signature has 385 bytes, the key 384"
    assert refusal(DATA, short) == "the RSA signature has 383 bytes, the key 384"
    other = armor(rsa_blob(rsa_key, b"rsa-sha2-384", hashes.SHA384()))
    assert refusal(DATA, other) == "RSA signs with rsa-sha2-256 or rsa-sha2-512, not 'rsa-sha2-384'"


@pytest.mark.parametrize(
    ("e", "bits", "less", "reason"),
    [
        (65537, 3071, 1, "an RSA key of 3071 bits"),
        (65537, 16385, 1, "an RSA key of 16385 bits"),
        (65536, 3072, 1, "exponent or modulus"),
        (1, 3072, 1, "exponent or modulus"),
        (2**65 + 1, 3072, 1, "exponent or modulus"),
        (65537, 3072, 2, "exponent or modulus"),
    ],
)
def test_an_rsa_key_has_3072_bits_and_a_usual_exponent(e: int, bits: int, less: int, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        read_key(string(b"ssh-rsa") + number(e) + number(2**bits - less))


def test_rsa_keys_of_the_smallest_and_largest_size_are_read() -> None:
    for bits in (3072, 16384):
        assert read_key(string(b"ssh-rsa") + number(65537) + number(2**bits - 1)).numbers is not None
    for e in (3, 2**64 - 1):
        assert read_key(string(b"ssh-rsa") + number(e) + number(2**3072 - 1)).numbers == (e, 2**3072 - 1)


def test_under_an_ed25519_key_of_low_order_anybody_could_sign() -> None:
    prime = 2**255 - 19
    d = -121665 * pow(121666, -1, prime) % prime
    for y in LOW_ORDER:
        x2 = (y * y - 1) * pow(d * y * y + 1, -1, prime) % prime
        root = pow(x2, (prime + 3) // 8, prime)
        x = root if (root * root - x2) % prime == 0 else root * pow(2, (prime - 1) // 4, prime) % prime
        assert (x * x - x2) % prime == 0, "a point of the curve"
        point = (x, y % prime)
        for _ in range(3):  # eight times the point is the neutral element: its order divides 8
            (px, py), k = point, d * point[0] ** 2 * point[1] ** 2 % prime
            point = (2 * px * py * pow(1 + k, -1, prime) % prime, (py * py + px * px) * pow(1 - k, -1, prime) % prime)
        assert point == (0, 1)
        for sign in (0, 1 << 255):
            with pytest.raises(MalformedError, match="low order"):
                read_key(string(b"ssh-ed25519") + string((y | sign).to_bytes(32, "little")))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ssh-ed25519", "one line"),
        ("", "one line"),
        ("ssh-ed25519 AAAA\nssh-ed25519 AAAA", "one line"),
        ("ssh-ed25519 AAAA\u2028", "one line"),
        ("cert-authority ssh-ed25519 AAAA", "a key of type 'cert-authority' is not accepted"),
        ('namespaces="git" ssh-ed25519 AAAA', "is not accepted"),
        ("ssh-ed25519 ****", "base64 cannot be decoded"),
        ("ssh-ed25519 \u00e4\u00e4\u00e4\u00e4", "base64 cannot be decoded"),
        ("ssh-ed25519  AAAA", "is cut off"),
        (read_key(ED_BLOB).line.replace(" ", "  "), "the public key is cut off"),
        (
            read_key(SK_BLOB).line.replace("sk-ssh-ed25519@openssh.com", "ssh-ed25519"),
            "the key inside is sk-ssh-ed25519",
        ),
        ("webauthn-sk-ecdsa-sha2-nistp256@openssh.com AAAA", "is a kind of signature"),
        ("ssh-dss AAAA", "DSA keys are not accepted"),
    ],
)
def test_a_line_that_is_no_key_says_why(line: str, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        read_key_line(line)


def test_a_key_line_may_carry_a_comment_and_comes_back_without() -> None:
    key = read_key(ED_BLOB)
    assert read_key_line(f"{key.line} ann@example.com at home") == key
    assert key.fingerprint.startswith("SHA256:")
    assert len(key.fingerprint) == len("SHA256:") + 43


@given(st.integers(1, 2**600))
def test_a_number_reads_back_and_only_in_its_shortest_form(value: int) -> None:
    shortest = value.to_bytes(value.bit_length() // 8 + 1, "big")
    assert Wire(string(shortest), "x").number() == value
    with pytest.raises(MalformedError):
        Wire(string(b"\0" + shortest), "x").number()


@given(st.binary(min_size=1, max_size=400), st.sampled_from([70, 76]))
def test_armor_reads_back(data: bytes, length: int) -> None:
    assert unarmor(armor(data, length)) == data


def test_a_refused_signature_names_its_key_where_it_has_one() -> None:
    line = read_key(ED_BLOB).line
    assert verify(DATA, armor(blob()), "git").key == line
    assert verify(DATA + b" ", armor(blob()), PURPOSE).key == line
    assert verify(DATA, b"", PURPOSE).key is None


def test_the_largest_signature_file_is_read() -> None:
    room = MAX_ARMOR_BYTES - len(HEADER) - len(FOOTER) - 1
    fits, over = ((HEADER + "A" * length + "\n" + FOOTER).encode() for length in (room, room + 1))
    assert len(fits) == MAX_ARMOR_BYTES
    assert refusal(DATA, over) == "the signature file has 16,385 bytes, more than the 16,384 allowed"
    assert "allowed" not in refusal(DATA, fits)


def test_armor_of_other_widths_is_told_what_is_expected() -> None:
    expected = "the signature's armor is not canonical: base64 in lines of 70 or 76 characters, no more"
    assert refusal(DATA, armor(blob(), 64)) == expected
