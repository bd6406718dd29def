"""`twokey grades`: what can be done with grades beside giving them: sign, merge, answer, trade, learn."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twokey.cli.options import DEFAULT_EVIDENCE, EvidenceOption, PolicyRefOption, RecordedConfigOption, group

if TYPE_CHECKING:
    from twokey.cli.reviewing import Reviewing

app = group("grades", "Merge and sign grades, answer questions, trade, learn from them.")
ReviewerOption = Annotated[
    str | None, typer.Option("--as", metavar="PRINCIPAL", help="Who you are; default: Git's e-mail.")
]
NameOption = Annotated[str | None, typer.Option("--format", "-f", metavar="NAME", help="The file's format.")]


@app.command()
def sign(
    evidence: EvidenceOption = DEFAULT_EVIDENCE,
    reviewer: ReviewerOption = None,
    key: Annotated[Path | None, typer.Option("--key", "-k", metavar="FILE", help="SSH key; default: yours.")] = None,
    config: RecordedConfigOption = None,
    policy_ref: PolicyRefOption = None,
) -> None:
    """Sign your grades, where policy asks for it.

    A later grade needs a new signature.
    """
    from twokey.cli.review_ways import signed

    signed(_case(evidence, reviewer, config, policy_ref), key)


@app.command()
def merge(
    evidence: EvidenceOption = DEFAULT_EVIDENCE,
    reviewer: ReviewerOption = None,
    files: Annotated[
        list[Path] | None, typer.Option("--with", metavar="FILE", help="Grades that somebody sent; repeatable.")
    ] = None,
    config: RecordedConfigOption = None,
    policy_ref: PolicyRefOption = None,
) -> None:
    """Bring several reviewers' grades together.

    What they see differently goes before you, if policy lets you settle it.
    """
    from twokey.cli.review_ways import merged

    merged(_case(evidence, reviewer, config, policy_ref), tuple(files or ()))


@app.command()
def questions(evidence: EvidenceOption = DEFAULT_EVIDENCE, reviewer: ReviewerOption = None) -> None:
    """List what reviewers ask, and how to answer."""
    from twokey.cli.review_ways import asked

    asked(_case(evidence, reviewer))


@app.command()
def answer(
    answers: Annotated[list[str], typer.Argument(metavar="ITEM=TEXT", help="An item, and what you say of it.")],
    evidence: EvidenceOption = DEFAULT_EVIDENCE,
    reviewer: ReviewerOption = None,
) -> None:
    """Answer what a reviewer asks; it stands at the item."""
    from twokey.cli.review_ways import answered

    answered(_case(evidence, reviewer), answers)


@app.command("export")
def export_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; its name may say the format.")],
    format_: NameOption = None,
    evidence: EvidenceOption = DEFAULT_EVIDENCE,
    reviewer: ReviewerOption = None,
    opinion: Annotated[bool, typer.Option("--with-opinion", help="Also what the machine thinks.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write the items and your grades for another tool.

    What the machine thinks stays out, so that people decide first.
    """
    from twokey.cli.review_ways import exported

    exported(_case(evidence, reviewer), file, format_, opinion=opinion, force=force)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Grades out of another tool, or of the page.")],
    format_: NameOption = None,
    evidence: EvidenceOption = DEFAULT_EVIDENCE,
    reviewer: ReviewerOption = None,
    annotator: Annotated[
        str | None, typer.Option("--annotator", metavar="NAME", help="Your name in that tool.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Let them take the place of other grades.")] = False,
) -> None:
    """Take grades given elsewhere, and join them with yours."""
    from twokey.cli.review_ways import imported

    imported(_case(evidence, reviewer), file, format_, annotator=annotator, replace=replace)


@app.command()
def learn(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files are, or will be.")],
    evidence: EvidenceOption = DEFAULT_EVIDENCE,
    reviewer: ReviewerOption = None,
    config: RecordedConfigOption = None,
    policy_ref: PolicyRefOption = None,
) -> None:
    """Turn grades into cases to test with, and report on them.

    Regression cases, known-bad outputs, labels, and what the grades say of
    detectors, the judge and the threshold. Changes no policy.
    """
    from twokey.cli.review_ways import learned

    learned(_case(evidence, reviewer, config, policy_ref), folder)


def _case(
    evidence: Path, reviewer: str | None, config: Path | None = None, refs: list[str] | None = None
) -> "Reviewing":
    from twokey.cli.identity import person_here
    from twokey.cli.reviewing import reviewing

    return reviewing(evidence, reviewer or person_here(Path.cwd(), os.environ).principal, config, tuple(refs or ()))
