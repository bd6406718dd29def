"""A grade as the comment of a rating, and back: lines of `name: value`, an empty line, and the reason.

promptfoo's viewer keeps a comment as it is, and people can read and change it there.
"""

import json
import re
from typing import Any

from twokey.review.grades import Grade
from twokey.review.trade.fields import GRADED, graded

_LINE = re.compile(rf"({'|'.join(name for name in GRADED if name != 'reason')})[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_NEEDS = {
    "fail": ("severity", "reason"),
    "edit": ("correction", "reason"),
    "escalate": ("reason",),
    "bad-reference": ("reason",),
    "ask": ("reason",),
}


def comment_of(grade: Grade) -> str:
    """Return a grade as a comment; `values_in` makes the same grade of it."""
    values = {**graded(grade), "revised_from": " ".join(grade.revised_from)}
    lines = [
        f"{name}: {_on_one_line(str(values[name]))}"
        for name in GRADED
        if name != "reason" and (values[name] not in (None, "", 0) or (name == "correction" and grade.grade == "edit"))
    ]
    return "\n".join([*lines, "", grade.reason])


def values_in(comment: str, up: Any) -> tuple[dict[str, Any], str]:
    """Return the fields of a grade that a comment and a thumb say, and why they make none.

    Args:
        comment: the text, perhaps empty.
        up: whether the thumb is up; None where there is none.
    """
    if up is not None and not isinstance(up, bool):
        return {}, "its rating is neither up nor down"
    values, reason = _parsed(comment)
    said = str(values.get("grade", "")).strip().lower()
    grade = said or {None: "", True: "pass", False: "edit" if "correction" in values else "fail"}[up]
    if not grade:
        return {}, ""
    if up is not None and up != (grade == "pass"):
        return values, f"its thumb is {'up' if up else 'down'}, and its comment says {grade}"
    values |= {"grade": grade, "reason": reason}
    lacking = [name for name in _NEEDS.get(grade, ()) if not str(values.get(name) or "").strip()]
    if lacking and not (lacking == ["correction"] and "correction" in values):
        return values, f"a {grade} needs a {' and a '.join(lacking)}, as a comment that begins with `severity: high`"
    return values, ""


def _parsed(comment: str) -> tuple[dict[str, Any], str]:
    values: dict[str, Any] = {}
    at = 0  # a place, and no rest of the text: a hostile comment has a million such lines
    while match := _LINE.match(comment, at):
        values[match[1].lower()] = _back(match[2])
        at = match.end() + comment.startswith("\n", match.end())
    rest = comment[at:]
    if values:
        rest = rest.removeprefix("\r\n" if rest.startswith("\r") else "\n")
    return values, rest


def _on_one_line(text: str) -> str:
    """Return a value for one line, as a JSON string where it would not come back as it is."""
    if text == text.strip() and text.isprintable() and not text.startswith('"'):
        return text
    return json.dumps(text)


def _back(text: str) -> str:
    if text.startswith('"'):
        try:
            found = json.loads(text)
        except ValueError:
            return text
        return found if isinstance(found, str) else text
    return text.strip()
