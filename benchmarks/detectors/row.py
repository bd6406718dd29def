"""One line of the table in docs/detectors.md: one tool, of one kind, on one corpus."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one tool did on one corpus. None where a figure has no meaning there, or the tool is not installed.

    `precision`, `recall` and `f1` from 0 to 1; `false_alarms` are flagged texts among 1,000 clean ones; `per_second`
    are texts a second on one core, the median of several runs beside the others; `note` says what the reader must know.
    """

    kind: str
    corpus: str
    tool: str
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    false_alarms: float | None = None
    per_second: float | None = None
    note: str = ""
