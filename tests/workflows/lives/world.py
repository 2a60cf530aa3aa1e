"""The outside world of many lives: each company with its admin, its project, its invoices, and two sets of books."""

import copy
from dataclasses import replace
from typing import Any

from simulators.world.approvals import Desk
from simulators.world.books import books
from simulators.world.documents import Documents, procore_document
from simulators.world.people import ADMIN_TOOLS, Membership, Person
from simulators.world.projects import PROJECTS, Company, Project
from simulators.world.register import Register
from simulators.world.requisitions import UNDER_REVIEW
from simulators.world.site import JULY, Site, done
from simulators.world.vendors import Vendor, halvorsen_vendors

LETTERS = "AB"
INVOICES_EACH = 4
# Short lists: reading them again and again is no part of these stories.
EXPENSE, RETAINAGE = "Job Costs:Subcontractor Expense", "Retainage Payable"
ACCOUNTS = (EXPENSE, RETAINAGE, "Accounts Payable (A/P)")


def company_of(place: int) -> Company:
    return Company(500_000 + place, f"Builder {place}", "", "")


def project_id_of(place: int) -> int:
    return 600_000 + place


def user_id_of(place: int) -> int:
    return 700_000 + place


def realm_of(place: int, letter: str) -> str:
    return f"91303500{place:06d}{LETTERS.index(letter)}"


def world(companies: int) -> Documents:
    """As many companies as there will be lives; the first vendor of the directory works for all of them."""
    jobs = tuple(replace(PROJECTS[0], id=project_id_of(one), company=company_of(one)) for one in range(companies))
    vendors = halvorsen_vendors()[:1]
    procore = procore_document([job.company for job in jobs], [_register(jobs, vendors)], vendors)
    procore["users"] = [_admin(one, job.company).wire() for one, job in enumerate(jobs)]
    realms = [_realm(one, letter, vendors) for one in range(companies) for letter in LETTERS]
    return Documents(procore=procore, quickbooks_online={"companies": realms}, expected={})


def _admin(place: int, company: Company) -> Person:
    membership = Membership(company, ADMIN_TOOLS)
    return Person(user_id_of(place), f"u{place}@example.test", "Ada", "Company admin", company.name, (membership,))


def _register(jobs: tuple[Project, ...], vendors: tuple[Vendor, ...]) -> Register:
    """Invoices under review, as many in every project: the site goes round the projects in turn."""
    register = Register("lives", jobs)
    site = Site(register, Desk(register), vendors, jobs)
    for turn in range(INVOICES_EACH * len(jobs)):
        amount = str(500 + 10 * (turn // len(jobs)))
        site.waiting(site.contract("40000"), JULY, done(amount), status=UNDER_REVIEW)
    return register


def _realm(place: int, letter: str, vendors: tuple[Vendor, ...]) -> dict[str, Any]:
    name = f"Books {letter} of {place}"
    company = Company(500_000 + place, f"Builder {place}", realm_of(place, letter), name)
    realm = copy.deepcopy(books(company, PROJECTS[:1], vendors, older=False))
    realm["Account"] = [one for one in realm["Account"] if one["FullyQualifiedName"] in ACCOUNTS]
    return realm | {"Item": [], "Class": [], "Department": []}
