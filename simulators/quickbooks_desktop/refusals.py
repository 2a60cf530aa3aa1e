"""Why a request inside a message set fails, or only half succeeds: QuickBooks' status codes.

Source: QuickBooks SDK documentation, "Status codes in response messages"; codes 9001 to 9005, "Error recovery".
"""

from __future__ import annotations

OK, NO_MATCH, PARTIAL = 0, 1, 500
NOT_RECORDED, DIFFERENT_CONTENT, NOTHING_STORED, ID_TOO_LONG = 600, 9001, 9002, 9004


class Refusal(Exception):
    """One request is refused with `code` and `text`; nothing of it was done."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def severity(code: int) -> str:
    """The statusSeverity that belongs to a code."""
    if code < 500:
        return "Info"
    return "Warn" if code < 1000 else "Error"


def unsupported(message: str) -> Refusal:
    """1030: this QuickBooks does not know the message."""
    return Refusal(1030, f"This edition of QuickBooks does not support {message}.")


def bad_request_id() -> Refusal:
    """1060: requestID is over 50 characters."""
    return Refusal(1060, "The request ID is invalid: it has more than 50 characters.")


def bad_object_id(given: str, field: str) -> Refusal:
    """3000: an id of a kind that does not exist, or of an object that is gone."""
    return Refusal(3000, f'The given object ID "{given}" in the field "{field}" is invalid.')


_CONVERSIONS = {
    "BOOLTYPE": (3010, "Boolean value"),
    "DATETYPE": (3020, "date value"),
    "DATETIMETYPE": (3035, "date and time value"),
    "AMTTYPE": (3040, "amount"),
    "PRICETYPE": (3045, "price"),
    "PERCENTTYPE": (3050, "percent"),
    "QUANTYPE": (3060, "quantity"),
    "GUIDTYPE": (3065, "GUID value"),
    "INTTYPE": (3085, "number"),
    "FLOATTYPE": (3085, "number"),
}


def unreadable(kind: str, given: str, field: str) -> Refusal:
    """3010 to 3085: the text is no value of the field's type."""
    code, noun = _CONVERSIONS[kind]
    return Refusal(code, f'There was an error when converting the {noun} "{given}" in the field "{field}".')


def bad_range(field: str, *, of_text: bool = False) -> Refusal:
    """3030 and 3031: a range that ends before it begins."""
    return Refusal(3031 if of_text else 3030, f'The range in the field "{field}" is invalid.')


def too_long(given: str, field: str, most: int) -> Refusal:
    """3070: more characters than the field holds."""
    return Refusal(3070, f'The string "{given}" in the field "{field}" is too long. The maximum length is {most}.')


def name_in_use(name: str) -> Refusal:
    """3100: a customer, vendor, employee or other name has it already."""
    return Refusal(3100, f'The name "{name}" of the list element is already in use.')


def bad_enum(given: str, field: str) -> Refusal:
    """3110: a word that the field does not know."""
    return Refusal(3110, f'The value "{given}" in the field "{field}" is not a known value.')


def not_found(given: str) -> Refusal:
    """3120: the object to change, delete or void is not there."""
    return Refusal(3120, f'Object "{given}" specified in the request cannot be found.')


def invalid_reference(kind: str, given: str, within: str) -> Refusal:
    """3140: a reference that leads nowhere."""
    return Refusal(
        3140,
        f'There is an invalid reference to QuickBooks {kind} "{given}" in the {within}. QuickBooks error message: '
        "Invalid argument. The specified record does not exist in the list.",
    )


def required(field: str) -> Refusal:
    """3150: a field that this QuickBooks insists on."""
    return Refusal(3150, f'There is a missing element: "{field}".')


def cannot_delete(kind: str, given: str) -> Refusal:
    """3160: something else hangs on it."""
    return Refusal(3160, f'The {kind} "{given}" cannot be deleted: other transactions are linked to it.')


def closed_period(kind: str) -> Refusal:
    """3171: dated on or before the closing date."""
    return Refusal(
        3171,
        f"An attempt was made to modify a {kind} with a date that is on or before the closing date of the company.",
    )


def cannot_save(kind: str, reason: str) -> Refusal:
    """3180: QuickBooks would not save, for the reason in the text."""
    return Refusal(3180, f"There was an error when saving a {kind}. QuickBooks error message: {reason}")


def cannot_void(kind: str, given: str) -> Refusal:
    """3190: it cannot be voided."""
    return Refusal(3190, f'The {kind} "{given}" could not be voided.')


def stale(given: str) -> Refusal:
    """3200: somebody has saved the object since."""
    return Refusal(3200, f'The provided edit sequence "{given}" is out-of-date.')


def bad_value(given: str, field: str, reason: str) -> Refusal:
    """3210: well-formed, yet not acceptable here."""
    return Refusal(3210, f'The value "{given}" in the field "{field}" is not acceptable: {reason}')


def not_processed() -> Refusal:
    """3231: an earlier request of the set failed and the set said stopOnError."""
    return Refusal(3231, "The request has not been processed.")


def feature_off(feature: str) -> Refusal:
    """3250: the company does not use that feature."""
    return Refusal(3250, f"This feature is not enabled or not available in this version of QuickBooks: {feature}.")


def no_permission(what: str) -> Refusal:
    """3260: the QuickBooks user may not."""
    return Refusal(3260, f"Insufficient permission level to perform this action: {what}.")


def no_personal_data(field: str) -> Refusal:
    """3261: the application was not given access to personal data."""
    return Refusal(3261, f'The application has no permission to access the sensitive data in the field "{field}".')
