"""The words of mails: short subjects, everything escaped, and no mail of a thousand lines."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.alert_digest import Digest, Waiting
from accounting.alert_mail import as_html, as_text, mail_of_alerts, mail_of_digest
from accounting.alerts import AlertKind, Audience, Cause

SITE = "https://sync.example.com"


def cause(number: int, title: str = "Map budget code") -> Cause:
    held = AlertKind.INVOICE_HELD
    return Cause(
        str(number), held, Audience.ACCOUNTANTS, f"{title} {number}", "Why & how.", f"/{number}", 1, Decimal(number)
    )


def test_one_thing_is_the_subject() -> None:
    mail = mail_of_alerts([cause(3)], "Hartwell", SITE)
    assert mail.subject == "Hartwell: Map budget code 3 (1 invoice, $3.00)"
    text = as_text(mail)
    assert "* Map budget code 3 - 1 invoice, $3.00\n  Why & how.\n  https://sync.example.com/3\n" in text
    assert "Change what you are told: https://sync.example.com/alerts/preferences" in text


def test_of_many_the_most_money_is_named_and_the_rest_counted() -> None:
    mail = mail_of_alerts([cause(number) for number in range(1, 301)], "Hartwell", SITE)
    assert mail.subject == "Hartwell: Map budget code 300 (1 invoice, $300.00) and 299 more"
    (section,) = mail.sections
    assert len(section.lines) == 16
    assert (section.lines[-1].title, section.lines[-1].link) == ("And 285 more", f"{SITE}/alerts")


def test_nothing_is_no_mail() -> None:
    with pytest.raises(ValueError, match="needs one"):
        mail_of_alerts([], "Hartwell", SITE)


def test_peoples_text_is_shown_and_does_nothing() -> None:
    mail = mail_of_alerts([cause(1, "<script>alert(1)</script>")], "A\r\nBcc: b@example.test", SITE)
    assert mail.subject.startswith("A Bcc: b@example.test: <script>")
    html = as_html(mail)
    assert "<script>" not in html and "&lt;script&gt;alert(1)" in html and "Why &amp; how." in html


def test_a_digest_says_what_needs_you_first() -> None:
    digest = Digest(
        date(2026, 7, 14), (30, Decimal("412906.11")), (Waiting("Paused", 2, Decimal(20)),), (cause(1), cause(2))
    )
    mail = mail_of_digest(digest, "Hartwell", SITE)
    assert mail.subject == "Hartwell: 30 bills, $412,906.11 · 2 things need you"
    titles = [section.title for section in mail.sections]
    assert titles == ["What needs you", "Yesterday, July 14", "What waits"]
    assert mail.sections[1].lines[0].title == "30 bills, $412,906.11"
    assert mail.sections[2].lines[0].held == "2 invoices, $20.00"
