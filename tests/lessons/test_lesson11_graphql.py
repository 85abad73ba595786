"""Lesson 11: GraphQL. Each test is one promise of the contract, on the wire; statements are counted in the database."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urljoin, urlsplit

import psycopg
import pytest
from bs4 import BeautifulSoup
from graphql import get_introspection_query
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from taller.grading import Answer, Client, Draw, Unmet, eventually, expect, refuses_to_start
from taller.grading.bench import Bench, Service
from taller.runner import Process, System

GRAPHQL = "/graphql"
RESPONSE = "application/graphql-response+json"
JSON = "application/json"
PROTOCOL = "graphql-transport-ws"
NOBODY_HAS = "9000000000000"
UNAVAILABLE_WITHIN_S = 5
BACK_WITHIN_S = 10
REFUSED_WITHIN_S = 2
HEARD_WITHIN_S = 5
CLOSED_WITHIN_S = 2

CREATE_USER = "mutation ($name: String!, $email: String!) { createUser(name: $name, email: $email) { id name email } }"
CREATE_POST = """
mutation ($title: String!, $content: String, $authorId: ID!) {
  createPost(title: $title, content: $content, authorId: $authorId) { id title content createdAt author { id } }
}
"""


def ask(web: Client, query: str, variables: dict[str, Any] | None = None, **options: Any) -> Answer:
    """Send a query by POST, as a client of today does."""
    body = {"query": query, **({"variables": variables} if variables is not None else {})}
    headers = {"Accept": RESPONSE, **options.pop("headers", {})}
    return web.post(GRAPHQL, json=body, headers=headers, **options)


def shown(value: object) -> str:
    """What a test is called that was given this value."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def data(answer: Answer, status: int = 200) -> Any:
    """What was asked for: the answer has that status, ``data`` and no errors."""
    answer.has_status(status)
    expect("errors" not in answer.json, "a response without errors", answer.got, answer.sent)
    return answer.field("data", dict)


def errors(answer: Answer) -> list[dict[str, Any]]:
    """The errors of a response, each with a message and a code."""
    found = answer.field("errors", list)
    expect(found, "a list of errors that is not empty", answer.got, answer.sent)
    for error in found:
        is_error = isinstance(error, dict) and isinstance(error.get("message"), str)
        code = error.get("extensions", {}).get("code") if is_error else None
        expect(isinstance(code, str), "errors with a message and extensions.code", answer.got, answer.sent)
    return list(found)


def has_code(answer: Answer, *codes: str) -> dict[str, Any]:
    """The first error, which has one of these codes."""
    error = errors(answer)[0]
    wanted = f"an error with extensions.code {' or '.join(codes)}"
    expect(error["extensions"]["code"] in codes, wanted, answer.got, answer.sent)
    return error


def is_response(answer: Answer, media: str = RESPONSE) -> None:
    """The answer is of that media type, in UTF-8 if it says anything about that."""
    form = rf"{re.escape(media)}\s*(;\s*charset=\"?(?i:utf-8)\"?)?"
    answer.header("Content-Type", form)


def is_refused(answer: Answer, status: int, *codes: str) -> None:
    """The request was not executed: status, media type, codes, and no data."""
    answer.has_status(status)
    is_response(answer)
    has_code(answer, *codes)
    expect("data" not in answer.json, "a response without data: nothing was executed", answer.got, answer.sent)


def new_user(web: Client, draw: Draw) -> dict[str, Any]:
    """Create a user: id, name and email."""
    name = draw.name()
    answer = ask(web, CREATE_USER, {"name": name, "email": f"{draw.token()}@example.com"})
    created = data(answer)["createUser"]
    expect(created["name"] == name, f"the name {name!r}", answer.got, answer.sent)
    return dict(created)


def new_post(web: Client, author: str, title: str, content: str | None = None) -> dict[str, Any]:
    """Create a post: id, title, content, createdAt and the author's id."""
    answer = ask(web, CREATE_POST, {"title": title, "content": content, "authorId": author})
    return dict(data(answer)["createPost"])


@pytest.fixture(scope="module")
def second(bench: Bench) -> Process:
    """A second process on the same database: without introspection, and with a lower limit."""
    return bench.system.launch("web", {"INTROSPECTION": "off", "MAX_DEPTH": "4", "CONNECTION_INIT_TIMEOUT_MS": "200"})


@pytest.fixture
def other(second: Process) -> Iterator[Client]:
    """A client of the second process."""
    second.await_ready()
    client = Client(second.url)
    yield client
    client.close()


@pytest.fixture(scope="module")
def statements(services: dict[str, Service]) -> Callable[[], int]:
    """How many statements the lesson's database has executed so far, by its own count."""
    admin, database = services["postgresql"].server.admin_url, urlsplit(services["postgresql"].url).path[1:]
    query = """
        SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = %s)
    """

    def counted() -> int:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("SET client_min_messages = warning")
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            row = connection.execute(query, [database]).fetchone()
            assert row is not None
            return int(row[0])

    return counted


# graphiql


@pytest.mark.step("graphiql")
@pytest.mark.usefixtures("second")  # it starts now, and is ready when it is needed
def test_there_is_a_page_that_needs_no_other_machine(web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})
    page = web.get("/graphiql").has_status(200)
    page.header("Content-Type", r"text/html.*")
    policy = page.header("Content-Security-Policy")
    default = re.search(r"default-src ('none'|'self')\s*(;|$)", policy)
    expect(default, "a policy with default-src 'none' or 'self'", policy, page.sent)
    expect(not re.search(r"https?:|wss?:|\*", policy), "a policy that names no other place", policy, page.sent)
    tree = BeautifulSoup(page.text, "html5lib")
    for tag, attribute in (("script", "src"), ("link", "href"), ("img", "src")):
        for element in tree.find_all(tag):
            where = str(element.get(attribute, "")) if hasattr(element, "get") else ""
            if where and not where.startswith("data:"):
                target = urlsplit(urljoin(f"{web.url}/graphiql", where))
                is_ours = f"{target.scheme}://{target.netloc}" == web.url
                expect(is_ours, "files of the page to come from the process itself", where, page.sent)
                web.get(target.path).has_status(200)


# schema


@pytest.mark.step("schema")
def test_the_queries_and_mutations_of_the_source(web: Client, draw: Draw) -> None:
    author = new_user(web, draw)
    first = new_post(web, author["id"], draw.name(), draw.name())
    bare = new_post(web, author["id"], draw.name())
    expect(bare["content"] is None, "content to be null when none was given", bare)
    expect(first["author"] == {"id": author["id"]}, f"the author {author['id']}", first)
    expect(isinstance(author["id"], str), "an ID as a string", author["id"])
    query = "{ users { id name email posts { id title content createdAt } } posts { id title author { name } } }"
    answer = ask(web, query)
    found = data(answer)
    mine = next((user for user in found["users"] if user["id"] == author["id"]), None)
    posts = [{key: post[key] for key in ("id", "title", "content", "createdAt")} for post in (first, bare)]
    expect(mine == {**author, "posts": posts}, str({**author, "posts": posts}), mine, answer.sent)
    wanted = [{"id": post["id"], "title": post["title"], "author": {"name": author["name"]}} for post in (first, bare)]
    expect(found["posts"][-2:] == wanted, f"at the end of posts {wanted}", found["posts"][-2:], answer.sent)
    query = (
        "query ($user: ID!, $post: ID!) { user(id: $user) { name email } post(id: $post) { title author { email } } }"
    )
    answer = ask(web, query, {"user": author["id"], "post": first["id"]})
    expected = {
        "user": {"name": author["name"], "email": author["email"]},
        "post": {"title": first["title"], "author": {"email": author["email"]}},
    }
    expect(data(answer) == expected, str(expected), answer.got, answer.sent)


