"""Lesson 6: documents. Each test is one promise of the contract, over HTTP and in the database."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import argon2
import pymongo
import pytest
from pymongo.database import Database

from taller.grading import (
    Answer,
    Client,
    Draw,
    Unmet,
    at_once,
    eventually,
    expect,
    refuses_to_start,
    statuses,
)
from taller.grading.bench import Bench, Service
from taller.runner import Process, System

USERS = "/api/users"
ROLES = f"{USERS}/stats/roles"
SIGN_UPS = f"{USERS}/stats/sign-ups"
FIELDS = ("name", "email", "role", "password")
NOBODY_HAS = "0" * 24
AT_ONCE = 50
ROUNDS = 3
HASHED_AT_ONCE = 20
LEAST_MEMORY_KIB = 19 * 1024
LEAST_PASSES = 2
MOST_CONNECTIONS = 20
UNAVAILABLE_WITHIN_S = 5
BACK_WITHIN_S = 10
PATIENT = {"timeout": 30}

Document = dict[str, Any]
Mongo = Database[Document]


@dataclass(frozen=True)
class Others:
    """Processes beside the first one: one that was told a URL that is none, one that logs all that it can."""

    url: str
    password: str
    misled: Process
    talkative: Process


@pytest.fixture(scope="module")
def others(request: pytest.FixtureRequest, bench: Bench) -> Others:
    """Start them together; nobody waits for one that is not asked."""
    draw = Draw(request.config.option.seed, "others")
    password, launch = draw.token(), bench.system.launch
    somewhere = f"ana:{password}@127.0.0.1"
    no_urls = [f"{somewhere}:27017/shop", f"postgresql://{somewhere}/shop", f"mongodb://{somewhere}:99999/shop"]
    url = draw.choice([*no_urls, f"http://{somewhere}/shop", f"mongodb://{somewhere}"])
    return Others(url, password, launch("web", {"MONGODB_URL": url}), launch("web", {"LOG_LEVEL": "debug"}))


@pytest.fixture
def second(others: Others) -> Iterator[Client]:
    """A client of another process over the same database."""
    others.talkative.await_ready()
    with closing(Client(others.talkative.url)) as client:
        yield client


@pytest.fixture(scope="module")
def mongo(services: dict[str, Service]) -> Iterator[Mongo]:
    """The submission's database, as the grader sees it."""
    url = services["mongodb"].url
    with pymongo.MongoClient[Document](url, tz_aware=True, serverSelectionTimeoutMS=5000) as client:
        yield client.get_default_database()


@pytest.fixture
def draft(draw: Draw) -> dict[str, Any]:
    """What somebody says who signs up."""
    return a_draft(draw)


def a_draft(draw: Draw, **fields: Any) -> dict[str, Any]:
    """A name, an address that nobody has, a password; and what is given."""
    email = f"{draw.token().capitalize()}@{draw.token(5)}.example.com"
    return {"name": draw.name(), "email": email, "password": draw.token(16), **fields}


def sign_up(web: Client, draft: dict[str, Any]) -> dict[str, Any]:
    """Sign somebody up; the user as it was answered."""
    answer = web.post(USERS, json=draft).has_status(201)
    answer.field("id", str)
    return dict(answer.json)


def at(user: dict[str, Any]) -> str:
    """The path of a user."""
    return f"{USERS}/{user['id']}"


@pytest.fixture(scope="module")
def residents() -> list[dict[str, Any]]:
    """Who has signed up for the tests in which nobody need be new: each sign-up costs a slow hash."""
    return []


@pytest.fixture
def resident(web: Client, residents: list[dict[str, Any]], draw: Draw) -> dict[str, Any]:
    """A user who has been there for a while, as it is now."""
    if not residents or web.get(at(residents[0])).status != 200:
        residents[:] = [sign_up(web, a_draft(draw))]
    return dict(web.get(at(residents[0])).has_status(200).json)


def is_as_it_was(web: Client, user: dict[str, Any], sent: str) -> None:
    """The user has not changed."""
    answer = web.get(at(user))
    expect(answer.status == 200 and answer.json == user, f"the user as it was, {user}", answer.got, sent)


def is_problem(answer: Answer, *mentions: str) -> Answer:
    """The answer is a 4xx in the format of RFC 9457 and says each of ``mentions``."""
    answer.is_refused(*mentions).header("Content-Type", r"application/problem\+json\b.*")
    return answer


def is_missing(answer: Answer) -> None:
    """The answer is 404."""
    is_problem(answer.has_status(404))


def is_unavailable(answer: Answer) -> None:
    """The answer is 503 and says when to come back."""
    answer.has_status(503).header("Retry-After", r"\d+")


def total(web: Client, **params: str) -> int:
    """How many users there are, or are found."""
    return int(web.get(USERS, params=params).has_status(200).header("X-Total-Count", r"\d+"))


def kept(mongo: Mongo, email: str) -> Document:
    """The document of the user with that address, as it was sent."""
    found = list(mongo["users"].find({"email": email}))
    sent = f'POST {USERS} with the email {email}, then db.users.find({{"email": "{email}"}})'
    expect(len(found) == 1, "one document of that email in the collection users", f"{len(found)} documents", sent)
    return found[0]


# configure


