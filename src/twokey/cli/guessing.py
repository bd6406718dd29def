"""What `init` finds in a directory: a recording, with the fields guessed in its first rows, and folders of a model.

Guesses only save typing: `init` prints them, and they stand in gates.yaml to be mended. Nothing is judged by them here.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from twokey.errors import Place, TwokeyError

GUESSES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "request_id", "case_id", "uid", "uuid"),
    "input": ("input", "request.text", "prompt", "question", "query", "text", "request", "messages"),
    "output": ("output", "response.label", "response.text", "response", "answer", "completion", "prediction", "label"),
    "expected": ("expected", "gold", "reference", "target", "ground_truth", "ideal"),
    "context": ("context", "documents", "passages", "retrieved"),
    "confidence": ("confidence", "response.score", "response.confidence", "score", "probability"),
    "alternatives": ("alternatives", "response.alternatives", "probabilities", "response.probabilities"),
    "latency_ms": ("latency_ms", "timing.total_ms", "duration_ms", "elapsed_ms", "latency"),
    "error": ("error", "exception"),
    "source": ("source", "origin", "split"),
}
SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv")
USUAL = "outputs."
MODEL_FOLDERS = ("model", "models", "prompts", "weights")
MAX_ROWS = 20
MAX_LINE = 1024 * 1024
MAX_KEYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What there is to make a policy from: a recording's name with the fields guessed in it, and the model's globs."""

    recording: str
    fields: Mapping[str, str]
    files: tuple[str, ...]

    def __str__(self) -> str:
        """The guesses in one line."""
        return f"{self.recording}: {', '.join(f'{field}={path}' for field, path in self.fields.items())}"


def look(directory: Path) -> Found | None:
    """Return the first recording in a directory whose id and output can be guessed, `outputs.*` before others, or None.

    Raises:
        TwokeyError: there is an `outputs.*`, and its id or output cannot be guessed.
    """
    for path in sorted(_recordings(directory), key=lambda path: (not path.name.startswith(USUAL), path.name)):
        rows = _first_rows(path)
        fields = dict(_guesses(rows))
        if "id" in fields and "output" in fields:
            return Found(recording=path.name, fields=fields, files=model_files(directory))
        if path.name.startswith(USUAL):
            raise _unguessable(path, rows, fields)
    return None


def _recordings(directory: Path) -> Iterator[Path]:
    for path in directory.glob("*"):
        if path.name.endswith(SUFFIXES) and "baseline" not in path.name and path.is_file():
            yield path


def _unguessable(path: Path, rows: list[Mapping[str, Any]], fields: Mapping[str, str]) -> TwokeyError:
    missing = " and ".join(field for field in ("id", "output") if field not in fields)
    keys = list(dict.fromkeys(key for row in rows for key in _keys(row)))[:MAX_KEYS]
    found = f"found are {', '.join(keys)}" if keys else f"no row with keys in the first {MAX_ROWS} lines"
    return TwokeyError(
        f"which field is the {missing} cannot be guessed; {found}",
        where=Place(file=str(path)),
        hint=f"map it by hand, in gates.yaml: recordings: {{candidate: {{path: {path.name}, id: ..., output: ...}}}}",
    )


def _keys(row: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for key, value in row.items():
        if isinstance(value, dict) and value and not before:
            yield from _keys(value, f"{key}.")
        else:
            yield f"{before}{key}"


def model_files(directory: Path) -> tuple[str, ...]:
    """Return globs of the folders that usually hold what is released."""
    return tuple(f"{name}/**" for name in MODEL_FOLDERS if (directory / name).is_dir())


def _first_rows(path: Path) -> list[Mapping[str, Any]]:
    """Return the first rows that are rows; none where the file cannot be read."""
    lines = list(_first_lines(path))
    if path.name.endswith(".csv"):
        return [{key: value or None for key, value in row.items() if key} for row in csv.DictReader(lines)]
    return [row for row in map(_parsed, lines) if isinstance(row, dict)]


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _first_lines(path: Path) -> Iterator[str]:
    with ExitStack() as opened:
        try:
            stream: Any = opened.enter_context(path.open("rb"))
            if path.name.endswith(".gz"):
                stream = opened.enter_context(gzip.GzipFile(fileobj=stream))
            elif path.name.endswith(".zst"):
                from zstandard import ZstdDecompressor

                stream = opened.enter_context(ZstdDecompressor().stream_reader(stream))
            head = io.BytesIO(stream.read(MAX_LINE))
        except Exception:
            return
    for line in islice(head, MAX_ROWS + 1):
        yield line.decode("utf-8-sig", "replace")


def _guesses(rows: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for field, paths in GUESSES.items():
        found = next((path for path in paths if any(_fits(field, _at(row, path)) for row in rows)), None)
        if found:
            yield field, found


def _fits(field: str, value: Any) -> bool:
    """Return whether a value may be that field's: alternatives have to be labels with their scores."""
    if field != "alternatives":
        return value is not None
    from twokey.readers.values import alternatives

    return bool(alternatives(value, field))


def _at(row: Any, path: str) -> Any:
    for part in path.split("."):
        row = row.get(part) if isinstance(row, dict) else None
    return row
