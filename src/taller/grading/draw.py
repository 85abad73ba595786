"""Values drawn afresh for every run, so that answers cannot be known beforehand."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

T = TypeVar("T")
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "xo", "ñu", "zé")


class Draw:
    """A source of random values that gives the same ones again for the same seed and test."""

    def __init__(self, seed: int, test: str) -> None:
        self._random = random.Random(f"{seed} {test}")

    def integer(self, lowest: int, highest: int) -> int:
        """A whole number between both, inclusive."""
        return self._random.randint(lowest, highest)

    def price(self, highest: int = 10_000) -> Decimal:
        """A price with two decimals, above zero; its cents are never zero."""
        cents = self._random.randrange(1, highest) * 100 + self._random.randint(1, 99)
        return Decimal(cents) / 100

    def word(self, syllables: int = 3) -> str:
        """A word that nobody has heard before."""
        return "".join(self._random.choices(SYLLABLES, k=syllables))

    def name(self) -> str:
        """A name for something: two words, the first capitalised."""
        return f"{self.word().capitalize()} {self.word(4)}"

    def token(self, length: int = 12) -> str:
        """Letters and digits, enough of them never to meet the same again."""
        return "".join(self._random.choices("abcdefghijkmnpqrstuvwxyz23456789", k=length))

    def choice(self, values: Sequence[T]) -> T:
        """One of them."""
        return self._random.choice(values)

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """All of them, in another order."""
        return self._random.sample(values, len(values))
