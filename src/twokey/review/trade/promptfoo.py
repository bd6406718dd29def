"""promptfoo: an eval whose outputs people rate in its viewer, and the human ratings of an exported one.

Its viewer knows up, down and a comment. All else that a grade holds stands in the comment, see `promptfoo_comment`.
Nothing here can be run by promptfoo: the config that goes along has no tests and names no provider of its own.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from twokey.canonical import dumps, loads
from twokey.errors import Place, TwokeyError
from twokey.review.grades import Grade
from twokey.review.trade.base import MAX_BYTES, Reading, Row, Sheet
from twokey.review.trade.fields import (
    ITEM,
    MANIFEST,
    OPINION,
    REVIEWER,
    SHOWN,
    grade_in,
    opinion_of,
    shown_text,
    shown_texts,
    written,
)
from twokey.review.trade.promptfoo_comment import comment_of, values_in
from twokey.values import dataclass

HUMAN = "human"
SAID = "Manual result (overrides all other grading results)"  # what the viewer itself writes as the reason
_TEMPLATE = re.compile(r"\{(?=[{%#])")
_LOADED = re.compile(r"^(\s*(?:file|package|exec|python)):", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promptfoo:
    """An eval for `promptfoo import`, rated in `promptfoo view`, and read from `promptfoo export eval ID`.

    A thumb up is a pass. A thumb down is a fail, and its comment has to say how bad it is and why:

        severity: high

        names another customer

    The comment may begin with lines for `grade` (for what a thumb cannot say: edit, escalate, bad-reference, ask),
    `severity`, `certainty`, `correction`, `seconds` and `revised_from`; after an empty line comes the reason. A thumb
    down that lacks what its grade needs is told and not taken; so is a thumb that contradicts its comment.

    Limits: promptfoo shows what was not rated as passed, and does not say who rated. Ratings count as those of the
    reviewer whose grades went out with the eval, or else of whoever takes them over. Templates, file references and
    Markdown images in texts are made inert.
    """

    name: ClassVar[str] = "promptfoo"
    summary: ClassVar[str] = "an eval for promptfoo's viewer, and its human ratings"
    suffix: ClassVar[str] = ".json"

    def export(self, sheet: Sheet) -> bytes:
        """Return the eval. It has no time in it: promptfoo takes the time of the import."""
        names = [name for name in SHOWN if name != "output" and any(row.get(name) is not None for row in sheet.items)]
        results = [_result(sheet, number, row, names) for number, row in enumerate(sheet.items)]
        passed = sum(one["success"] for one in results)
        title = f"twokey review of {sheet.manifest[:12]}"
        metrics = {
            "score": passed,
            "testPassCount": passed,
            "testFailCount": len(results) - passed,
            "testErrorCount": 0,
            "assertPassCount": 0,
            "assertFailCount": 0,
            "totalLatencyMs": 0,
            "tokenUsage": {},
            "namedScores": {},
            "namedScoresCount": {},
            "cost": 0,
        }
        stats = {"successes": passed, "failures": len(results) - passed, "errors": 0, "tokenUsage": {}}
        found = {"version": 3, "prompts": [{**_PROMPT, **_PROVIDER, "metrics": metrics}], "results": results}
        whole = {
            "evalId": f"eval-twokey-{sheet.manifest[:12]}",
            "config": {"description": title, "prompts": [_PROMPT["raw"]], "providers": ["twokey"], "tests": []},
            "results": {**found, "stats": stats},
            "shareableUrl": None,
            "vars": names,
        }
        return written(dumps(whole))

    def beside(self, sheet: Sheet) -> Mapping[str, bytes]:
        """Return nothing: the file stands alone."""
        del sheet
        return {}

    def read(self, data: bytes, file: str) -> Reading:
        """Read an exported eval. Raises TwokeyError with the file and the number of the result."""
        document = loads(data, file=file, max_bytes=MAX_BYTES)
        results = document.get("results") if isinstance(document, dict) else None
        found = results.get("results") if isinstance(results, dict) else results
        if not isinstance(found, list):
            raise TwokeyError("holds no results of an eval, as promptfoo exports them", where=Place(file=file))
        rows: list[Row] = []
        notes: list[str] = []
        for number, one in enumerate(found, start=1):
            row, doubt = _row(one, f"result {number}", Place(file=file))
            if doubt:
                notes.append(f"{row.item!r} is not taken: {doubt}")
            else:
                rows.append(row)
        return Reading(rows=tuple(rows), notes=tuple(notes), as_shown=inert)


_PROMPT = {"raw": "{{input}}", "label": "as recorded"}
_PROVIDER = {"provider": "twokey"}


def inert(text: str) -> str:
    """Return a text without what promptfoo would fill in, load, or show as a picture from elsewhere."""
    return _LOADED.sub(r"\1 :", _TEMPLATE.sub("{ ", text)).replace("![", r"!\[")


def _result(sheet: Sheet, number: int, row: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    grade = grade_in(sheet, row)
    shown = {name: inert(value) for name, value in shown_texts(row).items()}
    texts = {name: shown[name] for name in names}
    success = grade is None or not grade.failed
    metadata = {ITEM: str(row["id"]), MANIFEST: sheet.manifest}
    if sheet.grades:
        metadata[REVIEWER] = sheet.grades.reviewer
    if sheet.opinion:
        metadata[OPINION] = inert(shown_text(opinion_of(row)))
    return {
        "promptIdx": 0,
        "testIdx": number,
        "prompt": {**_PROMPT, "raw": shown["input"]},
        "provider": {"id": "twokey", "label": "as recorded"},
        "vars": texts,
        "testCase": {"vars": texts, "assert": [], "options": {}, "metadata": {}},
        "response": {"output": shown["output"]},
        "metadata": metadata,
        "success": success,
        "score": int(success),
        "failureReason": 0 if success else 1,
        "namedScores": {},
        "latencyMs": 0,
        "cost": 0,
        "gradingResult": _rating(grade) if grade else None,
    }


def _rating(grade: Grade) -> dict[str, Any]:
    """Return what the viewer writes: a human component for up and down, and for the rest the comment alone."""
    comment, up = comment_of(grade), not grade.failed
    rated = {"pass": up, "score": int(up), "reason": SAID, "comment": comment}
    human = [{**rated, "assertion": {"type": HUMAN}}] if grade.failed or grade.grade == "pass" else []
    return {**rated, "namedScores": {}, "componentResults": human}


def _row(result: Any, what: str, where: Place) -> tuple[Row, str]:
    """Return the row of a result, and why it is not taken."""
    found = result if isinstance(result, dict) else {}
    metadata = {**_mapping(_mapping(found.get("testCase")).get("metadata")), **_mapping(found.get("metadata"))}
    item, manifest, by = metadata.get(ITEM), metadata.get(MANIFEST), metadata.get(REVIEWER)
    if not (isinstance(item, str) and isinstance(manifest, str) and (by is None or isinstance(by, str))):
        told = f"{what}: its metadata has no {ITEM} and {MANIFEST}: expected an eval that twokey exported"
        raise TwokeyError(told, where=where)
    rating = _mapping(found.get("gradingResult"))
    components = rating.get("componentResults")
    human = [
        part
        for part in (components if isinstance(components, list) else [])
        if isinstance(part, dict) and _mapping(part.get("assertion")).get("type") == HUMAN
    ]
    values, doubt = values_in(_comment(rating, human), human[-1].get("pass") if human else None)
    output = _mapping(found.get("response")).get("output")
    row = Row(
        item=item,
        manifest=manifest,
        by=by or None,
        values=values,
        output=output if isinstance(output, str) else None,
        where=where,
        what=what,
    )
    return row, doubt


def _comment(rating: Mapping[str, Any], human: list[dict[str, Any]]) -> str:
    """Return the newest comment: one that is edited after the rating stands only beside the components."""
    told = [rating.get("comment"), *(part.get("comment") for part in reversed(human))]
    return next((text for text in told if isinstance(text, str)), "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
