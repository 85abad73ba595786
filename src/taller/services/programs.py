"""Programs that come with Python packages."""

import os
import shutil
import sysconfig


def installed(name: str) -> str | None:
    """The path of a program from the folder of this environment's scripts, else from ``PATH``; None without one."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    return shutil.which(name, path=path)
