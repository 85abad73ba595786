"""The typer application that commands add themselves to."""

import typer

app = typer.Typer(
    name="taller",
    help="A backend course that runs: write a real server, save, and see which of its promises it keeps.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
