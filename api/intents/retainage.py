"""Confirming what is in QuickBooks already as retainage of commitments; releases that waited for it go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from accounting.blockers import BlockerReason
from accounting.money import has_fraction_of_cent, to_cents
from api.access import Visitor
from api.intents.changed_meanwhile import openings_changed
from api.intents.mapping_versions import check_connection
from api.problems import Problem
from api.services import Services
from api.telling import tell
from models import retainage
from models.freeing import Resolved, free
from models.mappings import connection_settings
from models.retainage import OpeningNow


@dataclass(frozen=True)
class Opening:
    """A commitment's retainage in the books before the first bill of ours.

    ``shown`` is what stood confirmed when the person decided; None where nothing did.
    """

    commitment_id: str
    amount: Decimal
    shown: Decimal | None


async def confirm_openings(
    services: Services, visitor: Visitor, connection_id: UUID, openings: Sequence[Opening]
) -> int:
    """Keep these amounts, all or none; how many invoices go on. Raises Problem 404, 409 for one that
    somebody else confirmed since it was shown, and 422.
    """
    if any(has_fraction_of_cent(one.amount) or one.amount < 0 for one in openings):
        raise Problem(422, "bad_amount", "An opening balance is an amount of whole cents, zero or more. Correct it.")
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        # Its settings' row is the lock: two admins who confirm at once come one after the other.
        await connection_settings(session, connection_id, lock=True)
        now = await retainage.openings_now(session, connection_id, [one.commitment_id for one in openings])
        stale = [one.commitment_id for one in openings if one.shown != _amount(now.get(one.commitment_id))]
        if stale:
            raise Problem(409, "opening_outdated", await openings_changed(session, connection_id, stale, now))
        for one in openings:
            await retainage.confirm_opening(
                session, connection_id, one.commitment_id, to_cents(one.amount), visitor.user_id
            )
        await session.flush()
        keys = tuple(one.commitment_id for one in openings)
        freed = await free(session, Resolved((BlockerReason.RETAINAGE_OPENING_BALANCE,), keys, connection_id))
    if freed:
        reason = "retainage opening balances were confirmed"
        await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, reason))
    return len(freed)


def _amount(opening: OpeningNow | None) -> Decimal | None:
    return opening.amount if opening is not None else None
