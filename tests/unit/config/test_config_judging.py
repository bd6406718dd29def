import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from twokey import canonical
from twokey.config.json_schema import DIALECT, schema, type_schema
from twokey.config.judging import deciding, judging, to_plain
from twokey.config.load import load_config
from twokey.config.scalars import Allowance, Change, Draw, Duration
from twokey.config.shape import Config, Limit, Opens, Window, option

ENVIRONMENT = Path(__file__).parent / "files" / "accepted" / "environment.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Right and wrong."""

    limits: Mapping[str, Limit] = option("by metric", rest=True, known=("accuracy",), default_factory=dict)
    slices: tuple[str, ...] = option("groups", default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Anything goes."""

    loose: Mapping[str, Limit] = option("by name", rest=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """Alternatives."""

    either: bool | tuple[str, ...] | Limit = option("one of three")
    anything: Any = option("whatever", default=None)


GATES: Mapping[str, type] = {"quality": Options}


def load(*changes: tuple[str, str]) -> Config:
    text = ENVIRONMENT.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return load_config(text.encode(), "gates.yaml", GATES, {"NAME": "triage"})


def test_the_judging_part_holds_what_makes_findings_and_nothing_else() -> None:
    assert judging(load()) == {
        "subject": {"name": "triage", "owner": "owner@example.com", "files": []},
        "recordings": {"candidate": {"id": "id", "output": "cost.$", "groups": {}}, "baseline": None},
        "sample": {"synthetic": "1000", "production": "all", "seed": 7},
        "gates": {"quality": {"accuracy": {"min": 0.95}, "slices": []}},
        "review": None,
    }


def test_the_deciding_part_is_the_approval() -> None:
    plain = deciding(load())
    assert list(plain) == ["approval"]
    assert plain["approval"]["checkpoints"]["release"]["close"]["any_of"] == ["product"]
    assert plain["approval"]["roster"] == "roster.yaml"


def test_paths_of_recordings_and_the_approval_do_not_reach_the_judging_part() -> None:
    moved = load(("${DIR:-out}/outputs.jsonl", "elsewhere.jsonl"), ("any_of: [product]", "all_of: [risk]"))
    assert judging(moved) == judging(load())


CHANGES = [
    ("${MIN:-95%}", "94.99999999%"),
    ('min: "${MIN:-95%}"', "max_drop: 0.00000001"),
    ("${SEED:-7}", "8"),
    ('"${PRODUCTION:-all}"', "5"),
    ("id: id", "id: request_id"),
    ("id: id", "id: id, groups: {channel: channel}"),
    ("owner@example.com}", "owner@example.com, files: [model]}"),
    ("approval:", "review: {audit: 60}\napproval:"),
    ("approval:", "  other: {x: {min: 1}}\napproval:"),
]


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_whatever_could_judge_differently_has_another_digest(old: str, new: str) -> None:
    text = ENVIRONMENT.read_text("utf-8")
    assert old in text
    gates = {**GATES, "other": Other}
    changed = load_config(text.replace(old, new).encode(), "gates.yaml", gates, {"NAME": "triage"})
    assert canonical.digest(judging(changed)) != canonical.digest(judging(load()))


def test_numbers_too_fine_for_canonical_json_stay_whole() -> None:
    assert to_plain(Limit(min=0.25, max=1 / 3)) == {"min": 0.25, "max": repr(1 / 3)}
    assert to_plain(Limit(max=0.0)) == {"max": 0.0}
    assert to_plain(Limit(max=1e-7)) == {"max": "1e-07"}


def test_scalar_types_are_written_as_in_the_file() -> None:
    values = (
        Duration(86400),
        Change(relative=0.1, absolute=5.0),
        Allowance(share=0.001),
        Allowance(count=0),
        Draw(None),
    )
    assert to_plain(values) == ["1d", "10% and 5", "0.1%", "0", "all"]


def test_keys_are_named_as_in_the_file() -> None:
    window = Window(
        from_="2026-12-01T22:00Z", to="2026-12-02T02:00Z", relaxes=("release",), environments=("x",), why="y"
    )
    assert list(to_plain(window)) == ["from", "to", "relaxes", "environments", "why"]
    assert "low_confidence_share" not in to_plain(Opens())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, object()])
def test_what_no_policy_holds_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"policy"):
        to_plain(value)


def test_the_schema_is_itself_valid_and_describes_every_key() -> None:
    written = schema({**GATES, "other": Other})
    jsonschema.Draft202012Validator.check_schema(written)
    assert written["$schema"] == DIALECT
    assert json.loads(json.dumps(written)) == written
    bodies = [written, *written["$defs"].values()]
    keys = [(name, key) for body in bodies for name, key in body.get("properties", {}).items()]
    assert len(keys) > 60
    assert [name for name, key in keys if not key.get("description")] == []


def test_the_same_gates_give_the_same_schema() -> None:
    assert schema(GATES) == schema(dict(GATES))


def test_defaults_are_valid_under_the_schema_of_their_key() -> None:
    written = schema(GATES)
    defs = {"$defs": written["$defs"]}
    bodies = [written, *written["$defs"].values()]
    defaults = [key for body in bodies for key in body.get("properties", {}).values() if "default" in key]
    assert len(defaults) > 10
    for key in defaults:
        jsonschema.Draft202012Validator({**key, **defs}).validate(key["default"])


@pytest.mark.parametrize(
    ("value", "good"),
    [(0.4, True), ("40%", True), ("4x%", False), (True, False), ("${MIN}", True), (None, False), ([], False)],
)
def test_percentages_and_variables_are_allowed_where_numbers_are(value: Any, good: bool) -> None:
    validator = jsonschema.Draft202012Validator(type_schema(Limit, title="limit"))
    assert validator.is_valid({"min": value}) is good


def test_a_change_is_a_scalar_or_a_mapping() -> None:
    validator = jsonschema.Draft202012Validator(type_schema(Limit, title="limit"))
    good = [0.01, "10%", {"relative": "10%"}, {"relative": 0.1, "absolute": 5}]
    assert [value for value in good if not validator.is_valid({"max_drop": value})] == []
    bad = [-1, "x", {"relativ": 1}, [], True]
    assert [value for value in bad if validator.is_valid({"max_drop": value})] == []


def test_a_rest_field_without_names_takes_any_key() -> None:
    validator = jsonschema.Draft202012Validator(type_schema(Other, title="other"))
    assert validator.is_valid({"whatever": {"min": 1}})
    assert not validator.is_valid({"whatever": {"mn": 1}})


def test_two_classes_of_one_name_stay_apart() -> None:
    twin = dataclasses.make_dataclass("Limit", [("x", int, option("x"))], frozen=True, kw_only=True)
    both = dataclasses.make_dataclass("Both", [("a", Limit, option("a")), ("b", twin, option("b"))], kw_only=True)
    validator = jsonschema.Draft202012Validator(type_schema(both, title="both"))
    assert validator.is_valid({"a": {"min": 1}, "b": {"x": 1}})
    assert not validator.is_valid({"a": {"x": 1}, "b": {"min": 1}})


def test_alternatives_are_alternatives_in_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(type_schema(Mixed, title="mixed"))
    good: list[Any] = [True, ["a"], {"min": 1}]
    assert [value for value in good if not validator.is_valid({"either": value, "anything": value})] == []
    bad: list[Any] = [1, [1], {"x": 1}, None]
    assert [value for value in bad if validator.is_valid({"either": value})] == []


def test_a_type_that_no_config_has_is_no_schema() -> None:
    strange = dataclasses.make_dataclass("Strange", [("x", bytes, option("x"))], kw_only=True)
    with pytest.raises(ValueError, match="bytes"):
        type_schema(strange, title="strange")


def test_a_limit_says_its_rule_without_rounding() -> None:
    limit = Limit(min=0.99999999, max_drop=Change(relative=0.1, absolute=5.0))
    assert str(limit) == "min 0.99999999, max_drop 10% and 5"
    assert str(Limit(max=500.0, max_increase=Change(absolute=0.0))) == "max 500, max_increase 0"


def test_the_margin_of_a_change_is_the_larger_of_its_parts() -> None:
    assert Change(relative=0.1, absolute=5.0).margin(-20.0) == 5.0
    assert Change(relative=0.1, absolute=5.0).margin(200.0) == 20.0
    assert Change(relative=0.5).margin(4.0) == 2.0
    assert Change(absolute=3.0).margin(4.0) == 3.0
