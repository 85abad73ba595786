"""What makes a Dockerfile a good one. Each rule yields what breaks it."""

import json
import re
import shlex
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from taller.shipping.dockerfile import Dockerfile, Instruction
from taller.shipping.ignoring import Ignored
from taller.shipping.problem import Problem
from taller.shipping.secrets import is_secret_file, is_secret_name, password_in

# What says which dependencies there are, and in which versions.
MANIFESTS = re.compile(
    r"\.npmrc|\.python-version|Cargo\.(lock|toml)|Pipfile(\.lock)?|bun\.lock|go\.(mod|sum)|package(-lock)?\.json|pdm\.lock"
    r"|pnpm-lock\.yaml|poetry\.lock|pylock\.toml|pyproject\.toml|requirements[\w.-]*\.(txt|in)|uv\.lock|yarn\.lock"
)
INSTALLS = re.compile(
    r"\b(uv\s+(sync|pip\s+(install|sync))|pip3?\s+install|poetry\s+install|pdm\s+(sync|install)|npm\s+(ci|i|install)"
    r"|pnpm\s+(install|i)|yarn(\s+install)?|bun\s+install|go\s+mod\s+download|cargo\s+(fetch|build))\b"
)
# What a lock file is for: exactly these versions, or none at all.
BY_LOCK = re.compile(
    r"--locked|--frozen|--require-hashes|--no-deps|--immutable|\bnpm\s+ci\b|\buv\s+pip\s+sync\b|\bpdm\s+sync\b"
    r"|\bgo\s+mod\s+download\b|\bpoetry\s+(install|sync)\b"
)
DEVELOPMENT = re.compile(r"\buv\s+sync\b(?!.*(--no-dev|--no-default-groups|--only-group))")
BUILD_TOOLS = re.compile(
    r"\b(build-essential|build-base|gcc|g\+\+|make|git|python3?-dev|uv\s+(sync|pip)|pip3?\s+install|poetry\s+install"
    r"|npm\s+(ci|i|install)|pnpm\s+(install|i)|yarn\s+install|go\s+build|cargo\s+build)(?=\s|$)"
)
KEPT_OUT = {
    ".git/config": "the repository's history",
    ".venv/bin/python": "your own environment",
    ".env": "your passwords",
    "__pycache__/module.cpython-313.pyc": "what Python has compiled for your machine",
}
PLACES = ("/bin/", "/usr/", "/app/", "/opt/", "/venv/")


def builds_in_stages(file: Dockerfile) -> Iterator[Problem]:
    """The image takes what a stage before it has built, and is not that stage."""
    chain = file.inherited()
    sources = [file.stage(copy.flag("from")) for stage in chain for copy in stage.all("COPY")]
    if all(source is None or source in chain for source in sources):
        yield Problem(
            file.where(file.image.line),
            "a stage of its own for the image, with COPY --from=STAGE of what an earlier stage has built",
            "one that copies from no other",
        )


def images_are_pinned(file: Dockerfile) -> Iterator[Problem]:
    """Every image from elsewhere has a version or a digest."""
    for line, image in file.images():
        if image.text != "scratch" and not image.is_pinned:
            wanted = "an image whose tag names a version, such as python:3.13.15-slim, or one with a digest"
            yield Problem(file.where(line), wanted, image.text)


def image_is_small(file: Dockerfile) -> Iterator[Problem]:
    """The image begins small, and no tool for building gets into it."""
    below = file.inherited()[0]
    bases = [image for line, image in file.images() if line == below.line]
    if bases and not bases[0].is_small:
        wanted = "a small base for the image: slim, alpine, distroless or scratch"
        yield Problem(file.where(below.line), wanted, bases[0].text)
    for stage in file.inherited():
        for run in stage.all("RUN"):
            if tool := BUILD_TOOLS.search(run.value):
                wanted = "nothing to be built or installed by a package manager in the image's own stage"
                yield Problem(file.where(run.line), wanted, tool[0])


def dependencies_come_first(file: Dockerfile) -> Iterator[Problem]:
    """Dependencies are installed, as the lock file says, before any source is copied."""
    installed = False
    for stage in file.stages:
        copied: list[Instruction] = []
        for instruction in stage.instructions:
            if instruction.name in ("COPY", "ADD") and file.stage(instruction.flag("from")) is None:
                copied.append(instruction)
            elif instruction.name == "RUN" and INSTALLS.search(instruction.value) and not installed:
                installed = True
                yield from _of_install(file, instruction, copied)
    if not installed:
        wanted = "a RUN that installs the dependencies, as the lock file says"
        yield Problem(file.where(file.stages[0].line), wanted, "none")


def _of_install(file: Dockerfile, run: Instruction, copied: list[Instruction]) -> Iterator[Problem]:
    for copy in copied:
        source = [path for path in copy.words[:-1] if not _is_manifest(path)]
        if source and not _is_program(copy):
            yield Problem(
                file.where(copy.line),
                f"nothing but the lock file and its like before the dependencies are installed (line {run.line}): "
                "a change of the source must not install them again",
                f"{copy.name} {copy.value}",
            )
    if not BY_LOCK.search(run.value):
        wanted = "dependencies exactly as the lock file has them, such as uv sync --locked"
        yield Problem(file.where(run.line), wanted, run.value)
    if DEVELOPMENT.search(run.value):
        yield Problem(file.where(run.line), "no tools of development in the image: --no-dev", run.value)


def _is_manifest(path: str) -> bool:
    return bool(MANIFESTS.fullmatch(PurePosixPath(path).name))


