"""The field table (`fields.tsv`, transcribed from the facts in Intuit's XSDs), and the check of payloads by it.

QuickBooks Online refuses fields that it does not know with 2010 and values of the wrong type with 2090, 2060
or 2170. Texts longer than documented are refused with 2050.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from simulators.quickbooks_online.refusals import (
    bad_date,
    bad_enum,
    bad_number,
    unsupported_property,
    wrong_length,
)

Check = Callable[[Any, str], None]

TABLE_FILE = Path(__file__).with_name("fields.tsv")

# The made-up field that answers carry when the `extra_fields` switch is on. The service takes its own back.
UNLISTED_FIELD = "ServiceHint"

LONGEST: dict[tuple[str, str], int] = {
    ("Bill", "DocNumber"): 21,
    ("BillPayment", "DocNumber"): 21,
    ("VendorCredit", "DocNumber"): 21,
    ("Purchase", "DocNumber"): 21,
    ("JournalEntry", "DocNumber"): 21,
    ("Bill", "PrivateNote"): 4000,
    ("BillPayment", "PrivateNote"): 4000,
    ("VendorCredit", "PrivateNote"): 4000,
    ("Purchase", "PrivateNote"): 4000,
    ("Line", "Description"): 4000,
    ("Vendor", "DisplayName"): 500,
    ("Vendor", "Title"): 16,
    ("Vendor", "GivenName"): 100,
    ("Vendor", "MiddleName"): 100,
    ("Vendor", "FamilyName"): 100,
    ("Vendor", "Suffix"): 16,
    ("Vendor", "CompanyName"): 100,
    ("Vendor", "AcctNum"): 100,
    ("Vendor", "TaxIdentifier"): 20,
    ("Customer", "DisplayName"): 500,
    ("Account", "Name"): 100,
    ("Class", "Name"): 100,
    ("Department", "Name"): 100,
    ("Term", "Name"): 31,
    ("EmailAddress", "Address"): 100,
    ("TelephoneNumber", "FreeFormNumber"): 30,
    ("WebSiteAddress", "URI"): 1000,
    ("Attachable", "FileName"): 1000,
}

DATES = {"TxnDate", "DueDate", "OpenBalanceDate", "AsOfDate"}

ENUMS: dict[str, frozenset[str]] = {
    "BillableStatusEnum": frozenset({"Billable", "NotBillable", "HasBeenBilled"}),
    "GlobalTaxCalculationEnum": frozenset({"TaxExcluded", "TaxInclusive", "NotApplicable"}),
    "BillPaymentTypeEnum": frozenset({"Check", "CreditCard"}),
    "PaymentTypeEnum": frozenset({"Cash", "Check", "CreditCard"}),
    "PrintStatusEnum": frozenset({"NotSet", "NeedToPrint", "PrintComplete"}),
}

_MOST_DIGITS = 15


def _load() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = {}
    for line in TABLE_FILE.read_text(encoding="utf-8").splitlines():
        name, _, fields = line.partition("\t")
        table[name] = {}
        for field in fields.split():
            if field.startswith("@"):
                table[name] |= table[field]
            else:
                key, _, kind = field.partition(":")
                table[name][key] = kind
    return table


FIELDS = _load()


def check_payload(entity: str, payload: dict[str, Any]) -> None:
    """Raise the Refusal that the service answers a field with which it does not know or cannot read."""
    _object_check(entity)(payload, "")


def _check_text(value: Any, path: str) -> None:
    if not isinstance(value, str):
        raise unsupported_property(path)


def _check_number(value: Any, path: str) -> None:
    if isinstance(value, bool):
        raise bad_number(path, value)
    try:
        number = value if isinstance(value, Decimal) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise bad_number(path, value) from None
    if not number.is_finite() or len(number.as_tuple().digits) > _MOST_DIGITS:
        raise bad_number(path, value)


def _check_whole(value: Any, path: str) -> None:
    if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, str) and value.isdigit())):
        raise bad_number(path, value)


def _check_boolean(value: Any, path: str) -> None:
    if not isinstance(value, bool) and value not in ("true", "false"):
        raise unsupported_property(path)


def _check_date(value: Any, path: str) -> None:
    try:
        if not isinstance(value, str) or len(value) < 10:
            raise ValueError
        date.fromisoformat(value[:10])
    except ValueError:
        raise bad_date(path, value) from None


def _check_anything(value: Any, path: str) -> None:
    """Parts of the schema that the field table leaves open."""


@cache
def _object_check(entity: str) -> Check:
    checks = {name: _field_check(entity, name, kind) for name, kind in FIELDS[entity].items() if name[0] != "@"}

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise unsupported_property(path)
        prefix = f"{path}." if path else ""
        for name, content in value.items():
            known = checks.get(name)
            if known is None:
                if name == UNLISTED_FIELD and not path:
                    continue
                raise unsupported_property(prefix + name)
            if content is not None:
                known(content, prefix + name)

    return check


def _field_check(entity: str, name: str, kind: str) -> Check:
    if name in DATES:
        return _check_date
    if kind == "string":
        longest = LONGEST.get((entity, name))
        return _check_text if longest is None else _text_check(longest)
    if kind.startswith("array<"):
        return _array_check(kind[6:-1])
    simple: dict[str, Check] = {
        "number": _check_number,
        "integer": _check_whole,
        "boolean": _check_boolean,
    }
    if kind in simple:
        return simple[kind]
    if kind in ENUMS:
        return _enum_check(ENUMS[kind])
    return _nested_check(kind) if kind in FIELDS else _check_anything


def _nested_check(kind: str) -> Check:
    def check(value: Any, path: str) -> None:
        _object_check(kind)(value, path)  # looked up when used: Line holds itself through TxnTaxDetail

    return check


def _text_check(longest: int) -> Check:
    def check(value: Any, path: str) -> None:
        _check_text(value, path)
        if len(value) > longest:
            raise wrong_length(path, longest, len(value))

    return check


def _enum_check(words: frozenset[str]) -> Check:
    def check(value: Any, path: str) -> None:
        if value not in words:
            raise bad_enum(path, value)

    return check


def _array_check(kind: str) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise unsupported_property(path)
        if kind in FIELDS:
            for content in value:
                _object_check(kind)(content, path)

    return check
