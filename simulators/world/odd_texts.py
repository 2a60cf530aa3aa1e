"""Odd texts and sizes: emoji, control characters, long numbers, three hundred lines, change orders, exact zeros."""

from __future__ import annotations

from decimal import Decimal as D

from simulators.world.items import Work
from simulators.world.oddities import NEGATIVE_TOTAL, RETAINAGE_RELEASE
from simulators.world.site import JULY, JUNE, MAY, Site, done, nothing

SIXTY = "PAYAPP-2026-06-HARBOR-POINT-TOWER-ELECTRICAL-ROUGHIN-0000042"
"""Sixty characters, as a subcontractor's own system prints them."""
EMOJI = "INV-🏗️-7"
CONTROL = "INV\t88\x07-A"
LINES = 300


def add_odd_texts(site: Site) -> None:
    """Fourteen requisitions, each odd in its text, its size or its lines."""
    _texts(site)
    _three_hundred_lines(site)
    _change_orders(site)
    _exact_zero(site)
    _release_and_nothing_withheld(site)


def _texts(site: Site) -> None:
    for number, description in (
        (SIXTY, "Rough-in, floors 3 to 6"),
        (EMOJI, "Façade 🧱 “north” — œuvre"),
        (CONTROL, "Line one\nline two\x01\x1b[31m"),
    ):
        contract = site.contract("20000", percent="10")
        code = contract.lines[0].cost_code
        site.register.schedule(contract, code.code if code else None, description, D("10000"))
        site.approved(contract, JUNE, done("8000"), done("1234.50")).invoice_number = number


def _three_hundred_lines(site: Site) -> None:
    contract = site.contract(*(["100"] * LINES), percent="5")
    site.approved(contract, JULY, *([done("10.01")] * LINES))


def _change_orders(site: Site) -> None:
    """A change order's line carries its own code; one takes money back."""
    for added, billed in (("15000", "7500.75"), ("-4000", "-4000")):
        contract = site.contract("60000", percent="10")
        site.approved(contract, MAY, done("20000"))
        code = contract.lines[0].cost_code
        site.register.schedule(
            contract, code.code if code else None, "CO 001", D(added), item_type="change_order_item", from_number=2
        )
        site.approved(contract, JUNE, done("10000"), done(billed))


def _exact_zero(site: Site) -> None:
    """What one line gives the other takes: nothing is due, but two accounts move."""
    contract = site.contract("30000", "30000", percent="0")
    site.approved(contract, MAY, done("9000"), done("1000"))
    site.approved(contract, JUNE, done("-2500"), done("2500"))


def _release_and_nothing_withheld(site: Site) -> None:
    """Retainage let go on a contract that never withheld any, and a credit that gives withheld retainage back."""
    contract = site.contract("50000", percent="10")
    site.approved(contract, MAY, done("25000"))
    site.approved(contract, JULY, Work(done=D("1000"), release=D("2700")), intent=RETAINAGE_RELEASE)
    credit = site.contract("50000", "20000", percent="10")
    site.approved(credit, MAY, done("25000"))
    site.approved(credit, JULY, done("-12000"), nothing(), intent=NEGATIVE_TOTAL)
