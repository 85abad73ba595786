"""Lesson 7: who are you, and what may you do. Each test is one promise of the contract, over HTTP."""

import hashlib
import hmac
import json
import socket
import statistics
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import jwt
import pytest
from pymongo import MongoClient

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
from taller.runner import Process
from taller.services import Allocation

ENCODE, DECODE = "/tokens/encode", "/tokens/decode"
REGISTER, LOGIN, REFRESH, LOGOUT = "/auth/register", "/auth/login", "/auth/refresh", "/auth/logout"
SESSION, ME = "/auth/session", "/api/me"
PRODUCTS, ORDERS = "/api/products", "/api/orders"

HOUR = 3600
LONGEST_TOKEN = 8192
FAILURES = 5
WINDOW_S = 900
ELSEWHERE = "127.0.0.2"
UNAVAILABLE_WITHIN_S = 5
# How long the strict process lets nobody try again, and after how many failures from one address.
STRICT_WINDOW_S = 3
STRICT_FAILURES = 7

Claims = dict[str, Any]


def base64url(data: bytes) -> str:
    """The bytes as RFC 7515 writes them."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value: object) -> bytes:
    """The value as JSON without spaces."""
    return json.dumps(value, separators=(",", ":")).encode()


def mac(signed: str, key: bytes, algorithm: str = "sha256") -> bytes:
    """The signature that belongs to the text."""
    return hmac.digest(key, signed.encode(), algorithm)


def signed_by_hand(header: bytes, payload: bytes, key: bytes, algorithm: str = "sha256") -> str:
    """A token of these bytes."""
    signed = f"{base64url(header)}.{base64url(payload)}"
    return f"{signed}.{base64url(mac(signed, key, algorithm))}"


def payload_of(token: str) -> Claims:
    """What a token says, whoever signed it."""
    claims: Claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


@dataclass(frozen=True)
class Account:
    """Somebody with an account."""

    email: str
    password: str
    id: str = ""

    @property
    def claim(self) -> dict[str, str]:
        """What they send to log in."""
        return {"email": self.email, "password": self.password}


@dataclass(frozen=True)
class Tokens:
    """What a log-in gives."""

    access: str
    refresh: str

    @property
    def headers(self) -> dict[str, str]:
        """What a request says to use it."""
        return bearer(self.access)

    @property
    def claims(self) -> Claims:
        """What the access token says."""
        return payload_of(self.access)


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def new_account(web: Client, draw: Draw) -> Account:
    """Register somebody."""
    email, password = f"{draw.token(16)}@shop.test", draw.token(20)
    answer = web.post(REGISTER, json={"name": "Ana", "email": email, "password": password}).has_status(201)
    return Account(email, password, answer.field("id", str))


def tokens_of(answer: Answer) -> Tokens:
    """The tokens in an answer."""
    answer.has_status(200)
    return Tokens(answer.field("accessToken", str), answer.field("refreshToken", str))


def log_in(web: Client, account: Account) -> Tokens:
    """Log somebody in."""
    return tokens_of(web.post(LOGIN, json=account.claim))


def a_customer(web: Client, draw: Draw) -> Tokens:
    """The tokens of a new customer."""
    return log_in(web, new_account(web, draw))


def environment(bench: Bench) -> dict[str, str]:
    """The lesson's variables."""
    return bench.system.submission.lesson.environment


def first_admin(bench: Bench) -> Account:
    """The admin that the variables name."""
    return Account(environment(bench)["ADMIN_EMAIL"], environment(bench)["ADMIN_PASSWORD"])


@pytest.fixture(scope="module")
def admin(bench: Bench) -> Tokens:
    """The tokens of the admin."""
    with closing(Client(bench.system.url("web"))) as web:
        return log_in(web, first_admin(bench))


@pytest.fixture(scope="module")
def customer(request: pytest.FixtureRequest, bench: Bench) -> Tokens:
    """The tokens of a customer."""
    with closing(Client(bench.system.url("web"))) as web:
        return a_customer(web, Draw(request.config.option.seed, "a customer"))


@pytest.fixture
def key(bench: Bench) -> bytes:
    """What access tokens are signed with."""
    return environment(bench)["JWT_SECRET"].encode()


@pytest.fixture(scope="module")
def strict_users(services: dict[str, Service]) -> Iterator[Allocation]:
    """An empty database for users."""
    allocation = services["mongodb"].server.allocate()
    yield allocation
    allocation.release()


@pytest.fixture(scope="module")
def strict(bench: Bench, strict_users: Allocation) -> tuple[Process, Process]:
    """Two processes on a database of their own, started together, that bear with little and log much."""
    variables = {
        **strict_users.variables,
        "LOG_LEVEL": "debug",
        "COOKIE_SECURE": "true",
        "JWT_ISSUER": "the-other-shop",
        "JWT_AUDIENCE": "the-other-window",
        "LOGIN_WINDOW_S": str(STRICT_WINDOW_S),
        "LOGIN_FAILURES_PER_ADDRESS": str(STRICT_FAILURES),
    }
    first, second = (bench.system.launch("web", variables) for _ in range(2))
    return first, second


@pytest.fixture
def two(strict: tuple[Process, Process]) -> Iterator[tuple[Client, Client]]:
    """Clients of both."""
    for process in strict:
        process.await_ready()
    first, second = (Client(process.url) for process in strict)
    with closing(first), closing(second):
        yield first, second


def is_challenged(answer: Answer, error: str = "") -> None:
    """The answer is 401 and says how to prove who one is; with an error where a token was sent (RFC 6750)."""
    challenge = answer.has_status(401).header("WWW-Authenticate", "Bearer( .*)?")
    if error:
        expect(f'error="{error}"' in challenge, f'WWW-Authenticate with error="{error}"', challenge, answer.sent)
    else:
        expect(
            "error=" not in challenge, "WWW-Authenticate without an error: no token was sent", challenge, answer.sent
        )


# configure


SECRETS = ("JWT_SECRET", "SESSION_SECRET")


@pytest.fixture(scope="module")
def with_a_short_secret(request: pytest.FixtureRequest, bench: Bench) -> tuple[str, str, Process]:
    """A variable, a secret that is too short for it, and a process that was told it."""
    draw = Draw(request.config.option.seed, "a short secret")
    variable, secret = draw.choice(SECRETS), draw.token(31)
    return variable, secret, bench.system.launch("web", {variable: secret})


@pytest.mark.step("configure")
@pytest.mark.usefixtures("with_a_short_secret")  # it starts now, and the next test waits for less
def test_it_starts_with_the_secrets_that_it_is_told(web: Client) -> None:
    web.get("/health").has_status(200).is_json({"status": "ok"})


@pytest.mark.step("configure")
def test_a_secret_under_32_bytes_ends_the_process_with_status_2(with_a_short_secret: tuple[str, str, Process]) -> None:
    variable, secret, process = with_a_short_secret
    refuses_to_start(process, variable, secret, hides=secret)


# by-hand

# RFC 7515, Appendix A.1, and RFC 7519, section 3.1: header, payload, key and token, byte for byte.
RFC_HEADER = '{"typ":"JWT",\r\n "alg":"HS256"}'
RFC_PAYLOAD = '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
RFC_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
RFC_TOKEN = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
# RFC 7519, section 6.1: a token that nobody has signed.
UNSECURED = (
    "eyJhbGciOiJub25lIn0"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
)
HS256 = '{"alg":"HS256"}'


