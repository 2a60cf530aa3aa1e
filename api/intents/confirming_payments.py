"""A person says how much of a payment was cash, where QuickBooks leaves it open."""

from decimal import Decimal
from uuid import UUID

from accounting.money import dollars, has_fraction_of_cent
from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models.contract_payments import confirm_cash, shares_of_invoice


async def confirm(services: Services, visitor: Visitor, invoice_id: UUID, share_id: UUID, cash: Decimal) -> None:
    """Keep what the person said; it goes to Procore by itself. Raises Problem 404, 409 and 422."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        share = next((one for one in await shares_of_invoice(session, invoice_id) if one.id == share_id), None)
        if share is None:
            raise not_found("payment")
        if not share.is_unclear:
            raise Problem(409, "nothing_to_confirm", "QuickBooks says by now how much of this payment was cash.")
        most = min(share.cash + share.credit + share.other, share.total)
        if not 0 <= cash <= most or has_fraction_of_cent(cash):
            raise Problem(
                422,
                "cash_out_of_range",
                f"The cash of this payment on this bill lies between $0.00 and {dollars(most)}. Correct it.",
            )
        await confirm_cash(session, share, cash, visitor.user_id)
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "a payment was confirmed"))