@pytest.mark.step("schema")
def test_lists_are_in_the_order_of_ids(web: Client, draw: Draw) -> None:
    author = new_user(web, draw)
    for _ in range(2):
        new_user(web, draw)
        new_post(web, author["id"], draw.name())
    answer = ask(web, "{ users { id } posts { id } }")
    for name, found in data(answer).items():
        ids = [int(one["id"]) for one in found]
        expect(ids == sorted(set(ids)), f"{name} in the order of their ids, each once", ids, answer.sent)


@pytest.mark.step("schema")
@pytest.mark.parametrize(
    "nobody", [NOBODY_HAS, "0", "-1", "x", "", "9" * 40, "1 OR 1=1", "'", "1.0", "\0", "\u0661"], ids=shown
)
def test_what_is_not_there_is_null(web: Client, draw: Draw, nobody: str) -> None:
    new_post(web, new_user(web, draw)["id"], draw.name())
    answer = ask(web, "query ($id: ID!) { user(id: $id) { id } post(id: $id) { id } }", {"id": nobody})
    expect(data(answer) == {"user": None, "post": None}, "null for both, and no error", answer.got, answer.sent)


@pytest.mark.step("schema")
def test_a_client_gets_what_it_asks_for_and_by_the_names_that_it_gives(web: Client, draw: Draw) -> None:
    author = new_user(web, draw)
    query = """
    query Two($id: ID!, $more: Boolean!) {
      one: user(id: $id) { ...Name email @include(if: $more) }
      same: user(id: $id) { __typename ...Name }
    }
    fragment Name on User { called: name }
    """
    answer = ask(web, query, {"id": author["id"], "more": False})
    name = author["name"]
    expected = {"one": {"called": name}, "same": {"__typename": "User", "called": name}}
    expect(data(answer) == expected, str(expected), answer.got, answer.sent)


@pytest.mark.step("schema")
def test_text_is_data_whatever_is_in_it(web: Client, draw: Draw) -> None:
    author = new_user(web, draw)
    title = draw.choice(["'; DROP TABLE posts; --", "%s %(name)s", 'a " b \\ { } # ...', "ñ 漢字 🙂"])
    created = new_post(web, author["id"], title, "line one\nline two\t\u2028")
    answer = ask(web, "query ($id: ID!) { post(id: $id) { title content } }", {"id": created["id"]})
    expected = {"title": title, "content": "line one\nline two\t\u2028"}
    expect(data(answer)["post"] == expected, str(expected), answer.got, answer.sent)


@pytest.mark.step("schema")
def test_what_one_process_writes_another_reads(web: Client, other: Client, draw: Draw) -> None:
    author = new_user(web, draw)
    answer = ask(other, "query ($id: ID!) { user(id: $id) { name } }", {"id": author["id"]})
    expect(
        data(answer) == {"user": {"name": author["name"]}}, "the user from the first process", answer.got, answer.sent
    )


@pytest.mark.step("schema")
def test_the_schema_can_be_read(web: Client) -> None:
    answer = ask(web, get_introspection_query())
    types = {one["name"] for one in data(answer)["__schema"]["types"]}
    wanted = {"User", "Post", "Query", "Mutation", "Subscription", "DateTime", "PostConnection", "PostEdge", "PageInfo"}
    expect(wanted <= types, f"the types {sorted(wanted)}", sorted(types), "the introspection query")


# http


@pytest.mark.step("http")
@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (RESPONSE, RESPONSE),
        (JSON, JSON),
        ("*/*", RESPONSE),
        ("application/*", RESPONSE),
        (f"{RESPONSE}, {JSON};q=0.9", RESPONSE),
        (f"{RESPONSE};q=0.5, {JSON}", JSON),
        (f"{RESPONSE};q=0, */*", JSON),
        (f"text/html, {JSON};q=0.1", JSON),
        (f"{RESPONSE}; charset=utf-8", RESPONSE),
        ("APPLICATION/JSON", JSON),
    ],
)
def test_the_answer_is_in_the_media_type_that_the_client_wants_most(web: Client, accept: str, media: str) -> None:
    answer = ask(web, "{ __typename }", headers={"Accept": accept})
    expect(data(answer) == {"__typename": "Query"}, "Query", answer.got, answer.sent)
    is_response(answer, media)


@pytest.mark.step("http")
@pytest.mark.parametrize("accept", ["text/html", "application/xml", f"{RESPONSE};q=0, {JSON};q=0", "image/*"])
def test_a_client_that_can_read_neither_is_told_so(web: Client, accept: str) -> None:
    ask(web, "{ __typename }", headers={"Accept": accept}).has_status(406)


NO_SUCH_FIELD = "{ usres { id } }"
TWO = "query A { a: __typename } query B { b: __typename }"
UNFIT = {"query": "query ($id: ID!) { user(id: $id) { id } }"}


@pytest.mark.step("http")
@pytest.mark.parametrize("accept", [RESPONSE, JSON])
@pytest.mark.parametrize(
    ("body", "status", "codes"),
    [
        ("NONSENSE", 400, ["BAD_REQUEST"]),
        ('{"query":', 400, ["BAD_REQUEST"]),
        ("", 400, ["BAD_REQUEST"]),
        ('{"query": "{ __typename }", "variables": {"a": NaN}}', 400, ["BAD_REQUEST"]),
        (b'{"query": "{ __typename } # \xff"}', 400, ["BAD_REQUEST"]),
        (r'{"query": "{ __typename }", "variables": {"a": "\ud800"}}', 400, ["BAD_REQUEST"]),
        ("[" * 40_000, 400, ["BAD_REQUEST"]),
        ({}, 422, ["BAD_REQUEST"]),
        ({"qeury": "{ __typename }"}, 422, ["BAD_REQUEST"]),
        ({"query": None}, 422, ["BAD_REQUEST"]),
        ({"query": 7}, 422, ["BAD_REQUEST"]),
        ({"query": "{ __typename }", "variables": [7]}, 422, ["BAD_REQUEST"]),
        ({"query": "{ __typename }", "variables": "{}"}, 422, ["BAD_REQUEST"]),
        ({"query": "{ __typename }", "operationName": 7}, 422, ["BAD_REQUEST"]),
        ({"query": "{ __typename }", "extensions": "x"}, 422, ["BAD_REQUEST"]),
        ([{"query": "{ __typename }"}, {"query": "{ __typename }"}], 422, ["BAD_REQUEST"]),
        ("null", 422, ["BAD_REQUEST"]),
        ({"query": "{"}, 400, ["GRAPHQL_PARSE_FAILED"]),
        ({"query": ""}, 400, ["GRAPHQL_PARSE_FAILED"]),
        ({"query": NO_SUCH_FIELD}, 422, ["GRAPHQL_VALIDATION_FAILED"]),
        ({"query": "{ user { id } }"}, 422, ["GRAPHQL_VALIDATION_FAILED"]),
        ({"query": TWO}, 422, ["OPERATION_RESOLUTION_FAILURE"]),
        ({"query": TWO, "operationName": "C"}, 422, ["OPERATION_RESOLUTION_FAILURE"]),
        (UNFIT, 422, ["BAD_USER_INPUT"]),
        ({**UNFIT, "variables": {"id": None}}, 422, ["BAD_USER_INPUT"]),
        ({**UNFIT, "variables": {"id": {"a": 1}}}, 422, ["BAD_USER_INPUT"]),
        ({"query": "subscription { postAdded { id } }"}, 422, ["BAD_REQUEST"]),
    ],
    ids=shown,
)
def test_what_cannot_be_executed_is_refused_with_its_status(
    web: Client, body: Any, status: int, codes: list[str], accept: str
) -> None:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    answer = web.post(GRAPHQL, content=content, headers={"Content-Type": JSON, "Accept": accept})
    is_refused(answer, status, *codes)


