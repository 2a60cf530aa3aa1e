"""The bill or vendor credit as it was sent to QuickBooks, read back from the bytes of its posting attempt."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from lxml import etree
from pydantic import AliasPath, BaseModel, ConfigDict, Field, ValidationError
from pydantic_xml.errors import ParsingError

from accounting.money import ZERO
from models.invoice_sheet import LinkedBill
from models.tables import QuickBooksKind
from providers.quickbooks_desktop.messages.bills import BillAdd, BillAddRq
from providers.quickbooks_desktop.messages.credits import VendorCreditAdd, VendorCreditAddRq


@dataclass(frozen=True)
class SentLine:
    """``account`` is the name of the account or the item that the line posts to; only an item is counted."""

    account: str
    description: str
    amount: Decimal
    quantity: Decimal | None = None
    unit_price: Decimal | None = None


@dataclass(frozen=True)
class SentBill:
    """Dates are plain dates, a vendor credit has none to be paid by; amounts in the bill's currency."""

    bill_date: date
    due_date: date | None
    memo: str
    lines: tuple[SentLine, ...]


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    amount: Annotated[Decimal, Field(alias="Amount")]
    description: Annotated[str, Field(alias="Description")] = ""
    account_id: Annotated[
        str, Field(validation_alias=AliasPath("AccountBasedExpenseLineDetail", "AccountRef", "value"))
    ] = ""
    item_id: Annotated[str, Field(validation_alias=AliasPath("ItemBasedExpenseLineDetail", "ItemRef", "value"))] = ""
    quantity: Annotated[Decimal | None, Field(validation_alias=AliasPath("ItemBasedExpenseLineDetail", "Qty"))] = None
    unit_price: Annotated[
        Decimal | None, Field(validation_alias=AliasPath("ItemBasedExpenseLineDetail", "UnitPrice"))
    ] = None

    def named(self, names: Mapping[tuple[str, str], str]) -> SentLine:
        target = ("Item", self.item_id) if self.item_id else ("Account", self.account_id)
        return SentLine(names.get(target, target[1]), self.description, self.amount, self.quantity, self.unit_price)


class _Bill(BaseModel):
    model_config = ConfigDict(extra="ignore")

    bill_date: Annotated[date, Field(alias="TxnDate")]
    due_date: Annotated[date | None, Field(alias="DueDate")] = None
    memo: Annotated[str, Field(alias="PrivateNote")] = ""
    lines: Annotated[list[_Line], Field(alias="Line")]


def read_sent_bill(bill: LinkedBill) -> SentBill | None:
    """The bill in people's words; None where it was not sent by us or its bytes are of another kind."""
    if bill.body is None:
        return None
    if bill.quickbooks_kind == QuickBooksKind.DESKTOP.value:
        return _to_a_company_file(bill.body, bill)
    try:
        read = _Bill.model_validate(json.loads(bill.body, parse_float=Decimal))
    except (ValidationError, ValueError):
        return None
    return SentBill(
        bill_date=read.bill_date,
        due_date=read.due_date,
        memo=read.memo,
        lines=tuple(line.named(bill.target_names) for line in read.lines),
    )


def _to_a_company_file(body: bytes, bill: LinkedBill) -> SentBill | None:
    """As it was handed to QuickBooks Desktop: what is on the Expenses tab, then what is on the Items tab."""
    try:
        if bill.transaction_type == "VendorCredit":
            credit = VendorCreditAddRq.from_xml(body).credit
            return SentBill(credit.credit_date, None, credit.memo or "", _lines(credit, bill.target_names))
        sent = BillAddRq.from_xml(body).bill
    except (ValidationError, ParsingError, etree.XMLSyntaxError):
        return None
    return SentBill(sent.bill_date, sent.due_date, sent.memo or "", _lines(sent, bill.target_names))


def _lines(sent: BillAdd | VendorCreditAdd, names: Mapping[tuple[str, str], str]) -> tuple[SentLine, ...]:
    def name(entity: str, list_id: str | None) -> str:
        return names.get((entity, list_id or ""), list_id or "")

    expenses = [SentLine(name("Account", one.account.list_id), one.memo or "", one.amount) for one in sent.expenses]
    items = [
        SentLine(name("Item", one.item.list_id), one.description or "", one.amount or ZERO, one.quantity, one.cost)
        for one in sent.items
    ]
    return (*expenses, *items)
