"""promtool, which checks what Prometheus reads: the system's, or Debian's unpacked into the user's cache."""

import shutil
from pathlib import Path

from taller.services import debian
from taller.services.errors import ServiceUnavailable
from taller.services.service import Announce

PACKAGE = "prometheus"


def installed() -> Path | None:
    """Where it is; None when it is neither installed nor fetched."""
    program = shutil.which("promtool")
    if program:
        return Path(program)
    root = debian.unpacked(debian.cache(PACKAGE))
    return root / "usr/bin/promtool" if root else None


def require(announce: Announce) -> Path:
    """Where it is, after fetching it if need be; raises ``ServiceUnavailable`` where it cannot be had."""
    if installed() is None:
        try:
            debian.fetch(PACKAGE, (PACKAGE,), debian.cache(PACKAGE), announce)
        except debian.FetchFailed as error:
            raise ServiceUnavailable("promtool", str(error), debian.remedy(PACKAGE, PACKAGE)) from error
        # The server itself comes along, and nothing here needs its 100 MB.
        (debian.cache(PACKAGE) / "root/usr/bin/prometheus").unlink(missing_ok=True)
    found = installed()
    assert found is not None
    return found
