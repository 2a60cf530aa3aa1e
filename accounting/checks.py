"""What keeps an invoice from becoming a bill: what is wrong with its amounts, and what the books lack for it."""

from collections.abc import Iterator
from decimal import Decimal

from accounting.bill_settings import NOTHING_DECIDED, Decisions, MissingLienWaiver, RetainageBooking
from accounting.bill_types import Books, RetainageBalance
from accounting.blockers import BlockerReason, Hold
from accounting.coding import Target
from accounting.invoice import Invoice, InvoiceLine
from accounting.money import ZERO, dollars, has_fraction_of_cent
from accounting.retainage import excess, excess_by_line
from accounting.tax import TaxTreatment, shares, total_with_tax, treatment
from accounting.text import one_line, shortened

_SUBJECT_LIMIT = 120
# An accountant lets a person round this much away on the record; more is a mistake to be found.
SMALL_DIFFERENCE = Decimal("0.05")


def lines_total(invoice: Invoice) -> Decimal:
    """What the invoice's lines add up to: gross, less retainage withheld, plus retainage released; without tax."""
    return invoice.gross - invoice.withheld + invoice.released


def has_lines(invoice: Invoice) -> bool:
    """Whether anything of the invoice would stand on a bill."""
    return any(line.gross != 0 for line in invoice.lines) or invoice.withheld != 0 or invoice.released != 0


def small_difference(invoice: Invoice) -> Decimal:
    """Amount due less lines, where it is a few cents that a person may put on the retainage line; else zero.

    Tax counts as the invoice's own sums take it: of the two ways the one that comes closer.
    """
    without_tax = invoice.due - lines_total(invoice)
    difference = min(without_tax - invoice.tax, without_tax, key=abs)
    return difference if has_lines(invoice) and abs(difference) <= SMALL_DIFFERENCE else ZERO


def tax_treatment(invoice: Invoice) -> TaxTreatment | None:
    """How the invoice's own sums take the tax, a few cents apart or not; None when neither way adds up."""
    return treatment(invoice, lines_total(invoice) + small_difference(invoice))


def to_be_paid(invoice: Invoice) -> Decimal:
    """The amount due, and the tax where the invoice's own sums say that it comes on top."""
    return total_with_tax(invoice, tax_treatment(invoice) or TaxTreatment.NONE)


def wrong_amounts(invoice: Invoice, decisions: Decisions = NOTHING_DECIDED) -> Iterator[Hold]:
    """Everything in the invoice's own numbers that a person must settle, in a stable order."""
    yield from _fractions(invoice)
    for line in invoice.lines:
        if line.is_rejected and _carries_money(line):
            yield _line_hold(BlockerReason.REJECTED_LINE, line)
    yield from _sums(invoice, decisions)
    yield from _disagreements(invoice)
    total = to_be_paid(invoice)
    if total < 0 and not decisions.vendor_credit:
        yield Hold(BlockerReason.NEGATIVE_TOTAL, dollars(total))


def missing_in_books(invoice: Invoice, books: Books, retainage: RetainageBalance) -> Iterator[Hold]:
    """Everything the books lack to take the invoice, in a stable order; the same subject may come up twice."""
    if invoice.currency.strip().upper() != books.home_currency.strip().upper():
        yield Hold(BlockerReason.CURRENCY, invoice.currency.strip() or "an unknown currency")
    if books.vendor_id is None:
        yield Hold(BlockerReason.VENDOR_UNMAPPED, one_line(invoice.vendor_name), invoice.vendor_id)
    if books.customer_id is None:
        yield Hold(BlockerReason.PROJECT_UNMAPPED, one_line(invoice.project_name), invoice.project_id)
    if not books.ap_account_id:
        yield Hold(BlockerReason.AP_ACCOUNT_MISSING)
    yield from books.refused
    to_cost = {line.position for line, _ in released_to_cost(invoice, books, retainage)}
    for line in invoice.lines:
        # A rejected line is corrected in Procore first; what it would post to does not matter.
        if not line.is_rejected:
            yield from _cost_code(line, books, line.position in to_cost)
    yield from _retainage(invoice, books, retainage)
    if books.decisions.lien_waiver_missing and books.settings.missing_lien_waiver is MissingLienWaiver.WAIT:
        yield Hold(BlockerReason.LIEN_WAIVER, one_line(invoice.vendor_name), invoice.vendor_id)


