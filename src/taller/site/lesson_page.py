"""What a lesson's page shows of its manifest: a table of the steps, and a line under the heading of each."""

import re

from taller.catalog import Lesson, Step

SECTION = re.compile(r"^## ", re.MULTILINE)


def add_steps(markdown: str, lesson: Lesson) -> tuple[str, list[str]]:
    """The page with its steps' points and needs, and what is wrong: steps that have no heading."""
    problems = []
    for step in lesson.steps:
        heading = _heading(step).search(markdown)
        if heading:
            markdown = f"{markdown[: heading.end()]}\n\n{_line(step, lesson)}\n{markdown[heading.end() :]}"
        else:
            problems.append(f"step '{step.id}' has no heading '## {step.title} {{#{step.id}}}'")
    return _insert_before_first_section(markdown, _table(lesson)), problems


def _heading(step: Step) -> re.Pattern[str]:
    return re.compile(rf"^##+ .*\{{[^}}]*#{re.escape(step.id)}\b(?!-)[^}}]*\}}[ ]*$", re.MULTILINE)


def _line(step: Step, lesson: Lesson) -> str:
    command = f"`taller check {_short(lesson)} --step {step.id}`"
    parts = [f"**{_points(step.points)}**", *_needs(step, lesson), "already written" if step.given else command]
    return f"{' · '.join(parts)}\n{{ .step }}"


def _needs(step: Step, lesson: Lesson) -> list[str]:
    links = ", ".join(f"[{lesson.step(need).title}](#{need})" for need in step.needs)
    return [f"after {links}"] if links else []


def _table(lesson: Lesson) -> str:
    rows = [
        f"| {number} | [{step.title}](#{step.id}){' (already written)' if step.given else ''} | {step.points} |"
        for number, step in enumerate(lesson.steps, start=1)
    ]
    head = ["| | Step | Points |", "|--:|:--|--:|"]
    return "\n".join([*head, *rows, f"| | **Together** | **{lesson.points}** |"])


def _insert_before_first_section(markdown: str, block: str) -> str:
    section = SECTION.search(markdown)
    start = section.start() if section else len(markdown)
    return f"{markdown[:start]}\n{block}\n\n{markdown[start:]}"


def _short(lesson: Lesson) -> str:
    return lesson.name.partition("_")[0]


def _points(count: int) -> str:
    return f"{count} point" if count == 1 else f"{count} points"
