"""The typed shape of gates.yaml: what may be written, with its defaults. The comments go into the JSON Schema.

Everything is immutable. The options of each gate are declared by the gate itself (`twokey.gates`) and arrive here as
objects under its name; loading is told which names exist. `help` in a field's metadata is its one-line comment.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from twokey.config.judges import Judge
from twokey.config.keys import option as option  # gates declare their options with it
from twokey.config.review import Review
from twokey.config.scalars import (
    Change,
    Draw,
    Duration,
    ShareChange,
    change_glob,
    field_path,
    file_path,
    number,
    relative_glob,
    utc_instant,
)
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What would be released."""

    name: str = option("the released thing's name")
    owner: str = option("who answers for it")
    files: tuple[str, ...] = option(
        "globs of the files that make it: model, prompts, config", check=relative_glob, default=()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Where each part of a record stands in your own files: dotted paths, numbers index lists (`choices.0.text`)."""

    id: str | None = option("unique id of the case", check=field_path, default=None)
    input: str | None = option("what was asked", check=field_path, default=None)
    output: str | None = option("what came back", check=field_path, default=None)
    label: str | None = option("the part of the output that is compared with expected", check=field_path, default=None)
    expected: str | None = option("the right answer", check=field_path, default=None)
    context: str | None = option("what the answer must be grounded in", check=field_path, default=None)
    confidence: str | None = option("the model's probability, 0 to 1", check=field_path, default=None)
    latency_ms: str | None = option("milliseconds to the answer", check=field_path, default=None)
    memory_mb: str | None = option("peak memory in MB", check=field_path, default=None)
    at: str | None = option(
        "when it was sent: ISO 8601 with offset, or seconds since the epoch", check=field_path, default=None
    )
    error: str | None = option("set where no answer could be had", check=field_path, default=None)
    source: str | None = option("synthetic or production", check=field_path, default=None)
    impact: str | None = option("how much depends on it, such as high", check=field_path, default=None)
    hallucinated: str | None = option(
        "true where somebody judged the answer unsupported", check=field_path, default=None
    )
    system: str | None = option("the instructions that came with the input", check=field_path, default=None)
    cluster: str | None = option("what records share that are not independent", check=field_path, default=None)
    pair: str | None = option("what twins share that differ in one attribute", check=field_path, default=None)
    case: str | None = option("what repeats of one question share", check=field_path, default=None)
    alternatives: str | None = option(
        "other labels that the model weighed, with their probabilities", check=field_path, default=None
    )
    groups: Mapping[str, str] = option("slices: name and path", check=field_path, default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording(Fields):
    """A file of recorded outputs and how to read it."""

    path: str = option("JSONL (.gz, .zst), CSV or Parquet", check=file_path)
    format: Literal["jsonl", "csv", "parquet"] | None = option("only where the name does not say", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """The outputs to judge, and those of the last good version, read with the same mapping unless it has its own."""

    candidate: Recording = option("the outputs to judge; id and output must be mapped", needs=("id", "output"))
    baseline: Recording | None = option("the last good version's outputs, paired by id", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How many records are judged. Drawn by a keyed hash of the id, so the order of the file cannot matter."""

    synthetic: Draw = option("synthetic records", default=Draw(1000))
    production: Draw = option("production-like records", default=Draw(1000))
    stratify_by: str | None = option("a group that keeps its proportions", default=None)
    seed: int = option("any whole number", default=0)

    def __post_init__(self) -> None:
        """Refuse a sample of nothing."""
        if self.synthetic.count == 0 and self.production.count == 0:
            raise ValueError("a sample of no synthetic and no production records judges nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The rule for one metric. At least one part must be given."""

    min: float | None = option("at least", default=None)
    max: float | None = option("at most", default=None)
    max_drop: Change | None = option("how far below the baseline", default=None)
    max_increase: Change | None = option("how far above the baseline", default=None)

    def __post_init__(self) -> None:
        """Refuse a rule that says nothing."""
        if all(part is None for part in (self.min, self.max, self.max_drop, self.max_increase)):
            raise ValueError("a limit needs min, max, max_drop or max_increase")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"no value is at least {self.min:g} and at most {self.max:g}")

    def __str__(self) -> str:
        bounds = [
            f"{name} {number(value)}" for name, value in (("min", self.min), ("max", self.max)) if value is not None
        ]
        changes = (("max_drop", self.max_drop), ("max_increase", self.max_increase))
        return ", ".join([*bounds, *(f"{name} {change}" for name, change in changes if change is not None)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLimit(Limit):
    """The rule for a metric that is a share, 0 to 1."""

    min: float | None = option("at least", minimum=0, maximum=1, default=None)
    max: float | None = option("at most", minimum=0, maximum=1, default=None)
    max_drop: ShareChange | None = option("how far below the baseline", default=None)
    max_increase: ShareChange | None = option("how far above the baseline", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountLimit(Limit):
    """The rule for a metric that is an amount, never negative."""

    min: float | None = option("at least", minimum=0, default=None)
    max: float | None = option("at most", minimum=0, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens:
    """One reason for a checkpoint to open; all that is given here must hold."""

    gates: tuple[str, ...] = option("findings of these gates", default=())
    metrics: tuple[str, ...] = option("findings about these metrics", default=())
    status: tuple[Literal["fail", "inconclusive", "error"], ...] = option(
        "with one of these statuses", default=("fail", "inconclusive")
    )
    low_confidence_share: float | None = option(
        "at least this share under the review's confidence", minimum=0, maximum=1, default=None
    )
    impact: tuple[str, ...] = option("records of one of these impacts were judged", default=())
    paths: tuple[str, ...] = option(
        "changed files that match; / first: from the repository's root", check=change_glob, default=()
    )
    changed_files: int | None = option("at least so many changed files", minimum=1, default=None)
    changed_lines: int | None = option("at least so many changed lines", minimum=1, default=None)
    labels: tuple[str, ...] = option("the request carries one of these labels", default=())
    rollback: bool = option("the subject is one that was decided on before", default=False)
    unwitnessed: bool = option("nobody vouches for a recording", default=False)
    unpinned: bool = option("no files of the subject are named", default=False)

    @property
    def about_findings(self) -> bool:
        """Whether it looks at findings: it names some, or nothing else."""
        return bool(self.gates or self.metrics) or not (self.about_change or self._about_evidence)

    @property
    def about_change(self) -> bool:
        """Whether it looks at what is under review."""
        return bool(self.paths or self.changed_files or self.changed_lines or self.labels or self.rollback)

    @property
    def _about_evidence(self) -> bool:
        facts = (self.impact, self.unwitnessed, self.unpinned)
        return self.low_confidence_share is not None or any(facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Who may close a checkpoint: roles or principals from the roster."""

    any_of: tuple[str, ...] = option("one person with any of these", default=())
    all_of: tuple[str, ...] = option("each of these", default=())
    count: int | None = option("so many people ...", minimum=1, default=None)
    of: tuple[str, ...] = option("... of these", default=())
    distinct: bool = option("nobody counts for two of them", default=True)

    def __post_init__(self) -> None:
        """Refuse a rule that names nobody, two rules in one, and a name written twice."""
        if (self.count is None) != (not self.of):
            raise ValueError("count and of are given together, as in {count: 2, of: [product, risk]}")
        given = [names for names in (self.any_of, self.all_of, self.of) if names]
        if len(given) != 1:
            what = "names nobody" if not given else "has more than one rule"
            raise ValueError(f"{what}: give any_of, or all_of, or count and of")
        if len(set(given[0])) < len(given[0]):
            raise ValueError("a name appears twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate:
    """Whom to tell when nobody decided."""

    at: float = option("share of the time", minimum=0, default=1.0)
    to: str = option("a role or principal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout:
    """The clock of a checkpoint."""

    after: Duration = option("how long a decision may take")
    remind: float | None = option("remind at this share", minimum=0, default=None)
    escalate: Escalate | None = option("escalate at a share, to somebody", default=None)
    expire: float | None = option("blocked from this share on", minimum=0, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointPolicy:
    """A point that needs a person."""

    opens: tuple[Opens, ...] = option(
        "any of these opens it, and claims the findings it names", filled=True, default=()
    )
    close: Close = option("who may close it")
    criteria: tuple[str, ...] = option("what the approver attests, one by one", default=())
    environments: tuple[str, ...] = option("only there; absent: everywhere", default=())
    timeout: Timeout | None = option("its clock", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Automatic:
    """Where a clean run passes without a decision."""

    environments: tuple[str, ...] = option("such as staging; absent: nowhere", default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Emergency: act now, answer for it afterwards."""

    roles: tuple[str, ...] = option("who may")
    expires: Duration = option("how long it holds", default=Duration(86400))
    review_within: Duration = option("when the post-review is due", default=Duration(172800))
    ticket: Literal["required", "optional"] = option("whether it names a ticket", default="required")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxAge:
    """How old what a decision stands on may be. A recording's age is told by its witness, or by its oldest record."""

    candidate: Duration | None = option("of the recording that is judged", default=None)
    baseline: Duration | None = option("of the baseline", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sigstore:
    """Signatures by an identity that an issuer vouches for."""

    trusted_root: str = option("the pinned trusted_root.json", check=file_path)


PRODUCTION = ("production", "prod", "prd", "live")
NOT_PRODUCTION = ("non", "not", "no", "pre")


def is_production(environment: str) -> bool:
    """Return whether an environment's name says that it is production, in any of its words: `prod-eu`, `eu-live`.

    `non-prod` and `pre-production` say that they are not.
    """
    words = re.split(r"[^a-z]+", environment.casefold())
    return words[0] not in NOT_PRODUCTION and not {*PRODUCTION}.isdisjoint(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Planned maintenance, or a test environment: checkpoints that need nobody there and then. Never production."""

    from_: str = option("start, UTC", check=utc_instant)
    to: str = option("end, UTC", check=utc_instant)
    relaxes: tuple[str, ...] = option("checkpoints")
    environments: tuple[str, ...] = option("where")
    why: str = option("the reason")

    def __post_init__(self) -> None:
        """Refuse a window that ends before it starts."""
        if datetime.fromisoformat(self.from_) >= datetime.fromisoformat(self.to):
            raise ValueError("a window ends after it starts")
        if not self.environments or not self.relaxes:
            raise ValueError("a window names the checkpoints that it relaxes and the environments")
        if production := next(filter(is_production, self.environments), None):
            raise ValueError(f"a window never opens {production}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """Who may not decide."""

    author_may_decide: bool = option("whether a change's author may approve it", default=False)
    reviewer_may_decide: bool = option("whether somebody who graded may approve", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The deciding policy: who may open what. Never in the manifest."""

    roster: str = option("the people who may decide", check=file_path, default="roster.yaml")
    decisions: str = option("where decision files are kept", check=file_path, default="decisions")
    expires: Duration = option("how long a decision holds", default=Duration(7 * 86400))
    max_age: MaxAge = option("how old the recordings may be", default=MaxAge())
    recomputed: Literal["required", "optional"] = option(
        "whether production takes decisions whose signer did not recompute the evidence", default="required"
    )
    sigstore: Sigstore | None = option("signatures by identity, beside SSH keys", default=None)
    automatic: Automatic = option("where a clean run passes by itself", default=Automatic())
    checkpoints: Mapping[str, CheckpointPolicy] = option(
        "by name; release opens wherever a run is not automatic", needs=("release",)
    )
    override: Override | None = option("emergency", default=None)
    windows: tuple[Window, ...] = option("planned maintenance", default=())
    separation: Separation = option("separation of duties", default=Separation())


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """gates.yaml as a whole. `gates` holds each gate's options under its name."""

    version: Literal[1] = option("of this format; always 1")
    subject: Subject = option("what would be released")
    recordings: Recordings = option("what it answered")
    sample: Sample = option("how many answers are judged", default=Sample())
    judges: Mapping[str, Judge] = option("who else says whether answers hold, by name", default_factory=dict)
    gates: Mapping[str, Any] = option("the checks")
    review: Review | None = option("what people look at", default=None)
    approval: Approval = option("who may decide")
