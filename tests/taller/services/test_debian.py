"""Fetching programs without installing them: the real apt and dpkg, on an archive made here."""

import gzip
import hashlib
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taller.services import debian

pytestmark = pytest.mark.skipif(not shutil.which("apt-get"), reason="apt is on Debian and Ubuntu alone")

PACKAGES = {
    "broker": "broker-runtime, libbroker-part, libjs-page, log-rotate",
    "broker-runtime": "",
    "libbroker-part": "",
}


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive with a broker, its runtime, a library and a helper, which apt then knows alone."""
    folder = tmp_path / "archive"
    folder.mkdir()
    index = [
        _build(folder, name, depends) for name, depends in (PACKAGES | {"libjs-page": "", "log-rotate": ""}).items()
    ]
    (folder / "Packages.gz").write_bytes(gzip.compress("\n".join(index).encode()))
    (tmp_path / "sources.list").write_text(f"deb [trusted=yes] file:{folder} ./\n")
    (tmp_path / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{tmp_path}/sources.list";\nDir::Etc::sourceparts "/dev/null";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    return folder


def test_a_package_comes_with_its_family_and_its_libraries(tmp_path: Path) -> None:
    said: list[str] = []

    debian.fetch("broker", ("broker-runtime", "broker"), tmp_path / "cache", said.append)

    root = debian.unpacked(tmp_path / "cache")
    assert root
    assert (root / "usr/share/broker/file").read_text() == "broker"
    assert (root / "usr/share/broker-runtime/file").exists()
    assert (root / "usr/share/libbroker-part/file").exists()
    assert not (root / "usr/share/libjs-page").exists()
    assert not (root / "usr/share/log-rotate").exists()
    assert said[-1] == "broker is unpacked"


def test_it_is_fetched_once_by_two_at_once(tmp_path: Path) -> None:
    said: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(debian.fetch, "broker", ("broker",), tmp_path / "cache", said.append) for _ in range(2)]

    assert [fetched.exception() for fetched in both] == [None, None]
    assert said.count("broker is unpacked") == 1


def test_a_failure_says_why_and_leaves_no_half(tmp_path: Path, archive: Path) -> None:
    for package in archive.glob("broker-runtime*.deb"):
        package.unlink()

    with pytest.raises(debian.FetchFailed, match="broker could not be fetched: E: "):
        debian.fetch("broker", ("broker",), tmp_path / "cache", lambda line: None)

    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["lock"]


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "cache" / "fetch-killed" / "root").mkdir(parents=True)
    assert debian.unpacked(tmp_path / "cache") is None

    debian.fetch("broker", ("broker",), tmp_path / "cache", lambda line: None)

    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["lock", "root"]


def _build(folder: Path, name: str, depends: str) -> str:
    """Build a package of one file; its stanza for the archive's index."""
    tree = folder.parent / "build" / name
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "usr/share" / name).mkdir(parents=True)
    (tree / "usr/share" / name / "file").write_text(name)
    control = (
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: {name}\n"
    )
    if depends:
        control += f"Depends: {depends}\n"
    (tree / "DEBIAN" / "control").write_text(control)
    package = folder / f"{name}_1_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, package], check=True, capture_output=True)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    return f"{control}Filename: ./{package.name}\nSize: {package.stat().st_size}\nSHA256: {digest}\n"