@pytest.mark.step("configure")
@pytest.mark.usefixtures("others")  # they start now, and later tests wait for less
def test_it_starts_with_the_database_that_it_is_told(web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("configure")
def test_a_database_url_that_makes_no_sense_ends_the_process_with_status_2(others: Others) -> None:
    refuses_to_start(others.misled, "MONGODB_URL", others.url, hides=others.password)


# users


@pytest.mark.step("users")
def test_a_new_user_is_answered_with_201_and_an_id(web: Client, draft: dict[str, Any]) -> None:
    answer = web.post(USERS, json=draft).has_status(201)
    user_id = answer.field("id", str)
    expect(user_id, "an id that is not empty", answer.got, answer.sent)
    answer.is_json({"id": user_id, "name": draft["name"], "email": draft["email"], "role": "customer"})
    where = urlsplit(urljoin(USERS, answer.header("Location"))).path
    expect(where == f"{USERS}/{user_id}", f"Location: {USERS}/{user_id}", answer.header("Location"), answer.sent)


@pytest.mark.step("users")
@pytest.mark.parametrize("role", ["customer", "admin"])
def test_a_user_can_be_read_at_its_path(web: Client, draw: Draw, role: str) -> None:
    other, user = sign_up(web, a_draft(draw)), sign_up(web, a_draft(draw, role=role))
    expect(user["role"] == role, f"the role {role}", user, f"POST {USERS}")
    web.get(at(user)).has_status(200).is_json(user)
    web.get(at(other)).has_status(200).is_json(other)


@pytest.mark.step("users")
def test_a_user_is_a_document_of_the_collection_users(web: Client, mongo: Mongo, draft: dict[str, Any]) -> None:
    before = datetime.now(UTC)
    user = sign_up(web, draft)
    document = kept(mongo, draft["email"])
    sent = f"POST {USERS}, then the document in the collection users"
    for field in ("name", "role"):
        expect(document.get(field) == user[field], f"{field} to be {user[field]!r}", document.get(field), sent)
    created = document.get("createdAt")
    is_now = isinstance(created, datetime) and abs(created - before) < timedelta(minutes=1)
    expect(is_now, f"createdAt to be the date {before:%FT%TZ}, as a date of BSON", repr(created), sent)


@pytest.mark.step("users")
@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "user_id",
    [NOBODY_HAS, "0", "1", "abc", "g" * 24, "é" * 12, "f" * 23, "f" * 25, "a" * 1000, '{"$ne":null}', "\0", "$id"],
)
def test_what_is_no_id_of_a_user_is_a_404(web: Client, method: str, user_id: str) -> None:
    is_missing(web.request(method, f"{USERS}/{quote(user_id, safe='')}"))


@pytest.mark.step("users")
def test_a_deleted_user_is_gone(web: Client, draw: Draw) -> None:
    user, other = sign_up(web, a_draft(draw)), sign_up(web, a_draft(draw))
    answer = web.delete(at(user)).has_status(204)
    expect(not answer.content, "no body", answer.got, answer.sent)
    is_missing(web.get(at(user)))
    is_missing(web.delete(at(user)))
    web.get(at(other)).has_status(200).is_json(other)


@pytest.mark.step("users")
def test_the_list_has_everybody_once_in_the_order_of_their_ids(web: Client, draw: Draw) -> None:
    users = [sign_up(web, a_draft(draw)) for _ in range(5)]
    count, limit = total(web), draw.integer(2, 4)
    listed: list[Any] = []
    while len(listed) < count:
        answer = web.get(USERS, params={"limit": max(limit, count // 5), "offset": len(listed)}).has_status(200)
        expect(answer.items(), f"a page that is not empty: X-Total-Count said {count}", answer.got, answer.sent)
        listed += answer.items()
    sent = f"GET {USERS} page by page"
    ids = [str(user["id"]) if isinstance(user, dict) and "id" in user else "no user" for user in listed]
    expect(ids == sorted(set(ids)), "each user once, in the order of the ids", ids, sent)
    for user in users:
        expect(user in listed, f"the user {user} in it", f"{len(listed)} others", sent)


@pytest.mark.step("users")
def test_a_page_has_twenty_users_or_as_many_as_limit_says(web: Client, mongo: Mongo, draw: Draw) -> None:
    for number in range(22 - mongo["users"].count_documents({})):
        sign_up(web, a_draft(draw, name=f"Nobody {number}"))
    count, limit = mongo["users"].count_documents({}), draw.integer(1, 19)
    for params, length in (({}, 20), ({"limit": limit}, limit)):
        answer = web.get(USERS, params=params).has_status(200)
        expect(len(answer.items()) == length, f"{length} users", f"{len(answer.items())} users", answer.sent)
        told = answer.header("X-Total-Count", r"\d+")
        expect(told == str(count), f"X-Total-Count: {count}, as many as there are in all", told, answer.sent)
    web.get(USERS, params={"offset": 2**53}).has_status(200).is_json([])


@pytest.mark.step("users")
@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"offset": "1e3"}, "offset"),
        ({"offset": "9" * 30}, "offset"),
    ],
)
def test_a_page_that_makes_no_sense_is_refused_by_name(web: Client, params: dict[str, str], field: str) -> None:
    is_problem(web.get(USERS, params=params), field)


@pytest.mark.step("users")
def test_users_are_still_there_after_a_restart(web: Client, system: System, draft: dict[str, Any]) -> None:
    user = sign_up(web, draft)
    process = system.processes("web")[0]
    status = process.stop()
    expect(status == 0, "exit status 0 within 10 s", status, "SIGTERM to web")
    process.restart()
    answer = web.get(at(user))
    sent = f"POST {USERS}, a restart of web, {answer.sent}"
    expect(answer.status == 200 and answer.json == user, f"200 OK and {user}", answer.got, sent)


@pytest.mark.step("users")
def test_what_one_process_writes_another_reads(web: Client, second: Client, draft: dict[str, Any]) -> None:
    user = sign_up(web, draft)
    answer = second.get(at(user))
    expect(answer.status == 200, "200 OK", answer.got, f"POST {USERS} to one process, GET {at(user)} from another")


