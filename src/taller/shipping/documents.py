"""YAML files as data."""

from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from taller.shipping.problem import Unreadable


def read_mapping(text: str, path: str) -> dict[str, Any]:
    """A YAML 1.2 document that is a mapping; raises ``Unreadable``."""
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise Unreadable(f"{path}: no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise Unreadable(f"{path}: no YAML mapping")
    return data


def mapping(value: object) -> dict[str, Any]:
    """A value that should be a mapping; an empty one in place of anything else."""
    return dict(value) if isinstance(value, Mapping) else {}


def texts(value: object) -> list[str]:
    """A value that may be one text, a list or missing, as a list of texts."""
    if isinstance(value, list):
        return [str(item) for item in value]
    return [] if value is None else [str(value)]