def encode(web: Client, header: str, payload: str, secret: str = RFC_KEY) -> Answer:
    """Have a token made."""
    return web.post(ENCODE, json={"header": header, "payload": payload, "key": secret})


def decode(web: Client, token: str, secret: str = RFC_KEY) -> Answer:
    """Have a token checked."""
    return web.post(DECODE, json={"token": token, "key": secret})


@pytest.mark.step("by-hand")
def test_the_example_of_rfc_7515_and_rfc_7519_comes_out_to_the_letter(web: Client) -> None:
    encode(web, RFC_HEADER, RFC_PAYLOAD).has_status(200).is_json({"token": RFC_TOKEN})
    decode(web, RFC_TOKEN).has_status(200).is_json({"header": RFC_HEADER, "payload": RFC_PAYLOAD})


@pytest.mark.step("by-hand")
def test_pyjwt_reads_what_was_made_by_hand(web: Client, draw: Draw) -> None:
    secret = draw.token(draw.integer(32, 60)).encode()
    claims = {"sub": draw.name(), "n": draw.integer(0, 10**9), "é 漢 😀": [True, None, {"a": draw.word()}]}
    payload = json.dumps(claims, ensure_ascii=False)
    answer = encode(web, f'{{"kid": "{draw.word()}", "alg": "HS256"}}', payload, base64url(secret)).has_status(200)
    try:
        read = jwt.decode(answer.field("token", str), secret, algorithms=["HS256"])
    except jwt.PyJWTError as error:
        raise Unmet("a token that PyJWT reads", f"{answer.got}\nPyJWT: {error}", answer.sent) from None
    expect(read == claims, f"a token that says {claims}", read, answer.sent)


@pytest.mark.step("by-hand")
def test_what_pyjwt_made_is_read_by_hand(web: Client, draw: Draw) -> None:
    secret = draw.token(draw.integer(32, 60)).encode()
    claims = {"sub": draw.name(), "n": draw.integer(0, 10**9)}
    token = jwt.encode(claims, secret, "HS256", {"kid": draw.word()})
    answer = decode(web, token, base64url(secret)).has_status(200)
    expect(json.loads(answer.field("payload", str)) == claims, f"the payload {claims}", answer.got, answer.sent)
    expect(json.loads(answer.field("header", str))["alg"] == "HS256", 'a header with "HS256"', answer.got, answer.sent)


@pytest.mark.step("by-hand")
@pytest.mark.parametrize(
    ("refused", "changes"),
    [
        ("key", {"key": base64url(b"k" * 31)}),
        ("key", {"key": RFC_KEY + "=="}),
        ("key", {"key": "not base64url!"}),
        ("header", {"header": "nonsense"}),
        ("header", {"header": "[]"}),
        ("header", {"header": '{"alg":"none"}'}),
        ("header", {"header": '{"alg":"HS512"}'}),
        ("header", {"header": '{"typ":"JWT"}'}),
        ("header", {"header": '{"alg":"HS256","alg":"HS256"}'}),
        ("header", {"header": '{"alg":"HS256","crit":["exp"]}'}),
        ("payload", {"payload": "nonsense"}),
        ("payload", {"payload": '"text"'}),
        ("payload", {"payload": '{"sub":"ana","sub":"eva"}'}),
        ("payload", {"payload": '{"a":{"b":1,"b":2}}'}),
        ("payload", {"payload": '{"n":NaN}'}),
        ("payload", {"payload": {"sub": "ana"}}),
        ("payload", {"payload": json.dumps({"long": "x" * LONGEST_TOKEN})}),
    ],
)
def test_what_makes_no_token_is_refused_by_name(web: Client, refused: str, changes: dict[str, Any]) -> None:
    body = {"header": HS256, "payload": '{"sub":"ana"}', "key": RFC_KEY, **changes}
    web.post(ENCODE, json=body).is_refused(refused)


