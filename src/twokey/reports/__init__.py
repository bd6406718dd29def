"""Reports: evidence and conclusion told to people, hosts and programs. The table.

A report only renders: the shell writes it, and none of them changes a verdict or an exit status.
"""

from typing import TYPE_CHECKING

from twokey.kinds import Table

if TYPE_CHECKING:
    from twokey.reports.base import Report

REPORTS: Table["Report"] = Table(
    "twokey.reports",
    {
        "terminal": "terminal:TerminalReport",
        "json": "json:JsonReport",
        "junit": "junit:JunitReport",
        "markdown": "markdown:MarkdownReport",
        "html": "html:HtmlReport",
    },
    made=True,
)
