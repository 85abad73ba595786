"""The expressions that say when a job runs (https://docs.github.com/actions/reference/evaluate-expressions-in-workflows)."""

import re
from collections.abc import Mapping

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[\w.*-]+)|(?P<symbol>\|\||&&|==|!=|[!(),]))")
OUTCOMES = {"success": True, "always": True, "failure": False, "cancelled": False}

Value = str | bool


class NotUnderstood(Exception):
    """An expression with something in it that decides by more than where a commit is."""


def holds(condition: str, context: Mapping[str, str]) -> bool:
    """Whether a job with this condition runs after others that have succeeded; ``context`` has names as github.ref.

    Raises ``NotUnderstood``.
    """
    reader = _Reader(_tokens(condition), context)
    return bool(reader.whole()) if condition else True


def _tokens(condition: str) -> list[str]:
    found, place = [], 0
    condition = condition.strip()
    while place < len(condition):
        match = TOKEN.match(condition, place)
        if not match:
            raise NotUnderstood(condition[place:])
        found.append(match[0].strip())
        place = match.end()
    return found


class _Reader:
    """Reads and values an expression from left to right."""

    def __init__(self, tokens: list[str], context: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._context = context

    def whole(self) -> Value:
        value = self._either()
        if self._tokens:
            raise NotUnderstood(" ".join(self._tokens))
        return value

    def _either(self) -> Value:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Value:
        value = self._compared()
        while self._take("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Value:
        value = self._single()
        if self._take("=="):
            return _folded(value) == _folded(self._single())
        if self._take("!="):
            return _folded(value) != _folded(self._single())
        return value

    def _single(self) -> Value:
        if self._take("!"):
            return not self._single()
        if self._take("("):
            value = self._either()
            self._expect(")")
            return value
        token = self._next()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token in ("true", "false"):
            return token == "true"
        return self._call(token) if self._take("(") else self._variable(token)

    def _call(self, name: str) -> Value:
        arguments = []
        while not self._take(")"):
            arguments.append(_folded(self._either()))
            self._take(",")
        match name.lower(), arguments:
            case "startswith", [text, start]:
                return text.startswith(start)
            case outcome, [] if outcome in OUTCOMES:
                return OUTCOMES[outcome]
        raise NotUnderstood(f"{name}()")

    def _variable(self, name: str) -> str:
        if name not in self._context:
            raise NotUnderstood(name)
        return self._context[name]

    def _take(self, token: str) -> bool:
        if self._tokens[:1] == [token]:
            self._tokens.pop(0)
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise NotUnderstood(f"no {token!r}")

    def _next(self) -> str:
        if not self._tokens:
            raise NotUnderstood("an end too soon")
        return self._tokens.pop(0)


def _folded(value: Value) -> str:
    """GitHub compares without regard to case."""
    return str(value).lower()
