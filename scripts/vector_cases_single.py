"""Cases with one decision: what lets it count, and every step at which it may fail."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from vector_saying import COUNTED, OPEN, USUAL, Case, Setting, alone, kept, named, passes, refused, speaks, statement
from vector_signing import BrowserKey, EcdsaKey, Ed25519Key, MalleatedKey, Parts, RsaKey, armored, sign, string
from vector_world import KEYS, evidence

from twokey.canonical import dumps, sha256
from twokey.decisions.seen import render_facts

MANIFEST = sha256(evidence("doubtful")["manifest.json"])
FACTS = render_facts(USUAL.matter.checkpoints)
ANN = named("ann")
Cases = Iterator[tuple[str, Case]]


def good() -> Cases:
    """What must count."""
    yield (
        "approved",
        replace(
            passes("ann approves, and is entitled to", 14, {**speaks(), "facts.json": FACTS}, "ann"),
            reasons=("release by ann@example.com",),
            more={"limits": ("nobody can say who made the change", "the candidate recording is unwitnessed")},
        ),
    )
    yield "key-ecdsa", passes("a key on P-256", 2, speaks("bob", "risk"), "bob")
    yield "key-rsa", passes("an RSA key of 3072 bits", 2, speaks("cy", "risk"), "cy")
    yield "key-browser", passes("a key in a browser, at a page that the roster names", 4, speaks("gil"), "gil")
    yield "key-security", passes("a security key that was touched", 2, speaks("dee", "risk"), "dee")
    yield (
        "second-key",
        passes("another key of the same person", 4, kept(USUAL.said(), "ann", KEYS["ann's laptop"]), "ann"),
    )
    yield "alias", passes("the person speaks under an alias", 4, speaks(principal="ann-at-work"), "ann")
    yield (
        "own-name-as-role",
        alone(
            "one's own name is a role, but this rule does not name it",
            8,
            "not closed by ann@example.com",
            role="ann@example.com",
        ),
    )
    other = EcdsaKey("bob", other_half=True)
    data = USUAL.said("bob", "risk")
    yield "ecdsa-other-half", passes("n - s is as good as s, and is the same word", 2, kept(data, "bob", other), "bob")
    wide = sign(USUAL.said(), KEYS["ann"])
    body = b"".join(wide.splitlines()[1:-1])
    lines = [body[start : start + 76] for start in range(0, len(body), 76)]
    wide = b"\n".join([wide.splitlines()[0], *lines, wide.splitlines()[-1]]) + b"\n"
    yield (
        "armor-of-76",
        passes(
            "lines of 76 characters, as PROTOCOL.sshsig has them", 2, {ANN: USUAL.said(), f"{ANN}.sig": wide}, "ann"
        ),
    )
    sha256_of = sign(USUAL.said(), KEYS["ann"], Parts(hash_name="sha256"))
    yield "hash-sha256", passes("SHA-256 in place of SHA-512", 2, {ANN: USUAL.said(), f"{ANN}.sig": sha256_of}, "ann")
    compact = json.dumps(json.loads(USUAL.said())).encode()
    yield (
        "not-canonical",
        passes("any JSON with the same content will do: bytes are signed", 3, kept(compact, "ann"), "ann"),
    )


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


def documents() -> Cases:
    """Step 3: those bytes, read once and strictly, are a version 1 decision."""
    usual = USUAL.said()

    def of(data: bytes, about: str, reason: str) -> Case:
        return refused(about, 3, kept(data, "ann"), reason)

    def swapped(old: bytes, new: bytes, about: str, reason: str) -> Case:
        assert usual.count(old) == 1, old  # noqa: S101 a mistake in this script
        return of(usual.replace(old, new), about, reason)

    recomputed = b'"recomputed": true'
    yield "json-key-twice", swapped(recomputed, recomputed + b",\n    " + recomputed, "a key twice", "appears twice")
    yield (
        "json-key-twice-escaped",
        swapped(recomputed, recomputed + rb', "recompute\u0064": true', "a key twice, once escaped", "appears twice"),
    )
    yield "json-nan", swapped(recomputed, b'"recomputed": NaN', "NaN", "NaN is not a JSON number")
    yield (
        "json-infinity",
        swapped(recomputed, b'"recomputed": -Infinity', "an infinity", "-Infinity is not a JSON number"),
    )
    yield "json-1e999", swapped(recomputed, b'"recomputed": 1e999', "a number out of range", "out of range")
    yield (
        "json-long-integer",
        swapped(recomputed, b'"recomputed": ' + b"1" * 5000, "5,000 digits", "a number of 5000 digits"),
    )
    yield (
        "json-deep",
        swapped(recomputed, b'"recomputed": ' + b"[" * 5000 + b"]" * 5000, "nested 5,000 deep", "nested deeper than 8"),
    )
    yield "json-bom", of(b"\xef\xbb\xbf" + usual, "a byte order mark", "not JSON")
    yield "json-utf-16", of(usual.decode().encode("utf-16"), "UTF-16", "not UTF-8")
    yield "json-latin-1", swapped(b"looked at", b"l\xfcoked at", "a byte of Latin-1", "not UTF-8")
    yield "json-two-documents", of(usual + usual, "a second document after the first", "not JSON")
    yield "json-trailing-comma", swapped(recomputed, recomputed + b",", "a comma too many", "not JSON")
    yield "json-not-an-object", of(b"[]\n", "a list", "expected an object")
    yield "json-empty", of(b"", "no byte at all", "not JSON")
    yield (
        "field-unknown",
        of(USUAL.said(approved_by="bob@example.com"), "a field that nobody knows", "an unknown field"),
    )
    yield "field-missing", of(USUAL.said(conditions=...), "a field is missing", "missing")
    yield "field-null", of(USUAL.said(environment=None), "null where a name must be", "expected a name")
    yield "field-wrong-type", of(USUAL.said(recomputed=1), "1 is not true", "expected true or false")
    yield "choice-unknown", of(USUAL.said(decision="Approve"), "a choice in capitals", "expected approve or")
    yield "nonce-short", of(USUAL.said(nonce="0" * 31), "a nonce of 31 digits", "32 lower-case hexadecimal digits")
    yield (
        "digest-in-capitals",
        of(USUAL.said(supersedes=["A" * 64]), "a digest in capitals", "64 lower-case hexadecimal"),
    )
    yield (
        "principal-in-capitals",
        of(USUAL.said(principal="Ann@example.com"), "a principal in capitals", "a principal such as"),
    )
    for name, text in {
        "time-with-offset": "2026-11-21T11:00:00+00:00",
        "time-of-no-day": "2026-02-30T11:00:00Z",
        "time-of-24": "2026-11-20T24:00:00Z",
        "time-with-fraction": "2026-11-21T11:00:00.5Z",
    }.items():
        yield name, of(USUAL.said(decided_at=text), f"a time written as {text}", "expected a UTC time")
    yield (
        "time-backwards",
        of(USUAL.said(expires_at="2026-11-21T11:00:00Z"), "it ends when it begins", "not after decided_at"),
    )
    yield "reason-bidi", of(USUAL.said(reason="looked \u202eta"), "a bidirectional control", "cannot be seen, U+202E")
    half = usual.replace(b"looked at", rb"looked \ud800at")
    yield "reason-half-a-character", of(half, "half of a character", "cannot be seen, U+D800")
    yield "reason-oversized", of(USUAL.said(reason="x" * 4001), "4,001 characters", "0 to 4000 characters")
    yield "checkpoints-none", of(USUAL.said(checkpoints=[]), "it names no checkpoint", "a list of 1 to 50")
    twice = USUAL.predicate("ann", "product")["checkpoints"] * 2
    yield "checkpoints-twice", of(USUAL.said(checkpoints=twice), "one checkpoint twice", "appears twice")
    stray = [{"checkpoint": "other", "criterion": "told", "attested": True}]
    yield "criteria-of-another", of(USUAL.said(criteria=stray), "criteria of what it does not name", "does not name")
    counts = dict.fromkeys(("items", "graded", "passed", "failed", "edited", "escalated", "bad_reference"), 0)
    grades = {"sha256": "0" * 64, "summary": {**counts, "items": 1, "graded": 1}}
    yield "grades-do-not-add-up", of(USUAL.said(grades=grades), "one graded, and no grade", "but the grades are 0")
    said = USUAL.predicate("ann", "product")

    def stated(about: str, reason: str, **changes: Any) -> Case:
        return of(dumps(statement(said, MANIFEST, **changes)), about, reason)

    row = {"name": "manifest.json", "digest": {"sha256": MANIFEST}}
    yield (
        "statement-of-slsa",
        stated("another predicate", "predicateType", predicateType="https://slsa.dev/provenance/v1"),
    )
    yield "statement-v0-1", stated("an older in-toto Statement", "_type", _type="https://in-toto.io/Statement/v0.1")
    yield (
        "statement-two-subjects",
        stated("two subjects", "a list of 1 to 1", subject=[row, {**row, "digest": {"sha256": "0" * 64}}]),
    )
    yield (
        "statement-more-digests",
        stated(
            "a second digest", "an unknown field", subject=[{**row, "digest": {**row["digest"], "sha512": "0" * 128}}]
        ),
    )  # type: ignore[dict-item]
    rejected = kept(USUAL.said(choice="reject", reason=" "), "ann")
    yield "reject-without-reason", refused("a refusal that says nothing", 3, rejected, "reject needs one")


def people() -> Cases:
    """Step 4: whose key, still good at the verifier's clock, and the person named."""
    usual = USUAL.said()
    for name, key, reason in (
        ("unknown-key", "nobody", "nobody's in the roster"),
        ("key-of-a-witness", "job", "nobody's in the roster"),
        ("key-expired-this-second", "old", "was valid until 2026-11-21T12:00:00Z"),
        ("key-valid-next-second", "future", "not valid before 2026-11-21T12:00:01Z"),
        ("key-revoked-this-second", "revoked", "was revoked at 2026-11-21T12:00:00Z: lost"),
        ("key-compromised-later", "stolen", "compromised since 2026-11-30T00:00:00Z: phished"),
    ):
        yield name, refused(f"signed by the key '{key}'", 4, kept(usual, "ann", KEYS[key]), reason)
    last = kept(usual, "ann", KEYS["old"])
    yield "key-expires-next-second", passes("the last second of a key", 4, last, "ann", now="2026-11-21T11:59:59Z")
    first = kept(usual, "ann", KEYS["future"])
    yield "key-valid-this-second", passes("the first second of a key", 4, first, "ann", now="2026-11-21T12:00:01Z")
    before = kept(usual, "ann", KEYS["revoked"])
    yield (
        "key-revoked-next-second",
        passes("the second before it was revoked", 4, before, "ann", now="2026-11-21T11:59:59Z"),
    )
    another = refused(
        "ann signs for bob", 4, kept(USUAL.said("bob", "risk"), "bob", KEYS["ann"]), "speaks for bob@example.com", "bob"
    )
    told = {named("bob"): ("it speaks for bob@example.com, but the key is ann@", "ann@example.com is not risk")}
    yield "speaks-for-another", replace(another, told=told)
    elsewhere = BrowserKey("gil", "https://sign.example.com.evil.example")
    yield (
        "browser-at-another-page",
        refused(
            "another page asked the browser",
            4,
            kept(USUAL.said("gil"), "gil", elsewhere),
            "signed on the page https://sign.example.com.evil.example",
            "gil",
        ),
    )
    delegated = speaks("dee", "risk")
    early = refused("the second before the delegation", 8, delegated, "dee@example.com is not risk", "dee")
    yield "delegation-before", replace(early, now="2026-11-21T11:59:59Z")
    later = speaks("dee", "risk", decided_at="2026-11-25T11:00:00Z", expires_at="2026-11-26T11:00:00Z")
    yield "delegation-last-second", passes("the delegation's last second", 8, later, "dee", now="2026-11-25T11:59:59Z")
    over = refused("the delegation is over", 8, later, "dee@example.com is not risk", "dee")
    yield "delegation-after", replace(over, now="2026-11-25T12:00:00Z")


