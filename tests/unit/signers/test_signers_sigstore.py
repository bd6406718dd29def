"""Sigstore bundles, offline: those that others made, and those of a small instance of our own, hostile ones too."""

import json
import logging
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from sigstore_world import ANN, WHEN, Login, SigstoreWorld, b64, key, utf8_string

from twokey.decisions.people import identity_line
from twokey.errors import TwokeyError
from twokey.signers import SIGNERS, signers
from twokey.signers.base import Signature
from twokey.signers.sigstore import ALONE, MAX_BUNDLE_BYTES, MAX_ROOT_BYTES, NO_ROOT, SigstoreSigner

pytest.importorskip("sigstore", reason="the extra sigstore is not installed")

PURPOSE = "twokey-decision-v1"
DATA = b'{"predicateType": "urn:twokey:decision:v1"}\n'
ANNS_KEY = "sigstore https://accounts.example.com ann@example.com"
WORLD = SigstoreWorld()
ROOT = WORLD.trusted_root()
GOOD = WORLD.sign(DATA)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection fails the test."""

    def refuse(*_: object) -> None:
        pytest.fail("verifying asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def judge(bundle: bytes | dict[str, Any], data: bytes = DATA, root: bytes | None = ROOT) -> Signature:
    raw = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    return SigstoreSigner(trusted_root=root).verify(data, raw, PURPOSE)


def refused(found: Signature, reason: str) -> None:
    assert not found.valid
    assert found.key is None
    assert found.reason is not None
    assert found.reason.startswith(reason), found.reason


# Our own instance


def test_a_good_bundle_says_who_logged_in_where() -> None:
    assert judge(GOOD) == Signature(valid=True, key=ANNS_KEY, crosscheck=ALONE)


def test_a_workflow_is_named_by_its_uri() -> None:
    names = (x509.UniformResourceIdentifier("https://ci.example.com/org/x/.github/workflows/w.yml@refs/heads/main"),)
    found = judge(WORLD.sign(DATA, Login(names=names)))
    assert found.key == f"sigstore https://accounts.example.com {names[0].value}"


def test_the_signers_of_a_run_take_policys_root_and_those_without_policy_refuse() -> None:
    assert signers(ROOT)["sigstore"].verify(DATA, GOOD, PURPOSE).key == ANNS_KEY
    assert signers(ROOT)["ssh"] is SIGNERS["ssh"]
    refused(signers()["sigstore"].verify(DATA, GOOD, PURPOSE), NO_ROOT)
    refused(SIGNERS["sigstore"].verify(DATA, GOOD, PURPOSE), NO_ROOT)


@pytest.mark.parametrize("part", ["authority", "certificate_log", "log"])
def test_another_key_of_authority_or_log_is_refused(part: str) -> None:
    refused(judge(WORLD.other(**{part: key()}).sign(DATA)), "sigstore refuses the bundle: ")


@pytest.mark.parametrize(
    ("login", "reason"),
    [
        (Login(names=(ANN, x509.RFC822Name("bob@example.com"))), "the certificate names 2 identities"),
        (Login(names=(ANN, x509.UniformResourceIdentifier("https://x.example"))), "the certificate names 2 identities"),
        (
            Login(names=(x509.DNSName("ann.example.com"),)),
            "the certificate's identity is neither an e-mail",
        ),
        (Login(issuer=None), "the certificate names no issuer: extension 1.3.6.1.4.1.57264.1.8 is missing"),
        (Login(issuer=b"\x0c\x05https"), "the certificate names two different issuers"),
        (
            Login(issuer=b"https://accounts.example.com"),
            "the certificate's issuer, extension",
        ),
        (Login(issuer=utf8_string("https://a.example") + b"\x00"), "the certificate's issuer, extension"),
        (
            Login(issuer=utf8_string("https://a b.example"), older_issuer=None),
            "the certificate names 'https://a b",
        ),
        (
            Login(issuer=utf8_string("https://\u0430.example"), older_issuer=None),
            "the certificate names 'https://\\u",
        ),
        (Login(issuer=utf8_string(""), older_issuer=None), "the certificate names ''; "),
        (Login(names=(x509.RFC822Name("ann@example.com sigstore"),)), "the certificate names 'ann@"),
    ],
)
def test_a_certificate_names_exactly_one_identity_and_issuer(login: Login, reason: str) -> None:
    refused(judge(WORLD.sign(DATA, login)), reason)


def test_a_certificate_without_identity_is_refused() -> None:
    refused(judge(WORLD.sign(DATA, Login(names=()))), "sigstore refuses the bundle: ")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_signature_made_outside_the_certificates_minutes_is_refused(minutes: int) -> None:
    refused(judge(WORLD.bundle(DATA, at=WHEN + timedelta(minutes=minutes))), "sigstore refuses the bundle: ")


def test_a_log_that_holds_something_else_is_refused() -> None:
    refused(judge(WORLD.bundle(DATA, logged=b"other")), "sigstore refuses the bundle: transparency log")


def without_log(bundle: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["tlogEntries"] = []


def without_promise(bundle: dict[str, Any]) -> None:
    del bundle["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]


def without_proof(bundle: dict[str, Any]) -> None:
    del bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]


def bare_key(bundle: dict[str, Any]) -> None:
    del bundle["verificationMaterial"]["certificate"]
    bundle["verificationMaterial"]["publicKey"] = {"hint": "ann"}


def other_digest(bundle: dict[str, Any]) -> None:
    bundle["messageSignature"]["messageDigest"]["digest"] = b64(b"\0" * 32)


def other_signature(bundle: dict[str, Any]) -> None:
    bundle["messageSignature"]["signature"] = WORLD.bundle(DATA)["messageSignature"]["signature"]


@pytest.mark.parametrize(
    "spoil", [without_log, without_promise, without_proof, bare_key, other_digest, other_signature]
)
def test_a_bundle_that_lacks_or_swaps_a_proof_is_refused(spoil: Callable[[dict[str, Any]], None]) -> None:
    bundle = WORLD.bundle(DATA)
    assert judge(bundle).valid
    spoil(bundle)
    refused(judge(bundle), "sigstore refuses the bundle: ")


NO_SIGNATURES = [
    (b"", "the bundle cannot be read: not JSON"),
    (b"\xff", "the bundle cannot be read: not UTF-8"),
    (b"[]", "the bundle is no JSON object"),
    (GOOD + b" " * MAX_BUNDLE_BYTES, "the bundle cannot be read: "),
    (b'{"x": ' + b"[" * 99 + b"]" * 99 + b"}", "the bundle cannot be read: not strict JSON: nested deeper than 16"),
    (
        GOOD[:-1] + b', "mediaType": "x"}',
        "the bundle cannot be read: not strict JSON: the key",
    ),
    (GOOD[:-1] + b', "dsseEnvelope": {}}', "the bundle holds a DSSE envelope"),
    (GOOD[:-1] + b', "dsse_envelope": {}}', "the bundle has other fields than"),
    (
        GOOD[:-1] + b', "\\u001b[31m": 1}',
        "the bundle has other fields than mediaType",
    ),
    (b'{"mediaType": 1, "messageSignature": 1, "verificationMaterial": 1}', "sigstore refuses the bundle: "),
    (b'{"mediaType": "x"}', "the bundle has other fields than"),
]


# The names of these cases come from the reasons: the bytes are new in each process.
@pytest.mark.parametrize(("bundle", "reason"), NO_SIGNATURES, ids=[reason for _, reason in NO_SIGNATURES])
def test_what_is_no_strict_message_signature_is_refused(bundle: bytes, reason: str) -> None:
    found = judge(bundle)
    refused(found, reason)
    assert found.reason is not None
    assert found.reason.isprintable()


NO_ROOTS = [
    (None, "policy pins no trusted root (approval.sigstore.trusted_root)"),
    (b"", "policy's trusted root cannot be used: "),
    (b"{}", "policy's trusted root cannot be used: "),
    (ROOT + b" " * MAX_ROOT_BYTES, "policy's trusted root cannot be used: trusted_root.json: 1,0"),
    (
        ROOT[:-1] + b', "tlogs": []}',
        "policy's trusted root cannot be used: trusted_root.json: not strict",
    ),
    (ROOT.replace(b"version=0.1", b"version=9.9"), "policy's trusted root cannot be used: "),
    (json.dumps({**json.loads(ROOT), "tlogs": []}).encode(), "policy's trusted root cannot be used: "),
    (json.dumps({**json.loads(ROOT), "certificateAuthorities": []}).encode(), "policy's trusted root cannot be"),
    (json.dumps({**json.loads(ROOT), "ctlogs": []}).encode(), "sigstore refuses the bundle: CTFE keys not found"),
    (SigstoreWorld().trusted_root(), "sigstore refuses the bundle: "),
]


@pytest.mark.parametrize(("root", "reason"), NO_ROOTS, ids=[reason for _, reason in NO_ROOTS])
def test_without_the_right_trusted_root_nothing_is_good(root: bytes | None, reason: str) -> None:
    refused(judge(GOOD, root=root), reason)


def test_a_missing_package_is_refused_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sigstore.models", None)
    refused(judge(GOOD), "Sigstore signatures need sigstore, which is not installed: pip install 'twokey[sigstore]'")
    with pytest.raises(TwokeyError, match=r"pip install 'twokey\[sigstore\]'"):
        SigstoreSigner(trusted_root=ROOT).sign(DATA, PURPOSE, "token")


def test_the_roster_writes_a_login_as_the_signer_does() -> None:
    assert judge(GOOD).key == identity_line("https://accounts.example.com", "ann@example.com")


def test_what_is_no_namespace_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="not a namespace"):
        SigstoreSigner(trusted_root=ROOT).verify(DATA, GOOD, "Two words")


@given(at=st.integers(0, len(DATA) - 1), flip=st.integers(1, 255))
@settings(max_examples=50, deadline=None)
def test_any_flipped_byte_of_the_document_is_noticed(at: int, flip: int) -> None:
    assert not judge(GOOD, DATA[:at] + bytes([DATA[at] ^ flip]) + DATA[at + 1 :]).valid


@given(at=st.integers(0, len(GOOD) - 1), flip=st.integers(1, 255))
@settings(max_examples=200, deadline=None)
def test_a_flipped_byte_of_a_bundle_never_speaks_for_anybody_else(at: int, flip: int) -> None:
    found = judge(GOOD[:at] + bytes([GOOD[at] ^ flip]) + GOOD[at + 1 :])
    assert found.key == (ANNS_KEY if found.valid else None)
    assert found.valid or found.reason


def test_what_the_library_warns_of_does_not_reach_the_terminal(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # as in a program that set no logging up
    bundle = WORLD.bundle(DATA)
    leaf = bundle["verificationMaterial"].pop("certificate")
    root = {"rawBytes": b64(WORLD.root().public_bytes(Encoding.DER))}
    bundle["verificationMaterial"]["x509CertificateChain"] = {"certificates": [leaf, root]}
    bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1"
    assert judge(bundle).valid
    assert capfd.readouterr() == ("", "")


# Signing, as far as it goes without the network


@pytest.mark.parametrize(
    ("token", "told"),
    [(None, "the token cannot be read"), (b"x" * 20_000, "no identity token"), (b"x.y.z", "did not sign")],
)
def test_a_token_that_is_none_is_refused_before_anything_is_asked(
    tmp_path: Path, token: bytes | None, told: str
) -> None:
    path = tmp_path / "token"
    if token is not None:
        path.write_bytes(token)
    with pytest.raises(TwokeyError, match=told):
        SigstoreSigner(trusted_root=ROOT).sign(DATA, PURPOSE, str(path))


def test_signing_needs_the_trusted_root_that_would_verify_it(tmp_path: Path) -> None:
    with pytest.raises(TwokeyError, match="policy pins no trusted root"):
        SigstoreSigner().sign(DATA, PURPOSE, str(tmp_path / "token"))


# Bundles that nobody here made: sigstore-conformance

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "sigstore-conformance"
CASES = sorted(path.name for path in VECTORS.iterdir() if path.is_dir()) if VECTORS.is_dir() else []
# Signed with a key that is handed over beside the bundle: no login, so there is nobody that a roster could name.
MANAGED_KEY = {"managed-key-and-trusted-root", "managed-key-happy-path", "managed-key-wrong-key_fail"}
# The two in which sigstore-python 4.5.1 is stricter than the suite. Both refuse; neither lets anything pass.
DISAGREES = {
    # Its log entry is of the kind intoto, which nothing has written for years: only dsse and hashedrekord are read.
    "intoto-with-custom-trust-root": "Integrated time only supported for dsse/hashedrekord 0.0.1 types",
    # A timestamp of the very second in which its authority's period ends: the suite includes that second.
    "trust-root-tsa-validity-end-inclusive": "not enough sources of verified time",
}
# Good bundles that hold an envelope: decisions are signed as files.
ENVELOPES = {"happy-path-intoto-in-dsse-v3", "intoto-with-custom-trust-root", "rekor2-dsse-happy-path"}
BEACON = (
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
    "extremely-dangerous-oidc-beacon.yml@refs/heads/main"
)
GITHUB = "https://token.actions.githubusercontent.com"


def public_root() -> bytes:
    """Return the public instance's trusted root, as the package brings it."""
    import sigstore

    (path,) = Path(sigstore.__file__).parent.glob("_store/*tuf-repo-cdn.sigstore.dev/trusted_root.json")
    return path.read_bytes()


