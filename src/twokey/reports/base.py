"""The contract of a report: evidence and conclusion to text, in a fixed order, with nothing from the clock.

Whatever comes from a model is hostile here: one escaping layer per sink, and outputs are shown as the evidence holds
them, redacted.
"""

from typing import ClassVar, Literal, Protocol

from twokey.conclusion import Conclusion
from twokey.evidence.bundle import Evidence
from twokey.values import dataclass

DEFAULT_CONFIG = "gates.yaml"
DEFAULT_DIRECTORY = ".twokey/evidence"
Seeds = Literal["off", "unsealed", "sealed", "opened"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """How far people are with the items, so that a report can say what comes next; what grades come to is elsewhere.

    `graded` of the items have a grade by somebody, and `done` says that grades of all that has to be graded are there:
    merged ones where policy names `several` reviewers. `seeds` are not asked for, still to be sealed, sealed, or opened
    for these grades.
    """

    graded: int = 0
    done: bool = False
    several: bool = False
    seeds: Seeds = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What there is to report.

    `config` and `directory` are the paths as they were given, for commands to type next; `policy_ref` is the branch
    that policy was read from, empty where it was the checkout. `whole` says that whoever reads it is about to sign:
    nothing of what a change does to policy may be cut. `reviewed` is how far people were when it was made.
    """

    evidence: Evidence
    conclusion: Conclusion
    config: str = DEFAULT_CONFIG
    directory: str = DEFAULT_DIRECTORY
    policy_ref: str = ""
    whole: bool = False
    reviewed: Reviewed = Reviewed()


class Report(Protocol):
    """One way to tell it. `filename` is its fixed place in the evidence directory, None where it only goes to a stream.

    The class's docstring is its page in the docs.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    filename: ClassVar[str | None]

    def render(self, run: Run) -> str:
        """Return the whole report."""
