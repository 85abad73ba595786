"""What the processes have to be told."""

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, Json, SecretStr

from lesson03_middleware_logging.settings import LoggingSettings
from lesson19_processes_and_scaling.configuration import Configuration, Greeting, WorkerCount

# Nothing that would have to be quoted in supervisor's configuration.
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,200}")
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
OURS = re.compile(r"nginx|manager|worker-\d+")


def fit_to_be_a_token(token: SecretStr) -> SecretStr:
    """The token itself; raises ValueError, without the token in it."""
    if not TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("a token of 16 to 200 letters, digits and . _ ~ + / = - is due")
    return token


def fit_to_be_a_name(name: str) -> str:
    """The name itself; raises ValueError when a process cannot be called that."""
    if not NAME.fullmatch(name):
        raise ValueError("a name is a small letter, and then up to 30 small letters, digits and -")
    if OURS.fullmatch(name):
        raise ValueError(f"{name} is a process of ours")
    return name


def number_of_cores() -> int:
    """How many workers can compute at the same time; sixteen at most."""
    return min(os.cpu_count() or 1, 16)


Token = Annotated[SecretStr, AfterValidator(fit_to_be_a_token)]
Programs = dict[Annotated[str, AfterValidator(fit_to_be_a_name)], Annotated[str, Field(min_length=1)]]


class RunSettings(LoggingSettings):
    """What the whole is made of: how many workers, and which programs of the user's beside them.

    ``programs`` are shell commands by name, as a JSON object. A process that ends too soon is tried again
    ``start_retries`` times.
    """

    manage_token: Token
    workers: WorkerCount = Field(default_factory=number_of_cores)
    greeting: Greeting = "Hello"
    programs: Json[Programs] = Field(default_factory=dict)
    start_retries: int = Field(default=3, ge=0, le=100)

    @property
    def configuration(self) -> Configuration:
        """What it begins with of all that may be changed."""
        return Configuration(workers=self.workers, greeting=self.greeting)


class ManagerSettings(RunSettings):
    """As above, and where the files of this run are."""

    state_dir: Path


class WorkerSettings(LoggingSettings):
    """Where the files of this run are, and as which process supervisor has started us."""

    state_dir: Path
    supervisor_process_name: str
