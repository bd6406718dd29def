"""`twokey roster`: who may decide here, whether the roster holds together, and how somebody new comes in."""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twokey.cli.console import complain, say, talk
from twokey.cli.options import DEFAULT_CONFIG, ConfigOption, RepositoryOption, command, group

if TYPE_CHECKING:
    from twokey.cli.roster_joining import Wanted

PORT = 7361  # that of twokey.page.server, which would load what other commands do not need
app = group("roster", "List, check and add the people who may decide.")
CONTENT = 2


@app.command("list")
def list_(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Print people, keys, dates, delegations and witnesses.

    As they are in the checkout, with what of it holds now.
    """
    from twokey.cli.roster_joining import read_roster
    from twokey.cli.roster_screen import rendering

    _, roster, _ = read_roster(config, os.environ)
    say(rendering(roster, datetime.now(UTC).replace(microsecond=0)))


@app.command()
def check(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Say what is wrong with the roster, and what ends soon.

    Also which rules of the policy nobody in it can satisfy. Status 2 where something is wrong.
    """
    from twokey.cli.roster_joining import read_roster
    from twokey.decisions.roster_doubts import doubts, unsatisfiable

    path, roster, policy = read_roster(config, os.environ)
    now = datetime.now(UTC)
    for doubt in doubts(policy.approval, roster, now):
        talk(f"{path}: {doubt}")
    problems = unsatisfiable(policy.approval, roster, now, policy.review)
    for problem in problems:
        complain(f"{config}: {problem}")
    if problems:
        raise typer.Exit(CONTENT)
    keys = sum(len(person.keys) for person in roster.people)
    say(f"{path}: {len(roster.people)} people, {keys} keys; every checkpoint of {config} can be closed")


@app.command()
def add(
    request: Annotated[
        Path | None, typer.Argument(metavar="[REQUEST]", help="A newcomer's request; its .sig lies beside it.")
    ] = None,
    asking: Annotated[bool, typer.Option("--request", help="Be the newcomer: write a request and sign it.")] = False,
    principal: Annotated[
        str | None, typer.Option("--principal", metavar="WHO", help="With --request; default: your Git e-mail.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="TEXT", help="With --request; default: your Git name.")
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option("--role", metavar="ROLE", help="With --request; repeatable.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", "-k", metavar="FILE", help="With --request; default: your first SSH key.")
    ] = None,
    passkey: Annotated[bool, typer.Option("--passkey", help="Have the browser make a key, for yourself.")] = False,
    port: Annotated[
        int,
        typer.Option("--port", metavar="PORT", help="With --passkey; default: 7361.", show_default=False),
    ] = PORT,
    yes: Annotated[bool, typer.Option("--yes", help="Add without being asked.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    repository: RepositoryOption = None,
) -> None:
    """Add somebody who proves that the key is theirs.

    The newcomer writes a request and signs it; somebody in the roster adds it, and the change is merged like policy.
    """
    from twokey.cli import roster_joining as joining

    wanted = joining.Wanted(principal=principal, name=name, roles=tuple(role or ()), key=key)
    if passkey:
        _with_passkey(wanted, request, config, repository, port, asking=asking)
        return
    if asking == (request is not None):
        raise typer.BadParameter("give a newcomer's REQUEST, or be the newcomer with --request")
    if not asking and (principal or name or role or key):
        raise typer.BadParameter("--principal, --name, --role and --key go with --request: a request names its own")
    now = datetime.now(UTC).replace(microsecond=0)
    if request is None:
        _asked(joining.ask(wanted, config.parent, repository, now))
        return
    case = joining.prepare(request, config, repository, now)
    say(case.rendering())
    case.refuse_obstacles()
    if not yes and not joining.confirmed(interactive=sys.stdin.isatty()):
        talk("nothing was added")
        return
    joining.write(case)
    say(f"{case.path}: {case.request.principal} is in it")
    talk("next: merge it like any change of policy; until then the roster that counts is the one without it")


def _asked(path: Path) -> None:
    say(f"signed: {path}")
    talk(f"next: somebody in the roster runs {command('roster', 'add', path)}, with {path.name}.sig beside it")


def _with_passkey(
    wanted: "Wanted", request: Path | None, config: Path, repository: str | None, port: int, *, asking: bool
) -> None:
    """Have the browser make a passkey; then add it to the person's own keys, or write the request that it signed."""
    from twokey.cli.enrolling import add_own, enrol, own_entry
    from twokey.cli.roster_joining import keep_request

    if request is not None or wanted.key is not None:
        raise typer.BadParameter("--passkey makes a key: it goes with neither REQUEST nor --key")
    if not asking and (wanted.name or wanted.roles):
        raise typer.BadParameter("--name and --role go with --request; a further key changes neither")
    person = None if asking else own_entry(config, wanted)
    if person is not None:
        wanted = replace(wanted, principal=person.principal)
    enrolled = enrol(wanted, config.parent, repository, lambda: datetime.now(UTC).replace(microsecond=0), port=port)
    if person is None:
        _asked(keep_request(enrolled.request, enrolled.data, enrolled.armored))
        return
    path = add_own(config, person, enrolled)
    say(f"{path}: {person.principal} has another key, {enrolled.key.shown}, for {enrolled.signature.origin}")
    talk("next: merge it like any change of policy; until then the roster that counts is the one without it")
