"""Writing what admission controllers and registries read: in-toto Statements about a verdict, each whole or none."""

from datetime import datetime
from pathlib import Path

from twokey import __version__
from twokey.cli.keeping import keep
from twokey.reports.attestation import TEST_RESULT_FILE, VSA_FILE, render_test_result, render_vsa
from twokey.reports.base import Run


def write_attestations(folder: Path, told: Run, now: datetime) -> None:
    """Write the gates' test result and, on a pass, the verification summary; without one an earlier summary goes.

    Raises TwokeyError where the folder cannot be written.
    """
    inputs = {found.file: found.sha256 for found in told.conclusion.decisions if found.counted and found.sha256}
    summary = render_vsa(told.evidence, told.conclusion, now=now, version=__version__, inputs=inputs)
    tests = render_test_result(told.evidence, told.conclusion)
    made = {VSA_FILE: summary, TEST_RESULT_FILE: tests}
    keep(folder, {name: text.encode() for name, text in made.items() if text is not None})
    for name in (name for name, text in made.items() if text is None):
        (folder / name).unlink(missing_ok=True)  # what it said is no longer so
