"""The bench scenario: many plain approved invoices, all eligible, nothing odd."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from simulators.world.approvals import Desk
from simulators.world.books import books
from simulators.world.chains import BILL, START
from simulators.world.documents import Documents, procore_document
from simulators.world.expectation import AP_ACCOUNT, EXPENSE_ACCOUNT, RETAINAGE_ACCOUNT, Clashes, expect
from simulators.world.ids import WIDE
from simulators.world.projects import COMPANIES, HALVORSEN, PROJECTS, Project
from simulators.world.register import Register
from simulators.world.site import JULY, Site, done
from simulators.world.vendors import halvorsen_vendors

BENCH_PROJECTS = 20
INVOICES = 1_000


def bench_world(invoices: int = INVOICES) -> Documents:
    """`invoices` first requisitions of four lines each, 10 % retainage, spread evenly over twenty projects."""
    projects = _projects()
    vendors = tuple(replace(vendor, in_books=True) for vendor in halvorsen_vendors())
    register = Register("bench", projects)
    site = Site(register, Desk(register), vendors, projects)
    for place in range(invoices):
        contract = site.contract("40000", "30000", "20000", "10000")
        site.approved(
            contract,
            JULY,
            *(done(f"{1000 * line + Decimal(place % 9973) / 10}") for line in (4, 3, 2, 1)),
            intent=BILL,
        )
    clashes = Clashes(register.requisitions)
    return Documents(
        procore=procore_document(COMPANIES, (register,), vendors),
        quickbooks_online={"companies": [books(HALVORSEN, projects, vendors, older=False)]},
        expected={
            "start_date": START.isoformat(),
            "company_id": HALVORSEN.id,
            "realm_id": HALVORSEN.realm_id,
            "expense_account": EXPENSE_ACCOUNT,
            "retainage_account": RETAINAGE_ACCOUNT,
            "ap_account": AP_ACCOUNT,
            "requisitions": {str(r.id): expect(r, clashes) for r in register.requisitions},
            "procore_pushes": [],
        },
    )


def _projects() -> tuple[Project, ...]:
    """The twelve jobs and eight second phases, all known to the books."""
    known = [replace(project, in_books=True) for project in PROJECTS]
    phases = [
        replace(project, id=(WIDE if project.wide else 0) + 5_300 + place, number=f"26{20 + place}",
                name=f"{project.name}, Phase 2")
        for place, project in enumerate(known[: BENCH_PROJECTS - len(known)])
    ]  # fmt: skip
    return (*known, *phases)
