"""What keeps an invoice from becoming a bill: what is wrong with its amounts, and what the books lack for it."""

from collections.abc import Iterator
from decimal import Decimal

from accounting.bill_types import Books, RetainageBalance
from accounting.blockers import BlockerReason, Hold
from accounting.invoice import Invoice, InvoiceLine
from accounting.money import ZERO, dollars, has_fraction_of_cent
from accounting.text import one_line, shortened

_SUBJECT_LIMIT = 120


def withheld(invoice: Invoice) -> Decimal:
    """Retainage kept back this period, over all lines."""
    return sum((line.withheld for line in invoice.lines), ZERO)


def released(invoice: Invoice) -> Decimal:
    """Retainage let go this period, over all lines."""
    return sum((line.released for line in invoice.lines), ZERO)


def lines_total(invoice: Invoice) -> Decimal:
    """What a bill's lines add up to: gross, less retainage withheld, plus retainage released."""
    return sum((line.gross for line in invoice.lines), ZERO) - withheld(invoice) + released(invoice)


def wrong_amounts(invoice: Invoice) -> Iterator[Hold]:
    """Everything in the invoice's own numbers that a person must settle at the source, in a stable order."""
    yield from _fractions(invoice)
    for line in invoice.lines:
        if line.is_rejected and _carries_money(line):
            yield _line_hold(BlockerReason.REJECTED_LINE, line)
    if invoice.tax != 0:
        yield Hold(BlockerReason.TAX, dollars(invoice.tax))
    yield from _disagreements(invoice)
    if invoice.due < 0:
        yield Hold(BlockerReason.NEGATIVE_TOTAL, dollars(invoice.due))


def missing_in_books(invoice: Invoice, books: Books, retainage: RetainageBalance) -> Iterator[Hold]:
    """Everything the books lack to take the invoice, in a stable order; the same subject may come up twice."""
    if invoice.currency.strip().upper() != books.home_currency.strip().upper():
        yield Hold(BlockerReason.CURRENCY, invoice.currency.strip() or "an unknown currency")
    if books.vendor_id is None:
        yield Hold(BlockerReason.VENDOR_UNMAPPED, one_line(invoice.vendor_name), invoice.vendor_id)
    if books.customer_id is None:
        yield Hold(BlockerReason.PROJECT_UNMAPPED, one_line(invoice.project_name), invoice.project_id)
    for line in invoice.lines:
        # A rejected line is corrected in Procore first; what it would post to does not matter.
        if not line.is_rejected:
            yield from _cost_code(line, books)
    yield from _retainage(invoice, books, retainage)


def cost_account(line: InvoiceLine, books: Books) -> str | None:
    """The account a line's cost goes to; None when nothing is mapped and no default is set."""
    return books.cost_accounts.get(line.cost_code_id or "", books.default_account_id)


def _fractions(invoice: Invoice) -> Iterator[Hold]:
    due_and_tax = [("The amount due", invoice.due, "due"), ("The tax", invoice.tax, "tax")]
    if invoice.retainage_change is not None:
        due_and_tax.append(("The change of retainage", invoice.retainage_change, "retainage"))
    for name, amount, key in due_and_tax:
        if has_fraction_of_cent(amount):
            yield Hold(BlockerReason.FRACTION_OF_CENT, f"{name} ({amount})", key)
    for line in invoice.lines:
        for amount in (line.gross, line.withheld, line.released, line.net):
            if has_fraction_of_cent(amount):
                yield Hold(BlockerReason.FRACTION_OF_CENT, f"Line {_name(line)} ({amount})", _key(line))
                break


def _disagreements(invoice: Invoice) -> Iterator[Hold]:
    total = lines_total(invoice)
    # Lines may already hold the tax or leave it out; either adds up, and the tax itself holds the invoice.
    if invoice.due not in (total, total + invoice.tax):
        yield Hold(BlockerReason.AMOUNTS_DISAGREE, f"lines {dollars(total)}, amount due {dollars(invoice.due)}", "due")
    for line in invoice.lines:
        if line.gross - line.withheld + line.released != line.net:
            parts = f"{dollars(line.gross)} less {dollars(line.withheld)} plus {dollars(line.released)}"
            subject = f"line {_name(line)}, {parts}, net {dollars(line.net)}"
            yield Hold(BlockerReason.AMOUNTS_DISAGREE, subject, _key(line))
    change = withheld(invoice) - released(invoice)
    if invoice.retainage_change is not None and invoice.retainage_change != change:
        subject = f"retainage of the lines {dollars(change)}, of the summary {dollars(invoice.retainage_change)}"
        yield Hold(BlockerReason.AMOUNTS_DISAGREE, subject, "retainage")


def _cost_code(line: InvoiceLine, books: Books) -> Iterator[Hold]:
    if line.cost_code_id is None:
        if _carries_money(line):
            yield _line_hold(BlockerReason.COST_CODE_MISSING, line)
    elif line.gross != 0 and cost_account(line, books) is None:
        yield Hold(BlockerReason.COST_CODE_UNMAPPED, line.budget_code or line.cost_code_id, line.cost_code_id)


def _retainage(invoice: Invoice, books: Books, balance: RetainageBalance) -> Iterator[Hold]:
    kept, let_go = withheld(invoice), released(invoice)
    if (kept != 0 or let_go != 0) and books.retainage_account_id is None:
        yield Hold(BlockerReason.RETAINAGE_ACCOUNT_MISSING)
    # Negative withholding corrects an earlier one: it lets money go just as a release does.
    if (let_go > 0 or kept < 0) and let_go > balance.open + kept:
        subject = one_line(invoice.commitment_number) or one_line(invoice.project_name)
        yield Hold(BlockerReason.RETAINAGE_OPENING_BALANCE, subject, invoice.commitment_id)


def _carries_money(line: InvoiceLine) -> bool:
    return any(amount != 0 for amount in (line.gross, line.withheld, line.released, line.net))


def _line_hold(reason: BlockerReason, line: InvoiceLine) -> Hold:
    return Hold(reason, _name(line), _key(line))


def _name(line: InvoiceLine) -> str:
    return shortened(one_line(f"{line.position} {line.description}"), _SUBJECT_LIMIT)


def _key(line: InvoiceLine) -> str:
    return f"line-{line.position}"
