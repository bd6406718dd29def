"""What may be written under `gates.fairness` in a config.

It stands apart from the gate, because every command reads a config and few of them judge: nothing here counts or
compares.
"""

from twokey.config.keys import option
from twokey.config.scalars import number
from twokey.config.shape import Limit, ShareLimit
from twokey.values import dataclass

TWINS = ("flip_rate", "confidence_shift")
AT_MOST = ("calibration_within", *TWINS)
OF_POSITIVES = ("equal_opportunity", "equalised_odds")


@dataclass(frozen=True, slots=True, kw_only=True)
class GapLimit:
    """How far apart any two values of a group may be. At least one part must be given."""

    max_difference: float | None = option("the most between two values", minimum=0, maximum=1, default=None)
    min_ratio: float | None = option("the least of the lower by the higher", minimum=0, maximum=1, default=None)

    def __post_init__(self) -> None:
        """Refuse a rule that says nothing."""
        if self.max_difference is None and self.min_ratio is None:
            raise ValueError("a limit needs max_difference or min_ratio")

    def __str__(self) -> str:
        parts = (("max_difference", self.max_difference), ("min_ratio", self.min_ratio))
        return ", ".join(f"{name} {number(value)}" for name, value in parts if value is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessOptions:
    """Which groups are compared, what counts as a good answer for those it concerns, and how far apart they may be."""

    groups: tuple[str, ...] = option("the groups whose values are compared, by the names that recordings give them")
    positive: tuple[str, ...] = option("the labels that are good for whom they concern, such as approve", default=())
    exclude_below: int = option("values with fewer records are left out, and counted as such", minimum=0, default=0)
    demographic_parity: GapLimit | None = option("shares of answers that are positive", default=None)
    equal_opportunity: GapLimit | None = option("of cases that should be positive, shares that are", default=None)
    equalised_odds: GapLimit | None = option("the same, and of cases that should not be, shares that are", default=None)
    accuracy_parity: GapLimit | None = option("shares of answers that are right", default=None)
    calibration_parity: GapLimit | None = option("mean confidence less accuracy", default=None)
    calibration_within: Limit | None = option(
        "calibration error of the worst value", reads=ShareLimit | None, default=None
    )
    flip_rate: Limit | None = option("twins whose labels differ", reads=ShareLimit | None, default=None)
    confidence_shift: Limit | None = option("mean change of confidence in twins", reads=ShareLimit | None, default=None)
    search: tuple[str, ...] = option("groups in which the worst slices are looked for; absent: groups", default=())

    def __post_init__(self) -> None:
        """Refuse what could not be judged whatever the records say."""
        if not self.groups or len({*self.groups}) < len(self.groups):
            raise ValueError("groups names nothing to compare" if not self.groups else "a group appears twice")
        for name in OF_POSITIVES:
            if getattr(self, name) is not None and not self.positive:
                raise ValueError(f"{name} is about the labels in positive, and there are none")
        parity, calibration = self.demographic_parity, self.calibration_parity
        if parity is not None and parity.min_ratio is not None and not self.positive:
            raise ValueError("min_ratio of demographic_parity needs the labels in positive")
        if calibration is not None and calibration.min_ratio is not None:
            raise ValueError("calibration_parity has no ratio: it can be zero or less")
        for name in AT_MOST:
            limit: Limit | None = getattr(self, name)
            if limit is not None and (limit.max is None or str(limit) != str(Limit(max=limit.max))):
                raise ValueError(f"{name} needs max, and nothing else")