def with_another_last_letter(token: str) -> str:
    """The token with the two bits set that its last letter has and its last byte has not."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


@pytest.mark.step("by-hand")
@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        RFC_TOKEN + "=",
        RFC_TOKEN + " ",
        RFC_TOKEN.replace(".", ".\n", 1),
        RFC_TOKEN.replace("-", "+").replace("_", "/"),
        with_another_last_letter(RFC_TOKEN),
        RFC_TOKEN.rpartition(".")[0],
        RFC_TOKEN.rpartition(".")[0] + ".",
        RFC_TOKEN + ".",
        RFC_TOKEN + "..",
        RFC_TOKEN.replace("eyJpc3Mi", "eyJpc3Nj"),
        UNSECURED,
        UNSECURED + RFC_TOKEN.rpartition(".")[2],
        "é" + RFC_TOKEN,
    ],
)
def test_by_hand_only_a_token_that_is_right_to_the_last_bit_is_read(web: Client, token: str) -> None:
    decode(web, token).is_refused("token")


@pytest.mark.step("by-hand")
def test_by_hand_another_key_another_algorithm_or_a_text_that_is_too_long_is_refused(web: Client, draw: Draw) -> None:
    secret = draw.token(40).encode()
    for token in (
        RFC_TOKEN,
        signed_by_hand(b'{"alg":"HS512"}', b"{}", secret, "sha512"),
        signed_by_hand(b'{"alg":"hs256"}', b"{}", secret),
        signed_by_hand(b'{"alg":"HS256","crit":["b64"],"b64":true}', b"{}", secret),
        signed_by_hand(b'{"alg":"HS256"}', b'{"a":1,"a":2}', secret),
        signed_by_hand(b'{"alg":"HS256"}', b"\xff", secret),
        signed_by_hand(b'{"alg":"HS256"}', compact({"long": "x" * LONGEST_TOKEN}), secret),
    ):
        decode(web, token, base64url(secret)).is_refused("token")


# log-in


@pytest.mark.step("log-in")
@pytest.mark.usefixtures("strict")  # they start now, and later tests wait for less
def test_whoever_registers_is_a_customer_and_can_log_in(web: Client, draw: Draw) -> None:
    name, email, password = draw.name(), f"{draw.token()}@Shop.test", draw.token(30)
    answer = web.post(REGISTER, json={"name": name, "email": email, "password": password}).has_status(201)
    answer.is_json({"id": answer.field("id", str), "name": name, "email": email, "role": "customer"})
    web.post(REGISTER, json={"name": name, "email": email.upper(), "password": password}).has_status(409)
    for written in (email, email.upper()):
        tokens = log_in(web, Account(written, password))
        expect(tokens.claims["sub"] == answer.field("id", str), "sub to be the user's id", tokens.claims, answer.sent)


@pytest.mark.step("log-in")
@pytest.mark.parametrize("role", ["admin", "customer", None])
def test_nobody_chooses_their_own_role(web: Client, draw: Draw, role: str | None) -> None:
    body = {"name": "Eva", "email": f"{draw.token()}@shop.test", "password": draw.token(), "role": role}
    web.post(REGISTER, json=body).is_refused("role")


@pytest.mark.step("log-in")
@pytest.mark.parametrize(
    ("field_name", "value"),
    [("email", "nobody"), ("email", {"$ne": None}), ("password", "short"), ("password", 12345678), ("name", " ")],
)
def test_a_registration_that_makes_no_sense_is_refused_by_name(
    web: Client, draw: Draw, field_name: str, value: object
) -> None:
    body = {"name": "Eva", "email": f"{draw.token()}@shop.test", "password": draw.token(), field_name: value}
    web.post(REGISTER, json=body).is_refused(field_name)


@pytest.mark.step("log-in")
def test_the_access_token_says_who_for_whom_and_how_long(web: Client, bench: Bench, draw: Draw, key: bytes) -> None:
    account = new_account(web, draw)
    before = int(time.time())
    answer = web.post(LOGIN, json=account.claim)
    tokens = tokens_of(answer)
    try:
        claims = jwt.decode(tokens.access, key, algorithms=["HS256"], issuer="taller", audience="shop")
    except jwt.PyJWTError as error:
        raise Unmet("a token signed with JWT_SECRET", f"{answer.got}\nPyJWT: {error}", answer.sent) from None
    header = jwt.get_unverified_header(tokens.access)
    expect(header == {"alg": "HS256", "typ": "at+jwt"}, 'the header {"alg": "HS256", "typ": "at+jwt"}', header)
    said = {name: claims.get(name) for name in ("iss", "aud", "sub", "role")}
    expected = {"iss": "taller", "aud": "shop", "sub": account.id, "role": "customer"}
    expect(said == expected, f"the claims {expected}", said, answer.sent)
    issued, expires = claims.get("iat", 0), claims.get("exp")
    is_now = type(issued) is int and before <= issued <= int(time.time())
    expect(is_now, f"iat to be the second of the log-in, {before}", issued, answer.sent)
    expect(type(expires) is int and expires == issued + HOUR, f"exp to be {issued + HOUR}, an hour on", expires)
    other = log_in(web, account).claims
    expect(claims.get("jti") and claims["jti"] != other.get("jti"), "a jti of its own", [claims, other], answer.sent)
    answer.header("Cache-Control", ".*no-store.*")
    expect(answer.field("tokenType") == "Bearer", 'tokenType "Bearer"', answer.got, answer.sent)
    expect(answer.field("expiresIn") == HOUR, f"expiresIn {HOUR}", answer.got, answer.sent)


@pytest.mark.step("log-in")
def test_the_first_admin_is_made_at_the_start_however_many_processes_start(
    web: Client, bench: Bench, two: tuple[Client, Client]
) -> None:
    for client in (web, *two):
        claims = log_in(client, first_admin(bench)).claims
        expect(claims.get("role") == "admin", "an access token with the role admin", claims, f"POST {LOGIN}")
    told = log_in(two[0], first_admin(bench)).claims
    expected = "iss and aud to be what JWT_ISSUER and JWT_AUDIENCE say"
    is_right = told.get("iss") == "the-other-shop" and told.get("aud") == "the-other-window"
    expect(is_right, expected, told, f"POST {LOGIN}")


@pytest.mark.step("log-in")
@pytest.mark.parametrize(
    "claim",
    [
        {"password": {"$ne": None}},
        {"password": ""},
        {"password": "x" * 100_000},
        {"email": {"$gt": ""}},
        {"email": "ana\u200b@shop.test"},
        {"email": "\uff41na@shop.test"},
    ],
)
def test_a_log_in_with_anything_but_an_address_and_its_password_is_refused(
    web: Client, draw: Draw, claim: dict[str, Any]
) -> None:
    web.post(LOGIN, json={**new_account(web, draw).claim, **claim}).has_status(400, 401, 413, 422)


@pytest.mark.step("log-in")
def test_neither_password_nor_token_is_kept_or_logged_as_it_is(
    strict: tuple[Process, Process], two: tuple[Client, Client], strict_users: Allocation, draw: Draw
) -> None:
    account = new_account(two[0], draw)
    tokens = log_in(two[0], account)
    two[0].get(ME, headers=tokens.headers)
    two[0].post(REFRESH, json={"refreshToken": tokens.refresh})
    # Header and payload of an access token may be known: its signature may not.
    secrets = {"password": account.password, "refresh token": tokens.refresh, "access token": tokens.access[-43:]}
    with MongoClient[dict[str, Any]](strict_users.url) as mongo:
        database = mongo.get_default_database()
        kept = repr([list(database[name].find()) for name in database.list_collection_names()])
    logged = strict[0].log()
    sent = f"POST {LOGIN}, GET {ME} and POST {REFRESH} with LOG_LEVEL=debug"
    for name, secret in secrets.items():
        expect(secret not in kept, f"no {name} in the database as it is", f"the {name} stands there", sent)
        expect(secret not in logged, f"no {name} in the log", f"the {name} stands there", sent)


@pytest.mark.step("log-in")
@pytest.mark.breaks_services
def test_while_the_users_database_says_nothing_a_log_in_is_a_503_and_the_rest_goes_on(
    web: Client, services: dict[str, Service], draw: Draw
) -> None:
    account = new_account(web, draw)
    server = services["mongodb"].server
    server.pause()
    try:
        bound = {"timeout": UNAVAILABLE_WITHIN_S + 1}
        web.post(LOGIN, json=account.claim, **bound).has_status(503).header("Retry-After", r"\d+")
        web.get("/health").has_status(200)
    finally:
        server.resume()
    eventually(lambda: log_in(web, account), within=10)


# verify


@dataclass(frozen=True)
class Forge:
    """What somebody has who forges: a genuine token and, for most attacks, more than they ought to: our key.

    A token that is signed rightly is refused for what it says, and for nothing else.
    """

    genuine: Tokens
    key: bytes
    header: Claims = field(default_factory=lambda: {"alg": "HS256", "typ": "at+jwt"})

    @property
    def claims(self) -> Claims:
        """What the genuine token says."""
        return self.genuine.claims

    def raw(self, header: bytes, payload: bytes, algorithm: str = "sha256") -> str:
        """A token of these bytes, signed rightly."""
        return signed_by_hand(header, payload, self.key, algorithm)

    def claiming(self, **changes: Any) -> str:
        """The genuine token with other claims, signed rightly."""
        return self.raw(compact(self.header), compact({**self.claims, **changes}))

    def writing(self, name: str, value: str) -> str:
        """The same with a claim written as this text."""
        others = compact({key: kept for key, kept in self.claims.items() if key != name}).decode()
        return self.raw(compact(self.header), f'{{"{name}":{value},{others[1:]}'.encode())

    def without(self, name: str) -> str:
        """The genuine token without a claim, signed rightly."""
        return self.raw(compact(self.header), compact({k: v for k, v in self.claims.items() if k != name}))

    def headed(self, algorithm: str = "sha256", **changes: Any) -> str:
        """The genuine token with another header, signed rightly."""
        return self.raw(compact({**self.header, **changes}), compact(self.claims), algorithm)

    def saying(self, payload: bytes) -> str:
        """Any payload under the right header, signed rightly."""
        return self.raw(compact(self.header), payload)

    def signed_with(self, key: bytes, **header: Any) -> str:
        """The genuine token's claims, signed with another key."""
        return signed_by_hand(compact({**self.header, **header}), compact(self.claims), key)

    def with_signature(self, signature: str, **header: Any) -> str:
        """The genuine token's claims under a signature of one's own."""
        return f"{base64url(compact({**self.header, **header}))}.{base64url(compact(self.claims))}.{signature}"

    def part(self, number: int) -> str:
        """A part of the genuine token."""
        return self.genuine.access.split(".")[number]

    def spelling(self, *letters: str) -> str:
        """A genuine token in which one of these letters occurs."""
        for number in range(1000):
            token = self.claiming(n=number)
            if any(letter in token for letter in letters):
                return token
        raise AssertionError("base64 has 64 letters, and a token some hundred")


