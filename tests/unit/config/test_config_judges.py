"""Judges in gates.yaml: what may be written, and everything that is wrong told with its place."""

import json
from typing import Any

import jsonschema
import pytest
import yaml

from twokey.config.json_schema import schema
from twokey.config.judging import judging
from twokey.config.load import load_config
from twokey.config.shape import Config
from twokey.errors import ConfigError
from twokey.repository.config import gate_options
from twokey.targets import target_options
from twokey.targets.openai_options import OpenaiOptions
from twokey.targets.python_options import PythonOptions

TEXT = """\
version: 1
subject: {name: triage, owner: owner@example.com}
recordings: {candidate: {path: outputs.jsonl, id: id, output: output}}
gates: {quality: {hallucination_rate: {max: 0.02}, judge: grounded}}
approval: {checkpoints: {release: {close: {any_of: [product]}}}}
judges:
  grounded:
    target: {kind: openai, url: "https://judge.example/v1", model: judge-1, key_env: JUDGE_KEY}
    prompt: prompts/judge.txt
    verdicts: {supported: false, unsupported: true}
    recording: judge.jsonl
  other:
    target: {kind: python, call: "nli:judge"}
    verdicts: {"yes": false, "no": true}
    recording: other.jsonl
"""


def load(*changes: tuple[str, str]) -> Config:
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return load_config(text.encode(), "gates.yaml", gate_options(), {}, target_options())


def problems(*changes: tuple[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(*changes)
    return [str(problem) for problem in caught.value.problems]


def test_each_kind_of_target_arrives_as_its_own_options() -> None:
    judges = load().judges
    assert judges["grounded"].target == OpenaiOptions(
        kind="openai", url="https://judge.example/v1", model="judge-1", key_env="JUDGE_KEY"
    )
    assert judges["other"].target == PythonOptions(kind="python", call="nli:judge")
    assert judges["grounded"].verdicts == {"supported": False, "unsupported": True}
    assert judges["other"].prompt is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "kind: openai",
            "kind: opnai",
            "8:20: expected one of openai, python, found the text 'opnai' (did you mean openai?)",
        ),
        ("kind: openai", "kind: [x]", "8:20: expected one of openai, python, found a list"),
        ("kind: openai, ", "", "8:13: missing key 'kind' in judges.grounded.target (one of openai, python)"),
        ("model: judge-1, ", "", "8:13: missing key 'model' in judges.grounded.target"),
        (
            "model: judge-1",
            "modle: judge-1, model: m",
            "8:61: unknown key 'modle' in judges.grounded.target (did you mean model?)",
        ),
        (
            "https://judge.example/v1",
            "ftp://judge.example",
            "8:33: expected an address such as https://api.example.com/v1",
        ),
        (
            "https://judge.example/v1",
            "https://a:b@judge.example",
            "8:13: judges.grounded.target: an address holds no password",
        ),
        (
            "https://judge.example/v1",
            "http://judge.example/v1",
            "8:13: judges.grounded.target: a key is sent over https only",
        ),
        ("key_env: JUDGE_KEY", "key_env: sk-1234", "8:13: judges.grounded.target: key_env is the name of an"),
        ("    prompt: prompts/judge.txt\n", "", "8:5: judges.grounded: a target of kind openai is asked by a prompt"),
        (
            "unsupported: true",
            "unsupported: false",
            "8:5: judges.grounded: verdicts need a word for true and one for false",
        ),
        ("unsupported: true", "SUPPORTED.: true", "8:5: judges.grounded: two verdicts differ only in case"),
        ("unsupported: true", "'.': true", "8:5: judges.grounded: a verdict is a word or a few"),
        ("unsupported: true", "unsupported: maybe", "10:47: expected true or false, found the text 'maybe'"),
        ("other.jsonl", "x/../judge.jsonl", "15:16: 'x/../judge.jsonl' is another recording already"),
        ("other.jsonl", "outputs.jsonl", "15:16: 'outputs.jsonl' is another recording already"),
        ("judge: grounded", "judge: grouned", "4:59: there is no judge called 'grouned' (did you mean grounded?)"),
        ("nli:judge", "judge", "13:13: judges.other.target: call is package.module:function, or file names"),
        ("nli:judge", "nli:judge()", "13:34: expected package.module:function"),
        ('"nli:judge"', '"nli:judge", file: j.py', "13:13: judges.other.target: file says where the function is"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, told: str) -> None:
    found = problems((old, new))
    assert [one for one in found if one.startswith(f"gates.yaml:{told}")], found
    assert len(found) == 1


def test_a_secret_in_the_file_is_told_to_nobody() -> None:
    for change in (
        ("key_env: JUDGE_KEY", "key_env: sk-hunter2"),
        ("https://judge", "https://me:hunter2@judge"),
        ("/v1", "/v1?key=hunter2"),
    ):
        assert "hunter2" not in "".join(problems(change))


def test_a_gate_that_names_a_judge_where_there_is_none_is_told() -> None:
    text = TEXT.partition("judges:")[0]
    with pytest.raises(ConfigError, match="there is no judge called 'grounded'"):
        load_config(text.encode(), "gates.yaml", gate_options(), {}, target_options())


def test_a_key_may_go_over_http_to_this_machine_alone_and_no_key_anywhere() -> None:
    assert load(("https://judge.example/v1", "http://127.0.0.1:8000/v1"))
    assert load(("https://judge.example/v1", "http://vllm:8000/v1"), (", key_env: JUDGE_KEY", ""))


def test_only_the_judge_in_use_is_part_of_the_judging_policy() -> None:
    unused = judging(load((", judge: grounded", "")))
    assert "judge" not in unused
    assert judging(load((", judge: grounded", ""), ("judge-1", "judge-2"))) == unused
    used = judging(load())
    assert used["judge"]["name"] == "grounded"
    assert judging(load(("judge-1", "judge-2"))) != used
    assert judging(load(("unsupported: true", "wrong: true"))) != used
    same = load(("key_env: JUDGE_KEY", "key_env: OTHER_KEY, timeout: 5s"), ("judge.jsonl", "elsewhere.jsonl"))
    assert judging(same) == used
    assert judging(load(("nli:judge", "nli:other"))) == used


def test_a_config_without_judges_is_what_it_was() -> None:
    text = TEXT.partition("judges:")[0].replace(", judge: grounded", "")
    config = load_config(text.encode(), "gates.yaml", gate_options(), {}, target_options())
    assert config.judges == {}
    assert config == load_config(text.encode(), "gates.yaml", gate_options(), {})


def test_the_json_schema_says_the_same() -> None:
    written = json.loads(json.dumps(schema(gate_options(), target_options())))
    jsonschema.Draft202012Validator.check_schema(written)
    validator = jsonschema.Draft202012Validator(written)
    document: Any = yaml.safe_load(TEXT)
    assert list(validator.iter_errors(document)) == []
    for wrong in ({"kind": "opnai"}, {"kind": "python"}, {"kind": "openai", "call": "a:b"}):
        document["judges"]["other"]["target"] = wrong
        assert list(validator.iter_errors(document)), wrong
