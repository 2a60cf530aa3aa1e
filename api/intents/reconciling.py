"""What accountants do with the reconciliation: have it made now, explain a difference, take that back."""

from uuid import UUID

from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import bill_differences
from models.bill_differences import DifferenceMoved, NoSuchDifference
from models.reconciliation_runs import NothingToReconcile, ask_for_run


async def run_now(services: Services, visitor: Visitor, *, reread: bool) -> UUID:
    """Have everything compared now; a run that is under way is that one. Raises Problem 409."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            run_id = (await ask_for_run(session, visitor.user_id, reread=reread)).id
    except NothingToReconcile:
        raise Problem(
            409, "nothing_connected", "No QuickBooks is connected. Connect it in Accounting Integrations first."
        ) from None
    await tell(services.workflows.reconcile(visitor.company_id, run_id, visitor.company.name))
    return run_id


async def explain(services: Services, visitor: Visitor, difference_id: UUID, shown: str, note: str) -> None:
    """Note why a difference is right as it is. Raises Problem 404, 409 and 422."""
    if not note.strip():
        raise Problem(422, "note_missing", "Say in a few words why this difference is right, then explain it.")
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            await bill_differences.explain(session, difference_id, shown, note.strip(), visitor.user_id)
    except NoSuchDifference:
        raise not_found("difference") from None
    except DifferenceMoved:
        raise Problem(
            409,
            "difference_changed",
            "This difference has changed since you saw it. Nothing was explained; look at it again first.",
        ) from None


async def open_again(services: Services, visitor: Visitor, difference_id: UUID) -> None:
    """Take an explanation back. Raises Problem 404."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            await bill_differences.open_again(session, difference_id)
    except NoSuchDifference:
        raise not_found("difference") from None
