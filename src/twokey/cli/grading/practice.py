"""Practice before a review: known items with feedback at once, so that the rubric is understood before it counts.

Nothing of it is saved, and none of it is among the grades.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from twokey.cli.grading.asks import Asks
from twokey.cli.grading.keyboard import ESCAPE, Keys
from twokey.cli.grading.screen import View, said, show_item
from twokey.reports.wording import text_of
from twokey.review.grades import Grade, GradeValue
from twokey.review.rubric import RUBRIC

GRADES: Mapping[str, GradeValue] = {
    key: rule.grade for number, rule in enumerate(RUBRIC, start=1) for key in (rule.key, str(number))
}
"""Letters and numbers, as on the page."""

_HINT = "practice counts for nothing: grade it; n skips it"
_FAILED = ("fail", "edit")


def practise(console: Console, read: Keys, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Show practice items, each with its feedback after the grade; return whether the reviewer goes on to the review.

    Args:
        console: where they are shown.
        read: keys.
        rows: items with `answer`, the grade that is right, and `feedback`.
    """
    for number, row in enumerate(rows, start=1):
        head = f"practice {number:,} of {len(rows):,}"
        grade = _graded(console, read, row, head)
        if grade == "q":
            return False
        if isinstance(grade, Grade):
            message = f"{feedback(row, grade.grade)}   (any key goes on)"
            show_item(console, View(item=row, head=head, grade=grade, message=message))
            if read().lower() == "q":
                return False
    return True


def feedback(row: Mapping[str, Any], given: GradeValue) -> str:
    """Say whether a grade is right for a practice item, and what the item's feedback is."""
    answer, told = text_of(row.get("answer")), text_of(row.get("feedback"))
    right = given == answer or (given in _FAILED and answer in _FAILED)
    return f"{'right' if right else f'expected: {answer}'}. {told}"


def _graded(console: Console, read: Keys, row: Mapping[str, Any], head: str) -> Grade | str:
    """Return a practice item's grade, or the key that leaves it."""
    message = _HINT
    while True:
        show_item(console, View(item=row, head=head, message=message))
        key = read()
        key = key if key.startswith(ESCAPE) else key.lower()
        if key in ("q", "n"):
            return key
        if key not in GRADES:
            message = _HINT
            continue
        details = Asks(console=console, read=read).details(GRADES[key], explain=False)
        message = "nothing was graded"
        if details is not None:
            grade = Grade(item=str(row["id"]), grade=GRADES[key], **details)
            console.print(said(grade), style="magenta")
            return grade