@pytest.mark.step("http")
@pytest.mark.parametrize(
    "media",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        f"{JSON}; charset=utf-16",
    ],
)
def test_a_body_of_another_kind_is_a_415(web: Client, media: str) -> None:
    web.post(GRAPHQL, content='{"query": "{ __typename }"}', headers={"Content-Type": media}).has_status(415)


@pytest.mark.step("http")
def test_a_body_may_say_that_it_is_utf_8_and_have_more_in_it_than_is_known(web: Client, draw: Draw) -> None:
    name = f"{draw.name()} ñ 漢"
    body = {"query": CREATE_USER, "variables": {"name": name, "email": "a@b.c"}, "operationName": None, "foo": [1]}
    content = json.dumps({**body, "extensions": {"any": {"thing": 1}}}, ensure_ascii=False).encode()
    answer = web.post(GRAPHQL, content=content, headers={"Content-Type": "application/json; charset=UTF-8"})
    expect(data(answer)["createUser"]["name"] == name, f"the name {name!r}", answer.got, answer.sent)


@pytest.mark.step("http")
def test_of_several_operations_the_one_that_is_named_is_executed(web: Client) -> None:
    answer = web.post(GRAPHQL, json={"query": TWO, "operationName": "B"})
    expect(data(answer) == {"b": "Query"}, '{"b": "Query"}', answer.got, answer.sent)


@pytest.mark.step("http")
def test_a_query_may_come_by_get(web: Client, draw: Draw) -> None:
    author = new_user(web, draw)
    query = "query A($id: ID!) { user(id: $id) { name } } query B { b: __typename }"
    params = {"query": query, "operationName": "A", "variables": json.dumps({"id": author["id"]}), "extensions": ""}
    answer = web.get(GRAPHQL, params=params, headers={"Accept": RESPONSE})
    expect(data(answer) == {"user": {"name": author["name"]}}, f"the user {author['name']!r}", answer.got, answer.sent)
    params = {"query": "{ __typename }", "operationName": "", "variables": ""}
    answer = web.get(GRAPHQL, params=params, headers={"Accept": JSON})
    expect(data(answer) == {"__typename": "Query"}, "an empty text to count as none", answer.got, answer.sent)
    is_response(answer, JSON)


@pytest.mark.step("http")
@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 422),
        ({"variables": "{}"}, 422),
        ({"query": "{ __typename }", "variables": "{"}, 422),
        ({"query": "{ __typename }", "variables": "[]"}, 422),
        ({"query": "{"}, 400),
        ({"query": NO_SUCH_FIELD}, 422),
        ({"query": "query null { __typename } query B { __typename }", "operationName": "B "}, 422),
    ],
    ids=shown,
)
def test_what_makes_no_sense_by_get_is_refused(web: Client, params: dict[str, str], status: int) -> None:
    answer = web.get(GRAPHQL, params=params, headers={"Accept": RESPONSE})
    is_refused(
        answer,
        status,
        *("BAD_REQUEST", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "OPERATION_RESOLUTION_FAILURE"),
    )


@pytest.mark.step("http")
def test_a_get_changes_nothing(web: Client, draw: Draw) -> None:
    name = draw.name()
    query = f'mutation M {{ createUser(name: "{name}", email: "a@b.c") {{ id }} }} query Q {{ __typename }}'
    answer = web.get(GRAPHQL, params={"query": query, "operationName": "M"}).has_status(405)
    expect("POST" in answer.header("Allow"), "Allow with POST", answer.header("Allow"), answer.sent)
    expect("data" not in answer.text, "a response without data", answer.got, answer.sent)
    names = {user["name"] for user in data(ask(web, "{ users { name } }"))["users"]}
    expect(name not in names, "nobody to be created", f"{name} is there", answer.sent)
    answer = web.get(GRAPHQL, params={"query": query, "operationName": "Q"})
    expect(data(answer) == {"__typename": "Query"}, "the query beside the mutation", answer.got, answer.sent)


@pytest.mark.step("http")
def test_other_methods_are_not_allowed(web: Client) -> None:
    for method in ("PUT", "DELETE"):
        answer = web.request(method, GRAPHQL, json={"query": "{ __typename }"}).has_status(405)
        for allowed in ("GET", "POST"):
            expect(allowed in answer.header("Allow"), f"Allow with {allowed}", answer.header("Allow"), answer.sent)


# errors


@pytest.mark.step("errors")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \n"}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"email": "nowhere"}, "email"),
        ({"email": ""}, "email"),
    ],
)
def test_a_user_that_makes_no_sense_is_refused_by_field(web: Client, change: dict[str, str], field: str) -> None:
    is_bad_input(ask(web, CREATE_USER, {"name": "Ana", "email": "ana@example.com", **change}), "createUser", field)


@pytest.mark.step("errors")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "t" * 201}, "title"),
        ({"content": "\0"}, "content"),
        ({"authorId": NOBODY_HAS}, "authorId"),
        ({"authorId": "ana"}, "authorId"),
        ({"authorId": "9" * 40}, "authorId"),
    ],
)
def test_a_post_that_makes_no_sense_is_refused_by_field(
    web: Client, draw: Draw, change: dict[str, str], field: str
) -> None:
    draft = {"title": "Hello", "content": None, "authorId": new_user(web, draw)["id"], **change}
    is_bad_input(ask(web, CREATE_POST, draft), "createPost", field)
    titles = [post["title"] for post in data(ask(web, "{ posts { title } }"))["posts"]]
    expect("Hello" not in titles, "nothing to be stored", titles, f"createPost with {change}")


