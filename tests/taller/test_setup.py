"""The set-up of a checkout: what it makes, how it recovers, what it says when it cannot go on.

Most tests run the script on a small checkout with a stand-in for uv, which makes an environment without packages and
can be held in the middle; one runs it with the real uv.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
PATIENCE_S = 30
NEEDS_UV = ("dev-dependencies", "metadata.requires-dev")

UV_STAND_IN = """#!/bin/sh
[ "$1" = --version ] && echo "uv 99.0.0" && exit
echo "$UV_DEFAULT_INDEX uv $*" >> calls
[ -e refuse ] && cat refuse && exit 2
mkdir -p .venv && touch .venv/half started
while [ -e hold ]; do sleep 0.02; done
case "$1" in sync | venv) exec {python} -m venv --without-pip .venv ;; esac
"""


class SmallCheckout:
    """A small checkout with the real scripts and, on its PATH, a uv."""

    def __init__(self, root: Path, uv: Path) -> None:
        self.root = root
        self.stamp = root / ".venv" / "taller-setup.json"
        self.environment = {
            "PATH": f"{uv.parent}:/usr/bin:/bin",
            "HOME": str(root.parent),
            "TALLER_PYTHON": PYTHON,
            "PIP_CONFIG_FILE": os.devnull,
        }
        self._running: list[subprocess.Popen[str]] = []

    def start(self, **environment: str) -> subprocess.Popen[str]:
        """Begin a set-up in a process group of its own, as a shell does."""
        process = subprocess.Popen(
            [PYTHON, self.root / "scripts" / "setup.py"],
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._running.append(process)
        return process

    def set_up(self, **environment: str) -> tuple[int, str]:
        """Run a set-up to its end; returns exit status and output."""
        process = self.start(**environment)
        output, _ = process.communicate(timeout=PATIENCE_S)
        return process.returncode, output

    def start_held(self) -> subprocess.Popen[str]:
        """Begin a set-up and return when its uv is in the middle of installing."""
        (self.root / "hold").touch()
        process = self.start()
        wait_until(lambda: (self.root / "started").exists())
        return process

    def let_go(self) -> None:
        """Let a held uv finish."""
        (self.root / "hold").unlink(missing_ok=True)

    def calls(self) -> list[str]:
        """Return the command lines that the stand-in for uv was given, each after the index that it was told."""
        return (self.root / "calls").read_text().splitlines()

    def end_all(self) -> None:
        """Leave no process of a failed test behind."""
        self.let_go()
        for process in self._running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def wait_until(condition: Callable[[], bool]) -> None:
    """Return as soon as `condition` holds; fail the test when it does not in time."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)


def lock_of_uv_alone() -> str:
    """Return a lock of a project that needs nothing but the uv of ours."""
    packages = (ROOT / "uv.lock").read_text().split("[[package]]\n")
    uv = next(package for package in packages if package.startswith('name = "uv"\n'))
    needs = "".join(f'[package.{table}]\ndev = [{{ name = "uv" }}]\n' for table in NEEDS_UV)
    project = f'name = "tiny"\nversion = "1"\nsource = {{ virtual = "." }}\n\n{needs}'
    return f'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n[[package]]\n{project}\n[[package]]\n{uv}'


