"""Amounts in the way Procore prints them: strings with a varying number of decimals."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal("0.00")
CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Round half up to whole cents, as a person with a calculator does."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    return cents(amount * percent / 100)


def plain(amount: Decimal) -> str:
    """Two decimals, or more where the amount really has more."""
    exact = cents(amount)
    return f"{exact:f}" if exact == amount else f"{amount:f}"


class Printer:
    """Prints equal amounts differently, as the real answers do ("0", "1201.4", "10812.60"), never losing a digit."""

    def __init__(self, seed: str) -> None:
        self._rng = random.Random(seed)

    def __call__(self, amount: Decimal) -> str:
        text = plain(amount)
        style = self._rng.random()
        if style < 0.7 or len(text.partition(".")[2]) > 2:
            return text
        if style < 0.95:
            shorter = text.rstrip("0")
            return f"{shorter}0" if shorter.endswith(".") else shorter
        return text.rstrip("0").rstrip(".")