def is_bad_input(answer: Answer, path: str, field: str) -> None:
    """The operation was executed, and one field refused what it was given, by name."""
    answer.has_status(294)
    is_response(answer)
    error = has_code(answer, "BAD_USER_INPUT")
    expect(error["extensions"].get("field") == field, f"extensions.field {field!r}", answer.got, answer.sent)
    expect(error.get("path") == [path], f"path [{path!r}]", answer.got, answer.sent)
    expect(
        answer.field("data") is None, "data null: what is not null in the schema is missing", answer.got, answer.sent
    )


@pytest.mark.step("errors")
def test_what_there_is_comes_along_with_the_error(web: Client, draw: Draw) -> None:
    author = new_user(web, draw)
    query = """
    query ($id: ID!) {
      user(id: $id) { name }
      nobody: post(id: "0") { id }
    }
    """
    expect(data(ask(web, query, {"id": author["id"]}))["user"] == {"name": author["name"]}, "the user", "")
    mutation = f"""
    mutation {{
      good: createPost(title: "{draw.name()}", authorId: {author["id"]}) {{ id }}
      bad: createPost(title: "", authorId: {author["id"]}) {{ id }}
    }}
    """
    for accept, status in ((RESPONSE, 294), (JSON, 200)):
        answer = ask(web, mutation, headers={"Accept": accept}).has_status(status)
        is_response(answer, accept)
        error = has_code(answer, "BAD_USER_INPUT")
        expect(error.get("path") == ["bad"], 'path ["bad"]', answer.got, answer.sent)


SECRETS = ("permission denied", "psycopg", "Traceback", "SELECT", "INSERT", "relation", 'File "')


@contextmanager
def forbidden_tables(service: Service) -> Iterator[None]:
    """Take the submission's rights to its own tables away, as long as the context lasts: no program expects that."""
    parts = urlsplit(service.url)
    admin = urlsplit(service.server.admin_url)._replace(path=parts.path).geturl()
    names = psycopg.sql.Identifier(str(parts.username))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(names))
        try:
            yield
        finally:
            connection.execute(psycopg.sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}").format(names))


@pytest.mark.step("errors")
def test_what_nobody_expected_is_for_the_log_alone(web: Client, system: System, services: dict[str, Service]) -> None:
    process = system.processes("web")[0]
    before = process.log_size
    with forbidden_tables(services["postgresql"]):
        answer = ask(web, '{ user(id: "1") { id } __typename }').has_status(294)
    expect(answer.field("data") == {"user": None, "__typename": "Query"}, "what there is", answer.got, answer.sent)
    has_code(answer, "INTERNAL_SERVER_ERROR")
    for secret in SECRETS:
        expect(secret not in answer.text, "nothing of how the program is made", answer.got, answer.sent)
    request = answer.header("X-Request-ID")

    def logged() -> bool:
        lines = [line for line in process.log(before).splitlines() if "permission denied" in line]
        expect(any(request in line for line in lines), f"a log line with the cause and {request}", lines, answer.sent)
        return True

    eventually(logged, within=2)


# batching

NESTED = "{ users { name posts { title author { name email } } } }"
MOST_STATEMENTS = 20


@pytest.mark.step("batching")
def test_a_hundred_users_with_posts_and_authors_cost_as_many_statements_as_two(
    web: Client, statements: Callable[[], int], draw: Draw
) -> None:
    def cost() -> int:
        before = statements()
        data(ask(web, NESTED, timeout=10))
        return statements() - before

    authors = [new_user(web, draw) for _ in range(2)]
    new_post(web, authors[0]["id"], "first")
    few = cost()
    users = len(data(ask(web, "{ users { id } }"))["users"])
    for begin in range(0, 100, 10):
        fields = [f'u{i}: createUser(name: "{draw.name()}", email: "a@b.c") {{ id }}' for i in range(begin, begin + 10)]
        ids = [user["id"] for user in data(ask(web, f"mutation {{ {' '.join(fields)} }}")).values()]
        fields = [f'p{i}: createPost(title: "{draw.name()}", authorId: {ids[i]}) {{ id }}' for i in range(10)]
        data(ask(web, f"mutation {{ {' '.join(fields)} }}"))
    many = cost()
    sent = f"{NESTED}\nfor {users} users, and for {users + 100}"
    expect(few <= MOST_STATEMENTS, f"at most {MOST_STATEMENTS} statements", f"{few} for {users} users", sent)
    expect(many <= few + 2, f"about {few} statements for both", f"{few}, and {many}", sent)


@pytest.mark.step("batching")
def test_everybody_gets_what_is_theirs(web: Client, draw: Draw) -> None:
    authors = [new_user(web, draw) for _ in range(4)]
    written: dict[str, list[str]] = {author["id"]: [] for author in authors}
    for author in draw.shuffled([*authors[:3], *authors[:3], authors[1]]):
        title = draw.name()
        written[author["id"]].append(title)
        new_post(web, author["id"], title)
    answer = ask(web, "{ users { id posts { title author { id } } } }")
    for user in data(answer)["users"]:
        if user["id"] in written:
            titles = [post["title"] for post in user["posts"]]
            expected = f"for user {user['id']} the posts {written[user['id']]}"
            expect(titles == written[user["id"]], expected, titles, answer.sent)
            ids = {post["author"]["id"] for post in user["posts"]}
            expect(ids <= {user["id"]}, f"the author {user['id']} in all posts of that user", ids, answer.sent)


@pytest.mark.step("batching")
def test_nothing_is_remembered_from_one_request_to_the_next(web: Client, draw: Draw) -> None:
    author = new_user(web, draw)["id"]
    query = "query ($id: ID!) { user(id: $id) { posts { title } } }"
    for count in range(3):
        answer = ask(web, query, {"id": author})
        expect(len(data(answer)["user"]["posts"]) == count, f"{count} posts", answer.got, answer.sent)
        new_post(web, author, draw.name())


# dates

CREATED_FROM = """
query ($from: DateTime, $before: DateTime, $author: ID) {
  postsConnection(first: 100, filter: {createdFrom: $from, createdBefore: $before, authorId: $author}) {
    edges { node { id } }
  }
}
"""


def ids_of(answer: Answer) -> list[str]:
    """The ids of the posts on a page."""
    return [edge["node"]["id"] for edge in data(answer)["postsConnection"]["edges"]]


@pytest.mark.step("dates")
def test_moments_are_told_in_utc(web: Client, draw: Draw) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    created = new_post(web, new_user(web, draw)["id"], draw.name())["createdAt"]
    is_utc = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", created)
    expect(is_utc, "createdAt in UTC, such as 2026-01-31T12:00:00Z", created, "createPost")
    moment = datetime.fromisoformat(created)
    expect(before < moment < before + timedelta(seconds=60), "the present moment", created, "createPost")


@pytest.mark.step("dates")
@pytest.mark.parametrize(
    "nonsense",
    [
        "yesterday",
        "",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-02-30T12:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-W05-6T12:00:00Z",
        " 2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00Z\n",
        "2026-01-31 12:00:00Z",
        "20260131T120000Z",
        "2026-01-31T12:00:00+0100",
        "2026-01-31T12:00:00+01:60",
        "0001-01-01T00:00:00+14:00",
        "\u0662\u0660\u0662\u0666-01-31T12:00:00Z",
        1769860800,
        1.5,
        True,
        ["2026-01-31T12:00:00Z"],
    ],
    ids=shown,
)
def test_nonsense_is_no_moment_in_a_variable_nor_in_the_query(web: Client, nonsense: Any) -> None:
    is_refused(ask(web, CREATED_FROM, {"from": nonsense}), 422, "BAD_USER_INPUT")
    literal = json.dumps(nonsense, ensure_ascii=False)
    query = f"{{ postsConnection(filter: {{createdFrom: {literal}}}) {{ edges {{ cursor }} }} }}"
    is_refused(ask(web, query), 422, "GRAPHQL_VALIDATION_FAILED")


