"""What a process that logs has to be told, or may be."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from lesson01_rest_crud.settings import Settings


def in_lower_case(value: Any) -> Any:
    """Take INFO for info; what is no text is left for the next check."""
    return value.lower() if isinstance(value, str) else value


def folder_to_write_in(path: Path) -> Path:
    """Make the folder if it is not there; raises ValueError when files cannot be made in it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"{path} cannot be made: {error.strerror}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise ValueError(f"{path} cannot be written in")
    return path


class LoggingSettings(Settings):
    """Where a web process listens, what it is called, and how much it logs to where.

    ``log_max_bytes`` is the size at which a log file is put aside and a new one begun.
    """

    service: str = Field(default="shop", min_length=1)
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(in_lower_case)] = "info"
    log_dir: Annotated[Path, AfterValidator(folder_to_write_in)] | None = None
    log_max_bytes: int = Field(default=10_000_000, ge=1000)
