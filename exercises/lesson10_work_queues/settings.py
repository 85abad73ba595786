"""What the two processes have to be told."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

from pydantic import AmqpDsn, BeforeValidator, Field

from lesson01_rest_crud.settings import Environment, Settings


def comma_separated(value: Any) -> Any:
    """The parts of ``1000,2000,4000``; what is no text is left for the next check."""
    return value.split(",") if isinstance(value, str) else value


class QueueSettings(Environment):
    """Where the broker is."""

    amqp_url: AmqpDsn


class WebSettings(Settings, QueueSettings):
    """What ``web`` has to be told, or may be: in which file it keeps the states of the tasks."""

    state_file: Path = Path(tempfile.gettempdir()) / "tasks.sqlite"


class WorkerSettings(QueueSettings):
    """What ``worker`` has to be told: how long each retry waits, in milliseconds, and so how many there are."""

    retry_delays_ms: Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(comma_separated)] = (
        1000,
        2000,
        4000,
    )
