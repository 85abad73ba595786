"""Real servers, started once per test process."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from taller.services import Server, names, open_servers, records


@pytest.fixture(scope="session")
def servers() -> Iterator[dict[str, Server]]:
    """One private server of each kind."""
    with open_servers(names(), private=True) as opened:
        yield opened


@pytest.fixture(params=names())
def server(request: pytest.FixtureRequest, servers: dict[str, Server]) -> Server:
    """Each of the servers in turn."""
    return servers[request.param]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout of its own, so that what ``up`` starts here is nobody else's; the working directory."""
    for folder in ("lessons", "src/taller"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    shutil.rmtree(records.folder())
