"""The final project in containers: right by the schemas, and the same system as the embedded one."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from taller.catalog import Course
from taller.runner import Submission

COURSE = Course.find(Path(__file__))
LESSON = COURSE.lesson("lesson21")
# Traces are shown on one machine; a cluster has a collector of its own.
PROCESSES = [name for name in LESSON.formation if name != "traces"]
KUBERNETES = "1.33"
COMPOSE_FILE = COURSE.root / "docker" / "compose.yaml"
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())["services"]
MANIFESTS: list[dict[str, Any]] = [
    manifest
    for path in sorted((COURSE.root / "docker" / "kubernetes").glob("*.yaml"))
    for manifest in yaml.safe_load_all(path.read_text())
]
SECRET = "a-made-up-value-that-is-long-enough-for-a-key"


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """The manifests of a kind, by name."""
    return {manifest["metadata"]["name"]: manifest for manifest in MANIFESTS if manifest["kind"] == kind}


def pod(name: str) -> dict[str, Any]:
    """What a process's pods are made of."""
    return of_kind("Deployment")[name]["spec"]["template"]["spec"]


def in_compose(name: str) -> dict[str, str]:
    """The variables of a process, as Compose fills them in."""
    return {
        variable: re.sub(r"\$\{\w+:\?\}", SECRET, value) for variable, value in SERVICES[name]["environment"].items()
    }


def in_kubernetes(name: str) -> dict[str, str]:
    """The variables of a process, as a cluster fills them in; those from the secret are empty."""
    config = of_kind("ConfigMap")["shop"]["data"]
    found = {}
    for variable in pod(name)["containers"][0]["env"]:
        source = variable.get("valueFrom", {})
        known = config[source["configMapKeyRef"]["key"]] if "configMapKeyRef" in source else ""
        found[variable["name"]] = variable.get("value", known)
    return found


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_a_manifest_follows_the_schema_of_its_kind(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_the_compose_file_follows_the_compose_specification() -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE_FILE)]
    check = subprocess.run(checker, capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("name", PROCESSES)
def test_every_process_is_started_by_the_command_of_the_procfile(name: str) -> None:
    command = Submission.locate(COURSE, LESSON, COURSE.solutions).commands()[name].removeprefix("python -m ")

    # The image's own entry point is `python -m`.
    assert SERVICES[name]["command"] == [command]
    assert pod(name)["containers"][0]["args"] == [command]


@pytest.mark.parametrize("name", PROCESSES)
def test_every_process_is_told_all_that_it_has_to_know(name: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(COURSE.solutions),
        **in_compose(name),
        # Nothing but this may keep it from starting.
        "PORT": "none",
    }
    command = [sys.executable, "-m", *SERVICES[name]["command"]]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    assert done.returncode == 2
    assert re.findall(r"\b[A-Z]+(?:_[A-Z]+)*(?=:)", done.stderr + done.stdout) == ["PORT"]


@pytest.mark.parametrize("name", PROCESSES)
def test_a_cluster_tells_a_process_what_compose_does(name: str) -> None:
    told = in_kubernetes(name)

    assert in_compose(name).keys() - told.keys() <= {"TRACES_URL"}
    assert told.keys() <= in_compose(name).keys()
    secrets = {variable for variable, value in told.items() if not value}
    assert secrets == {variable for variable, value in in_compose(name).items() if SECRET in value}


def test_only_the_gateway_can_be_reached_from_outside() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["gateway"]
    assert all(port.startswith("127.0.0.1:") for port in published["gateway"])

    [ingress] = of_kind("Ingress").values()
    [path] = ingress["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"]["service"]["name"] == "gateway"
    assert all(service["spec"].get("type", "ClusterIP") == "ClusterIP" for service in of_kind("Service").values())
    policies = of_kind("NetworkPolicy")
    assert "ingress" not in policies["nobody"]["spec"]
    [restricted] = policies["from-the-gateway"]["spec"]["podSelector"]["matchExpressions"]
    assert sorted(restricted["values"]) == sorted(set(PROCESSES) - {"gateway"})


@pytest.mark.parametrize("name", PROCESSES)
def test_every_process_can_be_scaled_and_drained(name: str) -> None:
    scaler = of_kind("HorizontalPodAutoscaler")[name]["spec"]
    deployment = of_kind("Deployment")[name]["spec"]

    assert scaler["scaleTargetRef"]["name"] == name
    assert 1 < scaler["minReplicas"] < scaler["maxReplicas"]
    assert "replicas" not in deployment, "or every apply would take back what the autoscaler has done"
    assert of_kind("PodDisruptionBudget")[name]["spec"]["selector"] == deployment["selector"]
    assert of_kind("Service")[name]["spec"]["selector"] == deployment["selector"]["matchLabels"]
    assert "container_name" not in SERVICES[name]


@pytest.mark.parametrize("name", PROCESSES)
def test_every_pod_is_probed_bounded_and_without_rights(name: str) -> None:
    [container] = pod(name)["containers"]

    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert {"cpu", "memory"} == container["resources"]["requests"].keys()
    assert pod(name)["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert not re.search(r":(latest)?$|/[^:]+$", container["image"])


def test_no_secret_is_written_down() -> None:
    assert of_kind("Secret") == {}
    names = {"JWT_SECRET", "SERVICE_SECRET", "ADMIN_PASSWORD", "MONGODB_URL", "DATABASE_URL", "REDIS_URL", "BROKER_URL"}
    assert names.isdisjoint(of_kind("ConfigMap")["shop"]["data"])
