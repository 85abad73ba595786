"""Lesson 20: containers and CI. The files are read as data, and what they start runs on the embedded services."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import psutil
import pytest

from taller.grading import Client, Draw, Unmet, eventually, expect
from taller.grading.bench import Service, variables_of
from taller.grading.upstream import Upstream, reply_with
from taller.runner import NotStarted, Process, Submission, SubmissionNotFound, System
from taller.shipping import (
    Compose,
    Dockerfile,
    Ignored,
    Problem,
    Unreadable,
    Workflow,
    checkers,
    compose_rules,
    dockerfile_rules,
    workflow_rules,
)
from taller.shipping.compose import Service as Planned
from taller.shipping.compose import interpolate, variables_in
from taller.shipping.starting import command_in, command_of

T = TypeVar("T")
SERVERS = ("postgresql", "mongodb", "redis", "rabbitmq")
PROGRAMS = ("web", "tasks", "worker")
CHECK_ENDS_WITHIN_S = 15
ANSWERS_WITHIN_S = 10
BUILT_WITHIN_S = 600
UNWELL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Contained(Submission):
    """A submission whose processes are those that its image and its stack start, and not its Procfile's."""

    programs: Mapping[str, str] = field(default_factory=dict)

    def commands(self) -> dict[str, str]:
        """The programs' commands by name."""
        return dict(self.programs)


def container(submission: Submission, programs: Mapping[str, str], variables: Mapping[str, str]) -> System:
    """Where these programs can be started; they are told nothing but these variables."""
    workers = ("worker", "check")
    lesson = replace(submission.lesson, formation={}, workers=workers, environment={})
    return System(Contained(submission.course, lesson, submission.folder, submission.earlier, programs), variables)


def keeps(problems: Iterable[Problem]) -> None:
    """Raise ``Unmet`` for the first problem."""
    for problem in problems:
        raise Unmet(problem.expected, problem.got, problem.where)


def parsed(submission: Submission, path: str, parse: Callable[[str, str], T]) -> T:
    """A file of the submission as data; raises ``Unmet`` when there is none, or it is not of its kind."""
    try:
        return parse(submission.text(path), path)
    except (SubmissionNotFound, Unreadable) as error:
        raise Unmet(f"the file {path}", str(error)) from None


@pytest.fixture
def dockerfile(submission: Submission) -> Dockerfile:
    """The Dockerfile."""
    return parsed(submission, "Dockerfile", Dockerfile.parse)


@pytest.fixture
def compose(submission: Submission) -> Compose:
    """The compose file."""
    return parsed(submission, "compose.yaml", Compose.parse)


@pytest.fixture
def workflow(submission: Submission) -> Workflow:
    """The workflow."""
    return parsed(submission, ".github/workflows/ci.yml", Workflow.parse)


@pytest.mark.step("layers")
def test_dependencies_are_installed_before_the_source_is_there(dockerfile: Dockerfile) -> None:
    keeps(dockerfile_rules.dependencies_come_first(dockerfile))


@pytest.mark.step("layers")
def test_the_build_gets_what_it_copies_and_nothing_private(dockerfile: Dockerfile, submission: Submission) -> None:
    copied = dockerfile_rules.copied_paths(dockerfile)
    for path in sorted(copied):
        expect(
            (submission.folder / path).exists(), f"{path}, which the Dockerfile copies", "no such file", "Dockerfile"
        )
    ignored = parsed(submission, ".dockerignore", lambda text, _: Ignored(text))
    keeps(dockerfile_rules.context_is_clean(ignored, copied))


@pytest.mark.step("image")
@pytest.mark.parametrize(
    "rule",
    [
        dockerfile_rules.builds_in_stages,
        dockerfile_rules.images_are_pinned,
        dockerfile_rules.image_is_small,
        dockerfile_rules.source_comes_last,
        dockerfile_rules.runs_as_somebody,
        dockerfile_rules.holds_no_secret,
        dockerfile_rules.starts_directly,
    ],
    ids=lambda rule: rule.__name__,
)
def test_the_image(dockerfile: Dockerfile, rule: Callable[[Dockerfile], Iterable[Problem]]) -> None:
    keeps(rule(dockerfile))


@pytest.mark.step("image")
def test_hadolint_has_nothing_against_the_dockerfile(dockerfile: Dockerfile) -> None:
    keeps(checkers.hadolint(dockerfile.text, dockerfile.path))


@pytest.fixture(scope="module")
def image(submission: Submission, services: dict[str, Service]) -> Iterator[System]:
    """What a container of the image runs, with the image's variables, on this machine."""
    file = parsed(submission, "Dockerfile", Dockerfile.parse)
    command = command_of(file)
    expect(command, "CMD as a JSON list", "none", "Dockerfile")
    variables = {**submission.lesson.environment, **variables_of(services), **own_variables(file)}
    with container(submission, {"web": shlex.join(command)}, variables) as system:
        yield system


