"""The field's own checkers, which come with this package: hadolint, actionlint, zizmor and the Compose schema."""

import json
import os
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import validators
from jsonschema.exceptions import best_match

from taller.shipping.problem import Problem

CHECKED_WITHIN_S = 20
SEVERE = ("error", "warning")


def hadolint(text: str, path: str) -> Iterator[Problem]:
    """What hadolint warns of in a Dockerfile (https://github.com/hadolint/hadolint)."""
    # It does not know of contexts by name, and takes each for a stage that is not there.
    options = ("--no-color", "--format", "json", "--ignore", "DL3022")
    for finding in json.loads(_run("hadolint", *options, "-", given=text)):
        if finding["level"] in SEVERE:
            message = f"{finding['message']} ({finding['code']})"
            yield Problem(f"{path}:{finding['line']}", "hadolint to have nothing against it", message)


def actionlint(text: str, path: str) -> Iterator[Problem]:
    """What actionlint finds in a workflow (https://github.com/rhysd/actionlint), with shellcheck on its scripts."""
    for finding in json.loads(_run("actionlint", "-format", "{{json .}}", "-", given=text)):
        message = f"{finding['message']} [{finding['kind']}]"
        yield Problem(f"{path}:{finding['line']}", "actionlint to have nothing against it", message)


def zizmor(text: str, path: str) -> Iterator[Problem]:
    """How a workflow could be attacked, as zizmor sees it (https://docs.zizmor.sh)."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "workflow.yml")
        file.write_text(text, encoding="utf-8")
        printed = _run("zizmor", "--offline", "--no-config", "--no-progress", "--format", "json", str(file))
    for finding in json.loads(printed or "[]"):
        if not finding["ignored"]:
            place = finding["locations"][0]["concrete"]["location"]["start_point"]["row"] + 1
            message = f"{finding['desc']} [{finding['ident']}], see {finding['url']}"
            yield Problem(f"{path}:{place}", "zizmor to have nothing against it", message)


def compose_schema(data: Any, path: str) -> Iterator[Problem]:
    """What keeps a file from being one of the Compose Specification (https://github.com/compose-spec/compose-spec)."""
    schema = get_builtin_schema("vendor.compose-spec")
    error = best_match(validators.validator_for(schema)(schema).iter_errors(data))
    if error:
        place = ".".join(map(str, error.absolute_path)) or path
        yield Problem(place, "what the Compose Specification allows", error.message)


def _run(program: str, *arguments: str, given: str | None = None) -> str:
    """What a checker prints; in a folder without settings, and with our scripts found first."""
    scripts = sysconfig.get_path("scripts")
    with tempfile.TemporaryDirectory() as folder:
        finished = subprocess.run(
            [str(Path(scripts, program)), *arguments],
            cwd=folder,
            env={"PATH": os.pathsep.join([scripts, os.defpath]), "HOME": folder},
            input=given,
            capture_output=True,
            text=True,
            timeout=CHECKED_WITHIN_S,
        )
    if not finished.stdout:
        raise RuntimeError(f"{program} ended with status {finished.returncode}: {finished.stderr}")
    return finished.stdout
