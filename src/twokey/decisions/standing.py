"""What several decisions come to together: who closed which checkpoint, and which refusals stand.

The argument of `verify` goes on:

11. Identical bytes are one word, however many files and signatures carry them.
12. A person's newest word is the one that supersedes their others by digest, never the one with the latest date.
    Whatever of theirs can be heard takes an approval back; a refusal is withdrawn only by a word with a valid key.
13. Two words of one person about one checkpoint, neither superseding the other, approve nothing; a refusal among them
    stands.
14. People are counted, in the role that they signed in. A checkpoint is closed when its rule is satisfied, whoever was
    asked by a standing escalation has approved too, and no refusal stands.
15. An override that stands releases what it names. It withdraws nobody's refusal.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from twokey.decisions.checkpoints import OpenCheckpoint
from twokey.decisions.conditions import text_of
from twokey.decisions.decision import EMERGENCY, OVERRIDE, REFUSALS, Choice, Decision
from twokey.decisions.matter import DecisionCheck, Voice
from twokey.decisions.rules import rule_in_words, satisfies
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One person's standing word on one checkpoint, and the file that carries it. An escalation `asks` a role."""

    person: str
    role: str
    choice: Choice
    file: str
    asks: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointStanding:
    """How things stand with one open checkpoint; `reason` says it in a sentence."""

    checkpoint: OpenCheckpoint
    satisfied: bool
    reason: str
    approvals: tuple[Vote, ...] = ()
    refusals: tuple[Vote, ...] = ()
    escalations: tuple[Vote, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether the rule is satisfied and no refusal stands."""
        return self.satisfied and not self.refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand. `checks` are those that came in, with what only shows when they are seen together."""

    checkpoints: tuple[CheckpointStanding, ...]
    checks: tuple[DecisionCheck, ...]
    overrides: tuple[Vote, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether every open checkpoint is closed."""
        return all(standing.closed for standing in self.checkpoints)

    @property
    def asked(self) -> tuple[str, ...]:
        """The roles that standing escalations ask, over all checkpoints."""
        votes = (vote for standing in self.checkpoints for vote in standing.escalations)
        return tuple(sorted({vote.asks for vote in votes if vote.asks}))

    @property
    def counted(self) -> tuple[Decision, ...]:
        """The decisions that count."""
        return tuple(check.decision for check in self.checks if check.valid and check.decision)

    @property
    def refusals(self) -> tuple[Vote, ...]:
        """The refusals that stand, over all checkpoints."""
        return tuple(vote for standing in self.checkpoints for vote in standing.refusals)


def standing(checks: Sequence[DecisionCheck], checkpoints: Iterable[OpenCheckpoint]) -> Standing:
    """Return what all decisions about one matter come to."""
    judged = _without_superseded(checks)  # step 12
    judged = _without_ambiguous(judged)  # step 13
    votes = _votes(judged)
    return Standing(
        checkpoints=tuple(_stands(opened, votes) for opened in checkpoints),
        checks=judged,
        overrides=tuple(vote for vote in votes.get(OVERRIDE, ()) if vote.choice == "override"),  # step 15
    )


def own_words(checks: Iterable[DecisionCheck], principal: str, choice: Choice) -> tuple[str, ...]:
    """Return the digests of what a person has said about this matter that their next decision takes the place of.

    An override, or ratifying one, takes the place of nothing but its like.
    """
    said = {
        check.sha256
        for check in checks
        if check.person == principal
        and check.voice is not Voice.NONE
        and (_choice(check) == choice or {_choice(check), choice}.isdisjoint(EMERGENCY))
    }
    return tuple(sorted(digest for digest in said if digest))


def _without_superseded(checks: Sequence[DecisionCheck]) -> tuple[DecisionCheck, ...]:
    """Step 12."""
    taken_back = _named(checks, lambda _: True)
    withdrawn = _named(checks, lambda check: check.voice is Voice.SPEAKS and _choice(check) not in EMERGENCY)
    out = []
    for check in checks:
        ends = withdrawn if _choice(check) in REFUSALS else taken_back
        by = ends.get((check.person, check.sha256)) if check.valid else None
        out.append(_refused(check, f"superseded by {by}, of the same person") if by else check)
    return tuple(out)


def _named(
    checks: Sequence[DecisionCheck], counts: Callable[[DecisionCheck], bool]
) -> Mapping[tuple[str | None, str | None], str]:
    """Return which words (person, digest) are superseded, and by which file, considering the checks that count."""
    heard = (check for check in checks if check.voice is not Voice.NONE and check.decision and counts(check))
    return {(check.person, old): check.file for check in heard if check.decision for old in check.decision.supersedes}


def _without_ambiguous(checks: Sequence[DecisionCheck]) -> tuple[DecisionCheck, ...]:
    """Step 13."""
    out = []
    valid: dict[str | None, list[DecisionCheck]] = {}
    for check in checks:
        if check.valid:
            valid.setdefault(check.person, []).append(check)
    for check in checks:
        own = valid[check.person] if check.valid and _choice(check) not in REFUSALS else ()
        rivals = sorted(other.file for other in own if _rival(check, other))
        reason = f"{check.person} also says something else in {', '.join(rivals)}, and neither supersedes the other"
        out.append(_refused(check, reason) if rivals else check)
    return tuple(out)


def _rival(one: DecisionCheck, other: DecisionCheck) -> bool:
    """Return whether two checks are different words (step 11) of one person about the same checkpoint."""
    same_checkpoint = {name for name, _ in one.votes} & {name for name, _ in other.votes}
    return one.person == other.person and one.sha256 != other.sha256 and bool(same_checkpoint)


def _votes(checks: Iterable[DecisionCheck]) -> dict[str, list[Vote]]:
    """Return the votes by checkpoint; identical bytes count once (step 11)."""
    votes: dict[str, list[Vote]] = {}
    seen: set[str | None] = set()
    for check in sorted((check for check in checks if check.valid), key=lambda check: check.file):
        if check.sha256 in seen or check.decision is None or check.person is None:
            continue
        seen.add(check.sha256)
        for name, role in check.votes:
            asks = text_of(check.decision, "to")
            vote = Vote(person=check.person, role=role, choice=check.decision.choice, file=check.file, asks=asks)
            votes.setdefault(name, []).append(vote)
    return votes


def _stands(opened: OpenCheckpoint, votes: Mapping[str, Sequence[Vote]]) -> CheckpointStanding:
    """Step 14."""
    here = votes.get(opened.name, ())
    approvals = tuple(vote for vote in here if vote.choice == "approve")
    refusals = tuple(vote for vote in here if vote.choice in REFUSALS)
    escalations = tuple(vote for vote in here if vote.choice == "escalate")
    answered = {None, *(vote.role for vote in approvals)}
    silent = [vote for vote in escalations if vote.asks not in answered]
    satisfied = not silent and satisfies(opened.close, [(vote.person, vote.role) for vote in approvals])
    people = ", ".join(dict.fromkeys(f"{vote.person} as {vote.role}" for vote in approvals))
    rule = rule_in_words(opened.close)
    if refusals:
        reason = "refused by " + ", ".join(f"{vote.person} ({vote.choice} in {vote.file})" for vote in refusals)
    elif silent:
        reason = "escalated: " + ", ".join(f"{vote.person} asks {vote.asks} (in {vote.file})" for vote in silent)
    elif satisfied:
        reason = f"closed by {people}; it takes {rule}"
    else:
        reason = f"open: it takes {rule}, and {len(approvals)} valid approvals are here" + (
            f": {people}" if people else ""
        )
    return CheckpointStanding(
        checkpoint=opened,
        satisfied=satisfied,
        reason=reason,
        approvals=approvals,
        refusals=refusals,
        escalations=escalations,
    )


def _choice(check: DecisionCheck) -> str | None:
    return check.decision.choice if check.decision else None


def _refused(check: DecisionCheck, reason: str) -> DecisionCheck:
    return replace(check, valid=False, reasons=(*check.reasons, reason))
