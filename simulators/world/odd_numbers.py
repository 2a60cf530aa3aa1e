"""Odd invoice numbers: blank, too long for QuickBooks, the same on two commitments."""

from __future__ import annotations

from simulators.world.requisitions import UNDER_REVIEW
from simulators.world.site import APRIL, JULY, JUNE, MAY, Site, done

LONG = (
    "HVE/2026/ALBANY/RIVERSIDE-MOB/0007",
    "Application for payment no. 6 for the period ending 06/30/26!",
    "Façade – 2026 – 05 – Restoration № 12",
    "2026-06-30-A-000000001",
)
EXACTLY_FITTING = "INV.2026.06.30.000077"
TWICE = (
    ("Pay App 3", "Pay App 3"),
    ("INV-0042", "inv 42"),
    ("#0007", "7."),
    ("Application for Payment 4", "application for payment #4"),
)


def add_odd_numbers(site: Site) -> None:
    """Every requisition here is otherwise plain and becomes a bill, unless it says so."""
    _blank(site)
    _long(site)
    _same_on_two_commitments(site)
    _same_as_an_unapproved_one(site)
    _same_with_two_vendors(site)


def _blank(site: Site) -> None:
    for number in (None, "", "   "):
        contract = site.contract("30000", "12500")
        site.approved(contract, MAY, done("6000"), done("2500.50")).invoice_number = number
    site.approved(contract, JUNE, done("4000"), done("1250.25")).invoice_number = ""


def _long(site: Site) -> None:
    for number in (*LONG, EXACTLY_FITTING):
        contract = site.contract("44000", "17000", percent="5")
        site.approved(contract, JUNE, done("13200"), done("3400.10")).invoice_number = number


def _same_on_two_commitments(site: Site) -> None:
    for numbers in TWICE:
        vendor = site.next_vendor()
        for place, number in enumerate(numbers):
            contract = site.contract("36000", vendor=vendor)
            site.approved(contract, JULY, done(f"{9000 + 750 * place}.{place}5")).invoice_number = number
    vendor = site.next_vendor()
    early, late = site.contract("21000", vendor=vendor), site.contract("27000", vendor=vendor)
    site.approved(early, APRIL, done("5000")).invoice_number = "Draw 1"
    site.approved(late, MAY, done("6200.20")).invoice_number = "DRAW-01"


def _same_as_an_unapproved_one(site: Site) -> None:
    vendor = site.next_vendor()
    first, second = site.contract("19000", vendor=vendor), site.contract("23000", vendor=vendor)
    site.approved(first, JUNE, done("7100.05")).invoice_number = "Requisition 2"
    waiting = site.waiting(second, JULY, done("8000"), status=UNDER_REVIEW)
    waiting.invoice_number = "requisition #2"


def _same_with_two_vendors(site: Site) -> None:
    """No clash: a number belongs to its vendor."""
    for amount in ("5150.15", "6250.25"):
        site.approved(site.contract("26000"), JUNE, done(amount)).invoice_number = "1001"
