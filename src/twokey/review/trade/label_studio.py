"""Label Studio: tasks with their labelling config on the way out, its JSON or JSON-MIN export on the way back.

The config is in `label_studio_config`. Only our own controls and data are read strictly; whatever else Label Studio
puts beside them stays unread.
"""

from collections.abc import Iterator, Mapping
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
    grade_in,
    graded,
    opinion_of,
    shown_text,
    shown_texts,
    written,
)
from twokey.review.trade.label_studio_config import CHOICES, GRADED_ON, TEXTS, config
from twokey.values import dataclass
from twokey.visible import visible

REVISED = "revised_from"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelStudio:
    """Label Studio's tasks as JSON, and beside them the labelling config that they are graded with (`tasks.xml`).

    Make a project, paste the config, import the tasks, grade, and export as JSON (or JSON-MIN). The active time comes
    back out of `lead_time`. Grades given so far go along as annotations of their reviewer, who must be a member of the
    project. Texts are shown by `Text` and never as markup.

    Where a task has annotations of several people, those of the reviewer count, by e-mail; where Label Studio tells
    only numbers, `--annotator` says which. Skipped tasks and drafts are no grades.

    Limits: `revised_from` travels in the task's data, and comes back only for the reviewer whose grades went out.
    """

    name: ClassVar[str] = "label-studio"
    summary: ClassVar[str] = "Label Studio's tasks with their labelling config, and its JSON export"
    suffix: ClassVar[str] = ".json"

    def export(self, sheet: Sheet) -> bytes:
        """Return the tasks."""
        return written(dumps([_task(sheet, row) for row in sheet.items]))

    def beside(self, sheet: Sheet) -> Mapping[str, bytes]:
        """Return the labelling config, which every task fits."""
        return {".xml": config(opinion=sheet.opinion)}

    def read(self, data: bytes, file: str) -> Reading:
        """Read an export in JSON or JSON-MIN. Raises TwokeyError with the file and the number of the task."""
        document = loads(data.removeprefix(b"\xef\xbb\xbf"), file=file, max_bytes=MAX_BYTES)
        if not isinstance(document, list):
            raise TwokeyError("is no list of tasks, as Label Studio exports them", where=Place(file=file))
        rows: list[Row] = []
        skipped = 0
        for number, task in enumerate(document, start=1):
            reader = _Task(task, f"task {number}", Place(file=file))
            rows += reader.rows()
            skipped += reader.skipped
        return Reading(rows=tuple(rows), notes=(f"{skipped:,} annotations were skipped ones",) if skipped else ())


def _task(sheet: Sheet, row: Mapping[str, Any]) -> dict[str, Any]:
    grade, opinion = grade_in(sheet, row), opinion_of(row)
    reviewer = sheet.grades.reviewer if sheet.grades else ""
    data: dict[str, Any] = {ITEM: str(row["id"]), MANIFEST: sheet.manifest, REVIEWER: reviewer, **shown_texts(row)}
    data[REVISED] = list(grade.revised_from) if grade else []
    task: dict[str, Any] = {"data": data}
    if sheet.opinion:
        data[OPINION] = shown_text(opinion)
        score = opinion.get("confidence")
        task["predictions"] = [{"model_version": "twokey", "result": [], **({} if score is None else {"score": score})}]
    if grade:
        task["annotations"] = [
            {"completed_by": {"email": reviewer}, "lead_time": float(grade.seconds), "result": _result(grade)}
        ]
    return task


def _result(grade: Grade) -> list[dict[str, Any]]:
    values = {name: value for name, value in graded(grade).items() if value not in (None, "") or name == "correction"}
    found = []
    for name in (*CHOICES, *TEXTS):
        if (value := values.get(name)) is not None:
            kind, key = ("choices", "choices") if name in CHOICES else ("textarea", "text")
            found.append({"id": name, "from_name": name, "to_name": GRADED_ON, "type": kind, "value": {key: [value]}})
    return found


class _Task:
    """One task of an export, and what is wrong with it, told with its number."""

    def __init__(self, task: Any, what: str, where: Place) -> None:
        self.what = what
        self.where = where
        self.skipped = 0
        self.task = self.mapping(task, "a task")
        annotated = "annotations" in self.task or "data" in self.task
        self.data = self.mapping(self.task.get("data"), "data") if annotated else self.task

    def rows(self) -> Iterator[Row]:
        """Yield a row for each annotation, one without a grade where there is none."""
        if self.data is self.task:
            yield self.row(self.task, self.task.get("annotator"), self.task)
            return
        annotations = self.task.get("annotations") or []
        if not isinstance(annotations, list):
            raise self.wrong("annotations is no list")
        for one in annotations:
            annotation = self.mapping(one, "an annotation")
            if annotation.get("was_cancelled"):
                self.skipped += 1
            else:
                yield self.row(self.values(annotation), annotation.get("completed_by"), annotation)
        if not annotations:
            yield self.row({}, None, {})

    def row(self, values: Mapping[str, Any], by: Any, timed: Mapping[str, Any]) -> Row:
        """Return the row of one annotation."""
        name, numbered = self.person(by)
        item, manifest, output = (self.data.get(key) for key in (ITEM, MANIFEST, "output"))
        if not (isinstance(item, str) and isinstance(manifest, str) and isinstance(output, str)):
            raise self.wrong(f"its data has no {ITEM}, {MANIFEST} and output: expected a task that twokey exported")
        given = {key: self.one(values.get(key), key) for key in (*CHOICES, *TEXTS)}
        return Row(
            item=item,
            manifest=manifest,
            by=name,
            numbered=numbered,
            output=output,
            where=self.where,
            what=self.what,
            values={**given, "seconds": timed.get("lead_time"), REVISED: self.data.get(REVISED)},
            revised_by=str(self.data.get(REVIEWER)),
        )

    def values(self, annotation: Mapping[str, Any]) -> dict[str, Any]:
        """Return what our controls say in an annotation; other controls are left out."""
        result = annotation.get("result") or []
        if not isinstance(result, list):
            raise self.wrong("the result of an annotation is no list")
        found: dict[str, Any] = {}
        for part in result:
            region = self.mapping(part, "a result")
            name = region.get("from_name")
            if name in (*CHOICES, *TEXTS):
                if name in found:
                    raise self.wrong(f"{name} stands twice in an annotation")
                value = self.mapping(region.get("value"), "the value of a result")
                found[name] = value.get("choices" if name in CHOICES else "text")
        return found

    def one(self, value: Any, name: str) -> str | None:
        """Return the choice, or the text; a text of several parts is one with line feeds between."""
        parts = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(part, str) for part in parts) or (name in CHOICES and len(parts) > 1):
            raise self.wrong(f"{name} is no {'single choice' if name in CHOICES else 'text'}")
        return "\n".join(parts) if parts else None

    def person(self, by: Any) -> tuple[str | None, bool]:
        """Return who annotated, and whether that is only a number."""
        if isinstance(by, dict):
            by = by.get("email") or by.get("id")
        if isinstance(by, int) and not isinstance(by, bool):
            return str(by), True
        if not by:
            return None, False
        if not isinstance(by, str):
            raise self.wrong("completed_by is neither a number nor a person with an e-mail")
        return by, by.isdigit()

    def mapping(self, value: Any, what: str) -> Mapping[str, Any]:
        """Return a JSON object, or refuse what is none."""
        if not isinstance(value, dict):
            raise self.wrong(f"{what} is no JSON object")
        return value

    def wrong(self, message: str) -> TwokeyError:
        """Return an error that names the task."""
        return TwokeyError(f"{self.what}: {visible(message)}", where=self.where)
