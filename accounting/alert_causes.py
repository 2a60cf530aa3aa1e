"""From what is the case in a company to the causes that need a person, one each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from accounting.alerts import AlertKind, Audience, Cause
from accounting.blockers import EXPLANATIONS, BlockerReason, Hold, Owner
from accounting.connection_states import ConnectionState, ExpiryReason
from accounting.hard_end import days_to_warn_of
from accounting.money import ZERO
from accounting.procore_access import ProcoreAccess, company_sentence
from accounting.states import Badge
from accounting.text import one_line, shortened
from accounting.work_list import SHARED

# A PC that is off over night, or over a weekend, is no reason to write to anybody.
SILENT_WORKING_TIME = timedelta(hours=24)
SATURDAY = 5
KEY_LENGTH = 255
TITLE_LENGTH = 200


@dataclass(frozen=True)
class ConnectionFacts:
    """One live connection as it stands. Times are UTC; ids are text.

    ``heard_at`` is when a company file's Web Connector last signed in, or when the file was connected; None for
    QuickBooks Online. ``waiting`` and ``amount`` are the invoices that wait for the connection alone.
    """

    connection_id: str
    name: str
    state: ConnectionState
    expiry: ExpiryReason | None
    hard_end: datetime | None
    heard_at: datetime | None
    trouble: str | None
    waiting: int = 0
    amount: Decimal = ZERO


@dataclass(frozen=True)
class HeldInvoices:
    """Invoices that one open reason holds: with a subject in common where one click clears them all.

    ``invoice_id`` is set where it is a single one.
    """

    reason: BlockerReason
    connection_id: str | None
    subject_key: str
    subject: str
    invoice_id: str | None
    count: int
    amount: Decimal


class BillTrouble(StrEnum):
    """What may become true of a bill that is in QuickBooks; its value is part of the cause's key."""

    CHANGED = "changed"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"
    NO_PAYMENT_FOUND = "no_payment_found"


@dataclass(frozen=True)
class TroubledBills:
    """Bills of one connection in the same trouble."""

    trouble: BillTrouble
    connection_id: str | None
    invoice_id: str | None
    count: int
    amount: Decimal


_BADGES = {
    BillTrouble.CHANGED: Badge.CHANGED_AFTER_POSTING,
    BillTrouble.REMOVED: Badge.REMOVED_IN_QUICKBOOKS,
    BillTrouble.WITHDRAWN: Badge.APPROVAL_WITHDRAWN,
    BillTrouble.NO_PAYMENT_FOUND: Badge.PAID_NO_PAYMENT_FOUND,
}
_BILL_SENTENCES = {
    BillTrouble.CHANGED: "Procore and QuickBooks no longer agree on what was posted. Look at both and decide.",
    BillTrouble.REMOVED: "The bill was deleted or voided in QuickBooks. It is not posted again unless you say so.",
    BillTrouble.WITHDRAWN: "Approval withdrawn in Procore, but the bill is in QuickBooks. Decide what becomes of it.",
    BillTrouble.NO_PAYMENT_FOUND: "QuickBooks shows the bill as paid, but no payment of it was found. Confirm on the "
    "invoice how much of it the vendor was paid.",
}
# What each of these is about, where every invoice is a matter of its own.
_MATTERS = {
    BlockerReason.OWN_SERVICE_ACCOUNT: "Created in Procore by inBuild's own account",
    BlockerReason.APPROVAL_DATE_UNKNOWN: "Approval date unknown",
    BlockerReason.REAPPROVED_CHANGED: "Approved again with other amounts",
    BlockerReason.COST_CODE_MISSING: "Lines without a cost code",
    BlockerReason.REJECTED_LINE: "Rejected lines that carry money",
    BlockerReason.FRACTION_OF_CENT: "Amounts with a fraction of a cent",
    BlockerReason.AMOUNTS_DISAGREE: "Lines that do not add up",
    BlockerReason.SMALL_DIFFERENCE: "Lines that are a few cents off",
    BlockerReason.TAX: "Tax that does not fit",
    BlockerReason.CURRENCY: "Invoices in another currency",
    BlockerReason.NEGATIVE_TOTAL: "Negative amounts due",
    BlockerReason.LIKELY_DUPLICATE: "Likely in QuickBooks already",
    BlockerReason.POSTED_ELSEWHERE: "Posted in other books before",
    BlockerReason.LIEN_WAIVER: "Lien waivers missing",
    BlockerReason.REVIEW: "Bills to review",
    BlockerReason.UNREADABLE: "Requisitions that could not be read",
    BlockerReason.REFUSED_BY_QUICKBOOKS: "Refused by QuickBooks",
    BlockerReason.OUR_BUG: "Something went wrong on inBuild's side",
}
CONNECTIONS = "/settings/accounting-integrations"
INVOICES = "/invoices"


