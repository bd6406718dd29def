"""Questions that reviewers ask, and the answers of whoever knows: `twokey grades questions` and `answer`.

An answer settles nothing. The item is shown again with it to the reviewer who asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from twokey.cli.keeping import keep
from twokey.cli.options import DEFAULT_EVIDENCE, command
from twokey.decisions.directory_store import read_folder
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import GRADES
from twokey.review import grades as gradings
from twokey.review.answers import Answer, Answers, Question, answers_in, filename, is_of_answers, parse, render
from twokey.review.answers import questions as questions_of
from twokey.review.grades import Grades

Rows = Iterable[Mapping[str, Any]]


def questions(directory: Path, evidence: Evidence, rows: Rows | None = None) -> tuple[Question, ...]:
    """Return what reviewers ask in all grades at hand, each with its answers.

    `rows` are all that a grade may be about, where there are more than the evidence says.
    """
    rows = evidence.gradable if rows is None else tuple(rows)
    found = [one for one in _grades(directory, evidence, rows) if not one.sources]
    return tuple(questions_of(found, answers_at(directory, evidence, rows)))


def answers_at(directory: Path, evidence: Evidence, rows: Rows | None = None) -> tuple[Answers, ...]:
    """Return the answers that lie among the grades and are about this evidence."""
    rows = evidence.gradable if rows is None else rows
    return answers_in(read_folder(directory / GRADES, is_of_answers), evidence.digest, rows)


def told(asked: Sequence[Question], directory: Path) -> Iterator[str]:
    """Yield the questions for people, each open one with the command that answers it."""
    at = () if directory == DEFAULT_EVIDENCE else ("--evidence", directory)
    for question in asked:
        yield f"{question.item}: {question.reviewer} asks: {question.text}"
        yield from (f"  {by} answers: {text}" for by, text in question.answers)
        if not question.answers:
            yield f"  to answer: {command('grades', 'answer', f'{question.item}=TEXT', *at)}"
    if not asked:
        yield "nobody asks anything"


def answer(
    directory: Path, evidence: Evidence, given: Sequence[str], *, by: str, rows: Rows | None = None
) -> tuple[Path, int]:
    """Keep answers in the person's file among the grades; return its path, and how many questions they answer.

    Args:
        directory: the evidence's.
        evidence: what is reviewed.
        given: `ITEM=TEXT`, each for everybody who asks about that item.
        by: the principal of who answers.
        rows: all that a grade may be about, where there are more than the evidence says.

    Raises:
        TwokeyError: nobody asks about that item, there is no text, or the file is of other evidence.
    """
    rows = evidence.gradable if rows is None else tuple(rows)
    asked, path = questions(directory, evidence, rows), directory / GRADES / filename(by)
    answers = Answers(manifest=evidence.digest, by=by)
    if path.is_file():
        answers = parse(path.read_bytes(), str(path), rows)
        if answers.manifest != evidence.digest or answers.by != by:
            raise TwokeyError("holds answers about other evidence, or of somebody else", where=Place(file=str(path)))
    count = 0
    for one in given:
        item, text = _split(one, {question.item for question in asked})
        for question in asked:
            if question.item == item:
                answers = answers.with_answer(_answer(question, text))
                count += 1
    keep(path.parent, {path.name: render(answers)})
    return path, count


def _split(given: str, asked: set[str]) -> tuple[str, str]:
    """Return item and text of `ITEM=TEXT`; an id may have an equals sign in it, so the longest that is asked about."""
    places = [place for place, char in enumerate(given) if char == "=" and given[:place] in asked]
    if not places:
        known = ", ".join(sorted(asked)) or "none"
        raise TwokeyError(f"{given[:80]!a} answers no question; expected ITEM=TEXT, asked about are: {known[:500]}")
    return given[: places[-1]], given[places[-1] + 1 :]


def _answer(question: Question, text: str) -> Answer:
    try:
        return Answer(item=question.item, question_of=question.reviewer, text=text)
    except ValueError as error:
        raise TwokeyError(f"{question.item}: {error}") from None


def _grades(directory: Path, evidence: Evidence, rows: Rows) -> Iterator[Grades]:
    """Yield the grades at hand; what cannot be read, or is about other evidence, asks nothing."""
    files = read_folder(directory / GRADES, lambda name: name.startswith("grades-") and name.endswith(".json"))
    for name, data in files.items():
        try:
            found = gradings.parse(data, name, rows) if isinstance(data, bytes) else None
        except TwokeyError:
            continue
        if found is not None and found.manifest == evidence.digest:
            yield found
