"""Signatures by a login instead of a key: a Sigstore bundle, checked offline against a trusted root that policy pins.

The cryptography is sigstore-python's. What is ours is what surrounds it: the bundle is read strictly first, only a
message signature over exactly the bytes counts, and the certificate must name exactly one identity and its issuer.
Nothing here asks the network, except signing. Whose identity that is, and whether they may decide, is not known here.
"""

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from twokey import canonical
from twokey.errors import MissingExtraError, Place, TwokeyError
from twokey.signers.base import Signature
from twokey.signers.ssh import NAMESPACE
from twokey.signers.wire import MalformedError
from twokey.values import dataclass
from twokey.visible import visible

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore.verify import Verifier

MAX_BUNDLE_BYTES = 64 * 1024
MAX_ROOT_BYTES = 1024 * 1024
MAX_TOKEN_BYTES = 16 * 1024
MAX_DEPTH = 16
MAX_REASON = 300
FIELDS = ("mediaType", "messageSignature", "verificationMaterial")
ALONE = "not cross-checked: one verifier reads Sigstore bundles"
NO_ROOT = "policy pins no trusted root (approval.sigstore.trusted_root)"
# Fulcio's certificate extensions: sigstore/fulcio, docs/oid-info.md.
ISSUER_V1 = "1.3.6.1.4.1.57264.1.1"
ISSUER_V2 = "1.3.6.1.4.1.57264.1.8"
_WORD = re.compile(r"[!-~]{1,1000}")  # what can stand in a key's line: printable ASCII without spaces


