"""Each rule finds what breaks it, says so, and has nothing against what keeps it."""

from collections.abc import Callable, Iterable

import pytest

from taller.shipping import (
    Compose,
    Dockerfile,
    Ignored,
    Problem,
    Workflow,
    compose_rules,
    dockerfile_rules,
    workflow_rules,
)

IMAGE = """
FROM python:3.13.1-slim AS build
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev
FROM python:3.13.1-slim
COPY --from=build /app /app
COPY src ./
USER 10001
CMD ["python", "-m", "shop"]
HEALTHCHECK --interval=5s --timeout=2s CMD ["python", "probe.py"]
"""
STACK = """
services:
  db:
    image: postgres:18.1
    environment: {POSTGRES_PASSWORD: "${DB:?}"}
    volumes: [db:/var/lib/postgresql]
    healthcheck: {test: pg_isready, interval: 1s, timeout: 1s, retries: 9}
    restart: always
  web:
    build: .
    environment: {DATABASE_URL: "postgresql://postgres:${DB:?}@db/postgres"}
    ports: ["8000:8000"]
    depends_on: {db: {condition: service_healthy}}
    restart: always
volumes: {db: {}}
"""
GATE = "    if: ${{ github.ref == 'refs/heads/main' }}"
PIPELINE = """
on: {push: {branches: [main]}, pull_request: {}}
concurrency: {group: a}
jobs:
  lint:
    timeout-minutes: 5
    steps: [{run: ruff check}]
  test:
    timeout-minutes: 5
    strategy: {matrix: {python: ["3.12", "3.13"]}}
    steps:
      - {uses: astral-sh/setup-uv@v1, with: {enable-cache: true, python-version: "${{ matrix.python }}"}}
      - {run: uv sync --locked && uv run pytest}
  build:
    timeout-minutes: 5
    needs: [lint, test]
    steps:
      - uses: docker/build-push-action@v7
        with: {push: "${{ github.ref == 'refs/heads/main' }}", tags: "a:${{ github.sha }}"}
  deploy:
    timeout-minutes: 5
    needs: build
    if: ${{ github.ref == 'refs/heads/main' }}
    environment: production
    concurrency: production
    steps: [{run: ./deploy}]
"""


def problems(text: str, parse: Callable[..., object], rules: Iterable[Callable[..., Iterable[Problem]]]) -> list[str]:
    """What the rules say of a file."""
    return [f"{rule.__name__}: {problem}" for rule in rules for problem in rule(parse(text))]


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert problems(IMAGE, Dockerfile.parse, dockerfile_rules.RULES) == []
    assert problems(STACK, Compose.parse, compose_rules.RULES) == []
    assert problems(PIPELINE, Workflow.parse, workflow_rules.RULES) == []


@pytest.mark.parametrize(
    ("find", "replace", "says"),
    [
        ("COPY pyproject.toml uv.lock ./", "COPY . ./", "dependencies_come_first: Dockerfile:3: expected nothing but"),
        (" --locked", "", "exactly as the lock file has them"),
        (" --no-dev", "", "no tools of development"),
        ("COPY --from=build /app /app\nCOPY src ./", "COPY src ./", "builds_in_stages"),
        ("COPY --from=build /app /app\nCOPY src ./", "COPY src ./\nCOPY --from=build /app /app", "source_comes_last"),
        ("FROM python:3.13.1-slim\n", "FROM python:3-slim\n", "images_are_pinned: Dockerfile:5"),
        ("FROM python:3.13.1-slim\n", "FROM python:3.13.1\n", "image_is_small"),
        ("USER 10001", "RUN apt-get install -y gcc\nUSER 10001", "image_is_small: Dockerfile:8"),
        ("USER 10001", "USER app", "runs_as_somebody"),
        ("USER 10001", "USER 0", "runs_as_somebody"),
        ("USER 10001", "USER 10001\nENV API_KEY=x", "holds_no_secret: Dockerfile:9"),
        ("USER 10001", "USER 10001\nARG DB_PASSWORD", "holds_no_secret"),
        ("USER 10001", "USER 10001\nENV URL=amqp://a:b@c", "holds_no_secret"),
        ("COPY src ./", "COPY src .env ./", "COPY of .env"),
        ('CMD ["python", "-m", "shop"]', "CMD python -m shop", 'CMD ["python", "-m", "shop"]: a shell in between'),
        ('CMD ["python", "-m"', 'CMD ["/app/bin/python", "-m"', "found by PATH"),
        (" --timeout=2s", "", "--timeout"),
        ('CMD ["python", "probe.py"]', "CMD curl localhost", "slim images have no curl"),
    ],
)
def test_a_rule_for_dockerfiles_finds(find: str, replace: str, says: str) -> None:
    assert find in IMAGE
    assert says in "\n".join(problems(IMAGE.replace(find, replace), Dockerfile.parse, dockerfile_rules.RULES))


