"""Answers to the questions that reviewers ask: who says what of which item, read strictly, and shown at the item.

An answer grades nothing, and changes nothing that is signed: the item stays open until its reviewer has graded it. It
lies among the grades, under a name of its own, and is never taken for grades.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from twokey import canonical
from twokey.errors import Place, TwokeyError
from twokey.review.grades import DIGEST, PRINCIPAL, Grades
from twokey.values import dataclass

TYPE = "urn:twokey:answers:v1"
MAX_BYTES = 1024 * 1024
MAX_ANSWERS = 2_000
MAX_TEXT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody says to the question that a reviewer asked of an item; `question_of` is the reviewer."""

    item: str
    question_of: str
    text: str

    def __post_init__(self) -> None:
        """Refuse an answer that says nothing, or more than anybody reads."""
        if not self.text.strip():
            raise ValueError("an answer needs a text")
        if len(self.text) > MAX_TEXT:
            raise ValueError(f"an answer has at most {MAX_TEXT:,} characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """All that one person answers; to one question they have one answer, the newest."""

    manifest: str
    by: str
    answers: tuple[Answer, ...] = ()

    def with_answer(self, answer: Answer) -> "Answers":
        """Return these answers with one more, in place of an earlier one to the same question."""
        kept = (old for old in self.answers if (old.item, old.question_of) != (answer.item, answer.question_of))
        return replace(self, answers=(*kept, answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a reviewer asks of an item, and the answers so far: who gave them, and their texts."""

    item: str
    reviewer: str
    text: str
    answers: tuple[tuple[str, str], ...] = ()


def filename(by: str) -> str:
    """Return the name of a person's answers in a folder of grades."""
    return f"answers-{by}.json"


def is_of_answers(name: str) -> bool:
    """Return whether a file's name is that of answers."""
    return name.startswith("answers-") and name.endswith(".json")


def render(answers: Answers) -> bytes:
    """Return the bytes of an answers file, by item and reviewer."""
    rows = sorted((asdict(answer) for answer in answers.answers), key=lambda row: (row["item"], row["question_of"]))
    return canonical.dumps({"type": TYPE, "manifest": answers.manifest, "by": answers.by, "answers": rows})


def parse(data: bytes, file: str, items: Iterable[Mapping[str, Any]]) -> Answers:
    """Read an answers file strictly. Whether it is about the right manifest is for the caller to compare.

    Raises:
        TwokeyError: too large, not strict JSON, unknown or missing fields, an item that is not in the bundle, two
            answers to one question, or one without a text.
    """
    where = Place(file=file)
    document = canonical.loads(data, file=file, max_bytes=MAX_BYTES)
    expected = {"type", "manifest", "by", "answers"}
    if not isinstance(document, dict) or document.keys() != expected or document["type"] != TYPE:
        raise TwokeyError(f"is no answers file: expected {', '.join(sorted(expected))}, of type {TYPE}", where=where)
    manifest, by, rows = document["manifest"], document["by"], document["answers"]
    if not isinstance(manifest, str) or not DIGEST.fullmatch(manifest):
        raise TwokeyError("manifest is no SHA-256 in lower-case hexadecimal", where=where)
    if not isinstance(by, str) or not PRINCIPAL.fullmatch(by):
        raise TwokeyError("by is no principal such as ann@example.com", where=where)
    if not isinstance(rows, list) or len(rows) > MAX_ANSWERS:
        raise TwokeyError(f"answers is no list of at most {MAX_ANSWERS:,}", where=where)
    answers = tuple(_answer(row, number, where) for number, row in enumerate(rows, start=1))
    _refuse(answers, {str(item["id"]) for item in items}, where)
    return Answers(manifest=manifest, by=by, answers=answers)


def _answer(row: Any, number: int, where: Place) -> Answer:
    if not isinstance(row, dict) or row.keys() != Answer.__dataclass_fields__.keys():
        names = ", ".join(Answer.__dataclass_fields__)
        raise TwokeyError(f"answer {number}: expected {names}, and nothing else", where=where)
    if not all(isinstance(text, str) for text in row.values()):
        raise TwokeyError(f"answer {number}: expected texts, found something else", where=where)
    if not PRINCIPAL.fullmatch(row["question_of"]):
        raise TwokeyError(f"answer {number}: question_of is no principal such as ann@example.com", where=where)
    try:
        return Answer(**row)
    except ValueError as error:
        raise TwokeyError(f"answer {number}: {error}", where=where) from None


def _refuse(answers: tuple[Answer, ...], known: set[str], where: Place) -> None:
    for (item, reviewer), times in Counter((one.item, one.question_of) for one in answers).items():
        if times > 1:
            raise TwokeyError(f"the question of {reviewer} on {item[:80]!r} is answered {times} times", where=where)
        if item not in known:
            raise TwokeyError(f"the item {item[:80]!r} is not in this review bundle", where=where)


def answers_in(files: Mapping[str, object], manifest: str, items: Iterable[Mapping[str, Any]]) -> tuple[Answers, ...]:
    """Return the answers that are about this evidence, by file name; what cannot be read answers nothing."""
    items, found = tuple(items), list[Answers]()
    for name in sorted(files):
        data = files[name]
        if not is_of_answers(name) or not isinstance(data, bytes):
            continue
        try:
            answers = parse(data, name, items)
        except TwokeyError:
            continue
        if answers.manifest == manifest:
            found.append(answers)
    return tuple(found)


def questions(files: Iterable[Grades], answers: Iterable[Answers]) -> Iterator[Question]:
    """Yield what reviewers ask, by reviewer and item, each with its answers."""
    answers = tuple(answers)
    for grades in sorted(files, key=lambda one: one.reviewer):
        for grade in sorted(grades.grades, key=lambda one: one.item):
            if grade.grade == "ask":
                said = replies(grades.reviewer, answers).get(grade.item, ())
                yield Question(item=grade.item, reviewer=grades.reviewer, text=grade.reason, answers=said)


def replies(reviewer: str, answers: Iterable[Answers]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the answers to one reviewer's questions by item: who gave each, and its text."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in sorted(answers, key=lambda one: one.by):
        for answer in one.answers:
            if answer.question_of == reviewer:
                found.setdefault(answer.item, []).append((one.by, answer.text))
    return {item: tuple(said) for item, said in found.items()}
