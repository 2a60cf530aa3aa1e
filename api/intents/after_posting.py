"""Answers to a bill that differs from its invoice: update it, or keep it as it is."""

from uuid import UUID

from api.access import Visitor, require_feature
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import after_posting
from models.database import CompanySession
from models.tables import BillComparison, InvoiceRow


async def update_bill(services: Services, visitor: Visitor, invoice_id: UUID, shown: str) -> None:
    """*Update the bill*. Raises Problem 404 and 409."""
    require_feature(visitor)
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            row, comparison = await differing(session, invoice_id, shown)
            after_posting.update_bill(session, row, comparison, visitor.user_id)
    except after_posting.NotToUpdate as refused:
        raise Problem(409, "not_to_update", f"The bill is not updated. {refused.because}") from None
    reason = "a bill is to be updated"
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, reason))


async def keep_as_it_is(services: Services, visitor: Visitor, invoice_id: UUID, shown: str, note: str) -> None:
    """*Keep as it is*. Raises Problem 404, 409, and 422 without a word why."""
    if not note.strip():
        raise Problem(422, "no_note", "Say in a few words why the bill is right as it is, then keep it.")
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row, comparison = await differing(session, invoice_id, shown)
        after_posting.keep_as_it_is(session, row, comparison, visitor.user_id, note.strip())


async def differing(session: CompanySession, invoice_id: UUID, shown: str) -> tuple[InvoiceRow, BillComparison]:
    """The invoice and what it was found to differ in, locked. Raises Problem 404, and 409 where something else does."""
    try:
        found = await after_posting.differing(session, invoice_id, shown)
    except after_posting.DiffersOtherwise:
        raise Problem(
            409,
            "differs_otherwise",
            "What differs has changed since you opened the page. Nothing was done. Look at it now, then decide.",
        ) from None
    if found is None:
        raise not_found("invoice")
    return found