def own_variables(file: Dockerfile) -> dict[str, str]:
    """What the image tells its program, but for what holds only in a container: the port, and places in it."""
    return {name: value for name, value in file.environment().items() if name != "PORT" and "/" not in value}


@pytest.fixture(scope="module")
def main(image: System) -> Process:
    """The container's first process; the last test of the image ends it."""
    process = image.launch("web")
    await_patiently(process)
    return process


def await_patiently(process: Process) -> None:
    """Wait until it is ready; a machine that is busy with much else may take twice as long."""
    try:
        process.await_ready()
    except NotStarted as slow:
        if not slow.hung:
            raise
        process.await_ready()


@pytest.mark.step("image")
def test_the_command_serves_where_others_can_reach_it(main: Process) -> None:
    connections = psutil.Process(main.pid).net_connections("tcp")
    addresses = {found.laddr.ip for found in connections if found.laddr.port == main.port and not found.raddr}
    wanted = "a program that listens on every address of its container: HOST=0.0.0.0 in the image's ENV"
    expect(addresses & {"0.0.0.0", "::"}, wanted, ", ".join(sorted(addresses)), "CMD")


@pytest.mark.step("image")
def test_the_command_ends_cleanly_when_it_is_asked_to(main: Process) -> None:
    status = main.stop()
    expect(status == 0, "exit status 0 within ten seconds", f"exit status {status}", "CMD, then SIGTERM (docker stop)")


@pytest.mark.step("health")
def test_the_image_says_how_to_check_it(dockerfile: Dockerfile) -> None:
    keeps(dockerfile_rules.checks_its_health(dockerfile))


@pytest.fixture
def check(dockerfile: Dockerfile, submission: Submission) -> Iterator[Callable[[int], int | None]]:
    """Run the image's health check against a port: its exit status."""
    command = dockerfile_rules.health_command_of(dockerfile)
    expect(command, "HEALTHCHECK … CMD …", "none", "Dockerfile")
    with container(submission, {"check": command}, own_variables(dockerfile)) as system:
        yield lambda port: system.launch("check", {"PORT": str(port)}).wait(CHECK_ENDS_WITHIN_S)


@pytest.mark.step("health")
def test_the_check_believes_an_answer_of_200_alone(check: Callable[[int], int | None]) -> None:
    for answer, wanted in ((WELL, 0), (UNWELL, 1)):
        with Upstream() as upstream:
            upstream.on("/health", reply_with(answer))
            status = check(int(upstream.url.rpartition(":")[2]))
            upstream.request("/health")
        first = answer.splitlines()[0].decode()
        expect(status == wanted, f"exit status {wanted}", f"exit status {status}", f"HEALTHCHECK, /health says {first}")


@pytest.mark.step("health")
def test_the_check_fails_when_nobody_listens(check: Callable[[int], int | None]) -> None:
    with Upstream() as upstream:
        port = int(upstream.url.rpartition(":")[2])
    status = check(port)
    expect(status == 1, "exit status 1", f"exit status {status}", "HEALTHCHECK, and nothing listens on PORT")


@pytest.mark.step("stack")
def test_the_stack_follows_the_compose_specification(compose: Compose) -> None:
    keeps(checkers.compose_schema(compose.data, compose.path))


@pytest.mark.step("stack")
@pytest.mark.parametrize("kind", SERVERS)
def test_the_stack_has_a_server(compose: Compose, kind: str) -> None:
    found = [f"{service.name}: {service.image.text or 'built'}" for service in compose.services.values()]
    expect(compose.of_kind(kind), f"a service whose image is {kind}", ", ".join(found) or "no services", "compose.yaml")


@pytest.mark.step("stack")
@pytest.mark.parametrize(
    "rule",
    [
        compose_rules.is_up_to_date,
        compose_rules.images_are_pinned,
        compose_rules.data_is_kept,
        compose_rules.health_is_checked,
        compose_rules.ports_are_local,
        compose_rules.secrets_come_from_outside,
    ],
    ids=lambda rule: rule.__name__,
)
def test_the_stack(compose: Compose, rule: Callable[[Compose], Iterable[Problem]]) -> None:
    keeps(rule(compose))


@pytest.mark.step("order")
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_stack_builds_a_program(compose: Compose, name: str) -> None:
    service = compose.services.get(name)
    expect(service and service.is_built, f"a service {name!r} with build", ", ".join(compose.services), "compose.yaml")