# unique


def cases(email: str, draw: Draw) -> str:
    """The same address with other letters large and small."""
    return "".join(draw.choice([letter.lower(), letter.upper()]) for letter in email)


@pytest.mark.step("unique")
def test_an_address_that_is_taken_is_a_409_in_any_case(web: Client, draw: Draw) -> None:
    draft = a_draft(draw)
    user = sign_up(web, draft)
    expect(user["email"] == draft["email"], f"the email as it was sent, {draft['email']}", user, f"POST {USERS}")
    for email in (draft["email"], draft["email"].upper(), draft["email"].lower(), cases(draft["email"], draw)):
        is_problem(web.post(USERS, json=a_draft(draw, email=email)).has_status(409), "email")
    web.get(at(user)).has_status(200).is_json(user)


@pytest.mark.step("unique")
def test_addresses_that_differ_in_more_than_case_are_different(web: Client, draw: Draw) -> None:
    name = draw.token()
    for email in (f"{name}.x@example.com", f"{name}x@example.com", f"{name}-x@example.com", f"{name}+x@example.com"):
        sign_up(web, a_draft(draw, email=email))


@pytest.mark.step("unique")
def test_an_address_is_free_again_when_its_user_is_deleted(web: Client, draw: Draw) -> None:
    draft = a_draft(draw)
    first = sign_up(web, draft)
    web.delete(at(first)).has_status(204)
    again = sign_up(web, {**draft, "email": cases(draft["email"], draw)})
    expect(again["id"] != first["id"], "another id", again, f"DELETE {at(first)}, then POST {USERS}")


@pytest.mark.step("unique")
def test_fifty_sign_ups_of_one_address_at_once_give_one_user(
    web: Client, second: Client, mongo: Mongo, draw: Draw
) -> None:
    email = f"{draw.token()}@example.com"
    drafts = [a_draft(draw, email=cases(email, draw)) for _ in range(AT_ONCE)]
    clients = (web, second)

    def request(number: int) -> Callable[[], Answer]:
        return lambda: clients[number % 2].post(USERS, json=drafts[number], **PATIENT)

    got = statuses(at_once([request(number) for number in range(AT_ONCE)]))
    sent = f"{AT_ONCE} times POST {USERS} at once, to two processes, with the email {email} in various cases"
    expect(got == {201: 1, 409: AT_ONCE - 1}, f"1 times 201, {AT_ONCE - 1} times 409", got, sent)
    count = mongo["users"].count_documents({"email": re.compile(f"^{re.escape(email)}$", re.IGNORECASE)})
    expect(count == 1, "one document in the collection users", count, sent)


@pytest.mark.step("unique")
def test_a_unique_index_of_the_database_sees_to_it(web: Client, mongo: Mongo, draft: dict[str, Any]) -> None:
    sign_up(web, draft)
    indexes = mongo["users"].index_information()
    unique = [name for name, index in indexes.items() if index.get("unique")]
    expect(unique, "a unique index of the collection users", sorted(indexes), "db.users.getIndexes()")


# changes


@pytest.mark.step("changes")
@pytest.mark.parametrize("field", ["name", "email", "role"])
def test_a_patch_changes_what_it_names_and_nothing_else(web: Client, mongo: Mongo, draw: Draw, field: str) -> None:
    draft = a_draft(draw)
    user, other = sign_up(web, draft), sign_up(web, a_draft(draw))
    before = kept(mongo, user["email"])
    value = {"name": draw.name(), "email": f"{draw.token()}@example.com", "role": "admin"}[field]
    changed = {**user, field: value}
    answer = web.patch(at(user), json={field: value}).has_status(200).is_json(changed)
    web.get(at(user)).has_status(200).is_json(changed)
    web.get(at(other)).has_status(200).is_json(other)
    after = kept(mongo, changed["email"])
    touched = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    lost = {key for key in touched if key in FIELDS and key != field} | (touched & {"_id", "createdAt"})
    expect(not lost, f"only {field} to be another in the database", sorted(touched), answer.sent)


@pytest.mark.step("changes")
def test_a_patch_that_names_nothing_changes_nothing(web: Client, resident: dict[str, Any]) -> None:
    answer = web.patch(at(resident), json={}).has_status(200).is_json(resident)
    is_as_it_was(web, resident, answer.sent)


@pytest.mark.step("changes")
def test_changes_of_different_fields_at_once_all_survive(web: Client, second: Client, draw: Draw) -> None:
    for _ in range(ROUNDS):
        user = sign_up(web, a_draft(draw))
        change = {"name": draw.name(), "email": f"{draw.token()}@example.com", "role": "admin"}

        def request(client: Client, path: str, fields: dict[str, Any]) -> Callable[[], Answer]:
            return lambda: client.patch(path, json=fields)

        clients = (web, second, web)
        sent = f"at once PATCH {at(user)} with " + ", ".join(f"{{{key}: {value!r}}}" for key, value in change.items())
        parts = zip(clients, change.items(), strict=True)
        got = statuses(at_once([request(client, at(user), {key: value}) for client, (key, value) in parts]))
        expect(got == {200: 3}, "3 times 200", got, sent)
        answer = web.get(at(user)).has_status(200)
        expect(answer.json == {**user, **change}, f"all three changes, {change}", answer.got, sent)


@pytest.mark.step("changes")
def test_a_user_that_is_gone_cannot_be_changed(web: Client, mongo: Mongo, draft: dict[str, Any]) -> None:
    user = sign_up(web, draft)
    web.delete(at(user)).has_status(204)
    for change in ({"name": "Nobody"}, {"email": draft["email"]}, {}):
        answer = web.patch(at(user), json=change)
        is_missing(answer)
        is_missing(web.get(at(user)))
    count = mongo["users"].count_documents({"email": draft["email"]})
    expect(count == 0, "no document of a user that was deleted", count, f"DELETE {at(user)}, then PATCH")