@pytest.mark.parametrize(
    ("find", "replace", "says"),
    [
        ("services:", "version: '3.8'\nservices:", "is_up_to_date"),
        ("postgres:18.1", "postgres:latest", "images_are_pinned"),
        ("postgres:18.1", "postgres:17.1", "a named volume at /var/lib/postgresql/data"),
        ("[db:/var/lib/postgresql]", "[./db:/var/lib/postgresql]", "data_is_kept"),
        ("volumes: {db: {}}", "", "the volume 'db', which db mounts"),
        ("test: pg_isready", "test: curl localhost:5432", "health_is_checked"),
        (", retries: 9", "", "health_is_checked"),
        ("    image: postgres:18.1", '    image: postgres:18.1\n    ports: ["5432:5432"]', "ports_are_local"),
        ("    image: postgres:18.1", '    image: postgres:18.1\n    ports: ["${P:-1}:5432"]', "ports_are_local"),
        ('POSTGRES_PASSWORD: "${DB:?}"', "POSTGRES_PASSWORD: secret", "secrets_come_from_outside"),
        ("postgres:${DB:?}@db", "postgres:secret@db", "secrets_come_from_outside"),
        ('POSTGRES_PASSWORD: "${DB:?}"', 'POSTGRES_PASSWORD: "${DB_PASSWORD:-a}"', "the default 'a'"),
        ("    restart: always\nvolumes", "    restart: 'no'\nvolumes", "programs_come_back"),
        ("service_healthy", "service_started", "waits_for_health"),
        ("depends_on: {db: {condition: service_healthy}}", "", "not waited for"),
        ("@db/postgres", "@localhost/postgres", "the name of the service that is postgresql: db"),
        ("@db/postgres", "@db:5433/postgres", "port 5432"),
        ("@db/postgres", "@db/shop", "the database that db is told to make: postgres"),
        ("//postgres:", "//shop:", "the user that db is told to make: postgres"),
        ('    ports: ["8000:8000"]\n', "", "workers_have_their_own_check"),
    ],
)
def test_a_rule_for_compose_files_finds(find: str, replace: str, says: str) -> None:
    assert find in STACK
    assert says in "\n".join(problems(STACK.replace(find, replace), Compose.parse, compose_rules.RULES))


@pytest.mark.parametrize(
    ("find", "replace", "says"),
    [
        (", pull_request: {}", "", "runs_for_everybody"),
        ("[main]", "[next]", "runs_for_everybody"),
        ("ruff check", "true", "lints"),
        ('["3.12", "3.13"]', '["3.13"]', "tests_on_a_matrix"),
        ("${{ matrix.python }}", "3.13", "nobody asks for it"),
        ("enable-cache: true", "enable-cache: false", "caches_by_lock"),
        (" --locked", "", "exactly as the lock file has them"),
        ("concurrency: {group: a}", "", "is_bounded"),
        ("concurrency: {group: a}", "concurrency: {group: a, cancel-in-progress: true}", "deployments_are_whole"),
        ("    needs: [lint, test]", "    needs: [lint]", "builds_what_is_tested"),
        ("github.sha", "github.ref", "a tag that names the commit"),
        ("{push: \"${{ github.ref == 'refs/heads/main' }}\"", "{push: true", "pushes one too"),
        ("    needs: build\n", "    needs: lint\n", "build, test before anything is deployed"),
        (GATE, "    if: github.event_name == 'push'", "deployed too"),
        (GATE, "", "no condition"),
        (
            GATE,
            "    if: github.ref_name == 'main'",
            "a tag is deployed too",
        ),
        (GATE, "    if: github.ref == 'main'", "it is not"),
        (GATE, "    if: always()", "no always()"),
        (GATE, "    if: vars.GO == 'yes'", "github.event_name alone"),
        ("    concurrency: production\n", "", "a group of its own"),
    ],
)
def test_a_rule_for_workflows_finds(find: str, replace: str, says: str) -> None:
    assert find in PIPELINE
    assert says in "\n".join(problems(PIPELINE.replace(find, replace), Workflow.parse, workflow_rules.RULES))


def test_a_pattern_lets_nothing_in_that_is_private() -> None:
    ignored = Ignored(".git\n.venv\n.env*\n!.env.example\n**/__pycache__\n")
    assert list(dockerfile_rules.context_is_clean(ignored, {"pyproject.toml", ".env.example"})) == []
    assert [problem.got for problem in dockerfile_rules.context_is_clean(ignored, {".env.local"})] == ["it is kept out"]
