"""A starter: the solution with a gap where each step's code was."""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

from taller.authoring.errors import AuthoringError
from taller.authoring.regions import Region, regions
from taller.catalog import Course, Lesson

IGNORED = ("__pycache__", "*.pyc", ".mypy_cache", ".pytest_cache", ".ruff_cache", "node_modules")

Files = dict[str, bytes]
"""What a folder holds, by path relative to it."""


def starter_of(course: Course, lesson: Lesson) -> Files:
    """The files of the lesson's starter, by path relative to its folder.

    Raises ``AuthoringError`` with file and line where the solution's regions do not make one.
    """
    folder = course.solutions / lesson.name
    if not folder.is_dir():
        raise AuthoringError(f"solutions/{lesson.name}: there is no solution")
    return {path: _starter(content, f"{lesson.name}/{path}", lesson) for path, content in files_of(folder).items()}


def files_of(folder: Path) -> Files:
    """What a folder holds, without what tools leave behind."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    relative = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: path.read_bytes() for name, path in relative.items() if not is_left_behind(Path(name))}


def is_left_behind(path: Path) -> bool:
    """Whether a tool, not a person, made this file."""
    return any(Path(part).match(pattern) for part in path.parts for pattern in IGNORED)


def write(files: Files, folder: Path) -> None:
    """Write files into a folder; what else is there stays."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def replace(files: Files, folder: Path) -> None:
    """Make a folder hold these files and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    write(files, folder)


def _starter(content: bytes, file: str, lesson: Lesson) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    is_python = file.endswith(".py")
    starter = derive(text, regions(text, file, lesson), lesson, is_python=is_python)
    if is_python:
        _check(starter, file)
    return starter.encode()


def derive(text: str, found: list[Region], lesson: Lesson, *, is_python: bool) -> str:
    """The text with the regions of open steps replaced, and those of given steps kept without their markers."""
    lines = text.splitlines(keepends=True)
    for region in reversed(found):
        step = lesson.step(region.step)
        if step.given:
            kept = lines[region.start + 1 : region.end]
        else:
            kept = [f"{line}\n" for line in _gap(region, step.title, is_python=is_python)]
        lines[region.first : region.end + 1] = kept
    return "".join(lines)


def _gap(region: Region, title: str, *, is_python: bool) -> Iterator[str]:
    yield f"{region.indent}{region.comment}TODO {region.step}: {title}{region.closing}"
    if region.instead is not None:
        yield from (f"{region.indent}{line}".rstrip() for line in region.instead)
    elif is_python:
        yield f'{region.indent}raise NotImplementedError("{region.step}")'


def _check(starter: str, file: str) -> None:
    """Raise ``AuthoringError`` for a starter that could not be imported."""
    hint = "say with 'starter:' lines what stands there instead"
    try:
        tree = ast.parse(starter)
    except SyntaxError as error:
        line = starter.splitlines()[max(0, (error.lineno or 1) - 1)].strip()
        raise AuthoringError(f"{file}: the starter is no Python at {line!r}: {error.msg}; {hint}") from error
    for statement in _run_at_import(tree):
        code = ast.unparse(statement)
        if isinstance(statement, ast.Raise) and code.startswith("raise NotImplementedError("):
            raise AuthoringError(f"{file}: the starter cannot be imported: {code} runs at once; {hint}")


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _run_at_import(child)
