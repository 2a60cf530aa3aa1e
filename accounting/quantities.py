"""How many of an item a line buys: the quantity billed where quantity × price says the amount exactly, else one."""

from decimal import Decimal

from accounting.invoice import InvoiceLine

ONE = Decimal(1)
# qbXML 13.0: QUANTYPE and PRICETYPE hold five decimals; QuickBooks Online takes as many.
_STEP = Decimal("0.00001")


def quantity_of(line: InvoiceLine, amount: Decimal) -> Decimal:
    """The quantity at which ``amount``, the cost of this SOV line, goes to an item.

    The line's own where all of its gross is posted and a price of at most five decimals makes exactly that of it; one
    in every other case. QuickBooks would round what it works out of a quantity and a price, and refuse the amount.
    """
    quantity = line.quantity
    if quantity is None or quantity <= 0 or amount <= 0 or amount != line.gross or quantity != quantity.quantize(_STEP):
        return ONE
    price = (amount / quantity).quantize(_STEP)
    return _without_zeros(quantity) if price > 0 and price * quantity == amount else ONE


def unit_price(amount: Decimal, quantity: Decimal) -> Decimal:
    """What one costs, at least to the cent. Exact for every quantity that ``quantity_of`` gives."""
    price = _without_zeros(amount / quantity)
    return price if -int(price.as_tuple().exponent) > 2 else price.quantize(Decimal("0.01"))


def _without_zeros(value: Decimal) -> Decimal:
    """The number without zeros behind its last decimal, and without an exponent."""
    return Decimal(f"{value.normalize():f}")
