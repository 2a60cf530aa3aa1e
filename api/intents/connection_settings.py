"""Choosing the accounts of a connection, each checked against the QuickBooks company's own list."""

from uuid import UUID

from accounting.account_choice import AccountUse, ChosenAccount, refusal
from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import connection_cards, connections
from models.connection_cards import AccountChoices
from models.database import CompanySession
from models.tables import ConnectionSettings, ReferenceEntry

LONGEST_TERMS_DAYS = 365


async def choose_accounts(
    services: Services, visitor: Visitor, connection_id: UUID, choices: AccountChoices
) -> ConnectionSettings:
    """Store the choice and wake the company, so that what waited for it goes on. Raises Problem 404 and 422."""
    if not 0 <= choices.default_terms_days <= LONGEST_TERMS_DAYS:
        raise Problem(
            422, "terms_out_of_range", f"Default terms must be between 0 and {LONGEST_TERMS_DAYS} days. Correct them."
        )
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        if await connections.connection_by_id(session, connection_id) is None:
            raise not_found("connection")
        await _check(session, connection_id, choices)
        settings = await connection_cards.choose_accounts(session, connection_id, choices, visitor.user_id)
    await tell(
        services.workflows.wake_company(visitor.company_id, visitor.company.name, "the connection's accounts were set")
    )
    return settings


async def _check(session: CompanySession, connection_id: UUID, choices: AccountChoices) -> None:
    chosen = {
        AccountUse.EXPENSE: choices.default_account_id,
        AccountUse.RETAINAGE: choices.retainage_account_id,
        AccountUse.ACCOUNTS_PAYABLE: choices.ap_account_id,
    }
    known = await connection_cards.accounts(session, connection_id, [one for one in chosen.values() if one])
    for use, quickbooks_id in chosen.items():
        if quickbooks_id is None:
            continue
        refused = refusal(use, _as_choice(known.get(quickbooks_id)))
        if refused is not None:
            raise Problem(422, f"{use}_account_refused", refused)


def _as_choice(entry: ReferenceEntry | None) -> ChosenAccount | None:
    if entry is None:
        return None
    return ChosenAccount(entry.full_name, entry.account_type, entry.account_subtype, entry.active)