def lay_out(root: Path) -> None:
    """Put the scripts, a project and its lock into `root`."""
    shutil.copytree(ROOT / "scripts", root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text(
        '[project]\nname = "tiny"\nversion = "1"\nrequires-python = ">=3.11"\n\n[dependency-groups]\ndev = ["uv"]\n'
    )
    (root / "uv.lock").write_text(lock_of_uv_alone())


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[SmallCheckout]:
    """A checkout whose uv is the stand-in."""
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(UV_STAND_IN.replace("{python}", PYTHON))
    uv.chmod(0o755)
    lay_out(tmp_path / "course")
    checkout = SmallCheckout(tmp_path / "course", uv)
    yield checkout
    checkout.end_all()


def test_real_uv_installs_what_the_lock_names(tmp_path: Path) -> None:
    lay_out(tmp_path / "course")
    uv = Path(sys.executable).with_name("uv")
    checkout = SmallCheckout(tmp_path / "course", uv)
    # The machine's own cache and certificates, so that nothing is downloaded twice.
    status, output = checkout.set_up(**{**os.environ, "PATH": checkout.environment["PATH"], "TALLER_PYTHON": PYTHON})
    assert status == 0, output
    assert (checkout.root / ".venv" / "bin" / "uv").exists()
    assert not (checkout.root / ".setup").exists()


def test_second_run_does_nothing_and_says_nothing(checkout: SmallCheckout) -> None:
    first, _ = checkout.set_up()
    assert (first, len(checkout.calls())) == (0, 1)
    assert checkout.set_up() == (0, "")
    assert len(checkout.calls()) == 1


def test_changed_lock_updates_the_environment_in_place(checkout: SmallCheckout) -> None:
    checkout.set_up()
    kept = checkout.root / ".venv" / "kept"
    kept.touch()
    with (checkout.root / "uv.lock").open("a") as lock:
        lock.write("# changed\n")
    checkout.set_up()
    assert kept.exists()
    assert len(checkout.calls()) == 2


def test_environment_without_a_stamp_is_made_anew(checkout: SmallCheckout) -> None:
    checkout.set_up()
    left_over = checkout.root / ".venv" / "left over"
    left_over.touch()
    checkout.stamp.unlink()
    status, _ = checkout.set_up()
    assert status == 0
    assert checkout.stamp.exists()
    assert not left_over.exists()


def test_environment_of_a_moved_checkout_is_made_anew(checkout: SmallCheckout) -> None:
    checkout.set_up()
    checkout.root = checkout.root.rename(checkout.root.with_name("moved"))
    status, output = checkout.set_up()
    assert status == 0
    assert "Setting up" in output


def test_environment_whose_interpreter_is_gone_is_made_anew(checkout: SmallCheckout) -> None:
    checkout.set_up()
    python = checkout.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python3")
    status, _ = checkout.set_up()
    assert status == 0
    assert python.exists()


def test_killed_set_up_is_waited_for_and_made_good(checkout: SmallCheckout) -> None:
    killed = checkout.start_held()
    killed.kill()
    killed.wait()
    second = checkout.start()
    assert second.stdout is not None
    # The first one's uv still runs; two of them in one directory would spoil it.
    assert "waiting for another set-up" in second.stdout.readline()
    checkout.let_go()
    output, _ = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 0, output
    assert checkout.stamp.exists()
    assert len(checkout.calls()) == 2


def test_two_at_once_install_once(checkout: SmallCheckout) -> None:
    first = checkout.start_held()
    second = checkout.start()
    assert second.stdout is not None
    assert "waiting for another set-up" in second.stdout.readline()
    checkout.let_go()
    for process in (first, second):
        output, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, output
    assert len(checkout.calls()) == 1


def test_interrupt_ends_it_in_order(checkout: SmallCheckout) -> None:
    process = checkout.start_held()
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert output.endswith("Stopped. `make setup` goes on from here.\n")
    assert "Traceback" not in output
    checkout.let_go()
    assert checkout.set_up()[0] == 0


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("error: failed to write: No space left on device (os error 28)", "the disk is full"),
        ("error: failed to create file: Permission denied (os error 13)", "see to its owner"),
        ("  Caused by: dns error: failed to lookup address information", "check the network"),
        ("  Caused by: invalid peer certificate: UnknownIssuer", "SSL_CERT_FILE"),
        ("The lockfile at `uv.lock` needs to be updated", "uv lock"),
    ],
)
def test_known_trouble_is_one_line_that_says_what_to_do(checkout: SmallCheckout, said: str, advice: str) -> None:
    (checkout.root / "refuse").write_text(said)
    status, output = checkout.set_up()
    last = output.splitlines()[-1]
    assert status == 3
    assert last.startswith("setup: ")
    assert advice in last
    assert not checkout.stamp.exists()