# pages

PAGE = """
query ($first: Int, $after: String, $last: Int, $before: String, $filter: PostFilter) {
  postsConnection(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    edges { cursor node { id title author { name } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


@pytest.fixture
def seven(web: Client, draw: Draw) -> tuple[dict[str, str], list[str]]:
    """A filter for an author with seven posts, and their ids, the newest first."""
    author = new_user(web, draw)["id"]
    ids = [new_post(web, author, draw.name())["id"] for _ in range(7)]
    return {"authorId": author}, ids[::-1]


def page(web: Client, **arguments: Any) -> tuple[list[str], dict[str, Any], Answer]:
    """A page: the ids on it, its pageInfo, and the answer. Cursors are those of the first and the last edge."""
    answer = ask(web, PAGE, arguments)
    found = data(answer)["postsConnection"]
    cursors = [edge["cursor"] for edge in found["edges"]]
    ends = [cursors[0], cursors[-1]] if cursors else [None, None]
    got = [found["pageInfo"]["startCursor"], found["pageInfo"]["endCursor"]]
    expect(got == ends, f"startCursor and endCursor {ends}", got, answer.sent)
    return [edge["node"]["id"] for edge in found["edges"]], found["pageInfo"], answer


def is_page(
    found: tuple[list[str], dict[str, Any], Answer], ids: list[str], *, has_next: bool, has_previous: bool
) -> None:
    """The page has these posts in this order, and knows what lies beyond it."""
    got, info, answer = found
    expect(got == ids, f"the posts {ids}", got, answer.sent)
    beyond = {"hasNextPage": info["hasNextPage"], "hasPreviousPage": info["hasPreviousPage"]}
    expected = {"hasNextPage": has_next, "hasPreviousPage": has_previous}
    expect(beyond == expected, str(expected), beyond, answer.sent)


@pytest.mark.step("pages")
def test_first_and_after_lead_from_the_newest_to_the_oldest(
    web: Client, seven: tuple[dict[str, str], list[str]], draw: Draw
) -> None:
    chosen, ids = seven
    first = page(web, first=3, filter=chosen)
    is_page(first, ids[:3], has_next=True, has_previous=False)
    # A post that comes in between moves nothing.
    newest = new_post(web, chosen["authorId"], draw.name())["id"]
    second = page(web, first=3, after=first[1]["endCursor"], filter=chosen)
    is_page(second, ids[3:6], has_next=True, has_previous=True)
    third = page(web, first=3, after=second[1]["endCursor"], filter=chosen)
    is_page(third, ids[6:], has_next=False, has_previous=True)
    whole = page(web, first=8, after=None, filter={**chosen, "createdBefore": None})
    is_page(whole, [newest, *ids], has_next=False, has_previous=False)


@pytest.mark.step("pages")
def test_last_and_before_lead_back_in_the_same_order(web: Client, seven: tuple[dict[str, str], list[str]]) -> None:
    chosen, ids = seven
    last = page(web, last=3, filter=chosen)
    is_page(last, ids[4:], has_next=False, has_previous=True)
    middle = page(web, last=3, before=last[1]["startCursor"], filter=chosen)
    is_page(middle, ids[1:4], has_next=True, has_previous=True)
    is_page(
        page(web, last=3, before=middle[1]["startCursor"], filter=chosen), ids[:1], has_next=True, has_previous=False
    )


@pytest.mark.step("pages")
def test_after_and_before_bound_a_page_together(web: Client, seven: tuple[dict[str, str], list[str]]) -> None:
    chosen, ids = seven
    answer = ask(web, PAGE, {"first": 100, "filter": chosen})
    cursors = [edge["cursor"] for edge in data(answer)["postsConnection"]["edges"]]
    found = page(web, first=100, after=cursors[1], before=cursors[5], filter=chosen)
    expect(found[0] == ids[2:5], f"the posts {ids[2:5]}", found[0], found[2].sent)


@pytest.mark.step("pages")
def test_without_a_number_a_page_has_twenty(web: Client, draw: Draw) -> None:
    author = new_user(web, draw)["id"]
    for begin in range(0, 22, 11):
        fields = [f'p{i}: createPost(title: "x", authorId: {author}) {{ id }}' for i in range(begin, begin + 11)]
        data(ask(web, f"mutation {{ {' '.join(fields)} }}"))
    found = page(web, filter={"authorId": author})
    expect(len(found[0]) == 20, "20 posts", len(found[0]), found[2].sent)
    is_page(page(web, first=0, filter={"authorId": author}), [], has_next=True, has_previous=False)


@pytest.mark.step("pages")
def test_the_filter_chooses_by_author_and_moment(web: Client, seven: tuple[dict[str, str], list[str]]) -> None:
    chosen, ids = seven
    author = chosen["authorId"]
    query = "query ($id: ID!) { post(id: $id) { createdAt } }"
    moment = data(ask(web, query, {"id": ids[3]}))["post"]["createdAt"]
    elsewhere = datetime.fromisoformat(moment).astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()
    for same in (moment, elsewhere):
        answer = ask(web, CREATED_FROM, {"author": author, "from": same})
        expect(
            ids_of(answer) == ids[:4], f"the posts {ids[:4]}, created at that moment or later", answer.got, answer.sent
        )
    answer = ask(web, CREATED_FROM, {"author": author, "before": moment})
    expect(ids_of(answer) == ids[4:], f"the posts {ids[4:]}, created before that moment", answer.got, answer.sent)
    for nobody in (NOBODY_HAS, "ana", "9" * 40):
        is_page(page(web, filter={"authorId": nobody}), [], has_next=False, has_previous=False)


@pytest.mark.step("pages")
@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"first": -1}, "first"),
        ({"first": 101}, "first"),
        ({"last": -1}, "last"),
        ({"last": 101}, "last"),
        ({"first": 1, "last": 1}, "last"),
        ({"first": 1, "after": "nonsense"}, "after"),
        ({"first": 1, "after": ""}, "after"),
        ({"first": 1, "after": "ñ"}, "after"),
        ({"first": 1, "after": "cG9zdDo5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}, "after"),
        ({"last": 1, "before": "'; DROP TABLE posts"}, "before"),
    ],
    ids=shown,
)
def test_a_page_that_makes_no_sense_is_refused_by_argument(web: Client, arguments: dict[str, Any], field: str) -> None:
    is_bad_input(ask(web, PAGE, arguments), "postsConnection", field)


@pytest.mark.step("pages")
def test_a_page_takes_its_number_as_an_integer(web: Client) -> None:
    for wrong in ("5", 1.5, 2**40):
        is_refused(ask(web, PAGE, {"first": wrong}), 422, "BAD_USER_INPUT")


# limits


def spread_twice(levels: int) -> str:
    """A query of a few lines in which each fragment spreads the next one twice."""
    names = [f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(levels)]
    return "{ ...F0 } " + " ".join(names) + f" fragment F{levels} on Query {{ users {{ id }} }}"


def chain(times: int) -> str:
    """Users, their posts, the authors of these, their posts, and so on."""
    return "{ users {" + " posts { author {" * times + " name " + "} }" * times + "} }"


BOMBS = {
    "lists in lists": chain(3),
    "lists in lists, by fragments": (
        "{ users { ...U } } fragment U on User { posts { author { ...V } } } "
        "fragment V on User { posts { author { ...W } } } fragment W on User { posts { id title } }"
    ),
    "lists in lists, by inline fragments": (
        "{ ... { users { ... on User { posts { author { posts { author { id } } } } } } } }"
    ),
    "a big page of lists": "{ postsConnection(first: 100) { edges { node { author { posts { title } } } } } }",
    "lists in a small page": (
        "{ postsConnection(first: 9) { edges { node { author { posts { author { posts { title } } } } } } } }"
    ),
    "a page of posts with their authors' pages": "{ postsConnection(last: 60) { edges { node { id title content "
    "createdAt author { id name email posts { id } } } } } }",
    "sixteen aliases": "{ " + " ".join(f"a{i}: users {{ id }}" for i in range(16)) + " }",
    "sixteen aliases, by fragments": "{ ...F ...F } fragment F on Query { "
    + " ".join(f"a{i}: users {{ id }}" for i in range(8))
    + " }",
    "sixteen mutations": "mutation { "
    + " ".join(f'a{i}: createUser(name: "x", email: "a@b.c") {{ id }}' for i in range(16))
    + " }",
    "fragments that spread each other twice": spread_twice(40),
    "a fragment that spreads itself": "{ users { ...F } } fragment F on User { posts { author { ...F } } }",
    "twenty-one directives": "{ users { " + "name @include(if: true) " * 21 + "} }",
    "directives on directives": "{ users { name " + "@include(if: true) " * 180 + "} }",
    "the schema, deeper and deeper": "{ __schema { types {" + " fields { type {" * 8 + " name " + "} }" * 8 + "} } }",
    "the schema, sixteen times": "{ " + " ".join(f"a{i}: __schema {{ types {{ name }} }}" for i in range(16)) + " }",
    "more than a thousand tokens": "{ users { " + "name " * 1000 + "} }",
    "nested without end": "{ " + "users { " * 400,
    "inline fragments without end": "{ " + "... { " * 250 + "users { id } " + "} " * 250 + "}",
    "lists of lists of nothing": "{ user(id: " + "[" * 450 + "]" * 450 + ") { id } }",
}


@pytest.fixture(scope="module")
def misled(request: pytest.FixtureRequest, bench: Bench) -> tuple[str, str, Process]:
    """A variable, a value for it that makes no sense, and a process that was told it."""
    draw = Draw(request.config.option.seed, "misled about its limits")
    name, value = draw.choice([("MAX_DEPTH", "deep"), ("MAX_COST", "-1"), ("MAX_TOKENS", ""), ("INTROSPECTION", "7")])
    return name, value, bench.system.launch("web", {name: value})


@pytest.mark.step("limits")
@pytest.mark.usefixtures("misled")  # it starts now, and ends while others are judged
@pytest.mark.parametrize("name", BOMBS)
def test_what_asks_for_too_much_never_reaches_the_database(
    web: Client, statements: Callable[[], int], name: str
) -> None:
    before = statements()
    answer = ask(web, BOMBS[name], timeout=REFUSED_WITHIN_S)
    expect(answer.status in (400, 422), "a refusal, 400 or 422", answer.got, answer.sent)
    is_refused(answer, answer.status, "LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED")
    got = statements() - before
    expect(got == 0, "no statement to reach the database", f"{got} have", answer.sent)


@pytest.mark.step("limits")
def test_each_limit_has_its_code(web: Client) -> None:
    for name in ("lists in lists", "sixteen aliases", "twenty-one directives", "a big page of lists"):
        is_refused(ask(web, BOMBS[name]), 422, "LIMIT_EXCEEDED")


@pytest.mark.step("limits")
def test_the_size_of_a_page_counts_also_when_a_variable_has_it(web: Client, statements: Callable[[], int]) -> None:
    query = "query ($n: Int = 100) { postsConnection(first: $n) { edges { node { author { posts { title } } } } } }"
    data(ask(web, query, {"n": 10}))
    before = statements()
    for variables in (None, {"n": 100}):
        is_refused(ask(web, query, variables), 422, "LIMIT_EXCEEDED")
    expect(statements() == before, "no statement to reach the database", f"{statements() - before} have", query)


@pytest.mark.step("limits")
@pytest.mark.parametrize(
    "query",
    [
        NESTED,
        get_introspection_query(),
        "{ " + " ".join(f"a{i}: user(id: {i}) {{ id }}" for i in range(15)) + " }",
        "{ users { " + "name @include(if: true) " * 20 + "} }",
        "{ postsConnection(first: 100) { edges { cursor node { id title author { name } } } pageInfo { endCursor } } }",
        "{ postsConnection(first: 8) { edges { node { author { posts { author { posts { title } } } } } } } }",
        "{ ... { ... { ... { ... { users { id posts { id } } } } } } }",
        "{ users { ...F } } fragment F on User { name posts { ...P } } fragment P on Post { title author { email } }",
    ],
)
def test_what_is_within_the_limits_is_answered(web: Client, query: str) -> None:
    data(ask(web, query))


@pytest.mark.step("limits")
def test_the_limits_are_settings(web: Client, other: Client) -> None:
    deep = '{ post(id: "1") { author { posts { author { name } } } } }'
    data(ask(web, deep))
    is_refused(ask(other, deep), 422, "LIMIT_EXCEEDED")
    by_fragments = (
        '{ post(id: "1") { ...A } } fragment A on Post { author { ...B } } fragment B on User { posts { ...C } } '
        "fragment C on Post { author { name } }"
    )
    data(ask(web, by_fragments))
    is_refused(ask(other, by_fragments), 422, "LIMIT_EXCEEDED")
    data(ask(other, "{ users { posts { author { name } } } }"))


@pytest.mark.step("limits")
def test_a_setting_that_makes_no_sense_ends_the_process_with_status_2(misled: tuple[str, str, Process]) -> None:
    name, value, process = misled
    refuses_to_start(process, name, value)


@pytest.mark.step("limits")
def test_a_process_may_keep_its_schema_to_itself(other: Client) -> None:
    for query in (
        get_introspection_query(),
        '{ __type(name: "User") { name } }',
        "{ ...F } fragment F on Query { __schema { types { name } } }",
    ):
        answer = ask(other, query).has_status(422)
        has_code(answer, "GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED")
        expect("__schema" not in answer.json.get("data", {}), "nothing of the schema", answer.got, answer.sent)
    expect(data(ask(other, "{ __typename }")) == {"__typename": "Query"}, "__typename to be answered", "")


@pytest.mark.step("limits")
def test_a_body_over_100_kb_is_a_413(web: Client) -> None:
    ask(web, "{ __typename }" + " " * 99_000).has_status(200)
    ask(web, "{ __typename }" + " " * 101_000).has_status(413)


# subscriptions

ADDED = "subscription { postAdded { id title author { name } } }"


class Socket:
    """A WebSocket that speaks graphql-transport-ws; every call raises ``Unmet`` for what was not promised."""

    def __init__(self, url: str, protocol: str | None, opened: ExitStack) -> None:
        self.sent = f"WebSocket {GRAPHQL}, subprotocol {protocol}"
        address = f"ws{url.removeprefix('http')}{GRAPHQL}"
        try:
            self._socket = opened.enter_context(
                connect(
                    address,
                    subprotocols=[Subprotocol(protocol)] if protocol else None,
                    open_timeout=HEARD_WITHIN_S,
                    close_timeout=1,
                    proxy=None,
                )
            )
        except (InvalidHandshake, OSError, TimeoutError) as error:
            raise Unmet("a WebSocket to be opened", f"{type(error).__name__}: {error}", self.sent) from None

    @property
    def protocol(self) -> str | None:
        """The subprotocol that the server has agreed to."""
        return self._socket.subprotocol

    def send(self, message: Any) -> None:
        """Send a message; text and bytes as they are."""
        text = message if isinstance(message, str | bytes) else json.dumps(message)
        self.sent += f"\n> {str(text)[:300]}"
        with suppress(ConnectionClosed):
            self._socket.send(text)

    def next(self, within: float = HEARD_WITHIN_S) -> dict[str, Any]:
        """The next message; raises ``Unmet`` when there is none in time, or the socket is closed."""
        try:
            received = self._socket.recv(within)
        except TimeoutError:
            raise Unmet("a message", f"nothing within {within:g} s", self.sent) from None
        except ConnectionClosed as closed:
            raise Unmet("a message", f"closed with {closed.rcvd}", self.sent) from None
        self.sent += f"\n< {str(received)[:300]}"
        try:
            message = json.loads(received)
        except ValueError:
            raise Unmet("a message of JSON", str(received), self.sent) from None
        expect(isinstance(message, dict), "a message that is an object", received, self.sent)
        return dict(message)

    def is_next(self, kind: str, identifier: str | None = None, within: float = HEARD_WITHIN_S) -> Any:
        """The next message is of that kind and id; its payload."""
        message = self.next(within)
        is_it = message.get("type") == kind and message.get("id") == identifier
        about = f" with the id {identifier!r}" if identifier else ""
        expect(is_it, f"a message {kind}{about}", message, self.sent)
        return message.get("payload")

    def is_closed(self, code: int, within: float = CLOSED_WITHIN_S) -> None:
        """The server closes the socket with that code."""
        try:
            while True:
                received = self._socket.recv(within)
                self.sent += f"\n< {str(received)[:300]}"
        except TimeoutError:
            raise Unmet(f"the socket to be closed with {code}", "it is still open", self.sent) from None
        except ConnectionClosed as closed:
            got = closed.rcvd.code if closed.rcvd else None
            expect(got == code, f"the socket to be closed with {code}", f"closed with {closed.rcvd}", self.sent)

    def subscribe(self, identifier: str, query: str = ADDED, variables: dict[str, Any] | None = None) -> None:
        """Ask for an operation."""
        self.send({"id": identifier, "type": "subscribe", "payload": {"query": query, "variables": variables}})

    def is_quiet(self) -> None:
        """Nothing but the answer to a ping comes."""
        self.send({"type": "ping"})
        self.is_next("pong")


@pytest.fixture
def sockets() -> Iterator[Callable[..., Socket]]:
    """Opens sockets, ready for operations unless told otherwise, and closes them all at the end."""
    with ExitStack() as opened:

        def opener(url: str, *, protocol: str | None = PROTOCOL, ready: bool = True) -> Socket:
            socket = Socket(url, protocol, opened)
            if ready:
                socket.send({"type": "connection_init", "payload": {}})
                socket.is_next("connection_ack")
            return socket

        yield opener


def listening(web: Client, socket: Socket, author: str, identifier: str = "1") -> None:
    """Create posts of that author until the subscription of that id has told one: from now on it hears all."""

    def heard() -> bool:
        new_post(web, author, "Are you there?")
        socket.is_next("next", identifier, within=0.5)
        return True

    eventually(heard, within=BACK_WITHIN_S)
    last = new_post(web, author, "the last before")["id"]
    while socket.is_next("next", identifier)["data"]["postAdded"]["id"] != last:
        pass


@pytest.mark.step("subscriptions")
def test_a_new_post_is_told_to_whoever_asked_in_whichever_process(
    web: Client, other: Client, sockets: Callable[..., Socket], draw: Draw
) -> None:
    author = new_user(web, draw)
    near, far = sockets(web.url), sockets(other.url)
    expect(near.protocol == PROTOCOL, f"the subprotocol {PROTOCOL}", near.protocol, near.sent)
    for socket in (near, far):
        socket.subscribe("1")
        listening(web, socket, author["id"])
    # The second socket's posts have reached the first one too.
    near.subscribe("end")
    title = draw.name()
    created = new_post(other, author["id"], title)
    expected = {"id": created["id"], "title": title, "author": {"name": author["name"]}}
    payload = far.is_next("next", "1")
    expect(payload == {"data": {"postAdded": expected}}, str(expected), payload, far.sent)
    while (payload := near.next()).get("payload", {}).get("data", {}).get("postAdded") != expected:
        expect(payload.get("type") == "next", "messages of the subscription", payload, near.sent)


@pytest.mark.step("subscriptions")
def test_a_subscription_may_be_for_one_author(web: Client, sockets: Callable[..., Socket], draw: Draw) -> None:
    author, another = new_user(web, draw)["id"], new_user(web, draw)["id"]
    socket = sockets(web.url)
    query = "subscription ($author: ID) { postAdded(authorId: $author) { id title author { id name posts { id } } } }"
    socket.subscribe("1", query, {"author": author})
    listening(web, socket, author)
    new_post(web, another, "not for you")
    created = new_post(web, author, "for you")["id"]
    told = socket.is_next("next", "1")["data"]["postAdded"]
    expect(told["id"] == created, f"the post {created}, and not that of another author", told, socket.sent)
    posts = [post["id"] for post in told["author"]["posts"]]
    expect(created in posts, f"{created} among the posts of its author: nothing old is told", posts, socket.sent)


@pytest.mark.step("subscriptions")
def test_what_nobody_listens_to_any_more_is_not_told(web: Client, sockets: Callable[..., Socket], draw: Draw) -> None:
    author = new_user(web, draw)["id"]
    socket = sockets(web.url)
    socket.subscribe("1")
    listening(web, socket, author)
    socket.send({"id": "1", "type": "complete"})
    socket.is_quiet()
    new_post(web, author, "told to nobody")
    socket.subscribe("q", "{ __typename }")
    payload = socket.is_next("next", "q")
    expect(payload == {"data": {"__typename": "Query"}}, "the answer to a query", payload, socket.sent)
    socket.is_next("complete", "q")
    # The id is free again.
    socket.subscribe("1")
    listening(web, socket, author)


@pytest.mark.step("subscriptions")
def test_queries_and_mutations_go_this_way_too(web: Client, sockets: Callable[..., Socket], draw: Draw) -> None:
    socket = sockets(web.url)
    name = draw.name()
    socket.subscribe("m", CREATE_USER, {"name": name, "email": "a@b.c"})
    payload = socket.is_next("next", "m")
    expect(payload["data"]["createUser"]["name"] == name, f"the user {name!r}", payload, socket.sent)
    socket.is_next("complete", "m")
    socket.subscribe("e", CREATE_USER, {"name": "", "email": "a@b.c"})
    payload = socket.is_next("next", "e")
    code = payload["errors"][0]["extensions"]["code"]
    expect(code == "BAD_USER_INPUT", "an error with the code BAD_USER_INPUT", payload, socket.sent)
    socket.is_next("complete", "e")


@pytest.mark.step("subscriptions")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { postRemoved { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { postAdded(authorId: []) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        (BOMBS["lists in lists"], "LIMIT_EXCEEDED"),
        ("subscription ($id: ID!) { postAdded(authorId: $id) { id } }", "BAD_USER_INPUT"),
    ],
)
def test_what_cannot_be_executed_is_an_error_and_the_socket_lives(
    web: Client, sockets: Callable[..., Socket], query: str, code: str
) -> None:
    socket = sockets(web.url)
    socket.subscribe("1", query)
    payload = socket.is_next("error", "1")
    is_list = isinstance(payload, list) and payload and isinstance(payload[0], dict)
    got = payload[0].get("extensions", {}).get("code") if is_list else payload
    expect(got == code, f"a list of errors with the code {code}", payload, socket.sent)
    socket.is_quiet()


@pytest.mark.step("subscriptions")
def test_whoever_does_not_introduce_themselves_is_sent_away(
    web: Client, other: Client, sockets: Callable[..., Socket]
) -> None:
    silent, hasty, twice = sockets(other.url, ready=False), sockets(web.url, ready=False), sockets(web.url)
    hasty.subscribe("1")
    hasty.is_closed(4401)
    twice.send({"type": "connection_init"})
    twice.is_closed(4429)
    silent.is_closed(4408)


@pytest.mark.step("subscriptions")
def test_an_id_that_is_in_use_ends_the_connection(web: Client, sockets: Callable[..., Socket]) -> None:
    socket = sockets(web.url)
    socket.subscribe("same")
    socket.subscribe("same")
    socket.is_closed(4409)


@pytest.mark.step("subscriptions")
@pytest.mark.parametrize("protocol", [None, "graphql-ws"])
def test_another_protocol_is_not_spoken(web: Client, sockets: Callable[..., Socket], protocol: str | None) -> None:
    sockets(web.url, protocol=protocol, ready=False).is_closed(4406)


@pytest.mark.step("subscriptions")
@pytest.mark.parametrize(
    "message",
    [
        "hello",
        "[]",
        "{}",
        "null",
        '{"type": "start", "id": "1"}',
        '{"type": 7}',
        '{"type": "subscribe", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 7}}',
        '{"type": "complete"}',
        '{"type": "ping", "payload": 7}',
        "[" * 50_000,
        b"\x00\x01",
    ],
    ids=shown,
)
def test_what_is_no_message_ends_the_connection(
    web: Client, sockets: Callable[..., Socket], message: str | bytes
) -> None:
    socket = sockets(web.url)
    socket.send(message)
    socket.is_closed(4400)


@pytest.mark.step("subscriptions")
def test_a_client_may_have_twenty_operations_at_a_time(web: Client, sockets: Callable[..., Socket]) -> None:
    socket = sockets(web.url)
    for number in range(20):
        socket.subscribe(str(number))
    socket.is_quiet()
    socket.subscribe("one too many")
    payload = socket.is_next("error", "one too many")
    expect(payload[0]["extensions"]["code"] == "LIMIT_EXCEEDED", "the code LIMIT_EXCEEDED", payload, socket.sent)


LISTENERS = "datname = %(name)s AND query ILIKE 'listen%%'"
TERMINATE = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE {LISTENERS} OR datname = %(name)s AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE {LISTENERS})
"""


