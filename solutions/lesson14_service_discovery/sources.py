"""Where the layers of the configuration come from."""

import asyncio
import json
import os
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import structlog

from lesson14_service_discovery.configuration import BadLayer, Configuration, Values

LOOK_S = 0.2

log = structlog.get_logger("configuration")


class Source:
    """One layer, whose text is read again and again; what makes no sense is logged once, and what was good stays."""

    def __init__(self, layer: str, configuration: Configuration, parse: Callable[[str], Any] = json.loads) -> None:
        self._layer = layer
        self._configuration = configuration
        self._parse = parse
        self._seen: str | None = None

    def take(self, text: str) -> None:
        """Put the layer in force, unless it is broken; an empty text sets nothing."""
        # starter: return
        # --8<-- [start:config]
        if text == self._seen:
            return
        self._seen = text
        try:
            self.read(text)
        except ValueError as error:
            log.error("configuration not changed", layer=self._layer, reason=str(error))
        else:
            log.info("configuration read", layer=self._layer)
        # --8<-- [end:config]

    def read(self, text: str) -> None:
        """Put the layer in force; raises ``ValueError`` when it is broken."""
        # starter: return
        # --8<-- [start:config]
        given = self._parse(text) if text else {}
        if not isinstance(given, dict):
            raise ValueError("an object is due")
        self._configuration.put(self._layer, given)
        # --8<-- [end:config]


def file_source(path: Path, configuration: Configuration) -> Source:
    """The layer ``file``: TOML, or JSON where the name ends so."""
    return Source("file", configuration, json.loads if path.suffix == ".json" else tomllib.loads)


async def follow_file(path: Path, source: Source) -> None:
    """Take what the file says whenever it has changed; without an end."""
    while True:
        try:
            source.take(await asyncio.to_thread(path.read_text, "utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            log.error("configuration file not read", reason=str(error))
        await asyncio.sleep(LOOK_S)


def start(path: Path | None) -> Configuration:
    """The configuration from file and environment; when one is broken the program ends: nothing was good yet."""
    configuration = Configuration()
    # starter: return configuration
    # --8<-- [start:config]
    if path:
        try:
            file_source(path, configuration).read(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            _refuse("CONFIG_FILE", error)
    environment = {name: os.environ[name.upper()] for name in Values.model_fields if name.upper() in os.environ}
    try:
        configuration.put("environment", environment)
    except BadLayer as error:
        _refuse(error.name.upper(), error)
    return configuration
    # --8<-- [end:config]


def _refuse(variable: str, error: Exception) -> NoReturn:
    print(f"{variable}: {' '.join(str(error).split())}", file=sys.stderr)
    sys.exit(2)
