"""The report for programs: conclusion, gates and packet as one JSON document."""

from typing import ClassVar

from twokey.canonical import dumps
from twokey.reports import escape
from twokey.reports.base import Run

TYPE = "urn:twokey:report:v1"


class JsonReport:
    r"""One JSON document with all that a program asks for; it stands alone on stdout.

    `manifest` is the digest that people sign, `conclusion` the verdict with checkpoints and decisions as in
    conclusion.json, `gates` the results as in results.json, `packet` what people are told. Keys are sorted, numbers
    have at most six decimals. Items and quarantined outputs are not repeated; they stand in the evidence.

    Characters that a terminal or a CI host would obey stand as JSON escapes (`\u001b`), so that the document reads
    back the same and may be printed.
    """

    name: ClassVar[str] = "json"
    summary: ClassVar[str] = "one document for programs"
    filename: ClassVar[str | None] = None

    def render(self, run: Run) -> str:
        """Return the document, ending in a line feed."""
        document = {
            "type": TYPE,
            "manifest": run.evidence.digest,
            "conclusion": run.conclusion.plain(),
            "gates": [result.plain() for result in run.evidence.results],
            "packet": run.evidence.packet,
        }
        return escape.json_text(dumps(document).decode("utf-8"))
