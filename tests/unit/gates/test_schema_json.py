import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema.exceptions import best_match

from twokey.errors import ConfigError
from twokey.gates.schema_json import compiled, read_schema

SCHEMAS: list[Any] = [
    True,
    {"type": "integer"},
    {"type": ["string", "null"]},
    {"type": "number", "maximum": 1e308},
    {"exclusiveMinimum": 0, "exclusiveMaximum": 10},
    {"multipleOf": 3},
    {"maxLength": 2, "minLength": 1},
    {"enum": [1, True, "a", None, [1], {"a": 1}]},
    {"const": 1},
    {"const": True},
    {"uniqueItems": True},
    {
        "properties": {"a": {"type": "string", "maxLength": 3}, "b": {"minimum": 2, "maximum": 5}},
        "required": ["a", "b"],
        "additionalProperties": False,
    },
    {
        "required": ["q"],
        "additionalProperties": False,
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
    },
    {"anyOf": [{"type": "string", "minLength": 5}, {"type": "object", "required": ["x"]}]},
    {"oneOf": [{"type": "integer"}, {"minimum": 2}]},
    {
        "items": {"type": "object", "required": ["n"], "properties": {"n": {"enum": [1, 2, "x"]}}},
        "minItems": 1,
        "uniqueItems": True,
    },
    {
        "$defs": {"k": {"const": {"a": 1}}},
        "properties": {"z": {"$ref": "#/$defs/k"}, "y": {"not": {"type": "null"}}},
    },
    {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"properties": {"c": {"const": 1}}}},
    {"prefixItems": [{"type": "string"}, {"type": "number"}]},
    {"contains": {"const": 1}},
    {"propertyNames": {"pattern": "^[a-z]+$"}, "minProperties": 1},
    {"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": {"type": "string"}},
    {"dependentRequired": {"a": ["b", "c"]}},
    {"dependentSchemas": {"a": {"required": ["b"]}}},
    {"unevaluatedProperties": False, "properties": {"a": True}, "allOf": [{"properties": {"b": True}}]},
    {
        "type": "object",
        "properties": {
            "a": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "object", "properties": {"q": {"type": "integer"}}, "required": ["q"]},
                ]
            }
        },
    },
    {"type": ["array", "integer"], "items": {"$ref": "#"}, "maxItems": 2},
]
VALUES: list[Any] = [
    *(None, True, False, 0, 1, 1.0, -1, 2.5, 3, 3.0, 6, 10**40, -(10**40), 2**63, 2**64, 1e15),
    *("", "a", "abcdef", "😀😀", "e\u0301", "x" * 9),
    *([], [1], [1, 1], [1, True], [1, 1.0], [0, False], ["a", 2], ["a", 2, 3], ["a", "b"], [[1, [2, 3, 4]]]),
    *([{"n": 1}, {"n": 3}], [{"n": "x"}, {}], [{"n": 1.0}]),
    *({}, {"a": 1}, {"a": "abc", "b": 3}, {"a": "abcd", "b": 9, "c": 1}, {"a": None}, {"b": "x", "z": 1}),
    *({"z": {"a": 1}}, {"z": {"a": 1.0}}, {"z": {"a": 2}}, {"y": None}, {"A": 1}, {"x1": "a", "q": 3}, {"x": 1}),
    *({"c": 2}, {"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}, {"a": {"q": "s"}}, {"a": {}}, {"a": []}),
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: json.dumps(schema)[:60])
def test_verdict_keyword_and_place_are_those_of_jsonschema(schema: Any) -> None:
    judge = compiled(json.dumps(schema))
    other = jsonschema.Draft202012Validator(schema)
    refused = 0
    for value in VALUES:
        fault = judge.fault(value)
        best: Any = best_match(other.iter_errors(value))
        assert (fault is None) == (best is None), value
        if fault is not None:
            refused += 1
            path = "".join(
                "[*]" if isinstance(part, int) else f".{part if part in judge.names else '*'}"
                for part in best.absolute_path
            )
            assert (fault.keyword, fault.path) == (best.validator, f"${path}"), value
    assert refused or schema is True


NAMES = [f"k{n}" for n in range(20)]
PARTS = st.sampled_from([True, {"type": "string"}, {"type": "integer"}, {"enum": ["a", 1]}, {"minimum": 2}])


@st.composite
def objects(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a schema of an object and an object that is near it."""
    count = draw(st.sampled_from([0, 1, 2, 3, 14, 15, 16, 20]))
    required = draw(st.lists(st.sampled_from(NAMES), max_size=4, unique=True))
    schema: dict[str, Any] = {
        "properties": {name: draw(PARTS) for name in NAMES[:count]},
        "required": required,
        "additionalProperties": draw(PARTS | st.just(False)),
    }
    kept = [key for key in sorted(schema) if draw(st.booleans())]
    names = {*required, *draw(st.lists(st.sampled_from(NAMES), max_size=3))} - {*draw(st.lists(st.sampled_from(NAMES)))}
    value = {name: draw(st.sampled_from(["a", "b", 1, 3, None])) for name in sorted(names)}
    return {key: schema[key] for key in kept}, value


@given(objects())
@settings(deadline=None, max_examples=300)
def test_the_verdict_on_objects_is_that_of_jsonschema(case: tuple[dict[str, Any], dict[str, Any]]) -> None:
    # jsonschema-rs has fast ways for each number of fields; one of them once passed what misses a required field.
    schema, value = case
    assert (compiled(json.dumps(schema)).fault(value) is None) == jsonschema.Draft202012Validator(schema).is_valid(
        value
    )


def test_multiples_are_those_of_decimal_numbers_where_jsonschema_uses_binary_ones() -> None:
    assert compiled('{"multipleOf": 0.1}').fault(0.3) is None
    assert not jsonschema.Draft202012Validator({"multipleOf": 0.1}).is_valid(0.3)


@pytest.mark.parametrize(
    ("schema", "value", "why"),
    [
        ({"type": "string"}, 4111111111111111, "at $: expected string, found integer"),
        ({"enum": ["a", "b"]}, "secret", 'at $: expected one of ["a", "b"]'),
        ({"enum": [f"label-{n}" for n in range(77)]}, "secret", "at $: expected one of 77 values"),
        ({"required": ["a"]}, {"secret": 1}, 'at $: the field "a" is required and missing'),
        ({"additionalProperties": False}, {"secret": 1}, "at $: there are fields that the schema does not allow"),
        (
            {"properties": {"a": True}, "additionalProperties": False},
            {"secret": 1, "a": 2, "secrets": 3},
            "at $: there are fields that the schema does not allow: 2",
        ),
        (
            {"properties": {"a": {"items": {"maxLength": 3}}}},
            {"a": ["ok", "secret"]},
            "at $.a[1]: expected at most this many characters: 3",
        ),
        (
            {"additionalProperties": {"additionalProperties": {"type": "string"}}},
            {"secret": {"secret": 1}},
            "at $.*.*: expected string, found integer",
        ),
        ({"pattern": "^[a-z]$"}, "secret", 'at $: expected a text that matches "^[a-z]$"'),
        ({"const": 5}, "secret", "at $: expected exactly 5"),
        ({"maximum": 5}, 4111, "at $: expected at most 5"),
        ({"not": {"type": "string"}}, "secret", "at $: the keyword not is not met"),
        (False, "secret", "at $: the schema allows nothing here"),
        ({"propertyNames": {"maxLength": 2}}, {"secret": 1}, "at $: expected at most this many characters: 2"),
    ],
)
def test_an_explanation_names_place_and_expectation_and_never_the_value(schema: Any, value: Any, why: str) -> None:
    fault = compiled(json.dumps(schema)).fault(value)
    assert fault is not None
    assert fault.why == why
    assert "secret" not in str(fault)
    assert "4111" not in str(fault)


@pytest.mark.parametrize("value", [b"bytes", {1: 2}, object(), "half \ud800"])
def test_what_json_cannot_hold_is_invalid_and_no_crash(value: Any) -> None:
    fault = compiled('{"type": ["string", "object"]}').fault(value)
    assert fault is not None
    assert fault.keyword == "json"


def test_no_value_makes_a_pattern_slow() -> None:
    schema = compiled('{"pattern": "^(a+)+$", "additionalProperties": false, "patternProperties": {"^(a|aa)+$": true}}')
    # A matcher that backtracks would never come back from these.
    assert schema.fault("a" * 100_000 + "b") is not None
    assert schema.fault({"a" * 100_000 + "b": 1}) is not None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"out\.json:1:1: not JSON"),
        (b'{"type": "string",}', r"out\.json:1:\d+: not JSON"),
        (b'{"type": "strng"}', r"out\.json: not a JSON Schema: at #/type: .*strng"),
        (b'{"properties": {"a": {"minimum": "x"}}}', r"at #/properties/a/minimum"),
        (b"[]", "not a JSON Schema"),
        (b'{"type": "string", "type": "object"}', "appears twice"),
        (
            b'{"$ref": "http://localhost:9/x.json"}',
            r"cannot be resolved.*http://localhost:9/x\.json.*nothing is ever fetched",
        ),
        (b'{"$ref": "file:///etc/passwd"}', "nothing is ever fetched"),
        (b'{"$ref": "other.json"}', "nothing is ever fetched"),
        (b'{"$defs": {"a": {"$ref": "https://example.com/x"}}}', "nothing is ever fetched"),
        (b'{"$ref": "#/$defs/none"}', "cannot be resolved"),
        (b'{"$schema": "http://json-schema.org/draft-07/schema#"}', "only draft 2020-12"),
        (b'{"pattern": "("}', "at #/pattern"),
        (b'{"pattern": "(?=a)b"}', "no look-around"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100, "nested deeper"),
    ],
)
def test_what_is_no_schema_is_refused_as_the_content_of_a_config(data: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        read_schema(data, "out.json")
    assert caught.value.status == 2
    where = caught.value.problems[0].where
    assert where is not None
    assert where.file == "out.json"


def test_a_schema_may_refer_to_itself_and_to_the_standard_s_own() -> None:
    schema = read_schema(b'{"$ref": "https://json-schema.org/draft/2020-12/schema"}', "meta.json")
    assert compiled(schema).fault({"type": "string"}) is None
    assert compiled(schema).fault({"type": "strng"}) is not None
