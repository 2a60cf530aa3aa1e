"""Tax on a subcontractor's invoice is job cost: how it stands to the amount due, and on which lines it lies."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from accounting.invoice import Invoice, InvoiceLine
from accounting.money import CENT, ZERO


class TaxTreatment(StrEnum):
    """Procore does not say whether ``current_payment_due`` includes tax; the amounts of each invoice do.

    IN_DUE: lines and tax together are the amount due. ON_TOP: the lines alone are, and the tax comes on top of it.
    """

    NONE = "none"
    IN_DUE = "in_due"
    ON_TOP = "on_top"


def treatment(invoice: Invoice, lines_total: Decimal) -> TaxTreatment | None:
    """How the invoice's own sums take the tax; None when neither way adds up."""
    if invoice.tax == 0:
        return TaxTreatment.NONE
    if lines_total + invoice.tax == invoice.due:
        return TaxTreatment.IN_DUE
    return TaxTreatment.ON_TOP if lines_total == invoice.due else None


def total_with_tax(invoice: Invoice, how: TaxTreatment) -> Decimal:
    """What has to be paid: the amount due, and the tax where that comes on top."""
    return invoice.due + invoice.tax if how is TaxTreatment.ON_TOP else invoice.due


def shares(tax: Decimal, lines: Sequence[InvoiceLine]) -> list[tuple[InvoiceLine, Decimal]]:
    """The tax over these lines in proportion to their gross, to the cent; the remainder goes to the largest parts.

    Empty when no line has cost, since then nobody can tell whose cost the tax is.
    """
    taxed = [line for line in lines if line.gross != 0]
    base = sum((abs(line.gross) for line in taxed), ZERO)
    if not base:
        return []
    exact = [tax * abs(line.gross) / base for line in taxed]
    parts = [part.quantize(CENT, rounding=ROUND_DOWN) for part in exact]
    left = tax - sum(parts, ZERO)
    step = CENT if left > 0 else -CENT
    by_remainder = sorted(range(len(taxed)), key=lambda place: (-abs(exact[place] - parts[place]), place))
    for place in by_remainder[: int(abs(left) / CENT)]:
        parts[place] += step
    return [(line, part) for line, part in zip(taxed, parts, strict=True) if part != 0]