@pytest.mark.step("changes")
@pytest.mark.parametrize("user_id", [NOBODY_HAS, "abc", "g" * 24, '{"$ne":null}', "\0"])
def test_a_change_of_what_is_no_id_is_a_404(web: Client, user_id: str) -> None:
    count = total(web)
    answer = web.patch(f"{USERS}/{quote(user_id, safe='')}", json={"name": "Nobody"})
    is_missing(answer)
    expect(total(web) == count, f"still {count} users", total(web), answer.sent)


@pytest.mark.step("changes")
def test_a_user_that_is_deleted_while_others_change_it_stays_deleted(
    web: Client, second: Client, mongo: Mongo, draw: Draw
) -> None:
    for _ in range(ROUNDS):
        user = sign_up(web, a_draft(draw))
        path = at(user)

        def change(client: Client, path: str = path) -> Callable[[], Answer]:
            return lambda: client.patch(path, json={"role": "admin"})

        def delete(path: str = path) -> Answer:
            return web.delete(path)

        answers = at_once([change(web), change(second), delete, change(web), change(second)])
        sent = f"at once DELETE {path} and four times PATCH"
        expect(answers.pop(2).status == 204, "204 for DELETE", statuses(answers), sent)
        expect(set(statuses(answers)) <= {200, 404}, "200 or 404 for each PATCH", statuses(answers), sent)
        answer = web.get(path)
        expect(answer.status == 404, "404 after that", answer.got, f"{sent}, then {answer.sent}")
        count = mongo["users"].count_documents({"email": user["email"]})
        expect(count == 0, "no document of a user that was deleted", count, sent)


@pytest.mark.step("changes")
def test_an_address_can_be_changed_only_to_one_that_is_free(web: Client, draw: Draw) -> None:
    user, other = sign_up(web, a_draft(draw)), sign_up(web, a_draft(draw))
    taken = {"name": "Nobody", "email": cases(other["email"], draw)}
    answer = is_problem(web.patch(at(user), json=taken).has_status(409), "email")
    is_as_it_was(web, user, answer.sent)
    own = user["email"].swapcase()
    web.patch(at(user), json={"email": own}).has_status(200).is_json({**user, "email": own})


@pytest.mark.step("changes")
def test_a_patch_that_is_half_wrong_changes_nothing(web: Client, resident: dict[str, Any]) -> None:
    answer = is_problem(web.patch(at(resident), json={"name": "Nobody", "role": "root"}), "role")
    is_as_it_was(web, resident, answer.sent)


# operators

OPERATORS: tuple[Any, ...] = (
    {"$ne": None},
    {"$gt": ""},
    {"$regex": ".*"},
    {"$in": ["admin"]},
    ["admin"],
    {},
    None,
    7,
    True,
)


@pytest.mark.step("operators")
@pytest.mark.parametrize("field", FIELDS)
def test_what_is_no_text_is_refused_in_every_field(
    web: Client, draft: dict[str, Any], resident: dict[str, Any], field: str
) -> None:
    count = total(web)
    for value in OPERATORS:
        is_problem(web.post(USERS, json={**draft, field: value}), field)
        answer = is_problem(web.patch(at(resident), json={field: value}), field)
        is_as_it_was(web, resident, answer.sent)
    expect(total(web) == count, f"still {count} users", total(web), f"POST {USERS} with {field} as an operator")


@pytest.mark.step("operators")
@pytest.mark.parametrize(
    "key",
    [
        "$set",
        "$where",
        "$ne",
        "role.$",
        "email.x",
        "name.",
        ".",
        "$",
        "",
        "_id",
        "id",
        "createdAt",
        "isAdmin",
        "__proto__",
    ],
)
def test_a_key_that_is_no_field_is_refused_by_name(
    web: Client, draft: dict[str, Any], resident: dict[str, Any], key: str
) -> None:
    is_problem(web.post(USERS, json={**draft, key: "admin"}), key)
    for value in ("admin", {"role": "admin"}, {"$ne": 1}):
        answer = is_problem(web.patch(at(resident), json={key: value}), key)
        is_as_it_was(web, resident, answer.sent)


@pytest.mark.step("operators")
@pytest.mark.parametrize(
    "name", ["email[$ne]", "email", "q[$ne]", "q[$regex]", "role[$in][]", "limit[$gt]", "$where", "name.x", "filter"]
)
def test_a_query_parameter_that_is_not_there_is_refused_by_name(
    web: Client, resident: dict[str, Any], name: str
) -> None:
    params = {name: "x"}
    for path in (USERS, at(resident), ROLES, SIGN_UPS):
        is_problem(web.get(path, params=params), name)
    is_problem(web.patch(at(resident), params=params, json={"role": "admin"}), name)
    answer = is_problem(web.delete(at(resident), params=params), name)
    is_as_it_was(web, resident, answer.sent)


@pytest.mark.step("operators")
@pytest.mark.parametrize("name", ["$email", "$$ROOT", "$set", '{"$ne": null}', "a.b", "$", "x' || '1'=='1", "%s {0}"])
def test_a_text_that_looks_like_an_operator_is_a_text(web: Client, resident: dict[str, Any], name: str) -> None:
    for text in (f"{name} 2", name):
        named = {**resident, "name": text}
        answer = web.patch(at(resident), json={"name": text}).has_status(200).is_json(named)
        is_as_it_was(web, named, answer.sent)


