"""The options that several commands share, declared once.

What touches trust (the config, the environment, the repository) is a flag only; what doesn't may also come from a
`TWOKEY_...` variable.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from twokey.engines import ENGINES
from twokey.errors import TwokeyError
from twokey.kinds import lookup
from twokey.reports import REPORTS

DEFAULT_CONFIG = Path("gates.yaml")
DEFAULT_EVIDENCE = Path(".twokey/evidence")
DEFAULT_ENVIRONMENT = "production"
DEFAULT_JOBS = 2


def group(name: str, purpose: str) -> typer.Typer:
    """Return a command that has commands of its own."""
    return typer.Typer(
        name=name,
        help=purpose,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


def command(name: str, *words: object, config: Path = DEFAULT_CONFIG) -> str:
    """Return a command to type next, with the config where it is not at its default place."""
    given = [str(word) for word in words if str(word)]
    named = ["--config", str(config)] if config != DEFAULT_CONFIG else []
    return shlex.join(["twokey", name, *given, *named])


def one_of(table: Mapping[str, Any], what: str) -> Callable[[str], str]:
    """Return a check that a name stands in a table; another one is a wrong use of the command line."""

    def check(value: str) -> str:
        try:
            lookup(table, value, what)
        except TwokeyError as error:
            raise typer.BadParameter(str(error)) from None
        return value

    return check


def instant_option(value: str | None) -> str | None:
    """Refuse what is no UTC time as a usage error."""
    from twokey.decisions.shapes import instant

    try:
        if value is not None:
            instant(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return value


def digest_option(value: str | None) -> str | None:
    """Refuse what is no whole SHA-256 as a usage error: what a pin means must not depend on what else there is."""
    if value is not None and not re.fullmatch(r"[0-9a-f]{64}", value):
        raise typer.BadParameter(f"expected all 64 digits of a digest, found {value[:70]!a}")
    return value


EvidenceArgument = Annotated[Path, typer.Argument(metavar="EVIDENCE", help="The evidence directory.")]
EvidenceOption = Annotated[
    Path, typer.Option("--evidence", metavar="DIR", help="Where the evidence is written.", envvar="TWOKEY_EVIDENCE")
]
ConfigOption = Annotated[Path, typer.Option("--config", "-c", metavar="FILE", help="The policy.")]
RecordedConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="The policy; default: the one that run used.")
]
EnvironmentOption = Annotated[str, typer.Option("--environment", "-e", metavar="NAME", help="Where it would go.")]
RepositoryOption = Annotated[
    str | None,
    typer.Option("--repository", metavar="NAME", help="Its name; default: the host's, or Git's."),
]
PolicyRefOption = Annotated[
    list[str] | None,
    typer.Option("--policy-ref", metavar="REF", help="A ref that may be policy, such as main; repeatable."),
]
BootstrapOption = Annotated[bool, typer.Option("--bootstrap", help="First adoption: the target has no policy yet.")]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help=f"Where the work runs: {', '.join(ENGINES)}.",
        envvar="TWOKEY_ENGINE",
        callback=one_of(ENGINES, "engine"),
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        help=f"How many processes, with --engine processes; default: {DEFAULT_JOBS}.",
        envvar="TWOKEY_JOBS",
    ),
]
FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME",
        help=f"Printed as: {', '.join(REPORTS)}.",
        envvar="TWOKEY_FORMAT",
        callback=one_of(REPORTS, "report"),
    ),
]
