"""A formation of processes runs together: told what it has to know, restarted, logged, and ended whole."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from taller.grading import eventually
from taller.processes import free_port
from taller.runner import Process, Submission, System

from .programs import WEB, WORKER

Submit = Callable[..., Submission]
TWO_WEBS_AND_A_WORKER = (
    'formation = { web = 2, worker-bee = 1 }\nworkers = ["worker-bee"]\n'
    'environment = { SIZE = "7", PLACE = "${WEB_URL}/bees" }'
)
FILES = {"Procfile": "web: python app.py\nworker-bee: python worker.py", "app.py": WEB, "worker.py": WORKER}
OF_THE_SHELL = {"PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}


@pytest.fixture
def system(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """Two web processes and a worker."""
    monkeypatch.setenv("OUR_SECRET", "42")
    with System(submit(FILES, TWO_WEBS_AND_A_WORKER), {"DATABASE_URL": "somewhere"}) as system:
        yield system


def ask(process: Process) -> dict[str, object]:
    """What a web process tells of itself."""
    return dict(httpx.get(process.url).json())


def test_the_formation_runs_and_knows_what_it_has_to_know(system: System) -> None:
    first, second = system.processes("web")

    told = ask(second)

    environment = told["environment"]
    assert isinstance(environment, dict)
    names = {"PATH", "HOME", "TMPDIR", "LANG", "TZ", "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    assert environment.keys() - OF_THE_SHELL == names | {"PORT", "WEB_URL", "WEB_URLS", "DATABASE_URL", "SIZE", "PLACE"}
    assert environment["PORT"] == str(second.port)
    assert environment["WEB_URL"] == first.url == system.url("web")
    assert environment["WEB_URLS"] == f"{first.url},{second.url}"
    assert (environment["DATABASE_URL"], environment["SIZE"]) == ("somewhere", "7")
    assert environment["PLACE"] == f"{first.url}/bees", "a value of the manifest may hold a process's URL"
    assert told["pid"] == second.pid, "no shell stands between us and the program"
    assert first.port != second.port
    assert [process.name for process in system.processes()] == ["web.1", "web.2", "worker-bee.1"]
    assert [process.name for process in system.processes("worker-bee")] == ["worker-bee.1"]


def test_two_runs_that_want_the_same_port_do_not_meet(submit: Submit) -> None:
    submission = submit({"Procfile": "web: python app.py", "app.py": WEB})
    wanted = free_port()

    with System(submission, {}, first_port=wanted + 1) as one, System(submission, {}, first_port=wanted + 1) as other:
        pids = {ask(system.processes()[0])["pid"] for system in (one, other)}

    assert len(pids) == 2


def test_a_killed_process_comes_back_on_its_port(system: System) -> None:
    process = system.processes("web")[0]
    pid, port = process.pid, process.port

    process.kill()
    assert not process.alive
    assert process.exit_status == -signal.SIGKILL
    process.restart()

    assert (process.alive, process.port) == (True, port)
    assert ask(process)["pid"] == process.pid != pid


def test_a_running_process_is_stopped_before_it_is_started_again(system: System) -> None:
    process = system.processes("web")[0]
    pid = process.pid

    process.restart()

    assert ask(process)["pid"] != pid
    assert not psutil.pid_exists(pid)


def test_stop_gives_the_exit_status(system: System) -> None:
    web, _, worker = system.processes()

    assert web.stop() == 0
    assert worker.stop() == -signal.SIGTERM
    assert (web.alive, worker.alive) == (False, False)


def test_a_process_can_be_signalled_and_waited_for(system: System) -> None:
    worker = system.processes("worker-bee")[0]

    assert worker.wait(0.01) is None
    worker.signal(signal.SIGUSR1)

    assert worker.wait(10) == -signal.SIGUSR1


def test_more_processes_can_be_started_and_removed(system: System) -> None:
    third = system.start("web", {"SIZE": "8"})
    environment = ask(third)["environment"]

    assert isinstance(environment, dict)
    assert (third.name, environment["SIZE"], environment["PORT"]) == ("web.3", "8", str(third.port))
    system.remove(third)
    assert not third.alive
    assert third not in system.processes()


def test_a_process_that_is_expected_to_end_can_be_launched(system: System) -> None:
    process = system.launch("web", {"PORT": "no number"})

    assert process.wait(10) == 1
    assert "invalid literal for int() with base 10: 'no number'" in process.tail()


def test_logs_go_on_over_a_restart_and_show_paths_as_people_know_them(system: System) -> None:
    worker = system.processes("worker-bee")[0]
    worker.stop()
    worker.restart()

    assert worker.log() == "worker: Ready.\n" * 2
    assert worker.tail() == "worker: Ready."
    broken = system.launch("web", {"PORT": ""})
    broken.wait(10)
    assert f'File "{system.submission.folder}/app.py"' in broken.log()


def test_every_line_is_passed_on_with_the_name_of_its_process(submit: Submit) -> None:
    heard: list[tuple[str, str]] = []

    with System(submit(FILES, TWO_WEBS_AND_A_WORKER), {}, on_line=lambda name, line: heard.append((name, line))):
        pass

    lines = [("web.1", "about to listen"), ("web.2", "about to listen"), ("worker-bee.1", "worker: Ready.")]
    assert sorted(heard) == lines


def test_logs_are_kept_where_they_are_wanted_and_begin_anew(submit: Submit, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("web.1.log", "web.9.log", "somebody-elses.log"):
        (logs / name).write_text("old\n")

    with System(submit({"Procfile": "web: python app.py", "app.py": WEB}), {}, logs=logs):
        pass

    texts = {path.name: path.read_text() for path in logs.iterdir()}
    assert texts == {"web.1.log": "about to listen\n", "somebody-elses.log": "old\n"}


def test_the_end_leaves_no_process_port_or_folder(submit: Submit) -> None:
    leave = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    print('daemon', os.getpid())\n    time.sleep(1000)\n"
    )
    files = {"Procfile": "web: python app.py", "app.py": leave + WEB}

    with System(submit(files), {}) as system:
        web = system.processes()[0]
        eventually(lambda: "daemon" in web.log(), within=10)
        pids = [web.pid, int(web.log().split("daemon ")[1].split()[0])]
        state = system._state.path
        assert all(psutil.pid_exists(pid) for pid in pids)

    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert not state.exists()
    with socket.create_server(("127.0.0.1", web.port or 0)):
        pass


def test_what_an_ended_process_left_behind_is_gone_when_it_is_started_again(submit: Submit) -> None:
    leave = "import os, sys\nif os.environ.get('LEAVE') and os.fork():\n    sys.exit(0)\n"
    with System(submit({"Procfile": "web: python app.py", "app.py": leave + WEB}), {}) as system:
        process = system.launch("web", {"LEAVE": "1"})
        process.wait(10)

        process.kill()

        with socket.create_server(("127.0.0.1", process.port or 0)):
            pass


def test_a_command_of_several_programs_is_left_to_the_shell(submit: Submit) -> None:
    files = {"Procfile": "web: NAME=taller; cd . && NAME=$NAME python app.py", "app.py": WEB}

    with System(submit(files), {}) as system:
        environment = ask(system.processes()[0])["environment"]

    assert isinstance(environment, dict)
    assert environment["NAME"] == "taller"


def test_restarts_lose_no_descriptor(submit: Submit) -> None:
    files = {"Procfile": "worker: echo ready; sleep 1000"}
    with System(submit(files, 'formation = { worker = 1 }\nworkers = ["worker"]'), {}) as system:
        worker = system.processes()[0]
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            worker.signal(signal.SIGKILL)
            worker.wait(10)
            worker.restart()

        assert len(os.listdir("/proc/self/fd")) <= before
