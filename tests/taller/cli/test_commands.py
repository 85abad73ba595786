"""Commands that end by themselves: what they print, keep and return."""

import json
import os
import pty
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from taller.catalog import Course

from .conftest import TALLER, Taller, environment
from .shop import PROGRAM

LESSONS = "lesson01_notes, lesson02_clock"
SLOW = """
import pytest

@pytest.fixture(scope="module", autouse=True)
def slow(request):
    request.config.hook.pytest_taller_progress(line="fetching something")
"""


def solve(shop: Course, *steps: str) -> None:
    """Fill in these steps of the first exercise, and leave the others as they are."""
    gaps = {"list": "return NOTES", "add": "NOTES.append(text)\n    return NOTES"}
    path = shop.exercises / "lesson01_notes" / "app.py"
    text = path.read_text()
    for step in steps:
        text = text.replace(f'raise NotImplementedError("{step}")', gaps[step])
    path.write_text(text)


def test_alone_it_shows_where_one_is(taller: Taller) -> None:
    done = taller()

    assert done.returncode == 0
    assert re.search(r"▸\s+lesson01_notes\s+Keep notes\s+━+\s+0/6", done.stdout)
    assert re.search(r"lesson02_clock\s+Tell the time\s+━+\s+0/1", done.stdout)
    assert "Next: List notes (lesson01_notes, step list)" in done.stdout
    assert "write  exercises/lesson01_notes" in done.stdout


def test_alone_in_json(taller: Taller) -> None:
    done = taller("--json")

    assert json.loads(done.stdout) == {
        "lessons": [
            {"name": "lesson01_notes", "earned": 0, "total": 6},
            {"name": "lesson02_clock", "earned": 0, "total": 1},
        ],
        "current": "lesson01_notes",
        "step": "list",
    }


def test_check_a_starter(taller: Taller) -> None:
    done = taller("check")

    assert done.returncode == 1
    assert "✓ health  Tell that you are there  1/1" in done.stdout
    assert "✗ list    List notes  0/2  failed" in done.stdout
    assert "the step 'list' is still open (exercises/lesson01_notes/app.py, line 17)" in done.stdout
    assert "· add     Add a note  0/3  blocked" in done.stdout
    assert "read on   lessons/en/lesson01_notes.md#list" in done.stdout
    assert "1 of 6 points" in done.stdout


def test_check_a_solution(taller: Taller, tmp_path: Path) -> None:
    done = taller(
        "check", "1", "--submission", "solutions", "--json", "--seed", "5", "--junit", str(tmp_path / "j.xml")
    )

    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert (report["lesson"], report["earned"], report["total"], report["seed"]) == ("lesson01_notes", 6, 6, 5)
    assert len(Xml.parse(tmp_path / "j.xml").findall("testsuite/testcase")) == 3
    assert json.loads(taller("--json").stdout)["lessons"][0]["earned"] == 0, "somebody else's work is not the learner's"


def test_check_one_step(taller: Taller) -> None:
    done = taller("check", "--step", "health")

    assert done.returncode == 0
    assert "1 of 6 points" in done.stdout


def test_what_takes_its_time_is_told_meanwhile(taller: Taller, shop: Course) -> None:
    (shop.tests / "lessons" / "conftest.py").write_text(SLOW)

    done = taller("check", "--json")

    assert "fetching something\n" in done.stderr
    assert json.loads(done.stdout)["earned"] == 1


