"""Whether a lesson has all of its parts, and whether they speak of the same steps. Nothing is run here."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat

from taller.authoring.errors import AuthoringError
from taller.authoring.mutants import mutants_file, mutants_of
from taller.authoring.page import headings, includes, pages_of
from taller.authoring.regions import regions
from taller.authoring.starter import files_of
from taller.authoring.suite import marked_steps
from taller.authoring.variants import variants_of
from taller.catalog import Course, Lesson

SECTIONS = ("what-you-build", "why", "predict", "contract", "check-yourself", "if-it-fails", "recap", "sources")
LEFT_TO_WRITE = re.compile(r"\bWRITE: (?P<what>.*?)(?: -->.*)?$")
LEAST_HINTS = 2
LEAST_MUTANTS = 2


def problems_of_parts(course: Course, lesson: Lesson) -> list[str]:
    """What is missing, and what belongs to a step that does not exist: a line each, beginning with the file."""
    problems: list[str] = []
    for look in (_manifest, _solution, _pages, _suite, _mutants, _variants, _notebook, _left_to_write):
        try:
            problems += look(course, lesson)
        except AuthoringError as error:
            problems.append(str(error))
    return problems


def shown_regions(course: Course, lesson: Lesson) -> set[str]:
    """What a page has to include: every step's regions, as pymdownx.snippets names them."""
    return {
        f"solutions/{lesson.name}/{path}:{region.step}"
        for path, text in _texts(course.solutions / lesson.name)
        for region in regions(text, f"{lesson.name}/{path}", lesson)
    }


def _manifest(course: Course, lesson: Lesson) -> Iterator[str]:
    for step in lesson.steps:
        if len(step.hints) < LEAST_HINTS:
            yield f"lessons/{lesson.name}.toml: step {step.id!r}: write at least {LEAST_HINTS} hints"


def _solution(course: Course, lesson: Lesson) -> Iterator[str]:
    if not (course.solutions / lesson.name).is_dir():
        yield f"solutions/{lesson.name}: write the solution"
        return
    there = {region.rpartition(":")[2] for region in shown_regions(course, lesson)}
    for step in lesson.steps:
        if step.id not in there:
            yield f"solutions/{lesson.name}: step {step.id!r}: mark its code with --8<-- [start:{step.id}]"


def _pages(course: Course, lesson: Lesson) -> Iterator[str]:
    for page in pages_of(course, lesson):
        where = page.relative_to(course.root).as_posix()
        if page.exists():
            yield from _page(page.read_text(encoding="utf-8"), where, course, lesson)
        else:
            yield f"{where}: write the page"


def _page(text: str, where: str, course: Course, lesson: Lesson) -> Iterator[str]:
    steps = {step.id: step.title for step in lesson.steps}
    there = Counter(heading.id for heading in headings(text))
    for section in SECTIONS:
        if there[section] != 1:
            yield f"{where}: the section {{#{section}}} is due once, it is there {there[section]} times"
    for step, title in steps.items():
        if there[step] != 1:
            yield f"{where}: the heading '## {title} {{#{step}}}' is due once, it is there {there[step]} times"
    for heading in headings(text):
        if heading.level == 2 and heading.id not in {*SECTIONS, *steps}:
            yield f"{where}:{heading.line}: {heading.title!r} is no section of a lesson's page and no step of this one"
    ours = {path for path in includes(text) if path.startswith(f"solutions/{lesson.name}/") and ":" in path}
    expected = shown_regions(course, lesson)
    for path in sorted(expected - ours):
        yield f'{where}: show the region: --8<-- "{path}"'
    for path in sorted(ours - expected):
        yield f"{where}: shows {path}, which is no region of the solution"


def _suite(course: Course, lesson: Lesson) -> Iterator[str]:
    suite = course.suite(lesson)
    where = suite.relative_to(course.root).as_posix()
    if not suite.exists():
        yield f"{where}: write the suite"
        return
    steps = {step.id for step in lesson.steps}
    marked = marked_steps(suite)
    for step in lesson.steps:
        if step.id not in {name for _, name in marked}:
            yield f"{where}: step {step.id!r}: mark a test with @pytest.mark.step({step.id!r})"
    for line, name in marked:
        if name not in steps:
            yield f"{where}:{line}: {name!r} is no step of {lesson.name}"


def _mutants(course: Course, lesson: Lesson) -> Iterator[str]:
    there = Counter(mutant.step for mutant in mutants_of(course, lesson))
    where = mutants_file(course, lesson).relative_to(course.root).as_posix()
    for step in lesson.steps:
        if there[step.id] < LEAST_MUTANTS:
            yield f"{where}: step {step.id!r}: {there[step.id]} of at least {LEAST_MUTANTS} mutants are written"


def _variants(course: Course, lesson: Lesson) -> Iterator[str]:
    if not variants_of(course, lesson):
        yield f"tests/variants/{lesson.name}: write a variant, another right solution"


def _notebook(course: Course, lesson: Lesson) -> Iterator[str]:
    path = course.notebook(lesson)
    where = path.relative_to(course.root).as_posix()
    if not path.exists():
        yield f"{where}: write the notebook"
        return
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    if not any(cell.get("outputs") for cell in notebook.cells):
        yield f"{where}: run it and store its outputs"


def _left_to_write(course: Course, lesson: Lesson) -> Iterator[str]:
    """What ``taller author new`` has marked, in any part."""
    folders = (course.solutions / lesson.name, course.tests / "variants" / lesson.name)
    files = [folder / path for folder in folders for path, _ in _texts(folder)]
    files += [course.lessons_dir / f"{lesson.name}.toml", *pages_of(course, lesson), course.suite(lesson)]
    files += [mutants_file(course, lesson), course.notebook(lesson)]
    for file in filter(Path.exists, files):
        where = file.relative_to(course.root).as_posix()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if mark := LEFT_TO_WRITE.search(line):
                yield f"{where}:{number}: write {mark['what']}"


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path, content in files_of(folder).items():
        try:
            yield path, content.decode()
        except UnicodeDecodeError:
            continue