def case(name: str) -> Iterator[bytes]:
    """Yield a case's bundle, artifact and trusted root."""
    folder = VECTORS / name
    yield (folder / "bundle.sigstore.json").read_bytes()
    artifact = folder / "artifact"
    yield (artifact if artifact.exists() else VECTORS / "a.txt").read_bytes()
    root = folder / "trusted_root.json"
    yield root.read_bytes() if root.exists() else public_root()


def told(name: str, file: str, default: str) -> str:
    path = VECTORS / name / file
    return path.read_text(encoding="utf-8").strip() if path.exists() else default


def test_the_conformance_suite_is_at_hand() -> None:
    if not VECTORS.is_dir():
        pytest.skip("../shared/vectors is not at hand")
    assert len(CASES) == 70
    assert {*MANAGED_KEY, *DISAGREES, *ENVELOPES} <= set(CASES)


@pytest.mark.parametrize("name", [name for name in CASES if name not in MANAGED_KEY])
def test_a_conformance_case_is_judged_as_its_name_says(name: str) -> None:
    bundle, artifact, root = case(name)
    found = judge(bundle, artifact, root)
    good = not name.endswith("_fail") and name not in {*DISAGREES, *ENVELOPES}
    assert found.valid == good, found.reason
    who = f"sigstore {told(name, 'issuer', GITHUB)} {told(name, 'identity', BEACON)}"
    assert found.key == (who if good else None)
    if name in ENVELOPES:
        refused(found, "the bundle holds a DSSE envelope")
    elif name in DISAGREES:
        refused(found, f"sigstore refuses the bundle: {DISAGREES[name]}")


@pytest.mark.parametrize("name", sorted(MANAGED_KEY) if CASES else [])
def test_a_managed_key_is_nobodys_login(name: str) -> None:
    bundle, artifact, root = case(name)
    refused(judge(bundle, artifact, root), "sigstore refuses the bundle: expected certificate in bundle")


@pytest.mark.parametrize("name", [name for name in CASES if b"dsseEnvelope" in next(case(name))])
def test_the_library_agrees_on_envelopes_too_all_but_one(name: str, tmp_path: Path) -> None:
    from sigstore.errors import Error
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier
    from sigstore.verify.policy import Identity

    bundle, _, root = case(name)
    (tmp_path / "root.json").write_bytes(root)
    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(tmp_path / "root.json")))
    who = Identity(identity=told(name, "identity", BEACON), issuer=told(name, "issuer", GITHUB))
    refusal = None
    try:
        verifier.verify_dsse(Bundle.from_json(bundle), who)
    except Error as error:
        refusal = str(error)
    assert (refusal is None) == (not name.endswith("_fail") and name not in DISAGREES), refusal
    if name in DISAGREES:
        assert refusal == DISAGREES[name]
