"""gates.yaml as a whole: bytes, gate options and environment in; a Config, or every problem at once, out.

What one part can say of itself is declared beside its shape; here is what only shows when two parts are seen together.
Nothing is opened: paths stay as written, relative to the config's directory.
"""

import dataclasses
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any

from twokey.config.decode import Decoder
from twokey.config.interpolate import interpolate
from twokey.config.judges import Judge
from twokey.config.nodes import MapNode, Node, Problems, ScalarNode, quoted, walk
from twokey.config.shape import Config, Fields, Recording, Recordings, option
from twokey.config.syntax import compose
from twokey.config.words import BAD

ALWAYS_ON = ("records",)
PROTECTED = ("approval",)


_NO_TARGETS: Mapping[str, type] = {}


def load_config(
    data: bytes,
    file: str,
    gates: Mapping[str, type],
    environment: Mapping[str, str],
    targets: Mapping[str, type] = _NO_TARGETS,
) -> Config:
    """Return the config in `data`.

    Args:
        data: the bytes of gates.yaml.
        file: its name in messages.
        gates: each gate's options, a dataclass, by the gate's name.
        environment: what `${...}` may name.
        targets: the options of each kind of target, by its name; looked at only where something is asked.

    Raises:
        ConfigError: with every problem that was found, in order of place.
    """
    problems = Problems(file=file)
    root = interpolate(compose(data, problems), environment, problems, PROTECTED)
    decoder = Decoder(problems)
    value = decoder.value(root, config_type(gates, targets if _keys(root, "judges") else _NO_TARGETS), "")
    _check_names(root, decoder, frozenset(gates))
    problems.raise_any()
    assert value is not BAD  # noqa: S101 for the reader: a bad value has a problem
    fields = {item.name: getattr(value, item.name) for item in dataclasses.fields(Config)}
    chosen = {name: getattr(value.gates, name) for name in gates if getattr(value.gates, name) is not None}
    judges = {name: Judge(**_content(judge)) for name, judge in value.judges.items()}
    return Config(**{**fields, "gates": chosen, "judges": judges, "recordings": with_mapping(value.recordings)})


def _content(judge: Judge) -> dict[str, Any]:
    return {item.name: getattr(judge, item.name) for item in dataclasses.fields(Judge)}


def config_type(gates: Mapping[str, type], targets: Mapping[str, type] = _NO_TARGETS) -> type[Config]:
    """Return the shape of gates.yaml where these gates and targets exist: Config, with their options in place."""
    options = [(name, kind | None, option(_summary(kind), default=None)) for name, kind in sorted(gates.items())]
    table = dataclasses.make_dataclass("Gates", options, frozen=True, kw_only=True, slots=True)
    rules = next(item.metadata for item in dataclasses.fields(Config) if item.name == "gates")
    fields = [("gates", table, dataclasses.field(metadata={**rules, "filled": True}))]
    if targets:
        judges: Any = Mapping[str, _judge_type(targets)]  # type: ignore[misc]  # it is made, and known to no checker
        fields.append(("judges", judges, _as_in(Config, "judges")))
    # Without methods of its own it is frozen, compared and shown as `Config` is.
    return dataclasses.make_dataclass(
        "GatesFile", fields, bases=(Config,), kw_only=True, slots=True, eq=False, repr=False
    )


def _judge_type(targets: Mapping[str, type]) -> Any:
    """Return the shape of a judge where these targets exist: told apart by their `kind`."""
    fields = [("target", reduce(or_, targets.values()), _as_in(Judge, "target"))]
    made = dataclasses.make_dataclass(
        Judge.__name__, fields, bases=(Judge,), kw_only=True, slots=True, eq=False, repr=False
    )
    made.__doc__ = Judge.__doc__
    return made