@pytest.mark.step("operators")
def test_somebody_may_be_called_like_an_operator(web: Client, draft: dict[str, Any]) -> None:
    user = sign_up(web, {**draft, "name": "$email"})
    expect(user["name"] == "$email", "the name $email", user["name"], f"POST {USERS}")
    is_as_it_was(web, user, f"POST {USERS}")


@pytest.mark.step("operators")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("name", value) for value in ("", "   ", "x" * 201)],
        *[("email", value) for value in ("", "ana", "ana@", "@example.com", "a@b@example.com", "ana@example..com")],
        *[
            ("email", value)
            for value in ("an a@example.com", "ana@example.com\n", "ñandú@example.com", "ana@ex_ample.com")
        ],
        *[("email", value) for value in ("ana@-example.com", f"{'x' * 250}@example.com", "ana@example.com\0")],
        *[("password", value) for value in ("", "7letter", "x" * 129)],
        *[("role", value) for value in ("", "Admin", "root", "admin ")],
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(
    web: Client, draft: dict[str, Any], resident: dict[str, Any], field: str, value: str
) -> None:
    is_problem(web.post(USERS, json={**draft, field: value}), field)
    answer = is_problem(web.patch(at(resident), json={field: value}), field)
    is_as_it_was(web, resident, answer.sent)


@pytest.mark.step("operators")
@pytest.mark.parametrize(
    "email",
    ["a@example.com", "a.b+tag@sub.example.com", "o'brien_x@example.com", "ana@localhost", "x" * 242 + "@example.com"],
)
def test_an_address_that_browsers_take_is_taken(web: Client, resident: dict[str, Any], email: str) -> None:
    web.patch(at(resident), json={"email": email}).has_status(200).is_json({**resident, "email": email})


@pytest.mark.step("operators")
@pytest.mark.parametrize("field", ["name", "email", "password"])
def test_a_missing_field_is_refused_by_name(web: Client, draft: dict[str, Any], field: str) -> None:
    del draft[field]
    is_problem(web.post(USERS, json=draft), field)


@pytest.mark.step("operators")
@pytest.mark.parametrize(
    "body", ["", "nonsense", "null", "[]", '"ana"', '{"name": NaN}', '{"name": "\\ud800"}', "[" * 5000]
)
def test_a_body_that_is_no_user_is_refused(web: Client, resident: dict[str, Any], body: str) -> None:
    json = {"Content-Type": "application/json"}
    is_problem(web.post(USERS, content=body, headers=json))
    answer = is_problem(web.patch(at(resident), content=body, headers=json))
    is_as_it_was(web, resident, answer.sent)


# passwords


def texts(value: Any) -> Iterator[str]:
    """Every text in a document, however deep."""
    match value:
        case str():
            yield value
        case bytes():
            yield value.decode(errors="replace")
        case dict():
            for entry in value.values():
                yield from texts(entry)
        case list():
            for entry in value:
                yield from texts(entry)


def hash_of(mongo: Mongo, email: str) -> str:
    """The one argon2id hash in a user's document."""
    hashes = [text for text in texts(kept(mongo, email)) if text.startswith("$argon2id$")]
    sent = f"POST {USERS}, then the user's document in the database"
    expect(len(hashes) == 1, "one text that begins with $argon2id$", f"{len(hashes)} of them", sent)
    return hashes[0]


def is_hash_of(password: str, password_hash: str, sent: str) -> None:
    """The hash was made of this password."""
    try:
        argon2.PasswordHasher().verify(password_hash, password)
    except argon2.exceptions.Argon2Error as error:
        raise Unmet(f"a hash of the password {password!r}", f"{password_hash} ({error})", sent) from None


def keeps_secret(answer: Answer, *passwords: str) -> Answer:
    """Neither the body nor a header has a password in it, nor its hash."""
    shown = answer.text + "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
    for password in (*passwords, "$argon2"):
        expect(password not in shown, f"an answer without {password!r} in it", f"{answer.status} {shown}", answer.sent)
    return answer


@pytest.mark.step("passwords")
def test_no_answer_has_the_password_in_it(web: Client, draw: Draw) -> None:
    draft = a_draft(draw)
    old, new, wrong = draft["password"], draw.token(16), draw.token(129)
    user = keeps_secret(web.post(USERS, json=draft).has_status(201), old).json
    for answer in (
        web.get(at(user)),
        web.get(USERS, params={"offset": max(0, total(web) - 20)}),
        web.patch(at(user), json={"password": new}),
        web.get(at(user)),
    ):
        keeps_secret(answer.has_status(200), old, new)
    for answer in (
        web.post(USERS, json={**draft, "password": wrong}),
        web.patch(at(user), json={"password": {"$ne": wrong}}),
        web.post(USERS, json={"password": new, "name": ""}),
        web.post(USERS, json=draft),
    ):
        keeps_secret(is_problem(answer), old, new, wrong)


@pytest.mark.step("passwords")
def test_the_database_has_a_slow_hash_of_the_password_and_not_the_password(
    web: Client, mongo: Mongo, draw: Draw
) -> None:
    draft = a_draft(draw)
    sign_up(web, draft)
    sent = f"POST {USERS}, then what is in the database"
    for name in mongo.list_collection_names():
        for document in mongo[name].find():
            found = [text for text in texts(document) if draft["password"] in text]
            expect(not found, "the password nowhere in it", f"a document of {name} with {found}", sent)
    password_hash = hash_of(mongo, draft["email"])
    is_hash_of(draft["password"], password_hash, sent)
    cost = argon2.extract_parameters(password_hash)
    expected = f"argon2id with at least m={LEAST_MEMORY_KIB} and t={LEAST_PASSES}"
    expect(cost.memory_cost >= LEAST_MEMORY_KIB and cost.time_cost >= LEAST_PASSES, expected, password_hash, sent)


