"""The demo scenario: Halvorsen Builders with 400 requisitions, and a tiny second company beside it."""

from __future__ import annotations

from simulators.world.approvals import Desk
from simulators.world.blocked import Blocked
from simulators.world.books import books
from simulators.world.chains import START, Chains
from simulators.world.company_files import company_files, expected_in_files
from simulators.world.documents import Documents, procore_document
from simulators.world.expectation import (
    AP_ACCOUNT,
    EXPENSE_ACCOUNT,
    RETAINAGE_ACCOUNT,
    Clashes,
    expect,
    push_row,
)
from simulators.world.marks import Marks
from simulators.world.odd_numbers import add_odd_numbers
from simulators.world.oddities import add_odd_amounts
from simulators.world.projects import (
    CASCADE,
    CASCADE_PROJECT,
    COMPANIES,
    HALVORSEN,
    PROJECTS,
    TIDEWATER,
    TIDEWATER_PROJECTS,
)
from simulators.world.register import Register
from simulators.world.requisitions import Intent
from simulators.world.script import Script
from simulators.world.site import JUNE, Site, done
from simulators.world.vendors import Vendor, cascade_vendors, halvorsen_vendors, tidewater_vendors

REQUISITIONS, DESKTOP_REQUISITIONS = 400, 60
FEATURE_OFF = Intent("not_imported", "feature_off")


def demo_world() -> Documents:
    """The world of `make demo` and `make demo-check`."""
    vendors = halvorsen_vendors()
    register = Register("halvorsen", PROJECTS)
    desk = Desk(register)
    site = Site(register, desk, vendors, PROJECTS)
    add_odd_amounts(site)
    add_odd_numbers(site)
    Chains(register, desk, vendors, PROJECTS).fill(REQUISITIONS)
    marks = Marks(register, desk)
    marks.apply()
    script = Script(marks, Clashes(register.requisitions))

    other_vendors = cascade_vendors(CASCADE)
    other = _cascade_register(register)
    desktop_vendors = tidewater_vendors(TIDEWATER)
    desktop = _tidewater_register(other, desktop_vendors)

    clashes = Clashes(register.requisitions)
    return Documents(
        procore=procore_document(COMPANIES, (register, other, desktop), (*vendors, *other_vendors, *desktop_vendors)),
        quickbooks_online={
            "companies": [
                books(HALVORSEN, PROJECTS, vendors, older=True),
                books(CASCADE, (CASCADE_PROJECT,), other_vendors, older=False),
            ]
        },
        quickbooks_desktop=company_files(TIDEWATER, desktop_vendors),
        expected={
            "start_date": START.isoformat(),
            "company_id": HALVORSEN.id,
            "realm_id": HALVORSEN.realm_id,
            "expense_account": EXPENSE_ACCOUNT,
            "retainage_account": RETAINAGE_ACCOUNT,
            "ap_account": AP_ACCOUNT,
            "requisitions": {
                str(requisition.id): expect(requisition, clashes) for requisition in register.requisitions
            },
            "other_companies": {
                str(CASCADE.id): {str(r.id): expect(r, clashes) for r in other.requisitions},
            },
            "desktop": expected_in_files(TIDEWATER, desktop),
            "procore_pushes": [push_row(r) for r in register.requisitions if "pushed" in r.tags],
            "script": script.document(vendors),
            "blocked": Blocked(register.requisitions, clashes).document(),
        },
    )


def _cascade_register(first: Register) -> Register:
    """Three approved requisitions which must never be seen: the feature is off there."""
    register = Register("cascade", (CASCADE_PROJECT,))
    register.start_after(first)
    site = Site(register, Desk(register), cascade_vendors(CASCADE), (CASCADE_PROJECT,))
    for amount in ("5000", "7250.50"):
        contract = site.contract("40000", "10000")
        site.approved(contract, JUNE, done(amount), done("1000"), intent=FEATURE_OFF)
    site.approved(contract, JUNE + 1, done("2500"), intent=FEATURE_OFF)
    return register


def _tidewater_register(previous: Register, vendors: tuple[Vendor, ...]) -> Register:
    """Ordinary chains on four jobs, two in each company file."""
    register = Register("tidewater", TIDEWATER_PROJECTS, first_place=20)
    register.start_after(previous)
    Chains(register, Desk(register), vendors, TIDEWATER_PROJECTS).fill(DESKTOP_REQUISITIONS)
    return register
