"""What may be changed while the program runs."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

WorkerCount = Annotated[int, Field(ge=1, le=16)]
Greeting = Annotated[str, Field(min_length=1, max_length=100)]


class Configuration(BaseModel):
    """How many workers there are, and what they say."""

    model_config = ConfigDict(extra="forbid", strict=True)

    workers: WorkerCount
    greeting: Greeting

    @property
    def names(self) -> list[str]:
        """What the workers are called."""
        # starter: return ["worker-1"]
        # --8<-- [start:balance]
        return [f"worker-{number}" for number in range(1, self.workers + 1)]
        # --8<-- [end:balance]

    @classmethod
    def read(cls, path: Path) -> Self:
        """As it was written last."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"))

    def write(self, path: Path) -> None:
        """For every process that starts from now on."""
        path.write_text(self.model_dump_json(), encoding="utf-8")
