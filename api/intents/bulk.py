"""One decision about many invoices at once, from the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from api.access import Visitor
from api.services import Services
from api.telling import tell
from models.invoice_retry import try_again
from models.uploads import approve_uploads

# A page of the list holds fewer.
MOST_AT_ONCE = 200


class BulkAction(StrEnum):
    APPROVE = "approve"
    TRY_AGAIN = "try_again"


@dataclass(frozen=True)
class BulkOutcome:
    """How many invoices it changed, and how many it left as they are."""

    action: BulkAction
    done: int
    left: int

    @property
    def sentence(self) -> str:
        done = f"{self.done:,} {'invoice' if self.done == 1 else 'invoices'}"
        match self.action:
            case BulkAction.APPROVE:
                told, why = "approved; they go to QuickBooks by themselves.", "approved before, or not an upload"
            case BulkAction.TRY_AGAIN:
                told, why = "tried again; the list shows what still stands.", "nothing that trying again could clear"
        return f"{done} {told}" + (f" Left as they are: {self.left:,} ({why})." if self.left else "")


async def act(services: Services, visitor: Visitor, action: BulkAction, invoice_ids: Sequence[UUID]) -> BulkOutcome:
    """Do it to those of the company's invoices it applies to; doing it twice changes nothing the second time."""
    wanted = sorted(set(invoice_ids))
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        match action:
            case BulkAction.APPROVE:
                changed = await approve_uploads(session, wanted, visitor.user_id)
            case BulkAction.TRY_AGAIN:
                changed = await try_again(session, wanted)
    if changed:
        await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "invoices were let go"))
    return BulkOutcome(action, len(changed), len(wanted) - len(changed))
