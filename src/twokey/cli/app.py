"""The table of commands."""

from collections.abc import Callable, Mapping
from typing import Annotated

import typer

from twokey import __version__
from twokey.cli import doctor, explain, init, review, run, schema, sign, verify
from twokey.cli.demo import command as demo

COMMANDS: Mapping[str, Callable[..., None]] = {
    "demo": demo.demo,
    "init": init.init,
    "run": run.run,
    "review": review.review,
    "sign": sign.sign,
    "verify": verify.verify,
    "explain": explain.explain,
    "schema": schema.schema,
    "doctor": doctor.doctor,
}

app = typer.Typer(
    name="twokey",
    help="Two keys to ship an AI change: the evidence, and a name.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help fits a screen, and comes without loading Rich
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, command in COMMANDS.items():
    app.command(name)(command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"twokey {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Two keys to ship an AI change: the evidence, and a name."""
