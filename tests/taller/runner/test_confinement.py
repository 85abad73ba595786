"""A submission's processes cannot get at ours, nor at each other's runs."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from taller.catalog import Course
from taller.grading import eventually
from taller.runner import Submission, System
from taller.runner.errors import ConfinementError

from .programs import WEB

Submit = Callable[..., Submission]
WORKER = 'formation = { worker = 1 }\nworkers = ["worker"]'

SPY = """
import os, time
from pathlib import Path

def attempt(name, action):
    try:
        print(name, "->", action())
    except OSError as error:
        print(name, "->", type(error).__name__)

attempt("uid", os.getuid)
attempt("suite", lambda: Path(os.environ["SUITE"]).read_text())
attempt("signal", lambda: os.kill(int(os.environ["GRADER"]), 0))
attempt("memory", lambda: Path(f"/proc/{os.environ['GRADER']}/environ").read_bytes())
attempt("own folder", lambda: Path("mine.txt").read_text())
attempt("write home", lambda: Path(os.environ["HOME"], "note").write_text("x"))
attempt("write here", lambda: Path("note").write_text("x"))
print("ready")
time.sleep(1000)
"""

AS_ORDINARY_USER = """
import sys
from pathlib import Path
import httpx
from taller.catalog import Course
from taller.runner import Submission, System

course = Course(Path(sys.argv[1]))
with System(Submission.locate(course, course.lesson("2"), course.exercises), {}) as system:
    print(httpx.get(system.url("web")).json()["uid"])
"""


def findings(system: System) -> dict[str, str]:
    """What the spy has found out."""
    worker = system.processes("worker")[0]
    eventually(lambda: "ready" in worker.log(), within=10)
    return dict(line.split(" -> ") for line in worker.log().splitlines() if " -> " in line)


@pytest.fixture
def spy(course: Course, submit: Submit) -> tuple[Submission, dict[str, str]]:
    """A submission that looks around, and what it is told."""
    suite = course.tests / "lessons" / "test_lesson02_small.py"
    suite.parent.mkdir(parents=True)
    suite.write_text("the expected values")
    submission = submit({"Procfile": "worker: python spy.py", "spy.py": SPY, "mine.txt": "my own"}, WORKER)
    return submission, {"SUITE": str(suite), "GRADER": str(os.getpid())}


@pytest.mark.usefixtures("as_root")
def test_as_root_it_runs_as_another_user_who_reaches_nothing_of_ours(spy: tuple[Submission, dict[str, str]]) -> None:
    submission, told = spy

    with System(submission, told) as system:
        found = findings(system)

    assert int(found.pop("uid")) not in (0, os.getuid())
    assert found == {
        "suite": "FileNotFoundError",
        "signal": "PermissionError",
        "memory": "PermissionError",
        "own folder": "my own",
        "write home": "1",
        "write here": "PermissionError",
    }


@pytest.mark.usefixtures("as_root")
def test_as_root_every_run_has_a_user_of_its_own(spy: tuple[Submission, dict[str, str]]) -> None:
    submission, told = spy

    with System(submission, told) as one, System(submission, told) as other:
        assert findings(one)["uid"] != findings(other)["uid"]


@pytest.mark.usefixtures("as_root")
def test_as_root_it_runs_under_a_umask_that_lets_nobody_in(submit: Submit) -> None:
    submission = submit({"Procfile": "web: python -m lesson02_small", "__main__.py": WEB})
    before = os.umask(0o077)
    try:
        with System(submission, {}) as system:
            assert system.processes()[0].alive
    finally:
        os.umask(before)


@pytest.mark.usefixtures("as_root")
def test_as_root_a_submission_that_others_cannot_read_is_explained(submit: Submit) -> None:
    submission = submit({"Procfile": "web: python app.py", "app.py": WEB})
    submission.folder.chmod(0o700)

    with pytest.raises(ConfinementError, match=r"lesson02_small: .* run `chmod -R o\+rX .*/lesson02_small`"):
        System(submission, {})


@pytest.mark.usefixtures("as_root")
def test_as_root_a_machine_that_allows_no_mounts_is_explained(
    submit: Submit, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = submit({"Procfile": "web: python app.py", "app.py": WEB})
    monkeypatch.setattr("shutil.which", lambda name: None)

    with pytest.raises(ConfinementError, match=r"this machine allows no mounts to show it; .* run `chmod o\+x "):
        System(submission, {})


@pytest.mark.usefixtures("as_root")
@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv is not here")
def test_an_ordinary_user_runs_it_as_themselves(submit: Submit, course: Course) -> None:
    submit({"Procfile": "web: python -m lesson02_small", "__main__.py": WEB})
    command = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", sys.executable, "-c", AS_ORDINARY_USER]

    # pytest's own temporary folders are closed to other users.
    with tempfile.TemporaryDirectory() as home:
        theirs = shutil.copytree(course.root, Path(home) / "course")
        for path in (Path(home), theirs, *theirs.rglob("*")):
            os.chown(path, 1000, 1000)
        environment = {"HOME": home, "PATH": os.defpath}
        done = subprocess.run([*command, str(theirs)], cwd=home, env=environment, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("1000\n", "")
