"""docker/ and .github/: the project's own files keep the rules that lesson20 teaches."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from taller.shipping import (
    Compose,
    Dockerfile,
    Ignored,
    Problem,
    Workflow,
    checkers,
    compose_rules,
    dockerfile_rules,
    workflow_rules,
)

ROOT = Path(__file__).parents[3]
DEVCONTAINER = ROOT / "docker" / "devcontainer" / "Dockerfile"
DOCKERFILES = sorted({*(ROOT / "docker").glob("**/*Dockerfile")} - {DEVCONTAINER})
COMPOSE_FILES = sorted((ROOT / "docker").glob("**/*compose.yaml"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def keeps(problems: Iterable[Problem]) -> None:
    """Fail with every problem that there is."""
    assert not (found := [str(problem) for problem in problems]), "\n".join(found)


@pytest.mark.parametrize("path", DOCKERFILES, ids=str)
def test_a_dockerfile_keeps_the_rules(path: Path) -> None:
    file = Dockerfile.parse(path.read_text(), path.name)
    keeps(checkers.hadolint(file.text, path.name))
    for rule in dockerfile_rules.RULES:
        keeps(rule(file))


@pytest.mark.parametrize("path", DOCKERFILES, ids=str)
def test_a_build_is_given_what_it_needs(path: Path) -> None:
    file = Dockerfile.parse(path.read_text(), path.name)
    ignored = Ignored(path.with_name(f"{path.name}.dockerignore").read_text())
    keeps(dockerfile_rules.context_is_clean(ignored, dockerfile_rules.copied_paths(file) - {"solutions"}))


def test_the_devcontainer_is_pinned_safe_and_somebody() -> None:
    file = Dockerfile.parse(DEVCONTAINER.read_text(), "devcontainer/Dockerfile")
    keeps(checkers.hadolint(file.text, file.path))
    for rule in (
        dockerfile_rules.images_are_pinned,
        dockerfile_rules.runs_as_somebody,
        dockerfile_rules.holds_no_secret,
        dockerfile_rules.starts_directly,
    ):
        keeps(rule(file))
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert (ROOT / ".devcontainer" / settings["build"]["dockerfile"]).resolve() == DEVCONTAINER
    assert f" {settings['remoteUser']}\n" in file.text


@pytest.mark.parametrize("path", COMPOSE_FILES, ids=str)
def test_a_compose_file_keeps_the_rules(path: Path) -> None:
    compose = Compose.parse(path.read_text(), path.name)
    keeps(checkers.compose_schema(compose.data, path.name))
    for rule in compose_rules.RULES:
        keeps(rule(compose))


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_a_workflow_is_right_and_safe(path: Path) -> None:
    workflow = Workflow.parse(path.read_text(), path.name)
    keeps(checkers.actionlint(workflow.text, path.name))
    keeps(checkers.zizmor(workflow.text, path.name))
    for rule in (
        workflow_rules.runs_for_everybody,
        workflow_rules.caches_by_lock,
        workflow_rules.is_bounded,
    ):
        keeps(rule(workflow))