@dataclass(frozen=True, slots=True, kw_only=True)
class SigstoreSigner:
    """A Sigstore bundle: signed with a login at an identity provider, so that there is no key to keep or lose.

    **What it is.** `DECISION.sigstore.json` beside the decision, a bundle as `sigstore sign` and `cosign sign-blob`
    write it: a message signature over exactly the decision's bytes, a certificate that lived for minutes and names who
    logged in where, and the proof that a public log holds both. It needs `pip install 'twokey[sigstore]'`.

    **How it is checked.** Offline, by sigstore-python, against the `trusted_root.json` that policy pins: certificate
    authority, certificate log, transparency log and timestamps. The roster names identity *and* issuer; the
    certificate's must be the same, letter by letter. The certificate has exactly one identity (an e-mail address or a
    URI), and its issuer stands in Fulcio's extension 1.3.6.1.4.1.57264.1.8.

    **Limits.** Sigstore knows no purposes: unlike an SSH signature, a bundle does not say what it was made for. What
    binds it to deciding is the document itself, whose `predicateType` is read strictly. So whoever signs files that
    others wrote with the same login should read them first. DSSE envelopes and bundles with a bare public key are
    refused. A trusted root goes out of date when the instance changes its keys: then pin the newer one. Signing needs
    the network and the public instance.

    **How to fix.** `policy pins no trusted root`: add the file to policy and name it there. `is not installed`: install
    the extra where decisions are verified. `Signature is invalid for input` or `digest mismatch`: the decision changed
    after it was signed. `other fields` or `a DSSE envelope`: sign the decision as a file, not as an attestation.

    `trusted_root` holds the bytes of the trusted_root.json that policy pins; with None every bundle is refused.
    """

    name: ClassVar[str] = "sigstore"
    summary: ClassVar[str] = "a login instead of a key: a Sigstore bundle, checked offline"
    suffix: ClassVar[str] = ".sigstore.json"

    trusted_root: bytes | None = None

    def verify(self, data: bytes, signature: bytes, namespace: str) -> Signature:
        """Judge a bundle over exactly `data`; never raises for a bad one. Sigstore has no place for `namespace`.

        `key` is `sigstore ISSUER IDENTITY`, of the verified certificate.
        """
        _expect_namespace(namespace)
        try:
            key = self._verified(data, signature)
        except MalformedError as refusal:
            return Signature(valid=False, key=None, reason=str(refusal))
        return Signature(valid=True, key=key, crosscheck=ALONE)

    def sign(self, data: bytes, namespace: str, key: str) -> bytes:
        """Sign with the OIDC identity token in the file at `key`; asks Fulcio and Rekor of the public instance.

        The tests hold what is refused before the network is asked; signing itself they cannot try.

        Raises:
            TwokeyError: no such token, one that is none or past its time, an unreachable instance, or a bundle that
                would be refused here.
        """
        _expect_namespace(namespace)
        try:
            from sigstore.models import ClientTrustConfig
            from sigstore.oidc import IdentityToken
            from sigstore.sign import SigningContext
        except ImportError:
            raise MissingExtraError("sigstore", "sigstore", "signing with Sigstore") from None
        where = Place(file=key)
        if self.trusted_root is None:
            raise TwokeyError(f"nobody could verify it: {NO_ROOT}")
        raw = _token(Path(key))
        try:
            token = IdentityToken(raw)
            context = SigningContext.from_trust_config(ClientTrustConfig.production())
            with context.signer(token) as signer:
                bundle = signer.sign_artifact(data).to_json().encode("utf-8")
        except Exception as error:  # its own errors, the network's, the token's
            raise TwokeyError(f"Sigstore did not sign: {_told(error)}", where=where) from None
        made = self.verify(data, bundle, namespace)
        if not made.valid:
            raise TwokeyError(f"Sigstore signed, but its bundle would be refused: {made.reason}", where=where)
        return bundle

    def _verified(self, data: bytes, bundle: bytes) -> str:
        """Return the key's line of a good bundle.

        1. Policy pins a trusted root that can be read.
        2. The bundle is strict JSON, a message signature, and nothing besides.
        3. sigstore-python finds certificate, logs, timestamps and signature good over exactly these bytes.
        4. The certificate names one identity and its issuer.
        """
        if self.trusted_root is None:
            raise MalformedError(NO_ROOT)
        try:
            from sigstore.models import Bundle
        except ImportError:
            missing = "Sigstore signatures need sigstore, which is not installed: pip install 'twokey[sigstore]'"
            raise MalformedError(missing) from None
        verifier = _verifier(self.trusted_root)  # step 1
        _expect_message_signature(bundle)  # step 2
        try:
            parsed = Bundle.from_json(bundle)
            verifier.verify_artifact(data, parsed, _Any())  # step 3
        except Exception as error:  # whatever it trips over in hostile bytes, they are no good signature
            raise MalformedError(f"sigstore refuses the bundle: {_told(error)}") from None
        return _key_line(parsed.signing_certificate)  # step 4


class _Any:
    """The policy that any identity will do: which ones count is the roster's word, and it needs the name to say so."""

    def verify(self, cert: "Certificate") -> None:
        """Accept the certificate."""


@functools.lru_cache(maxsize=4)
def _verifier(trusted_root: bytes) -> "Verifier":
    """Return the verifier for a trusted root; it is the same for all bundles of a run."""
    import logging
    import tempfile

    from sigstore.models import TrustedRoot
    from sigstore.verify import Verifier

    logging.getLogger("sigstore").addHandler(logging.NullHandler())  # without one, its warnings go to stderr
    try:
        canonical.loads(trusted_root, file="trusted_root.json", max_bytes=MAX_ROOT_BYTES, max_depth=MAX_DEPTH)
        with tempfile.TemporaryDirectory(prefix="twokey-") as folder:
            path = Path(folder) / "trusted_root.json"
            path.write_bytes(trusted_root)
            return Verifier(trusted_root=TrustedRoot.from_file(str(path)))
    except Exception as error:  # a policy that cannot be used lets nothing pass
        raise MalformedError(f"policy's trusted root cannot be used: {_told(error)}") from None


