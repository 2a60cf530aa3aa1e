"""Every way a call to QuickBooks Online can end badly, and what the caller does about it.

QuickBooksOnlineError
├── RequestNotSent          nothing left this machine            → again, same requestid
├── OutcomeUnclear          a write (or a token call) may have   → look the work up; if it is not there, the
│                           been done; nobody can say               same bytes under the same requestid
├── ReadFailed              a read brought nothing usable        → again
│   ├── AnswerLost          time-out or broken connection
│   ├── AnswerUnreadable    HTML, empty, cut, not what was asked
│   └── ServiceFailure      5xx, or 10000 "System Failure"
├── Postponed               put off, and nobody is at fault      → wait `retry_after`, same requestid
│   ├── Throttled           429 or code 3001
│   └── CompanyUnavailable  130, 140, 150: moved, locked, in maintenance
├── ReconnectNeeded         the authorisation is gone            → stop this realm, ask an admin to reconnect
│   ├── AccessTokenRejected 3200, also with a fresh token
│   ├── AppNotAuthorized    3100, 3201, 3202: disconnected, or wrong environment
│   ├── UserLostAccess      120: the user who connected is no longer an admin there
│   └── GrantRefused        invalid_grant: the refresh token (or code) is dead
├── Refused                 read, understood, not done; will not be done however often it is sent
│   ├── MappingRefused      → fix the mapping, then a new draft
│   │   ├── InvalidReference        2500, with the kind of thing and its id
│   │   ├── MissingOrInactive       610: unknown id, or something in use was made inactive
│   │   ├── AccountTypeRefused      6430
│   │   └── TaxCodeRefused          6100, 6160, 6170
│   ├── PersonNeeded        → ask a person, with `sentence`
│   │   ├── PeriodClosed            6200, 6210
│   │   ├── DuplicateDocumentNumber 6140: query and adopt first
│   │   ├── DuplicateName           6240: never adopt a customer or employee
│   │   ├── NegativeAmountRefused   2290
│   │   ├── DependencyRefused       620, 630, 800, 6440, 6450, 6480, 6540
│   │   ├── SubscriptionEnded       6190: nothing of this realm can be written
│   │   ├── NotPermitted            5020
│   │   ├── FeatureNotAvailable     5030: the plan of this company lacks it
│   │   └── BusinessRuleRefused     6000, and every code this list does not know
│   ├── StaleObject         5010 → read again, merge, write with the new SyncToken
│   └── RequestDefect       → our bug: 500, 2010 … 2170, 4000 … 4002, 6030 … 6070
├── InvalidRequest          → our bug, found before anything was sent
├── ConsentRefused          the person said no on Intuit's page  → say so
├── CallbackInvalid         the browser came back with something → start again
│                           that is no answer to our request
└── ClientMisconfigured     Intuit does not know our client id or secret → the operator

A posting attempt is over only with `Refused`. With every other branch the attempt stays open and is sent
again unchanged. Codes and meanings: Intuit, develop/troubleshooting/error-codes and handling-common-errors.
"""

from __future__ import annotations

__all__ = [
    "AccessTokenRejected",
    "AccountTypeRefused",
    "AnswerLost",
    "AnswerUnreadable",
    "AppNotAuthorized",
    "BusinessRuleRefused",
    "CallbackInvalid",
    "ClientMisconfigured",
    "CompanyUnavailable",
    "ConsentRefused",
    "DependencyRefused",
    "DuplicateDocumentNumber",
    "DuplicateName",
    "FeatureNotAvailable",
    "GrantRefused",
    "InvalidReference",
    "InvalidRequest",
    "MappingRefused",
    "MissingOrInactive",
    "NegativeAmountRefused",
    "NotPermitted",
    "OutcomeUnclear",
    "PeriodClosed",
    "PersonNeeded",
    "Postponed",
    "QuickBooksOnlineError",
    "ReadFailed",
    "ReconnectNeeded",
    "Refused",
    "RequestDefect",
    "RequestNotSent",
    "ServiceFailure",
    "StaleObject",
    "SubscriptionEnded",
    "TaxCodeRefused",
    "Throttled",
    "UserLostAccess",
]


