"""Configuration, from the environment and nowhere else (https://12factor.net/config)."""

import os
import sys
from typing import Self

from pydantic import BaseModel, Field, ValidationError


class Environment(BaseModel):
    """What a program has to be told; a field ``port`` is read from the variable ``PORT``."""

    @classmethod
    def from_environment(cls) -> Self:
        """Read the settings; a missing or malformed variable ends the program with one line and exit status 2."""
        # starter: return cls.model_validate({name.lower(): value for name, value in os.environ.items()})
        # --8<-- [start:lifecycle]
        try:
            return cls.model_validate({name.lower(): value for name, value in os.environ.items()})
        except ValidationError as error:
            problem = error.errors()[0]
            print(f"{str(problem['loc'][0]).upper()}: {problem['msg']}", file=sys.stderr)
            sys.exit(2)
        # --8<-- [end:lifecycle]


class Settings(Environment):
    """What a web process has to be told."""

    port: int = Field(ge=1, le=65535)
    host: str = "127.0.0.1"
