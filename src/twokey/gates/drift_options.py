"""What may be written under `gates.drift` in a config.

It stands apart from the gate, because every command reads a config and few of them judge: nothing here counts or
compares.
"""

from typing import Literal

from twokey.config.keys import option
from twokey.config.scalars import Allowance
from twokey.values import dataclass

MAX_PSI = 0.25
MAX_KS = 0.1
Watched = Literal["inputs", "words", "outputs", "confidence", "labels", "sources", "groups", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How far amounts may move, such as lengths. With both limits either warns; `{}` takes the default."""

    max_psi: float | None = option("population stability index", minimum=0, default=None)
    max_ks: float | None = option(
        "largest gap between the distribution functions (Kolmogorov-Smirnov D)", minimum=0, maximum=1, default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How far the mix of categories may move, such as labels. With both limits either warns; `{}` takes the default."""

    max_psi: float | None = option("population stability index", minimum=0, default=None)
    max_v: float | None = option("strength of the association, Cramer's V", minimum=0, maximum=1, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareAllowance:
    """The most that is allowed, as a share."""

    max: float = option("at most", minimum=0, maximum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryAllowance:
    """How many records may have categories that the other recording has not."""

    max: Allowance = option("at most: a count such as 0, or a share such as 1%")


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftOptions:
    """Limits for what is compared with the baseline. Without any, all that the records carry is watched."""

    inputs: Shift | None = option("length and script of inputs; PSI 0.25 by default", default=None)
    outputs: Shift | None = option("length of outputs; PSI 0.25 by default", default=None)
    confidence: Shift | None = option("confidences; D 0.1 by default", default=None)
    labels: Mix | None = option("labels of the answers; PSI 0.25 by default", default=None)
    sources: Mix | None = option("synthetic, production, unknown; PSI 0.25 by default", default=None)
    groups: tuple[str, ...] = option("groups whose mix is compared", default=())
    group_limits: Mix | None = option("the rule for every group; PSI 0.25 by default", default=None)
    words: ShareAllowance | None = option(
        "words of inputs that the baseline has not, beyond those to be expected; 3% by default", default=None
    )
    missing: ShareAllowance = option(
        "how far the share of records without a field may rise, in points", default=ShareAllowance(max=0.05)
    )
    new_categories: CategoryAllowance | None = option(
        "records with a label or group value that the baseline has not; by default 1%, and more than chance explains",
        default=None,
    )
    vanished_categories: CategoryAllowance | None = option(
        "the baseline's records with a label or group value that is gone; likewise", default=None
    )
    alpha: float = option(
        "how often anything at all may warn where nothing drifts, at most", minimum=0, maximum=0.5, default=0.05
    )
    only_shown: tuple[Watched, ...] = option("what is shown and never warns", default=())

    def __post_init__(self) -> None:
        """Refuse a rule that could never warn, and one for what nobody names."""
        if self.alpha <= 0:
            raise ValueError("an alpha of 0 never warns; give a share such as 5%")
        if self.group_limits is not None and not self.groups:
            raise ValueError("group_limits without groups: name the groups to compare")
