"""The words of a review: what each grade means, which key gives it, and what it asks for.

Page and terminal say the same ones. Which fields a grade must have is checked in `grades`; nothing is decided here.
"""

from collections.abc import Mapping
from typing import Final

from twokey.review.grades import Certainty, GradeValue, Severity
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One grade: its key, its word, what it means in a line and at length, and the question that goes with it."""

    grade: GradeValue
    key: str
    word: str
    meaning: str
    at_length: str
    question: str


RUBRIC: Final[tuple[Rule, ...]] = (
    Rule(
        grade="pass",
        key="p",
        word="Pass",
        meaning="usable as it is",
        at_length="You would send this answer yourself, without a change.",
        question="What did you check it against?",
    ),
    Rule(
        grade="fail",
        key="f",
        word="Fail",
        meaning="wrong or harmful",
        at_length="It is wrong, unsupported or harmful, and a small change would not mend it.",
        question="Why does it fail?",
    ),
    Rule(
        grade="edit",
        key="e",
        word="Edit",
        meaning="nearly right: you write what it should say",
        at_length="You write what it should have said. An edit counts as a failure: it was not usable as it was.",
        question="Why was it not usable as it was?",
    ),
    Rule(
        grade="escalate",
        key="s",
        word="Escalate",
        meaning="somebody else has to settle it",
        at_length="You know what there is to know, and may not decide it. It stays open until somebody does.",
        question="What has to be settled, and by whom?",
    ),
    Rule(
        grade="ask",
        key="a",
        word="Ask",
        meaning="you need to know more first",
        at_length="It cannot be decided from what is here. No grade: the item waits for the answer, then for you.",
        question="What do you need to know?",
    ),
    Rule(
        grade="bad-reference",
        key="b",
        word="Bad reference",
        meaning="the expected answer itself is wrong",
        at_length="The output may be right: what it is compared with is not. It counts as no failure.",
        question="What is wrong with the expected answer?",
    ),
)

SEVERITY_MEANS: Final[Mapping[Severity, str]] = {
    "low": "nobody is harmed",
    "medium": "somebody has to mend it",
    "high": "somebody is misled",
    "critical": "it must never happen again",
}

CERTAINTY_MEANS: Final[Mapping[Certainty, str]] = {
    "low": "another reviewer may well see it differently",
    "medium": "you would defend it",
    "high": "there is no doubt",
}

NOTES: Final = (
    "Everything but a pass asks for a reason, and so do about one in ten passes.",
    "Confidence, doubts, what detectors saw and why an item was chosen are shown after your grade and not before.",
    "You may change a grade at any time. A change after you saw the machine's opinion is kept beside the grade.",
)
