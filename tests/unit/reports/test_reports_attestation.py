"""What a pass is told to other machines, held against the field rules of the formats that it claims to be in."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from run_world import COUNTED, RUNS, HostileCase, approved, clean, hostile_cases, hostile_run

from twokey.conclusion import Verdict
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.outcome import Books, conclude_gate
from twokey.reports.attestation import render_test_result, render_vsa
from twokey.reports.base import Run

NOW = datetime(2026, 11, 21, 12, 0, 0, 123, tzinfo=UTC)
INPUTS = {COUNTED.file: "e" * 64, "outputs.jsonl.witness.json": "d" * 64}
HEX = re.compile(r"[0-9a-f]{64}")
ABSOLUTE_URI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+")  # RFC 3986; in-toto wants the scheme in lower case
TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")  # RFC 3339, in UTC


def summary(run: Run, **changes: Any) -> dict[str, Any] | None:
    given: dict[str, Any] = {"now": NOW, "version": "1.2.3", "inputs": INPUTS, **changes}
    text = render_vsa(run.evidence, run.conclusion, **given)
    if text is None:
        return None
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def passed(run: Run, **changes: Any) -> dict[str, Any]:
    found = summary(run, **changes)
    assert found is not None
    return found


def results_told(run: Run, url: str | None = None) -> dict[str, Any]:
    text = render_test_result(run.evidence, run.conclusion, url=url)
    assert text is not None
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def concluded(run: Run, **changes: Any) -> Run:
    return replace(run, conclusion=replace(run.conclusion, **changes))


def unpinned(run: Run) -> Run:
    subject = {**run.evidence.manifest["subject"], "files": [], "pinned": False}
    evidence: Evidence = replace(run.evidence, manifest={**run.evidence.manifest, "subject": subject})
    return replace(run, evidence=evidence)


# The rules of the formats, as their specifications word them


def expect_descriptor(value: dict[str, Any]) -> None:
    assert set(value) <= {"name", "uri", "digest", "content", "downloadLocation", "mediaType", "annotations"}
    assert {"uri", "digest", "content"} & set(value), "a ResourceDescriptor MUST specify one of them"
    assert all(HEX.fullmatch(digest) for digest in value.get("digest", {}).values())
    assert "uri" not in value or ABSOLUTE_URI.fullmatch(value["uri"])


def expect_statement(value: dict[str, Any], predicate_type: str) -> dict[str, Any]:
    assert set(value) == {"_type", "subject", "predicateType", "predicate"}
    assert value["_type"] == "https://in-toto.io/Statement/v1"
    assert value["predicateType"] == predicate_type
    assert value["subject"]
    for subject in value["subject"]:
        expect_descriptor(subject)
        assert subject["digest"], "each subject MUST have a digest"
    names = [subject["name"] for subject in value["subject"]]
    assert len(set(names)) == len(names), "names SHOULD be unique within subject"
    predicate: dict[str, Any] = value["predicate"]
    return predicate


def expect_summary(value: dict[str, Any]) -> dict[str, Any]:
    predicate = expect_statement(value, "https://slsa.dev/verification_summary/v1")
    assert ABSOLUTE_URI.fullmatch(predicate["verifier"]["id"])
    assert all(isinstance(version, str) for version in predicate["verifier"]["version"].values())
    assert TIMESTAMP.fullmatch(predicate["timeVerified"])
    assert ABSOLUTE_URI.fullmatch(predicate["resourceUri"])
    expect_descriptor(predicate["policy"])
    assert predicate["policy"]["uri"], "the policy MUST contain a uri"
    for attestation in predicate["inputAttestations"]:
        expect_descriptor(attestation)
        assert attestation["digest"], "each entry MUST contain a digest"
    assert predicate["verificationResult"] in {"PASSED", "FAILED"}
    levels = predicate["verifiedLevels"]
    assert levels
    known = re.compile(r"SLSA_[A-Z]+_LEVEL_([0-9]|UNEVALUATED)|(?!SLSA_).+")
    assert all(known.fullmatch(level) for level in levels), "custom values MUST NOT start with SLSA_"
    tracks = [level.split("_")[1] for level in levels if level.startswith("SLSA_")]
    assert len(set(tracks)) == len(tracks), "one level per track"
    return predicate


def expect_test_result(value: dict[str, Any]) -> dict[str, Any]:
    predicate = expect_statement(value, "https://in-toto.io/attestation/test-result/v0.1")
    assert predicate["result"] in {"PASSED", "WARNED", "FAILED"}
    assert isinstance(predicate["configuration"], list)
    for descriptor in predicate["configuration"]:
        expect_descriptor(descriptor)
    for key in ("passedTests", "warnedTests", "failedTests"):
        assert all(isinstance(name, str) for name in predicate[key])
    assert "url" not in predicate or ABSOLUTE_URI.fullmatch(predicate["url"])
    return predicate


# The verification summary


def test_a_pass_is_told_with_all_that_it_stands_on() -> None:
    run = approved()
    document = passed(run)
    predicate = expect_summary(document)
    assert document["subject"][0] == {"name": "model/articles.json", "digest": {"sha256": f"{1:064x}"}}
    assert len(document["subject"]) == 3
    assert predicate == {
        "verifier": {"id": "urn:twokey:verify:v1", "version": {"twokey": "1.2.3"}},
        "timeVerified": "2026-11-21T12:00:00Z",
        "resourceUri": "urn:twokey:release:example/support-triage:support-triage:production",
        "policy": {
            "uri": "urn:twokey:policy:example/support-triage:production",
            "digest": {"sha256": "b" * 64},
            "annotations": {"digest": "of the judging policy, as manifest.json has it"},
        },
        "inputAttestations": [
            {"name": "manifest.json", "digest": {"sha256": run.evidence.digest}},
            {"name": "decision-ann@example.com.json", "digest": {"sha256": "e" * 64}},
            {"name": "outputs.jsonl.witness.json", "digest": {"sha256": "d" * 64}},
        ],
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_UNEVALUATED", "TWOKEY_PASS", "TWOKEY_DECIDED", "TWOKEY_NOTHING_RELEASED"],
    }


@pytest.mark.parametrize("name", RUNS)
def test_only_a_pass_has_a_summary(name: str) -> None:
    run = RUNS[name]()
    assert (summary(run) is not None) == (run.conclusion.verdict is Verdict.PASS)


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.PASS])
def test_no_other_verdict_has_one_whatever_else_is_said(verdict: Verdict) -> None:
    assert summary(concluded(approved(), verdict=verdict)) is None


def test_a_look_at_the_past_is_no_word_on_today() -> None:
    assert summary(concluded(approved(), at="2026-01-01T00:00:00Z")) is None


def test_what_is_known_by_name_only_cannot_be_attested() -> None:
    assert summary(unpinned(approved())) is None
    run = unpinned(approved())
    assert render_test_result(run.evidence, run.conclusion) is None


@pytest.mark.parametrize("changes", [{"environment": "staging"}, {"repository": "example/other"}])
def test_a_summary_for_one_place_is_none_for_another(changes: dict[str, str]) -> None:
    here, there = passed(approved()), passed(concluded(approved(), **changes))
    assert here["predicate"]["resourceUri"] != there["predicate"]["resourceUri"]
    assert here["predicate"]["policy"]["uri"] != there["predicate"]["policy"]["uri"]


def test_no_name_can_pass_for_two_places() -> None:
    one = passed(concluded(approved(), repository="a:support-triage", environment="b"))
    two = passed(concluded(approved(), repository="a", environment="support-triage:b"))
    assert one["predicate"]["resourceUri"] != two["predicate"]["resourceUri"]


def test_a_decision_that_counted_is_never_left_out() -> None:
    with pytest.raises(ValueError, match=r"without their digest: decision-ann@example\.com\.json"):
        summary(approved(), inputs={})


def test_a_conclusion_about_other_evidence_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="other evidence"):
        summary(concluded(approved(), manifest="f" * 64))


def test_levels_say_whether_people_decided_and_whether_anything_was_let_through() -> None:
    assert passed(clean())["predicate"]["verifiedLevels"][1:] == ["TWOKEY_PASS", "TWOKEY_NOTHING_RELEASED"]
    released = concluded(approved(), released=("quality.accuracy",))
    assert passed(released)["predicate"]["verifiedLevels"][1:] == ["TWOKEY_PASS", "TWOKEY_DECIDED"]
    state = replace(approved().conclusion.checkpoints[0], closed_by=(), relaxed="planned maintenance")
    relaxed = concluded(approved(), checkpoints=(state,))
    assert passed(relaxed)["predicate"]["verifiedLevels"][1:] == ["TWOKEY_PASS"]
    half = concluded(approved(), checkpoints=(*approved().conclusion.checkpoints, state))
    assert passed(half)["predicate"]["verifiedLevels"][1:] == ["TWOKEY_PASS"]


def test_consumers_may_be_given_their_own_names() -> None:
    given = {"verifier": "https://ci.example.com/deploy", "resource": "oci://registry.example.com/triage@sha256:0"}
    predicate = expect_summary(passed(approved(), **given))
    assert (predicate["verifier"]["id"], predicate["resourceUri"]) == tuple(given.values())


@pytest.mark.parametrize("odd", ["deploy", "HTTPS://x.example", "https://a b", "https://x\n", "https:", "1a:b"])
@pytest.mark.parametrize("what", ["verifier", "resource"])
def test_what_is_no_uri_is_refused(what: str, odd: str) -> None:
    with pytest.raises(TwokeyError, match="is no URI"):
        summary(approved(), **{what: odd})


def test_the_time_is_utc_whatever_the_clocks_zone() -> None:
    east = timezone(timedelta(hours=14))
    assert passed(approved(), now=NOW.astimezone(east)) == passed(approved())


# The test result


def test_each_check_is_listed_once_as_it_came_out() -> None:
    predicate = expect_test_result(results_told(approved()))
    assert predicate["result"] == "FAILED"
    assert predicate["failedTests"] == ["quality.hallucination_rate"]
    assert predicate["warnedTests"] == ["quality.accuracy"]
    assert "performance.latency_p95_ms" in predicate["passedTests"]
    assert {"grades.max_failures", "grades.max_failure_rate"} <= set(predicate["passedTests"])
    listed = [name for key in ("passedTests", "warnedTests", "failedTests") for name in predicate[key]]
    assert len(set(listed)) == len(listed)
    assert "performance.latency_p50_ms" not in listed, "policy sets no limit on it"


def test_a_clean_run_passed_all_its_tests() -> None:
    predicate = expect_test_result(results_told(clean(), url="https://ci.example.com/runs/7"))
    assert (predicate["result"], predicate["warnedTests"], predicate["failedTests"]) == ("PASSED", [], [])
    assert predicate["url"] == "https://ci.example.com/runs/7"
    names = [descriptor["name"] for descriptor in predicate["configuration"]]
    assert names == ["manifest.json", "judging policy"]


def test_a_gate_that_judged_nothing_is_a_failed_test() -> None:
    run = clean()
    nothing = conclude_gate("quality", Books(total=1, scored=1), [])
    predicate = expect_test_result(results_told(replace(run, evidence=replace(run.evidence, results=(nothing,)))))
    assert (predicate["result"], predicate["failedTests"]) == ("FAILED", ["quality.policy"])


def test_no_test_at_all_is_no_pass() -> None:
    predicate = expect_test_result(results_told(RUNS["empty"]()))
    assert (predicate["result"], predicate["passedTests"]) == ("FAILED", [])


@pytest.mark.parametrize("name", RUNS)
def test_the_test_result_follows_its_rules_whatever_the_verdict(name: str) -> None:
    assert "url" not in expect_test_result(results_told(RUNS[name]()))


@pytest.mark.parametrize("case", hostile_cases(), ids=lambda case: case.name)
def test_hostile_text_stays_text_and_is_never_obeyed(case: HostileCase) -> None:
    run = concluded(hostile_run(case.text), verdict=Verdict.PASS)
    text = render_vsa(run.evidence, run.conclusion, now=NOW, version="1", inputs={case.text: "e" * 64})
    other = render_test_result(run.evidence, run.conclusion)
    assert text is not None
    assert other is not None
    expect_summary(json.loads(text))
    expect_test_result(json.loads(other))
    assert not [form for form in case.never if form in text + other]
