"""Names of people and organisations by Presidio with a spaCy model: an addition that is only loaded when asked for.

A model's findings depend on its version, so evidence made with them names both. What a small model sees is not judged
here: it marks a person in many clean answers, and misses many in others.
"""

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

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


def names(text: str) -> Iterator[Sighting]:
    """Yield the names in a text. Raises MissingExtraError or TwokeyError where Presidio or its model is missing."""
    for found in _analyzer().analyze(text=text, language="en", entities=list(RULES), score_threshold=LEAST_SCORE):
        rule = RULES[found.entity_type]
        yield Sighting(detector="pii", rule=rule, start=found.start, end=found.end, severity="medium")


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
