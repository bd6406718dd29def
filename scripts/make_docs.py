"""Write docs/reference from the code: commands, config, kinds, exit statuses. Nothing there is written by hand.

    python scripts/make_docs.py           writes what differs
    python scripts/make_docs.py --check   writes nothing; status 1 names each page that is not what the code gives

Everything is read from parameters, dataclass fields and docstrings, and nothing from rendered help, so that neither the
terminal nor the versions of what renders it can show. Explanations that the code does not hold stand elsewhere in docs.
"""

import inspect
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
from config_reference import config_page, page_of, slug, table

from twokey.cli import boundary
from twokey.cli.app import app
from twokey.cli.explain import STATUSES
from twokey.conclusion import Verdict
from twokey.detectors import DETECTORS
from twokey.engines import ENGINES
from twokey.gates import EXPLAINED, GATES
from twokey.outcome import Status
from twokey.readers import READERS
from twokey.reports import REPORTS
from twokey.review.select import ReviewGate
from twokey.review.trade import TRADE
from twokey.scorers import SCORERS
from twokey.signers import SIGNERS
from twokey.targets import TARGETS

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "<!-- Made by scripts/make_docs.py from the code. Edit the code's own documentation, then run it again. -->"

INTRODUCTIONS: Mapping[str, str] = {
    "gates": "A gate is a named check over all records. A threshold outside the interval settles it, one inside makes"
    " it `inconclusive`, and nothing to judge by is an `error`. `records` is always on; `review` has a section of its"
    " own in the config. [Statistics](../statistics.md) says which number has which interval.",
    "detectors": "A detector sees harm in an output. The [safety gate](gates.md#safety) judges how many outputs may be"
    " flagged; whatever is shown to people is redacted by all detectors that need no file.",
    "readers": "A reader turns a file into records. It is chosen by the end of the file's name, or by"
    " [`format`](config.md#a-recording).",
    "engines": "An engine decides where the work runs: `twokey run --engine NAME`. The evidence is the same, byte for"
    " byte, whichever is used.",
    "reports": "A report tells evidence and conclusion to people, hosts or programs: `--format NAME`. None changes a"
    " verdict or an exit status.",
    "targets": "A target is something that answers. `twokey record` asks it, `twokey run` never does. A judge's"
    " `target` names one by its `kind`. [Judges](../judges.md) is the page to start from.",
    "trade": "A trade format takes items to be graded to another tool, and brings the grades back: `twokey review"
    " --export FILE` and `--import FILE`. [Trade with other tools](../trade.md) is the page to start from.",
    "signers": "A signer makes and checks the detached signature beside a decision. The decision itself stays a plain"
    " JSON file.",
}
TABLES: Mapping[str, Mapping[str, Any]] = {
    "gates": {**GATES, "review": ReviewGate},
    "detectors": DETECTORS,
    "readers": READERS,
    "engines": ENGINES,
    "reports": REPORTS,
    "signers": SIGNERS,
    "targets": TARGETS,
    "trade": TRADE,
}
METRICS = (
    "What each gate measures beside its plain checks. `twokey explain METRIC` prints the same."
    " [Statistics](../statistics.md) has the intervals; functions of your own are in"
    " [`gates.quality.custom`](config.md)."
)
VERDICTS: Mapping[Verdict, str] = {
    Verdict.PASS: "every finding settled, every open checkpoint closed by valid decisions",
    Verdict.BLOCK: "a finding that no checkpoint claims, or a refusal that stands",
    Verdict.NEEDS_DECISION: "a checkpoint is open; each decision that was refused is named, with its reasons",
    Verdict.ERROR: "no check could be made: something cannot be had, or was tampered with",
}


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    found = {"commands.md": _commands(), "config.md": config_page(), "exit-statuses.md": _statuses()}
    found["metrics.md"] = _metrics()
    found |= {f"{folder}.md": _kinds(folder, kinds) for folder, kinds in TABLES.items()}
    return {name: f"{NOTE}\n\n{text.strip()}\n" for name, text in sorted(found.items())}


def _kinds(folder: str, kinds: Mapping[str, Any]) -> str:
    head = f"# {folder.capitalize()}\n\n{INTRODUCTIONS[folder]}\n\n"
    head += table(("name", "summary"), ((f"[{name}](#{slug(name)})", kind.summary) for name, kind in kinds.items()))
    return "\n\n".join([head, *(_kind(folder, name, kind) for name, kind in kinds.items())])


def _kind(folder: str, name: str, kind: Any) -> str:
    described = kind if isinstance(kind, type) else type(kind)
    extra = ""
    if folder == "gates":
        place = "review" if name == ReviewGate.name else f"gates.{name}"
        extra = f"\n\nOptions: [`{place}`](config.md#{slug(place)})."
    elif folder == "readers":
        extra = f"\n\nFile names that end with {', '.join(f'`{suffix}`' for suffix in kind.suffixes)}."
    elif folder == "detectors" and described.explained():
        rules = ((f"`{name}.{rule}`", explained.what) for rule, explained in described.explained().items())
        extra = f"\n\n`twokey explain {name}.RULE` says how each is found, its limits and how to fix a finding.\n\n"
        extra += table(("rule", "what it is"), rules)
    return f"## {name}\n\n{page_of(described)}{extra}"


