"""Step 3: bytes that are well signed, and no version 1 decision."""

from typing import Any

from twokey.canonical import dumps, sha256
from vectors.saying import USUAL, Case, Cases, kept, refused, statement
from vectors.world import evidence

MANIFEST = sha256(evidence("doubtful")["manifest.json"])


def cases() -> Cases:
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

    row: dict[str, Any] = {"name": "manifest.json", "digest": {"sha256": MANIFEST}}
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
    )
    rejected = kept(USUAL.said(choice="reject", reason=" "), "ann")
    yield "reject-without-reason", refused("a refusal that says nothing", 3, rejected, "reject needs one")