@pytest.mark.step("passwords")
def test_the_same_password_gives_another_hash_each_time(web: Client, mongo: Mongo, draw: Draw) -> None:
    drafts = [a_draft(draw, password="correct horse battery staple") for _ in range(2)]
    for draft in drafts:
        sign_up(web, draft)
    first, other = (hash_of(mongo, draft["email"]) for draft in drafts)
    expect(first != other, "two hashes, each with a salt of its own", first, f"twice POST {USERS} with one password")


@pytest.mark.step("passwords")
@pytest.mark.parametrize(
    "password", ["8letters", " " * 8, "  spaces around  ", "contraseña ñandú 🦤", "x" * 128, "nul\0inside"]
)
def test_a_password_is_taken_as_it_is(web: Client, mongo: Mongo, draw: Draw, password: str) -> None:
    draft = a_draft(draw, password=password)
    sign_up(web, draft)
    is_hash_of(password, hash_of(mongo, draft["email"]), f"POST {USERS} with the password {password!r}")


@pytest.mark.step("passwords")
def test_a_new_password_takes_the_place_of_the_old_one(web: Client, mongo: Mongo, draw: Draw) -> None:
    draft, password = a_draft(draw), draw.token(16)
    user = sign_up(web, draft)
    answer = web.patch(at(user), json={"name": draw.name()}).has_status(200)
    is_hash_of(draft["password"], hash_of(mongo, user["email"]), answer.sent)
    answer = web.patch(at(user), json={"password": password}).has_status(200)
    document = mongo["users"].find_one({"email": user["email"]}) or {}
    plain = [name for name, value in document.items() if value == password]
    expect(not plain, "no field of the document with the password in plain text", plain, answer.sent)
    is_hash_of(password, hash_of(mongo, user["email"]), answer.sent)


@pytest.mark.step("passwords")
def test_the_log_has_no_password_in_it(second: Client, others: Others, draw: Draw) -> None:
    draft, mark = a_draft(draw), draw.token()
    second.post(USERS, json=draft).has_status(201)
    second.post(USERS, json=draft, headers={"X-Request-ID": mark})
    eventually(lambda: mark in others.talkative.log(), expected=f"a log line with the request id {mark}")
    secrets = (draft["password"], "$argon2")
    lines = [line for line in others.talkative.log().splitlines() if any(secret in line for secret in secrets)]
    sent = f"POST {USERS} with the password {draft['password']}, LOG_LEVEL=debug"
    expect(not lines, "no line of the log with the password in it, or its hash", "\n".join(lines), sent)


@pytest.mark.step("passwords")
def test_many_sign_ups_at_once_do_not_hold_up_others(web: Client, draw: Draw) -> None:
    drafts = [a_draft(draw) for _ in range(HASHED_AT_ONCE)]
    with ThreadPoolExecutor(HASHED_AT_ONCE) as pool:
        began = time.monotonic()
        asked = [pool.submit(web.post, USERS, json=draft, **PATIENT) for draft in drafts]
        slowest = 0.0
        while not all(future.done() for future in asked):
            slowest = max(slowest, seconds_of(web, "/health"))
        took = time.monotonic() - began
    sent = f"{HASHED_AT_ONCE} times POST {USERS} at once, and GET /health meanwhile"
    expected = f"/health to be answered in less than half the time of the sign-ups, {took:.2f} s"
    expect(slowest < took / 2, expected, f"after {slowest:.2f} s: is a password hashed on the event loop?", sent)
    got = statuses([future.result() for future in asked])
    expect(got == {201: HASHED_AT_ONCE}, f"{HASHED_AT_ONCE} times 201", got, sent)


def seconds_of(web: Client, path: str) -> float:
    """How long an answer takes."""
    began = time.monotonic()
    web.get(path, **PATIENT).has_status(200)
    return time.monotonic() - began


# questions


def finds(web: Client, q: str, *users: dict[str, Any]) -> None:
    """A search has exactly these users as its answer, in this order."""
    answer = web.get(USERS, params={"q": q}).has_status(200)
    expected = f"{[user['name'] for user in users]}, each as it is when read alone"
    expect(answer.json == list(users), expected, answer.got, answer.sent)
    count = answer.header("X-Total-Count", r"\d+")
    expect(int(count) == len(users), f"X-Total-Count: {len(users)}", count, answer.sent)


def by_id(*users: dict[str, Any]) -> list[dict[str, Any]]:
    """Users in the order of their ids."""
    return sorted(users, key=lambda user: str(user["id"]))


@pytest.mark.step("questions")
def test_a_word_finds_whoever_has_it_in_the_name(web: Client, draw: Draw) -> None:
    word, other = draw.token(), draw.token()
    first = sign_up(web, a_draft(draw, name=f"{word} Ruiz", role="admin"))
    second = sign_up(web, a_draft(draw, name=f"Ana {word}"))
    sign_up(web, a_draft(draw, name=f"Ana {other}"))
    sign_up(web, a_draft(draw, name="Ana Ruiz", email=f"{word}@example.com"))
    finds(web, word, *by_id(first, second))
    finds(web, word[:6])
    finds(web, draw.token())


@pytest.mark.step("questions")
def test_a_search_does_not_mind_case_and_accents(web: Client, draw: Draw) -> None:
    word = f"jos{draw.token()}"
    user = sign_up(web, a_draft(draw, name=f"{word.capitalize()}é Núñez"))
    for q in (f"{word}e", f"{word.upper()}É", f"{word}è"):
        finds(web, q, user)


