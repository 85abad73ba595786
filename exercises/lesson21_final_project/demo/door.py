"""The gateway, as a program of a user's sees it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from lesson21_final_project.demo.problems import NotAsTold, NotNow

WAIT_S = 20
REGISTER = """mutation ($email: String!, $password: String!) { registrar(email: $email, password: $password) { id } }"""
LOG_IN = """mutation ($email: String!, $password: String!) {
  iniciarSesion(email: $email, password: $password) { token usuario { id email } }
}"""
ORDER = """mutation ($lineas: [LineaNueva!]!, $clave: ID!) {
  crearPedido(lineas: $lineas, clave: $clave) { id estado total }
}"""


@dataclass(frozen=True)
class Answer:
    """What a request brought."""

    data: dict[str, Any]
    upstream_calls: int
    trace: str
    milliseconds: float


class Door:
    """The only door of the system, for one user or for nobody."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self.token = token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=WAIT_S)

    def ask(self, query: str, **variables: object) -> Answer:
        """Send a request; raises ``NotAsTold`` for any error, ``NotNow`` for one that time may mend."""
        answer = self._http.post("/graphql", json={"query": query, "variables": variables})
        body = answer.json()
        if not answer.is_success or "errors" in body:
            kind = NotNow if "SERVICE_UNAVAILABLE" in answer.text else NotAsTold
            raise kind(f"the gateway answers with status {answer.status_code}: {answer.text[:500]}")
        took = answer.elapsed.total_seconds() * 1000
        return Answer(body["data"], body["extensions"]["upstreamCalls"], answer.headers["X-Trace-Id"], took)

    def register(self, email: str, password: str) -> None:
        """Make a user."""
        self.ask(REGISTER, email=email, password=password)

    def logged_in(self, email: str, password: str) -> tuple["Door", str]:
        """The door for this user, and the user's id."""
        session = self.ask(LOG_IN, email=email, password=password).data["iniciarSesion"]
        return Door(self.url, session["token"]), session["usuario"]["id"]

    def order(self, product: str, quantity: int) -> dict[str, Any]:
        """Order so many of a product."""
        lines = [{"productoId": product, "cantidad": quantity}]
        order: dict[str, Any] = self.ask(ORDER, lineas=lines, clave=str(uuid4())).data["crearPedido"]
        return order

    def spans(self, trace: str) -> list[dict[str, Any]]:
        """The spans of a trace that have arrived so far, each below the one that caused it."""
        answer = self._http.get(f"/api/traces/{trace}")
        return list(answer.json()) if answer.is_success else []
