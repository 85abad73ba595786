"""The compose file: right by its schema, and the same services as the embedded ones."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from taller.services import names, registry

FILE = Path(__file__).parents[3] / "docker" / "services.compose.yaml"
SERVICES: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]


def test_it_follows_the_compose_specification() -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    check = subprocess.run(checker, capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr


def test_it_has_every_service() -> None:
    assert sorted(SERVICES) == names()


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned_and_its_health_is_checked(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].partition(":")
    assert re.match(r"v?\d+\.\d+", tag)
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_local_and_can_be_chosen(name: str) -> None:
    wanted = {f"TALLER_{name}_{port}".upper() for port in registry.find(name).ports}
    for published in SERVICES[name]["ports"]:
        assert published.startswith("127.0.0.1:${")
        assert published.removeprefix("127.0.0.1:${").partition(":")[0] in wanted


@pytest.mark.parametrize("name", SERVICES)
def test_the_password_comes_from_the_environment(name: str) -> None:
    assert "${TALLER_PASSWORD:?}" in yaml.safe_dump(SERVICES[name], width=1000)
