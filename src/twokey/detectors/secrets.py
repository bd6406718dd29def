"""Secrets: credentials in the formats that their issuers document."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from twokey.detectors.base import Pattern
from twokey.detectors.expression import compiled
from twokey.detectors.secret_formats import FORMATS
from twokey.errors import TwokeyError
from twokey.kinds import Explained
from twokey.record import Sighting


@dataclass(frozen=True, slots=True)
class SecretsDetector:
    """Credentials in an output: keys, tokens, private keys, passwords in addresses.

    **What it sees.** Some thirty formats that are recognised by what their issuers put in front of them: AWS,
    Anthropic, Azure storage, Databricks, DigitalOcean, Discord, Docker Hub, GitHub, GitLab, Google, Hugging Face,
    npm, OpenAI, PyPI, SendGrid, Shopify, Slack, Square, Stripe, Telegram, Twilio, Vault; PEM private keys with key
    material; JSON Web Tokens whose header names an algorithm; basic authentication; passwords in the addresses of
    databases and web servers.

    **How.** By form, then by a check. Keys that issuers print in their documentation, templates such as `<password>` or
    `${TOKEN}`, and tokens that say `example` or repeat a few characters are none.

    **Limits.** A password without a form of its own (`the password is swordfish7`) is not seen: guessing by
    randomness flags every clean text. Whether a credential still works is not asked: nothing is ever sent anywhere.

    **To fix a finding**, revoke the credential first, then find where the model got it.
    """

    name: ClassVar[str] = "secrets"
    summary: ClassVar[str] = "credentials in documented formats"

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:  # noqa: ARG003 the contract has it
        """Make the detector; it takes no file."""
        if file is not None:
            raise TwokeyError(f"the detector {cls.name} takes no file, but was given {file}")
        return cls()

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return what each rule is."""
        return {rule: Explained(what=rule, how="") for rule in FORMATS}

    def patterns(self) -> tuple[Pattern, ...]:
        """Return one coarse pattern for each format."""
        return tuple(Pattern(rule=rule, expression=form.coarse) for rule, form in FORMATS.items())

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        """Yield each secret that has the exact form and is no example."""
        for rule, form in FORMATS.items():
            if rule not in rules:
                continue
            expression = compiled(form.exact)
            for match in expression.finditer(text):
                group = 1 if expression.groups else 0
                if form.check is None or form.check(match[group]):
                    start, end = match.span(group)
                    yield Sighting(detector=self.name, rule=rule, start=start, end=end, severity=form.severity)
