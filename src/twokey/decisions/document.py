"""The decision document, version 1: an in-toto Statement that binds a person's word to evidence, place and time.

Reading is strict and total: duplicate keys, NaN, unknown or missing fields, wrong types and anything oversized are
refused, all problems at once. Whether a decision counts is not judged here; no signature and no clock is looked at.
"""

from collections.abc import Mapping
from typing import Any

from twokey import canonical
from twokey.decisions import shapes
from twokey.decisions.decision import (
    CHOICES,
    PRINCIPAL,
    Condition,
    Criterion,
    Decision,
    GradesReference,
    GradesSummary,
    NamedCheckpoint,
)
from twokey.decisions.shapes import DIGEST, listing, matching, name, nullable, one_of, prose, record, truth, whole
from twokey.errors import Place, Problem, TwokeyError

NAMESPACE = "twokey-decision-v1"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:twokey:decision:v1"
SUBJECT = "manifest.json"
MAX_BYTES = 256 * 1024
MAX_DEPTH = 8


class DecisionError(TwokeyError):
    """A decision file that cannot be read as one, with every problem found. A refusal of that file, never more."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Take all the problems found; there is at least one."""
        self.problems = problems
        Exception.__init__(self, "\n".join(map(str, problems)))


_COUNT = whole(10**9)
_SUMMARY = record(dict.fromkeys(GradesSummary.__dataclass_fields__, _COUNT))
_PREDICATE = record(
    {
        "decision": one_of(*CHOICES),
        "checkpoints": listing(record({"name": name(100), "role": name(100), "facts": DIGEST}), least=1, most=50),
        "principal": matching(PRINCIPAL.pattern, "a principal such as ann@example.com, in lower case"),
        "decided_at": shapes.moment,
        "expires_at": shapes.moment,
        "reason": prose(4000, least=0),
        "conditions": listing(
            record({"kind": matching(r"[a-z][a-z0-9-]{0,39}", "a kind of condition"), "text": prose(1000)}), most=50
        ),
        "criteria": listing(
            record({"checkpoint": name(100), "criterion": prose(1000), "attested": truth}), most=200
        ),
        "environment": name(200),
        "repository": name(500),
        "grades": nullable(record({"sha256": DIGEST, "summary": _SUMMARY})),
        "seeds": nullable(DIGEST),
        "recomputed": truth,
        "supersedes": listing(DIGEST, most=100),
        "audit_head": nullable(DIGEST),
        "nonce": matching(r"[0-9a-f]{32}", "32 lower-case hexadecimal digits"),
    }
)  # fmt: skip
STATEMENT = record(
    {
        "_type": one_of(STATEMENT_TYPE),
        "subject": listing(record({"name": one_of(SUBJECT), "digest": record({"sha256": DIGEST})}), least=1, most=1),
        "predicateType": one_of(PREDICATE_TYPE),
        "predicate": _PREDICATE,
    }
)


def render(decision: Decision) -> bytes:
    """Return the decision as its document; raises DecisionError where it would not be a valid one."""
    statement = _statement(decision)
    _refuse(shapes.problems_of(statement, STATEMENT), "the new decision")
    _refuse(_semantic_problems(statement["predicate"]), "the new decision")
    return canonical.dumps(statement)


def parse(data: bytes, file: str) -> Decision:
    """Read a decision document; raises DecisionError with every problem. `file` is its name in messages."""
    try:
        statement = canonical.loads(data, file=file, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    except TwokeyError as error:
        raise DecisionError(error.problems) from None
    _refuse(shapes.problems_of(statement, STATEMENT), file)
    _refuse(_semantic_problems(statement["predicate"]), file)
    return _decision(statement)


def _refuse(problems: tuple[str, ...], file: str) -> None:
    if problems:
        raise DecisionError(tuple(Problem(message=problem, where=Place(file=file)) for problem in problems))


def _semantic_problems(predicate: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a well-shaped predicate says that makes no sense whoever signs it."""
    problems: list[str] = []
    pairs = [(row["name"], row["role"]) for row in predicate["checkpoints"]]
    if len(set(pairs)) < len(pairs):
        problems.append("checkpoints: a checkpoint appears twice in the same role")
    criteria = [(row["checkpoint"], row["criterion"]) for row in predicate["criteria"]]
    if len(set(criteria)) < len(criteria):
        problems.append("criteria: a criterion appears twice")
    if {checkpoint for checkpoint, _ in criteria} - {checkpoint for checkpoint, _ in pairs}:
        problems.append("criteria: they speak of a checkpoint that the decision does not name")
    if shapes.instant(predicate["expires_at"]) <= shapes.instant(predicate["decided_at"]):
        problems.append("expires_at: it is not after decided_at")
    if predicate["decision"] != "approve" and not predicate["reason"].strip():
        problems.append(f"reason: {predicate['decision']} needs one")
    if predicate["grades"] is not None:
        try:
            GradesSummary(**predicate["grades"]["summary"])
        except ValueError as error:
            problems.append(f"grades.summary: {error}")
    return tuple(problems)


def _statement(decision: Decision) -> dict[str, Any]:
    grades = decision.grades
    predicate = {
        "decision": decision.choice,
        "checkpoints": [_fields(row) for row in decision.checkpoints],
        "principal": decision.principal,
        "decided_at": shapes.written(decision.decided_at),
        "expires_at": shapes.written(decision.expires_at),
        "reason": decision.reason,
        "conditions": [_fields(row) for row in decision.conditions],
        "criteria": [_fields(row) for row in decision.criteria],
        "environment": decision.environment,
        "repository": decision.repository,
        "grades": None if grades is None else {"sha256": grades.sha256, "summary": _fields(grades.summary)},
        "seeds": decision.seeds,
        "recomputed": decision.recomputed,
        "supersedes": list(decision.supersedes),
        "audit_head": decision.audit_head,
        "nonce": decision.nonce,
    }
    subject = [{"name": SUBJECT, "digest": {"sha256": decision.manifest}}]
    return {"_type": STATEMENT_TYPE, "subject": subject, "predicateType": PREDICATE_TYPE, "predicate": predicate}


def _fields(row: Any) -> dict[str, Any]:
    return {field: getattr(row, field) for field in row.__dataclass_fields__}


def _decision(statement: Mapping[str, Any]) -> Decision:
    said = statement["predicate"]
    grades = said["grades"]
    return Decision(
        choice=said["decision"],
        manifest=statement["subject"][0]["digest"]["sha256"],
        checkpoints=tuple(NamedCheckpoint(**row) for row in said["checkpoints"]),
        principal=said["principal"],
        decided_at=shapes.instant(said["decided_at"]),
        expires_at=shapes.instant(said["expires_at"]),
        environment=said["environment"],
        repository=said["repository"],
        reason=said["reason"],
        conditions=tuple(Condition(**row) for row in said["conditions"]),
        criteria=tuple(Criterion(**row) for row in said["criteria"]),
        grades=grades and GradesReference(sha256=grades["sha256"], summary=GradesSummary(**grades["summary"])),
        seeds=said["seeds"],
        recomputed=said["recomputed"],
        supersedes=tuple(said["supersedes"]),
        audit_head=said["audit_head"],
        nonce=said["nonce"],
    )
