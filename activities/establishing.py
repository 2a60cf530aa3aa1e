"""The end of a good attempt: the QuickBooks company is known, its connection is found or made, in one unit of work."""

from dataclasses import dataclass
from uuid import UUID

from accounting.connection_states import AttemptOutcome, ConnectionState
from models.attempts import OtherKindConnected, attempt_succeeded, check_one_kind
from models.connections import (
    connected,
    connection_by_id,
    connection_to,
    ensure_settings,
    forget_revocations,
    locked_attempt,
    move_connection,
)
from models.database import CompanySession
from models.events import record_event
from models.gaps import forget_suspension, resume_mirroring
from models.mirroring import mirroring_row
from models.tables import Connection, ConnectionAttempt, QuickBooksKind

ATTEMPT_OVER = "This attempt to connect was over already. Start again."
OTHER_COMPANY = "This connection belongs to {old}, but {new} was chosen. Sign in to {old}, or disconnect first."
ANOTHER_CONNECTED = "{old} is connected already, so {new} was not connected. Disconnect {old} first."
OTHER_KIND = "{kind} was connected meanwhile, so {new} was not connected. Disconnect it first."
PRODUCT = {QuickBooksKind.ONLINE: "QuickBooks Online", QuickBooksKind.DESKTOP: "QuickBooks Desktop"}


@dataclass(frozen=True)
class QuickBooksCompany:
    """The other side of a connection, as it named itself. ``id`` is the realm id or the FileID."""

    kind: QuickBooksKind
    environment: str
    id: str
    name: str
    legal_name: str | None
    home_currency: str


@dataclass(frozen=True)
class Established:
    """The connection, and the attempt that made it; ``row`` is None when it was refused for ``reason``.

    ``toggle_version`` is set where mirroring came back on with the connection.
    """

    row: Connection | None
    attempt: ConnectionAttempt | None = None
    reason: str | None = None
    toggle_version: int | None = None
    again: bool = False


async def establish(session: CompanySession, attempt_id: UUID, company: QuickBooksCompany) -> Established:
    """Find or make the connection and end the attempt well. Changes nothing where it refuses.

    Raises IntegrityError, from a unique index, when another inBuild company has the QuickBooks company connected.
    """
    # The toggle's row is the company's lock for connecting: kinds are compared when nobody else can change them.
    await mirroring_row(session)
    attempt = await locked_attempt(session, attempt_id)
    if attempt is None or attempt.outcome is AttemptOutcome.FAILED:
        return Established(None, reason=ATTEMPT_OVER)
    row = await connection_to(session, company.kind, company.environment, company.id)
    if attempt.outcome is AttemptOutcome.SUCCEEDED:
        return Established(row, attempt, again=True)
    live = await connected(session)
    if (refusal := await _refusal(session, attempt, live, company)) is not None:
        return Established(None, attempt, refusal)
    others = [one for one in live if row is None or one.id != row.id]
    toggle_version = None
    if row is None:
        row = _new_connection(session, attempt, company)
        record_event(session, "connection", row.id, "connection_made", quickbooks_company=company.name)
        if not live:
            await forget_suspension(session)
    else:
        row.connected_by, row.connected_at = attempt.started_by, session.now
        row.disconnect_wanted_at = row.disconnect_wanted_by = None
        move_connection(session, row, ConnectionState.ACTIVE, None)
        if not live and (toggle := await resume_mirroring(session, attempt.started_by)) is not None:
            toggle_version = toggle.version
    row.quickbooks_company_name, row.legal_name = company.name, company.legal_name
    row.home_currency = company.home_currency
    session.add(row)
    await session.flush()
    await ensure_settings(session, row.id, all_projects=not others)
    await forget_revocations(session, company.environment, company.id)
    attempt_succeeded(session, attempt, row.id)
    return Established(row, attempt, toggle_version=toggle_version)


async def _refusal(
    session: CompanySession, attempt: ConnectionAttempt, live: list[Connection], company: QuickBooksCompany
) -> str | None:
    try:
        check_one_kind(live, company.kind)
    except OtherKindConnected as other:
        return OTHER_KIND.format(kind=PRODUCT[other.connected], new=company.name)
    if attempt.connection_id is not None:
        old = await connection_by_id(session, attempt.connection_id, lock=True)
        if old is not None and old.quickbooks_company_id != company.id:
            return OTHER_COMPANY.format(old=old.quickbooks_company_name, new=company.name)
    if company.kind is QuickBooksKind.ONLINE:
        another = next((one for one in live if one.quickbooks_company_id != company.id), None)
        if another is not None:
            return ANOTHER_CONNECTED.format(old=another.quickbooks_company_name, new=company.name)
    return None


def _new_connection(session: CompanySession, attempt: ConnectionAttempt, company: QuickBooksCompany) -> Connection:
    return Connection(
        company_id=session.company_id,
        id=session.new_id(),
        kind=company.kind,
        environment=company.environment,
        quickbooks_company_id=company.id,
        quickbooks_company_name=company.name,
        state=ConnectionState.ACTIVE,
        state_since=session.now,
        connected_by=attempt.started_by,
        connected_at=session.now,
        country="US",
        home_currency=company.home_currency,
    )
