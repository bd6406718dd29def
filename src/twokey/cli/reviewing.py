"""What one person is to review: the evidence, their part of it, sealed seeds among it, practice, and answers to them.

Policy is read where it is at hand, since it may name reviewers; grading an artifact without it works too. What counts
is judged when decisions are, not here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twokey.canonical import sha256
from twokey.cli.answering import answers_at
from twokey.cli.console import talk
from twokey.cli.keeping import keep
from twokey.cli.preparing import recorded_config, recorded_policy
from twokey.config.review import Reviewers
from twokey.decisions.decision import PRINCIPAL
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import GRADES, SEEDS
from twokey.evidence.store import read_evidence
from twokey.evidence.tree import read_regular
from twokey.review.answers import replies
from twokey.review.assigning import part
from twokey.review.grades import Grades, filename, parse, render
from twokey.review.mixing import bundle_for
from twokey.review.order import presented
from twokey.review.seeds import Bundle
from twokey.values import dataclass

if TYPE_CHECKING:
    from twokey.cli.policy import Policy

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """One person's review of evidence. `seeds` is the digest of the sealed bundle, if there is one; else both are None.

    `policy` is None where it is not at hand.
    """

    directory: Path
    evidence: Evidence
    principal: str
    policy: "Policy | None" = None
    bundle: Bundle | None = None
    seeds: str | None = None

    @property
    def path(self) -> Path:
        """Where this person's grades are."""
        return self.directory / GRADES / filename(self.principal)

    @property
    def reviewers(self) -> Reviewers | None:
        """Policy's reviewers, where it names any."""
        review = self.policy.config.review if self.policy else None
        return review.reviewers if review else None

    @property
    def unsealed(self) -> bool:
        """Whether policy asks for sealed seeds that are not here: grades given without them will not count."""
        review = self.policy.config.review if self.policy else None
        return bool(review and review.seeds) and self.bundle is None

    @property
    def sealed(self) -> tuple[Row, ...]:
        """The rows of the sealed bundle."""
        return tuple(self.bundle.items) if self.bundle else ()

    @property
    def practice(self) -> tuple[Row, ...]:
        """The rows that come first, with feedback."""
        return tuple(self.bundle.practice) if self.bundle else ()

    @property
    def gradable(self) -> tuple[Row, ...]:
        """All rows that a grade may be about."""
        return (*self.evidence.gradable, *self.sealed)

    def rows(self) -> tuple[Row, ...]:
        """Return what this person has to grade, in the order in which they meet it.

        Raises TwokeyError where policy names reviewers, and not this one.
        """
        own = part(self.principal, self.evidence.items, self.reviewers, self.evidence.digest)
        return presented(own, self.sealed, self.evidence.digest)

    def answers(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Return what was answered to this person's questions, by item: who, and what they say."""
        return replies(self.principal, answers_at(self.directory, self.evidence, self.gradable))

    def grades(self) -> Grades:
        """Return this person's grades so far. Raises TwokeyError where the file is of other evidence, or merged."""
        if not self.path.is_file():
            return Grades(manifest=self.evidence.digest, reviewer=self.principal, seeds=self.seeds)
        found = parse(read_regular(self.path), str(self.path), self.gradable)
        where = Place(file=str(self.path))
        if found.manifest != self.evidence.digest:
            raise TwokeyError("holds grades of other evidence", where=where, hint="move it away, and grade again")
        if found.reviewer != self.principal:
            told = f"holds grades of {found.reviewer}, not of {self.principal}"
            raise TwokeyError(told, where=where, hint="move it away, and grade again")
        if found.sources:
            raise TwokeyError("holds merged grades", where=where, hint="twokey grades merge goes on")
        if found.seeds != self.seeds:
            raise TwokeyError(
                "was begun with other sealed seeds than there are now",
                where=where,
                hint="grades and the bundle they were given with belong together: move the file away, and grade again",
            )
        return found

    def save(self, grades: Grades) -> None:
        """Keep this person's grades, whole or not at all."""
        keep(self.path.parent, {self.path.name: render(grades)})


def reviewing(directory: Path, principal: str, config: Path | None, refs: tuple[str, ...] = ()) -> Reviewing:
    """Read what there is to review, and the policy where it is at hand.

    Raises:
        TwokeyError: no evidence, a sealed bundle that is none or of other evidence, or no principal.
    """
    if not PRINCIPAL.fullmatch(principal):
        raise TwokeyError(f"{principal!r} is no principal: lower case, such as ann@example.com", hint="--as names one")
    evidence = read_evidence(directory)
    bundle, seeds = _bundle(directory, evidence)
    return Reviewing(
        directory=directory,
        evidence=evidence,
        principal=principal,
        policy=_policy(directory, config, refs),
        bundle=bundle,
        seeds=seeds,
    )


def _bundle(directory: Path, evidence: Evidence) -> tuple[Bundle | None, str | None]:
    path = directory / SEEDS
    if not path.is_file():
        return None, None
    data = read_regular(path)
    return bundle_for(evidence.gradable, data, evidence.digest, str(path)), sha256(data)


def _policy(directory: Path, config: Path | None, refs: tuple[str, ...]) -> "Policy | None":
    path = recorded_config(directory, config)
    if config is None and not refs and not path.is_file():
        return None
    try:
        return recorded_policy(directory, path, refs)
    except TwokeyError as error:
        if config is not None or refs:
            raise
        talk(f"policy is not at hand, so whether it names reviewers is not known: {error}")
        return None
