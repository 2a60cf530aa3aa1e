"""Procore's error answers. v1 is not uniform, so each error knows its reported shape; a switch can force another.

Source: documentation/api_essentials/error_reference.md and troubleshooting.md, and shapes seen by third parties.
"""

from __future__ import annotations

from simulators.procore.wire import Wire

NO_ACCESS = "You do not have sufficient access to complete that action"
NOT_CONNECTED = "App is not connected to this company."
MISSING_COMPANY = (
    "Missing Procore-Company-Id header! Please update your API call to include the Procore-Company-Id header."
)
OVER_LIMIT = "You have surpassed the max number of requests for an hour. Please wait until your limit resets."
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    406: "NOT_ACCEPTABLE",
    409: "CONFLICT",
    422: "UNPROCESSABLE_ENTITY",
    429: "TOO_MANY_REQUESTS",
}


class ApiError(Exception):
    """An answer other than success. `shape` is the body shape reported for this error."""

    def __init__(
        self,
        status: int,
        text: str,
        shape: str = "message",
        *,
        field: str = "base",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.shape = shape
        self.field = field
        self.headers = headers or {}

    def body(self, forced_shape: str) -> Wire:
        """The JSON body, in this error's own shape when `forced_shape` is `mixed`."""
        shape = self.shape if forced_shape == "mixed" else forced_shape
        code = _CODES.get(self.status, "ERROR")
        bodies: dict[str, Wire] = {
            "errors_list": {"errors": [self.text]},
            "errors_object": {"errors": {self.field: [self.text]}},
            "errors_text": {"errors": self.text},
            "error_text": {"error": self.text},
            "message": {"message": self.text},
            "message_exception": {"message": self.text, "exception": f"Procore::{code.title()}"},
            "code_message": {"code": self.status, "message": self.text, "fields": ""},
            "reason_error": {"reason": self.text, "error": code.lower()},
            "v2": {
                "error": {
                    "code": code,
                    "message": self.text,
                    "details": [{"reason_code": code, "message": self.text, "source": self.field}],
                }
            },
        }
        return bodies[shape]


def missing_parameter(name: str) -> ApiError:
    return ApiError(400, f"param is missing or the value is empty: {name}", field=name)


def bad_parameter(name: str) -> ApiError:
    return ApiError(400, f"{name} does not have a valid value", "error_text", field=name)


def not_found() -> ApiError:
    """Not there, or not visible to the caller: Procore answers both alike."""
    return ApiError(404, "Not Found", "errors_text")


def no_access() -> ApiError:
    return ApiError(403, NO_ACCESS, "errors_text")


def refused(field: str, text: str) -> ApiError:
    """A business rule said no: 422 with the field named."""
    return ApiError(422, text, "errors_object", field=field)


def unauthorized(text: str) -> ApiError:
    return ApiError(401, text, "code_message", headers={"WWW-Authenticate": 'Bearer realm="Procore"'})