def cost_target(line: InvoiceLine, books: Books) -> Target | None:
    """Where a line's cost goes; None when nothing is mapped and no default is set."""
    return books.coding.target_of(line)


def cost_amount(line: InvoiceLine, books: Books) -> Decimal:
    """The cost of a line this period: at gross, or at net in books that know no retainage."""
    return line.net if books.settings.retainage_booking is RetainageBooking.NET else line.gross


def released_to_cost(invoice: Invoice, books: Books, balance: RetainageBalance) -> list[tuple[InvoiceLine, Decimal]]:
    """The part of each line's release that goes to cost, once a person chose *Post the excess to cost*.

    None when there is more of it by now than the person saw.
    """
    allowed, beyond = books.decisions.excess_to_cost, excess(invoice, balance)
    if books.settings.retainage_booking is RetainageBooking.NET or allowed is None or beyond > allowed:
        return []
    return excess_by_line(invoice, beyond)


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


def _sums(invoice: Invoice, decisions: Decisions) -> Iterator[Hold]:
    """Whether lines, tax and amount due fit together."""
    total, difference = lines_total(invoice), small_difference(invoice)
    if invoice.tax != 0:
        subject = f"lines {dollars(total)}, tax {dollars(invoice.tax)}, amount due {dollars(invoice.due)}"
        if tax_treatment(invoice) is None or not shares(invoice.tax, invoice.lines):
            yield Hold(BlockerReason.TAX, subject, "tax")
            return
    else:
        subject = f"lines {dollars(total)}, amount due {dollars(invoice.due)}"
        if difference == 0 and invoice.due != total:
            yield Hold(BlockerReason.AMOUNTS_DISAGREE, subject, "due")
    if difference != 0 and decisions.small_difference != difference:
        yield Hold(BlockerReason.SMALL_DIFFERENCE, subject, "due")


def _disagreements(invoice: Invoice) -> Iterator[Hold]:
    for line in invoice.lines:
        if line.gross - line.withheld + line.released != line.net:
            parts = f"{dollars(line.gross)} less {dollars(line.withheld)} plus {dollars(line.released)}"
            subject = f"line {_name(line)}, {parts}, net {dollars(line.net)}"
            yield Hold(BlockerReason.AMOUNTS_DISAGREE, subject, _key(line))
    change = invoice.withheld - invoice.released
    if invoice.retainage_change is not None and invoice.retainage_change != change:
        subject = f"retainage of the lines {dollars(change)}, of the summary {dollars(invoice.retainage_change)}"
        yield Hold(BlockerReason.AMOUNTS_DISAGREE, subject, "retainage")


def _cost_code(line: InvoiceLine, books: Books, takes_release: bool) -> Iterator[Hold]:
    if line.cost_code_id is None and _carries_money(line) and line.position not in books.decisions.recoded:
        yield _line_hold(BlockerReason.COST_CODE_MISSING, line)
        return
    if cost_amount(line, books) == 0 and not takes_release:
        return
    target = cost_target(line, books)
    code = line.budget_code or line.cost_code_id or f"line {line.position}"
    if target is None:
        yield Hold(BlockerReason.COST_CODE_UNMAPPED, code, line.cost_code_id or _key(line))
    elif target.refusal is not None:
        yield Hold(BlockerReason.MAPPING_REFUSED, f"{code}: {target.refusal}", line.cost_code_id or _key(line))


def _retainage(invoice: Invoice, books: Books, balance: RetainageBalance) -> Iterator[Hold]:
    if books.settings.retainage_booking is RetainageBooking.NET:
        return
    if (invoice.withheld != 0 or invoice.released != 0) and books.retainage_account_id is None:
        yield Hold(BlockerReason.RETAINAGE_ACCOUNT_MISSING)
    beyond = excess(invoice, balance)
    covered = sum((amount for _, amount in released_to_cost(invoice, books, balance)), ZERO)
    if beyond > covered:
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