def matters() -> Cases:
    """Steps 5 to 9: this evidence, place and time; the checkpoint and the role; what is said."""
    yield "other-manifest", alone("about other evidence", 5, "it is about other evidence", manifest="0" * 64)
    yield "other-environment", alone("an approval for staging", 6, "for the environment staging", environment="staging")
    yield (
        "environment-in-capitals",
        alone("names are compared letter by letter", 6, "environment Production", environment="Production"),
    )
    yield (
        "other-repository",
        alone(
            "an approval for a fork", 6, "for the repository github.com/eve/triage", repository="github.com/eve/triage"
        ),
    )
    yield (
        "expired-this-second",
        alone("it ends with this second", 7, "it expired at 2026-11-21T12:00:00Z", expires_at="2026-11-21T12:00:00Z"),
    )
    yield "expires-next-second", passes("its last second", 7, speaks(expires_at="2026-11-21T12:00:01Z"), "ann")
    yield (
        "from-the-future",
        alone("five minutes and a second ahead", 7, "decided in the future", decided_at="2026-11-21T12:05:01Z"),
    )
    yield (
        "clock-five-minutes-ahead",
        passes("a clock may be five minutes off", 7, speaks(decided_at="2026-11-21T12:05:00Z"), "ann"),
    )
    yield (
        "longer-than-policy",
        alone("seven days and a second", 7, "longer than the 7d", expires_at="2026-11-28T11:00:01Z"),
    )
    yield "as-long-as-policy", passes("seven days", 7, speaks(expires_at="2026-11-28T11:00:00Z"), "ann")
    yield "role-not-held", alone("ann is not risk", 8, "ann@example.com is not risk", role="risk")
    yield (
        "role-that-closes-nothing",
        refused(
            "bob is tech-lead, and that closes nothing here",
            8,
            speaks("bob", "tech-lead"),
            "not closed by tech-lead",
            "bob",
        ),
    )
    facts = [{"name": "release", "role": "product", "facts": "0" * 64}]
    yield "other-facts", alone("other facts had opened it", 8, "opened by other facts", checkpoints=facts)
    clean = Setting(evidence="clean").points("approve")[0].digest
    yield (
        "facts-of-a-clean-run",
        alone(
            "the facts of a run without findings",
            8,
            "opened by other facts",
            checkpoints=[{**facts[0], "facts": clean}],
        ),
    )
    elsewhere = [{**facts[0], "name": "security"}]
    yield (
        "checkpoint-not-open",
        alone(
            "a checkpoint that is not there",
            8,
            "the checkpoint security is not open",
            checkpoints=elsewhere,
            criteria=[],
        ),
    )
    yield "criterion-missing", alone("the criterion is passed over", 9, "is not attested", criteria=[])
    criterion = {"checkpoint": "release", "criterion": "rollback plan available", "attested": False}
    yield "criterion-denied", alone("the criterion is not met", 9, "is not attested", criteria=[criterion])
    yield "not-recomputed", alone("production asks for recomputing", 9, "did not recompute", recomputed=False)
    yield from conditions()


