"""What may be written under `gates.quality.scoring` in a config, by scorer.

It stands apart from the scorers, because every command reads a config and few of them score.
"""

from typing import Literal

from twokey.config.keys import option
from twokey.config.scalars import ShareChange, file_path
from twokey.config.shape import Limit
from twokey.functions import check_call, check_place
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericOptions:
    """How close a number must come."""

    relative: float = option("as a share of the expected number", minimum=0, default=0.0)
    absolute: float = option("as a number", minimum=0, default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingOptions:
    """How far down a ranking anybody looks."""

    at: int = option("places that count", minimum=1, default=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomOptions:
    """A score by a function of yours, and the rule for its mean."""

    call: str = option("package.module:function of what is installed, or a function's name in file", check=check_call)
    file: str | None = option("a Python file of the policy that holds the function", check=file_path, default=None)
    better: Literal["higher", "lower"] = option("which way is good", default="higher")
    min: float | None = option("at least", minimum=0, maximum=1, default=None)
    max: float | None = option("at most", minimum=0, maximum=1, default=None)
    max_drop: ShareChange | None = option("how far below the baseline", default=None)
    max_increase: ShareChange | None = option("how far above the baseline", default=None)

    def __post_init__(self) -> None:
        """Refuse a function in two places, or in none."""
        check_place(self.call, self.file)

    @property
    def limit(self) -> Limit | None:
        """The rule for its mean, where there is one."""
        if (self.min, self.max, self.max_drop, self.max_increase) == (None, None, None, None):
            return None
        return Limit(min=self.min, max=self.max, max_drop=self.max_drop, max_increase=self.max_increase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """Options of single scorers, by name."""

    numeric_match: NumericOptions = option("its tolerance", default=NumericOptions())
    reciprocal_rank: RankingOptions = option("its depth", default=RankingOptions())
    ndcg: RankingOptions = option("its depth", default=RankingOptions())
