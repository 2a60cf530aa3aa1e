"""What the workflow is told of invoices that may go: ids, and a summary that a person can read in the Web UI."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from accounting.money import ZERO, dollars
from contracts.mirroring import BatchRef
from contracts.names import BATCH_SIZE
from models.database import CompanySession
from models.runnable import Runnable, lease_runnable


def batch_of(found: Runnable) -> BatchRef:
    return BatchRef(
        connection_id=found.connection_id,
        project_id=found.project_id,
        project_name=found.project_name,
        invoice_ids=found.invoice_ids,
        summary=in_words("invoice", found.numbers, sum(found.due, ZERO)),
    )


async def following_batch(session: CompanySession, connection_id: UUID, project_id: str) -> BatchRef | None:
    """The next batch of a project, for whoever has just finished with it; leased."""
    found = await lease_runnable(session, per_project=BATCH_SIZE, limit=BATCH_SIZE, project_id=project_id)
    return next((batch_of(one) for one in found if one.connection_id == connection_id), None)


def in_words(what: str, numbers: Sequence[str], total: Decimal) -> str:
    """How many, of how much, from which number to which: ``30 bills, $412,906.11: INV-1042 … INV-1071``."""
    if len(numbers) == 1:
        return f"1 {what}, {dollars(total)}: {numbers[0]}"
    return f"{len(numbers)} {what}s, {dollars(total)}: {numbers[0]} … {numbers[-1]}"
