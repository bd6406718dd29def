"""A score of the user's own, from a file of the policy or from what is installed."""

import pickle
import sys
from pathlib import Path

import pytest

from twokey.config.decode import load_typed
from twokey.errors import ConfigError, TwokeyError
from twokey.gates.base import Setting
from twokey.gates.quality import QualityGate
from twokey.gates.quality_options import QualityOptions
from twokey.outcome import Status
from twokey.record import Batch, Record
from twokey.scorers.base import SCALE, Asked
from twokey.scorers.custom import Custom
from twokey.scorers.options import CustomOptions

SOURCE = b"def tone(case):\n    return None if case['output'] is None else 'please' in case['output']\n"
RECORDS = [Record(id="a", output="please wait"), Record(id="b", output="wait"), Record(id="c")]


def custom(source: bytes, call: str = "tone") -> Custom:
    return Custom.build(CustomOptions(call=call, file="scores.py"), Asked(read=lambda _path: source))


def test_a_function_of_the_policy_scores_and_travels() -> None:
    assert custom(SOURCE).score(RECORDS) == [SCALE, 0, None]
    assert pickle.loads(pickle.dumps(custom(SOURCE))).score(RECORDS) == [SCALE, 0, None]  # noqa: S301 our own bytes


def test_an_installed_function_is_found_and_one_of_the_working_directory_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_scores_here.py").write_bytes(SOURCE)
    asked, options = Asked(read=lambda _path: b""), CustomOptions(call="own_scores_here:tone")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(TwokeyError, match="no module named 'own_scores_here'"):
        Custom.build(options, asked)
    monkeypatch.setattr(sys, "path", [sys.path[1], str(tmp_path), *sys.path[2:]])
    assert Custom.build(options, asked).score(RECORDS) == [SCALE, 0, None]
    monkeypatch.delitem(sys.modules, "own_scores_here")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return 2", "returned 2, and not a number from 0 to 1"),
        ("return float('nan')", "returned nan"),
        ("return 'yes'", "returned str"),
        ("raise KeyError('4111 1111 1111 1111')", "raised KeyError"),
    ],
)
def test_a_function_that_fails_ends_the_run_and_what_it_said_is_not_told(body: str, told: str) -> None:
    with pytest.raises(TwokeyError, match=told) as caught:
        custom(f"def tone(case):\n    {body}\n".encode()).score(RECORDS)
    assert "on the record a" in str(caught.value)
    assert "4111" not in str(caught.value)


@pytest.mark.parametrize(("source", "told"), [(b"x = 1\n", "no function called tone"), (b"def (\n", "is no Python")])
def test_a_file_without_the_function_is_told_while_building(source: bytes, told: str) -> None:
    with pytest.raises(TwokeyError, match=told):
        custom(source)


def test_policy_judges_its_mean() -> None:
    text = b"custom: {tone: {file: scores.py, call: tone, min: 0.9}}\n"
    options = load_typed(text, "gates.yaml", QualityOptions)
    gate = QualityGate.build(options, Setting(read=lambda _path: SOURCE, has_baseline=False))
    records = tuple(Record(id=f"r{n}", output="please" if n % 2 else "") for n in range(200))
    found = gate.judge(gate.tally(Batch(role="candidate", records=records, sightings=((),) * 200))).metric("tone")
    assert found is not None
    assert found.status is Status.FAIL
    assert found.estimate is not None
    assert found.estimate.value == 0.5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("custom: {accuracy: {file: a.py, call: f}}", "accuracy is a metric already"),
        ("custom: {tone: {call: f}}", "file names the Python file"),
        ("custom: {tone: {call: 'a b:f'}}", "expected package.module:function"),
        ("custom: {tone: {call: 'a:f', file: b.py}}", "file says where the function is"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_typed(text.encode(), "gates.yaml", QualityOptions)
