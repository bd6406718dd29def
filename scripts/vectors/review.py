"""Step 10: the grades that an approval stands on."""

from dataclasses import replace

from twokey.canonical import dumps, sha256
from vectors.saying import Case, Cases, Setting, passes, refused, speaks
from vectors.world import ITEMS, evidence

REVIEW = Setting(policy="review", evidence="review")


def cases() -> Cases:
    """Step 10: the grades that an approval stands on."""
    manifest = sha256(evidence("review")["manifest.json"])
    rows = [
        {"item": item, "grade": "pass", "severity": None, "reason": "", "correction": None, "seconds": 20}
        for item in ITEMS
    ]
    names = ("items", "graded", "passed", "failed", "edited", "escalated", "bad_reference")

    def graded(count: int, about: str = manifest) -> bytes:
        return dumps(
            {"type": "urn:twokey:grades:v1", "manifest": about, "reviewer": "fay@example.com", "grades": rows[:count]}
        )

    def cited(data: bytes, *counts: int) -> dict[str, object]:
        return {"sha256": sha256(data), "summary": dict(zip(names, (*counts, 0, 0, 0, 0), strict=True))}

    def on(file: bytes, reference: object, about: str, reason: str | None) -> Case:
        store = {"grades-fay@example.com.json": file, **speaks(setting=REVIEW, grades=reference)}
        case = refused(about, 10, store, reason) if reason else passes(about, 10, store, "ann")
        return replace(case, policy="review", evidence="review")

    whole = graded(4)
    good = cited(whole, 4, 4, 4)
    yield "graded", on(whole, good, "all four items are graded", None)
    yield "grades-none", on(whole, None, "policy asks for grades", "it stands on no grades")
    altered = whole.replace(b'"seconds": 20', b'"seconds": 21', 1)
    yield "grades-altered", on(altered, good, "one second was changed", "not here or were changed")
    yield (
        "grades-false-summary",
        on(whole, cited(whole, 4, 3, 3), "a summary of other grades", "is not that of the grades"),
    )
    three = graded(3)
    yield "grades-incomplete", on(three, cited(three, 4, 3, 3), "one item is not graded", "not complete: 3 of 4 items")
    other = graded(4, "0" * 64)
    yield (
        "grades-of-other-evidence",
        on(other, cited(other, 4, 4, 4), "graded was another bundle", "about other evidence"),
    )
    strange = whole.replace(b"case-0004", b"case-0005")
    yield (
        "grades-of-other-items",
        on(strange, cited(strange, 4, 4, 4), "an item that nobody chose", "not here or were changed"),
    )
