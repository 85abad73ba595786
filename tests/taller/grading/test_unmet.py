"""Promises: asked once, or until they are kept."""

import time
from collections.abc import Iterator

import pytest

from taller.grading import Unmet, eventually, expect


def test_what_holds_is_silent() -> None:
    expect([1], "something", "nothing")


def test_what_does_not_hold_says_what_was_expected_and_got() -> None:
    with pytest.raises(Unmet, match=r"^expected three, got 2$") as caught:
        expect(2 == 3, "three", 2, "1 + 1")

    assert (caught.value.expected, caught.value.got, caught.value.sent) == ("three", "2", "1 + 1")


def test_eventually_gives_the_first_true_value() -> None:
    values = iter([None, 0, "", [], "at last", "too late"])

    assert eventually(lambda: next(values)) == "at last"


def test_an_unmet_promise_counts_as_not_yet() -> None:
    def attempts() -> Iterator[bool]:
        yield from [False, False, True]

    kept = attempts()

    def probe() -> str:
        expect(next(kept), "it to be kept")
        return "kept"

    assert eventually(probe) == "kept"


def test_at_last_the_reason_is_what_was_unmet() -> None:
    with pytest.raises(Unmet, match="expected a queue, got none"):
        eventually(lambda: expect(False, "a queue", "none"), within=0.05)


def test_at_last_the_reason_is_what_was_expected_and_the_value() -> None:
    began = time.monotonic()

    with pytest.raises(Unmet, match=r"expected two workers within 0\.2 s, got after that: \[\]"):
        eventually(list, within=0.2, expected="two workers")

    assert time.monotonic() - began >= 0.2


def test_other_exceptions_are_not_waited_out() -> None:
    with pytest.raises(ZeroDivisionError):
        eventually(lambda: 1 / 0)
