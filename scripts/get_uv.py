"""Find uv, which installs the locked packages, or get it with whatever this machine has."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from commands import Commands, NotAble, succeeds
from interpreters import Interpreter, version_numbers

# apt without root: its lists and downloads in a directory of ours, no lock of the system's, no change of user;
# and an error where it would only warn that no server answered.
PRIVATE_APT = (
    "Dir::State={0}",
    "Dir::State::lists={0}/lists",
    "Dir::State::status=/var/lib/dpkg/status",
    "Dir::Cache={0}/cache",
    "Debug::NoLocking=1",
    "APT::Sandbox::User=",
    "APT::Update::Error-Mode=any",
)
# What people set for their own installs, and what rules out a directory of our choice or warns about root.
PIP_INTO_A_DIRECTORY = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_ROOT_USER_ACTION": "ignore"}


class LockedUv:
    """The uv that uv.lock asks for: its version, and the hashes that its files must have."""

    def __init__(self, lock: Path) -> None:
        # Here, not above: an older Python must still get as far as the message that it is too old.
        import tomllib

        packages: list[dict[str, Any]] = tomllib.loads(lock.read_text())["package"]
        uv = next(package for package in packages if package["name"] == "uv")
        self.version: str = uv["version"]
        self._hashes: list[str] = [wheel["hash"] for wheel in uv["wheels"]]

    def requirement(self) -> str:
        """Return a line of a requirements file, as pip reads it."""
        return " ".join([f"uv=={self.version}", *(f"--hash={file_hash}" for file_hash in self._hashes)])

    def is_met_by(self, program: Path) -> bool:
        """Tell whether `program` runs and is this version or a later one."""
        version = version_of(program)
        return version is not None and version_numbers(version) >= version_numbers(self.version)


def version_of(program: Path) -> str | None:
    """Return the version that a uv tells; None when it does not run (a download that was cut short)."""
    try:
        done = subprocess.run([str(program), "--version"], capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.match(r"uv (\d+\.\d+\.\d+)", done.stdout.decode())
    return match.group(1) if match else None


def get_uv(lock: Path, interpreter: Interpreter, venv: Path, scratch: Path, commands: Commands) -> Path:
    """Return a uv that understands `lock`: one that is here already, else from pip into `scratch`."""
    wanted = LockedUv(lock)
    own, installed, on_path = scratch / "uv" / "bin" / "uv", venv / "bin" / "uv", shutil.which("uv")
    if wanted.is_met_by(own):
        return own
    if wanted.is_met_by(installed):
        # It must outlive .venv, which may have to be made anew.
        own.parent.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy2(installed, own))
    if on_path and wanted.is_met_by(Path(on_path)):
        return Path(on_path)
    install(wanted, pip(interpreter, scratch, commands), scratch, commands)
    return own


def install(wanted: LockedUv, pip_command: list[str], scratch: Path, commands: Commands) -> None:
    """Let pip put uv into `scratch`/uv, from wherever the user's pip gets its packages."""
    target = scratch / "uv"
    shutil.rmtree(target, ignore_errors=True)
    requirements = scratch / "uv.txt"
    requirements.write_text(wanted.requirement())
    options = [
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--disable-pip-version-check",
    ]
    argv = [*pip_command, "install", *options, f"--target={target}", f"--requirement={requirements}"]
    commands.run(f"Getting uv {wanted.version}", argv, PIP_INTO_A_DIRECTORY)


def pip(interpreter: Interpreter, scratch: Path, commands: Commands) -> list[str]:
    """Return a command that is pip: the interpreter's own, ensurepip's, or Debian's wheel of it."""
    if succeeds([interpreter.path, "-m", "pip", "--version"]):
        return [interpreter.path, "-m", "pip"]
    if succeeds([interpreter.path, "-c", "import ensurepip, venv"]):
        venv = scratch / "pip"
        commands.run("Getting pip", [interpreter.path, "-m", "venv", "--clear", str(venv)], {})
        return [str(venv / "bin" / "python"), "-m", "pip"]
    if shutil.which("apt-get") and shutil.which("dpkg"):
        return [interpreter.path, str(debian_pip(scratch, commands) / "pip")]
    raise NotAble(
        f"there is no uv here, and no pip to get it with; install one of them (pip for {interpreter.path}), "
        "then run `make setup` again"
    )


def debian_pip(scratch: Path, commands: Commands) -> Path:
    """Return the wheel in Debian's python3-pip-whl, fetched and unpacked without root; Python runs it as it is."""
    state, packages = scratch / "apt", scratch / "debian"
    for directory in (state / "lists" / "partial", state / "cache" / "archives" / "partial", packages):
        directory.mkdir(parents=True, exist_ok=True)
    private = [argument for option in PRIVATE_APT for argument in ("-o", option.format(state))]
    commands.run("Reading Debian's list of packages", ["apt-get", *private, "--quiet", "update"], {})
    download = ["apt-get", *private, "--quiet", "download", "python3-pip-whl"]
    commands.run("Getting pip from Debian's packages", download, {}, cwd=packages)
    package = next(packages.glob("python3-pip-whl_*.deb"))
    commands.run("Unpacking pip", ["dpkg", "-x", str(package), str(packages)], {})
    return next(packages.glob("usr/share/python-wheels/pip-*.whl"))
