"""What a signature would bind, as the person reads it, and what stands against an approval. Nothing is signed here."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from twokey.cli.identity import KeyFile
from twokey.cli.options import DEFAULT_EVIDENCE, command
from twokey.conclusion import Conclusion
from twokey.config.scalars import Duration
from twokey.deciding.graded import FoundGrades, comes_to
from twokey.deciding.policy import Deciding
from twokey.deciding.settling import Settled
from twokey.decisions.checkpoints import OpenCheckpoint
from twokey.decisions.decision import EMERGENCY, Choice, GradesSummary
from twokey.decisions.matter import Matter
from twokey.decisions.people import Person
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.reports import REPORTS, escape
from twokey.reports.base import Run
from twokey.repository.facts import UNKNOWN
from twokey.review.voiding import SeedState
from twokey.values import dataclass

WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningCase:
    """What a signature would bind: evidence, matter, person and key. `directory` is the evidence's.

    `config` is the path of the policy; `not_here` is the recording without which nothing was recomputed, or None.
    `ratifies` is the override that would be ratified, by the digest of its decision file. `key` is None where no SSH
    key of the person is at hand: then they can only sign on the page.
    """

    directory: Path
    config: Path
    evidence: Evidence
    policy: Deciding
    matter: Matter
    conclusion: Conclusion
    person: Person
    key: KeyFile | None
    roles_of: Mapping[str, tuple[str, ...]]
    grades: FoundGrades | None
    settled: Settled
    not_here: Path | None = None
    ratifies: str | None = None

    def rendering(self) -> str:
        """Return what the person reads before deciding: our own rendering, and all that the signature binds."""
        report = REPORTS["terminal"].render(self.run())
        bound = (line for name, value in self.bound() for line in _row(name, value))
        warning = (UNKNOWN_REPOSITORY,) if self.matter.repository == UNKNOWN else ()
        head = f"A signature by {self.person.principal} would bind"
        return "\n".join((report, "", escape.one_line(head), *bound, *warning))

    def run(self) -> Run:
        """Return what there is to report to whoever is about to sign, with what the grades they stand on come to."""
        review = self.conclusion.review
        if review is None and self.grades is not None:
            review = comes_to(self.evidence, self.policy.config.review, self.grades)
        return Run(
            evidence=self.evidence,
            conclusion=replace(self.conclusion, review=review),
            config=str(self.config),
            directory=str(self.directory),
            policy_ref=self.policy.ground.branch,
            whole=True,
        )

    def bound(self) -> Iterator[tuple[str, str]]:
        """Yield all that the signature binds, by name."""
        override = self.policy.config.approval.override
        yield "manifest", self.evidence.digest
        yield "checkpoints", "; ".join(f"{name}, in the {_roles(roles)}" for name, roles in self.roles_of.items())
        yield "environment", self.matter.environment
        yield "repository", self.matter.repository
        yield "policy", self._policy()
        yield from self._change()
        yield from self._grades()
        yield "recomputed", self._recomputed()
        ends = f"; an override after {override.expires}" if override else ""
        yield "expires", f"{self.matter.longest} after it is signed{ends}"

    def _policy(self) -> str:
        """Say where policy was read. The person is told where no protected branch stands behind it, and why."""
        ground = self.policy.ground
        place = ground.policy.place(self.config.name)
        return place if ground.protected else f"{place}, of this checkout: no protected branch is named (--policy-ref)"

    def _grades(self) -> Iterator[tuple[str, str]]:
        if self.grades is None:
            yield "grades", "none"
            return
        yield "grades", self.grades.on_file.sha256
        yield "", f"{graded(self.grades.on_file.summary)}; these grades would be signed"

    def _recomputed(self) -> str:
        if self.not_here is None:
            return "yes: the recordings and this policy give these bytes"
        return f"no: {self.not_here} is not here"

    def _change(self) -> Iterator[tuple[str, str]]:
        change = self.settled.change
        if change is None or change.empty:
            return
        people = ", ".join(dict.fromkeys(party.known_as for party in change.parties)) or "nobody known"
        yield "change", f"{change.base[:7]}..{change.head[:7]}, {len(change.files):,} files, by {people}"
        if change.policy:
            yield "policy edits", ", ".join(edit.path for edit in change.policy)

    @property
    def criteria(self) -> tuple[str, ...]:
        """What the person would attest when approving, over all checkpoints that they may close."""
        return tuple(criterion for opened in self.points("approve") for criterion in opened.criteria)

    def points(self, choice: Choice) -> tuple[OpenCheckpoint, ...]:
        """Return what a decision of that kind would speak of, as far as the person may."""
        if choice in EMERGENCY:
            point = self.matter.override.point if self.matter.override else None
            return (point,) if point is not None and point.name in self.roles_of else ()
        return tuple(opened for opened in self.matter.checkpoints if opened.name in self.roles_of)

    def longest(self, choice: Choice) -> Duration:
        """Return how long a decision of that kind may hold."""
        terms = self.matter.override
        return terms.terms.expires if choice == "override" and terms else self.matter.longest

    def confirmed(self, criteria: Iterable[str]) -> tuple[str, ...]:
        """Return which of these are conditions that others made and nobody has confirmed yet."""
        texts = self.others_conditions
        return tuple(criterion for criterion in criteria if criterion in texts)

    @property
    def others_conditions(self) -> tuple[str, ...]:
        """The conditions in words that other people made, each once, which this person may confirm."""
        texts = (
            condition.text
            for decision in self.settled.stands.counted
            if decision.principal != self.person.principal
            for condition in decision.conditions
            if condition.kind == "text"
        )
        return tuple(dict.fromkeys(texts))

    def unasked(self, criteria: Iterable[str]) -> tuple[str, ...]:
        """Return which of these are no criterion of an open checkpoint, and no condition that another person made."""
        asked = {criterion for opened in self.points("approve") for criterion in opened.criteria}
        given = tuple(criteria)
        return tuple(criterion for criterion in given if criterion not in {*asked, *self.confirmed(given)})

    def obstacle(self, *, not_recomputed: bool = False) -> TwokeyError | None:
        """Return what stands against an approval. `not_recomputed` says that the person takes it unrecomputed."""
        for who, why in self.matter.barred.items():
            if self.person.known_as(who):
                return TwokeyError(f"an approval by you would not count: {why}", hint="somebody else must; or --reject")
        for state in self.conclusion.checkpoints:
            if state.expired and state.open and state.name in self.roles_of:
                return TwokeyError(f"{state.name} is open, and its time ran out: {state.expired}", hint="or --reject")
        on_file = self.grades.on_file if self.grades else None
        if self.matter.grades_required and not (on_file and on_file.complete):
            done = f"{on_file.summary.graded} of {on_file.summary.items}" if on_file else "none of the"
            again = command("review", "" if self.directory == DEFAULT_EVIDENCE else self.directory)
            told = f"the review is not complete: {done} items are graded"
            if on_file and on_file.summary.graded == on_file.summary.items:
                told += ", but not all of the sealed ones among them"
            return TwokeyError(told, hint=f"{again}; or --reject")
        if lasting := self._lasting_faults():
            return TwokeyError(f"the grades do not count: {'; '.join(lasting)}", hint="grade again, or --reject")
        if self.not_here is None:
            return None
        where, told = Place(file=str(self.not_here)), "the recording is not here, so nobody can say that the evidence"
        if self.matter.recomputing:
            hint = "get the recording; approval.recomputed: optional takes approvals without it"
            told += f" follows from it, which {self.matter.environment} asks for"
            return TwokeyError(told, where=where, hint=hint)
        hint = "get the recording; --not-recomputed approves all the same, and every report says so"
        return None if not_recomputed else TwokeyError(f"{told} follows from it", where=where, hint=hint)

    def _lasting_faults(self) -> tuple[str, ...]:
        """Return why the grades do not count, but for seeds that are still to be opened: that may come later."""
        if self.grades is None:
            return ()
        sealed = self.grades.seeds.reason if self.grades.seeds.state is SeedState.SEALED else None
        return tuple(fault for fault in self.grades.on_file.faults if fault != sealed)


UNKNOWN_REPOSITORY = (
    "  warning: the repository is unknown; --repository names it, else this counts wherever it is unknown"
)


def _roles(roles: tuple[str, ...]) -> str:
    return f"{'role' if len(roles) == 1 else 'roles'} {' and '.join(roles)}"


def _row(name: str, value: str) -> list[str]:
    """Return a name with its value. The value stays in its column, so no path or name in it passes for a row."""
    text = " ".join(escape.one_line(value).split())
    return textwrap.wrap(
        text, WIDTH, initial_indent=f"  {name:<12} ", subsequent_indent=" " * 15, break_on_hyphens=False
    ) or [f"  {name}"]


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
