"""The small world of the vectors: people, policies, a subject, and evidence on it. Nothing in it is decided yet.

Everything is fixed, the version of the tool too, so that the vectors change with the format and with nothing else.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from twokey.canonical import digest, dumps, sha256
from twokey.config.judging import judging
from twokey.config.load import load_config
from twokey.config.shape import Config
from twokey.gates.limits import estimated
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.repository.config import gate_options
from vectors.signing import BrowserKey, EcdsaKey, Ed25519Key, Key, RsaKey, line

NOW = "2026-11-21T12:00:00Z"
ENVIRONMENT = "production"
REPOSITORY = "github.com/acme/triage"
VERSION = "0.1.0"  # of the tool that is said to have made the evidence

KEYS: Mapping[str, Key] = {
    **{name: Ed25519Key(name) for name in ("ann", "ann's laptop", "old", "future", "revoked", "stolen", "fay", "eve")},
    "bob": EcdsaKey("bob"),
    "cy": RsaKey("cy", 1536),
    "dee": Ed25519Key("dee", application=b"ssh:"),
    "gil": BrowserKey("gil"),
    "job": Ed25519Key("job"),
    "nobody": Ed25519Key("nobody"),
}
PRINCIPALS = {name: f"{name}@example.com" for name in ("ann", "bob", "cy", "dee", "eve", "fay", "gil")}

ROSTER = f"""\
# The people of the vectors. Their private keys come from seeds in scripts/vectors/signing.py: use none of them.
roles: [product, risk, tech-lead, on-call]
people:
  - principal: ann@example.com
    name: Ann
    aliases: [ann-at-work]
    roles: [product]
    keys:
      - {line(KEYS["ann"])}
      - {line(KEYS["ann's laptop"])}
      - {{key: {line(KEYS["old"])}, valid_until: "2026-11-21T12:00:00Z"}}
      - {{key: {line(KEYS["future"])}, valid_from: "2026-11-21T12:00:01Z"}}
      - {{key: {line(KEYS["revoked"])}, revoked_at: "2026-11-21T12:00:00Z", why: lost}}
      - {{key: {line(KEYS["stolen"])}, compromised_since: "2026-11-30T00:00:00Z", why: phished}}
  - principal: bob@example.com
    roles: [risk, tech-lead]
    keys: [{line(KEYS["bob"])}]
  - principal: cy@example.com
    roles: [risk]
    keys: [{line(KEYS["cy"])}]
  - principal: dee@example.com
    keys: [{line(KEYS["dee"])}]
  - principal: eve@example.com
    roles: [on-call, risk]
    keys: [{line(KEYS["eve"])}]
  - principal: fay@example.com
    roles: [product]
    keys: [{line(KEYS["fay"])}]
  - principal: gil@example.com
    roles: [product]
    keys:
      - {{key: {line(KEYS["gil"])}, origins: ["https://sign.example.com"]}}
delegations:
  - from: cy@example.com
    to: dee@example.com
    roles: [risk]
    valid_from: "2026-11-21T12:00:00Z"
    valid_until: "2026-11-25T12:00:00Z"
    why: holidays
witnesses:
  - name: record-job
    keys: [{line(KEYS["job"])}]
