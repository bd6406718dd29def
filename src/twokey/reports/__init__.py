"""Reports: evidence and conclusion told to people, hosts and programs. The table.

A report only renders: the shell writes it, and none of them changes a verdict or an exit status.
"""

from collections.abc import Mapping

from twokey.reports.base import Report
from twokey.reports.html import HtmlReport
from twokey.reports.json import JsonReport
from twokey.reports.junit import JunitReport
from twokey.reports.markdown import MarkdownReport
from twokey.reports.terminal import TerminalReport

REPORTS: Mapping[str, Report] = {
    "terminal": TerminalReport(),
    "json": JsonReport(),
    "junit": JunitReport(),
    "markdown": MarkdownReport(),
    "html": HtmlReport(),
}
