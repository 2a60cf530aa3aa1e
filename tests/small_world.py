"""A world just large enough for one story: one Procore company, a few jobs, a few approved invoices, their books."""

from decimal import Decimal

from simulators.world.approvals import Desk
from simulators.world.books import books
from simulators.world.chains import START
from simulators.world.commitments import Unit
from simulators.world.documents import Documents, procore_document
from simulators.world.expectation import AP_ACCOUNT, EXPENSE_ACCOUNT, RETAINAGE_ACCOUNT, Clashes, expect
from simulators.world.items import Work
from simulators.world.projects import CASCADE, HALVORSEN, PROJECTS, Project
from simulators.world.register import Register
from simulators.world.requisitions import UNDER_REVIEW
from simulators.world.site import JULY, JUNE, Site, done
from simulators.world.vendors import Vendor, halvorsen_vendors

VENDORS = 12
SCHEDULED = ("40000", "30000")


def small_world(
    invoices: int = 3,
    projects: int = 1,
    *,
    waiting: int = 0,
    releases: bool = False,
    nets_to_zero: bool = False,
    negative: bool = False,
    units: bool = False,
) -> Documents:
    """``invoices`` approved ones, every one a bill, in turn over ``projects``; ``waiting`` more are under review.

    With ``releases`` one contract more bills in June and lets its retainage go in July. With ``nets_to_zero`` one
    bills in June without retainage, and in July takes from one line what it gives to the other. With ``negative`` one
    takes $2,000.00 back in July, less the retainage on it. With ``units`` one bills 31 of 96 doors at
    $1,187.33 in July, beside $2,800.00 of work.
    """
    jobs, vendors = PROJECTS[:projects], halvorsen_vendors()[:VENDORS]
    register = Register("small", jobs)
    site = Site(register, Desk(register), vendors, jobs)
    for place in range(invoices):
        contract = site.contract(*SCHEDULED)
        site.approved(contract, JULY, done(str(1000 + 10 * place)), done("250.25"))
    for _ in range(waiting):
        site.waiting(site.contract(*SCHEDULED), JULY, done("700"), done("300"), status=UNDER_REVIEW)
    if releases:
        contract = site.contract("40000")
        site.approved(contract, JUNE, done("10000"))
        site.approved(contract, JULY, Work(done=Decimal(5000), release=Decimal(1500)))
    if nets_to_zero:
        contract = site.contract(*SCHEDULED, percent="0")
        site.approved(contract, JUNE, done("9000"), done("1000"))
        site.approved(contract, JULY, done("-2500"), done("2500"))
    if negative:
        contract = site.contract(*SCHEDULED)
        site.approved(contract, JUNE, done("9000"), done("1000"))
        site.approved(contract, JULY, done("-2500"), done("500"))
    if units:
        contract = site.contract("14000")
        code = contract.lines[0].cost_code
        each = Unit(Decimal(96), Decimal("1187.33"), "ea")
        scheduled = each.quantity * each.price
        site.register.schedule(contract, code.code if code else None, "Doors", scheduled, unit=each)
        site.approved(contract, JULY, done("2800"), Work(done=each.price * 31))
    return _documents(register, vendors, jobs)


def _documents(register: Register, vendors: tuple[Vendor, ...], jobs: tuple[Project, ...]) -> Documents:
    clashes = Clashes(register.requisitions)
    return Documents(
        procore=procore_document((HALVORSEN,), (register,), vendors),
        quickbooks_online={
            "companies": [books(company, jobs, vendors, older=False) for company in (HALVORSEN, CASCADE)]
        },
        expected={
            "start_date": START.isoformat(),
            "company_id": HALVORSEN.id,
            "realm_id": HALVORSEN.realm_id,
            "other_realm_id": CASCADE.realm_id,
            "expense_account": EXPENSE_ACCOUNT,
            "retainage_account": RETAINAGE_ACCOUNT,
            "ap_account": AP_ACCOUNT,
            "requisitions": {str(one.id): expect(one, clashes) for one in register.requisitions},
        },
    )


def empty_jobs(documents: Documents, count: int) -> None:
    """Put ``count`` more jobs, without an invoice, into a world's Procore."""
    pattern = documents.procore["projects"][0]
    highest = 700_000
    documents.procore["projects"] += [
        {**pattern, "id": highest + place, "name": f"Job {place:03d}", "project_number": f"J{place:03d}"}
        for place in range(count)
    ]
