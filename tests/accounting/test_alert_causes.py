"""From what is the case to the causes that need a person, one each, in words and with a way to clear them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from accounting.alert_causes import (
    BillTrouble,
    ConnectionFacts,
    HeldInvoices,
    TroubledBills,
    bill_causes,
    connection_causes,
    held_causes,
    procore_causes,
    webhook_causes,
    working_time,
)
from accounting.alerts import AlertKind, Audience
from accounting.blockers import WAITS, BlockerReason
from accounting.connection_states import ConnectionState, ExpiryReason
from accounting.procore_access import ProcoreAccess

NEW_YORK = ZoneInfo("America/New_York")
# A Thursday, 10:00 in New York.
NOW = datetime(2026, 7, 16, 14, tzinfo=UTC)
FACTS = ConnectionFacts("c1", "Hartwell LLC", ConnectionState.ACTIVE, None, None, None, None, 3, Decimal("300.00"))


def keys(facts: ConnectionFacts, now: datetime = NOW) -> list[str]:
    return [cause.key for cause in connection_causes([facts], now, NEW_YORK)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (FACTS, []),
        (replace(FACTS, state=ConnectionState.EXPIRED), ["connection:c1:expired"]),
        (replace(FACTS, state=ConnectionState.DISCONNECTED, trouble="x"), []),
        (replace(FACTS, hard_end=NOW + timedelta(days=31)), []),
        # Each of the three warnings is a cause of its own.
        (replace(FACTS, hard_end=NOW + timedelta(days=29)), ["connection:c1:ending:30"]),
        (replace(FACTS, hard_end=NOW + timedelta(days=14)), ["connection:c1:ending:14"]),
        (replace(FACTS, hard_end=NOW + timedelta(days=2)), ["connection:c1:ending:3"]),
        (replace(FACTS, heard_at=NOW - timedelta(hours=23)), []),
        (replace(FACTS, heard_at=NOW - timedelta(hours=24)), ["connection:c1:silent"]),
        # Refused says more than silent.
        (replace(FACTS, heard_at=NOW - timedelta(days=9), trouble="Another file."), ["connection:c1:trouble"]),
    ],
)
def test_what_is_the_matter_with_a_connection(facts: ConnectionFacts, expected: list[str]) -> None:
    assert keys(facts) == expected


def test_a_pc_that_is_off_over_the_weekend_is_no_alert() -> None:
    friday = datetime(2026, 7, 10, 17, 42, tzinfo=NEW_YORK)
    silent = replace(FACTS, heard_at=friday)
    assert keys(silent, datetime(2026, 7, 13, 8, tzinfo=NEW_YORK)) == []
    assert keys(silent, datetime(2026, 7, 13, 17, 41, tzinfo=NEW_YORK)) == []
    (cause,) = connection_causes([silent], datetime(2026, 7, 13, 17, 42, tzinfo=NEW_YORK), NEW_YORK)
    assert cause.title == "Hartwell LLC has not been heard from since Jul 10, 17:42"
    assert (cause.count, cause.amount) == (3, Decimal("300.00"))


def test_an_expired_connection_says_why_what_waits_and_where_to_go() -> None:
    expired = replace(FACTS, state=ConnectionState.EXPIRED, expiry=ExpiryReason.USER_LOST_ACCESS)
    (cause,) = connection_causes([expired], NOW, NEW_YORK)
    assert cause.sentence == ExpiryReason.USER_LOST_ACCESS.sentence
    assert (cause.held, cause.path) == ("3 invoices, $300.00", "/settings/accounting-integrations")
    assert (cause.kind, cause.audience) == (AlertKind.CONNECTION, Audience.ADMINS)


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-07-14T10:00", "2026-07-14T16:30", 6.5),
        ("2026-07-10T23:00", "2026-07-11T05:00", 1),
        ("2026-07-11T05:00", "2026-07-12T23:00", 0),
        ("2026-07-12T23:00", "2026-07-13T02:00", 2),
        ("2026-07-14T10:00", "2026-07-14T09:00", 0),
        # The clocks are set back in the night to Sunday, 1 November; Monday has 24 hours.
        ("2026-10-30T23:00", "2026-11-02T01:00", 2),
    ],
)
def test_only_weekdays_count(since: str, until: str, hours: float) -> None:
    begun = datetime.fromisoformat(since).replace(tzinfo=NEW_YORK)
    ended = datetime.fromisoformat(until).replace(tzinfo=NEW_YORK)
    assert working_time(begun, ended, NEW_YORK) == timedelta(hours=hours)


def test_procore_and_webhooks() -> None:
    assert procore_causes(ProcoreAccess.OK) == []
    (lost,) = procore_causes(ProcoreAccess.APP_NOT_INSTALLED)
    assert lost.key == "procore:app_not_installed" and "App Management" in lost.sentence
    (off,) = webhook_causes([("w1", "example.com", "It has taken nothing since July 14.")])
    assert (off.key, off.path) == ("webhook:w1:off", "/settings/webhooks")


def held(reason: BlockerReason, count: int = 2, invoice_id: str | None = None) -> HeldInvoices:
    return HeldInvoices(reason, "c1", "code:03-300", "03-300", invoice_id, count, Decimal(count * 100))


def test_invoices_held_for_one_decision() -> None:
    (cause,) = held_causes([held(BlockerReason.COST_CODE_UNMAPPED, 41)])
    assert cause.key == "held:cost_code_unmapped:c1:code:03-300"
    assert (cause.title, cause.held) == ("Map budget code 03-300", "41 invoices, $4,100.00")
    assert cause.path == "/invoices?blocker=cost_code_unmapped&subject=code%3A03-300"
    assert cause.audience is Audience.ACCOUNTANTS


def test_invoices_held_each_for_its_own() -> None:
    (several,) = held_causes([held(BlockerReason.LIKELY_DUPLICATE, 7)])
    assert (several.title, several.path) == ("Likely in QuickBooks already", "/invoices?blocker=likely_duplicate")
    assert several.key == "held:likely_duplicate:c1:"
    (single,) = held_causes([held(BlockerReason.LIKELY_DUPLICATE, 1, "i1")])
    assert single.path == "/invoices/i1" and "looks like this invoice: 03-300" in single.sentence
    # One more or one less is the same cause.
    assert single.key == several.key


def test_who_can_clear_it() -> None:
    audiences = {reason: held_causes([held(reason)])[0].audience for reason in BlockerReason if reason not in WAITS}
    for_admins = {reason for reason, audience in audiences.items() if audience is Audience.ADMINS}
    assert for_admins == {
        BlockerReason.APPROVAL_DATE_UNKNOWN,
        BlockerReason.PROJECT_UNROUTED,
        BlockerReason.AP_ACCOUNT_MISSING,
        BlockerReason.RETAINAGE_ACCOUNT_MISSING,
        BlockerReason.LOCK_DATE,
        BlockerReason.PROJECT_NOT_VISIBLE,
    }


def test_peoples_text_stays_on_one_line_and_short() -> None:
    subject = "Ernie's\r\nBcc: everybody\x00" + "x" * 500
    (cause,) = held_causes([replace(held(BlockerReason.VENDOR_UNMAPPED), subject=subject, subject_key="k" * 128)])
    assert "\n" not in cause.title and "\x00" not in cause.title and len(cause.title) == 200
    assert len(cause.key) <= 255


@pytest.mark.parametrize("trouble", BillTrouble)
def test_bills_that_need_a_look(trouble: BillTrouble) -> None:
    (cause,) = bill_causes([TroubledBills(trouble, "c1", None, 2, Decimal("200.00"))])
    assert (cause.kind, cause.key) == (AlertKind.BILL, f"bill:{trouble}:c1")
    assert cause.path.startswith("/invoices?status=")
