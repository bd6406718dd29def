"""What the page is made of: everything it shows and needs, as plain JSON, so that its script computes no text itself.

Numbers, structures and places become text here, because a browser's numbers are not ours and the page without scripts
has to say the same. Nothing is escaped: that is for `render`. Who may grade and what grades come to is not known here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import QUEUE
from twokey.page.leaves import leaves
from twokey.reports import wording
from twokey.review import AUDITED, MAY_HOLD, unsupported
from twokey.review.grades import (
    CERTAINTIES,
    MAX_CORRECTION,
    MAX_REASON,
    MAX_REVISIONS,
    MAX_SECONDS,
    PRINCIPAL,
    SEVERITIES,
    TYPE,
    Grades,
    rows_of,
    wants_reason,
)
from twokey.review.rubric import CERTAINTY_MEANS, NOTES, RUBRIC, SEVERITY_MEANS
from twokey.review.shown import as_text, without_confidence, worth_showing
from twokey.values import dataclass
from twokey.visible import UNSEEN

Row = Mapping[str, Any]
Answers = Mapping[str, Sequence[tuple[str, str]]]

PARTS = ("input", "output", "label", "expected", "context")
"""What is judged comes first, and what it is judged by after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where a page that comes from a server saves and signs, and which revision of the grades it holds.

    `sign` is None where there is nothing to sign with.
    """

    save: str = "./grades"
    sign: str | None = "./sign"
    revision: int = 0


def payload(
    evidence: Evidence,
    *,
    items: Sequence[Row] | None = None,
    practice: Iterable[Row] = (),
    grades: Grades | None = None,
    answers: Answers | None = None,
    reviewer: str | None = None,
    seeds: str | None = None,
    served: Served | None = None,
) -> dict[str, Any]:
    """Return what the page holds.

    Args:
        evidence: its reserve is what may be taken in addition.
        items: what has to be graded in the order in which it is met (`review.order.presented`); default: the items.
        practice: rows with `answer` and `feedback`, which come first and count for nothing.
        grades: those given so far.
        answers: what was answered to the reviewer's questions, by item: who, and what they say.
        reviewer: who grades, where that is known.
        seeds: SHA-256 of the sealed bundle whose rows are among `items`.
        served: where the page saves; None for a page that is a file.
    """
    told = answers or {}
    required = evidence.items if items is None else items
    rows = [
        *(_row(row, evidence.digest, told) | _practice(row) for row in practice),
        *(_row(row, evidence.digest, told) | {"kind": "item"} for row in required),
        *(_row(row, evidence.digest, told) | _reserve(row) for row in evidence.reserve),
    ]
    return {
        "type": TYPE,
        "manifest": evidence.digest,
        "subject": str((evidence.manifest.get("subject") or {}).get("name") or ""),
        "reviewer": reviewer or (grades.reviewer if grades else None),
        "seeds": seeds or (grades.seeds if grades else None),
        "sources": list(grades.sources) if grades else [],
        "grades": rows_of(grades) if grades else [],
        "items": rows,
        "waiting": evidence.files.get(QUEUE, b"").count(b"\n"),
        "note": MAY_HOLD,
        "rubric": [
            {
                "grade": rule.grade,
                "key": rule.key,
                "word": rule.word,
                "meaning": rule.meaning,
                "at_length": rule.at_length,
                "question": rule.question,
            }
            for rule in RUBRIC
        ],
        "severities": [[name, SEVERITY_MEANS[name]] for name in SEVERITIES],
        "certainties": [[name, CERTAINTY_MEANS[name]] for name in CERTAINTIES],
        "notes": list(NOTES),
        "most": {
            "reason": MAX_REASON,
            "correction": MAX_CORRECTION,
            "seconds": MAX_SECONDS,
            "revisions": MAX_REVISIONS,
        },
        "principal": PRINCIPAL.pattern,
        "unseen": UNSEEN.pattern,
        "served": None if served is None else _served(served),
    }


def _served(served: Served) -> dict[str, Any]:
    return {"save": served.save, "sign": served.sign, "revision": served.revision}


def _practice(row: Row) -> dict[str, Any]:
    return {"kind": "practice", "answer": str(row.get("answer")), "feedback": wording.text_of(row.get("feedback"))}


def _reserve(row: Row) -> dict[str, Any]:
    stage = row.get("stage")
    audit = row.get("stratum") == AUDITED and isinstance(stage, int)
    return {"kind": "reserve", "stage": stage if audit else 0}


def _row(row: Row, manifest: str, answers: Answers) -> dict[str, Any]:
    """Return an item: what is read before a grade, and under `machine` and `after` what is shown only then."""
    first = without_confidence(row)
    parts = {name: _part(name, first) for name in PARTS if worth_showing(name, row)}
    made: dict[str, Any] = {
        "id": str(row["id"]),
        "stratum": str(row.get("stratum", "")),
        "about": list(_about(row)),
        "parts": parts,
        "machine": [[title, lines] for title, lines in _machine(row) if lines],
        "explain": wants_reason(manifest, str(row["id"])),
    }
    if first.get("output") != row.get("output"):
        made["after"] = _part("output", row)
    if row.get("expected") is not None:
        made["compared"] = {"with": "label" if "label" in parts else "output", "same": not wording.is_wrong(row)}
    if new := unsupported.told(first):
        made["unsupported"] = new
    if asked := list(wording.lines_of(row.get("asked"))):
        made["asked"] = asked
    if answered := answers.get(str(row["id"])):
        made["answered"] = [list(answer) for answer in answered]
    return made


def _part(name: str, item: Row) -> dict[str, Any]:
    """Return a part as text; with the places to look at in it, and its values by path where it is a structure."""
    part: dict[str, Any] = {"text": as_text(item[name])}
    if name == "output" and (marked := unsupported.marked(item)):
        part["marked"] = [list(piece) for piece in marked]
    if name in ("output", "label", "expected") and (found := leaves(item[name])):
        part["leaves"] = found
    return part


def _about(row: Row) -> Iterator[str]:
    if row.get("source"):
        yield f"source {row['source']}"
    yield from (f"{name} {value}" for name, value in sorted((row.get("groups") or {}).items()))
    if row.get("impact"):
        yield f"impact {wording.text_of(row['impact'])}"
    if row.get("latency_ms") is not None:
        yield f"{row['latency_ms']:g} ms"


def _machine(row: Row) -> Iterator[tuple[str, list[str]]]:
    confidence = row.get("confidence")
    yield "chosen because", [wording.stratum(str(row.get("stratum", "")))]
    yield "confidence", ["none was given" if confidence is None else f"{confidence:g}"]
    yield "what that has meant", list(wording.lines_of(row.get("confidence_past")))
    yield "doubts", [_said(doubt, "says") for doubt in _list(row.get("doubts"))]
    yield "seen by detectors", list(wording.flagged(row))
    yield "alternatives", [_alternative(one) for one in _list(row.get("alternatives"))]


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else () if value is None else (value,)


def _said(value: Any, name: str) -> str:
    return wording.text_of(value.get(name, value) if isinstance(value, Mapping) else value)


def _alternative(value: Any) -> str:
    if isinstance(value, Mapping) and {"label", "score"} <= value.keys():
        return f"{wording.text_of(value['label'])} ({wording.text_of(value['score'])})"
    return wording.text_of(value)
