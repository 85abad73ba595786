"""What a container runs, by its image and by what a compose file says of it."""

import shlex
from collections.abc import Mapping

from taller.shipping.compose import Service, interpolate
from taller.shipping.dockerfile import Dockerfile
from taller.shipping.documents import texts


def command_of(file: Dockerfile) -> list[str]:
    """What a container of the image runs, by its exec forms; empty when there is none."""
    return [*_exec_form(file, "ENTRYPOINT"), *_exec_form(file, "CMD")]


def command_in(service: Service, file: Dockerfile, variables: Mapping[str, str]) -> list[str]:
    """What the container of a service runs that is built by this file; a new entry point leaves out the image's CMD."""
    entrypoint, command = service.data.get("entrypoint"), service.data.get("command")
    first = _exec_form(file, "ENTRYPOINT") if entrypoint is None else _words(entrypoint)
    rest = _words(command) if command is not None else [] if entrypoint is not None else _exec_form(file, "CMD")
    return [interpolate(word, variables) for word in (*first, *rest)]


def _exec_form(file: Dockerfile, name: str) -> list[str]:
    instruction = file.last(name)
    return (instruction.arguments or []) if instruction else []


def _words(value: object) -> list[str]:
    return shlex.split(value) if isinstance(value, str) else texts(value)
