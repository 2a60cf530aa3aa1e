"""An ordinary invoice, its books and a requisition; a test changes the one thing it is about."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from accounting.bill_types import Books, RetainageBalance, Terms
from accounting.coding import CodeMap, Coding, Target
from accounting.invoice import Invoice, InvoiceLine, InvoiceSource, Requisition

NO_RETAINAGE = RetainageBalance(withheld=Decimal(0), released=Decimal(0))


def line(
    gross: str, withheld: str = "0", released: str = "0", *, position: int = 1, net: str | None = None, **changes: Any
) -> InvoiceLine:
    kept, let_go = Decimal(withheld), Decimal(released)
    ordinary = InvoiceLine(
        position=position,
        description="Rough-in",
        cost_code_id="26",
        budget_code="26-050.S",
        gross=Decimal(gross),
        withheld=kept,
        released=let_go,
        net=Decimal(gross) - kept + let_go if net is None else Decimal(net),
    )
    return replace(ordinary, **changes)


def invoice(*lines: InvoiceLine, due: str | None = None, **changes: Any) -> Invoice:
    """An invoice of the lines given (one of $17,000.00 less $1,700.00 when none is), due what they are net."""
    of = lines or (line("17000.00", "1700.00"),)
    ordinary = Invoice(
        reference=77123,
        source=InvoiceSource.PROCORE_REQUISITION,
        source_id="58820",
        project_id="789",
        project_name="Tower",
        commitment_id="701973",
        commitment_number="SC-001",
        sequence=3,
        vendor_id="8881212",
        vendor_name="Ernie's Electrical",
        number="INV-1042",
        billing_date=date(2026, 6, 30),
        currency="USD",
        due=sum((one.net for one in of), Decimal(0)) if due is None else Decimal(due),
        tax=Decimal(0),
        retainage_change=None,
        lines=of,
    )
    return replace(ordinary, **changes)


def coding(cost_accounts: Mapping[str, str], default_account_id: str | None = None, **maps: Any) -> Coding:
    """Cost codes to accounts at the width of the connection, with more maps of the same scope where given."""
    accounts = {code: Target.account(account) for code, account in cost_accounts.items()}
    default = Target.account(default_account_id) if default_account_id else None
    return Coding(scopes=(CodeMap(cost_codes=accounts, **maps),), default=default)


def books(
    cost_accounts: Mapping[str, str] = MappingProxyType({"26": "80"}),
    default_account_id: str | None = None,
    **changes: Any,
) -> Books:
    ordinary = Books(
        vendor_id="56",
        customer_id="12",
        class_id=None,
        coding=coding(cost_accounts, default_account_id),
        retainage_account_id="95",
        ap_account_id="33",
        commitment_terms=None,
        vendor_terms=None,
        default_terms=Terms(30, "3"),
        home_currency="USD",
    )
    return replace(ordinary, **changes)


def requisition(**changes: Any) -> Requisition:
    """Created in May, last touched in July: only more evidence tells whether it was first approved since June 1."""
    ordinary = Requisition(
        requisition_id="58820",
        project_id="789",
        status="approved",
        created_at=datetime(2026, 5, 20, 15, tzinfo=UTC),
        updated_at=datetime(2026, 7, 2, 9, tzinfo=UTC),
        created_by_id="1738090",
        origin_id=None,
        erp_status="not_integrated",
        due=Decimal("28800.00"),
    )
    return replace(ordinary, **changes)