PUBLIC_KEY = b"""-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf
9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==
-----END PUBLIC KEY-----
"""
OWN_KEY = b"a key that the forger has made up by herself"
OWN_JWK = {"kty": "oct", "k": base64url(OWN_KEY), "kid": "mine"}
LATER, EARLIER, DAY = 60, -60, 24 * HOUR

Attack = Callable[[Forge], str | bytes]

ATTACKS: dict[str, Attack] = {
    # Nobody signs: RFC 8725, sections 2.1 and 3.1.
    "alg none": lambda f: f.with_signature("", alg="none"),
    "alg None": lambda f: f.with_signature("", alg="None"),
    "alg NONE": lambda f: f.with_signature("", alg="NONE"),
    "alg nOnE": lambda f: f.with_signature("", alg="nOnE"),
    "alg none under a right signature": lambda f: f.headed(alg="none"),
    "alg none with a blank": lambda f: f.with_signature("", alg="none "),
    "alg empty": lambda f: f.headed(alg=""),
    "alg null": lambda f: f.headed(alg=None),
    "alg a list": lambda f: f.headed(alg=["HS256"]),
    "alg a number": lambda f: f.headed(alg=256),
    "alg missing": lambda f: f.raw(b'{"typ":"at+jwt"}', compact(f.claims)),
    # Another algorithm than ours: sections 2.1 and 3.1.
    "alg in small letters": lambda f: f.headed(alg="hs256"),
    "alg HS384, signed so": lambda f: f.headed("sha384", alg="HS384"),
    "alg HS512, signed so": lambda f: f.headed("sha512", alg="HS512"),
    "alg HS512, signed with HS256": lambda f: f.headed(alg="HS512"),
    "alg RS256 over an HMAC": lambda f: f.headed(alg="RS256"),
    "alg ES256 with the signature of zeros": lambda f: f.with_signature(base64url(bytes(64)), alg="ES256"),
    "alg EdDSA": lambda f: f.headed(alg="EdDSA"),
    "a public key as the secret": lambda f: f.signed_with(PUBLIC_KEY),
    "a public key as the secret, alg RS256": lambda f: f.signed_with(PUBLIC_KEY, alg="RS256"),
    # A wrong signature.
    "no signature": lambda f: f.with_signature(""),
    "a signature of zeros": lambda f: f.with_signature(base64url(bytes(32))),
    "half a signature": lambda f: f.genuine.access[:-22],
    "one bit of the signature": lambda f: f.part(0) + "." + f.part(1) + "." + flipped(f.part(2)),
    "the signature of other claims": lambda f: f"{f.claiming(role='admin').rpartition('.')[0]}.{f.part(2)}",
    "a hash without a key": lambda f: f.with_signature(base64url(hashlib.sha256(f.part(1).encode()).digest())),
    "signed with nothing": lambda f: f.signed_with(b""),
    "signed with the word secret": lambda f: f.signed_with(b"secret"),
    "signed with the key and a newline": lambda f: f.signed_with(f.key + b"\n"),
    "signed with the key in base64": lambda f: f.signed_with(base64url(f.key).encode()),
    # A key that the token brings along: sections 2.7, 3.9 and 3.10.
    "its own key in jwk": lambda f: f.signed_with(OWN_KEY, jwk=OWN_JWK),
    "its own keys at jku": lambda f: f.signed_with(OWN_KEY, jku="http://127.0.0.1:9/keys.json", kid="mine"),
    "its own certificate at x5u": lambda f: f.signed_with(OWN_KEY, x5u="http://127.0.0.1:9/cert.pem"),
    "its own certificate in x5c": lambda f: f.signed_with(OWN_KEY, x5c=[base64url(OWN_KEY)]),
    "kid is a file": lambda f: f.signed_with(b"", kid="../../../../dev/null"),
    "kid is SQL": lambda f: f.signed_with(b"x", kid="' UNION SELECT 'x' --"),
    "kid is a list": lambda f: f.signed_with(OWN_KEY, kid=[OWN_JWK]),
    # What has to be understood: RFC 7515, section 4.1.11.
    "crit names what nobody knows": lambda f: f.headed(crit=["ext"], ext=1),
    "crit names exp": lambda f: f.headed(crit=["exp"], exp=f.claims["exp"]),
    "crit is empty": lambda f: f.headed(crit=[]),
    "crit is a text": lambda f: f.headed(crit="exp"),
    "a payload that is not encoded": lambda f: f.headed(crit=["b64"], b64=False),
    # A token of another kind: RFC 8725, sections 2.8 and 3.11.
    "typ JWT": lambda f: f.headed(typ="JWT"),
    "typ of a refresh token": lambda f: f.headed(typ="rt+jwt"),
    "typ a list": lambda f: f.headed(typ=["at+jwt"]),
    "typ missing": lambda f: f.raw(b'{"alg":"HS256"}', compact(f.claims)),
    "the refresh token": lambda f: f.genuine.refresh,
    # Not now.
    "expired": lambda f: f.claiming(iat=now(-HOUR - 60), exp=now(EARLIER)),
    "expired long ago": lambda f: f.claiming(iat=1, exp=2),
    "not yet valid by nbf": lambda f: f.claiming(nbf=now(LATER)),
    "nbf a text": lambda f: f.claiming(nbf="0"),
    "issued in the future": lambda f: f.claiming(iat=now(LATER), exp=now(HOUR)),
    "iat missing": lambda f: f.without("iat"),
    "iat a text": lambda f: f.claiming(iat=str(f.claims["iat"])),
    "exp missing": lambda f: f.without("exp"),
    "exp null": lambda f: f.claiming(exp=None),
    "exp a text": lambda f: f.claiming(exp=str(f.claims["exp"])),
    "exp a fraction": lambda f: f.claiming(exp=f.claims["exp"] - 0.5),
    "exp true": lambda f: f.claiming(exp=True),
    "exp negative": lambda f: f.claiming(exp=-1),
    "exp a list": lambda f: f.claiming(exp=[f.claims["exp"]]),
    "exp in a day": lambda f: f.claiming(exp=now(DAY)),
    "exp in a thousand years": lambda f: f.claiming(exp=now(365_000 * DAY)),
    "exp of thirty digits": lambda f: f.claiming(exp=10**30),
    "exp of five thousand digits": lambda f: f.writing("exp", "9" * 5000),
    "exp 1e999": lambda f: f.writing("exp", "1e999"),
    "exp Infinity": lambda f: f.writing("exp", "Infinity"),
    "exp NaN": lambda f: f.writing("exp", "NaN"),
    # By somebody else, for somebody else: sections 2.5, 2.7, 3.8 and 3.9.
    "another issuer": lambda f: f.claiming(iss="the-other-shop"),
    "an issuer that begins like ours": lambda f: f.claiming(iss="taller.example"),
    "iss a list": lambda f: f.claiming(iss=["taller"]),
    "iss missing": lambda f: f.without("iss"),
    "another audience": lambda f: f.claiming(aud="warehouse"),
    "other audiences": lambda f: f.claiming(aud=["warehouse", "post"]),
    "aud in a list": lambda f: f.claiming(aud=["shop"]),
    "aud in lists": lambda f: f.claiming(aud=[["shop"]]),
    "aud empty": lambda f: f.claiming(aud=[]),
    "aud true": lambda f: f.claiming(aud=True),
    "aud missing": lambda f: f.without("aud"),
    # Claims of the wrong kind.
    "sub a number": lambda f: f.claiming(sub=1),
    "sub null": lambda f: f.claiming(sub=None),
    "sub empty": lambda f: f.claiming(sub=""),
    "sub a list": lambda f: f.claiming(sub=[f.claims["sub"]]),
    "sub an operator": lambda f: f.claiming(sub={"$ne": None}),
    "sub half a letter": lambda f: f.claiming(sub="\ud800"),
    "sub missing": lambda f: f.without("sub"),
    "role unknown": lambda f: f.claiming(role="root"),
    "role a list": lambda f: f.claiming(role=["admin"]),
    "role missing": lambda f: f.without("role"),
    "jti a number": lambda f: f.claiming(jti=1),
    "jti missing": lambda f: f.without("jti"),
    # One thing said twice: RFC 7519, section 4, and RFC 8725, section 2.4.
    "role twice": lambda f: f.writing("role", '"customer","role":"admin"'),
    "exp twice": lambda f: f.writing("exp", f'1,"exp":{f.claims["exp"]}'),
    "a claim twice, once written otherwise": lambda f: f.writing("sub", '"ana","s\\u0075b":"eva"'),
    "alg twice": lambda f: f.raw(b'{"alg":"none","typ":"at+jwt","alg":"HS256"}', compact(f.claims)),
    "typ twice": lambda f: f.raw(b'{"alg":"HS256","typ":"JWT","typ":"at+jwt"}', compact(f.claims)),
    # Other ways to write the same bytes: RFC 7515, section 2.
    "padding": lambda f: f.genuine.access + "=",
    "padding everywhere": lambda f: ".".join(part + "=" * (-len(part) % 4) for part in f.genuine.access.split(".")),
    "the other base64": lambda f: f.spelling("-", "_").replace("-", "+").replace("_", "/"),
    "bits beyond the last byte": lambda f: with_another_last_letter(f.genuine.access),
    "a blank inside": lambda f: f.genuine.access.replace(".", ". ", 1),
    "a blank before": lambda f: " " + f.genuine.access,
    "a tab inside": lambda f: f.genuine.access.replace(".", ".\t", 1),
    "letters beyond ASCII": lambda f: f.genuine.access.encode() + "é".encode(),
    "bytes that are no UTF-8": lambda f: f.genuine.access.encode() + b"\xff\xfe",
    "percent-encoded": lambda f: f.genuine.access.replace(".", "%2E"),
    "in quotes": lambda f: f'"{f.genuine.access}"',
    # Other shapes.
    "two dots": lambda f: "..",
    "one part": lambda f: f.part(1),
    "two parts": lambda f: f.genuine.access.rpartition(".")[0],
    "four parts": lambda f: f"{f.genuine.access}.{f.part(2)}",
    "five parts, as an encrypted token has": lambda f: f"{f.genuine.access}.{f.part(0)}.{f.part(2)}",
    "an encrypted token": lambda f: (
        f"{base64url(compact({'alg': 'dir', 'enc': 'A256GCM'}))}..{f.part(2)}.{f.part(1)}.aaaa"
    ),
    "the JSON form": lambda f: json.dumps({"protected": f.part(0), "payload": f.part(1), "signature": f.part(2)}),
    "a token in a token": lambda f: f.raw(b'{"alg":"HS256","typ":"at+jwt","cty":"JWT"}', f.genuine.access.encode()),
    "two tokens": lambda f: f"{f.genuine.access},{f.genuine.access}",
    # What is no JSON object in UTF-8: RFC 8725, section 3.7.
    "payload no UTF-8": lambda f: f.saying(compact(f.claims)[:-1] + b',"x":"\xff"}'),
    "payload UTF-16": lambda f: f.saying(compact(f.claims).decode().encode("utf-16")),
    "payload with a mark before it": lambda f: f.saying(b"\xef\xbb\xbf" + compact(f.claims)),
    "payload a list": lambda f: f.saying(compact([f.claims])),
    "payload a text": lambda f: f.saying(b'"admin"'),
    "payload null": lambda f: f.saying(b"null"),
    "payload empty": lambda f: f.saying(b""),
    "payload half": lambda f: f.saying(compact(f.claims)[:-1]),
    "payload and more": lambda f: f.saying(compact(f.claims) + b"{}"),
    "header a list": lambda f: f.raw(compact([f.header]), compact(f.claims)),
    "header no UTF-8": lambda f: f.raw(b'{"alg":"HS256","typ":"at+jwt","x":"\xff"}', compact(f.claims)),
    "header empty": lambda f: f.raw(b"", compact(f.claims)),
    # Too much of it.
    "over 8 kB": lambda f: f.claiming(x="x" * LONGEST_TOKEN),
    "just over 8192 letters": lambda f: at_least(f, LONGEST_TOKEN + 1),
}