def break_listeners(service: Service) -> None:
    """End the connections to the lesson's database that listen, or all of them if none can be told to."""
    with psycopg.connect(service.server.admin_url, autocommit=True) as connection:
        connection.execute(TERMINATE, {"name": urlsplit(service.url).path[1:]})


@pytest.mark.step("subscriptions")
def test_a_subscription_outlives_its_connection_to_the_database(
    web: Client, sockets: Callable[..., Socket], services: dict[str, Service], draw: Draw
) -> None:
    author = new_user(web, draw)["id"]
    socket = sockets(web.url)
    socket.subscribe("1")
    listening(web, socket, author)
    break_listeners(services["postgresql"])
    listening(web, socket, author)


# outage


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_without_the_database_what_can_be_had_is_had(web: Client, services: dict[str, Service], draw: Draw) -> None:
    author = new_user(web, draw)
    server = services["postgresql"].server
    server.kill()
    try:
        with ThreadPoolExecutor(3) as pool:
            queries = ("{ users { id } }", '{ __typename user(id: "1") { id } }')
            asked = [pool.submit(ask, web, query) for query in queries]
            web.get("/health").has_status(200)
        nothing, something = (future.result() for future in asked)
        is_refused(nothing, 503, "SERVICE_UNAVAILABLE")
        nothing.header("Retry-After", r"\d+")
        something.has_status(294)
        expected = {"__typename": "Query", "user": None}
        expect(something.field("data") == expected, f"{expected}", something.got, something.sent)
        has_code(something, "SERVICE_UNAVAILABLE")
    finally:
        server.start_again()
    query = "query ($id: ID!) { user(id: $id) { name } }"
    eventually(lambda: data(ask(web, query, {"id": author["id"]}))["user"], within=BACK_WITHIN_S)


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_a_database_that_says_nothing_is_not_waited_for(web: Client, services: dict[str, Service], draw: Draw) -> None:
    server = services["postgresql"].server
    new_user(web, draw)
    server.pause()
    try:
        is_refused(ask(web, "{ users { id } }", timeout=UNAVAILABLE_WITHIN_S + 1), 503, "SERVICE_UNAVAILABLE")
        web.get("/health", timeout=2).has_status(200)
    finally:
        server.resume()
    eventually(lambda: ask(web, "{ users { id } }").has_status(200), within=BACK_WITHIN_S)


@pytest.mark.step("outage")
def test_a_process_with_subscribers_stops_when_it_is_asked_to(
    web: Client, system: System, sockets: Callable[..., Socket]
) -> None:
    process = system.processes("web")[0]
    socket = sockets(web.url)
    socket.subscribe("1")
    socket.is_quiet()
    status = process.stop(grace=10)
    expect(status == 0, "exit status 0 within 10 s", f"exit status {status}", "SIGTERM, with a subscription open")