def test_unknown_trouble_shows_what_the_command_said(checkout: SmallCheckout) -> None:
    (checkout.root / "refuse").write_text("error: the moon is full")
    status, output = checkout.set_up()
    assert status == 3
    assert "uv sync" in output
    assert output.endswith("error: the moon is full\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_directory_of_somebody_else_is_named(checkout: SmallCheckout) -> None:
    checkout.root.chmod(0o555)
    status, output = checkout.set_up()
    checkout.root.chmod(0o755)
    assert status == 3
    assert f"{checkout.root} may not be written by you" in output


def test_index_of_pip_s_configuration_is_used_for_every_package(checkout: SmallCheckout) -> None:
    configuration = checkout.root / "pip.conf"
    configuration.write_text("[global]\nindex-url = https://mirror.invalid/simple\n")
    status, output = checkout.set_up(PIP_CONFIG_FILE=str(configuration))
    assert status == 0, output
    assert all(call.startswith("https://mirror.invalid/simple uv ") for call in checkout.calls())
    installing = [call for call in checkout.calls() if " uv pip " in call]
    assert len(installing) == 2
    # Without it uv would install into whatever Python UV_PYTHON or VIRTUAL_ENV name.
    assert all(f"--python={checkout.root}/.venv/bin/python" in call for call in installing)


def test_index_in_the_environment_wins_over_the_file(checkout: SmallCheckout) -> None:
    configuration = checkout.root / "pip.conf"
    configuration.write_text("[global]\nindex-url = https://mirror.invalid/simple\n")
    checkout.set_up(PIP_CONFIG_FILE=str(configuration), PIP_INDEX_URL="https://nearer.invalid/simple")
    assert all(call.startswith("https://nearer.invalid/simple uv ") for call in checkout.calls())


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [("echo /old/python3.9; echo /old; echo 3.9.2", "is Python 3.9.2"), ("exit 1", "is no Python that runs here")],
)
def test_unfit_named_interpreter_is_refused(checkout: SmallCheckout, answer: str, complaint: str) -> None:
    python = interpreter_that_says(checkout.root / "python3", answer)
    status, output = checkout.set_up(TALLER_PYTHON=str(python))
    assert status == 3
    assert output.startswith(f"setup: TALLER_PYTHON={python} {complaint}")
    assert output.count("\n") == 1


def test_naming_another_interpreter_makes_the_environment_anew(checkout: SmallCheckout) -> None:
    checkout.set_up()
    stamp = json.loads(checkout.stamp.read_text())
    checkout.stamp.write_text(json.dumps({**stamp, "python": "/another/python3.12"}))
    status, output = checkout.set_up()
    assert status == 0
    assert PYTHON in output


def interpreter_that_says(path: Path, script: str) -> Path:
    """Write a program that stands in for a Python asked about itself."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def two_interpreters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with a newer Python in a private place and an older one that all may execute; returns the private one."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    hidden = interpreter_that_says(private / "python3.13", f"echo $0; echo {private}; echo 3.13.1")
    interpreter_that_says(tmp_path / "python3.12", "echo /bin/sh; echo /usr; echo 3.12.7")
    monkeypatch.setenv("PATH", f"{private}:{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("TALLER_PYTHON", raising=False)
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return hidden


@pytest.mark.usefixtures("two_interpreters")
def test_root_takes_an_interpreter_that_all_may_execute(monkeypatch: pytest.MonkeyPatch) -> None:
    from interpreters import choose

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert choose().version == "3.12.7"


def test_others_take_the_newest_interpreter(two_interpreters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from interpreters import choose

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert choose().path == str(two_interpreters)


def test_make_alone_shows_what_there_is() -> None:
    shown = subprocess.run(["make", "-C", ROOT, "--no-print-directory"], capture_output=True, text=True, check=True)
    assert re.findall(r"^  make (\w+)\t", shown.stdout, re.MULTILINE) == [
        "help",
        "setup",
        "start",
        "test",
        "demo",
        "clean",
    ]
