"""Whether exercises/ is what a sync would write."""

import subprocess
from pathlib import Path

from taller.authoring.starter import Files, files_of, starter_of
from taller.authoring.sync import manifest, manifest_of
from taller.catalog import Course, Lesson


def problems_of_exercise(course: Course, lesson: Lesson) -> list[str]:
    """Where the exercise is not the solution's starter, byte for byte.

    A learner works in it, so the files may differ as long as those that git has committed do not.
    """
    starter = starter_of(course, lesson)
    expected = {**starter, _manifest_name(course, lesson): manifest_of(starter).encode()}
    problems = _differences(expected, _here(course, lesson, starter), lesson)
    committed = _committed(course, lesson) if problems else None
    return problems if committed is None else _differences(expected, committed, lesson)


def _differences(expected: Files, found: Files, lesson: Lesson) -> list[str]:
    missing = [f"{path} is missing" for path in expected if path not in found]
    changed = [f"{path} is not up to date" for path in expected if path in found and found[path] != expected[path]]
    surplus = [f"{path} is in no solution" for path in found if path not in expected]
    return [f"exercises/{lesson.name}: {what}; run: taller author sync" for what in [*missing, *changed, *surplus]]


def _manifest_name(course: Course, lesson: Lesson) -> str:
    return f"../{manifest(course, lesson).relative_to(course.exercises).as_posix()}"


def _here(course: Course, lesson: Lesson, starter: Files) -> Files:
    files = {path: content for path, content in files_of(course.exercises / lesson.name).items() if path in starter}
    path = manifest(course, lesson)
    return {**files, _manifest_name(course, lesson): path.read_bytes()} if path.exists() else files


def _committed(course: Course, lesson: Lesson) -> Files | None:
    """The exercise as git has it committed; None where there is no git or nothing committed."""
    paths = [course.exercises / lesson.name, manifest(course, lesson)]
    listed = _git(course, "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", *map(str, paths))
    if not listed:
        return None
    files: Files = {}
    for name in listed.decode().rstrip("\0").split("\0"):
        path = course.root / name
        relative = _manifest_name(course, lesson) if path == paths[1] else path.relative_to(paths[0]).as_posix()
        files[relative] = _git(course, "show", f"HEAD:{name}") or b""
    return files


def _git(course: Course, *arguments: str) -> bytes | None:
    try:
        return subprocess.run(["git", *arguments], cwd=Path(course.root), capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
