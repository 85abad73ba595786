"""Programs from Debian's or Ubuntu's archive, unpacked into a directory of the user: no root, nothing installed.

apt resolves and verifies as always, but with lists, cache and status of its own (apt.conf(5)).
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taller.services.service import Announce

STATUS = Path("/var/lib/dpkg/status")
TIMEOUT_S = 300


class FetchFailed(Exception):
    """The package could not be had."""


def cache(package: str) -> Path:
    """The user's folder for a package."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "taller" / package


def fetch_command(brew: str) -> str:
    """The command that gets a package for us alone; where there is no apt, Homebrew's, which calls it ``brew``."""
    return "taller services fetch" if shutil.which("apt-get") else f"brew install {brew}"


def remedy(package: str, brew: str) -> str:
    """The command that installs a package on this machine; ``brew`` is what Homebrew calls it."""
    if shutil.which("apt-get") is None:
        return f"brew install {brew}"
    return f"apt-get install {package}" if os.geteuid() == 0 else f"sudo apt-get install {package}"


def unpacked(folder: Path) -> Path | None:
    """The root of what ``fetch`` put into ``folder``, if it has."""
    root = folder / "root"
    return root if root.is_dir() else None


def library_path(root: Path) -> str:
    """Where the shared libraries are that came along because the system had none, for LD_LIBRARY_PATH."""
    return ":".join(str(folder) for folder in [*root.glob("usr/lib/*-linux-*"), *root.glob("lib/*-linux-*")])


def fetch(package: str, families: tuple[str, ...], folder: Path, announce: Announce) -> None:
    """Unpack ``package``, with what it needs and the system lacks, into ``folder``/root.

    Packages whose names begin with one of ``families`` have to be together in one place: they are fetched also when
    the system has them. Two runs at once fetch once. What is interrupted leaves no half result. Raises ``FetchFailed``.
    """
    for program in ("apt-get", "dpkg"):
        if shutil.which(program) is None:
            raise FetchFailed(f"{package} is not installed, and there is no {program} to fetch it with")
    with _locked(folder):
        if unpacked(folder):
            return
        _sweep(folder)
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=folder) as work:
            try:
                _unpack(package, families, Path(work), announce)
            except subprocess.SubprocessError as error:
                raise FetchFailed(f"{package} could not be fetched: {_last_words(error)}") from error
            (Path(work) / "root").rename(folder / "root")
    announce(f"{package} is unpacked")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep(folder: Path) -> None:
    """Remove what a killed run left; the lock says that nobody works on it."""
    for left in folder.glob("fetch-*"):
        shutil.rmtree(left, ignore_errors=True)


def _unpack(package: str, families: tuple[str, ...], work: Path, announce: Announce) -> None:
    apt = _private_apt(work, families)
    announce(f"{package}: reading the archive's lists")
    _run([*apt, "update", "-qq"], work)
    plan = _run([*apt, "install", "--simulate", "--no-install-recommends", package], work)
    # Libraries that the system lacks come along, but not the log rotation and other helpers of a system service.
    named = re.findall(r"^Inst (\S+)", plan, re.MULTILINE)
    # What is called libjs-… is for web pages, and may be larger than all the rest.
    wanted = [name for name in named if name.startswith((*families, "lib")) and not name.startswith("libjs-")]
    announce(f"{package}: downloading {len(wanted)} packages")
    _run([*apt, "download", "-qq", *wanted], work)
    announce(f"{package}: unpacking")
    for archive in sorted(work.glob("*.deb")):
        _run(["dpkg", "-x", str(archive), "root"], work)


def _private_apt(work: Path, families: tuple[str, ...]) -> list[str]:
    (work / "lists" / "partial").mkdir(parents=True)
    (work / "cache" / "archives" / "partial").mkdir(parents=True)
    stanzas = STATUS.read_text(encoding="utf-8").split("\n\n")
    others = [stanza for stanza in stanzas if not stanza.removeprefix("Package: ").startswith(families)]
    (work / "status").write_text("\n\n".join(others), encoding="utf-8")
    options = {
        "Dir::State": work,
        "Dir::State::lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "Acquire::Languages": "none",
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": "",
    }
    return ["apt-get", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]


def _run(command: list[str], work: Path) -> str:
    environment = os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        command, cwd=work, env=environment, timeout=TIMEOUT_S, check=True, capture_output=True, text=True
    ).stdout


def _last_words(error: subprocess.SubprocessError) -> str:
    said = str(error.stderr).strip().splitlines() if isinstance(error, subprocess.CalledProcessError) else [str(error)]
    return " ".join(said[-3:])
