"""`twokey review --learn`: graded items become files that later runs learn from, and a report of what grades say.

Lines are only ever added to files that are there. What the report proposes stays a proposal. What is learned is decided
in `review.learning`, what the grades say of detectors and judges in `review.recalibrating`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twokey.cli.policy import Policy
    from twokey.evidence.bundle import Evidence
    from twokey.review.grades import Grades

MAX_FILE_BYTES = 256 * 1024 * 1024
RECALIBRATION = "recalibration.json"


def learn(evidence: "Evidence", grades: "Iterable[Grades]", folder: Path, *, policy: "Policy | None" = None) -> str:
    """Write what graded items teach into a folder, and return the report.

    Args:
        evidence: what was graded.
        grades: of all reviewers, about this evidence.
        folder: where the files are, or will be; lines that are there stay.
        policy: names the judge whose recorded verdicts are compared with the grades; without it none is.

    Raises:
        TwokeyError: nothing is graded, grades are of other evidence, or a file cannot be read or written.
    """
    from twokey.canonical import dumps
    from twokey.cli.keeping import write_whole
    from twokey.errors import Place, TwokeyError
    from twokey.review.learning import appended, learned
    from twokey.review.learning_report import report
    from twokey.review.recalibrating import recalibrated

    given = tuple(grades)
    for one in given:
        if one.manifest != evidence.digest:
            raise TwokeyError(f"the grades of {one.reviewer} are about other evidence: nothing is learned of them")
    if not any(one.grades for one in given):
        raise TwokeyError("nothing is graded yet, so there is nothing to learn", hint="twokey review")
    found = learned(evidence, given)
    notes = list(found.notes)
    judge, verdicts = _verdicts(evidence, policy, notes)
    counts = recalibrated(found.settled, threshold=_threshold(evidence), judge=judge, verdicts=verdicts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TwokeyError(f"cannot be made: {error.strerror}", where=Place(file=str(folder))) from None
    made = {name: (*appended(_bytes(folder / name), rows), len(rows)) for name, rows in found.files.items()}
    for name, (data, fresh, _) in made.items():
        if fresh:
            write_whole(folder / name, data)
    plain = {"manifest": evidence.digest, "reviewers": sorted(one.reviewer for one in given), **counts.plain()}
    write_whole(folder / RECALIBRATION, dumps(plain))
    files = {name: (fresh, rows) for name, (_, fresh, rows) in made.items()}
    return report(counts, files, notes, folder.as_posix())


def _bytes(path: Path) -> bytes:
    """Return what is in a file, nothing where there is none."""
    from twokey.errors import Place, TwokeyError

    try:
        if not path.exists():
            return b""
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise TwokeyError(f"cannot be read: {error.strerror}", where=Place(file=str(path))) from None
    if len(data) > MAX_FILE_BYTES:
        raise TwokeyError(f"has more than the {MAX_FILE_BYTES:,} bytes allowed", where=Place(file=str(path)))
    return data


def _threshold(evidence: "Evidence") -> float | None:
    """Return the policy's confidence_below, as the selection of this evidence had it."""
    from twokey.review import REVIEW

    result = evidence.result(REVIEW)
    value = result.facts.get("confidence_below") if result else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _verdicts(
    evidence: "Evidence", policy: "Policy | None", notes: list[str]
) -> tuple[str | None, Mapping[str, bool] | None]:
    """Return the judge's name and its verdicts, where its recording is at hand and the one that this evidence had."""
    from twokey.config.judges import judge_in_use
    from twokey.errors import TwokeyError
    from twokey.evidence.subject import hash_file

    used = evidence.manifest["recordings"].get("judge")
    if used is None or policy is None:
        return None, None
    name = judge_in_use(policy.config.gates)
    if name is None:
        return None, None
    path = policy.directory / policy.config.judges[name].recording
    try:
        same = hash_file(path)[0] == used["sha256"]
    except TwokeyError:
        same = False
    if not same:
        notes.append(f"the judge's recording {path} is not the one that this evidence had: it is not compared")
        return None, None
    return name, _read_verdicts(path)


def _read_verdicts(path: Path) -> Mapping[str, bool]:
    import msgspec

    from twokey.recorder.answers import Row

    found: dict[str, bool] = {}
    with path.open("rb") as file:
        file.readline()  # the header
        for line in file:
            try:
                row = msgspec.json.decode(line, type=Row)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue  # torn while it was recorded: run had no verdict of it either
            if row.verdict is not None:
                found[row.id] = row.verdict
    return found
