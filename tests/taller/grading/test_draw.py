"""Values drawn at random, and again."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from taller.grading import Draw

KINDS: list[Callable[[Draw], Any]] = [
    lambda draw: draw.integer(1, 10**9),
    Draw.price,
    Draw.word,
    Draw.name,
    Draw.token,
    lambda draw: draw.choice(range(10**6)),
    lambda draw: draw.shuffled(range(20)),
]


@pytest.mark.parametrize("kind", KINDS)
def test_seed_and_test_decide_what_is_drawn(kind: Callable[[Draw], Any]) -> None:
    value = kind(Draw(1, "test"))

    assert kind(Draw(1, "test")) == value
    assert kind(Draw(2, "test")) != value
    assert kind(Draw(1, "another test")) != value


def test_integers_include_both_ends() -> None:
    draw = Draw(1, "test")

    assert {draw.integer(1, 3) for _ in range(100)} == {1, 2, 3}


def test_prices_have_cents_that_a_float_would_lose() -> None:
    draw = Draw(1, "test")
    prices = [draw.price(100) for _ in range(500)]

    assert all(isinstance(price, Decimal) and 1 < price < 100 for price in prices)
    assert all(price == price.quantize(Decimal("0.01")) != price.quantize(Decimal(1)) for price in prices)


def test_names_and_tokens() -> None:
    draw = Draw(1, "test")

    first, second = draw.name().split()
    assert first.istitle()
    assert second.islower()
    assert len(draw.token(20)) == 20
    assert draw.token().isalnum()


def test_a_shuffle_keeps_all() -> None:
    values = list(range(50))

    shuffled = Draw(1, "test").shuffled(values)

    assert shuffled != values
    assert sorted(shuffled) == values
