#!/usr/bin/env python3
"""Make .venv from uv.lock on a machine that may have nothing but Python, git and make.

With nothing to do it is quick and needs no network. It may be interrupted at any point: the stamp in .venv is written
last, and a .venv without one is made anew. Exit status: 0 ready, 3 the machine is not able, 130 interrupted.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from commands import CommandFailed, Commands, NotAble
from console import Console
from get_uv import get_uv
from interpreters import Interpreter, ask, choose, named
from pip_settings import pip_settings_for_uv
from remedies import explain

NOT_ABLE = 3
INTERRUPTED = 128 + signal.SIGINT


class Checkout(NamedTuple):
    """Where things are in the course's directory."""

    root: Path

    @property
    def lock(self) -> Path:
        """The versions and hashes of every package."""
        return self.root / "uv.lock"

    @property
    def venv(self) -> Path:
        """The environment that is made."""
        return self.root / ".venv"

    @property
    def scratch(self) -> Path:
        """What is only needed on the way; gone when .venv is ready."""
        return self.root / ".setup"

    @property
    def stamp(self) -> Path:
        """Says what a finished .venv was made from."""
        return self.venv / "taller-setup.json"

    def requirements(self) -> str:
        """Return a hash of the files that decide which packages are installed."""
        digest = hashlib.sha256()
        for path in (self.lock, self.root / "pyproject.toml"):
            digest.update(path.read_bytes())
        return digest.hexdigest()


def foundations(checkout: Checkout, interpreter: Interpreter) -> dict[str, str]:
    """Return what a .venv cannot outlive: its scripts hold its own path, its packages are for one Python."""
    return {"root": str(checkout.root), "python": interpreter.path, "version": interpreter.version}


def read_stamp(checkout: Checkout) -> dict[str, str]:
    """Return what .venv was made from; empty when it was never finished."""
    try:
        stamp: dict[str, str] = json.loads(checkout.stamp.read_text())
    except (OSError, ValueError):
        return {}
    return stamp


def write_stamp(checkout: Checkout, interpreter: Interpreter) -> None:
    """Declare .venv finished."""
    # A power cut must not leave a stamp beside packages that never reached the disk.
    os.sync()
    stamp = {**foundations(checkout, interpreter), "requirements": checkout.requirements()}
    draft = checkout.stamp.with_suffix(".draft")
    draft.write_text(json.dumps(stamp, indent=2) + "\n")
    draft.replace(checkout.stamp)


def usable(checkout: Checkout) -> Interpreter | None:
    """Return the interpreter of a finished .venv that still runs from here and is the one asked for, else None."""
    stamp = read_stamp(checkout)
    interpreter = ask(str(checkout.venv / "bin" / "python")) if stamp else None
    if interpreter is None or not foundations(checkout, interpreter).items() <= stamp.items():
        return None
    wanted = named()
    return interpreter if wanted is None or wanted.path == interpreter.path else None


def is_current(checkout: Checkout) -> bool:
    """Tell whether nothing is to be done."""
    return usable(checkout) is not None and read_stamp(checkout).get("requirements") == checkout.requirements()


