"""Install what the tests need beside the Python packages, where this machine lets us."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Sequence

from stages import Skipped, run, tool

APT_GET = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes")
CHROMIUM: Sequence[Sequence[str]] = (
    (*APT_GET, "update"),
    (*APT_GET, "install", "--no-install-recommends", "chromium"),
)


def prepare() -> bool:
    """Get a browser for the tests of the site, RabbitMQ and promtool; tell by Skipped what could not be had."""
    missing = [name for name, got in (("chromium", chromium()), ("RabbitMQ and promtool", programs())) if not got]
    if missing:
        raise Skipped(f"no {' and no '.join(missing)}: the tests that need it are skipped or say so")
    return True


def chromium() -> bool:
    """Return whether there is a Chromium, after installing Debian's as root (Ubuntu's package is a snap)."""
    if shutil.which("chromium"):
        return True
    debian = platform.system() == "Linux" and platform.freedesktop_os_release().get("ID") == "debian"
    return debian and os.geteuid() == 0 and all(run(*command) for command in CHROMIUM)


def programs() -> bool:
    """Return whether RabbitMQ and promtool are here or could be fetched, so that no lesson pays for the download."""
    return run(tool("taller"), "services", "fetch")
