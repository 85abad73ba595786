"""State directories are there while their owner lives, and not longer."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from taller.processes import StateDirectory, state

HOLD = """
import sys
from taller.processes import StateDirectory

directory = StateDirectory.create("held")
(directory.path / "data").mkdir()
(directory.path / "data" / "file").write_text("data")
print(directory.path, flush=True)
sys.stdin.read()
"""
TURNOVER = """
from taller.processes import StateDirectory

for _ in range(60):
    directory = StateDirectory.create("turnover")
    (directory.path / "file").write_text("mine")
    assert (directory.path / "file").read_text() == "mine"
    assert (directory.path / ".owner").exists()
    directory.remove()
    assert not directory.path.exists()
"""


@contextmanager
def owner() -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """Another process with a state directory."""
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        yield holder, Path(holder.stdout.readline().strip())


def test_it_is_empty_named_after_its_purpose_and_gone_when_removed() -> None:
    directory = StateDirectory.create("lunch")

    assert "-lunch-" in directory.path.name
    assert [path.name for path in directory.path.iterdir()] == [".owner"]
    (directory.path / "folder").mkdir()
    directory.remove()
    directory.remove()

    assert not directory.path.exists()


def test_other_users_may_pass_but_not_look_around() -> None:
    directory = StateDirectory.create("passage")
    try:
        assert directory.path.stat().st_mode & 0o777 == 0o711
    finally:
        directory.remove()


def test_what_a_killed_owner_left_is_swept_by_the_next() -> None:
    with owner() as (holder, path):
        assert (path / "data" / "file").exists()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert path.exists()

        StateDirectory.create("next").remove()

        assert not path.exists()


def test_what_a_living_owner_has_stays() -> None:
    with owner() as (_, path):
        StateDirectory.create("next").remove()

        assert (path / "data" / "file").read_text() == "data"


def test_many_owners_at_once_do_not_sweep_each_other() -> None:
    runs = [subprocess.Popen([sys.executable, "-c", TURNOVER], stderr=subprocess.PIPE, text=True) for _ in range(4)]

    assert [run.communicate()[1] for run in runs] == [""] * 4


def test_it_is_on_disk_where_memory_has_no_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(state, "ROOM_BYTES", 2**62)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    directory = StateDirectory.create("disk")

    assert directory.path.parent == tmp_path
    directory.remove()
