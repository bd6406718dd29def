"""Names of people and organisations by Presidio with a spaCy model: an addition that is only loaded when asked for.

A model's findings depend on its version, so evidence made with them names both. What a small model sees is not judged
here: it marks a person in many clean answers, and misses many in others.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, ClassVar, Self

from twokey.detectors.base import Pattern
from twokey.errors import MissingExtraError, TwokeyError
from twokey.kinds import Explained
from twokey.record import Sighting

MODEL = "en_core_web_lg"
# Below this, Presidio's own recogniser for spaCy is not heard either (0.85 is what it gives to each finding).
LEAST_SCORE = 0.5
RULES = {"PERSON": "person-name", "ORGANIZATION": "organisation-name"}
EXPLAINED = {
    "person-name": Explained(
        what="The name of a person, as a language model sees it.",
        how=f"Presidio's analyzer with the spaCy model {MODEL}, in English.",
        source="microsoft/presidio; explosion/spacy-models.",
        limits="A model guesses: names in other languages, in lower case or without a sentence around them are missed, "
        "and products and places are taken for people. Read its false alarms on your own clean outputs before you let "
        "them block.",
        fix="Mask names before the model sees them, or allow those that may be there.",
    ),
    "organisation-name": Explained(
        what="The name of an organisation, as a language model sees it.",
        how=f"Presidio's analyzer with the spaCy model {MODEL}, in English.",
        source="microsoft/presidio; explosion/spacy-models.",
        limits="As for people's names, and worse: a firm's own name is in most of its answers.",
        fix="Allow the names that may be there.",
    ),
}


@dataclass(frozen=True, slots=True)
class NamesDetector:
    """Names of people and organisations, by a language model: an addition that needs the extra `twokey[names]`.

    ```console
    $ pip install 'twokey[names]'
    $ python -m spacy download en_core_web_lg
    ```

    **What it sees.** What Presidio with a spaCy model takes for a person (`names.person-name`) or an organisation
    (`names.organisation-name`), in English.

    **Limits.** A model guesses, and a small one sees a person in most clean answers. Its findings depend on its version
    and on Presidio's, which stand in the evidence: evidence made with others need not have the same bytes. It is
    hundreds of times slower than everything else.

    **To fix a finding**, mask names before the model sees them, or allow those that may be there.
    """

    name: ClassVar[str] = "names"
    summary: ClassVar[str] = "names of people and organisations, by Presidio (an extra)"

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:  # noqa: ARG003 the contract has it
        """Make the detector; it takes no file. Raises MissingExtraError or TwokeyError where something is missing."""
        if file is not None:
            raise TwokeyError(f"the detector {cls.name} takes no file, but was given {file}")
        _require()
        return cls()

    @property
    def blind(self) -> tuple[str, ...]:
        """What the findings depend on."""
        told = ", ".join(f"{name} {version}" for name, version in versions().items())
        return (f"Names are what {told} take for names.",)

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return what each of its rules is."""
        return EXPLAINED

    def patterns(self) -> tuple[Pattern, ...]:
        """Return what every text with a word matches: only the model can tell."""
        return tuple(Pattern(rule=rule, expression=r"\pL\pL") for rule in EXPLAINED)

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        """Yield the names in a text."""
        for found in _analyzer().analyze(text=text, language="en", entities=list(RULES), score_threshold=LEAST_SCORE):
            rule = RULES[found.entity_type]
            if rule in rules:
                yield Sighting(detector=self.name, rule=rule, start=found.start, end=found.end, severity="medium")


def versions() -> dict[str, str]:
    """Return the versions that decide what is seen, for the evidence. Raises as `names` does."""
    from importlib.metadata import version

    _require()
    return {name: version(name) for name in ("presidio-analyzer", "spacy", MODEL.replace("_", "-"))}


def is_installed() -> bool:
    """Return whether Presidio and its model are there."""
    return find_spec("presidio_analyzer") is not None and find_spec(MODEL) is not None


def _require() -> None:
    if find_spec("presidio_analyzer") is None:
        raise MissingExtraError("presidio-analyzer", "names", "looking for names of people and organisations")
    if find_spec(MODEL) is None:
        raise TwokeyError(
            f"looking for names needs the spaCy model {MODEL}, which is not installed",
            hint=f"python -m spacy download {MODEL}",
        )


@cache
def _analyzer() -> Any:
    _require()
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    models = [{"lang_code": "en", "model_name": MODEL}]
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
