"""Steps 1 and 2: files that are not had whole, and signatures that are not good."""

from typing import Any

from vectors.saying import ANN, COUNTED, OPEN, USUAL, Case, Cases, kept, refused
from vectors.signing import Ed25519Key, MalleatedKey, Parts, RsaKey, armored, sign, string
from vectors.world import KEYS


def files() -> Cases:
    """Step 1: had whole, with a signature beside it."""
    data = USUAL.said()
    signature = sign(data, KEYS["ann"])
    yield "no-signature", refused("nothing lies beside it", 1, {ANN: data}, "no signature lies beside it")
    lone = {f"{ANN}.sig": signature}
    yield (
        "no-decision",
        Case(
            about="a signature alone",
            steps=(1,),
            status=3,
            store=lone,
            told={f"{ANN}.sig": ("a signature without its decision",)},
            reasons=(OPEN,),
        ),
    )
    odd = "decision-Ann@example.com.json"
    reason = ("not the name of a decision",)
    yield (
        "name-in-capitals",
        Case(
            about="a name that is none",
            steps=(1,),
            status=3,
            store={odd: data, f"{odd}.sig": signature},
            told={odd: reason, f"{odd}.sig": reason},
            reasons=(OPEN,),
        ),
    )
    long = signature + b"\n" * (16 * 1024)
    yield (
        "signature-oversized",
        refused("16 KiB is the most", 1, {ANN: data, f"{ANN}.sig": long}, "more than the 16,384 allowed"),
    )
    bundle = {ANN: data, f"{ANN}.sigstore.json": b"{}\n"}
    yield "sigstore-without-root", refused("policy pins no trusted root", 2, bundle, "policy pins no trusted root")
    told = {ANN: COUNTED, f"{ANN} (.sigstore.json)": ("policy pins no trusted root",)}
    both = {**bundle, f"{ANN}.sig": signature}
    yield (
        "one-good-signature-of-two",
        Case(about="a bad signature more pushes no good one aside", steps=(1,), status=0, store=both, told=told),
    )


def signatures() -> Cases:
    """Step 2: good over exactly these bytes, for exactly this purpose."""
    data = USUAL.said()
    signature = sign(data, KEYS["ann"])

    def by(made: bytes, about: str, reason: str) -> Case:
        return refused(about, 2, {ANN: data, f"{ANN}.sig": made}, reason)

    def parts(about: str, reason: str, **changes: Any) -> Case:
        return by(sign(data, KEYS["ann"], Parts(**changes)), about, reason)

    yield "namespace-git", parts("a signature over a Git commit", "signed for the purpose 'git'", namespace="git")
    yield (
        "namespace-v2",
        parts(
            "a later version's purpose", "signed for the purpose 'twokey-decision-v2'", namespace="twokey-decision-v2"
        ),
    )
    yield (
        "namespace-grades",
        parts("a purpose of twokey's, but another", "'twokey-recording-v1'", namespace="twokey-recording-v1"),
    )
    yield "namespace-empty", parts("no purpose at all", "names no namespace", namespace="")
    yield "sshsig-version-2", parts("another version of SSHSIG", "version 2, not 1", version=2)
    yield "sshsig-reserved", parts("the reserved field is used", "reserved field has 4 bytes", reserved=b"more")
    yield "hash-sha384", parts("a hash that SSHSIG does not know", "'sha384' is not accepted", hash_name="sha384")
    yield "hash-sha1", parts("a hash that is too weak", "'sha1' is not accepted", hash_name="sha1")
    yield (
        "other-bytes",
        refused(
            "one byte was changed afterwards",
            2,
            {ANN: data.replace(b"numbers", b"Numbers"), f"{ANN}.sig": signature},
            "other bytes were signed",
        ),
    )
    crlf = {ANN: data.replace(b"\n", b"\r\n"), f"{ANN}.sig": signature}
    yield "line-endings", refused("line endings were converted", 2, crlf, "other bytes were signed")
    yield (
        "armor-crlf",
        by(signature.replace(b"\n", b"\r\n"), "the armor's line endings were converted", "carriage returns"),
    )
    yield "armor-text-after", by(signature + b"approved\n", "text after the armor", "does not end with")
    yield "armor-text-before", by(b"approved\n" + signature, "text before the armor", "does not start with")
    yield "armor-no-newline", by(signature[:-1], "the last line does not end", "does not end with")
    yield (
        "armor-blank-line",
        by(signature.replace(b"\n-----END", b"\n\n-----END"), "a blank line in the armor", "not canonical"),
    )
    parsed = b"SSHSIG" + (1).to_bytes(4, "big")
    blob = Parts().blob(KEYS["ann"].blob, KEYS["ann"].sign(Parts().signed(data)))
    yield "blob-cut-off", by(armored(blob[:-1]), "the last byte is missing", "cut off")
    yield "blob-trailing-byte", by(armored(blob + b"\0"), "a byte too many", "1 bytes too many")
    yield "blob-empty", by(armored(parsed), "nothing after the version", "cut off")
    flipped = blob[:-1] + bytes([blob[-1] ^ 1])
    yield "blob-flipped-bit", by(armored(flipped), "one bit of the signature", "other bytes were signed")
    yield "ed25519-malleated", by(sign(data, MalleatedKey("ann")), "the group's order was added to s", "out of range")
    certificate = Parts().blob(string(b"ssh-ed25519-cert-v01@openssh.com") + KEYS["ann"].blob[15:], b"")
    yield "certificate", by(armored(certificate), "a certificate in the key's place", "certificates are not accepted")
    sha1 = RsaKey("cy", 1536, "ssh-rsa")
    yield "rsa-sha1", refused("RSA with SHA-1", 2, kept(USUAL.said("cy", "risk"), "cy", sha1), "SHA-1", "cy")
    yield "rsa-2048", by(sign(data, RsaKey("short", 1024)), "an RSA key that is too short", "an RSA key of 2048 bits")
    untouched = Ed25519Key("dee", application=b"ssh:", flags=0)
    yield (
        "security-key-untouched",
        refused(
            "nobody touched the security key",
            2,
            kept(USUAL.said("dee", "risk"), "dee", untouched),
            "was not touched",
            "dee",
        ),
    )
    another = sign(USUAL.said(reason="another one"), KEYS["ann"])
    yield "signature-of-another-decision", by(another, "ann's, of another decision", "other bytes were signed")


def cases() -> Cases:
    """Return them all by name."""
    for group in (files, signatures):
        yield from group()