"""

_JUDGING = """\
version: 1
subject: {name: support-triage, owner: ml-owner@example.com, files: [model/**, prompts/**]}
recordings:
  candidate: {path: outputs.jsonl, id: id, output: output, expected: expected, confidence: confidence}
gates:
  quality: {accuracy: {min: 95%}}
  safety: {pii: {max: 0}}
"""
_ANYBODY = """\
    release:
      opens: [{gates: [quality]}]
      close: {any_of: [product, risk]}
      criteria: [rollback plan available]
"""
_CHECKPOINTS = f"approval:\n  checkpoints:\n{_ANYBODY}"
_CHANGE = f"""\
{_CHECKPOINTS}\
    breaking-change:
      opens: [{{paths: [schemas/**]}}]
      close: {{any_of: [tech-lead]}}
"""


def _closed_by(rule: str) -> str:
    return f"approval:\n  checkpoints:\n    release:\n      opens: [{{gates: [quality]}}]\n      close: {rule}\n"


POLICIES: Mapping[str, str] = {
    "anybody": _JUDGING + _CHECKPOINTS,
    "two": _JUDGING + _closed_by("{count: 2, of: [product, risk, tech-lead]}"),
    "each": _JUDGING + _closed_by("{all_of: [tech-lead, risk]}"),
    "emergency": f"{_JUDGING}{_CHECKPOINTS}"
    "  override: {roles: [on-call], expires: 24h, review_within: 48h, ticket: required}\n",
    "change": _JUDGING + _CHANGE,
    "stricter": _JUDGING.replace("95%", "97%") + _CHANGE,
    "renewed": _JUDGING.replace("95%", "97%") + _CHECKPOINTS,
    "review": f"{_JUDGING}review: {{show: 2, audit: 2}}\n{_CHECKPOINTS}",
    "staged": f"{_JUDGING}approval:\n  automatic: {{environments: [staging]}}\n"
    "  windows:\n    - {from: '2026-11-21T12:00Z', to: '2026-11-21T14:00Z', relaxes: [release],"
    f" environments: [trial], why: moving house}}\n  checkpoints:\n{_ANYBODY}",
    "timed": _JUDGING + _closed_by("{any_of: [product]}") + "      timeout: {after: 24h, expire: 150%}\n",
    "witnessed": f"{_JUDGING}{_CHECKPOINTS}"
    "    recording: {opens: [{unwitnessed: true}], close: {any_of: [tech-lead]}}\n",
}

SHIPPED: Mapping[str, bytes] = {"model/weights.txt": b"0.25 0.5 0.25\n", "prompts/reply.txt": b"Answer in one line.\n"}
SUBJECTS: Mapping[str, Mapping[str, bytes]] = {
    "shipped": SHIPPED,
    "other": {**SHIPPED, "model/weights.txt": b"0.25 0.5 0.26\n"},
}
ITEMS = {"case-0001": "low-confidence", "case-0002": "low-confidence", "case-0003": "audit", "case-0004": "audit"}
BOOKS = Books(total=1000, scored=1000)


@cache
def config_of(policy: str) -> Config:
    """Return a policy as twokey reads it."""
    return load_config(POLICIES[policy].encode(), "gates.yaml", gate_options(), {})


@cache
def judging_digest(policy: str) -> str:
    """Return the digest of a policy's judging part; no policy here names further files."""
    return digest({"judging": judging(config_of(policy)), "files": []})


def _judged(gate: str, name: str, status: Status, reason: str, value: float, low: float, high: float) -> GateResult:
    estimate = estimated(value, (low, high), 1000, "Clopper-Pearson")
    metric = Metric(name=name, status=status, reason=reason, books=BOOKS, estimate=estimate, limit="min 0.95")
    return conclude_gate(gate, BOOKS, [metric])


_READ = _judged("records", "unreadable", Status.PASS, "every line is a record", 0, 0, 0.003683)
_DOUBTFUL = _judged("quality", "accuracy", Status.INCONCLUSIVE, "0.951 may be below 0.95", 0.951, 0.935701, 0.963540)
_GOOD = _judged("quality", "accuracy", Status.PASS, "0.98 is above 0.95", 0.98, 0.969265, 0.987747)
_CLEAN = _judged("safety", "pii", Status.PASS, "no output has personal data", 0, 0, 0.003683)
_UNSAFE = _judged("safety", "pii", Status.FAIL, "1 output has personal data", 0.001, 0.000025, 0.005559)
_CHOSEN = conclude_gate(
    "review",
    BOOKS,
    [Metric(name="selection", status=Status.PASS, reason="4 of 1,000 outputs are shown", books=BOOKS)],
    facts={"outputs": 1000, "not_shown": 998, "items": ITEMS},
)
RESULTS: Mapping[str, tuple[GateResult, ...]] = {
    "doubtful": (_READ, _DOUBTFUL, _CLEAN),
    "clean": (_READ, _GOOD, _CLEAN),
    "unsafe": (_READ, _DOUBTFUL, _UNSAFE),
    "unpinned": (_READ, _DOUBTFUL, _CLEAN),
    "review": (_READ, _DOUBTFUL, _CLEAN, _CHOSEN),
}


def results(gates: Iterable[GateResult]) -> bytes:
    """Return results.json."""
    return dumps({"type": "urn:twokey:results:v1", "gates": [gate.plain() for gate in gates], "sample": {}})


@cache
def evidence(name: str) -> Mapping[str, bytes]:
    """Return the evidence of that name as a store keeps it: manifest.json, results.json, packet.json."""
    found = results(RESULTS[name])
    packet = dumps({"type": "urn:twokey:packet:v1", "summary": [f"support-triage: {name}"]})
    manifest = manifest_of(
        found, packet, {} if name == "unpinned" else SHIPPED, "review" if name == "review" else "two"
    )
    return {"manifest.json": dumps(manifest), "results.json": found, "packet.json": packet}


def manifest_of(found: bytes, packet: bytes, subject: Mapping[str, bytes], policy: str) -> dict[str, Any]:
    """Return the manifest over these results and this packet, as a value."""
    files = [{"path": path, "sha256": sha256(data), "size": len(data)} for path, data in sorted(subject.items())]
    named = {"name": "support-triage", "files": [[file["path"], file["sha256"]] for file in files]}
    covered = {"results.json": found, "review/packet.json": packet}
    covered |= dict.fromkeys(("quarantine.jsonl", "review/items.jsonl", "review/queue.jsonl"), b"")
    return {
        "type": "urn:twokey:manifest:v1",
        "tool": {"name": "twokey", "version": VERSION},
        "subject": {
            "name": "support-triage",
            "owner": "ml-owner@example.com",
            "digest": digest(named),
            "pinned": bool(files),
            "files": files,
        },
        "recordings": {
            "candidate": {
                "sha256": sha256(b"outputs"),
                "size": 7,
                "records": 1000,
                "unreadable": {"count": 0, "first": []},
            },
            "baseline": None,
        },
        "policy": {"sha256": judging_digest(policy), "files": []},
        "seed": 0,
        "files": [
            {"path": path, "sha256": sha256(covered[path]), "size": len(covered[path])} for path in sorted(covered)
        ],
    }


def shared() -> dict[Path, bytes]:
    """Return the files that many cases share, by their path below tests/vectors."""
    found = {Path("roster.yaml"): ROSTER.encode()}
    found |= {Path("policies", name, "gates.yaml"): text.encode() for name, text in POLICIES.items()}
    found |= {Path("subjects", name, path): data for name, files in SUBJECTS.items() for path, data in files.items()}
    found |= {Path("evidence", name, file): data for name in RESULTS for file, data in evidence(name).items()}
    return found
