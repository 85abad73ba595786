"""What a lesson's page shows of its manifest: a table of the steps, and a line under the heading of each."""

from taller.authoring.page import headings
from taller.catalog import Lesson, Step


def add_steps(markdown: str, lesson: Lesson) -> tuple[str, list[str]]:
    """The page with its steps' points and needs, and what is wrong: steps that have no heading."""
    lines = markdown.splitlines()
    found = headings(markdown)
    line_of = {heading.id: heading.line for heading in found}
    first_section = next((heading.line - 1 for heading in found if heading.level == 2), len(lines))
    additions = {first_section: _table(lesson)}
    additions |= {line_of[step.id]: _facts(step, lesson) for step in lesson.steps if step.id in line_of}
    for line, block in sorted(additions.items(), reverse=True):
        lines[line:line] = ["", *block, ""]
    problems = [
        f"step '{step.id}' has no heading '## {step.title} {{#{step.id}}}'"
        for step in lesson.steps
        if step.id not in line_of
    ]
    return "\n".join(lines), problems


def _table(lesson: Lesson) -> list[str]:
    head = ["| # | Step | Points |", "|--:|:--|--:|"]
    rows = [f"| {number} | {_entry(step)} | {step.points} |" for number, step in enumerate(lesson.steps, start=1)]
    return [*head, *rows, f"| | **Together** | **{lesson.points}** |"]


def _entry(step: Step) -> str:
    return f"[{step.title}](#{step.id}){' (already written)' if step.given else ''}"


def _facts(step: Step, lesson: Lesson) -> list[str]:
    facts = [f"**{_points(step.points)}**"]
    if step.needs:
        facts.append(f"after {', '.join(f'[{lesson.step(need).title}](#{need})' for need in step.needs)}")
    facts.append("already written" if step.given else f"`taller check {_short(lesson)} --step {step.id}`")
    return [" · ".join(facts), "{ .step }"]


def _short(lesson: Lesson) -> str:
    return lesson.name.partition("_")[0]


def _points(count: int) -> str:
    return f"{count} point" if count == 1 else f"{count} points"
