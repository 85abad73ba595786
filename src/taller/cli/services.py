"""``taller services``: real servers that keep running between commands."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from taller.cli.arguments import AsJson
from taller.cli.console import announce, busy, console, print_json
from taller.cli.exits import WRONG_USE, Exit
from taller.services import Status

services = typer.Typer(
    help="PostgreSQL, MongoDB, Redis, RabbitMQ, S3, NATS and etcd, kept running between commands.", no_args_is_help=True
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; all if left out.")]


@services.command()
def up(wanted: Names = None, as_json: AsJson = False) -> None:
    """Start services in the background, so that checks need not."""
    from taller.services import names
    from taller.services import up as start

    unknown = set(wanted or []) - set(names())
    if unknown:
        console.print(f"no service {sorted(unknown)[0]!r}: there are {', '.join(names())}")
        raise Exit(WRONG_USE)
    with busy("starting"):
        statuses = start(wanted, announce)
    _print(statuses, as_json)


@services.command()
def down(as_json: AsJson = False) -> None:
    """End the services that run in the background, and what they kept."""
    from taller.services import down as stop

    ended = stop()
    if as_json:
        print_json(ended)
    else:
        console.print(f"ended: {', '.join(ended)}" if ended else "none was running")


@services.command()
def status(as_json: AsJson = False) -> None:
    """Tell which services run, and where."""
    from taller.services import status as look

    _print(look(), as_json)


@services.command()
def fetch() -> None:
    """Get the programs of all services, and promtool, onto this machine, so that later nothing has to be downloaded."""
    from taller.services import promtool
    from taller.services.registry import find, names

    for name in names():
        find(name).require(announce)
        console.print(f"{name} is here")
    promtool.require(announce)
    console.print("promtool is here")


def _print(statuses: Sequence[Status], as_json: bool) -> None:
    if as_json:
        print_json([asdict(status) for status in statuses])
        return
    table = Table("service", "from", "version", "memory", "up for", "URL", box=None, pad_edge=False)
    for each in statuses:
        memory = f"{each.memory / 1e6:.0f} MB" if each.memory else ""
        uptime = f"{each.uptime:.0f} s" if each.uptime is not None else ""
        origin = each.origin or "started when needed"
        table.add_row(
            each.name, origin, each.version or "", memory, uptime, each.url or "", style=None if each.url else "dim"
        )
    console.print(table)
