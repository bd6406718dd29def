import json
import pickle
import random
from collections.abc import Mapping
from typing import Any

import pytest

from twokey.errors import ConfigError, TwokeyError
from twokey.stats.grounding import SCALE
from twokey.stats.grounding_features import FEATURES, VERSION, features
from twokey.stats.grounding_fit import LEAST, LEAST_GROUPS, LEAST_OF_EACH, Labelled, fitted
from twokey.stats.grounding_weights import TYPE, parse_weights, weights_of

CONTEXT = "The Blue Card was issued on 12 March 2021 in Lisbon. The annual fee is 45 euros."
FIGURE = {"value": 0.9, "low": 0.8, "high": 0.95}
PLAIN: Mapping[str, Any] = {
    "type": TYPE,
    "features": VERSION,
    "coefficients": {"share": 10.0},
    "intercept": -2.5,
    "threshold": 0.0,
    "data": {"recording": "0" * 64, "examples": "1" * 64, "answers": 430, "unsupported": 250, "groups": 333},
    "made_with": {"scikit-learn": "1.6.0"},
    "out_of_fold": {
        "auroc": FIGURE, "f1": FIGURE, "precision": 0.9, "recall": 0.9, "folds": 5, "kept_together": "context",
    },
}  # fmt: skip


def written(**changes: Any) -> bytes:
    return json.dumps({**PLAIN, **changes}).encode()


def named(text: str, context: str = CONTEXT, asked: str = "") -> dict[str, int]:
    values = features(text, context, asked)
    assert values is not None
    return dict(zip(FEATURES, values, strict=True))


def test_features_are_whole_numbers_that_say_what_they_are_named_for() -> None:
    found = named("I issued the card in Porto. It is not 54 euros", asked="in Porto?")
    assert found["new_numbers"] == found["numbers"] == SCALE
    assert found["new_names"] == 0
    assert found["negations"] == SCALE
    assert found["first_person"] == 909
    assert found["from_input"] == SCALE // 5
    assert found["new_to_context"] == 2 * SCALE // 5
    assert named(CONTEXT)["longest_run"] == named(CONTEXT)["coverage"] == named(CONTEXT)["best_overlap"] == SCALE
    assert named(CONTEXT)["new_pairs"] == named(CONTEXT)["new_triples"] == named(CONTEXT)["share"] == 0
    assert named("Penguins swim")["new_pairs"] == named("Penguins swim")["share"] == SCALE
    assert features("yes", CONTEXT) is None


def test_the_score_is_the_sum_of_whole_products_and_the_threshold_itself_flags() -> None:
    weights = parse_weights(written(), "grounding.json")
    for text, share in (("card issued Porto lisbon", SCALE // 4), ("card issued lisbon", 0)):
        values = features(text, CONTEXT)
        assert values is not None
        assert values[0] == share
        assert weights.score(values) == 10_000_000 * share - 2_500_000 * SCALE
        assert weights.flags(text, CONTEXT) is (share > 0)
    assert weights.flags("yes", CONTEXT) is None


def test_a_file_read_and_written_again_is_the_same_and_travels() -> None:
    weights = parse_weights(written(), "grounding.json")
    data = weights.plain()
    again = parse_weights(data, "grounding.json")
    assert again == weights
    assert again.plain() == data
    assert pickle.loads(pickle.dumps(weights)) == weights  # noqa: S301 our own
    assert "430 labelled answers" in weights.remark


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{", "not JSON"),
        (b"[]", "no file of fitted weights"),
        (written(type="urn:else"), "expected urn:twokey:grounding:v1"),
        (written(features="lexical/99"), f"this version has {VERSION}"),
        (written(coefficients={"shares": 1.0}), "no feature 'shares', but share"),
        (written(coefficients={}), "no coefficient"),
        (written(coefficients={"share": 1e9}), "coefficients"),
        (written(more=1), "more"),
        (written(threshold="0"), "threshold"),
        (written().replace(b"-2.5", b"NaN"), "NaN"),
    ],
)
def test_what_would_judge_something_else_is_refused_with_the_file_named(data: bytes, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_weights(data, "grounding.json")
    assert refused.value.status == 2
    assert str(refused.value).startswith("grounding.json:")
    assert told in str(refused.value)


def labelled(count: int, bad: int, groups: int, *, told: float = 1.0) -> list[Labelled]:
    """Return answers of which the first `bad` are unsupported; each feature tells so with that chance."""
    chance = random.Random(count)
    out: list[Labelled] = []
    for number in range(count):
        looks = (number < bad) if chance.random() < told else chance.random() < 0.5
        values = tuple(chance.randrange(5000) + 5000 * looks for _ in FEATURES)
        out.append(Labelled(id=f"{number:04}", values=values, unsupported=number < bad, group=f"g{number % groups}"))
    return out


def test_a_fit_finds_what_tells_answers_apart_and_is_the_same_in_any_order() -> None:
    rows = labelled(200, 80, 100, told=0.9)
    found = fitted(rows)
    assert found["out_of_fold"]["auroc"]["value"] > 0.9
    assert found["out_of_fold"]["f1"]["low"] < found["out_of_fold"]["f1"]["value"] < found["out_of_fold"]["f1"]["high"]
    assert fitted(list(reversed(rows))) == found


def test_a_fit_on_noise_says_that_it_is_worth_nothing() -> None:
    auroc = fitted(labelled(200, 80, 100, told=0.0))["out_of_fold"]["auroc"]
    assert auroc["low"] < 0.5 < auroc["high"]


def test_what_a_group_shares_does_not_leak_into_its_own_fold() -> None:
    rows = []
    for row in labelled(200, 100, 200, told=0.0):
        place = int(row.id)
        group = place // 10
        # A feature that is the group's own number, and a label that is the group's: only leaking could use it.
        label = group % 2 == 0
        values = tuple(random.Random(f"{group}{n}").randrange(SCALE) for n in range(len(FEATURES)))
        rows.append(Labelled(id=row.id, values=values, unsupported=label, group=f"g{group}"))
    assert fitted(rows)["out_of_fold"]["auroc"]["value"] < 0.8


def test_as_many_are_flagged_as_people_labelled() -> None:
    rows = labelled(300, 90, 300, told=0.8)
    weights = weights_of({**PLAIN, **fitted(rows), "out_of_fold": PLAIN["out_of_fold"]})
    flagged = sum(weights.score(row.values) >= weights.threshold * 1e6 * SCALE for row in rows)
    assert 75 <= flagged <= 105


@pytest.mark.parametrize(
    ("count", "bad", "groups", "told"),
    [
        (LEAST - 1, 50, 50, f"at least {LEAST}"),
        (200, LEAST_OF_EACH - 1, 100, f"{LEAST_OF_EACH} of each"),
        (200, 200 - LEAST_OF_EACH + 1, 100, f"{LEAST_OF_EACH} of each"),
        (200, 100, LEAST_GROUPS - 1, f"at least {LEAST_GROUPS} of each"),
        (0, 0, 1, f"at least {LEAST}"),
    ],
)
def test_too_few_labels_are_refused_and_the_least_is_told(count: int, bad: int, groups: int, told: str) -> None:
    with pytest.raises(TwokeyError, match=told) as refused:
        fitted(labelled(count, bad, groups))
    assert refused.value.status == 4


def test_the_least_is_enough() -> None:
    assert fitted(labelled(LEAST, LEAST_OF_EACH, 50))["coefficients"].keys() == FEATURES.keys()