def test_progress_is_kept(taller: Taller, shop: Course) -> None:
    solve(shop, "list")
    assert taller("check").returncode == 1
    assert "Next: Add a note" in taller().stdout

    solve(shop, "add")
    assert taller("check").returncode == 0

    assert json.loads(taller("--json").stdout) == {
        "lessons": [
            {"name": "lesson01_notes", "earned": 6, "total": 6},
            {"name": "lesson02_clock", "earned": 0, "total": 1},
        ],
        "current": "lesson02_clock",
        "step": "tell",
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check", "lesson99"], f"no lesson 'lesson99': there are {LESSONS}"),
        (["check", "lesson"], f"'lesson' could be any of {LESSONS}"),
        (["watch", "7"], f"no lesson '7': there are {LESSONS}"),
        (["hint", "x"], f"no lesson 'x': there are {LESSONS}"),
        (["check", "--step", "lits"], "lesson01_notes has no step 'lits'; it has health, list, add"),
        (["hint", "--step", "lits"], "lesson01_notes has no step 'lits'; it has health, list, add"),
        (["check", "--sed", "1"], "No such option: --sed"),
        (["chek"], "No such command 'chek'"),
    ],
)
def test_wrong_use(taller: Taller, words: list[str], message: str) -> None:
    done = taller(*words)

    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_a_service_that_cannot_be_had_is_the_machines_trouble(taller: Taller) -> None:
    done = taller("check", "2", "--json", REDIS_URL="redis://127.0.0.1:1/0")

    assert done.returncode == 3
    assert json.loads(done.stdout)["verdict"] == "error"
    assert "REDIS_URL is set, and the server it names does not answer" in done.stdout
    assert taller("run", "2", REDIS_URL="redis://127.0.0.1:1/0").returncode == 3


def test_a_suite_that_cannot_be_read_is_nobodys_failure(taller: Taller, shop: Course) -> None:
    shop.suite(shop.lesson("1")).write_text("def (:\n")

    done = taller("check")

    assert done.returncode == 3
    assert "test_lesson01_notes.py" in done.stderr
    assert "SyntaxError" in done.stderr


def test_a_manifest_that_is_wrong_is_named(taller: Taller, shop: Course) -> None:
    (shop.lessons_dir / "lesson02_clock.toml").write_text('title = "[b]"\nsteps = ["[/b]"]')

    done = taller()

    assert done.returncode == 2
    assert "lesson02_clock.toml: steps: '[/b]' is no table, as [[steps]] begins one" in done.stderr


def test_progress_that_cannot_be_read_is_named(taller: Taller, shop: Course) -> None:
    shop.progress.mkdir()
    (shop.progress / "progress.json").write_text("{")

    done = taller()

    assert done.returncode == 2
    assert "progress.json: cannot be read" in done.stderr
    assert "delete it to start afresh" in done.stderr


def test_each_hint_says_more(taller: Taller) -> None:
    first, second, third = (taller("hint").stdout for _ in range(3))

    assert "List notes (lesson01_notes, step list)" in first
    assert "1. A list is a list." in first
    assert "brackets" not in first
    assert "1 more: taller hint\n" in first
    assert "2. [brackets] stay: return NOTES" in second
    assert "That was the last one." in second == third
    assert json.loads(taller("hint", "--step", "add", "--json").stdout) == {
        "lesson": "lesson01_notes",
        "step": "add",
        "hints": ["one"],
    }


def test_a_hint_names_the_command_that_goes_on_from_it(taller: Taller) -> None:
    assert "1 more: taller hint 1 --step list\n" in taller("hint", "1", "--step", "list").stdout


def test_reset_keeps_the_work_as_a_backup(taller: Taller, shop: Course) -> None:
    starter = (shop.exercises / "lesson01_notes" / "app.py").read_text()
    solve(shop, "list", "add")
    work = (shop.exercises / "lesson01_notes" / "app.py").read_text()
    taller("check")

    done = taller("reset", "1")

    assert done.returncode == 0
    [backup] = re.findall(r"Your work is kept in (.*)\n", done.stdout)
    assert (shop.root / backup / "app.py").read_text() == work
    assert (shop.exercises / "lesson01_notes" / "app.py").read_text() == starter
    assert json.loads(taller("--json").stdout)["lessons"][0]["earned"] == 0


