"""The one money type: a Decimal of at most two decimals in a currency that travels beside it."""

from decimal import Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def has_fraction_of_cent(amount: Decimal) -> bool:
    """Whether a non-zero third decimal would be lost by storing the amount in NUMERIC(18,2)."""
    return amount != amount.quantize(CENT)


def to_cents(amount: Decimal) -> Decimal:
    """The amount with exactly two decimals.

    Raises ValueError when that would change its value: rounding is a person's decision, never a side effect.
    """
    exact = amount.quantize(CENT)
    if exact != amount:
        raise ValueError(f"{amount} has a fraction of a cent")
    return exact


def dollars(amount: Decimal) -> str:
    """The amount as people read it: ``$1,204.18``, ``-$3.00``."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"
