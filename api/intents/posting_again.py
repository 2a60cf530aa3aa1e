"""*Post again*: what QuickBooks removed, or what was taken back, is drafted anew on a person's word only."""

from uuid import UUID

from accounting.states import InvoiceState
from api.access import Visitor, confirmed_admin, require_feature
from api.intents.after_posting import differing
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import after_posting, taking_back
from models.invoices import invoices_by_id


async def post_again(services: Services, visitor: Visitor, invoice_id: UUID, shown: str) -> None:
    """Who may do it follows from what it undoes: taking back is the admins' alone, a removed bill accountants' too.

    ``shown`` is the fingerprint of the differences that the person saw; what was taken back has none. Raises Problem
    403, 404 and 409.
    """
    require_feature(visitor)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = (await invoices_by_id(session, [invoice_id])).get(invoice_id)
        if row is None:
            raise not_found("invoice")
        was_taken_back, is_removed = row.state is InvoiceState.TAKEN_BACK, row.removed_in_quickbooks
    if was_taken_back:
        visitor = await confirmed_admin(services, visitor)
    elif not is_removed:
        raise _nothing_to_post_again()
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            if was_taken_back:
                await taking_back.post_again(session, invoice_id, visitor.user_id)
            else:
                row, _ = await differing(session, invoice_id, shown)
                await after_posting.post_again(session, row, visitor.user_id)
    except (taking_back.NotTakenBack, after_posting.NotRemoved):
        raise _nothing_to_post_again() from None
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "an invoice is posted again"))


def _nothing_to_post_again() -> Problem:
    said = "Its bill is in QuickBooks, or it has none yet. There is nothing to post again."
    return Problem(409, "nothing_to_post_again", said)
