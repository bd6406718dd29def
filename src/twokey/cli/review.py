"""`twokey review`: grade what the evidence asks people about, on a page or in the terminal; then sign, on the page.

What else can be done with grades is in `twokey grades`.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from twokey.cli.console import say
from twokey.cli.options import (
    DEFAULT_ENVIRONMENT,
    DEFAULT_EVIDENCE,
    EnvironmentOption,
    EvidenceArgument,
    PolicyRefOption,
    RecordedConfigOption,
    RepositoryOption,
)

PORT = 7361


def review(
    evidence: EvidenceArgument = DEFAULT_EVIDENCE,
    page: Annotated[
        bool | None, typer.Option("--page/--terminal", help="Where; default: on a page, if you can see it.")
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option("--as", metavar="PRINCIPAL", help="Who grades; default: Git's e-mail.")
    ] = None,
    export: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Write the items for another tool.")
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Take grades given elsewhere.")
    ] = None,
    format_: Annotated[str | None, typer.Option("--format", "-f", metavar="NAME", help="Of that file.")] = None,
    learn: Annotated[Path | None, typer.Option("--learn", metavar="DIR", help="Turn grades into test cases.")] = None,
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="Of the page; 0: any.")] = PORT,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the page's address.")] = False,
    key: Annotated[Path | None, typer.Option("--key", "-k", metavar="FILE", help="SSH key to sign with.")] = None,
    config: RecordedConfigOption = None,
    environment: EnvironmentOption = DEFAULT_ENVIRONMENT,
    repository: RepositoryOption = None,
    policy_ref: PolicyRefOption = None,
) -> None:
    """Grade the items of the review bundle.

    Each grade is saved as it is given. The page can sign the decision, too.
    """
    from twokey.cli import review_ways as ways
    from twokey.cli.identity import person_here
    from twokey.cli.reviewing import reviewing
    from twokey.cli.serving.serve import Under

    if sum(one is not None for one in (export, import_, learn)) > 1:
        raise typer.BadParameter("--export, --import and --learn: one at a time")
    refs = tuple(policy_ref or ())
    case = reviewing(evidence, reviewer or person_here(Path.cwd(), os.environ).principal, config, refs)
    if not case.evidence.items:
        say("there is nothing to review in this evidence")
    elif export is not None:
        ways.exported(case, export, format_)
    elif import_ is not None:
        ways.imported(case, import_, format_)
    elif learn is not None:
        ways.learned(case, learn)
    elif page or (page is None and sys.stdin.isatty()):
        under = Under(environment=environment, config=config, repository=repository, policy_refs=refs, key=key)
        ways.on_page(case, under, port=port, browser=not no_browser)
    else:
        ways.in_terminal(case)
