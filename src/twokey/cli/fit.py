"""`twokey fit`: fits the comparison of answers with their context on your own labels, and writes the weights down.

Nothing is judged with them until policy names the file. Fitting itself is `stats.grounding_fit`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twokey.cli.console import say
from twokey.cli.options import DEFAULT_CONFIG, BootstrapOption, ConfigOption, PolicyRefOption

if TYPE_CHECKING:
    from twokey.config.shape import Recording
    from twokey.record import Record
    from twokey.stats.grounding_fit import Labelled
    from twokey.stats.grounding_weights import Weights

DEFAULT_OUT = Path("grounding.json")


def fit(
    config: ConfigOption = DEFAULT_CONFIG,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="A recording with the labels; default: the candidate's own."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the weights are written.")] = DEFAULT_OUT,
    policy_ref: PolicyRefOption = None,
    bootstrap: BootstrapOption = False,
) -> None:
    """Fit how words flag unsupported answers on your own labels.

    Prints what the fit is worth on answers that it has not seen, and writes the
    weights; policy names them: quality: {grounding: {weights: grounding.json}}.
    Status 0 fitted, 2 wrong usage or config, 4 too few labels.
    """
    from twokey.cli.keeping import write_whole

    weights = fitted_weights(config, labels, policy_refs=tuple(policy_ref or ()), bootstrap=bootstrap)
    write_whole(out, weights.plain())
    say(_told(out, weights))


def fitted_weights(
    config_path: Path, labels: Path | None = None, *, policy_refs: tuple[str, ...] = (), bootstrap: bool = False
) -> "Weights":
    """Fit on every labelled answer with a context.

    Labels are `hallucinated` of the candidate, read with the config's mapping, or of another file that is read with the
    same mapping; where that one has no outputs, those of the candidate with the same ids are meant.

    Raises:
        ConfigError: something of the config is wrong.
        TwokeyError: a recording cannot be had, or too few answers are labelled.
    """
    from twokey.canonical import digest
    from twokey.cli.policy import read_policy
    from twokey.evidence.subject import hash_file
    from twokey.stats.grounding_fit import fitted
    from twokey.stats.grounding_weights import weights_of

    policy = read_policy(config_path, policy_refs, bootstrap=bootstrap)
    candidate = policy.config.recordings.candidate
    path = labels or policy.directory / candidate.path
    records = list(_labelled(candidate, policy.directory, labels))
    rows = sorted(filter(None, map(_row, records)), key=lambda row: row.id)
    found = fitted(rows)
    data = {
        "recording": hash_file(path)[0],
        "examples": digest([[row.id, row.unsupported, row.values] for row in rows]),
        "answers": len(rows),
        "unsupported": sum(row.unsupported for row in rows),
        "groups": len({row.group for row in rows}),
    }
    kept = "cluster" if any(record.cluster is not None for record in records) else "context"
    out_of_fold = {**found["out_of_fold"], "kept_together": kept}
    return weights_of({**found, "out_of_fold": out_of_fold, "data": data, "made_with": _made_with()})


def _made_with() -> dict[str, str]:
    from importlib.metadata import version

    from twokey import __version__

    return {"scikit-learn": version("scikit-learn"), "twokey": __version__}


def _labelled(candidate: "Recording", directory: Path, labels: Path | None) -> "Iterator[Record]":
    """Yield the labelled records, with their outputs and contexts. Raises TwokeyError where an id stands twice."""
    from dataclasses import replace

    from msgspec import structs

    from twokey.errors import Place, TwokeyError

    own = replace(
        candidate, path=str(directory / candidate.path), hallucinated=candidate.hallucinated or "hallucinated"
    )
    given = own if labels is None else replace(own, path=str(labels), format=None)
    found: dict[str, Record] = {}
    for record in _records(given):
        if record.hallucinated is not None and record.error is None:
            if record.id in found:
                raise TwokeyError(f"the id {record.id!r} is labelled twice", where=Place(file=given.path))
            found[record.id] = record
    bare = {record.id: record.hallucinated for record in found.values() if record.output is None}
    yield from (record for record in found.values() if record.output is not None)
    if bare and labels is not None:
        answers = (record for record in _records(replace(own, hallucinated=None)) if record.id in bare)
        yield from (structs.replace(record, hallucinated=bare[record.id]) for record in answers if record.error is None)


def _records(recording: "Recording") -> "Iterator[Record]":
    from twokey.readers import open_reader
    from twokey.record import Record

    reader = open_reader(recording)
    for shard in reader.shards(recording.path, 1):
        for row in reader.rows(shard, recording, None):
            if isinstance(row, Record):
                yield row


def _row(record: "Record") -> "Labelled | None":
    """Return what is fitted on of a record; None where it has no context, or no word to compare."""
    from twokey.canonical import digest
    from twokey.scorers.texts import texts
    from twokey.stats.grounding_features import features
    from twokey.stats.grounding_fit import Labelled

    context = texts(record.context)
    values = features(texts(record.output), context, texts(record.input)) if context.strip() else None
    if values is None or record.hallucinated is None:
        return None
    group = f"cluster {record.cluster}" if record.cluster is not None else f"context {digest(context)}"
    return Labelled(id=record.id, values=values, unsupported=record.hallucinated, group=group)


def _told(path: Path, weights: "Weights") -> str:
    seen, data = weights.out_of_fold, weights.data
    auroc, f1 = seen.auroc, seen.f1
    lines = (
        f"{path}: fitted on {data.answers:,} labelled answers, {data.unsupported:,} of them unsupported, in"
        f" {data.groups:,} groups by {seen.kept_together}",
        f"on answers not seen ({seen.folds} folds, groups kept together), with intervals at 95%:",
        f"  AUROC      {auroc.value:.3f}  ({auroc.low:.3f} to {auroc.high:.3f})",
        f"  F1         {f1.value:.3f}  ({f1.low:.3f} to {f1.high:.3f}), precision {seen.precision:.3f},"
        f" recall {seen.recall:.3f}",
        f"  threshold  {weights.threshold:.3f} in log-odds: as many are flagged as people labelled",
        *_doubts(weights),
        f"to judge with it: gates: {{quality: {{grounding: {{weights: {path.name}}}}}}}",
    )
    return "\n".join(lines)


def _doubts(weights: "Weights") -> Iterator[str]:
    if weights.out_of_fold.auroc.low <= _POOR:
        yield f"this is poor: an AUROC of {_POOR} or less is not excluded; words do not tell these answers apart"


_POOR = 0.7