@pytest.mark.step("order")
@pytest.mark.parametrize(
    "rule",
    [
        compose_rules.urls_fit,
        compose_rules.waits_for_health,
        compose_rules.programs_come_back,
        compose_rules.workers_have_their_own_check,
    ],
    ids=lambda rule: rule.__name__,
)
def test_the_order(compose: Compose, rule: Callable[[Compose], Iterable[Problem]]) -> None:
    keeps(rule(compose))


@pytest.mark.step("order")
def test_an_example_names_every_variable_and_no_secret(compose: Compose, submission: Submission) -> None:
    example = parsed(submission, ".env.example", lambda text, _: text)
    named = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    required = required_by(compose)
    missing = sorted(required - named.keys())
    expect(not missing, "each variable without a default in .env.example", f"no {', '.join(missing)}", "compose.yaml")
    told = sorted(name for name in required if named[name].strip("\"' "))
    expect(not told, "no value in .env.example: a secret is made, not copied", ", ".join(told), ".env.example")


def required_by(compose: Compose) -> set[str]:
    """The variables that Compose fills in and that have no default."""
    text = json.dumps(compose.data)
    return {name for name in variables_in(compose.data) if not re.search(rf"\$\{{{name}:?[-+]", text)}


@pytest.mark.step("order")
def test_the_programs_work_together_as_the_stack_starts_them(
    compose: Compose, dockerfile: Dockerfile, submission: Submission, services: dict[str, Service], draw: Draw
) -> None:
    planned = {name: compose.services[name] for name in PROGRAMS}
    drawn = {name: draw.token(40) for name in required_by(compose)}
    commands = {name: shlex.join(command_in(service, dockerfile, drawn)) for name, service in planned.items()}
    commands["check"] = dockerfile_rules.health_command_of(dockerfile)
    told = {name: variables_of_stack(compose, service, drawn, services) for name, service in planned.items()}
    with container(submission, commands, own_variables(dockerfile)) as stack:
        for name in PROGRAMS:
            stack.launch(name, told[name])
        for process in stack.processes():
            await_patiently(process)
        is_healthy(stack, "web")
        is_healthy(stack, "tasks")
        sells_and_remembers(Client(stack.url("web")), draw)
        takes_tasks_and_does_them(Client(stack.url("tasks")), draw)


def is_healthy(stack: System, name: str) -> None:
    """A program passes the check that its container has."""
    port = str(stack.processes(name)[0].port)
    status = stack.launch("check", {"PORT": port}).wait(CHECK_ENDS_WITHIN_S)
    expect(status == 0, "exit status 0", f"exit status {status}", f"HEALTHCHECK in the container of {name}")


def variables_of_stack(
    compose: Compose, service: Planned, drawn: Mapping[str, str], services: Mapping[str, Service]
) -> dict[str, str]:
    """What Compose tells a program; a URL of a server in the stack becomes that of the embedded one."""
    linked = {name: services[link.kind].url for name, link in compose_rules.links_of(compose, service)}
    own = {name: interpolate(value, drawn) for name, value in service.environment.items() if name != "PORT"}
    return own | linked


def sells_and_remembers(shop: Client, draw: Draw) -> None:
    """The shop reaches its database and its cache."""
    product = {"name": draw.name(), "price": draw.price()}
    place = shop.post("/api/products", json=product).has_status(201).header("Location")
    shop.get(place).has_status(200).header("X-Cache", "MISS")
    shop.get(place).has_status(200).header("X-Cache", "HIT")
    person = {"name": draw.name(), "email": f"{draw.token()}@shop.test", "password": draw.token(20)}
    shop.post("/auth/register", json=person).has_status(201)


def takes_tasks_and_does_them(tasks: Client, draw: Draw) -> None:
    """What is asked over HTTP goes through the broker to the worker, and its state comes back."""
    task = {"task": "receipt", "payload": {"text": draw.name()}}
    place = tasks.post("/api/tasks", json=task).has_status(202).header("Location")
    eventually(lambda: tasks.get(place).field("state") == "done", within=15, expected="the worker to do the task")


class Engine:
    """Docker, with the stack in a project of its own: its containers, networks and volumes go with the test."""

    def __init__(self, submission: Submission, override: Path, variables: Mapping[str, str]) -> None:
        self._project = f"taller-lesson20-{uuid4().hex[:8]}"
        self._files = [submission.folder / "compose.yaml", override]
        self._variables = variables

    def compose(self, *arguments: str) -> str:
        """What ``docker compose`` prints; raises ``Unmet`` with its complaint."""
        files = [option for file in self._files for option in ("--file", str(file))]
        command = ["docker", "compose", "--project-name", self._project, *files, *arguments]
        return docker(command, self._variables)