def connection_causes(connections: Iterable[ConnectionFacts], now: datetime, here: ZoneInfo) -> list[Cause]:
    """What is the matter with connections; ``here`` is the company's own time zone."""
    causes: list[Cause] = []
    for one in connections:
        if one.state is ConnectionState.EXPIRED:
            said = one.expiry.sentence if one.expiry else "Reconnect to go on."
            causes.append(_of_connection(one, "expired", f"The connection to {one.name} has expired", said, holds=True))
        if one.state is not ConnectionState.ACTIVE:
            continue
        if (days := days_to_warn_of(one.hard_end, now)) is not None and one.hard_end is not None:
            end = f"{one.hard_end:%B} {one.hard_end.day}, {one.hard_end.year}"
            said = "No use of the connection moves that day. Reconnect before then to go on without a break."
            causes.append(
                _of_connection(one, f"ending:{days}", f"QuickBooks ends {one.name}'s authorization on {end}", said)
            )
        if one.trouble is not None:
            causes.append(_of_connection(one, "trouble", f"The Web Connector of {one.name} is refused", one.trouble))
        elif one.heard_at is not None and working_time(one.heard_at, now, here) >= SILENT_WORKING_TIME:
            heard = one.heard_at.astimezone(here)
            title = f"{one.name} has not been heard from since {heard:%b} {heard.day}, {heard:%H:%M}"
            said = (
                "The PC is off or asleep, or the Web Connector is closed. Once it runs, invoices go on by themselves."
            )
            causes.append(_of_connection(one, "silent", title, said, holds=True))
    return causes


def _of_connection(one: ConnectionFacts, what: str, title: str, sentence: str, *, holds: bool = False) -> Cause:
    return _cause(
        key=f"connection:{one.connection_id}:{what}",
        kind=AlertKind.CONNECTION,
        audience=Audience.ADMINS,
        title=title,
        sentence=sentence,
        path=CONNECTIONS,
        count=one.waiting if holds else 0,
        amount=one.amount if holds else ZERO,
    )


def working_time(since: datetime, until: datetime, here: ZoneInfo) -> timedelta:
    """How much of the time between two instants is Monday to Friday in this zone; zero where ``until`` is earlier."""
    at, end, counted = since.astimezone(here), until.astimezone(here), timedelta(0)
    while at < end:
        midnight = datetime.combine(at.date() + timedelta(days=1), datetime.min.time(), here)
        step = min(midnight, end)
        if at.weekday() < SATURDAY:
            # Between instants, not wall clocks: a day may have 23 or 25 hours.
            counted += timedelta(seconds=step.timestamp() - at.timestamp())
        at = step
        if counted >= SILENT_WORKING_TIME:
            break
    return counted


def procore_causes(access: ProcoreAccess) -> list[Cause]:
    """Procore does not let inBuild in."""
    if access is ProcoreAccess.OK:
        return []
    title = "Procore does not let inBuild in"
    return [
        Cause(
            f"procore:{access}",
            AlertKind.CONNECTION,
            Audience.ADMINS,
            title,
            company_sentence(access),
            "/settings/procore",
        )
    ]


def webhook_causes(switched_off: Iterable[tuple[str, str, str]]) -> list[Cause]:
    """Outgoing webhooks that were switched off: (id, host, why) each."""
    return [
        Cause(
            key=f"webhook:{endpoint_id}:off",
            kind=AlertKind.CONNECTION,
            audience=Audience.ADMINS,
            title=f"The webhook to {host} was switched off",
            sentence=f"{why} Nothing is sent there until a company admin switches it on again.",
            path="/settings/webhooks",
        )
        for endpoint_id, host, why in switched_off
    ]


def held_causes(held: Iterable[HeldInvoices]) -> list[Cause]:
    """Invoices that wait for a person. What clears by itself, or with its connection, is no cause of its own."""
    return [_held(one) for one in held]


def _held(one: HeldInvoices) -> Cause:
    explanation = EXPLANATIONS[one.reason]
    shared = one.reason in SHARED
    title = _MATTERS.get(one.reason) or f"{explanation.button or ''} {one.subject}"
    sentence = Hold(one.reason, one.subject).sentence
    if not shared and one.count > 1:
        sentence = "Each of these invoices waits for a decision of its own. The list tells which."
    narrowed = {"blocker": one.reason.value, **({"subject": one.subject_key} if shared and one.subject_key else {})}
    return _cause(
        key=f"held:{one.reason}:{one.connection_id or '-'}:{one.subject_key if shared else ''}",
        kind=AlertKind.INVOICE_HELD,
        audience=Audience.ADMINS if explanation.owner is Owner.ADMIN else Audience.ACCOUNTANTS,
        title=title,
        sentence=sentence,
        path=f"{INVOICES}/{one.invoice_id}" if one.invoice_id else f"{INVOICES}?{urlencode(narrowed)}",
        count=one.count,
        amount=one.amount,
    )


def bill_causes(bills: Iterable[TroubledBills]) -> list[Cause]:
    """Bills that are in QuickBooks and need a look."""
    return [
        _cause(
            key=f"bill:{one.trouble}:{one.connection_id or '-'}",
            kind=AlertKind.BILL,
            audience=Audience.ACCOUNTANTS,
            title=_BADGES[one.trouble].value,
            sentence=_BILL_SENTENCES[one.trouble],
            path=f"{INVOICES}/{one.invoice_id}"
            if one.invoice_id
            else f"{INVOICES}?{urlencode({'status': _BADGES[one.trouble].value})}",
            count=one.count,
            amount=one.amount,
        )
        for one in bills
    ]


def _cause(
    *,
    key: str,
    kind: AlertKind,
    audience: Audience,
    title: str,
    sentence: str,
    path: str,
    count: int = 0,
    amount: Decimal = ZERO,
) -> Cause:
    # Subjects are people's text: a title is a mail's subject line too.
    return Cause(
        key[:KEY_LENGTH],
        kind,
        audience,
        shortened(one_line(title), TITLE_LENGTH),
        one_line(sentence),
        path,
        count,
        amount,
    )
