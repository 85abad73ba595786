"""What makes a workflow a good one. Each rule yields what breaks it."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from taller.shipping.compose import Compose, Service
from taller.shipping.compose_rules import PORTS, SCHEMES
from taller.shipping.conditions import NotUnderstood, holds
from taller.shipping.dockerfile_rules import BY_LOCK, INSTALLS
from taller.shipping.documents import mapping, texts
from taller.shipping.problem import Problem
from taller.shipping.workflow import Job, Step, Workflow

TESTS = re.compile(r"\b(pytest|unittest|tox|nox|npm\s+(run\s+)?test|vitest|jest|go\s+test|cargo\s+test)\b")
LINTS = re.compile(r"\b(ruff|flake8|pylint|mypy|pyright|eslint|biome|golangci-lint|clippy|npm\s+run\s+lint)\b")
BUILDS = re.compile(r"\bdocker\s+(buildx\s+)?(build|bake)\b|\bdocker\s+compose\s+build\b")
PUSHES = re.compile(r"\bdocker\s+(compose\s+)?push\b|--push\b")
BUILD_ACTIONS = ("docker/build-push-action", "docker/bake-action")
WHATEVER_HAPPENED = re.compile(r"\b(always|failure|cancelled)\s*\(")

MAIN = {"github.event_name": "push", "github.ref": "refs/heads/main", "github.ref_name": "main"}
ELSEWHERE = {
    "a push to another branch": {"github.event_name": "push", "github.ref": "refs/heads/next"},
    "a tag": {"github.event_name": "push", "github.ref": "refs/tags/main"},
    "a pull request": {"github.event_name": "pull_request", "github.ref": "refs/pull/7/merge"},
    "a run by hand of another branch": {"github.event_name": "workflow_dispatch", "github.ref": "refs/heads/next"},
}


def runs_for_everybody(workflow: Workflow) -> Iterator[Problem]:
    """It runs for every pull request, and for main."""
    events = workflow.events
    if "pull_request" not in events:
        yield Problem("on", "pull_request: a mistake is found before it is on main", ", ".join(events) or "nothing")
    if "push" not in events or "main" not in texts(mapping(events.get("push")).get("branches", "main")):
        yield Problem("on", "push to main", ", ".join(events) or "nothing")


def lints(workflow: Workflow) -> Iterator[Problem]:
    """A linter reads the code."""
    if not linting(workflow):
        yield Problem("jobs", "a job that runs a linter, such as ruff check", "none")


def tests_on_a_matrix(workflow: Workflow) -> Iterator[Problem]:
    """The tests run on several versions of the language."""
    jobs = testing(workflow)
    if not jobs:
        yield Problem("jobs", "a job that runs the tests, such as pytest", "none")
    for job in jobs:
        several = {name for name, values in job.matrix.items() if isinstance(values, list) and len(values) > 1}
        where = f"{job.where}.strategy.matrix"
        if not several:
            yield Problem(where, "a matrix with at least two versions of the language", str(job.matrix or "none"))
        elif not any(f"matrix.{name}" in str(job.data.get("steps")) for name in several):
            yield Problem(where, f"a step that uses matrix.{sorted(several)[0]}", "nobody asks for it")


def tests_meet_real_servers(workflow: Workflow, compose: Compose) -> Iterator[Problem]:
    """The tests run against the servers of the compose file, once those are well."""
    for job in testing(workflow):
        here = {name: Service(name, data) for name, data in job.services.items()}
        for service in compose.services.values():
            if service.kind:
                same = [own for own in here.values() if own.kind == service.kind]
                yield from _meets(job, service, same[0] if same else None)


def _meets(job: Job, wanted: Service, own: Service | None) -> Iterator[Problem]:
    where = f"{job.where}.services"
    if own is None:
        yield Problem(where, f"{wanted.image.text}, as in the compose file", "none")
        return
    where = f"{where}.{own.name}"
    if own.image.text != wanted.image.text:
        yield Problem(where, f"the very image of the compose file, {wanted.image.text}", own.image.text)
    if "--health-cmd" not in str(own.data.get("options", "")):
        yield Problem(where, "options with --health-cmd: the steps begin once the server is well", "none")
    if not _is_reached(job, own):
        wanted_url = f"a variable with the URL of {own.name} at localhost and a port that it publishes"
        yield Problem(f"{job.where}.env", wanted_url, "none")


def _is_reached(job: Job, server: Service) -> bool:
    published = {str(port).partition("/")[0].rpartition(":")[0] or str(port) for port in server.data.get("ports") or []}
    environments = [job.data.get("env"), *(step.data.get("env") for step in job.steps)]
    urls = [str(value) for environment in environments for value in mapping(environment).values()]
    for url in urls:
        parts = urlsplit(url) if url.partition("://")[0] in SCHEMES.get(server.kind, ()) else None
        if (
            parts
            and parts.hostname in ("localhost", "127.0.0.1")
            and str(_port_of(url) or PORTS[server.kind]) in published
        ):
            return True
    return False


def _port_of(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None


def caches_by_lock(workflow: Workflow) -> Iterator[Problem]:
    """What is installed is what the lock file says, and is kept until that changes."""
    if not any(_caches(step) for _, step in workflow.steps()):
        wanted = (
            "a cache whose key is made of the lock file, such as setup-uv with enable-cache and cache-dependency-glob"
        )
        yield Problem("jobs", wanted, "none")
    for job, step in workflow.steps():
        for line in step.script.splitlines():
            if INSTALLS.search(line) and not BY_LOCK.search(line):
                yield Problem(
                    job.where, "dependencies exactly as the lock file has them, such as uv sync --locked", line
                )


def _caches(step: Step) -> bool:
    given = step.inputs
    match step.action:
        case "actions/cache":
            return bool(re.search(r"hashFiles\([^)]*(lock|go\.sum|requirements)", str(given.get("key", ""))))
        case "astral-sh/setup-uv":
            return str(given.get("enable-cache", "")).lower() == "true" and "lock" in str(
                given.get("cache-dependency-glob", "uv.lock")
            )
        case action if action.startswith("actions/setup-"):
            return bool(given.get("cache"))
    return False


def is_bounded(workflow: Workflow) -> Iterator[Problem]:
    """A run that hangs ends, and one that nobody waits for any more is cancelled."""
    for job in workflow.jobs.values():
        if "timeout-minutes" not in job.data and "uses" not in job.data:
            yield Problem(f"{job.where}.timeout-minutes", "a bound in minutes: the default is six hours", "none")
    if "concurrency" not in workflow.data:
        yield Problem("concurrency", "a group, so that a newer push takes the place of an older one's run", "none")


def builds_what_is_tested(workflow: Workflow) -> Iterator[Problem]:
    """The image is built once lint and tests have passed, tagged with its commit, and pushed for main alone."""
    jobs = building(workflow)
    if not jobs:
        yield Problem("jobs", "a job that builds the image, such as with docker/build-push-action", "none")
    for job in jobs:
        others = {other.id for other in (*testing(workflow), *linting(workflow))} - {job.id}
        if missing := sorted(others - workflow.before(job)):
            yield Problem(f"{job.where}.needs", f"{', '.join(missing)}: what fails is not built", _listed(job.needs))
        if not re.search(r"github\.sha|GITHUB_SHA", str(job.data)):
            yield Problem(job.where, "a tag that names the commit, by github.sha", "none")
        for what, context in ELSEWHERE.items():
            if _pushes(workflow, job, context):
                yield Problem(job.where, "an image that is pushed for main alone", f"{what} pushes one too")
                break


def _pushes(workflow: Workflow, job: Job, context: dict[str, str]) -> bool:
    if not _runs(workflow, job, context):
        return False
    if PUSHES.search(job.scripts):
        return True
    return any(_is_true(step.inputs.get("push"), context) for step in job.steps if step.action in BUILD_ACTIONS)


def deploys_main_alone(workflow: Workflow) -> Iterator[Problem]:
    """What is deployed is main, once every other job has succeeded."""
    jobs = deploying(workflow)
    if not jobs:
        yield Problem("jobs", "a job that deploys, to an environment", "none has an environment")
    for job in jobs:
        others = workflow.jobs.keys() - {other.id for other in jobs}
        if missing := sorted(others - workflow.before(job)):
            yield Problem(f"{job.where}.needs", f"{', '.join(missing)} before anything is deployed", _listed(job.needs))
        yield from _of_condition(workflow, job)


def _of_condition(workflow: Workflow, job: Job) -> Iterator[Problem]:
    where = f"{job.where}.if"
    for each in (job, *(workflow.jobs[name] for name in sorted(workflow.before(job)))):
        if WHATEVER_HAPPENED.search(each.condition):
            yield Problem(
                f"{each.where}.if", "no always() and its like: a job that failed must stop it", each.condition
            )
            return
    try:
        reached = [what for what, context in ELSEWHERE.items() if _runs(workflow, job, context)]
        if reached:
            wanted = "a deployment of main alone, such as if: github.ref == 'refs/heads/main'"
            yield Problem(where, wanted, f"{job.condition or 'no condition'}: {reached[0]} is deployed too")
        elif not _runs(workflow, job, MAIN):
            yield Problem(where, "a push to main to be deployed", f"{job.condition}: it is not")
    except NotUnderstood as unknown:
        yield Problem(where, "a condition by github.ref, github.ref_name and github.event_name alone", str(unknown))


def deployments_are_whole(workflow: Workflow) -> Iterator[Problem]:
    """No deployment is cut short by the next one, and no two go on at once."""
    levels = [("concurrency", workflow.data.get("concurrency"))]
    for job in deploying(workflow):
        own = job.data.get("concurrency")
        levels.append((f"{job.where}.concurrency", own))
        if not own:
            yield Problem(f"{job.where}.concurrency", "a group of its own: one deployment at a time", "none")
    for where, value in levels:
        if _is_true(mapping(value).get("cancel-in-progress"), MAIN):
            wanted = "cancel-in-progress to be false for main, such as ${{ github.ref != 'refs/heads/main' }}"
            yield Problem(where, wanted, str(mapping(value)["cancel-in-progress"]))


def testing(workflow: Workflow) -> list[Job]:
    """The jobs that run tests."""
    return [job for job in workflow.jobs.values() if TESTS.search(job.scripts)]


def linting(workflow: Workflow) -> list[Job]:
    """The jobs that run a linter."""
    return [job for job in workflow.jobs.values() if LINTS.search(job.scripts)]


def building(workflow: Workflow) -> list[Job]:
    """The jobs that build an image."""
    jobs = workflow.jobs.values()
    return [job for job in jobs if BUILDS.search(job.scripts) or any(s.action in BUILD_ACTIONS for s in job.steps)]


def deploying(workflow: Workflow) -> list[Job]:
    """The jobs that deploy: those with an environment."""
    return [job for job in workflow.jobs.values() if job.data.get("environment")]


def _runs(workflow: Workflow, job: Job, context: dict[str, str]) -> bool:
    """Whether a job runs when all before it succeed: a job is left out when one that it needs is."""
    known = {"github.ref_name": context["github.ref"].rpartition("/")[2], **context}
    needed = [workflow.jobs[name] for name in sorted(workflow.before(job))]
    return all(holds(each.condition, known) for each in (*needed, job))


def _is_true(value: Any, context: dict[str, str]) -> bool:
    """What a setting is, given as it is or by an expression; one that cannot be valued counts as true."""
    text = str(value or "").strip()
    expression = re.fullmatch(r"\$\{\{(.*)\}\}", text, re.DOTALL)
    if not expression:
        return text.lower() == "true"
    try:
        return holds(expression[1].strip(), {"github.ref_name": context["github.ref"].rpartition("/")[2], **context})
    except NotUnderstood:
        return True


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


RULES = (
    runs_for_everybody,
    lints,
    tests_on_a_matrix,
    caches_by_lock,
    is_bounded,
    builds_what_is_tested,
    deploys_main_alone,
    deployments_are_whole,
)