def test_the_solution_is_shown_after_a_pass_or_by_force(taller: Taller, shop: Course) -> None:
    refused = taller("solution", "1")
    assert refused.returncode == 1
    assert "lesson01_notes is not finished" in refused.stderr
    assert "def list_notes" not in refused.stdout

    forced = taller("solution", "1", "--force", COLUMNS="60")
    assert forced.returncode == 0
    assert PROGRAM.rstrip() in forced.stdout
    assert "web: python app.py" in forced.stdout

    solve(shop, "list", "add")
    taller("check")
    assert PROGRAM.rstrip() in taller("solution", "1").stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="the page's requests are made with curl, which is not here")
def test_demo_plays_the_requests_of_the_page(taller: Taller) -> None:
    done = taller("demo", "1")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == '$ curl http://127.0.0.1:8000/add\n["a note"]\n\n'


def test_demo_tells_the_story_of_the_last_lesson(taller: Taller) -> None:
    done = taller("demo", "--once")

    assert (done.returncode, done.stdout) == (0, "✓ it is there: 200\n")


def test_demo_fails_as_its_story_does(taller: Taller, shop: Course) -> None:
    (shop.solutions / "lesson02_clock" / "story.py").write_text("print('✗ nobody is there')\nraise SystemExit(3)\n")

    done = taller("demo")

    assert (done.returncode, done.stdout) == (1, "✗ nobody is there\n")
    assert "the logs are in .taller/logs/lesson02_clock" in done.stderr


def on_a_terminal(shop: Course, *words: str, **more: str) -> str:
    """What the command prints on a terminal."""
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [TALLER, *words], cwd=shop.root, env=environment(TERM="xterm", **more), stdin=theirs, stdout=theirs
        )
        os.close(theirs)
        text = b""
        # A terminal whose programs have all ended cannot be read (EIO).
        while chunk := _read(screen.fileno()):
            text += chunk
        process.wait()
    return text.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_colours_are_for_terminals(taller: Taller, shop: Course) -> None:
    assert "\x1b" not in taller("check").stdout
    assert re.search(r"\x1b\[\d*;?3[0-9]m", on_a_terminal(shop, "check"))
    assert not re.search(r"\x1b\[\d*;?3[0-9]m", on_a_terminal(shop, "check", NO_COLOR="1"))


def test_doctor_tells_what_is_here(taller: Taller) -> None:
    done = taller("doctor", "--json")

    findings = {each["what"]: each for each in json.loads(done.stdout)}
    services = {"postgresql", "mongodb", "redis", "rabbitmq", "s3", "nats", "etcd"}
    assert findings.keys() >= services | {"Python", "environment", "room", "docker"}
    assert findings["Python"]["ok"]
    assert findings["confinement"]["ok"]
    missing = [each for each in findings.values() if each["needed"] and not each["ok"]]
    assert done.returncode == (3 if missing else 0)
    assert all(each["remedy"] for each in missing)
    assert not Path("/nonexistent").exists()


def test_doctor_in_words(taller: Taller) -> None:
    assert re.search(r"✓ Python +3\.\d+\.\d+", taller("doctor").stdout)


def test_services_stay_up_between_commands(taller: Taller) -> None:
    up = taller("services", "up", "redis", "--json")
    try:
        status = {each["name"]: each for each in json.loads(up.stdout)}["redis"]
        assert (up.returncode, status["origin"]) == (0, "up")
        shown = taller("services", "status")
        assert re.search(rf"redis +up .*{re.escape(status['url'])}", shown.stdout)
        checked = taller("check", "2", "--submission", "solutions", "--json")
        assert json.loads(checked.stdout)["earned"] == 1
    finally:
        down = taller("services", "down")

    assert (down.returncode, down.stdout) == (0, "ended: redis\n")
    assert taller("services", "down").stdout == "none was running\n"
    assert json.loads(taller("services", "status", "--json").stdout)


def test_an_unknown_service_is_wrong_use(taller: Taller) -> None:
    done = taller("services", "up", "oracle")

    assert done.returncode == 2
    assert "no service 'oracle': there are" in done.stdout + done.stderr
