"""The lines of a bill: cost and its tax, retainage withheld and released, each where it belongs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from accounting.bill_settings import LineGrouping, RetainageBooking
from accounting.bill_types import BillLine, Books, LineRole, RetainageBalance
from accounting.checks import cost_amount, cost_target, released_to_cost, small_difference
from accounting.coding import Target, TargetKind, budget_code_key
from accounting.invoice import Invoice, InvoiceLine
from accounting.memo import excess_description, line_description, retainage_description, tax_description
from accounting.money import ZERO, to_cents
from accounting.quantities import ONE, quantity_of
from accounting.retainage_accounts import shares_let_go
from accounting.tax import shares as tax_shares


@dataclass(frozen=True)
class _Cost:
    """One piece of cost before it becomes a line."""

    line: InvoiceLine
    target: Target
    role: LineRole
    description: str
    amount: Decimal
    quantity: Decimal = ONE


def bill_lines(invoice: Invoice, books: Books, balance: RetainageBalance, customer_id: str) -> tuple[BillLine, ...]:
    """The lines of an invoice that nothing holds; they sum to what has to be paid, to the cent.

    Withheld retainage is a negative line, released retainage a positive one, and they are never netted.
    """
    costs = _costs(invoice, books)
    if books.settings.line_grouping is LineGrouping.BUDGET_CODE:
        # Where everything cancels out per budget code, the SOV lines still tell what happened.
        costs = _by_budget_code(costs) or costs
    excess = released_to_cost(invoice, books, balance)
    costs += [
        _Cost(line, target, LineRole.RELEASE_TO_COST, excess_description(invoice), amount)
        for line, amount in excess
        if (target := cost_target(line, books)) is not None
    ]
    lines = [_cost_line(cost, books, customer_id) for cost in costs]
    if books.settings.retainage_booking is RetainageBooking.GROSS:
        lines += _retainage_lines(invoice, books, balance, customer_id, sum((amount for _, amount in excess), ZERO))
    return tuple(_with_difference(lines, small_difference(invoice)))


def _costs(invoice: Invoice, books: Books) -> list[_Cost]:
    """Each SOV line's cost, its tax right beside it."""
    tax_of = {line.position: share for line, share in tax_shares(invoice.tax, invoice.lines)} if invoice.tax else {}
    costs = []
    for line in invoice.lines:
        amount, target = cost_amount(line, books), cost_target(line, books)
        if target is None:
            continue
        if amount != 0:
            costs.append(_Cost(line, target, LineRole.COST, line_description(line), amount, quantity_of(line, amount)))
        if share := tax_of.pop(line.position, ZERO):
            costs.append(_Cost(line, target, LineRole.TAX, tax_description(line), share))
    return costs


def _by_budget_code(costs: Sequence[_Cost]) -> list[_Cost]:
    groups: dict[tuple[LineRole, Target, str], list[_Cost]] = {}
    for cost in costs:
        code = budget_code_key(cost.line.budget_code) or cost.line.cost_code_id or ""
        groups.setdefault((cost.role, cost.target, code), []).append(cost)
    merged = [
        members[0]
        if len(members) == 1
        else replace(
            members[0],
            amount=sum((one.amount for one in members), ZERO),
            description=_described(members),
            quantity=ONE,
        )
        for members in groups.values()
    ]
    return [one for one in merged if one.amount != 0]


def _described(members: Sequence[_Cost]) -> str:
    code = members[0].line.budget_code or members[0].line.cost_code_id or ""
    return f"{'Tax, ' if members[0].role is LineRole.TAX else ''}{code}, {len(members)} lines".strip()


def _cost_line(cost: _Cost, books: Books, customer_id: str) -> BillLine:
    is_item = cost.target.kind is TargetKind.ITEM
    return BillLine(
        role=cost.role,
        account_id="" if is_item else cost.target.quickbooks_id,
        item_id=cost.target.quickbooks_id if is_item else "",
        description=cost.description,
        amount=to_cents(cost.amount),
        customer_id=customer_id,
        class_id=books.class_id,
        billable=books.settings.billable,
        quantity=cost.quantity if is_item else ONE,
    )


def _retainage_lines(
    invoice: Invoice, books: Books, balance: RetainageBalance, customer_id: str, to_cost: Decimal
) -> list[BillLine]:
    """What is withheld goes to the account in force; what is let go comes out of where it was withheld."""
    if books.retainage_account_id is None:
        return []
    kept = invoice.withheld
    moves = ((LineRole.RETAINAGE_WITHHELD, "withheld"), (LineRole.RETAINAGE_RELEASED, "released"))
    amounts = (-kept, invoice.released - to_cost)
    return [
        BillLine(
            role=role,
            account_id=share.account_id,
            description=retainage_description(verb, invoice),
            amount=to_cents(share.amount),
            customer_id=customer_id,
            class_id=books.class_id,
        )
        for (role, verb), shares in zip(
            moves, shares_let_go(balance, books.retainage_account_id, kept, amounts), strict=True
        )
        for share in shares
    ]


def _with_difference(lines: list[BillLine], difference: Decimal) -> list[BillLine]:
    """The few cents a person saw, on the retainage line; where there is none, on the largest line."""
    if difference == 0 or not lines:
        return lines
    retainage = [one for one in lines if one.role in (LineRole.RETAINAGE_WITHHELD, LineRole.RETAINAGE_RELEASED)]
    takes = retainage[0] if retainage else max(lines, key=lambda one: abs(one.amount))
    return [
        replace(one, amount=to_cents(one.amount + difference), quantity=ONE) if one is takes else one
        for one in lines
        if one is not takes or one.amount + difference != 0
    ]
