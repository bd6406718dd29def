"""The policy in two parts, as plain JSON: what makes findings, and who may open what.

The judging part goes into the manifest by content, so two policies that could judge differently never look the same
here: no number is rounded. Paths of recordings are left out, since the same answers judge the same wherever they lie.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from twokey.canonical import quantise
from twokey.config.judges import Judge, judge_in_use
from twokey.config.keys import keys_of
from twokey.config.shape import Config, Recording


def judging(config: Config) -> dict[str, Any]:
    """Return the judging part: subject, mapping of the recordings, sample, gates, review, and the judge in use."""
    baseline = config.recordings.baseline
    judge = judge_in_use(config.gates)
    return {
        **({"judge": {"name": judge, **judge_settings(config.judges[judge])}} if judge is not None else {}),
        "subject": to_plain(config.subject),
        "recordings": {
            "candidate": _mapping(config.recordings.candidate),
            "baseline": _mapping(baseline) if baseline else None,
        },
        "sample": to_plain(config.sample),
        "gates": {name: to_plain(options) for name, options in sorted(config.gates.items())},
        "review": to_plain(config.review),
    }


def judge_settings(judge: Judge) -> dict[str, Any]:
    """Return what decides a judge's answers, beside the content of its files: no path, key, timeout or pace."""
    target = {name: value for name, value in to_plain(judge.target).items() if name not in judge.target.PRACTICAL}
    return {"target": target, "verdicts": dict(judge.verdicts)}


def deciding(config: Config) -> dict[str, Any]:
    """Return the deciding part: who may open what."""
    return {"approval": to_plain(config.approval)}


def _mapping(recording: Recording) -> dict[str, Any]:
    return {key: value for key, value in to_plain(recording).items() if key != "path"}


def to_plain(value: Any) -> Any:
    """Return a value of the config as JSON types, keyed as in the file; keys that hold None are left out.

    A number that `canonical.quantise` would change is written as text, so that it reaches a digest whole.
    Raises ValueError for types that no config has, and for NaN.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("NaN and infinities have no place in a policy")
        return value if quantise(value) == value else repr(value)
    if hasattr(value, "from_scalar"):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _by_key(value)
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    raise ValueError(f"cannot write {type(value).__name__} as part of a policy")


def _by_key(value: Any) -> dict[str, Any]:
    keys = keys_of(type(value))
    plain = {name: to_plain(getattr(value, key.attribute)) for name, key in keys.fixed.items()}
    rest = to_plain(getattr(value, keys.rest.attribute)) if keys.rest else {}
    return {name: item for name, item in {**plain, **rest}.items() if item is not None}
