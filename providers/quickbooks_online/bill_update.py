"""A bill that is there, changed: everything as it was read, and only what is ours replaced.

A full update clears what it leaves out, and a sent list of lines replaces the lines that are there; a line keeps its Id
and with it what others wrote on it. Memo, terms and due date go back as they came.
Intuit: all-entities/bill, full update a bill; learn-basic-field-definitions, SyncToken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from providers.quickbooks_online.errors import InvalidRequest
from providers.quickbooks_online.types import Bill
from providers.quickbooks_online.wire import Json, cents, write_json

# Set by QuickBooks alone.
_OF_QUICKBOOKS = frozenset({"MetaData", "TotalAmt", "Balance", "HomeBalance", "domain", "sparse", "status"})
_ACCOUNT, _ITEM = "AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"


@dataclass(frozen=True)
class BillAsRead:
    """A bill as QuickBooks gave it: typed, and with every member."""

    bill: Bill
    members: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class LineToBe:
    """One line as it is to be, to an account or an item. ``was`` is its place (from 0) among the lines as read, None
    for a new line; ``description`` is of new lines only, the others keep theirs. ``amount`` is exactly
    ``quantity`` times a unit price; a line whose amount stays keeps its own.
    """

    amount: Decimal
    was: int | None
    account_id: str = ""
    item_id: str = ""
    customer_id: str = ""
    class_id: str = ""
    description: str = ""
    quantity: Decimal = Decimal(1)


def serialize_bill_update(
    read: BillAsRead,
    *,
    vendor_id: str,
    ap_account_id: str,
    doc_number: str,
    txn_date: date,
    lines: Sequence[LineToBe],
) -> bytes:
    """The changed bill's JSON. Lines as read that none of ``lines`` was are left out, mere descriptions stay.

    An empty ``ap_account_id`` leaves the account as it is. Raises InvalidRequest for a third decimal and for no line.
    """
    if not lines:
        raise InvalidRequest("a bill needs at least one line")
    members = {name: value for name, value in read.members.items() if value is not None and name not in _OF_QUICKBOOKS}
    members |= {"sparse": False, "TxnDate": txn_date.isoformat()}
    _refer(members, "VendorRef", vendor_id)
    if ap_account_id:
        _refer(members, "APAccountRef", ap_account_id)
    members["DocNumber"] = doc_number
    members["Line"] = _lines(read.members.get("Line") or [], lines)
    return write_json(members)


def _lines(there: Sequence[Mapping[str, Any]], lines: Sequence[LineToBe]) -> list[Json]:
    by_place = {line.was: line for line in lines if line.was is not None}
    kept: list[Json] = []
    for place, old in enumerate(there):
        if place in by_place:
            kept.append(_line(dict(old), by_place[place]))
        elif _ACCOUNT not in old and _ITEM not in old:
            kept.append(dict(old))
    return [*kept, *(_line(_new(line), line) for line in lines if line.was is None)]


def _new(line: LineToBe) -> dict[str, Any]:
    made: dict[str, Any] = {"Description": line.description} if line.description else {}
    return {**made, _ITEM if line.item_id else _ACCOUNT: {"BillableStatus": "NotBillable"}}


def _line(old: dict[str, Any], line: LineToBe) -> Json:
    wanted, other = (_ITEM, _ACCOUNT) if line.item_id else (_ACCOUNT, _ITEM)
    detail = dict(old.pop(wanted, None) or old.pop(other, None) or {})
    old.pop(other, None)
    amount = cents(line.amount, "a line:")
    if line.item_id:
        detail.pop("AccountRef", None)
        _refer(detail, "ItemRef", line.item_id)
        if amount != old.get("Amount") or "Qty" not in detail:
            detail |= {"Qty": line.quantity, "UnitPrice": amount / line.quantity}
    else:
        for name in ("ItemRef", "Qty", "UnitPrice"):
            detail.pop(name, None)
        _refer(detail, "AccountRef", line.account_id)
    _refer(detail, "CustomerRef", line.customer_id)
    _refer(detail, "ClassRef", line.class_id)
    return {**old, "Amount": amount, "DetailType": wanted, wanted: detail}


def _refer(members: dict[str, Any], name: str, provider_id: str) -> None:
    """Point at this object; what points there already keeps its name, what is to point nowhere goes."""
    if not provider_id:
        members.pop(name, None)
    elif (members.get(name) or {}).get("value") != provider_id:
        members[name] = {"value": provider_id}