def _expect_message_signature(bundle: bytes) -> None:
    try:
        value: Any = canonical.loads(bundle, file="the bundle", max_bytes=MAX_BUNDLE_BYTES, max_depth=MAX_DEPTH)
    except TwokeyError as error:
        raise MalformedError(f"the bundle cannot be read: {error.problems[0].message}") from None
    if not isinstance(value, dict):
        raise MalformedError("the bundle is no JSON object")
    if "dsseEnvelope" in value:
        raise MalformedError("the bundle holds a DSSE envelope; a decision needs a signature over its bytes")
    if odd := sorted(value.keys() ^ set(FIELDS)):
        shown = ", ".join(visible(name[:60]) for name in odd[:5])
        raise MalformedError(f"the bundle has other fields than {', '.join(FIELDS)}: {shown}")


def _key_line(certificate: "Certificate") -> str:
    """Return `sigstore ISSUER IDENTITY`; raises MalformedError unless the certificate names exactly one of each."""
    from cryptography.x509 import ExtensionNotFound, RFC822Name, SubjectAlternativeName, UniformResourceIdentifier

    try:
        names = list(certificate.extensions.get_extension_for_class(SubjectAlternativeName).value)
    except ExtensionNotFound:
        raise MalformedError("the certificate names no identity") from None
    if len(names) != 1:
        raise MalformedError(f"the certificate names {len(names)} identities; one is expected")
    if not isinstance(names[0], (RFC822Name, UniformResourceIdentifier)):
        raise MalformedError("the certificate's identity is neither an e-mail address nor a URI")
    identity, issuer = names[0].value, _issuer(certificate)
    for word in (identity, issuer):
        if not _WORD.fullmatch(word):
            raise MalformedError(f"the certificate names {word[:80]!a}; printable ASCII without spaces is expected")
    return f"sigstore {issuer} {identity}"


def _issuer(certificate: "Certificate") -> str:
    """Return who vouched for the login: Fulcio's second issuer extension, a DER UTF8String."""
    from cryptography.hazmat import asn1

    encoded = _extension(certificate, ISSUER_V2)
    if encoded is None:
        raise MalformedError(f"the certificate names no issuer: extension {ISSUER_V2} is missing")
    try:
        issuer = asn1.decode_der(str, encoded)
    except ValueError:
        raise MalformedError(f"the certificate's issuer, extension {ISSUER_V2}, is no text") from None
    older = _extension(certificate, ISSUER_V1)
    if older is not None and older != issuer.encode("utf-8"):
        raise MalformedError("the certificate names two different issuers")
    return issuer


def _extension(certificate: "Certificate", oid: str) -> bytes | None:
    from cryptography.x509 import ExtensionNotFound, ObjectIdentifier, UnrecognizedExtension

    try:
        value = certificate.extensions.get_extension_for_oid(ObjectIdentifier(oid)).value
    except ExtensionNotFound:
        return None
    return value.value if isinstance(value, UnrecognizedExtension) else None


def _token(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_TOKEN_BYTES + 1)
    except OSError as error:
        hint = "write an OIDC identity token for sigstore into it, or sign with stock tools: cosign sign-blob --bundle"
        raise TwokeyError(
            f"the token cannot be read: {error.strerror}", where=Place(file=str(path)), hint=hint
        ) from None
    if len(raw) > MAX_TOKEN_BYTES:
        raise TwokeyError(f"more than {MAX_TOKEN_BYTES:,} bytes: no identity token", where=Place(file=str(path)))
    return raw.decode("ascii", "replace").strip()


def _told(error: Exception) -> str:
    """Return an error of somebody else's in one short line that shows what it holds."""
    said = visible(" ".join(str(error).split()))[:MAX_REASON]
    return said or type(error).__name__


def _expect_namespace(namespace: str) -> None:
    if not NAMESPACE.fullmatch(namespace):
        raise ValueError(f"not a namespace: {namespace!r}")
