"""What a signature would bind, as the person reads it, and what stands against an approval. Nothing is signed here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from twokey.cli.identity import KeyFile
from twokey.cli.options import DEFAULT_EVIDENCE, command
from twokey.conclusion import Conclusion
from twokey.deciding import Deciding, FoundGrades
from twokey.decisions.decision import GradesSummary
from twokey.decisions.matter import Matter
from twokey.decisions.people import Person
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.reports import REPORTS
from twokey.reports.base import Run
from twokey.repository.facts import UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningCase:
    """What a signature would bind: evidence, matter, person and key. `directory` is the evidence's.

    `config` is the path of the policy; `not_here` is the recording without which nothing was recomputed, or None.
    """

    directory: Path
    config: Path
    evidence: Evidence
    policy: Deciding
    matter: Matter
    conclusion: Conclusion
    person: Person
    key: KeyFile
    role_of: Mapping[str, str]
    grades: FoundGrades | None
    not_here: Path | None = None

    def rendering(self) -> str:
        """Return what the person reads before deciding: our own rendering, and all that the signature binds."""
        told = Run(
            evidence=self.evidence,
            conclusion=self.conclusion,
            config=str(self.config),
            directory=str(self.directory),
        )
        report = REPORTS["terminal"].render(told)
        roles = ", ".join(f"{name} as {role}" for name, role in self.role_of.items())
        bound = (
            f"A signature by {self.person.principal} would bind",
            f"  manifest     {self.evidence.digest}",
            f"  checkpoints  {roles}",
            f"  environment  {self.matter.environment}",
            f"  repository   {self.matter.repository}",
            f"  policy       {self.config}",
            *self._grades(),
            f"  recomputed   {self._recomputed()}",
            f"  for          {self.matter.longest}",
        )
        warning = (UNKNOWN_REPOSITORY,) if self.matter.repository == UNKNOWN else ()
        return "\n".join((report, "", *bound, *warning))

    def _grades(self) -> Iterator[str]:
        if self.grades is None:
            yield "  grades       none"
            return
        yield f"  grades       {self.grades.on_file.sha256}"
        yield f"               {graded(self.grades.on_file.summary)}; these grades would be signed"

    def _recomputed(self) -> str:
        if self.not_here is None:
            return "yes: the recordings and this policy give these bytes"
        return f"no: {self.not_here} is not here"

    @property
    def criteria(self) -> tuple[str, ...]:
        """What the person would attest, over all checkpoints that they may close."""
        signed = (opened for opened in self.matter.checkpoints if opened.name in self.role_of)
        return tuple(criterion for opened in signed for criterion in opened.criteria)

    def obstacle(self, *, not_recomputed: bool = False) -> TwokeyError | None:
        """Return what stands against an approval. `not_recomputed` says that the person takes it unrecomputed."""
        on_file = self.grades.on_file if self.grades else None
        if self.matter.grades_required and not (on_file and on_file.complete):
            done = f"{on_file.summary.graded} of {on_file.summary.items}" if on_file else "none of the"
            again = command("review", "" if self.directory == DEFAULT_EVIDENCE else self.directory)
            return TwokeyError(f"the review is not complete: {done} items are graded", hint=f"{again}; or --reject")
        if self.not_here is not None and not not_recomputed:
            return TwokeyError(
                "the recording is not here, so nobody can say that the evidence follows from it",
                where=Place(file=str(self.not_here)),
                hint="get the recording; --not-recomputed approves all the same, and every report says so",
            )
        return None


UNKNOWN_REPOSITORY = (
    "  warning: the repository is unknown; --repository names it, else this counts wherever it is unknown"
)


def graded(summary: GradesSummary) -> str:
    """Return what grades come to, such as `grades 40 of 40: 38 passed, 1 failed, 1 edited`."""
    counts = {
        "passed": summary.passed,
        "failed": summary.failed,
        "edited": summary.edited,
        "escalated": summary.escalated,
        "with a bad reference": summary.bad_reference,
    }
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    return f"grades {summary.graded:,} of {summary.items:,}: {told or 'none given'}"