@pytest.mark.step("questions")
def test_of_names_of_the_same_length_the_one_with_more_of_the_words_comes_first(web: Client, draw: Draw) -> None:
    one, two = draw.token(), draw.token()
    names = [f"{one} {draw.token()}", f"{draw.token()} {two}", f"{two} {one}", f"{one} {draw.token()}"]
    users = [sign_up(web, a_draft(draw, name=name)) for name in names]
    both = users.pop(2)
    finds(web, f"{one} {two}", both, *by_id(*users))


@pytest.mark.step("questions")
def test_a_search_comes_in_pages_too(web: Client, draw: Draw) -> None:
    word = draw.token()
    users = by_id(*(sign_up(web, a_draft(draw, name=f"Ana {word}")) for _ in range(3)))
    answer = web.get(USERS, params={"q": word, "limit": 1, "offset": 1}).has_status(200)
    expect(answer.json == users[1:2], f"the second of three, {users[1]}", answer.got, answer.sent)
    count = answer.header("X-Total-Count", r"\d+")
    expect(count == "3", "X-Total-Count: 3", count, answer.sent)


@pytest.mark.step("questions")
def test_what_means_something_to_a_search_is_text_here(web: Client, draw: Draw) -> None:
    word, other = draw.token(), draw.token()
    user = sign_up(web, a_draft(draw, name=f"Ana {word}"))
    for q in (
        f"-{word}",
        f'"{word}',
        f'"{word} {other}"',
        f"{word}*",
        f"({word})",
        f"{other} -{word}",
        f"$where {word}",
    ):
        finds(web, q, user)
    for q in (".*", "^", "(", "[$]", "--", " ", '""', "\0", "\\"):
        finds(web, q)


@pytest.mark.step("questions")
@pytest.mark.parametrize(("word", "relative"), [("the", "thes"), ("running", "run"), ("de", "des")])
def test_every_word_counts_as_it_is(web: Client, mongo: Mongo, draw: Draw, word: str, relative: str) -> None:
    mongo["users"].delete_many({"name": re.compile(rf"\b{word}\b", re.IGNORECASE)})
    user = sign_up(web, a_draft(draw, name=f"{word.capitalize()} {draw.token()}"))
    sign_up(web, a_draft(draw, name=f"{relative.capitalize()} {draw.token()}"))
    finds(web, word, user)


@pytest.mark.step("questions")
def test_a_search_knows_what_has_changed(web: Client, draw: Draw) -> None:
    old, new = draw.token(), draw.token()
    user = sign_up(web, a_draft(draw, name=old))
    finds(web, old, user)
    web.patch(at(user), json={"name": new})
    changed = web.get(at(user)).has_status(200).json
    finds(web, changed["name"], changed)
    web.delete(at(user)).has_status(204)
    finds(web, old)
    finds(web, new)


@pytest.mark.step("questions")
@pytest.mark.parametrize("q", ["", "x" * 201])
def test_a_search_for_nothing_or_too_much_is_refused_by_name(web: Client, q: str) -> None:
    is_problem(web.get(USERS, params={"q": q}), "q")


@pytest.mark.step("questions")
def test_users_are_counted_by_role(web: Client, mongo: Mongo, draw: Draw) -> None:
    mongo["users"].delete_many({"role": "admin"})
    customers = mongo["users"].count_documents({})
    web.get(ROLES).has_status(200).is_json({"customer": customers, "admin": 0})
    admins = draw.integer(1, 3)
    for _ in range(admins):
        sign_up(web, a_draft(draw, role="admin"))
    sign_up(web, a_draft(draw))
    web.get(ROLES).has_status(200).is_json({"customer": customers + 1, "admin": admins})


@pytest.mark.step("questions")
def test_sign_ups_are_counted_by_the_day_in_utc(web: Client, mongo: Mongo, draw: Draw) -> None:
    first = datetime(draw.integer(1990, 2000), draw.integer(1, 12), draw.integer(1, 26), tzinfo=UTC)
    midnight, later = first + timedelta(days=1), first + timedelta(days=draw.integer(400, 800))
    moments = [later, midnight, first, midnight - timedelta(milliseconds=1), midnight + timedelta(hours=23, minutes=59)]
    for moment in moments:
        draft = a_draft(draw)
        sign_up(web, draft)
        kept(mongo, draft["email"])
        mongo["users"].update_one({"email": draft["email"]}, {"$set": {"createdAt": moment}})
    answer = web.get(SIGN_UPS).has_status(200)
    days = [{"day": f"{day:%Y-%m-%d}", "count": count} for day, count in ((first, 2), (midnight, 2), (later, 1))]
    oldest = answer.items()[: len(days)]
    sent = f"{answer.sent}, with createdAt set to {', '.join(f'{moment:%FT%TZ}' for moment in moments)}"
    expect(oldest == days, f"the days {days}, then younger ones", answer.got, sent)
    mongo["users"].delete_many({"createdAt": {"$in": moments}})


@pytest.mark.step("questions")
def test_who_signs_up_now_counts_for_today(web: Client, draw: Draw) -> None:
    def counted() -> tuple[str, int]:
        answer = web.get(SIGN_UPS).has_status(200)
        last = answer.items()[-1] if answer.items() else {}
        return str(last.get("day")), sum(entry.get("count", 0) for entry in answer.items())

    sign_up(web, a_draft(draw))
    today, before = counted()
    sign_up(web, a_draft(draw))
    day, after = counted()
    sent = f"POST {USERS}, then GET {SIGN_UPS}"
    expect(after == before + 1, f"{before + 1} sign-ups over all days", after, sent)
    now = f"{datetime.now(UTC):%Y-%m-%d}"
    expect(now in (today, day), f"today, {now}, as the last day", day, sent)


# outage


