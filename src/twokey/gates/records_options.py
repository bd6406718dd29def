"""What may be written under `gates.records` in a config.

It stands apart from the gate, because every command reads a config and few of them judge: nothing here counts or
compares.
"""

from twokey.config.keys import option
from twokey.config.scalars import Allowance
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsOptions:
    """What may be missing from a recording."""

    max_unreadable: Allowance = option("lines that may be no record", default=Allowance(count=0))
    max_errored: Allowance = option("records that may lack an answer", default=Allowance(count=0))
    max_flaky: Allowance | None = option(
        "cases that may have answers that disagree, of those asked again; absent: only shown", default=None
    )
