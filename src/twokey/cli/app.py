"""The table of commands. Each is imported and built when it is asked for, so that one does not pay for the others."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from twokey import __version__
from twokey.kinds import Table

COMMANDS: Table[Callable[..., None] | typer.Typer] = Table(
    "twokey.cli",
    {
        "demo": "demo.command:demo",
        "init": "init:init",
        "record": "record:record",
        "fit": "fit:fit",
        "run": "run:run",
        "review": "review:review",
        "grades": "grades:app",
        "seeds": "seeds.command:app",
        "sign": "sign:sign",
        "verify": "verify:verify",
        "witness": "witness:witness",
        "explain": "explain:explain",
        "schema": "schema:schema",
        "doctor": "doctor:doctor",
        "roster": "roster:app",
    },
)
SETTINGS: Mapping[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,  # plain help fits a screen, and comes without loading Rich
}


class _Built(Mapping[str, Any]):
    """The commands as Typer builds them, by name, each when it is first asked for."""

    def __init__(self) -> None:
        """Begin with none built."""
        self._commands: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return a command; raises KeyError where there is none of that name."""
        if name not in self._commands:
            found = COMMANDS[name]
            if not isinstance(found, typer.Typer):  # one with commands of its own comes as it is
                alone = typer.Typer(**SETTINGS)
                alone.command(name)(found)
                found = alone
            self._commands[name] = typer.main.get_command(found)
        return self._commands[name]

    def __contains__(self, name: object) -> bool:
        """Say whether there is a command of that name; builds nothing."""
        return name in COMMANDS

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in the order of help."""
        return iter(COMMANDS)

    def __len__(self) -> int:
        """Return how many commands there are."""
        return len(COMMANDS)


class _Group(TyperGroup):
    """`twokey` itself, which hands over to one of its commands."""

    def __init__(self, **settings: Any) -> None:
        """Take the commands from the table, whatever Typer found."""
        super().__init__(**settings)
        self.commands = _Built()  # type: ignore[assignment]  # nothing is ever added to it


app = typer.Typer(
    name="twokey",
    cls=_Group,
    help="Two keys to ship an AI change: the evidence, and a name.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    **SETTINGS,
)


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