@contextmanager
def alone(checkout: Checkout, console: Console) -> Iterator[int]:
    """Keep every other set-up of this checkout out; yields the open lock, which the system drops however we end."""
    directory = os.open(checkout.root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.line("waiting for another set-up of this checkout ...")
            fcntl.flock(directory, fcntl.LOCK_EX)
        yield directory
    finally:
        os.close(directory)


def set_up(checkout: Checkout, interpreter: Interpreter, commands: Commands) -> None:
    """Make .venv what uv.lock says; one that is finished but for other packages is only brought up to date."""
    checkout.scratch.mkdir(exist_ok=True)
    uv = get_uv(checkout.lock, interpreter, checkout.venv, checkout.scratch, commands)
    if usable(checkout):
        checkout.stamp.unlink()
    else:
        remove(checkout.venv)
    install_packages(checkout, interpreter, uv, commands)
    write_stamp(checkout, interpreter)
    shutil.rmtree(checkout.scratch)


def install_packages(checkout: Checkout, interpreter: Interpreter, uv: Path, commands: Commands) -> None:
    """Let uv install the locked packages and the course's own tool."""
    settings = {
        **pip_settings_for_uv(),
        **own_cache(checkout),
        "UV_PROJECT_ENVIRONMENT": str(checkout.venv),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_PYTHON": "0",
        "UV_COMPILE_BYTECODE": "1",
    }
    sync = [str(uv), "sync", "--locked", f"--python={interpreter.path}"]
    if {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & {*settings, *os.environ}:
        install_from_mirror(checkout, interpreter, str(uv), settings, commands)
    else:
        commands.run("Installing the packages of uv.lock", sync, settings)


def install_from_mirror(
    checkout: Checkout, interpreter: Interpreter, uv: str, settings: dict[str, str], commands: Commands
) -> None:
    """Install from the user's index; `uv sync` would not, because uv.lock names the index that it was made with."""
    pins = checkout.scratch / "pins.txt"
    new = ["venv", "--allow-existing", f"--python={interpreter.path}", str(checkout.venv)]
    export = ["export", "--quiet", "--frozen", "--no-emit-project", f"--output-file={pins}"]
    # A flag outranks every UV_* variable: nothing may ever go into a Python that is not ours.
    ours = f"--python={checkout.venv / 'bin' / 'python'}"
    commands.run("Making the environment", [uv, *new], settings)
    commands.run("Reading uv.lock", [uv, *export], settings)
    commands.run("Installing from your mirror", [uv, "pip", "sync", ours, "--require-hashes", str(pins)], settings)
    commands.run("Installing the tool", [uv, "pip", "install", ours, "--no-deps", "--editable", "."], settings)


def own_cache(checkout: Checkout) -> dict[str, str]:
    """Return a place for uv's cache where the user's home cannot be written, as in some containers."""
    place = Path(os.environ.get("UV_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    nearest = next(path for path in (place, *place.parents) if path.exists())
    return {} if os.access(nearest, os.W_OK) else {"UV_CACHE_DIR": str(checkout.scratch / "cache")}


def remove(path: Path) -> None:
    """Remove a directory, or a link to one but not what it points to."""
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def check_writable(checkout: Checkout) -> None:
    """Raise NotAble, naming the directory, where the set-up could not write."""
    for directory in (checkout.root, checkout.venv, checkout.scratch):
        if directory.exists() and not os.access(directory, os.W_OK):
            raise NotAble(f"{directory} may not be written by you: run this as its owner, or in a clone of your own")


def prepare(checkout: Checkout, console: Console) -> None:
    """Bring .venv up to date, telling on `console` what is done; raises NotAble, CommandFailed or OSError."""
    if is_current(checkout):
        return
    check_writable(checkout)
    with alone(checkout, console) as lock:
        if is_current(checkout):
            return
        interpreter = choose()
        in_newer_python(interpreter)
        console.line(f"Setting up .venv with Python {interpreter.version} ({interpreter.path}); once, a minute or so")
        if os.geteuid() == 0 and not interpreter.open_to_everybody:
            console.line(console.paint("  only root can execute it: lessons will run as root, unprotected", "yellow"))
        checkout.scratch.mkdir(exist_ok=True)
        commands = Commands(console, cwd=checkout.root, log=checkout.scratch / "log", lock=lock)
        set_up(checkout, interpreter, commands)
        console.line(console.paint(f"Ready in {commands.seconds:.0f} s", "green"))


def in_newer_python(interpreter: Interpreter) -> None:
    """Go on in the chosen interpreter where the one that runs this is too old to read uv.lock."""
    if find_spec("tomllib") is None:
        os.execv(interpreter.path, [interpreter.path, *sys.argv])


def main() -> int:
    """Prepare .venv of the checkout that this script lies in; returns the exit status."""
    # Whoever stops us (a service manager, a closed terminal) gets the same orderly end as Ctrl-C.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    # As root the learner's code runs as another user, who must be able to read what is installed.
    os.umask(0o022)
    console = Console(sys.stdout)
    try:
        prepare(Checkout(Path(__file__).resolve().parent.parent), console)
    except KeyboardInterrupt:
        console.line("Stopped. `make setup` goes on from here.")
        return INTERRUPTED
    except (NotAble, CommandFailed, OSError) as error:
        Console(sys.stderr).line(f"{console.paint('setup:', 'red')} {explain(error)}")
        return NOT_ABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
