"""A Dockerfile as data: stages and their instructions (https://docs.docker.com/reference/dockerfile/)."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from dockerfile_parse import DockerfileParser

from taller.shipping.images import Image
from taller.shipping.problem import Unreadable

INSTRUCTIONS = re.compile(
    r"ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME"
    r"|WORKDIR"
)
FLAG = re.compile(r"--(?P<name>[a-z-]+)(?:=(?P<value>\S+))?\s+")
VARIABLE = re.compile(r"\$\{?(?P<name>\w+)(?::-(?P<default>[^}]*))?\}?")
FROM = re.compile(r"(?P<base>\S+)(?:\s+AS\s+(?P<name>\S+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Instruction:
    """One instruction, in line ``line`` (from 1): its flags, and what follows them."""

    line: int
    name: str
    flags: tuple[tuple[str, str], ...]
    value: str

    def flag(self, name: str) -> str:
        """The value of a flag; empty when it is not there."""
        return dict(self.flags).get(name, "")

    @property
    def arguments(self) -> list[str] | None:
        """The arguments in exec form, a JSON list of texts; None in shell form."""
        try:
            value = json.loads(self.value)
        except ValueError:
            return None
        is_exec = isinstance(value, list) and value and all(isinstance(item, str) for item in value)
        return value if is_exec else None

    @property
    def words(self) -> list[str]:
        """Its value as words: those of the exec form, or as a shell would split it."""
        return self.arguments or _words(self.value)

    @property
    def mounts(self) -> list[dict[str, str]]:
        """What RUN mounts, each by its options."""
        texts = [value for name, value in self.flags if name == "mount"]
        return [dict(part.partition("=")[::2] for part in text.split(",")) for text in texts]

    def pairs(self) -> dict[str, str]:
        """The names and values that ENV, ARG or LABEL sets; an ARG without a default has an empty one."""
        words = _words(self.value)
        if self.name == "ENV" and words and "=" not in words[0]:
            return {words[0]: " ".join(words[1:])}
        return {name: value for name, _, value in (word.partition("=") for word in words)}


@dataclass(frozen=True)
class Stage:
    """What one FROM begins; ``base`` has the ARGs before it filled in, and ``name`` is in small letters."""

    line: int
    base: str
    name: str
    instructions: tuple[Instruction, ...]

    def all(self, *names: str) -> list[Instruction]:
        """Its instructions of these names."""
        return [instruction for instruction in self.instructions if instruction.name in names]


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile's stages, in order; the last one is the image."""

    path: str
    text: str
    stages: tuple[Stage, ...]

    @classmethod
    def parse(cls, text: str, path: str = "Dockerfile") -> "Dockerfile":
        """Read it; raises ``Unreadable`` for a file without a stage."""
        stages = tuple(_stages(list(_instructions(text))))
        if not stages:
            raise Unreadable(f"{path}: no FROM in it")
        return cls(path, text, stages)

    @property
    def image(self) -> Stage:
        """The stage that becomes the image."""
        return self.stages[-1]

    def stage(self, reference: str) -> Stage | None:
        """The stage that a name or number refers to, None for an image or a context from outside."""
        named = [stage for number, stage in enumerate(self.stages) if reference.lower() in (stage.name, str(number))]
        return named[-1] if named and reference else None

    def inherited(self) -> list[Stage]:
        """The stages that the image is built on by FROM, the lowest first, itself last."""
        chain = [self.image]
        while (below := self.stage(chain[0].base)) and below not in chain:
            chain.insert(0, below)
        return chain

    def last(self, name: str) -> Instruction | None:
        """The instruction of that name which holds for the image."""
        found = [instruction for stage in self.inherited() for instruction in stage.all(name)]
        return found[-1] if found else None

    def environment(self) -> dict[str, str]:
        """The variables that the image sets, as written."""
        found = [instruction for stage in self.inherited() for instruction in stage.all("ENV")]
        return {name: value for instruction in found for name, value in instruction.pairs().items()}

    def images(self) -> Iterator[tuple[int, Image]]:
        """The images from elsewhere that it takes, each with its line; contexts that have a bare name are none."""
        for stage in self.stages:
            if self.stage(stage.base) is None:
                yield stage.line, Image.parse(stage.base)
            for instruction in stage.instructions:
                sources = [instruction.flag("from"), *(mount.get("from", "") for mount in instruction.mounts)]
                for source in filter(None, sources):
                    if self.stage(source) is None and re.search(r"[:/@]", source):
                        yield instruction.line, Image.parse(source)

    def where(self, line: int) -> str:
        """A place in it, as people write it."""
        return f"{self.path}:{line}"


def _instructions(text: str) -> Iterator[Instruction]:
    for entry in DockerfileParser(fileobj=StringIO(text)).structure:
        # What is none is a line of a here-document.
        if INSTRUCTIONS.fullmatch(entry["instruction"]):
            flags, value = _flags(entry["value"])
            yield Instruction(entry["startline"] + 1, entry["instruction"], flags, value)


def _flags(value: str) -> tuple[tuple[tuple[str, str], ...], str]:
    flags = []
    while match := FLAG.match(value):
        flags.append((match["name"], match["value"] or ""))
        value = value[match.end() :]
    return tuple(flags), value


def _stages(instructions: list[Instruction]) -> Iterator[Stage]:
    starts = [number for number, instruction in enumerate(instructions) if instruction.name == "FROM"]
    arguments: dict[str, str] = {}
    for instruction in instructions[: starts[0]] if starts else []:
        arguments |= instruction.pairs()
    for start, end in zip(starts, [*starts[1:], len(instructions)], strict=True):
        match = FROM.fullmatch(instructions[start].value.strip())
        base, name = (match["base"], match["name"] or "") if match else (instructions[start].value, "")
        own = tuple(instructions[start + 1 : end])
        yield Stage(instructions[start].line, _filled_in(base, arguments), name.lower(), own)


def _filled_in(text: str, values: dict[str, str]) -> str:
    return VARIABLE.sub(lambda match: values.get(match["name"]) or match["default"] or match[0], text)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