class QuickBooksOnlineError(Exception):
    """The root. `sentence` is fit for a customer; `str()` adds code and trace id for the log.

    code: QuickBooks' error code without leading zeros, or OAuth's error word; empty if there was none.
    element: the field QuickBooks names; often empty.
    message, detail: QuickBooks' own texts; empty if there were none.
    intuit_tid: Intuit's trace id, the one thing its support asks for.
    http_status: None if no answer came.
    """

    def __init__(
        self,
        summary: str,
        *,
        code: str = "",
        element: str = "",
        message: str = "",
        detail: str = "",
        intuit_tid: str = "",
        http_status: int | None = None,
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.code = code
        self.element = element
        self.message = message
        self.detail = detail
        self.intuit_tid = intuit_tid
        self.http_status = http_status

    @property
    def sentence(self) -> str:
        """What happened, in QuickBooks' words where it gave any."""
        return self.detail or self.message or self.summary

    def __str__(self) -> str:
        facts = [
            f"{name} {value}"
            for name, value in (
                ("HTTP", self.http_status),
                ("code", self.code),
                ("element", self.element),
                ("intuit_tid", self.intuit_tid),
            )
            if value
        ]
        return f"{self.sentence} ({', '.join(facts)})" if facts else self.sentence


class RequestNotSent(QuickBooksOnlineError):
    """The connection was never made, so the request cannot have been done."""


class OutcomeUnclear(QuickBooksOnlineError):
    """The request left, and no answer tells whether it was done."""


class ReadFailed(QuickBooksOnlineError):
    """A read brought nothing usable; reading again costs nothing but a metered call."""


class AnswerLost(ReadFailed):
    """The answer timed out or its connection broke."""


class AnswerUnreadable(ReadFailed):
    """An answer came that is not the one that was asked for."""


class ServiceFailure(ReadFailed):
    """QuickBooks failed inside."""


class Postponed(QuickBooksOnlineError):
    """Put off; the same request under the same requestid is good later."""

    retry_after: int = 60
    """Seconds to wait: what the answer's Retry-After says. Intuit documents none: else 60 s, its own advice
    (learn/limits-and-throttles)."""


class Throttled(Postponed):
    """Too many calls for this realm, by any app of the customer."""


class CompanyUnavailable(Postponed):
    """The company file is moved, locked or under maintenance."""

    retry_after = 300


class ReconnectNeeded(QuickBooksOnlineError):
    """Only a new consent by an admin of the QuickBooks company helps."""


class AccessTokenRejected(ReconnectNeeded):
    """The access token is not accepted; raised only after the token source gave a new one in vain."""


class AppNotAuthorized(ReconnectNeeded):
    """This app has no authorisation for this realm: disconnected there, or keys of the other environment."""


class UserLostAccess(ReconnectNeeded):
    """The person who connected has no access to the company any more."""


class GrantRefused(ReconnectNeeded):
    """Intuit answered `invalid_grant`: superseded, revoked or expired."""


class Refused(QuickBooksOnlineError):
    """Surely not done, and sending it again changes nothing."""


class MappingRefused(Refused):
    """Something the request points at is not usable."""


class InvalidReference(MappingRefused):
    """A referenced id does not exist. `reference_kind` is Intuit's internal word (see `faults`), or empty."""

    reference_kind: str = ""
    reference_id: str = ""


class MissingOrInactive(MappingRefused):
    """The object itself, or one it uses, is unknown or was made inactive."""


class AccountTypeRefused(MappingRefused):
    """The account is of a type that may not stand there."""


class TaxCodeRefused(MappingRefused):
    """The tax code of a line or of the bill is not allowed."""


class PersonNeeded(Refused):
    """The books or their settings forbid it; a person decides."""


class PeriodClosed(PersonNeeded):
    """The date lies in a closed period."""


class DuplicateDocumentNumber(PersonNeeded):
    """The company refuses a bill number twice, and this one exists."""


class DuplicateName(PersonNeeded):
    """Vendors, customers and employees share one set of names, and this one is taken."""


class NegativeAmountRefused(PersonNeeded):
    """A negative line was not accepted."""


class DependencyRefused(PersonNeeded):
    """Another transaction depends on this one or blocks it."""


class SubscriptionEnded(PersonNeeded):
    """The customer's QuickBooks subscription has ended or has a billing problem."""


class NotPermitted(PersonNeeded):
    """The connected user may not do this."""


class FeatureNotAvailable(PersonNeeded):
    """The company's QuickBooks plan or settings lack this feature."""


class BusinessRuleRefused(PersonNeeded):
    """QuickBooks refuses for a reason that only its own sentence tells."""


class StaleObject(Refused):
    """Somebody changed the object since it was read."""


class RequestDefect(Refused):
    """The request was malformed."""


class InvalidRequest(QuickBooksOnlineError):
    """A request that QuickBooks would refuse for its form; stopped here."""


class ConsentRefused(QuickBooksOnlineError):
    """The authorisation page was left with an OAuth error; `code` holds it (`access_denied`)."""


class CallbackInvalid(QuickBooksOnlineError):
    """The callback lacks its code or realm id, or carries a foreign state."""


class ClientMisconfigured(QuickBooksOnlineError):
    """Client id, secret or redirect URI are not the ones registered with Intuit."""
