"""How the gate takes the comparison of words: people first, then a judge, then weights or the default rule."""

import json
from typing import Any

import pytest

from twokey.config.shape import Limit
from twokey.errors import ConfigError
from twokey.gates.base import Setting
from twokey.gates.quality import QualityGate
from twokey.gates.quality_grounding import Compare, ground
from twokey.gates.quality_options import GroundingOptions, QualityOptions
from twokey.record import Batch, Record
from twokey.scorers.base import SCALE
from twokey.stats.grounding_features import VERSION
from twokey.stats.grounding_weights import TYPE, parse_weights

CONTEXT = {"text": "The annual fee is 45 euros", "score": 1}
FIGURE = {"value": 0.9, "low": 0.8, "high": 0.95}
OUT_OF_FOLD = {"auroc": FIGURE, "f1": FIGURE, "precision": 0.9, "recall": 0.9, "folds": 5, "kept_together": "context"}
DATA = {"recording": "0", "examples": "1", "answers": 430, "unsupported": 250, "groups": 333}


def weights(share: float, threshold: float) -> bytes:
    """Return weights that flag an answer where its share of new words is at least the threshold."""
    fitted = {"coefficients": {"share": share}, "intercept": 0.0, "threshold": threshold}
    plain = {"type": TYPE, "features": VERSION, **fitted, "made_with": {}, "data": DATA, "out_of_fold": OUT_OF_FOLD}
    return json.dumps(plain).encode()


def record(name: str, output: Any, **fields: Any) -> Record:
    return Record(id=name, input="Which fee?", context=CONTEXT, output=output, **fields)


RECORDS = [
    record("said", "The annual fee is 45 euros"),
    record("other number", "The annual fee is 54 euros"),
    record("label", "Penguins swim", hallucinated=False),
]


def build(*, metric: str = "hallucination_rate", data: bytes | None = None) -> tuple[QualityGate, list[str]]:
    read: list[str] = []

    def reading(path: str) -> bytes:
        read.append(path)
        assert data is not None
        return data

    grounding = GroundingOptions(weights="grounding.json" if data is not None else None)
    options = QualityOptions(metrics={metric: Limit(max=0.5)}, grounding=grounding)
    return QualityGate.build(options, Setting(read=reading, has_baseline=False)), read


def scores(gate: QualityGate) -> list[int | None]:
    return ground(RECORDS, None, gate.look.compare)[0]


def test_weights_decide_in_place_of_the_default_rule_and_never_of_people() -> None:
    assert scores(build()[0]) == [0, SCALE, 0]
    assert scores(build(data=weights(1.0, 0.5))[0]) == [0, 0, 0]
    assert scores(build(data=weights(1.0, 0.0))[0]) == [SCALE, SCALE, 0]


def test_a_judge_comes_before_words_and_people_before_the_judge() -> None:
    compare = Compare(0.5)
    found, seen = ground(RECORDS, [True, None, True], compare)
    assert found == [SCALE, SCALE, 0]
    assert seen == {(None, True, None): 1, (None, None, True): 1, (False, True, None): 1}


@pytest.mark.parametrize(
    ("data", "told"), [(None, "by the default rule"), (weights(1.0, 0.5), "as fitted on 430 labelled")]
)
def test_the_reason_says_which_way_was_used(data: bytes | None, told: str) -> None:
    gate, read = build(data=data)
    assert read == ([] if data is None else ["grounding.json"])
    found = gate.judge(gate.tally(Batch(role="candidate", records=tuple(RECORDS), sightings=((),) * 3)))
    metric = found.metric("hallucination_rate")
    assert metric is not None
    assert "2 answers were compared with their context by words alone" in metric.reason
    assert told in metric.reason
    assert metric.facts["judged_by"] == {"label": 1, "words": 2}


def test_weights_are_read_and_checked_even_where_the_metric_has_no_limit() -> None:
    gate, read = build(metric="confident_errors", data=weights(1.0, 0.5))
    assert read == ["grounding.json"]
    assert gate.look.compare is None
    with pytest.raises(ConfigError, match=r"grounding\.json"):
        build(metric="confident_errors", data=b"{}")


def test_words_are_not_compared_where_there_is_no_limit() -> None:
    class Untouchable:
        def flags(self, *_texts: str) -> bool | None:
            raise AssertionError("no limit, so nothing is compared")

        remark = ""

    assert ground(RECORDS[:2], None, None) == ([None, None], {})
    with pytest.raises(AssertionError, match="no limit"):
        ground(RECORDS[:2], None, Compare(0.5, Untouchable()))


def test_an_answer_or_context_without_words_is_not_scored() -> None:
    records = [record("yes", "yes"), Record(id="bare", output="Penguins"), record("number", {"score": 7})]
    for compare in (Compare(0.5), Compare(0.5, parse_weights(weights(1.0, 0.0), "w"))):
        assert ground(records, None, compare)[0] == [None, None, None]