def docker(command: list[str], variables: Mapping[str, str] | None = None) -> str:
    """What a command prints; raises ``Unmet`` with the end of its complaint."""
    environment = {**os.environ, **(variables or {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=BUILT_WITHIN_S)
    expect(done.returncode == 0, "exit status 0", done.stderr[-1000:], shlex.join(command[:2]) + " " + command[-1])
    return done.stdout


def has_images(names: Iterable[str]) -> bool:
    """Whether there is an engine that answers, and has these images: a test does not fetch gigabytes."""
    if not shutil.which("docker"):
        return False
    asked = ["docker", "image", "inspect", *names]
    return subprocess.run(asked, capture_output=True, timeout=ANSWERS_WITHIN_S).returncode == 0


@pytest.fixture
def built(dockerfile: Dockerfile, submission: Submission) -> Iterator[str]:
    """The image, built by an engine; the tests that need it are skipped where there is none."""
    if not has_images(image.text for _, image in dockerfile.images()):
        pytest.skip("no engine that has the images which the Dockerfile begins with")
    tag = f"taller-lesson20:{uuid4().hex[:8]}"
    lessons = f"lessons={submission.course.solutions}"
    docker(["docker", "build", "--quiet", "--build-context", lessons, "--tag", tag, str(submission.folder)])
    yield tag
    docker(["docker", "image", "rm", tag])


@pytest.mark.step("image")
def test_an_engine_builds_the_image_and_runs_it_as_nobody(built: str) -> None:
    who = docker(["docker", "run", "--rm", "--entrypoint", "id", built, "-u"]).strip()
    expect(who != "0", "a user other than root", f"user {who}", "docker run IMAGE id -u")


@pytest.fixture
def engine(built: str, compose: Compose, submission: Submission, draw: Draw, tmp_path: Path) -> Iterator[Engine]:
    """The stack as Docker Compose starts it, on ports that are free."""
    if not has_images(service.image.text for service in compose.services.values() if service.kind):
        pytest.skip("no engine that has the images of the servers")
    override = tmp_path / "override.yaml"
    anywhere: dict[str, list[str]] = {"web": ["127.0.0.1::8000"], "tasks": ["127.0.0.1::8000"], "worker": []}
    programs = "".join(
        f"  {name}:\n    image: {built}\n    build: !reset null\n    ports: !override {json.dumps(ports)}\n"
        for name, ports in anywhere.items()
    )
    override.write_text(f"services:\n{programs}", encoding="utf-8")
    engine = Engine(submission, override, {name: draw.token(40) for name in required_by(compose)})
    try:
        engine.compose("up", "--detach", "--wait")
        yield engine
    finally:
        engine.compose("down", "--volumes", "--timeout", "1")


@pytest.mark.step("order")
def test_an_engine_starts_the_stack_in_order(engine: Engine, draw: Draw) -> None:
    sells_and_remembers(Client(f"http://{engine.compose('port', 'web', '8000').strip()}"), draw)
    takes_tasks_and_does_them(Client(f"http://{engine.compose('port', 'tasks', '8000').strip()}"), draw)


@pytest.mark.step("pipeline")
@pytest.mark.parametrize("checker", [checkers.actionlint, checkers.zizmor], ids=lambda checker: checker.__name__)
def test_a_checker_has_nothing_against_the_pipeline(
    workflow: Workflow, checker: Callable[[str, str], Iterable[Problem]]
) -> None:
    keeps(checker(workflow.text, workflow.path))


@pytest.mark.step("pipeline")
@pytest.mark.parametrize(
    "rule",
    [
        workflow_rules.runs_for_everybody,
        workflow_rules.lints,
        workflow_rules.tests_on_a_matrix,
        workflow_rules.caches_by_lock,
        workflow_rules.is_bounded,
    ],
    ids=lambda rule: rule.__name__,
)
def test_the_pipeline(workflow: Workflow, rule: Callable[[Workflow], Iterable[Problem]]) -> None:
    keeps(rule(workflow))


@pytest.mark.step("pipeline")
def test_the_tests_meet_the_servers_of_the_stack(workflow: Workflow, compose: Compose) -> None:
    keeps(workflow_rules.tests_meet_real_servers(workflow, compose))


@pytest.mark.step("deploy")
@pytest.mark.parametrize(
    "rule",
    [
        workflow_rules.builds_what_is_tested,
        workflow_rules.deploys_main_alone,
        workflow_rules.deployments_are_whole,
    ],
    ids=lambda rule: rule.__name__,
)
def test_what_is_deployed(workflow: Workflow, rule: Callable[[Workflow], Iterable[Problem]]) -> None:
    keeps(rule(workflow))


@pytest.mark.step("deploy")
@pytest.mark.parametrize("checker", [checkers.actionlint, checkers.zizmor], ids=lambda checker: checker.__name__)
def test_a_checker_has_nothing_against_the_deployment(
    workflow: Workflow, checker: Callable[[str, str], Iterable[Problem]]
) -> None:
    keeps(checker(workflow.text, workflow.path))
