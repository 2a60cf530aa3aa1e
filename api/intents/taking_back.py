"""Taking bills back out of QuickBooks: an admin asks, the worker does it."""

from collections.abc import Sequence
from uuid import UUID

from accounting.money import dollars
from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import taking_back
from models.tables import TakeBackWay
from models.taking_back import Asked, Choice
from models.taking_back_shown import TakingBackShown, taking_back_shown

MOST_AT_ONCE = 200


async def choice_of(services: Services, visitor: Visitor, invoice_ids: Sequence[UUID]) -> Choice:
    """What of these invoices can be taken back: for the dialog, before anything is done."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        return await taking_back.choice_of(session, invoice_ids)


async def ask(services: Services, visitor: Visitor, invoice_ids: Sequence[UUID], way: TakeBackWay) -> Asked:
    """Put them in line, newest first. Raises Problem 409 where none of them can be taken back."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        asked = await taking_back.ask(session, invoice_ids, way, visitor.user_id)
    if asked.id is None:
        said = asked.left[0].sentence if asked.left else "There is no such invoice."
        raise Problem(409, "nothing_to_take_back", f"Nothing can be taken back. {said}")
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "bills are taken back"))
    return asked


async def show(services: Services, visitor: Visitor, taking_back_id: UUID) -> TakingBackShown:
    """How a request goes. Raises Problem 404."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        shown = await taking_back_shown(session, taking_back_id)
    if shown is None:
        raise not_found("request to take bills back")
    return shown


def dialog_sentence(choice: Choice, way: TakeBackWay) -> str:
    """What will happen, before it does."""
    count = len(choice.bills)
    bills = f"{count:,} {'bill' if count == 1 else 'bills'} ({dollars(choice.total)})"
    if way is TakeBackWay.REVERSE:
        return (
            f"{bills} {'stays' if count == 1 else 'stay'} in QuickBooks, and a vendor credit of today's date is made "
            "against it, line by line. The invoice then shows Taken back, and is not posted again unless somebody "
            "chooses Post again."
        )
    return (
        f"{bills} will be taken out of QuickBooks, newest first: QuickBooks Online deletes a bill if it is unpaid and "
        "its period is open, QuickBooks Desktop voids it. What cannot be taken back stays as it is, and you see why. "
        "No invoice taken back is posted again unless somebody chooses Post again."
    )
