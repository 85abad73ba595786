"""Commands that go on until they are ended: what they do meanwhile, and that they leave nothing."""

import re
import shutil
import signal
import socket
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from taller.catalog import Course
from taller.grading import eventually

from .conftest import LONG, Open, Session, gone
from .test_commands import solve

HANGING = """
import time
from pathlib import Path
import taller.grading.plugin

taller.grading.plugin.TEST_SECONDS = 1000

@pytest.mark.step("list")
def test_that_hangs(web):
    Path(__file__).with_name("hangs").touch()
    time.sleep(1000)
"""


def get(url: str) -> tuple[int, str]:
    """Status and body; ``OSError`` when nobody answers."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


def url_in(text: str, before: str = "") -> str:
    """The first address that was printed after this word."""
    match = re.search(rf"{before}\s+(http://127\.0\.0\.1:\d+\S*)", text)
    assert match, text
    return match[1]


def free(url: str) -> None:
    """Raise ``OSError`` when somebody still listens there."""
    with socket.create_server(("127.0.0.1", int(url.split(":")[2].split("/")[0]))):
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_serves_until_it_is_told_to_end(session: Open, number: int) -> None:
    running = session("run", "1", "--solution")
    url = url_in(running.says("Ctrl-C ends it."), r"web\.1")
    assert get(f"{url}/add") == (200, '["a note"]')
    family, states = running.family(), running.states()
    assert len(family) == 3
    assert len(states) == 1

    assert running.end(number) == 0

    gone(family)
    free(url)
    assert not [state for state in states if state.exists()]
    assert re.search(r"web\.1 +\| \[serving\]", running.text)
    assert running.text.endswith("stopped\n")


def test_run_says_when_the_pages_port_is_taken(session: Open) -> None:
    # Whoever has it, it is taken: the test takes it, or somebody had it before.
    with ExitStack() as held:
        with suppress(OSError):
            held.enter_context(socket.create_server(("127.0.0.1", 8000)))
        running = session("run", "1", "--solution")
        port = url_in(running.says("Ctrl-C ends it."), r"web\.1").rpartition(":")[2]
        assert f"port 8000, which the pages' commands use, is taken: use {port} instead" in running.text
        running.end(signal.SIGINT)


def test_run_takes_a_lessons_variable_from_the_environment_if_it_is_there(
    session: Open, shop: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = shop.root / "lessons" / "lesson01_notes.toml"
    manifest.write_text('environment = { FIRST = "given", SECOND = "given" }\n' + manifest.read_text())
    folder = shop.solutions / "lesson01_notes"
    (folder / "Procfile").write_text("web: echo $FIRST $SECOND; exec python app.py\n")
    monkeypatch.setenv("SECOND", "chosen")

    running = session("run", "1", "--solution")

    running.says("Ctrl-C ends it.")
    assert re.search(r"web\.1 +\| given chosen", running.text)


def test_run_ends_with_status_1_when_a_process_ends(session: Open) -> None:
    running = session("run", "1", "--solution")
    running.says("Ctrl-C ends it.")

    running.family()[-1].kill()

    assert running.process.wait(LONG) == 1
    assert "web.1 ended with status -9" in running.text


def test_run_says_why_a_program_does_not_start(session: Open, shop: Course) -> None:
    (shop.exercises / "lesson01_notes" / "app.py").write_text("\n1 / 0\n")

    running = session("run")

    assert running.process.wait(LONG) == 1
    assert "ZeroDivisionError: division by zero (exercises/lesson01_notes/app.py, line 2)" in running.text


def test_demo_goes_on_after_its_story_until_it_is_told_to_end(session: Open) -> None:
    showing = session("demo")
    assert "✓ it is there: 200" in showing.says("Ctrl-C ends it.")
    family, states = showing.family(), showing.states()
    assert states

    assert showing.end() == 0

    gone(family)
    assert not [state for state in states if state.exists()]


def test_a_demo_that_is_ended_within_its_story_has_not_told_it(session: Open, shop: Course) -> None:
    (shop.solutions / "lesson02_clock" / "story.py").write_text("import time\nprint('once')\ntime.sleep(1000)\n")
    showing = session("demo", "--once")
    showing.says("once")
    family = showing.family()

    assert showing.end() == 1

    gone(family)


def test_a_killed_run_leaves_no_process(session: Open) -> None:
    running = session("run", "1", "--solution")
    url = url_in(running.says("Ctrl-C ends it."), r"web\.1")
    family = running.family()

    running.end(signal.SIGKILL)

    gone(family)
    free(url)


def test_watch_checks_at_every_save(session: Open, shop: Course) -> None:
    watching = session("watch")
    first = watching.says("save to check again")
    assert "✗ list" in first
    assert "1 of 6 points" in first

    said = len(watching.text)
    solve(shop, "list")
    second = watching.says("save to check again", said)
    assert "✓ list" in second
    assert "3 of 6 points" in second

    said = len(watching.text)
    app = shop.exercises / "lesson01_notes" / "app.py"
    kept = app.read_text()
    app.write_text("def (:\n" + kept)
    broken = watching.says("save to check again", said)
    assert "✗ add" in broken
    assert "SyntaxError: invalid syntax (exercises/lesson01_notes/app.py, line 1)" in broken

    said = len(watching.text)
    app.write_text(kept)
    solve(shop, "add")
    last = watching.says("lesson02_clock", said)
    assert "6 of 6 points" in last
    assert "lesson01_notes is done. How we did it: taller solution lesson01_notes" in last

    family = watching.family()
    assert watching.end() == 0
    gone(family)


def hanging(session: Open, shop: Course) -> tuple[Session, set[Path]]:
    """A watch whose check hangs, and the state directories of its submission."""
    suite = shop.suite(shop.lesson("1"))
    suite.write_text(suite.read_text() + HANGING)
    watching = session("watch")
    eventually(suite.with_name("hangs").exists, within=LONG, expected="the test to hang")
    states = watching.states()
    assert states
    return watching, states


def test_the_next_save_ends_a_check_that_is_under_way(session: Open, shop: Course) -> None:
    watching, states = hanging(session, shop)
    suite = shop.suite(shop.lesson("1"))
    suite.write_text(suite.read_text().replace(HANGING, ""))

    (shop.exercises / "lesson01_notes" / "app.py").touch()

    watching.says("save to check again")
    assert not [state for state in states if state.exists()]
    assert "✗ list  List notes  0/2  failed" in watching.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ending_watch_in_mid_check_leaves_nothing(session: Open, shop: Course, number: int) -> None:
    watching, states = hanging(session, shop)
    family = watching.family()

    assert watching.end(number) == 0

    gone(family)
    assert not [state for state in states if state.exists()]


def test_killing_watch_in_mid_check_leaves_no_process(session: Open, shop: Course) -> None:
    watching, states = hanging(session, shop)
    family = watching.family()

    watching.end(signal.SIGKILL)

    gone(family)
    assert not [state for state in states if state.exists()]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A copy of the real course, without what is only for its authors."""
    real = Course.find(Path(__file__))
    ignored = shutil.ignore_patterns("__pycache__", ".mypy_cache", ".ruff_cache", "taller")
    for name in ("lessons", "solutions", "exercises", "notebooks", "tests"):
        shutil.copytree(real.root / name, tmp_path / "course" / name, ignore=ignored)
    for name in ("site", "catalog", "authoring"):
        shutil.copytree(real.root / "src" / "taller" / name, tmp_path / "course" / "src" / "taller" / name)
    shutil.copy(real.root / "mkdocs.yml", tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_start_serves_the_course_and_leaves_nothing(session: Open, course: Course, number: int) -> None:
    started = session("start", root=course.root)
    url = url_in(started.says("Ctrl-C ends it."), "read")
    home = url.rsplit("/", 1)[0] + "/"

    assert get(home)[0] == 200
    states = eventually(started.states, within=LONG, expected="the first lesson to be checked")
    family = started.family()
    status = started.end(number)

    assert status == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    gone(family)
    free(url)
    assert number == signal.SIGKILL or not [state for state in states if state.exists()]


def test_start_builds_the_site_and_checks_the_first_lesson(session: Open, course: Course) -> None:
    started = session("start", root=course.root)
    url = url_in(started.says("Ctrl-C ends it."), "read")

    assert "lesson01_rest_crud" in started.says("save to check again")
    assert "A REST API from nothing" in eventually(lambda: page(url), within=LONG, expected="the page to be built")


def page(url: str) -> str:
    """The page, once it is there."""
    try:
        return get(url)[1]
    except OSError:
        return ""
