"""The bill or vendor credit as it was sent to QuickBooks, read back from the bytes of its posting attempt."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AliasPath, BaseModel, ConfigDict, Field, ValidationError

from models.invoice_sheet import LinkedBill


@dataclass(frozen=True)
class SentLine:
    """``account`` is the name of the account or the item that the line posts to."""

    account: str
    description: str
    amount: Decimal


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

    def named(self, names: Mapping[tuple[str, str], str]) -> SentLine:
        target = ("Item", self.item_id) if self.item_id else ("Account", self.account_id)
        return SentLine(names.get(target, target[1]), self.description, self.amount)


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
