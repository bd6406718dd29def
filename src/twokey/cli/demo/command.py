"""`twokey demo`: a whole round on a real model, told as it happens, in a directory that is a project afterwards."""

import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from twokey.cli.console import progress, say
from twokey.errors import Place, TwokeyError

PRINCIPAL = "demo@example.com"
ROSTER = """\
# The people who may decide. This key was made for the demo and thrown away: nobody can sign with it again.
people:
  - principal: {principal}
    name: Demo Approver
    roles: [product, risk]
    keys:
      - {key}
"""


def demo(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new directory for the project.")] = Path(
        "twokey-demo"
    ),
) -> None:
    """Show a whole round on a real model, in a minute, offline.

    Trains a classifier on generated support tickets, records 2,000 outputs, judges, grades, signs, verifies, tampers.
    The directory that it leaves is a project to copy.
    """
    from twokey.cli.demo.material import write_project

    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise TwokeyError("is there already; expected a new directory", where=Place(file=str(directory)))
    _head(1, f"train a ticket classifier and record what it answers, in {directory}")
    with progress("recording") as advance:
        write_project(directory, progress=advance)
    with tempfile.TemporaryDirectory(prefix="twokey-demo-") as secrets:
        key = _throw_away_key(Path(secrets), directory)
        _round(directory, key)


def _round(directory: Path, key: Path) -> None:
    _head(2, "twokey run: judge the outputs")
    _expect(_run(directory), "needs-decision")
    _head(3, "twokey review: a simulated reviewer grades what is shown, by the answer key")
    say(_grade(directory))
    _head(4, "twokey sign: the approver signs, with a throw-away key")
    say(_sign(directory, key))
    _head(5, "twokey run, again: it finds the decision")
    _expect(_run(directory), "pass")
    _head(6, "twokey verify: what a deploy job asks")
    _expect(_verify(directory), "pass")
    _head(7, "one byte of the model is changed behind everybody's back, and verify is asked again")
    weights = min((directory / "model").rglob("*.*"))
    whole = weights.read_bytes()
    weights.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    try:
        _expect(_verify(directory), "error")
    finally:
        weights.write_bytes(whole)
    say(
        f"\nThe byte is back, and {directory} is a project to copy.\n"
        f"next: cd {directory}, twokey verify, and open .twokey/evidence/report.html"
    )


def _head(step: int, text: str) -> None:
    say(f"\n== {step}. {text}\n")


def _expect(found: tuple[str, str], verdict: str) -> None:
    label, text = found
    say(text if verdict == "needs-decision" else text.split("\n\n")[0])  # later reports differ in their head only
    if label != verdict:
        raise TwokeyError(
            f"the demo expected {verdict}, and the verdict is {label}", hint="this is a bug; please report it"
        )


def _evidence(directory: Path) -> Path:
    return directory / ".twokey" / "evidence"


def _throw_away_key(secrets: Path, directory: Path) -> Path:
    """Make a key and a roster that names it; the key goes with the temporary directory."""
    from twokey.signers import keygen

    program = keygen.find(keygen.PLACES, directory)
    if program is None:
        raise TwokeyError("ssh-keygen is needed to make the approver's key", hint="install the OpenSSH client")
    key = secrets / "demo"
    subprocess.run(  # noqa: S603 fixed arguments
        [str(program), "-q", "-t", "ed25519", "-N", "", "-C", "demo", "-f", str(key)], check=True, capture_output=True
    )
    public = " ".join(key.with_suffix(".pub").read_text(encoding="utf-8").split()[:2])
    (directory / "roster.yaml").write_text(ROSTER.format(principal=PRINCIPAL, key=public), encoding="utf-8")
    return key


def _run(directory: Path) -> tuple[str, str]:
    from twokey.cli.run import stage

    with progress("judging") as advance:
        conclusion, text = stage(
            directory / "gates.yaml",
            _evidence(directory),
            environment="production",
            repository=None,
            progress=advance,
        )
    return conclusion.verdict.label, text


def _grade(directory: Path) -> str:
    from twokey.cli.demo.reviewer import answer_key
    from twokey.evidence.store import read_evidence
    from twokey.review.grades import Grade, Grades, filename, render

    evidence = read_evidence(_evidence(directory))
    key = answer_key(directory)
    given = [(str(item["id"]), key[str(item["id"])]) for item in evidence.items]
    grades = Grades(
        manifest=evidence.digest,
        reviewer=PRINCIPAL,
        grades=tuple(
            Grade(item=item, grade=said.grade, severity=said.severity, reason=said.reason) for item, said in given
        ),
    )
    path = _evidence(directory) / "grades" / filename(PRINCIPAL)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(render(grades))
    failed = sum(said.grade == "fail" for _, said in given)
    return f"{len(given)} items graded, {failed} of them failed: {path}"


def _sign(directory: Path, key: Path) -> str:
    from twokey.cli.asking import Answers
    from twokey.cli.preparing import prepare
    from twokey.cli.signing import write

    now = datetime.now(UTC)
    case = prepare(
        _evidence(directory),
        directory / "gates.yaml",
        environment="production",
        repository=None,
        key=key,
        now=now,
    )
    criteria = tuple(criterion for opened in case.matter.checkpoints for criterion in opened.criteria)
    answers = Answers(
        decision="approve", reason="the numbers hold; known leaks are fixed next sprint", criteria=criteria
    )
    return f"signed: {write(case, answers, now)}"


def _verify(directory: Path) -> tuple[str, str]:
    from twokey.cli.policy import read_policy
    from twokey.cli.verify import verified
    from twokey.reports import REPORTS

    told = verified(
        _evidence(directory),
        read_policy(directory / "gates.yaml"),
        subject=directory,
        environment="production",
        repository=None,
        now=datetime.now(UTC),
    )
    return told.conclusion.verdict.label, REPORTS["terminal"].render(told)
