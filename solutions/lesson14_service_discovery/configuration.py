"""Values that may change while the program runs: default, file, environment, registry; later ones win."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

LAYERS = ("file", "environment", "registry")


class Values(BaseModel):
    """What can be set: how often a request is tried, and when a client may ask again where nobody is there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attempts: int = Field(default=3, ge=1, le=10)
    retry_after_s: int = Field(default=1, ge=1, le=3600)


class BadLayer(ValueError):
    """A layer makes no sense; ``name`` is the value that is wrong, and the text says why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name


class Configuration:
    """The values in force; each layer may be replaced at any time."""

    def __init__(self) -> None:
        self.values = Values()
        self._layers: dict[str, Mapping[str, Any]] = {}

    def put(self, layer: str, given: Mapping[str, Any]) -> None:
        """Replace a layer; raises ``BadLayer``, and has changed nothing then."""
        # --8<-- [start:config]
        try:
            # By itself first: what another layer hides may come to light later.
            Values.model_validate(given)
        except ValidationError as error:
            wrong = error.errors()[0]
            raise BadLayer(str(wrong["loc"][0]), wrong["msg"]) from None
        self._layers[layer] = given
        merged = {name: value for each in LAYERS for name, value in self._layers.get(each, {}).items()}
        self.values = Values.model_validate(merged)
        # --8<-- [end:config]

    def told(self) -> dict[str, dict[str, Any]]:
        """Each value with the layer that it comes from."""
        # starter: return {}
        # --8<-- [start:config]
        source = {name: layer for layer in LAYERS for name in self._layers.get(layer, {})}
        return {
            to_camel(name): {"value": value, "source": source.get(name, "default")}
            for name, value in self.values.model_dump().items()
        }
        # --8<-- [end:config]
