"""A child runs as it was told to, and tells how it ended."""

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from taller.grading import eventually
from taller.processes import Child, StartError

Start = Callable[..., Child]
LONG = 30


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", -signal.SIGTERM), ("kill -KILL $$", -signal.SIGKILL)],
)
def test_the_exit_status_is_the_programs(shell: Start, script: str, status: int) -> None:
    child = shell(script)

    assert child.wait(LONG) == status
    assert child.exit_status == status
    assert child.kill() == status


def test_there_is_no_exit_status_while_it_runs(shell: Start) -> None:
    child = shell("exec sleep 100")

    assert child.wait(0.05) is None
    assert child.exit_status is None
    assert psutil.Process(child.pid).cmdline() == ["sleep", "100"]


def test_its_environment_is_what_was_given_and_no_more(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_SECRET", "42")

    child = start("/usr/bin/env", env={"COLOUR": "blüe", "EMPTY": ""})

    child.wait(LONG)
    child.kill()
    assert sorted(child.tail().splitlines()) == ["COLOUR=blüe", "EMPTY="]


def test_its_environment_is_in_no_command_line_for_others_to_read(shell: Start) -> None:
    child = shell("exec sleep 100", env={"PATH": os.defpath, "PASSWORD": "pa55-of-a-suite"})

    family = [psutil.Process(child.pid), *psutil.Process(child.pid).parents()]

    assert not [process for process in family if "pa55-of-a-suite" in " ".join(process.cmdline())]


def test_an_environment_may_be_larger_than_a_pipe_holds(start: Start) -> None:
    value = "x" * 100_000

    child = start("/usr/bin/env", env={"FIRST": value, "SECOND": value})

    assert child.wait(LONG) == 0


def test_its_standard_input_is_empty(start: Start) -> None:
    assert start("cat").wait(LONG) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start programs as another user")
def test_it_runs_as_the_user_that_was_asked_for(shell: Start) -> None:
    child = shell("id -u; id -g; id -G", uid=64_900, cwd=Path("/"))

    child.wait(LONG)
    child.kill()
    assert child.tail().split() == ["64900", "64900", "64900"]


def test_a_program_that_is_not_there_is_named(start: Start) -> None:
    with pytest.raises(StartError, match=r"no-such-program: No such file or directory"):
        start("no-such-program")


def test_a_program_that_may_not_be_executed_is_named(start: Start, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")

    with pytest.raises(StartError, match=r"program: Permission denied"):
        start(str(program))


def test_an_argument_that_no_program_can_be_given_is_explained(start: Start) -> None:
    with pytest.raises(StartError, match=r"echo: Invalid argument"):
        start("echo", "a\0b")


def test_a_prefix_that_fails_is_quoted(start: Start) -> None:
    with pytest.raises(StartError, match=r"echo: no mounts today"):
        start("echo", prefix=["/bin/sh", "-c", "echo no mounts today; exit 1"])


def test_a_log_that_cannot_be_written_starts_nothing(start: Start, tmp_path: Path) -> None:
    descriptors, children = os.listdir("/proc/self/fd"), psutil.Process().children()

    with pytest.raises(FileNotFoundError):
        start("sleep", "100", log=tmp_path / "no folder" / "program.log")

    assert len(os.listdir("/proc/self/fd")) == len(descriptors)
    assert psutil.Process().children() == children


def test_stop_lets_it_end_by_itself(shell: Start) -> None:
    child = shell("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.01; done")
    eventually(lambda: "up" in child.tail(), within=LONG)

    assert child.stop(LONG) == 3
    assert child.tail().endswith("bye")


def test_stop_kills_what_does_not_end(shell: Start) -> None:
    child = shell("trap '' TERM; echo up; while :; do sleep 0.01; done")
    eventually(lambda: "up" in child.tail(), within=LONG)

    assert child.stop(0.2) == -signal.SIGKILL


def test_a_signal_reaches_it_and_is_harmless_after_its_end(shell: Start) -> None:
    child = shell("exec sleep 100")

    child.signal(signal.SIGUSR1)

    assert child.wait(LONG) == -signal.SIGUSR1
    child.signal(signal.SIGUSR1)
    assert child.stop() == -signal.SIGUSR1


def test_many_threads_start_children_at_once(start: Start) -> None:
    def answer(number: int) -> tuple[int | None, str]:
        child = start("echo", str(number))
        child.wait(LONG)
        child.kill()
        return child.exit_status, child.tail()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(answer, range(24))) == [(0, str(number)) for number in range(24)]


@pytest.mark.parametrize("ends_by_itself", [True, False])
def test_fifty_starts_leave_no_descriptor_thread_or_process(start: Start, ends_by_itself: bool) -> None:
    def count() -> tuple[int, int, int]:
        processes = psutil.Process().children(recursive=True)
        return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")), len(processes)

    before = count()
    for _ in range(50):
        child = start("sleep", "0" if ends_by_itself else "100")
        if ends_by_itself:
            child.wait(LONG)
        else:
            child.kill()

    eventually(lambda: count() == before, within=LONG, expected=f"{before} descriptors, threads and processes")


def test_what_it_prints_is_one_log(start: Start, tmp_path: Path) -> None:
    program = "import os; os.write(1, b'one\\ntw'); os.write(2, b'o\\r\\nthr\\xff'); os.write(1, b'ee')"
    heard: list[str] = []

    child = start(sys.executable, "-c", program, log=tmp_path / "program.log", on_line=heard.append)

    child.wait(LONG)
    child.kill()
    assert heard == ["one", "two", "thr\N{REPLACEMENT CHARACTER}ee"]
    assert child.tail() == "\n".join(heard)
    assert child.tail(1) == heard[-1]
    assert (tmp_path / "program.log").read_bytes() == b"one\ntwo\r\nthr\xffee"


def test_a_line_without_end_is_cut(start: Start) -> None:
    heard: list[str] = []

    child = start("head", "-c", "20000", "/dev/zero", on_line=heard.append)

    child.wait(LONG)
    child.kill()
    assert [len(line) for line in heard] == [8192, 8192, 3616]


def test_a_log_is_continued(start: Start, tmp_path: Path) -> None:
    for word in ("first", "second"):
        child = start("echo", word, log=tmp_path / "program.log")
        child.wait(LONG)
        child.kill()

    assert (tmp_path / "program.log").read_text() == "first\nsecond\n"
