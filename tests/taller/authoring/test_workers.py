"""Proofs in processes of their own."""

import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from taller.authoring import workers
from taller.authoring.workers import prove

SAMPLE = """
import os, pathlib, signal, time
from dataclasses import dataclass
from taller.authoring.outcome import Outcome

@dataclass(frozen=True)
class Sample:
    name: str
    folder: str = ""

    def __call__(self):
        return getattr(self, self.name)()

    def hold(self):
        return Outcome()

    def look(self):
        return Outcome((os.environ["WHERE"],))

    def stumble(self):
        raise ValueError("over a stone")

    def die(self):
        os._exit(3)

    def linger(self):
        try:
            pathlib.Path(self.folder, "started").touch()
            signal.pause()
        finally:
            pathlib.Path(self.folder, "cleaned").touch()
"""


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module with proofs that other processes can import."""
    (tmp_path / "sample.py").write_text(SAMPLE)
    monkeypatch.syspath_prepend(tmp_path)
    import sample

    return sample


def wait_for(condition: Callable[[], bool], within: float = 10) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def problems(proofs: list[object], environment: dict[str, str] | None = None) -> dict[str, tuple[str, ...]]:
    return {each.proof.name: each.outcome.problems for each in prove(proofs, 2, environment or {})}


def test_every_proof_is_made_and_a_stumbling_one_harms_no_other(sample: ModuleType) -> None:
    found = problems([sample.Sample(name) for name in ("stumble", "die", "hold")])

    assert found == {
        "stumble": ("ValueError: over a stone",),
        "die": ("its process ended with exit code 3",),
        "hold": (),
    }


def test_a_proof_has_the_environment_that_is_given(sample: ModuleType) -> None:
    assert problems([sample.Sample("look")], {"WHERE": "here"}) == {"look": ("here",)}


def test_a_proof_that_takes_too_long_is_ended(
    sample: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LONGEST_PROOF_S", 1.5)

    assert problems([sample.Sample("linger", str(tmp_path))]) == {"linger": ("not proved within 1.5 s",)}
    assert (tmp_path / "cleaned").exists()


def test_proofs_at_work_clean_up_when_the_iteration_ends_early(sample: ModuleType, tmp_path: Path) -> None:
    proved = prove([sample.Sample("hold"), sample.Sample("linger", str(tmp_path))], 2, {})
    next(proved)
    wait_for((tmp_path / "started").exists)

    proved.close()

    assert (tmp_path / "cleaned").exists()
