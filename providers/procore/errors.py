"""What can go wrong with Procore, and what the caller does about it.

    ProcoreError
    ├── ProcoreRetryable              try the same call again
    │   ├── ProcoreUnavailable        no answer, 408 or 5xx: after `retry_after`, else back off
    │   ├── ProcoreRateLimited        429: not before `wait(now)` has passed
    │   └── ProcoreUnreadable         truncated, HTML, empty or of another shape: back off; still so after
    │                                 some attempts: our bug
    ├── ProcoreAccessError            ask a person; never read as deleted data
    │   ├── ProcoreUnauthorized       401 even with a fresh token
    │   │   ├── ProcoreGrantRefused   code or refresh token used, expired or revoked: sign in again
    │   │   └── ProcoreClientRefused  client id or secret wrong: whoever runs inBuild mends the settings
    │   ├── ProcoreAppNotInstalled    a company admin installs or reconnects the app in Procore
    │   ├── ProcoreForbidden          403: tool permission or permitted project missing
    │   └── ProcoreNotFound           404: not there, or not visible to us; Procore does not say which
    ├── ProcoreRejected               400, 406 and other 4xx: our bug; 409 and 422: a rule of Procore's,
    │                                 whose text a person can act on
    └── ProcoreAttachmentTooLarge     the file passes the cap: go on without it and say so

Messages hold no token, code, secret or document: they may be logged and stored.

Procore: documentation/api_essentials/error_reference.md and documentation/api_essentials/troubleshooting.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta

__all__ = [
    "ProcoreAccessError",
    "ProcoreAppNotInstalled",
    "ProcoreAttachmentTooLarge",
    "ProcoreClientRefused",
    "ProcoreError",
    "ProcoreForbidden",
    "ProcoreGrantRefused",
    "ProcoreNotFound",
    "ProcoreRateLimited",
    "ProcoreRejected",
    "ProcoreRetryable",
    "ProcoreUnauthorized",
    "ProcoreUnavailable",
    "ProcoreUnreadable",
]


class ProcoreError(Exception):
    """Base of all; `str()` is one sentence fit for a log.

    `reason` is Procore's own text, or ours where it gave none. `status` is None where no answer came.
    `request_id` is Procore's `x-request-id`, which its support asks for.
    """

    def __init__(
        self,
        reason: str,
        *,
        call: str,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        self.reason = reason
        self.call = call
        self.status = status
        self.code = code
        self.request_id = request_id
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        answered = "" if self.status is None else f" answered {self.status}"
        trace = "" if self.request_id is None else f" (Procore request {self.request_id})"
        return f"{self.call}{answered}: {self.reason}{trace}"


class ProcoreRetryable(ProcoreError):
    """The same call may succeed later."""


class ProcoreUnavailable(ProcoreRetryable):
    """Procore gave no usable answer; `retry_after` is what its Retry-After header asked for, if it did."""

    def __init__(
        self,
        reason: str,
        *,
        call: str,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        self.retry_after = retry_after
        super().__init__(reason, call=call, status=status, code=code, request_id=request_id)


class ProcoreRateLimited(ProcoreRetryable):
    """The hourly or the 10-second allowance is used up (Procore:
    documentation/plan_your_app/rate_limiting.md).

    `resets_at` is X-Rate-Limit-Reset in UTC by Procore's clock, `retry_after` the Retry-After header;
    either may be missing.
    """

    def __init__(
        self,
        reason: str,
        *,
        call: str,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        resets_at: datetime | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        self.resets_at = resets_at
        self.retry_after = retry_after
        super().__init__(reason, call=call, status=status, code=code, request_id=request_id)

    def wait(self, now: datetime) -> timedelta | None:
        """How long to wait from `now`: Retry-After, else until the reset; None where Procore named
        neither.
        """
        if self.retry_after is not None:
            return self.retry_after
        if self.resets_at is None:
            return None
        # Its longest window is an hour: a clock that is wrong must not park a company for longer.
        return min(max(self.resets_at - now, timedelta(0)), timedelta(hours=1))


class ProcoreUnreadable(ProcoreRetryable):
    """An answer came and is not what the reference promises."""


class ProcoreAccessError(ProcoreError):
    """Procore does not let us; a person has to change something there or sign in."""


class ProcoreUnauthorized(ProcoreAccessError):
    """The access token is refused, and so was a fresh one."""


class ProcoreGrantRefused(ProcoreUnauthorized):
    """The code or the refresh token is refused: the user must sign in again."""


class ProcoreClientRefused(ProcoreUnauthorized):
    """Our client id or secret is refused."""


class ProcoreAppNotInstalled(ProcoreAccessError):
    """Our app is not connected to this Procore company."""


class ProcoreForbidden(ProcoreAccessError):
    """The permission, the tool or the project is not open to this user or service account."""


class ProcoreNotFound(ProcoreAccessError):
    """Not there or not visible: a lost permission looks the same, so this proves no deletion."""


class ProcoreRejected(ProcoreError):
    """Procore read the call and refuses it as it stands; sending it again cannot help."""


class ProcoreAttachmentTooLarge(ProcoreError):
    """The file is larger than the caller allows; nothing of it was kept."""
