"""A person says how much of a payment was cash, where QuickBooks leaves it open or found no payment."""

from decimal import Decimal
from uuid import UUID

from accounting.money import dollars, has_fraction_of_cent
from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models.contract_payments import confirm_cash, shares_of_invoice
from models.invoices import invoices_by_id
from models.payment_shares import settle_bills


async def confirm(services: Services, visitor: Visitor, invoice_id: UUID, share_id: UUID, cash: Decimal) -> None:
    """Keep what the person said; it goes to Procore by itself, and decides how the bill is settled.

    Raises Problem 404, 409 and 422.
    """
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        # The invoice first, as whoever reckons anew what settled its bill locks them.
        await invoices_by_id(session, [invoice_id])
        share = next((one for one in await shares_of_invoice(session, invoice_id) if one.id == share_id), None)
        if share is None:
            raise not_found("payment")
        if not (share.is_unclear or share.other):
            raise Problem(409, "nothing_to_confirm", "QuickBooks says by now how much of this payment was cash.")
        most = share.cash + share.credit + share.other
        if not share.other:
            # The money of a journal entry or of a check coded to accounts payable is none of this payment's.
            most = min(most, share.total)
        if not 0 <= cash <= most or has_fraction_of_cent(cash):
            raise Problem(
                422,
                "cash_out_of_range",
                f"The cash of this payment on this bill lies between $0.00 and {dollars(most)}. Correct it.",
            )
        await confirm_cash(session, share, cash, visitor.user_id)
        await session.flush()
        await settle_bills(session, share.connection_id, [share.bill_id])
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "a payment was confirmed"))