def now(seconds: int = 0) -> int:
    """So many seconds from now."""
    return int(time.time()) + seconds


def flipped(text: str) -> str:
    """Base64url with another first letter."""
    return ("B" if text[0] == "A" else "A") + text[1:]


def at_least(forge: Forge, length: int) -> str:
    """A token of so many letters, or a few more, with a claim that nobody asks for."""
    for filler in range(3 * (length - len(forge.claiming(x=""))) // 4 - 8, length):
        token = forge.claiming(x="x" * filler)
        if len(token) >= length:
            return token
    raise AssertionError("a letter more in a claim is a letter more in the token")


@pytest.fixture(scope="module")
def forge(bench: Bench, customer: Tokens) -> Forge:
    """A genuine token of a customer, and the key."""
    return Forge(customer, environment(bench)["JWT_SECRET"].encode())


@pytest.mark.step("verify")
def test_a_genuine_token_tells_who_is_asking(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    tokens = log_in(web, account)
    web.get(ME, headers=tokens.headers).has_status(200).is_json({"id": account.id, "role": "customer"})
    lower = {"Authorization": f"bearer {tokens.access}"}
    web.get(ME, headers=lower).has_status(200)


@pytest.mark.step("verify")
def test_what_is_wrong_with_the_forged_tokens_is_not_that_they_are_forged(web: Client, forge: Forge) -> None:
    for token in (
        forge.claiming(),
        forge.headed(kid="any"),
        forge.claiming(x={"y": [1.5, None]}),
        forge.claiming(nbf=1),
    ):
        web.get(ME, headers=bearer(token)).has_status(200)
    web.get(ME, headers=bearer(at_least(forge, LONGEST_TOKEN - 3))).has_status(200)


@pytest.mark.step("verify")
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_forged_token_is_refused(web: Client, forge: Forge, attack: str) -> None:
    token = ATTACKS[attack](forge)
    value = b"Bearer " + (token if isinstance(token, bytes) else token.encode())
    answer = web.get(ME, headers={"Authorization": value})
    answer.sent = f"{answer.sent}\n({attack})"
    is_challenged(answer, "invalid_token")
    tells_nothing(answer, web, forge)


def tells_nothing(answer: Answer, web: Client, forge: Forge) -> None:
    """The answer is the one that any nonsense gets: it does not say what is wrong, and no secret."""
    usual = web.get(ME, headers=bearer("nonsense"))
    for name in ("type", "title", "status", "detail"):
        told, expected = answer.field(name), usual.field(name)
        expect(told == expected, f"{name} as for any other bad token, {expected!r}", answer.got, answer.sent)
    expect(forge.key.decode() not in answer.text, "an answer without JWT_SECRET", answer.got, answer.sent)


@pytest.mark.step("verify")
def test_a_token_that_is_nested_two_thousand_deep_is_read_or_refused(web: Client, forge: Forge) -> None:
    deep = "[" * 2000 + "]" * 2000
    header = b'{"alg":"HS256","typ":"at+jwt","x":' + deep.encode() + b"}"
    for token in (forge.writing("x", deep), forge.raw(header, compact(forge.claims))):
        web.get(ME, headers=bearer(token)).has_status(200, 401)


@pytest.mark.step("verify")
def test_without_a_token_nobody_is_let_in(web: Client, customer: Tokens) -> None:
    token = customer.access
    is_challenged(web.get(ME))
    is_challenged(web.get(ME, params={"access_token": token}))
    is_challenged(web.get(ME, headers={"Authorization": f"Basic {base64url(b'ana:' + token.encode())}"}))
    is_challenged(web.get(ME, headers={"Authorization": token}))
    twice = [("Authorization", "Bearer x"), ("Authorization", f"Bearer {token}")]
    for headers in (twice, twice[::-1]):
        web.get(ME, headers=httpx.Headers(headers)).has_status(400, 401)


# roles


def a_product(web: Client, admin: Tokens, draw: Draw) -> int:
    """A product of which there are some; its id."""
    body = {"name": draw.name(), "price": draw.price()}
    product = int(web.post(PRODUCTS, json=body, headers=admin.headers).has_status(201).field("id", int))
    stock = f"{PRODUCTS}/{product}/stock"
    web.put(stock, json={"quantity": 100}, headers=admin.headers).has_status(200)
    return product


@dataclass(frozen=True)
class Deed:
    """Something that somebody tries, and what an admin and a customer are answered; {} is a product's id."""

    method: str
    path: str
    for_admin: int
    for_customer: int
    body: Any = None

    def done(self, web: Client, product: int, headers: dict[str, str]) -> Answer:
        """The answer to it."""
        options = {} if self.body is None else {"json": json.loads(json.dumps(self.body).replace('"{}"', str(product)))}
        return web.request(self.method, self.path.replace("{}", str(product)), headers=headers, **options)


DEEDS = [
    Deed("GET", PRODUCTS, 200, 200),
    Deed("HEAD", PRODUCTS, 200, 200),
    Deed("GET", f"{PRODUCTS}/{{}}", 200, 200),
    Deed("GET", f"{PRODUCTS}/{{}}/stock", 200, 200),
    Deed("POST", ORDERS, 201, 201, {"items": [{"productId": "{}", "quantity": 1}]}),
    Deed("GET", ME, 200, 200),
    Deed("GET", ORDERS, 200, 403),
    Deed("GET", f"{ORDERS}/9000000", 404, 403),
    Deed("POST", PRODUCTS, 201, 403, {"name": "Lamp", "price": 1}),
    Deed("PATCH", f"{PRODUCTS}/{{}}", 200, 403, {"price": 2}),
    Deed("PUT", f"{PRODUCTS}/{{}}", 200, 403, {"name": "Lamp", "price": 3}),
    Deed("PUT", f"{PRODUCTS}/{{}}/stock", 200, 403, {"quantity": 5}),
    Deed("DELETE", f"{PRODUCTS}/{{}}", 204, 403),
    Deed("GET", "/api/whatever-comes-next-year", 404, 403),
    Deed("GET", f"{PRODUCTS}/{{}}/sales", 404, 403),
    Deed("GET", f"{PRODUCTS}X", 404, 403),
]


@pytest.mark.step("roles")
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: f"{deed.method} {deed.path}")
def test_who_may_do_what(web: Client, admin: Tokens, customer: Tokens, draw: Draw, deed: Deed) -> None:
    product = a_product(web, admin, draw)
    deed.done(web, product, {}).has_status(401).header("WWW-Authenticate", "Bearer.*")
    deed.done(web, product, customer.headers).has_status(deed.for_customer)
    deed.done(web, product, admin.headers).has_status(deed.for_admin)


@pytest.mark.step("roles")
def test_what_a_customer_may_not_do_is_refused_before_it_is_read(web: Client, customer: Tokens) -> None:
    nonsense: dict[str, Any] = {"content": b'{"name": ', "headers": {"Content-Type": "application/json"}}
    web.post(PRODUCTS, **nonsense).has_status(401)
    nonsense["headers"] = {"Content-Type": "application/json", **customer.headers}
    answer = web.post(PRODUCTS, **nonsense).has_status(403)
    answer.header("WWW-Authenticate", 'Bearer .*error="insufficient_scope".*')


@pytest.mark.step("roles")
def test_no_spelling_of_a_path_leads_past_the_guard(web: Client, customer: Tokens, draw: Draw) -> None:
    body = {"name": f"Smuggled {draw.token()}", "price": 1}
    override = {**customer.headers, "X-HTTP-Method-Override": "POST"}
    for method, path, headers in (
        ("POST", "/api/products/", customer.headers),
        ("POST", "/api//products", customer.headers),
        ("POST", "//api/products", customer.headers),
        ("POST", "/API/products", customer.headers),
        ("POST", "/api/%70roducts", customer.headers),
        ("POST", "/ap%69/products", customer.headers),
        ("POST", "/api%2Fproducts", customer.headers),
        ("POST", "/api/me/../products", customer.headers),
        ("POST", "/api/products;v=1", customer.headers),
        ("POST", "/api/products?role=admin", customer.headers),
        ("POST", "/api/orders", override),
    ):
        answer = web.request(method, path, json=body, headers=headers)
        expect(answer.status >= 300, "no success: this is a customer", answer.got, answer.sent)
    listed = web.get(PRODUCTS, params={"limit": 100}, headers=customer.headers).has_status(200)
    names = [product.get("name") for product in listed.items()]
    expect(body["name"] not in names, f"no product {body['name']}", names, listed.sent)


# refresh


def refreshed(web: Client, tokens: Tokens) -> Answer:
    """Try to go on with a log-in."""
    return web.post(REFRESH, json={"refreshToken": tokens.refresh})


def has_ended(web: Client, tokens: Tokens) -> None:
    """The access token is refused, and the refresh token too."""
    is_challenged(web.get(ME, headers=tokens.headers), "invalid_token")
    is_challenged(refreshed(web, tokens), "invalid_token")


@pytest.mark.step("refresh")
def test_a_refresh_token_gives_new_tokens_once(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    first = log_in(web, account)
    answer = refreshed(web, first)
    second = tokens_of(answer)
    answer.header("Cache-Control", ".*no-store.*")
    web.get(ME, headers=second.headers).has_status(200).is_json({"id": account.id, "role": "customer"})
    expect(second.refresh != first.refresh, "another refresh token", answer.got, answer.sent)
    expect(
        second.claims["jti"] != first.claims["jti"], "an access token with a jti of its own", answer.got, answer.sent
    )
    third = tokens_of(refreshed(web, second))
    web.get(ME, headers=third.headers).has_status(200)
    # The first access token is an hour's worth, whatever came after it.
    web.get(ME, headers=first.headers).has_status(200)


@pytest.mark.step("refresh")
def test_a_refresh_token_that_comes_back_ends_the_log_in_for_both_who_hold_it(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    stolen, other = log_in(web, account), log_in(web, account)
    second = tokens_of(refreshed(web, stolen))
    third = tokens_of(refreshed(web, second))
    is_challenged(refreshed(web, stolen), "invalid_token")
    for tokens in (third, second, stolen):
        has_ended(web, tokens)
    web.get(ME, headers=other.headers).has_status(200)
    tokens_of(refreshed(web, other))


def refreshed_by_eight(web: Client, tokens: Tokens) -> list[Answer]:
    """The answers to eight who try it at the same time."""
    return at_once([lambda: refreshed(web, tokens)] * 8)


@pytest.mark.step("refresh")
def test_of_eight_who_refresh_at_once_one_wins_and_the_log_in_ends(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    # Connections that are open already: what is sent at once arrives at once.
    at_once([lambda: web.get("/health")] * 8)
    for _ in range(4):
        tokens = log_in(web, account)
        answers = refreshed_by_eight(web, tokens)
        got = statuses(answers)
        sent = f"8 times POST {REFRESH} at once with one refresh token"
        expect(got == {200: 1, 401: 7}, "once 200, 7 times 401", got, sent)
        has_ended(web, next(tokens_of(answer) for answer in answers if answer.status == 200))


@pytest.mark.step("refresh")
def test_what_is_no_refresh_token_is_refused_and_ends_nothing(web: Client, draw: Draw) -> None:
    tokens = a_customer(web, draw)
    said = [f"{claim}.{draw.token(43)}" for claim in payload_of(tokens.access).values() if isinstance(claim, str)]
    for text in (tokens.access, *said, draw.token(40), "", ".", f"{draw.token(32)}.{draw.token(43)}", "x" * 10_000):
        web.post(REFRESH, json={"refreshToken": text}).has_status(400, 401, 422)
    web.post(REFRESH, json={"refreshToken": {"$ne": None}}).is_refused("refreshToken")
    web.post(REFRESH, json={}).is_refused("refreshToken")
    web.get(ME, headers=tokens.headers).has_status(200)
    tokens_of(refreshed(web, tokens))


@pytest.mark.step("refresh")
def test_after_a_log_out_no_token_of_that_log_in_is_good(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    first, other = log_in(web, account), log_in(web, account)
    second = tokens_of(refreshed(web, first))
    is_challenged(web.post(LOGOUT))
    web.post(LOGOUT, headers=second.headers).has_status(204)
    for tokens in (first, second):
        has_ended(web, tokens)
    is_challenged(web.post(LOGOUT, headers=second.headers), "invalid_token")
    web.get(ME, headers=other.headers).has_status(200)


@pytest.mark.step("refresh")
def test_every_process_knows_of_a_log_out_at_once(bench: Bench, two: tuple[Client, Client]) -> None:
    first, second = two
    tokens = log_in(first, first_admin(bench))
    again = tokens_of(refreshed(second, tokens))
    first.get(ME, headers=again.headers).has_status(200)
    first.post(LOGOUT, headers=again.headers).has_status(204)
    has_ended(second, again)


# sessions


def new_session(web: Client, account: Account, **headers: str) -> tuple[str, str]:
    """Log in for a cookie: its value, and the header that set it."""
    with closing(Client(web.url)) as browser:
        answer = browser.post(SESSION, json=account.claim, headers=headers).has_status(204)
    header = answer.header("Set-Cookie", r"session=[^;]+;.*")
    return header.partition(";")[0].removeprefix("session="), header


def cookie(value: str, **headers: str) -> dict[str, str]:
    """The headers that carry a session."""
    return {"Cookie": f"session={value}", **headers}


def here(web: Client) -> str:
    """What a browser says in Origin for the shop's own pages."""
    return web.url


@pytest.mark.step("sessions")
def test_a_cookie_tells_who_is_asking_too(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    value, _ = new_session(web, account)
    web.get(ME, headers=cookie(value)).has_status(200).is_json({"id": account.id, "role": "customer"})
    is_challenged(web.get(ME))
    wrong = Account(account.email, draw.token())
    web.post(SESSION, json=wrong.claim).has_status(401)


@pytest.mark.step("sessions")
def test_the_cookie_is_kept_from_scripts_from_other_sites_and_from_plain_http(
    web: Client, bench: Bench, two: tuple[Client, Client], draw: Draw
) -> None:
    _, plain = new_session(web, new_account(web, draw))
    _, secure = new_session(two[0], first_admin(bench))
    for header, is_secure in ((plain, False), (secure, True)):
        attributes = {part.strip().lower() for part in header.split(";")[1:]}
        sent = f"POST {SESSION} with COOKIE_SECURE={str(is_secure).lower()}"
        expect("httponly" in attributes, "a cookie with HttpOnly", header, sent)
        expect(attributes & {"samesite=lax", "samesite=strict"}, "a cookie with SameSite=Lax or Strict", header, sent)
        expect("path=/" in attributes, "a cookie with Path=/", header, sent)
        expect(not any(part.startswith("domain") for part in attributes), "no Domain: this host alone", header, sent)
        wanted = "a cookie with Secure" if is_secure else "a cookie without Secure"
        expect(("secure" in attributes) == is_secure, wanted, header, sent)


@pytest.mark.step("sessions")
def test_a_cookie_that_was_changed_in_one_place_is_no_cookie(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    (value, _), (other, _) = new_session(web, account), new_session(web, account)
    places = {0, 1, len(value) // 3, len(value) // 2, len(value) - 20, len(value) - 8}
    forged = [value[:place] + ("A" if value[place] == "B" else "B") + value[place + 1 :] for place in sorted(places)]
    halves = value.rpartition(".")[0] or value[: len(value) // 2]
    forged += ["", ".", halves, f"{halves}.", value + "0", value[:-1], f"{draw.token(43)}.{draw.token(64)}"]
    forged += [f"{halves}.{other.rpartition('.')[2]}", "é", f"{halves}.é", '"' + "x" * 3000]
    for text in forged:
        is_challenged(web.get(ME, headers={"Cookie": f"session={text}".encode()}))
    web.get(ME, headers=cookie(value)).has_status(200)


@pytest.mark.step("sessions")
def test_the_name_of_a_session_is_new_at_every_log_in(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    planted, _ = new_session(web, new_account(web, draw))
    value, _ = new_session(web, account, Cookie=f"session={planted}")
    expect(value != planted, "another cookie than the one that came along", value, f"POST {SESSION}")
    web.get(ME, headers=cookie(value)).has_status(200).mentions(account.id)


@pytest.mark.step("sessions")
def test_with_a_cookie_only_the_shops_own_pages_may_write(web: Client, bench: Bench, draw: Draw) -> None:
    value, _ = new_session(web, first_admin(bench))
    body = {"name": draw.name(), "price": 1}
    port = web.url.rpartition(":")[2]
    foreign = ["http://evil.test", "null", "", f"http://127.0.0.1:{port}.evil.test", "http://127.0.0.1:1", "http://["]
    foreign += [f"http://evil.test/{here(web)}", f"http://127.0.0.1:{port}@evil.test", f"http://evil.test:{port}"]
    for origin in foreign:
        web.post(PRODUCTS, json=body, headers=cookie(value, Origin=origin)).has_status(403)
        web.delete(SESSION, headers=cookie(value, Origin=origin)).has_status(403)
    web.post(PRODUCTS, json=body, headers=cookie(value)).has_status(403)
    web.post(PRODUCTS, json=body, headers=cookie(value, Referer=here(web))).has_status(403)
    web.post(PRODUCTS, json=body, headers=cookie(value, Origin=here(web))).has_status(201)
    web.get(PRODUCTS, headers=cookie(value)).has_status(200)


@pytest.mark.step("sessions")
def test_no_foreign_page_logs_somebody_in(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    with closing(Client(web.url)) as browser:
        answer = browser.post(SESSION, json=account.claim, headers={"Origin": "http://evil.test"}).has_status(403)
    expect("set-cookie" not in answer.headers, "no cookie", answer.headers.get("set-cookie"), answer.sent)
    new_session(web, account, Origin=here(web))


@pytest.mark.step("sessions")
def test_a_session_that_was_ended_is_over_for_every_copy_of_its_cookie(
    web: Client, bench: Bench, two: tuple[Client, Client]
) -> None:
    first, second = two
    value, _ = new_session(first, first_admin(bench))
    second.get(ME, headers=cookie(value)).has_status(200)
    answer = first.delete(SESSION, headers=cookie(value, Origin=here(first))).has_status(204)
    answer.header("Set-Cookie", r'session=("")?;.*')
    is_challenged(second.get(ME, headers=cookie(value)))
    is_challenged(first.delete(SESSION, headers=cookie(value, Origin=here(first))))


@pytest.mark.step("sessions")
def test_a_token_counts_before_a_cookie(web: Client, bench: Bench, customer: Tokens) -> None:
    value, _ = new_session(web, first_admin(bench))
    is_challenged(web.get(ME, headers=cookie(value, **bearer("nonsense"))), "invalid_token")
    both = cookie(value, Origin=here(web), **customer.headers)
    web.post(PRODUCTS, json={"name": "Lamp", "price": 1}, headers=both).has_status(403)


# guessing


def guess(web: Client, email: str, password: str = "wrong password", path: str = LOGIN, **options: Any) -> Answer:
    """Try to log in."""
    return web.post(path, json={"email": email, "password": password}, **options)


def must_wait(answer: Answer, at_most: int = WINDOW_S) -> int:
    """The answer is 429 and says for how long; the seconds."""
    seconds = int(answer.has_status(429).header("Retry-After", r"\d+"))
    expect(1 <= seconds <= at_most, f"Retry-After from 1 to {at_most}", seconds, answer.sent)
    return seconds


def nobody(draw: Draw) -> str:
    """An address that has no account."""
    return f"{draw.token(16)}@nobody.test"


@pytest.mark.step("guessing")
def test_whether_there_is_an_account_is_not_told(web: Client, draw: Draw) -> None:
    wrong, unknown = guess(web, new_account(web, draw).email), guess(web, nobody(draw))
    is_challenged(wrong)
    is_challenged(unknown)
    expect(
        unknown.json == wrong.json, f"the same answer as for a wrong password, {wrong.got}", unknown.got, unknown.sent
    )
    told = [{n: v for n, v in a.headers.items() if n not in ("date", "x-request-id")} for a in (wrong, unknown)]
    expect(told[0] == told[1], f"the same headers as for a wrong password, {told[0]}", told[1], unknown.sent)


@pytest.mark.step("guessing")
def test_whether_there_is_an_account_cannot_be_measured(web: Client, draw: Draw) -> None:
    accounts = [new_account(web, draw) for _ in range(2)]
    known, unknown = [], []
    guess(web, nobody(draw))
    for account in accounts:
        for _ in range(FAILURES):
            known.append(seconds_of(web, account.email))
            unknown.append(seconds_of(web, nobody(draw)))
    medians = statistics.median(known), statistics.median(unknown)
    got = f"{medians[0] * 1000:.0f} ms with an account, {medians[1] * 1000:.0f} ms without"
    sent = f"{len(known)} times POST {LOGIN} with a wrong password each, in turns; the medians"
    expect(max(medians) < 2.5 * min(medians), "about the same time for both", got, sent)


def seconds_of(web: Client, email: str) -> float:
    """How long a wrong password takes."""
    began = time.perf_counter()
    guess(web, email).has_status(401)
    return time.perf_counter() - began


@pytest.mark.step("guessing")
@pytest.mark.parametrize("has_account", [True, False])
def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(web: Client, draw: Draw, has_account: bool) -> None:
    account = new_account(web, draw) if has_account else Account(nobody(draw), draw.token())
    for number in range(FAILURES):
        # One account, however it is written, and by whichever door.
        email = account.email.upper() if number % 2 else account.email
        guess(web, email, path=(LOGIN, SESSION)[number % 2]).has_status(401)
    for path in (LOGIN, SESSION):
        must_wait(guess(web, account.email, account.password, path))
    forwarded = {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=192.0.2.7", "X-Real-IP": "192.0.2.7"}
    must_wait(guess(web, account.email, account.password, headers=forwarded))
    guess(web, nobody(draw)).has_status(401)


@pytest.mark.step("guessing")
def test_twenty_guesses_at_once_are_not_twenty_guesses(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    answers = at_once([lambda: guess(web, account.email)] * 20)
    got = statuses(answers)
    sent = f"20 times POST {LOGIN} at once with a wrong password"
    expect(got == {401: FAILURES, 429: 20 - FAILURES}, f"{FAILURES} times 401, {20 - FAILURES} times 429", got, sent)


@pytest.mark.step("guessing")
def test_the_right_password_begins_the_count_anew(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    for _ in range(2):
        for _ in range(FAILURES - 1):
            guess(web, account.email).has_status(401)
        log_in(web, account)


def can_talk_from(address: str) -> bool:
    """Whether this machine has the address; macOS gives itself only one."""
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
        return True


@pytest.mark.step("guessing")
@pytest.mark.skipif(not can_talk_from(ELSEWHERE), reason=f"this machine has no {ELSEWHERE}")
def test_nobody_can_lock_out_somebody_who_is_elsewhere(web: Client, draw: Draw) -> None:
    account = new_account(web, draw)
    for _ in range(FAILURES):
        guess(web, account.email).has_status(401)
    must_wait(guess(web, account.email, account.password))
    with closing(Client(web.url, address=ELSEWHERE)) as elsewhere:
        log_in(elsewhere, account)
    must_wait(guess(web, account.email, account.password))


@pytest.mark.step("guessing")
def test_one_address_may_be_wrong_only_so_often_and_then_waits_for_the_window_to_end(
    bench: Bench, two: tuple[Client, Client], draw: Draw
) -> None:
    admin = first_admin(bench)
    log_in(two[0], admin)
    answers = at_once([partial(guess, client, nobody(draw)) for client in two * STRICT_FAILURES])
    got = statuses(answers)
    sent = f"{2 * STRICT_FAILURES} times POST {LOGIN} at once, each for another account, to two processes"
    sent += f" with LOGIN_FAILURES_PER_ADDRESS={STRICT_FAILURES}"
    expect(got == {401: STRICT_FAILURES, 429: STRICT_FAILURES}, f"{STRICT_FAILURES} times 401 and 429 each", got, sent)
    for answer in answers:
        if answer.status == 429:
            must_wait(answer, STRICT_WINDOW_S)
    eventually(lambda: log_in(two[0], admin), within=STRICT_WINDOW_S + 2)
