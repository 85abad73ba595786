"""What keeps a submission's processes apart from ours. This is the one place where a stronger sandbox would go.

As root they run as a user of their own, one that no other run has; otherwise as the user that started us. Either way
they are bounded by ``Limits``.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from taller.processes import guard
from taller.processes.leases import lease
from taller.runner.errors import ConfinementError

# What systemd uses for its dynamic users: no account has one of these (https://systemd.io/UIDS-GIDS/).
UIDS = range(61_184, 65_520)


@dataclass(frozen=True)
class Confinement:
    """How processes are started: as which user (None: as we are), and below which command."""

    uid: int | None = None
    prefix: tuple[str, ...] = ()

    def give(self, folder: Path) -> None:
        """Make a folder the processes' own."""
        if self.uid is not None:
            os.chown(folder, self.uid, self.uid)


def confine(needed: Sequence[Path], scratch: Path) -> Confinement:
    """Prepare a confinement in which the ``needed`` folders can be read; ``scratch`` is an empty folder for mounts.

    Raises ``ConfinementError`` when we are root and the machine allows no way to show them to another user.
    """
    if os.geteuid() != 0:
        return Confinement()
    uid = lease("uid", UIDS, lambda _: True)
    python = [Path(sys.prefix), Path(sys.base_prefix), Path(guard.__file__).parent]
    folders = sorted({path.resolve() for path in [*needed, *python]})
    for folder in folders:
        if folder.stat().st_mode & 0o005 != 0o005:
            raise ConfinementError(
                f"{folder}: as root, submissions run as another user, who cannot read this folder; "
                f"run `chmod -R o+rX {shlex.quote(str(folder))}`"
            )
    closed = {gate for folder in folders if (gate := _closed_above(folder))}
    if not closed:
        return Confinement(uid)
    return Confinement(uid, _mounted(folders, sorted(closed), scratch))


def _closed_above(folder: Path) -> Path | None:
    """The topmost folder on the way that other users cannot enter."""
    way = [*reversed(folder.parents), folder]
    return next((place for place in way if not place.stat().st_mode & 0o001), None)


def _mounted(folders: Sequence[Path], closed: Sequence[Path], scratch: Path) -> tuple[str, ...]:
    """A command that runs another with empty folders in the place of the closed ones, but for what is needed."""
    hidden = [folder for folder in folders if any(folder.is_relative_to(gate) for gate in closed)]
    lines = ["set -e", "umask 022"]
    for number, folder in enumerate(hidden):
        kept = scratch / str(number)
        kept.mkdir()
        lines.append(f"mount --bind {shlex.quote(str(folder))} {shlex.quote(str(kept))}")
    lines += [f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(gate))}" for gate in closed]
    for number, folder in enumerate(hidden):
        place = shlex.quote(str(folder))
        lines += [f"mkdir -p {place}", f"mount --bind {shlex.quote(str(scratch / str(number)))} {place}"]
    lines.append('exec "$@"')
    command = ("unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines), "sh")
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True).returncode:
        raise ConfinementError(
            f"{closed[0]}: as root, submissions run as another user, who cannot enter this folder, and this machine "
            f"allows no mounts to show it; move the course to a place that everybody can read, such as /srv, "
            f"or run `chmod o+x {shlex.quote(str(closed[0]))}`"
        )
    return command