def _is_program(copy: Instruction) -> bool:
    """Whether this brings a tool from an image, such as uv."""
    return bool(re.search(r"[:/@]", copy.flag("from")))


def source_comes_last(file: Dockerfile) -> Iterator[Problem]:
    """In the image's own stage the source comes after what an earlier stage has built."""
    copies = [copy for stage in file.inherited() for copy in stage.all("COPY", "ADD")]
    built = [number for number, copy in enumerate(copies) if file.stage(copy.flag("from"))]
    for copy in copies[: built[0]] if built else []:
        if not copy.flag("from") and not all(map(_is_manifest, copy.words[:-1])):
            wanted = "the source after what an earlier stage has built: what changes most comes last"
            yield Problem(file.where(copy.line), wanted, f"{copy.name} {copy.value}")


def context_is_clean(ignored: Ignored, needed: Collection[str]) -> Iterator[Problem]:
    """The build context has what the build needs, and nothing that is nobody's business."""
    for path, what in KEPT_OUT.items():
        if path not in ignored:
            yield Problem(".dockerignore", f"{path} to be kept out of the context: it is {what}", "it is let in")
    for path in needed:
        if path in ignored:
            yield Problem(".dockerignore", f"{path} in the context: the Dockerfile copies it", "it is kept out")


def copied_paths(file: Dockerfile) -> set[str]:
    """The files and folders of the build context that the Dockerfile names."""
    found: set[str] = set()
    for stage in file.stages:
        for instruction in stage.instructions:
            if instruction.name in ("COPY", "ADD") and not instruction.flag("from"):
                found |= {path.removeprefix("./") for path in instruction.words[:-1]}
            found |= {m["source"] for m in instruction.mounts if m.get("type") == "bind" and not m.get("from")}
    return {path for path in found if path not in ("", ".", "/") and "*" not in path and "://" not in path}


def runs_as_somebody(file: Dockerfile) -> Iterator[Problem]:
    """The program runs as a user without rights, named by number."""
    user = file.last("USER")
    wanted = (
        "USER with a number other than 0, such as USER 10001: then whoever runs the image can see that it is not root"
    )
    if user is None:
        yield Problem(file.where(file.image.line), wanted, "no USER, so root")
    elif not re.fullmatch(r"[1-9]\d*(:\d+)?", user.value.strip()):
        yield Problem(file.where(user.line), wanted, f"USER {user.value}")


def holds_no_secret(file: Dockerfile) -> Iterator[Problem]:
    """No secret is written into a layer or into the history; whoever can pull the image can read both."""
    wanted = "no secret in an image: it is told by the environment at the start, or mounted by RUN --mount=type=secret"
    for stage in file.stages:
        for instruction in stage.instructions:
            named = instruction.pairs() if instruction.name in ("ENV", "ARG") else {}
            found = [name for name, value in named.items() if is_secret_name(name) or password_in(value)]
            if instruction.name in ("COPY", "ADD"):
                found += [path for path in instruction.words[:-1] if is_secret_file(path)]
            if found:
                yield Problem(file.where(instruction.line), wanted, f"{instruction.name} of {found[0]}")


def starts_directly(file: Dockerfile) -> Iterator[Problem]:
    """The program is the container's first process, and gets its signals: no shell in between."""
    commands = [found for name in ("ENTRYPOINT", "CMD") if (found := file.last(name))]
    if not commands:
        yield Problem(file.where(file.image.line), "a CMD that starts the program", "none")
    for command in commands:
        if command.arguments is None:
            example = f"{command.name} {_example(command.value)}"
            wanted = f"{command.name} as a JSON list, such as {example}: a shell in between keeps SIGTERM to itself"
            yield Problem(file.where(command.line), wanted, f"{command.name} {command.value}")
        elif command is commands[0] and command.arguments[0].startswith(PLACES):
            wanted = "a program that is found by PATH, which ENV sets"
            yield Problem(file.where(command.line), wanted, command.arguments[0])


def _example(value: str) -> str:
    return json.dumps(shlex.split(value.replace("exec ", "", 1)))


def checks_its_health(file: Dockerfile) -> Iterator[Problem]:
    """The image says how to see that the program serves, how often and how long to wait, with what is in it."""
    check = file.last("HEALTHCHECK")
    if check is None or not re.match(r"CMD\s", check.value):
        yield Problem(file.where(file.image.line), "HEALTHCHECK … CMD …", check.value if check else "none")
        return
    for flag in ("interval", "timeout"):
        if not check.flag(flag):
            yield Problem(file.where(check.line), f"HEALTHCHECK with --{flag}: the default is 30 s", "none")
    tool = re.search(r"\b(curl|wget)\b", check.value)
    if tool and not file.image.base.startswith(("alpine", "busybox")):
        wanted = "a check that needs no program beside yours: slim images have no curl"
        yield Problem(file.where(check.line), wanted, check.value)


def health_command_of(file: Dockerfile) -> str:
    """The command of the image's health check, for a shell; empty when there is none."""
    check = file.last("HEALTHCHECK")
    if check is None:
        return ""
    command = Instruction(check.line, "CMD", (), re.sub(r"^CMD\s+", "", check.value))
    return shlex.join(command.arguments) if command.arguments else command.value


RULES = (
    builds_in_stages,
    images_are_pinned,
    image_is_small,
    dependencies_come_first,
    source_comes_last,
    runs_as_somebody,
    holds_no_secret,
    starts_directly,
    checks_its_health,
)