def sign_up_until(stop: Event, url: str, drafts: Iterator[dict[str, Any]]) -> list[tuple[str, Answer]]:
    """Sign one up after the other, and keep the addresses and the answers."""
    answers = []
    with closing(Client(url)) as web:
        while not stop.is_set():
            draft = next(drafts)
            answers.append((draft["email"], web.post(USERS, json=draft)))
    return answers


Newcomers = tuple[Event, list[Future[list[tuple[str, Answer]]]]]


@pytest.fixture
def newcomers(web: Client, draw: Draw) -> Iterator[Newcomers]:
    """Two clients that sign users up without pause, until the event is set."""
    stop = Event()

    def drafts(number: int) -> Iterator[dict[str, Any]]:
        while True:
            yield a_draft(draw, email=f"{draw.token()}.{number}@example.com")

    with ThreadPoolExecutor(2) as pool:
        try:
            yield stop, [pool.submit(sign_up_until, stop, web.url, drafts(number)) for number in range(2)]
        finally:
            stop.set()


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_a_database_that_is_killed_and_comes_back_has_lost_nothing_that_was_acknowledged(
    web: Client, system: System, services: dict[str, Service], mongo: Mongo, newcomers: Newcomers, draw: Draw
) -> None:
    server = services["mongodb"].server
    user = sign_up(web, a_draft(draw))
    stop, signing_up = newcomers
    before = total(web)
    eventually(lambda: total(web) >= before + 5, expected="users to sign up")
    server.kill()
    try:
        late = system.launch("web")
        requests: list[Callable[[], Answer]] = [
            lambda: web.get(at(user)),
            lambda: web.post(USERS, json=a_draft(draw)),
            lambda: web.patch(at(user), json={"name": "Nobody"}),
            lambda: web.get(USERS),
        ]
        for answer in at_once(requests):
            is_unavailable(answer)
        web.get("/health").has_status(200)
        # Started while there is no database, it serves as far as it can.
        late.await_ready()
    finally:
        server.start_again()
    for client in (web, Client(late.url)):
        eventually(lambda client=client: sign_up(client, a_draft(draw)), within=BACK_WITHIN_S)  # type: ignore[misc]
    stop.set()
    answers = [entry for newcomer in signing_up for entry in newcomer.result()]
    sent = f"POST {USERS} again and again, kill -9 of the database in the midst of it, and its start"
    got = statuses([answer for _, answer in answers])
    expect(set(got) == {201, 503}, "201, and 503 while the database is away, and nothing else", got, sent)
    for _, answer in answers:
        if answer.status == 503:
            is_unavailable(answer)
    acknowledged = {email for email, answer in answers if answer.status == 201}
    lost = acknowledged - set(mongo["users"].distinct("email"))
    expected = f"all {len(acknowledged)} users that were answered 201"
    expect(not lost, expected, f"{len(lost)} are lost: {sorted(lost)[:5]}", sent)


@pytest.mark.step("outage")
@pytest.mark.breaks_services
def test_a_database_that_says_nothing_holds_up_nobody_for_long(
    web: Client, services: dict[str, Service], draw: Draw
) -> None:
    server = services["mongodb"].server
    user = sign_up(web, a_draft(draw))
    got = statuses(at_once([lambda: web.get(at(user))] * 10))
    expect(got == {200: 10}, "10 times 200", got, "10 times GET of a user at once")
    server.pause()
    try:
        with ThreadPoolExecutor(12) as pool:
            bound = {"timeout": UNAVAILABLE_WITHIN_S + 1}
            asked = [pool.submit(web.post, USERS, json=a_draft(draw), **bound) for _ in range(6)]
            asked += [pool.submit(web.get, at(user), **bound) for _ in range(6)]
            slowest = 0.0
            while not all(future.done() for future in asked):
                slowest = max(slowest, seconds_of(web, "/health"))
    finally:
        server.resume()
    sent = "12 requests at once while the database is stopped in mid-work (SIGSTOP)"
    for future in asked:
        is_unavailable(future.result())
    expect(slowest < 2, "/health to be answered at once meanwhile", f"after {slowest:.1f} s", sent)
    eventually(lambda: sign_up(web, a_draft(draw)), within=BACK_WITHIN_S)


def connections(admin: pymongo.MongoClient[Document], user: str) -> int:
    """How many connections somebody has who has logged in under that name, busy or not."""
    everybody = {"$currentOp": {"allUsers": True, "idleConnections": True}}
    mine = {"$match": {"effectiveUsers.user": user, "connectionId": {"$exists": True}}}
    group = {"$group": {"_id": "$connectionId"}}
    return len(list(admin["admin"].aggregate([everybody, mine, group])))


@pytest.mark.step("outage")
def test_no_connection_leaks(web: Client, system: System, services: dict[str, Service], draw: Draw) -> None:
    user = sign_up(web, a_draft(draw))
    requests: list[Callable[[], Answer]] = [
        lambda: web.get(at(user)),
        lambda: web.get(USERS),
        lambda: web.patch(at(user), json={"role": "admin"}),
        lambda: web.get(f"{USERS}/{NOBODY_HAS}"),
        lambda: web.delete(f"{USERS}/{NOBODY_HAS}"),
    ]
    at_once(requests * (AT_ONCE // len(requests)))
    with pymongo.MongoClient[Document](services["mongodb"].server.admin_url) as admin:
        found = connections(admin, str(urlsplit(services["mongodb"].url).username))
    alive = [process for process in system.processes("web") if process.alive]
    # One is the grader's own.
    most = MOST_CONNECTIONS * len(alive) + 1
    sent = f"{AT_ONCE} requests at once, then $currentOp; {len(alive)} processes"
    expect(found <= most, f"at most {most} connections of that login", found, sent)
