"""The commands put together, and what an exception means for the exit status."""

import signal
import sys

from taller.authoring.errors import AuthoringError
from taller.catalog import CatalogError
from taller.cli.app import app
from taller.cli.author import author
from taller.cli.check import check
from taller.cli.console import errors
from taller.cli.demo import demo
from taller.cli.doctor import doctor
from taller.cli.exits import MACHINE, WRONG_USE, Exit
from taller.cli.hint import hint
from taller.cli.home import home
from taller.cli.reset import reset
from taller.cli.run import run
from taller.cli.services import services
from taller.cli.solution import solution
from taller.cli.start import start
from taller.cli.watch import watch
from taller.grading.engine import GradingError
from taller.runner import RunnerError
from taller.runner.errors import ConfinementError
from taller.services import ServiceError

app.callback(invoke_without_command=True)(home)
for command in (start, check, watch, hint, run, reset, solution, demo, doctor):
    app.command()(command)
app.add_typer(services, name="services")
app.add_typer(author, name="author")


def main() -> None:
    """Run a command; its exit status is one of ``taller.cli.exits``."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # To be told to end, or to lose the terminal, is cleaned up after as Ctrl-C is.
        signal.signal(number, signal.default_int_handler)
    try:
        app(standalone_mode=True)
    except Exit as end:
        sys.exit(end.status)
    except (CatalogError, RunnerError, AuthoringError) as error:
        errors.print(str(error), style="red", soft_wrap=True)
        sys.exit(MACHINE if isinstance(error, ConfinementError) else WRONG_USE)
    except (ServiceError, GradingError) as error:
        errors.print(str(error), style="red", soft_wrap=True)
        sys.exit(MACHINE)
