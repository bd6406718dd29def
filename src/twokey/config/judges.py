"""Judges in a config: who says of each answer whether it holds, how it is asked, and what its words mean.

What a target may be told is declared by the target itself (`twokey.targets`) and arrives here as an object; loading is
told which kinds exist. Nothing is asked or read here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from twokey.config.keys import option
from twokey.config.scalars import file_path
from twokey.values import dataclass

MAX_WORD = 64
_AROUND = " \t\r\n.,;:!\"'`*_()[]"


def normalised(answer: str) -> str:
    """Return a judge's word as it is compared: without case, and without the marks that models put around words."""
    return " ".join(answer.strip(_AROUND).casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A judge that `twokey record --judge NAME` asks: an NLI or judge model, or a function of yours."""

    target: Any = option("who is asked")
    prompt: str | None = option(
        "a file with {output}, {input} and {context} where they belong", check=file_path, default=None
    )
    verdicts: Mapping[str, bool] = option("each word it may answer: true where it means unsupported")
    recording: str = option("where its answers are kept, as JSON Lines", check=file_path)

    def __post_init__(self) -> None:
        """Refuse words that could not be told apart, a judge with one opinion, and one that nobody could ask."""
        words = [normalised(word) for word in self.verdicts]
        if not all(words) or max(map(len, words)) > MAX_WORD:
            raise ValueError(f"a verdict is a word or a few, up to {MAX_WORD} characters")
        if len(set(words)) < len(words):
            raise ValueError("two verdicts differ only in case or in the marks around them")
        if set(self.verdicts.values()) != {True, False}:
            raise ValueError("verdicts need a word for true and one for false")
        if self.prompt is None and self.target.BY_PROMPT:
            raise ValueError(f"a target of kind {self.target.kind} is asked by a prompt: name its file")


def judge_in_use(gates: Mapping[str, Any]) -> str | None:
    """Return the name of the judge that gates take verdicts from, or None; loading saw to it that there is one."""
    return next((options.judge for _, options in _with_judge(gates)), None)


def judged_gates(gates: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the gates that take a judge's verdicts."""
    return frozenset(name for name, _ in _with_judge(gates))


def _with_judge(gates: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, options) for name, options in gates.items() if getattr(options, "judge", None) is not None)
