"""Revoking tokens nobody uses any more, and never one whose QuickBooks company somebody has connected since."""

from datetime import timedelta
from uuid import UUID

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.acting import acting
from activities.failures import quickbooks_failure
from activities.outside import Outside
from foundation.secret_box import SecretBox, SecretPlace
from models.connections import SealedForRevoking, forget_revocation, revocations_of
from models.database import CompanySession
from models.directory import realm_is_being_connected, realm_is_held
from models.tables import TokenRevocation
from providers.quickbooks_online.errors import QuickBooksOnlineError

WHILE_CONNECTING = timedelta(seconds=30)


def seal_for_revoking(
    session: CompanySession, secrets: SecretBox, sealed: bytes, place: SecretPlace
) -> SealedForRevoking:
    """Seal a stored refresh token anew for a revocation's own row: a ciphertext works nowhere else."""
    revocation_id = session.new_id()
    return SealedForRevoking(revocation_id, secrets.seal_text(secrets.open_text(sealed, place), _place(revocation_id)))


async def revoke(
    outside: Outside, company_id: UUID, *, connection_id: UUID | None = None, attempt_id: UUID | None = None
) -> None:
    """Tell Intuit, one token after the other. Raises to be tried again while Intuit is away."""
    actor = acting()
    async with outside.database.company(company_id, actor) as session:
        revocations = await revocations_of(session, connection_id=connection_id, attempt_id=attempt_id)
    for revocation in revocations:
        if not await _replaced_by_newer_consent(outside, company_id, revocation):
            token = outside.secrets.open_text(revocation.token, _place(revocation.id))
            try:
                await outside.intuit.revoke(token)
            except QuickBooksOnlineError as trouble:
                raise quickbooks_failure(trouble) from None
        async with outside.database.company(company_id, actor) as session:
            await forget_revocation(session, revocation.id)


async def _replaced_by_newer_consent(outside: Outside, company_id: UUID, revocation: TokenRevocation) -> bool:
    """Whether anybody's connection holds the realm now. Revoking an older token could cut the newer consent."""
    async with outside.database.directory() as directory:
        if await realm_is_held(directory, revocation.environment, revocation.quickbooks_company_id):
            return True
        connecting = await realm_is_being_connected(directory, revocation.quickbooks_company_id, company_id)
    if connecting:
        raise ApplicationError(
            "somebody is connecting this QuickBooks company just now",
            type="BeingConnected",
            next_retry_delay=WHILE_CONNECTING,
            category=ApplicationErrorCategory.BENIGN,
        )
    return False


def _place(revocation_id: UUID) -> SecretPlace:
    return SecretPlace("token_revocation", "token", revocation_id)
