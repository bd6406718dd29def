"""What may be written under `gates.safety` in a config.

It stands apart from the gate, because every command reads a config and few of them judge: nothing here counts or
compares.
"""

from twokey.config.keys import option
from twokey.config.scalars import Allowance, file_path
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How many outputs may be flagged by one detector."""

    max: Allowance = option("how many outputs may be flagged")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsCheck(Check):
    """The same, with words of your own."""

    words: str | None = option("a file with more words, one on each line", check=file_path, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCheck(Check):
    """The same, with rules of your own."""

    rules: str = option("a YAML file of words and expressions that an output must not contain", check=file_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyOptions:
    """Looks for personal data, secrets, profanity and what your own rules forbid."""

    pii: Check | None = option("personal data", default=None)
    secrets: Check | None = option("credentials", default=None)
    profanity: WordsCheck | None = option("swear words and slurs", default=None)
    policy: PolicyCheck | None = option("your own rules", default=None)

    def __post_init__(self) -> None:
        """Refuse a gate that looks for nothing."""
        if not self.checks():
            raise ValueError("safety needs at least one of pii, secrets, profanity, policy")

    def checks(self) -> dict[str, Check]:
        """Return the checks that were asked for, by detector, in the order of the results."""
        given = {"pii": self.pii, "secrets": self.secrets, "profanity": self.profanity, "policy": self.policy}
        return {name: check for name, check in given.items() if check is not None}