def _metrics() -> str:
    metrics = [(gate, name, one) for gate, found in EXPLAINED.items() for name, one in found.items()]
    metrics += [("quality", name, scorer.explained()) for name, scorer in SCORERS.items()]
    metrics.sort(key=lambda row: (list(GATES).index(row[0]), row[1]))
    rows = ((f"[`{name}`](#{slug(name)})", f"[{gate}](gates.md#{gate})", one.what) for gate, name, one in metrics)
    parts = [f"# Metrics\n\n{METRICS}\n\n{table(('metric', 'gate', 'what it is'), rows)}"]
    parts += [f"## {name}\n\n{one.what}\n\n{one.page()}" for _, name, one in metrics]
    return "\n\n".join(parts)


def _commands() -> str:
    group: Any = typer.main.get_command(app)
    commands = dict(_flat(group.commands))
    parts = [
        "# Commands",
        f"{app.info.help} Results go to standard output, talk to standard error."
        " [Exit statuses](exit-statuses.md) have a page of their own.",
        table(("command", "does"), map(_command_row, commands.items())),
        "These work everywhere: `-h`, `--help` shows help, and `--debug` the traceback of an unexpected fault."
        f" Without a command: {', '.join(f'`{param.opts[0]}` ({param.help})' for param in group.params)}",
        *(_command(name, command) for name, command in commands.items()),
    ]
    return "\n\n".join(parts)


def _flat(commands: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each command with its full name, those of a group one by one."""
    for name in commands:
        found = commands[name]
        if hasattr(found, "commands"):
            yield from _flat(found.commands, f"{name} ")
        else:
            yield before + name, found


def _command_row(named: tuple[str, Any]) -> tuple[str, str]:
    name, command = named
    summary = page_of(command.callback).split("\n\n")[0].replace("\n", " ")
    return f"[`{name}`](#{slug(f'twokey {name}')})", summary


def _command(name: str, command: Any) -> str:
    params = tuple(command.params)
    arguments = [param for param in params if param.param_type_name == "argument"]
    options = [param for param in params if param.param_type_name == "option"]
    usage = " ".join(["twokey", name, *(["[OPTIONS]"] if options else []), *map(_argument_usage, arguments)])
    parts = [f"## twokey {name}", f"```text\n{usage}\n```", page_of(command.callback)]
    if arguments:
        parts.append(table(("argument", "meaning", "default"), (_cells(param, command) for param in arguments)))
    if options:
        parts.append(table(("option", "meaning", "default"), (_cells(param, command) for param in options)))
    return "\n\n".join(parts)


def _argument_usage(param: Any) -> str:
    return str(param.metavar) if param.required else f"[{param.metavar}]"


def _cells(param: Any, command: Any) -> Iterator[str]:
    known = inspect.signature(command.callback).parameters[param.name]
    if param.param_type_name == "argument":
        yield f"`{param.metavar}`"
    else:
        value = "" if param.is_flag else f" {param.metavar or 'N'}"
        yield f"`{', '.join(sorted(param.opts, key=len))}{value}`"
    yield (param.help or "") + (f" Also from `{param.envvar}`." if param.envvar else "")
    if known.default is inspect.Parameter.empty:
        yield "required"
        return
    yield "" if known.default in (None, False) else "on" if known.default is True else f"`{known.default}`"


def _statuses() -> str:
    verdicts = sorted(Verdict, key=lambda verdict: verdict.exit_status)
    told = [line for line in inspect.cleandoc(boundary.__doc__ or "").splitlines() if line.startswith("|")]
    known = {*Status, *(verdict.label for verdict in Verdict)}
    others = {name: text for name, text in STATUSES.items() if name not in known}
    parts = [
        "# Exit statuses and statuses",
        "`twokey run` and `twokey verify` exit with the status of their verdict. Only 0 may deploy.",
        table(
            ("exit status", "verdict", "meaning"),
            ((str(verdict.exit_status), verdict.label, VERDICTS[verdict]) for verdict in verdicts),
        ),
        "Any command may end without a verdict:",
        "\n".join(told),
        "## Statuses of gates and metrics",
        "Later is worse, and the worst metric decides the gate. All but `off` and `pass` are findings.",
        table(("status", "meaning"), ((status.value, STATUSES[status.value]) for status in Status)),
        "## Other words in reports",
        table(("word", "meaning"), others.items()),
    ]
    return "\n\n".join(parts)


def stale(made: Mapping[str, str]) -> list[str]:
    """Return the names of pages on disk that differ, are missing, or that nothing makes."""
    there = {path.name: path.read_bytes() for path in REFERENCE.glob("*") if path.is_file()}
    wanted = {name: text.encode() for name, text in made.items()}
    return sorted(name for name in {*there, *wanted} if there.get(name) != wanted.get(name))


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` compare them; return the exit status."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: make_docs.py [--check]\n")
        return 2
    made = pages()
    differing = stale(made)
    if arguments:
        for name in differing:
            sys.stderr.write(f"docs/reference/{name} is not what the code gives; run scripts/make_docs.py\n")
        return 1 if differing else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in differing:
        path = REFERENCE / name
        if name in made:
            path.write_bytes(made[name].encode())
        else:
            path.unlink()
        sys.stdout.write(f"docs/reference/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
