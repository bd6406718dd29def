"""Weights that somebody fitted on their own labels, read from a file and applied with whole numbers alone.

Nothing is fitted here. A score is a sum of products of whole numbers, so that it is the same on every machine; weights
for other features than this version computes are refused, because they would judge something else.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from twokey.canonical import DECIMALS, dumps, loads
from twokey.errors import ConfigError, Place, Problem, TwokeyError
from twokey.kinds import nearest
from twokey.stats.grounding import SCALE
from twokey.stats.grounding_features import FEATURES, VERSION, features

TYPE = "urn:twokey:grounding:v1"
MAX_BYTES = 100_000
MOST = 1e6

_UNIT = 10**DECIMALS
_Number = Annotated[float, msgspec.Meta(ge=-MOST, le=MOST)]


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure with its interval at 95%."""

    value: float
    low: float
    high: float


class OutOfFold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the model did on answers that it had not seen; `kept_together` says what no two folds share."""

    auroc: Measured
    f1: Measured
    precision: float
    recall: float
    folds: int
    kept_together: str


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it was fitted on: the digests of the recording and of its ids, labels and features, and how many answers."""

    recording: str
    examples: str
    answers: int
    unsupported: int
    groups: int


class Weights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fitted model. An answer is flagged where its score, in log-odds, is at least the threshold."""

    type: str
    features: str
    coefficients: dict[str, _Number]
    intercept: _Number
    threshold: _Number
    data: Data
    made_with: dict[str, str]
    out_of_fold: OutOfFold

    def plain(self) -> bytes:
        """Return the file's bytes."""
        return dumps(msgspec.to_builtins(self))

    def score(self, values: tuple[int, ...]) -> int:
        """Return the score of an answer's features, in log-odds times 10^10: exact."""
        found = sum(
            _whole(self.coefficients.get(name, 0.0)) * value for name, value in zip(FEATURES, values, strict=True)
        )
        return found + _whole(self.intercept) * SCALE

    def flags(self, text: str, context: str, asked: str = "") -> bool | None:
        """Return whether an answer is flagged; None where it has no content word."""
        values = features(text, context, asked)
        return None if values is None else self.score(values) >= _whole(self.threshold) * SCALE

    @property
    def remark(self) -> str:
        """How the answers were judged, in words."""
        auroc = self.out_of_fold.auroc
        return (
            f"weighed as fitted on {self.data.answers:,} labelled answers"
            f" (out of fold AUROC {auroc.value:.2f}, {auroc.low:.2f} to {auroc.high:.2f})"
        )


def _whole(value: float) -> int:
    whole: int = round(value * _UNIT)
    return whole


def parse_weights(data: bytes, file: str) -> Weights:
    """Read a file of weights strictly. Raises ConfigError where it is none, or of features that are not known here."""
    where = Place(file=file)
    try:
        found = loads(data, file=file, max_bytes=MAX_BYTES)
        weights = msgspec.convert(found, Weights)
    except TwokeyError as error:
        raise ConfigError(error.problems) from None
    except msgspec.ValidationError as error:
        raise _refused(f"is no file of fitted weights: {error}", where) from None
    if weights.type != TYPE:
        raise _refused(f"type is {weights.type[:60]!a}, expected {TYPE}", where)
    if weights.features != VERSION:
        raise _refused(f"was fitted on features {weights.features[:60]!a}, this version has {VERSION}", where)
    for name in weights.coefficients:
        if name not in FEATURES:
            guess = nearest(name, FEATURES)
            raise _refused(f"there is no feature {name[:60]!a}" + (f", but {guess}" if guess else ""), where)
    if not weights.coefficients:
        raise _refused("has no coefficient, so that all answers would be judged alike", where)
    return weights


def _refused(message: str, where: Place) -> ConfigError:
    return ConfigError([Problem(message=message, where=where, hint="twokey fit writes one")])


def weights_of(values: Mapping[str, Any]) -> Weights:
    """Return weights of plain values, rounded as the file rounds them."""
    return parse_weights(dumps({"type": TYPE, "features": VERSION, **values}), "fitted")
