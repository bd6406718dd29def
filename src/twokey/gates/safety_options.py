"""What may be written under `gates.safety` in a config.

It stands apart from the gate, because every command reads a config and few of them judge: nothing here counts or
compares.
"""

from typing import Literal

from twokey.config.keys import option
from twokey.config.scalars import Allowance, file_path
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How many records may be flagged by one detector."""

    max: Allowance = option("how many records may be flagged")

    @property
    def file(self) -> str | None:
        """The user's file for the detector."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsCheck(Check):
    """The same, with words of your own, and whether the model may repeat what a user said."""

    words: str | None = option("a file with more words, one on each line", check=file_path, default=None)
    quoted: Literal["count", "ignore"] = option(
        "whether a word counts that the input has too; either way it is shown apart", default="count"
    )

    @property
    def file(self) -> str | None:
        """The user's words."""
        return self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCheck(Check):
    """The same, with rules of your own."""

    rules: str = option("a YAML file of what must not be said, and of what must be", check=file_path)

    @property
    def file(self) -> str | None:
        """The user's rules."""
        return self.rules


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakageCheck(Check):
    """The same, with canary tokens of your own."""

    canaries: str | None = option(
        "a file with tokens of your system prompt, one on each line", check=file_path, default=None
    )

    @property
    def file(self) -> str | None:
        """The user's canaries."""
        return self.canaries


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionCheck:
    """Attempts in inputs: counted, and limited only where policy says so, for they are the users'."""

    max: Allowance | None = option("how many inputs may hold an attempt; absent: only shown", default=None)

    @property
    def file(self) -> str | None:
        """No file."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyOptions:
    """Looks for personal data, secrets, profanity, leaked instructions and what your own rules say."""

    pii: Check | None = option("personal data", default=None)
    secrets: Check | None = option("credentials", default=None)
    profanity: WordsCheck | None = option("swear words and slurs", default=None)
    policy: PolicyCheck | None = option("your own rules", default=None)
    leakage: LeakageCheck | None = option("leaked instructions, stray markup, obeyed injections", default=None)
    names: Check | None = option("names of people and organisations; needs the extra twokey[names]", default=None)
    injection: InjectionCheck | None = option("attempts at prompt injection, in inputs", default=None)
    allow: str | None = option(
        "a YAML file of what may be there although a rule sees it, with reason and last day",
        check=file_path,
        default=None,
    )

    def __post_init__(self) -> None:
        """Refuse a gate that looks for nothing in the model's answers."""
        if all(check.max is None for check in self.checks().values()):
            raise ValueError(
                "safety needs at least one of pii, secrets, profanity, policy, leakage, names, or a max of injection"
            )

    def checks(self) -> dict[str, Check | InjectionCheck]:
        """Return the checks that were asked for, by detector, in the order of the results."""
        given = {
            "pii": self.pii,
            "secrets": self.secrets,
            "profanity": self.profanity,
            "policy": self.policy,
            "leakage": self.leakage,
            "names": self.names,
            "injection": self.injection,
        }
        return {name: check for name, check in given.items() if check is not None}
