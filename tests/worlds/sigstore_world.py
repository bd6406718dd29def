"""A small Sigstore in memory: certificate authority, certificate log, transparency log, and the root that pins them.

It signs as `cosign sign-blob` does, with real keys in real formats: RFC 5280, RFC 6962, Rekor's hashedrekord 0.0.1.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

WHEN = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
ANN = x509.RFC822Name("ann@example.com")
ISSUER = "https://accounts.example.com"
ISSUER_V1 = "1.3.6.1.4.1.57264.1.1"
ISSUER_V2 = "1.3.6.1.4.1.57264.1.8"
SCTS = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
SHA256_ECDSA = b"\x04\x03"  # RFC 5246, section 7.4.1.4.1


def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(of: ec.EllipticCurvePrivateKey) -> bytes:
    return of.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def signed(by: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return by.sign(data, ec.ECDSA(hashes.SHA256()))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def sized(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width, "big") + data


def utf8_string(text: str) -> bytes:
    raw = text.encode("utf-8")
    assert len(raw) < 128
    return b"\x0c" + sized(raw, 1)


@dataclass(frozen=True, kw_only=True)
class Login:
    """What the authority would certify: who logged in, and the issuer extensions as they stand in the certificate."""

    names: tuple[x509.GeneralName, ...] = (ANN,)
    issuer: bytes | None = utf8_string(ISSUER)
    older_issuer: bytes | None = ISSUER.encode()


@dataclass(frozen=True, kw_only=True)
class SigstoreWorld:
    """The keys of one instance."""

    authority: ec.EllipticCurvePrivateKey = field(default_factory=key)
    certificate_log: ec.EllipticCurvePrivateKey = field(default_factory=key)
    log: ec.EllipticCurvePrivateKey = field(default_factory=key)

    def trusted_root(self) -> bytes:
        period = {"start": "2026-01-01T00:00:00Z"}
        body = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [self._pinned(self.log, period)],
            "ctlogs": [self._pinned(self.certificate_log, period)],
            "certificateAuthorities": [
                {
                    "subject": {"organization": "example", "commonName": "authority"},
                    "uri": "https://ca.example.com",
                    "certChain": {"certificates": [{"rawBytes": b64(self.root().public_bytes(Encoding.DER))}]},
                    "validFor": period,
                }
            ],
            "timestampAuthorities": [],
        }
        return json.dumps(body).encode()

    def _pinned(self, of: ec.EllipticCurvePrivateKey, period: dict[str, str]) -> dict[str, Any]:
        return {
            "baseUrl": "https://log.example.com",
            "hashAlgorithm": "SHA2_256",
            "publicKey": {"rawBytes": b64(public(of)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": period},
            "logId": {"keyId": b64(hashlib.sha256(public(of)).digest())},
        }

    def root(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        own = self.authority.public_key()
        usage = dict.fromkeys(KEY_USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
        return (
            x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=own, serial_number=1)
            .not_valid_before(WHEN - timedelta(days=300))
            .not_valid_after(WHEN + timedelta(days=3000))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
            .sign(self.authority, hashes.SHA256())
        )

    def certificate(self, login: Login, of: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        """Certify a login for ten minutes; the certificate log's promise stands in the certificate (RFC 6962)."""
        usage = dict.fromkeys(KEY_USAGES, False) | {"digital_signature": True}
        own = self.authority.public_key()
        builder = (
            x509.CertificateBuilder(subject_name=x509.Name([]), public_key=of.public_key(), serial_number=2)
            .issuer_name(self.root().subject)
            .not_valid_before(WHEN - timedelta(minutes=5))
            .not_valid_after(WHEN + timedelta(minutes=5))
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(own), critical=False)
        )
        if login.names:
            builder = builder.add_extension(x509.SubjectAlternativeName(login.names), critical=True)
        for oid, value in ((ISSUER_V1, login.older_issuer), (ISSUER_V2, login.issuer)):
            if value is not None:
                builder = builder.add_extension(
                    x509.UnrecognizedExtension(ObjectIdentifier(oid), value), critical=False
                )
        before = builder.sign(self.authority, hashes.SHA256()).tbs_certificate_bytes
        promise = x509.UnrecognizedExtension(SCTS, self._promise(before))
        return builder.add_extension(promise, critical=False).sign(self.authority, hashes.SHA256())

    def _promise(self, certificate: bytes) -> bytes:
        issuer = hashlib.sha256(public(self.authority)).digest()
        at = int(WHEN.timestamp() * 1000).to_bytes(8, "big")
        entry = b"\x00\x00" + at + b"\x00\x01" + issuer + sized(certificate, 3) + sized(b"", 2)
        log_id = hashlib.sha256(public(self.certificate_log)).digest()
        signature = SHA256_ECDSA + sized(signed(self.certificate_log, entry), 2)
        listed = sized(sized(b"\x00" + log_id + at + sized(b"", 2) + signature, 2), 2)
        return b"\x04\x81" + sized(listed, 1) if len(listed) > 127 else b"\x04" + sized(listed, 1)

    def bundle(
        self, data: bytes, login: Login | None = None, *, at: datetime = WHEN, logged: bytes | None = None
    ) -> Any:
        """Return the bundle, as JSON types, over `data` by that login; `logged` is what the log holds instead of it."""
        own = key()
        certificate = self.certificate(login or Login(), own)
        signature = signed(own, data)
        body = self._body(data if logged is None else logged, signature, certificate)
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": b64(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [self._entry(body, int(at.timestamp()))],
            },
            "messageSignature": {
                "messageDigest": {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(data).digest())},
                "signature": b64(signature),
            },
        }

    def sign(self, data: bytes, login: Login | None = None) -> bytes:
        return json.dumps(self.bundle(data, login)).encode()

    def _body(self, data: bytes, signature: bytes, certificate: x509.Certificate) -> bytes:
        held = {"content": b64(certificate.public_bytes(Encoding.PEM))}
        spec = {
            "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}},
            "signature": {"content": b64(signature), "publicKey": held},
        }
        return canonical({"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec})

    def _entry(self, body: bytes, at: int) -> dict[str, Any]:
        """Return the log's entry: a log of this one leaf, its signed head, and its signed promise (Rekor v1)."""
        log_id = hashlib.sha256(public(self.log)).digest()
        leaf = hashlib.sha256(b"\x00" + body).digest()
        head = f"log.example.com\n1\n{b64(leaf)}\n"
        note = f"{head}\n\u2014 log.example.com {b64(log_id[:4] + signed(self.log, head.encode()))}\n"
        promised = {"body": b64(body), "integratedTime": at, "logID": log_id.hex(), "logIndex": 0}
        return {
            "logIndex": "0",
            "logId": {"keyId": b64(log_id)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.1"},
            "integratedTime": str(at),
            "inclusionPromise": {"signedEntryTimestamp": b64(signed(self.log, canonical(promised)))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": b64(leaf),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": note},
            },
            "canonicalizedBody": b64(body),
        }

    def other(self, **keys: ec.EllipticCurvePrivateKey) -> "SigstoreWorld":
        return replace(self, **keys)


KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
