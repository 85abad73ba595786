"""What the final project's gateway saves, and what it costs: ``python benchmarks/final_project.py``.

wrk (https://github.com/wg/wrk) sends the query for 100 users with 10 orders each to three gateways in front of the same
services: the solution, the same without its bulk execution, and that without batching as well. A client also makes the
two calls that the query costs by itself, one after the other. Rounds alternate; medians are compared.
What is claimed: the solution makes 2 calls to services where the one without batching makes 101, and serves at least 8
times the requests per second. What the gateway adds is told as a ratio to the two calls alone.
"""

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import tokens

from taller.catalog import Course, Lesson
from taller.grading.bench import Service, allocated, variables_of
from taller.processes import Limits
from taller.runner import Submission, System

USERS = 100
ORDERS = 10
ROUNDS = 3
SECONDS = 5
CONNECTIONS = 4
REQUESTS = 60
CLAIM = 8
BULK, BATCHED, NAIVE = "bulk", "batched", "naive"
# Under this load a call may take its time, and stand in a queue: what is compared is the work.
PATIENT = {"TIMEOUT_MS": "30000", "DEADLINE_MS": "60000", "BULKHEAD_CALLS": "10"}
VARIABLES = {BULK: {}, BATCHED: {"BULK": "false"}, NAIVE: {"BULK": "false", "BATCHING": "false"}}
REGISTER = "mutation ($email: String!) { registrar(email: $email, password: $email) { id } }"
QUERY = "{ usuarios(first: 100) { id email rol pedidos { id estado total } } }"
FILL = "INSERT INTO orders (user_id, total) SELECT id, 12.5 FROM unnest(%s::text[]) AS id, generate_series(1, %s)"
SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer {token}"
wrk.body = '{{"query": "{query}"}}'
function response(status, headers, body)
  if status ~= 200 or body:find('"errors"', 1, true) then
    io.stderr:write(body:sub(1, 500))
    os.exit(1)
  end
end
"""


class Shop:
    """The running system with a crowd in it, asked by an administrator."""

    def __init__(self, lesson: Lesson, system: System, services: dict[str, Service]) -> None:
        self._system = system
        self._token = tokens.of_user(lesson, "benchmark", "admin")
        self._http = httpx.Client(headers={"Authorization": f"Bearer {self._token}"}, timeout=60)
        self._inside = {"X-Service-Token": tokens.of_gateway(lesson)}
        self.gateways = {
            name: system.start("gateway", {**PATIENT, **variables}).url for name, variables in VARIABLES.items()
        }
        self._fill(services["postgresql"].url)

    def calls(self, name: str) -> int:
        """How many calls to services the query costs by this gateway."""
        body = self._ask(name, QUERY).json()
        assert len(body["data"]["usuarios"]) == USERS
        assert all(len(user["pedidos"]) == ORDERS for user in body["data"]["usuarios"])
        return int(body["extensions"]["upstreamCalls"])

    def rate(self, name: str) -> float:
        """Requests per second by this gateway."""
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder, "query.lua")
            script.write_text(SCRIPT.format(token=self._token, query=QUERY))
            load = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "20s", "-s", str(script)]
            command = [*load, f"{self.gateways[name]}/graphql"]
            done = subprocess.run(command, capture_output=True, text=True)
        found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
        if done.returncode or not found:
            raise SystemExit(f"{name}: {done.stderr or done.stdout}")
        return float(found[1])

    def through_the_gateway(self) -> None:
        """The query."""
        self._ask(BULK, QUERY)

    def directly(self) -> None:
        """The two calls that it costs."""
        users = self._get(f"{self._system.url('users')}/users?first={USERS}")
        ids = ",".join(user["id"] for user in users.json())
        self._get(f"{self._system.url('orders')}/orders?userIds={ids}")

    def _ask(self, name: str, query: str, **variables: str) -> httpx.Response:
        asked = {"query": query, "variables": variables}
        return self._http.post(f"{self.gateways[name]}/graphql", json=asked).raise_for_status()

    def _get(self, url: str) -> httpx.Response:
        return self._http.get(url, headers=self._inside).raise_for_status()

    def _fill(self, database: str) -> None:
        # The administrator is one of them.
        emails = [f"user{number}@example.com" for number in range(1, USERS)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda email: self._ask(BULK, REGISTER, email=email), emails))
        users = self._get(f"{self._system.url('users')}/users?first={USERS}").json()
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(FILL, [[user["id"] for user in users], ORDERS])


def milliseconds(work: Callable[[], None]) -> float:
    """How long something takes, once."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def report(shop: Shop) -> None:
    """Measure and print."""
    rounds = [{name: shop.rate(name) for name in shop.gateways} for _ in range(ROUNDS)]
    rates = {name: statistics.median(each[name] for each in rounds) for name in shop.gateways}
    print(f"{USERS} users with {ORDERS} orders each, {CONNECTIONS} connections, median of {ROUNDS}:")
    for name in shop.gateways:
        ratio = rates[name] / rates[NAIVE]
        print(f"  {name:8} {rates[name]:7.1f} requests/s, {ratio:5.1f} times naive, {shop.calls(name):3} calls each")
    print(f"  claimed: {BULK} at least {CLAIM} times naive")
    pairs = [(milliseconds(shop.through_the_gateway), milliseconds(shop.directly)) for _ in range(REQUESTS)]
    through, direct = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        f"one at a time: {through:.1f} ms through the gateway, {direct:.1f} ms directly: {through / direct:.2f} times"
    )


def main() -> None:
    """Run the system, and compare."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt-get install wrk")
    course = Course.find()
    lesson = course.lesson("lesson21")
    place = Submission.locate(course, lesson, course.solutions)
    limits = Limits(wall_seconds=3600, cpu_seconds=3600)
    with (
        allocated(lesson, private=False, announce=print) as services,
        System(place, variables_of(services), limits=limits) as system,
    ):
        report(Shop(lesson, system, services))


if __name__ == "__main__":
    main()
