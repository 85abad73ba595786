"""The client that suites talk to a lesson's processes with."""

import json
import re
from decimal import Decimal, InvalidOperation
from functools import cached_property
from http import HTTPStatus
from typing import Any

import httpx

from taller.grading.unmet import Unmet, expect

ANSWER_WITHIN = 5.0
SHOWN = 400


class Answer:
    """An HTTP answer that can be asked whether it is what was promised; it raises ``Unmet`` when it is not."""

    def __init__(self, sent: str, response: httpx.Response) -> None:
        self.sent = sent
        self.status = response.status_code
        self.headers = response.headers
        self.content = response.content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    @property
    def got(self) -> str:
        """Status and body, as feedback shows them."""
        return "\n".join(filter(None, (_status(self.status), _short(self.text))))

    @cached_property
    def json(self) -> Any:
        """The body as JSON (RFC 8259), its fractions as ``Decimal``."""
        try:
            return json.loads(self.content, parse_float=Decimal, parse_constant=_no_json)
        except (ValueError, InvalidOperation, RecursionError) as error:
            raise Unmet(f"a body of JSON ({error})", self.got, self.sent) from None

    def has_status(self, *statuses: int) -> "Answer":
        """It has one of these statuses."""
        wanted = " or ".join(_status(status) for status in statuses)
        expect(self.status in statuses, wanted, self.got, self.sent)
        return self

    def is_refused(self, *mentions: str) -> "Answer":
        """It is a 4xx, and its body says each of ``mentions``, such as the name of the field that is wrong."""
        expect(400 <= self.status < 500, "a 4xx: the request makes no sense", self.got, self.sent)
        return self.mentions(*mentions)

    def mentions(self, *texts: str) -> "Answer":
        """Its body has each of these texts in it."""
        for text in texts:
            expect(text in self.text, f"an answer that says {text!r}", self.got, self.sent)
        return self

    def header(self, name: str, matching: str = ".*") -> str:
        """The value of a header that it has, and that matches the whole of the regular expression."""
        value = self.headers.get(name)
        got = f"{_status(self.status)} with {name}: {value}" if value is not None else f"{self.got} without it"
        expect(value is not None, f"the header {name}", got, self.sent)
        wanted = f"the header {name} of the form {matching}"
        expect(re.fullmatch(matching, str(value), re.DOTALL), wanted, got, self.sent)
        return str(value)

    def is_json(self, value: Any) -> "Answer":
        """Its body is exactly this value."""
        expect(self.json == value, json.dumps(value, default=_number, ensure_ascii=False), self.got, self.sent)
        return self

    def field(self, name: str, kind: type = object) -> Any:
        """A field of the JSON object in its body, of that type; a price is a ``Decimal``."""
        expect(isinstance(self.json, dict), f"a JSON object with the field {name!r}", self.got, self.sent)
        expect(name in self.json, f"the field {name!r} in the answer", self.got, self.sent)
        value = self.json[name]
        if kind is Decimal and type(value) is int:
            value = Decimal(value)
        kinds = {int: "an integer", str: "a string", Decimal: "a number", list: "a list", dict: "an object"}
        # In Python a bool is an int; in JSON true is no number.
        is_kind = isinstance(value, kind) and (kind in (object, bool) or not isinstance(value, bool))
        expect(is_kind, f"{name!r} to be {kinds.get(kind, kind.__name__)}", self.got, self.sent)
        return value

    def items(self) -> list[Any]:
        """The JSON list that its body is."""
        expect(isinstance(self.json, list), "a JSON list", self.got, self.sent)
        return list(self.json)


class Client:
    """Talks HTTP to one process; every call returns an ``Answer`` or raises ``Unmet``.

    ``address`` is the one that it calls from, such as 127.0.0.2, where that matters to the process.
    """

    def __init__(self, url: str, address: str | None = None) -> None:
        self.url = url
        # No certificates are loaded: it only ever speaks plain HTTP to this machine.
        transport = httpx.HTTPTransport(verify=False, trust_env=False, local_address=address)
        self._client = httpx.Client(base_url=url, timeout=ANSWER_WITHIN, trust_env=False, transport=transport)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def request(self, method: str, path: str, **options: Any) -> Answer:
        """Send a request; ``options`` are those of ``httpx.Client.request``, with Decimals allowed in ``json``."""
        if "json" in options:
            options["content"] = json.dumps(options.pop("json"), default=_number, ensure_ascii=False)
            options["headers"] = {"Content-Type": "application/json", **options.get("headers", {})}
        sent = _sent(method, path, options)
        try:
            return Answer(sent, self._client.request(method, path, **options))
        except httpx.TimeoutException:
            timeout = options.get("timeout", ANSWER_WITHIN)
            raise Unmet("an answer", f"nothing within {timeout:g} s", sent, hung=True) from None
        except httpx.ConnectError as error:
            raise Unmet("an answer", f"no connection ({error})", sent, disconnected=True) from None
        except httpx.RemoteProtocolError as error:
            raise Unmet("an answer in HTTP", f"{error}", sent, disconnected=True) from None
        except httpx.DecodingError as error:
            raise Unmet("a body that its Content-Encoding describes", f"{error}", sent) from None
        except httpx.TransportError as error:
            got = f"a broken connection ({type(error).__name__} {error})"
            raise Unmet("an answer", got, sent, disconnected=True) from None

    def get(self, path: str, **options: Any) -> Answer:
        """GET."""
        return self.request("GET", path, **options)

    def head(self, path: str, **options: Any) -> Answer:
        """HEAD."""
        return self.request("HEAD", path, **options)

    def options(self, path: str, **options: Any) -> Answer:
        """OPTIONS."""
        return self.request("OPTIONS", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        """POST."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Answer:
        """PUT."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Answer:
        """PATCH."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        """DELETE."""
        return self.request("DELETE", path, **options)


def _sent(method: str, path: str, options: dict[str, Any]) -> str:
    query = f"?{httpx.QueryParams(options['params'])}" if options.get("params") else ""
    headers = "".join(
        f"\n{name}: {_short(str(value), 80)}"
        for name, value in options.get("headers", {}).items()
        if value != "application/json"
    )
    content = options.get("content")
    if isinstance(content, bytes):
        content = content[: 2 * SHOWN].decode(errors="replace")
    body = f"\n{_short(content)}" if isinstance(content, str) and content else ""
    return f"{method} {path}{query}{headers}{body}"


def _short(text: str, most: int = SHOWN) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{value!r} is not JSON")


def _no_json(text: str) -> None:
    raise ValueError(f"{text} is not JSON")