def conditions() -> Cases:
    """Step 9: what an approval depends on."""

    def on(kind: str, text: str) -> list[dict[str, str]]:
        return [{"kind": kind, "text": text}]

    held = [*on("metric", "accuracy >= 0.951"), *on("metric", "pii < 0.002"), *on("until", "2026-11-21T12:00:01Z")]
    yield "conditions-hold", passes("metrics at the limit, and a date to come", 9, speaks(conditions=held), "ann")
    told = {"conditions": ("ann@example.com approved on the condition: watch the dashboard",)}
    free = speaks(conditions=on("text", "watch the dashboard"))
    yield "condition-for-people", passes("free text counts, and stays listed", 9, free, "ann", more=told)
    confirmed = [
        {"checkpoint": "release", "criterion": text, "attested": True}
        for text in ("rollback plan available", "watch the dashboard")
    ]
    both = {**free, **speaks("fay", criteria=confirmed)}
    yield (
        "condition-confirmed",
        passes("another person confirms it by signature", 9, both, "ann", "fay", more={"conditions": ()}),
    )
    for name, kind, text, reason in (
        ("condition-metric-fails", "metric", "accuracy >= 0.952", "does not hold: accuracy is 0.951"),
        ("condition-metric-unknown", "metric", "f1_macro >= 0.5", "the evidence has no f1_macro"),
        ("condition-metric-malformed", "metric", "accuracy > high", "is none on a metric"),
        ("condition-over-this-second", "until", "2026-11-21T12:00:00Z", "its condition held until"),
        ("condition-date-malformed", "until", "tomorrow", "is no UTC time"),
        ("condition-unknown", "weather", "sunny", "of kind weather is not known"),
        ("condition-of-another-choice", "ticket", "OPS-1", "does not belong to approve"),
    ):
        yield name, alone(f"{kind}: {text}", 9, reason, conditions=on(kind, text))


def cases() -> Cases:
    """Return them all by name."""
    for group in (good, files, signatures, documents, people, matters):
        yield from group()
