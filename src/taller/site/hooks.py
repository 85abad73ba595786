"""mkdocs hooks: fill the navigation, and show on the pages what the catalogue knows."""

from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority, get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from taller.catalog import Course
from taller.site.home_page import link_lessons
from taller.site.lesson_page import add_steps
from taller.site.notebook_fence import NotebookFence
from taller.site.step_code import show_all_regions
from taller.site.terminal_fence import TerminalFence

log = get_plugin_logger(__name__)

AFTER_I18N = -200


def on_config(config: MkDocsConfig) -> None:
    """Add the fences for notebook cells and terminal sessions."""
    course = _course(config)
    formatters = {"notebook": NotebookFence(course.notebooks), "terminal": TerminalFence(course.root)}
    config.mdx_configs.setdefault("pymdownx.superfences", {})["custom_fences"] = [
        {"name": name, "class": name, "format": formatter} for name, formatter in formatters.items()
    ]


@event_priority(AFTER_I18N)
def on_files(files: Files, config: MkDocsConfig) -> None:
    """Put the lessons of the language that is built into the navigation."""
    paths = [path for name, path in sorted(_lesson_pages(files).items())]
    for item in config.nav or []:
        if isinstance(item, dict) and "Lessons" in item:
            item["Lessons"] = paths


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Add what the page's manifest says to a lesson, and links to the home page's list of lessons."""
    name = PurePosixPath(page.file.src_uri).stem
    lessons = {lesson.name: lesson for lesson in _course(config).lessons}
    if name in lessons:
        markdown = show_all_regions(markdown, _course(config), lessons[name])
        markdown, problems = add_steps(markdown, lessons[name])
    elif name == "index":
        markdown, problems = link_lessons(markdown, _lesson_pages(files).keys())
    else:
        problems = []
    for problem in problems:
        log.warning("%s: %s", page.file.src_uri, problem)
    return markdown


def _course(config: MkDocsConfig) -> Course:
    return Course(Path(config.config_file_path).parent)


def _lesson_pages(files: Files) -> dict[str, str]:
    """Where each lesson's page is in the docs, by the lesson's name."""
    uris = [PurePosixPath(file.src_uri) for file in files.documentation_pages()]
    return {uri.stem: str(uri) for uri in uris if uri.stem.startswith("lesson")}
