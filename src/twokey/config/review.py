"""The review section of gates.yaml: what people look at, how sure the random audit has to be, and who reviews."""

from typing import Literal

from twokey.config.keys import option
from twokey.config.scalars import file_path
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """Known-bad items that are mixed in, sealed, to see whether anybody was looking."""

    count: int = option("how many known-bad items are mixed in", minimum=1, maximum=50, default=8)
    decoys: int = option("how many known-good items are mixed in with them", minimum=0, maximum=50, default=4)
    void_at: int = option("so many missed void the review", minimum=1, default=2)
    practice: int = option("items with feedback that come first", minimum=0, maximum=5, default=2)

    def __post_init__(self) -> None:
        """Refuse a rule that no reviewer could ever break."""
        if self.void_at > self.count:
            raise ValueError(f"nobody can miss {self.void_at} of {self.count} seeds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewers:
    """Several reviewers of one bundle: who sees what, and who settles what they see differently."""

    people: tuple[str, ...] = option("who reviews, by principal", filled=True)
    assign: Literal["split", "overlap"] = option("each item to one of them, or some to two", default="overlap")
    share: float = option("the share of items that two see, under overlap", minimum=0, maximum=1, default=1.0)
    adjudicators: tuple[str, ...] = option("roles or principals who settle disagreements", default=())
    signed: bool = option("grades count only with their reviewer's signature", default=False)

    def __post_init__(self) -> None:
        """Refuse one name twice, an overlap of one, and a share of what nobody shares."""
        if len(set(self.people)) != len(self.people):
            raise ValueError("a reviewer is named twice")
        if self.assign == "overlap" and len(self.people) < 2:
            raise ValueError("an overlap needs two reviewers; assign: split takes one")
        if self.assign == "split" and self.share != 1:
            raise ValueError("share belongs to overlap; under assign: split nobody sees another's items")


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What people look at, and what they may find."""

    confidence_below: float = option(
        "outputs under this confidence wait for a person", minimum=0, maximum=1, default=0.6
    )
    show: int = option("how many items are shown, most doubtful first", minimum=0, default=50)
    second_opinion: int = option(
        "how many of those shown may be confident ones that a second opinion doubts", minimum=0, default=10
    )
    learned: str | None = option("past cases with labels or grades, JSONL, to rank by", check=file_path, default=None)
    more: int = option("how many of those that wait can be taken in addition", minimum=0, maximum=1000, default=50)
    max_failures: float | None = option(
        "the share of the shown items that may fail", minimum=0, maximum=1, default=None
    )
    flips: int = option("answers that the baseline had right and this has wrong, or the reverse", minimum=0, default=10)
    audit: int | None = option(
        "random items from everything else; default: as many as max_failure_rate and risk need", minimum=0, default=None
    )
    max_failure_rate: float | None = option(
        "the most of all outputs that may fail, by the exact bound (LTPD)", minimum=0, maximum=1, default=None
    )
    risk: float = option(
        "the chance that a worse pool passes (consumer's risk)", minimum=0.0001, maximum=0.5, default=0.05
    )
    stages: int = option("in how many steps the audit may grow before it gives up", minimum=1, maximum=6, default=1)
    seeds: Seeds | None = option("known-bad items, sealed", default=None)
    reviewers: Reviewers | None = option("several reviewers", default=None)

    def __post_init__(self) -> None:
        """Refuse a review of nothing, and rules for what is never looked at."""
        if self.show == 0 and self.audit == 0:
            raise ValueError("a review that shows nothing and audits nothing looks at nothing")
        if self.max_failures is not None and self.show == 0:
            raise ValueError("max_failures needs items to look at: show is 0")
        if self.max_failure_rate is not None and self.audit == 0:
            raise ValueError("max_failure_rate needs a random audit to stand on: audit is 0")
        if self.max_failure_rate == 0 and self.audit is None:
            raise ValueError("no audit shows that nothing fails; max_failure_rate: 0 needs its own audit")
