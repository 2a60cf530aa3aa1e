"""What QuickBooks Online refuses a request with: the Fault JSON of business and validation errors.

Codes and short messages are those of the reference's error table (section 2.5). The other two shapes, the
gateway's lower-case fault and the XML throttle, are in `gateway_answers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Refusal(Exception):
    """One Fault. `element` names the field at fault where the service does."""

    code: str
    message: str
    detail: str
    element: str = ""
    status: int = 400
    kind: str = "ValidationFault"

    def fault(self) -> dict[str, Any]:
        """The `Fault` object, alone as a batch item has it."""
        error = {
            "Message": self.message,
            "Detail": self.detail,
            "code": self.code,
            "element": self.element,
        }
        return {"Error": [error], "type": self.kind}


def unsupported_property(path: str) -> Refusal:
    """2010: a field that the entity does not have."""
    return Refusal(
        "2010",
        "Request has invalid or unsupported property",
        f"Property Name:{path} is unsupported or invalid",
        path,
    )


def missing(element: str) -> Refusal:
    """2020: a required field is not there."""
    return Refusal("2020", "Required param missing", f"Required parameter {element} is missing in the request", element)


def wrong_length(element: str, longest: int, supplied: int) -> Refusal:
    """2050: a text too long."""
    return Refusal(
        "2050",
        "String length is either shorter or longer than supported by specification",
        f"String length specified does not match the supported length. Min:0 Max:{longest} supplied:{supplied}",
        element,
    )


def bad_date(element: str, value: object) -> Refusal:
    """2060: no date of the form YYYY-MM-DD."""
    return Refusal("2060", "Invalid date format", f"Invalid date format : {value}", element)


def bad_number(element: str, value: object) -> Refusal:
    """2090: no number, or one with too many digits."""
    return Refusal("2090", "Invalid Number", f"Invalid Number : {value}", element)


def bad_enum(element: str, value: object) -> Refusal:
    """2170: a word outside the list."""
    return Refusal("2170", "Invalid Enumeration", f"Invalid Enumeration : {value}", element)


def unknown_reference(internal_name: str, entity_id: str, element: str) -> Refusal:
    """2500, with the service's own names for lists: Accounts, Names, Klasses, Depts, Items."""
    return Refusal(
        "2500",
        "Invalid Reference Id",
        f"Invalid Reference Id : {internal_name} element id {entity_id} not found",
        element,
    )


def not_found(element: str = "") -> Refusal:
    """610: an unknown or deleted id, or a reference to something inactive."""
    return Refusal(
        "610",
        "Object Not Found",
        "Object Not Found : Something you're trying to use has been made inactive. Check the fields with "
        "accounts, customers, items, vendors or employees.",
        element,
    )


def stale() -> Refusal:
    """5010: the SyncToken is not the current one."""
    return Refusal(
        "5010",
        "Stale Object Error",
        "Stale Object Error : You and ... were working on this at the same time.",
    )


def business(detail: str, element: str = "") -> Refusal:
    """6000: a rule of the business, told in `detail`."""
    return Refusal(
        "6000",
        "A business validation error has occurred while processing your request",
        f"Business Validation Error: {detail}",
        element,
    )


def feature_off(detail: str, element: str = "") -> Refusal:
    """5030: the company's plan or preferences lack the feature."""
    return Refusal("5030", "Feature Not Supported Error", f"Feature Not Supported Error : {detail}", element)


def wrong_account_type(detail: str, element: str) -> Refusal:
    """6430: an account of a type that does not fit there."""
    return Refusal("6430", "Invalid account type", f"Invalid account type : {detail}", element)


def duplicate_name(entity_id: str) -> Refusal:
    """6240: names are unique over vendors, customers and employees together."""
    return Refusal("6240", "Duplicate Name Exists Error", f"The name supplied already exists. : Id={entity_id}")


def duplicate_number(number: str, txn_type: str, txn_id: str) -> Refusal:
    """6140: only where the company warns of duplicate numbers."""
    return Refusal(
        "6140",
        "Duplicate Document Number Error",
        f"Duplicate Document Number Error : DocNumber={number} is taken by TxnType={txn_type} TxnId={txn_id}",
    )


def period_closed(code: str = "6210") -> Refusal:
    """6210 (or 6200): the transaction date is not after the closing date."""
    return Refusal(
        code,
        "Account Period Closed, Cannot Update Through Services API",
        "The account period has closed and the account books cannot be updated through through the QBO "
        "Services API. Please use the QBO website to make these changes.",
    )


def unsupported_operation(detail: str) -> Refusal:
    """500: no such entity, operation or encoding."""
    return Refusal("500", "Unsupported Operation", f"Operation {detail} is not supported.")


def query_unreadable(detail: str) -> Refusal:
    """4000: the statement cannot be parsed."""
    return Refusal("4000", "Error parsing query", f"QueryParserError: {detail}")


def query_invalid(detail: str) -> Refusal:
    """4001: the statement can be parsed but not answered."""
    return Refusal("4001", "Invalid query", f"QueryValidationError: {detail}")


def bad_request_id(detail: str) -> Refusal:
    """2130: a requestid or bId that is too long."""
    return Refusal("2130", "Invalid Request Id Format", f"Invalid Request Id Format : {detail}")


def batch_too_big(size: int, most: int) -> Refusal:
    """1040: more items than a batch may have."""
    return Refusal("1040", "Batch size exceeds the limit", f"{size} items were sent, {most} are the most allowed.")


def system_failure() -> Refusal:
    """10000, with HTTP 500."""
    return Refusal(
        "10000",
        "An application error has occurred while processing your request",
        "System Failure Error: simulated",
        status=500,
        kind="SystemFault",
    )
