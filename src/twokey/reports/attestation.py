"""What a pass is told to other machines: in-toto Statements for admission controllers and registries.

Two of them. The verification summary (VSA) says that the subject's files passed policy for one environment; it exists
on a pass only. The test result says how each check of the gates came out, whatever the verdict. Neither is signed here,
and an unsigned statement proves nothing: the deploy job signs them with its own identity (`cosign attest-blob`, or the
CI host's attestations), and whoever admits decides whose signatures count.

Formats: in-toto/attestation, spec/v1/statement.md and predicates/test-result.md; slsa.dev/spec, Verification Summary
Attestation.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from twokey.canonical import dumps
from twokey.conclusion import Conclusion, Verdict
from twokey.decisions.shapes import written
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import MANIFEST
from twokey.outcome import GateResult, Status
from twokey.reports import escape, wording

STATEMENT = "https://in-toto.io/Statement/v1"
VSA = "https://slsa.dev/verification_summary/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
VSA_FILE = "verification-summary.intoto.json"
TEST_RESULT_FILE = "test-result.intoto.json"
VERIFIER = "urn:twokey:verify:v1"
# Levels of our own, which SLSA lets a verifier add. Each is something a consumer may ask for.
UNEVALUATED = "SLSA_BUILD_LEVEL_UNEVALUATED"
PASSED = "TWOKEY_PASS"
DECIDED = "TWOKEY_DECIDED"  # a person's decision closed every checkpoint, and at least one was open
NOT_RELEASED = "TWOKEY_NOTHING_RELEASED"  # nothing passed by an override or in a window
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[!#-;=?-Z_a-z~\[\]@]+")  # RFC 3986, with its scheme in lower case


def render_vsa(
    evidence: Evidence,
    conclusion: Conclusion,
    *,
    now: datetime,
    version: str,
    inputs: Mapping[str, str],
    verifier: str = VERIFIER,
    resource: str | None = None,
) -> str | None:
    """Return the verification summary, or None where nothing may be said: no pass, no files, or a look at the past.

    `inputs` gives the SHA-256 of each signed statement that counted, by name: every decision, and what witnesses said.
    `verifier` is a URI for who verifies, which consumers trust together with the signing identity. `resource` is the
    URI from which the subject is fetched; by default `urn:twokey:release:REPOSITORY:SUBJECT:ENVIRONMENT`, so that a
    summary for one environment is none for another.

    Raises:
        ValueError: the conclusion is about other evidence, or a decision counted that `inputs` does not name.
        TwokeyError: `verifier` or `resource` is no URI.
    """
    if conclusion.manifest != evidence.digest:
        raise ValueError("the conclusion is about other evidence")
    subject = _subject(evidence)
    if conclusion.verdict is not Verdict.PASS or conclusion.at is not None or not subject:
        return None
    if missing := [found.file for found in conclusion.decisions if found.counted and found.file not in inputs]:
        raise ValueError(f"decisions counted without their digest: {', '.join(missing)}")
    name, place = evidence.manifest["subject"]["name"], (conclusion.repository, conclusion.environment)
    predicate = {
        "verifier": {"id": _uri(verifier, "verifier"), "version": {"twokey": version}},
        "timeVerified": written(now.replace(microsecond=0)),
        "resourceUri": _uri(resource or _urn("release", place[0], name, place[1]), "resource"),
        "policy": {
            "uri": _urn("policy", *place),
            "digest": {"sha256": evidence.manifest["policy"]["sha256"]},
            "annotations": {"digest": "of the judging policy, as manifest.json has it"},
        },
        "inputAttestations": [
            _descriptor(MANIFEST, evidence.digest),
            *(_descriptor(name, inputs[name]) for name in sorted(inputs)),
        ],
        "verificationResult": "PASSED",
        "verifiedLevels": list(_levels(conclusion)),
    }
    return _statement(subject, VSA, predicate)


def render_test_result(evidence: Evidence, conclusion: Conclusion, *, url: str | None = None) -> str | None:
    """Return how each check of the gates came out, or None where the subject has no files to say it of.

    A check that holds is passed, an inconclusive one warned, one that fails or could not be made failed; what policy
    sets no limit on is not listed. `url` leads to the run. Raises TwokeyError where it is no URI.
    """
    subject = _subject(evidence)
    if not subject:
        return None
    results = [(result.gate, result) for result in evidence.results]
    results += [("grades", conclusion.review)] if conclusion.review else []
    tests = [test for title, result in results for test in _tests(title, result)]
    listed = {word: [name for name, found in tests if found == word] for word in ("PASSED", "WARNED", "FAILED")}
    policy = evidence.manifest["policy"]
    predicate = {
        "result": next((word for word in ("FAILED", "WARNED", "PASSED") if listed[word]), "FAILED"),
        "configuration": [
            {**_descriptor(MANIFEST, evidence.digest), "annotations": {"tool": evidence.manifest["tool"]}},
            _descriptor("judging policy", policy["sha256"]),
            *(_descriptor(row["path"], row["sha256"]) for row in policy["files"]),
        ],
        **({"url": _uri(url, "url")} if url is not None else {}),
        "passedTests": listed["PASSED"],
        "warnedTests": listed["WARNED"],
        "failedTests": listed["FAILED"],
    }
    return _statement(subject, TEST_RESULT, predicate)


def _levels(conclusion: Conclusion) -> Iterator[str]:
    yield UNEVALUATED
    yield PASSED
    if conclusion.checkpoints and all(state.closed_by for state in conclusion.checkpoints):
        yield DECIDED
    if not conclusion.released and not any(state.relaxed for state in conclusion.checkpoints):
        yield NOT_RELEASED


def _tests(title: str, result: GateResult) -> Iterator[tuple[str, str]]:
    """Yield each judged check's name and how it came out; a gate's finding without a metric is a check as well."""
    words = {Status.PASS: "PASSED", Status.INCONCLUSIVE: "WARNED"}
    judged = {metric.id: metric.status for metric in wording.judged(result)}
    judged |= {finding.check: finding.status for finding in result.findings}
    for check, status in judged.items():
        yield f"{title}.{check}", words.get(status, "FAILED")


def _subject(evidence: Evidence) -> list[dict[str, Any]]:
    return [_descriptor(row["path"], row["sha256"]) for row in evidence.manifest["subject"]["files"]]


def _descriptor(name: str, sha256: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": sha256}}


def _statement(subject: list[dict[str, Any]], predicate_type: str, predicate: Mapping[str, Any]) -> str:
    document = {"_type": STATEMENT, "subject": subject, "predicateType": predicate_type, "predicate": predicate}
    return escape.json_text(dumps(document).decode("utf-8"))


def _urn(what: str, *parts: str) -> str:
    """Return a name of ours; every part is encoded, so that none can pass for two."""
    encoded = (quote(part, safe="/@", errors="surrogatepass") for part in parts)
    return ":".join(("urn:twokey", what, *encoded))


def _uri(text: str, what: str) -> str:
    if not _URI.fullmatch(text):
        told = f"{what}: {text[:100]!a} is no URI with a scheme in lower case"
        raise TwokeyError(told, hint="such as https://ci.example.com/deploy")
    return text