def _as_in(cls: type[Any], name: str) -> Any:
    """Declare a field once more, for a narrower type."""
    found = next(item for item in dataclasses.fields(cls) if item.name == name)
    if found.default_factory is dataclasses.MISSING:
        return dataclasses.field(metadata=found.metadata)
    return dataclasses.field(metadata=found.metadata, default_factory=found.default_factory)


def _summary(kind: type) -> str:
    return (kind.__doc__ or "").strip().split("\n")[0]


def with_mapping(recordings: Recordings) -> Recordings:
    """Return the recordings with the candidate's mapping in the baseline, wherever that sets none of its own."""
    baseline = recordings.baseline
    if baseline is None:
        return recordings
    inherited = {item.name: getattr(recordings.candidate, item.name) for item in dataclasses.fields(Fields)}
    own = {item.name: getattr(baseline, item.name) for item in dataclasses.fields(Recording)}
    merged = {**own, **{name: own[name] or value for name, value in inherited.items()}}
    return dataclasses.replace(recordings, baseline=Recording(**merged))


def _check_names(root: Node, decoder: Decoder, kinds: frozenset[str]) -> None:
    """Check what one part calls by a name that another part gives: gates, checkpoints, groups."""
    written = _keys(root, "gates")
    # A gate whose name is misspelt is told once, where it is configured.
    meant = kinds if written - kinds else frozenset()
    gates = {*written, *meant, *ALWAYS_ON} | {"review" for _ in walk(root, "review")}
    opens = walk(root, "approval", "checkpoints", "*", "opens", "*", "gates", "*")
    _check_each((node for _, node in opens), gates, "no gate called {} is configured", decoder)
    checkpoints = _keys(root, "approval", "checkpoints")
    relaxed = walk(root, "approval", "windows", "*", "relaxes", "*")
    _check_each((node for _, node in relaxed), checkpoints, "there is no checkpoint called {}", decoder)
    groups = _keys(root, "recordings", "candidate", "groups")
    _check_judges(root, decoder)
    _check_each(
        (node for _, node in walk(root, "sample", "stratify_by")),
        groups,
        "the mapping of the candidate has no group called {}",
        decoder,
    )


def _check_judges(root: Node, decoder: Decoder) -> None:
    """Check that gates name judges that there are, one at most, and that each has a file of its own to answer in."""
    named = [node for _, node in walk(root, "gates", "*", "judge")]
    _check_each(named, _keys(root, "judges"), "there is no judge called {}", decoder)
    texts = [node.text for node in named if isinstance(node, ScalarNode)]
    for node in named:
        if isinstance(node, ScalarNode) and node.text != texts[0]:
            decoder.problems.add(
                f"a run takes the verdicts of one judge, and another gate names {quoted(texts[0])}", node
            )
    taken: set[str] = set()
    for path in _paths(root):
        place = posixpath.normpath(path.text)
        if place in taken:
            decoder.problems.add(f"{quoted(path.text)} is another recording already", path)
        taken.add(place)


def _paths(root: Node) -> Iterator[ScalarNode]:
    """Yield the paths of all recordings, those that are written by us last; baseline and candidate may be one."""
    if not _keys(root, "judges"):
        return
    read = (node for _, node in walk(root, "recordings", "*", "path") if isinstance(node, ScalarNode))
    yield from {posixpath.normpath(node.text): node for node in read}.values()
    yield from (node for _, node in walk(root, "judges", "*", "recording") if isinstance(node, ScalarNode))


def _keys(root: Node, *path: str) -> set[str]:
    return {key.text for _, node in walk(root, *path) if isinstance(node, MapNode) for key, _ in node.pairs}


def _check_each(nodes: Iterable[Node], known: set[str], message: str, decoder: Decoder) -> None:
    for node in nodes:
        if isinstance(node, ScalarNode) and node.text and node.text not in known:
            name = quoted(node.text if node.source is None else node.source)
            hint = decoder.suggest(node.text, tuple(known))
            decoder.problems.add(message.format(name), node, hint)
