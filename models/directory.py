"""The only module that looks across companies: who signs in, which companies they belong to, and where an id lives.

Its functions take the unit of work that ``Database.directory`` opens. Nothing here returns a company's own records:
only who belongs where, and ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from foundation.clock import Clock
from foundation.ids import new_id
from models.tables import (
    ActorKind,
    AppUser,
    AttemptOutcome,
    AuditLog,
    BillLink,
    Company,
    Connection,
    ConnectionAttempt,
    ConnectionState,
    InvoiceRow,
    Membership,
    ProcoreHook,
    QuickBooksKind,
    TokenRevocation,
    UserCredential,
)


@dataclass(frozen=True)
class SeenPerson:
    """A person as Procore names them at sign-in."""

    procore_user_id: str
    login: str
    name: str


@dataclass(frozen=True)
class SeenCompany:
    """A Procore company the person belongs to, with Procore's verdict about them, read just now."""

    procore_company_id: str
    name: str
    is_company_admin: bool


@dataclass(frozen=True)
class MemberCompany:
    """One company of a signed-in person and what they are in it; ``checked_at`` is when Procore was last asked.

    ``newest_event`` is the number of its newest event as this was read: a page made from it has seen no later one.
    """

    company_id: UUID
    procore_company_id: str
    name: str
    feature_enabled: bool
    is_company_admin: bool
    is_accountant: bool
    checked_at: datetime
    newest_event: int


@dataclass(frozen=True)
class SignedInUser:
    user_id: UUID
    login: str
    name: str
    is_support: bool
    companies: tuple[MemberCompany, ...]


@dataclass(frozen=True)
class SealedTokens:
    """A user's Procore tokens as stored, sealed. ``refresh_token`` is None once somebody has taken it to use it."""

    access_token: bytes
    refresh_token: bytes | None
    expires_at: datetime


@dataclass(frozen=True)
class FoundIds:
    """Where something lives; all that a support look-up may learn before it enters a company."""

    company_id: UUID
    subject_kind: str
    subject_id: UUID


async def record_sign_in(
    session: AsyncSession, clock: Clock, environment: str, person: SeenPerson, companies: Sequence[SeenCompany]
) -> UUID:
    """Find or create the user, their companies (the feature off) and memberships; the user's id.

    A membership in a company that Procore no longer lists for the person ends here.
    """
    user_id = await _upsert_user(session, clock, environment, person)
    company_ids = [await _upsert_company(session, clock, environment, company) for company in companies]
    for company_id, company in zip(company_ids, companies, strict=True):
        await _upsert_membership(session, clock, company_id, user_id, company.is_company_admin)
    await session.execute(
        sa.delete(Membership)
        .where(col(Membership.user_id) == user_id, col(Membership.company_id).not_in(company_ids))
        .execution_options(synchronize_session=False)
    )
    return user_id


async def _upsert_user(session: AsyncSession, clock: Clock, environment: str, person: SeenPerson) -> UUID:
    known = {"login": person.login, "name": person.name, "last_signed_in_at": clock.now()}
    stored = await session.execute(
        insert(AppUser)
        .values(
            id=new_id(clock),
            procore_environment=environment,
            procore_user_id=person.procore_user_id,
            is_support=False,
            created_at=clock.now(),
            **known,
        )
        .on_conflict_do_update(index_elements=["procore_environment", "procore_user_id"], set_=known)
        .returning(col(AppUser.id))
    )
    user_id: UUID = stored.scalar_one()
    return user_id


async def _upsert_company(session: AsyncSession, clock: Clock, environment: str, company: SeenCompany) -> UUID:
    stored = await session.execute(
        insert(Company)
        .values(
            id=new_id(clock),
            procore_environment=environment,
            procore_company_id=company.procore_company_id,
            name=company.name,
            feature_enabled=False,
            event_seq=0,
            created_at=clock.now(),
        )
        .on_conflict_do_update(
            index_elements=["procore_environment", "procore_company_id"], set_={"name": company.name}
        )
        .returning(col(Company.id))
    )
    company_id: UUID = stored.scalar_one()
    return company_id


async def _upsert_membership(
    session: AsyncSession, clock: Clock, company_id: UUID, user_id: UUID, is_company_admin: bool
) -> None:
    verdict = {"is_company_admin": is_company_admin, "checked_at": clock.now()}
    await session.execute(
        insert(Membership)
        .values(company_id=company_id, id=new_id(clock), user_id=user_id, is_accountant=False, **verdict)
        .on_conflict_do_update(index_elements=["company_id", "user_id"], set_=verdict)
    )


async def signed_in_user(session: AsyncSession, user_id: UUID) -> SignedInUser | None:
    """The person behind a session cookie with every company they belong to, by name."""
    user = await session.get(AppUser, user_id)
    if user is None:
        return None
    found = await session.exec(
        select(Company, Membership)
        .join(Membership, col(Membership.company_id) == col(Company.id))
        .where(Membership.user_id == user_id)
        .order_by(col(Company.name), col(Company.id))
    )
    companies = tuple(
        MemberCompany(
            company_id=company.id,
            procore_company_id=company.procore_company_id,
            name=company.name,
            feature_enabled=company.feature_enabled,
            is_company_admin=membership.is_company_admin,
            is_accountant=membership.is_accountant,
            checked_at=membership.checked_at,
            newest_event=company.event_seq,
        )
        for company, membership in found
    )
    return SignedInUser(
        user_id=user.id, login=user.login, name=user.name, is_support=user.is_support, companies=companies
    )


async def store_user_tokens(session: AsyncSession, user_id: UUID, tokens: SealedTokens) -> None:
    values = {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_at": tokens.expires_at,
    }
    await session.execute(
        insert(UserCredential)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


async def user_tokens(session: AsyncSession, user_id: UUID) -> SealedTokens | None:
    stored = await session.get(UserCredential, user_id)
    if stored is None:
        return None
    return SealedTokens(stored.access_token, stored.refresh_token, stored.expires_at)


async def take_refresh_token(session: AsyncSession, user_id: UUID) -> bytes | None:
    """The user's sealed refresh token, for the one caller that gets it: it is gone from the row at once.

    Procore burns a refresh token on any attempt, so a second caller could only destroy the first one's answer.
    """
    found = await session.exec(select(UserCredential).where(UserCredential.user_id == user_id).with_for_update())
    stored = found.first()
    if stored is None or stored.refresh_token is None:
        return None
    taken = stored.refresh_token
    stored.refresh_token = None
    session.add(stored)
    return taken


async def forget_user_tokens(session: AsyncSession, user_id: UUID) -> SealedTokens | None:
    """Erase the user's tokens at sign-out; what was stored, so that it can be revoked."""
    stored = await session.get(UserCredential, user_id)
    if stored is None:
        return None
    tokens = SealedTokens(stored.access_token, stored.refresh_token, stored.expires_at)
    await session.delete(stored)
    return tokens


async def company_of_realm(session: AsyncSession, environment: str, realm_id: str) -> tuple[UUID, UUID] | None:
    """(company id, connection id) of the live connection to a QuickBooks Online company; None when there is none."""
    found = await session.exec(
        select(Connection.company_id, Connection.id).where(
            Connection.kind == QuickBooksKind.ONLINE,
            Connection.environment == environment,
            Connection.quickbooks_company_id == realm_id,
            Connection.state != ConnectionState.DISCONNECTED,
        )
    )
    return found.first()


@dataclass(frozen=True)
class CalledHook:
    """Whose hook an address is, and the SHA-256 of the secret that a caller must show."""

    company_id: UUID
    company_name: str
    hook_row_id: UUID
    procore_company_id: str
    project_id: str
    secret_sha256: str
    last_delivery_at: datetime | None


async def called_hook(session: AsyncSession, hook_row_id: UUID) -> CalledHook | None:
    """The hook behind an address that Procore calls: the call itself names no company of ours."""
    found = await session.exec(
        select(ProcoreHook, Company)
        .join(Company, col(Company.id) == col(ProcoreHook.company_id))
        .where(ProcoreHook.id == hook_row_id)
    )
    row = found.first()
    if row is None:
        return None
    hook, company = row
    return CalledHook(
        company_id=company.id,
        company_name=company.name,
        hook_row_id=hook.id,
        procore_company_id=company.procore_company_id,
        project_id=hook.project_id,
        secret_sha256=hook.secret_sha256,
        last_delivery_at=hook.last_delivery_at,
    )


async def realm_is_held(session: AsyncSession, environment: str, realm_id: str) -> bool:
    """Whether anybody's live connection lives on this QuickBooks company's authorisation."""
    return await company_of_realm(session, environment, realm_id) is not None


async def realm_is_being_connected(session: AsyncSession, realm_id: str, company_id: UUID) -> bool:
    """Whether an open attempt of anybody was given access to this QuickBooks company, or one of the company may be."""
    found = await session.exec(
        select(ConnectionAttempt.id)
        .where(
            sa.or_(
                col(ConnectionAttempt.quickbooks_company_id) == realm_id,
                sa.and_(
                    col(ConnectionAttempt.company_id) == company_id,
                    col(ConnectionAttempt.quickbooks_company_id).is_(None),
                ),
            )
        )
        .where(ConnectionAttempt.outcome == AttemptOutcome.PENDING, ConnectionAttempt.kind == QuickBooksKind.ONLINE)
        .limit(1)
    )
    return found.first() is not None


async def company_id_of_procore(session: AsyncSession, environment: str, procore_company_id: str) -> UUID | None:
    """Our id of a Procore company; None until one of its users has signed in."""
    found = await session.exec(
        select(Company.id).where(
            Company.procore_environment == environment, Company.procore_company_id == procore_company_id
        )
    )
    return found.first()


async def grant_support(session: AsyncSession, environment: str, login: str, granted: bool) -> bool:
    """Give a user inBuild's support role or take it away; False when nobody with that login has signed in yet."""
    changed = await session.execute(
        sa.update(AppUser)
        .where(col(AppUser.procore_environment) == environment, sa.func.lower(col(AppUser.login)) == login.lower())
        .values(is_support=granted)
        .returning(col(AppUser.id))
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


# A support person looks for one thing; more hits than this mean that the text was too vague.
SUPPORT_HITS = 20


async def find_for_support(session: AsyncSession, clock: Clock, support_user_id: UUID, text: str) -> list[FoundIds]:
    """Ids of companies, connections and invoices that a number, an id or a name points at.

    Every company touched gets an audit row in the same unit of work. Raises PermissionError unless the caller has the
    support role.
    """
    user = await session.get(AppUser, support_user_id)
    if user is None or not user.is_support:
        raise PermissionError("only support may look across companies")
    wanted = text.strip()
    # The whole of an id of ours names one thing; every other text may name several.
    own = _own_id(wanted)
    hits = [
        *[FoundIds(company_id, "company", company_id) for company_id in await _companies_like(session, wanted, own)],
        *[FoundIds(*hit) for hit in await _connections_like(session, wanted, own)],
        *[FoundIds(*hit) for hit in await _invoices_like(session, wanted, own)],
    ][:SUPPORT_HITS]
    for company_id in {hit.company_id for hit in hits}:
        session.add(
            AuditLog(
                company_id=company_id,
                id=new_id(clock),
                at=clock.now(),
                actor_kind=ActorKind.SUPPORT,
                actor_id=str(support_user_id),
                action="support_lookup",
                data={"text": wanted[:200]},
            )
        )
    return hits


def _own_id(wanted: str) -> UUID | None:
    try:
        return UUID(wanted)
    except ValueError:
        return None


async def _companies_like(session: AsyncSession, wanted: str, own: UUID | None) -> list[UUID]:
    named = [col(Company.procore_company_id) == wanted]
    named.append(col(Company.id) == own if own else col(Company.name).icontains(wanted, autoescape=True))
    found = await session.exec(select(Company.id).where(sa.or_(*named)).limit(SUPPORT_HITS))
    return list(found)


async def _connections_like(session: AsyncSession, wanted: str, own: UUID | None) -> list[tuple[UUID, str, UUID]]:
    named = [col(Connection.quickbooks_company_id) == wanted]
    if own:
        named.append(col(Connection.id) == own)
    else:
        named.append(col(Connection.quickbooks_company_name).icontains(wanted, autoescape=True))
    found = await session.exec(select(Connection.company_id, Connection.id).where(sa.or_(*named)).limit(SUPPORT_HITS))
    return [(company_id, "connection", connection_id) for company_id, connection_id in found]


async def _invoices_like(session: AsyncSession, wanted: str, own: UUID | None) -> list[tuple[UUID, str, UUID]]:
    named = [col(InvoiceRow.number) == wanted, col(InvoiceRow.source_id) == wanted]
    if own:
        named.append(col(InvoiceRow.id) == own)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        named.append(col(InvoiceRow.reference) == int(wanted))
    # A QuickBooks transaction id counts from 1 in every company: it finds the bills of all of them.
    billed = select(BillLink.invoice_id).where(
        col(BillLink.company_id) == col(InvoiceRow.company_id),
        col(BillLink.invoice_id) == col(InvoiceRow.id),
        BillLink.quickbooks_id == wanted,
    )
    found = await session.exec(
        select(InvoiceRow.company_id, InvoiceRow.id).where(sa.or_(*named, billed.exists())).limit(SUPPORT_HITS)
    )
    return [(company_id, "invoice", invoice_id) for company_id, invoice_id in found]


@dataclass(frozen=True)
class RunningConnection:
    """A connection whose workflow should run; ``wanted_by`` asked for a disconnect that nobody has fulfilled yet."""

    company_id: UUID
    connection_id: UUID
    quickbooks_company: str
    wanted_by: UUID | None


@dataclass(frozen=True)
class RunningAttempt:
    """An open attempt; ``called_back`` when its code waits to be traded."""

    company_id: UUID
    attempt_id: UUID
    kind: QuickBooksKind
    deadline: datetime
    called_back: bool


async def connections_to_run(session: AsyncSession) -> list[RunningConnection]:
    """Every connection that is not disconnected, or whose tokens are still to be revoked."""
    revoking = sa.exists().where(col(TokenRevocation.connection_id) == col(Connection.id))
    found = await session.exec(
        select(Connection)
        .where(sa.or_(col(Connection.state) != ConnectionState.DISCONNECTED, revoking))
        .order_by(col(Connection.id))
    )
    return [
        RunningConnection(row.company_id, row.id, row.quickbooks_company_name, row.disconnect_wanted_by)
        for row in found
    ]


async def attempts_to_run(session: AsyncSession) -> list[RunningAttempt]:
    """Every attempt that is open, or ended without its tokens having been put away."""
    found = await session.exec(
        select(ConnectionAttempt)
        .where(
            sa.or_(
                col(ConnectionAttempt.outcome) == AttemptOutcome.PENDING,
                col(ConnectionAttempt.refresh_token).is_not(None),
            )
        )
        .order_by(col(ConnectionAttempt.id))
    )
    return [RunningAttempt(row.company_id, row.id, row.kind, row.deadline, row.code is not None) for row in found]


@dataclass(frozen=True)
class RunningCompany:
    """A company whose workflow should run."""

    company_id: UUID
    name: str


async def companies_to_run(session: AsyncSession) -> list[RunningCompany]:
    """Every company with a connection that is not disconnected."""
    found = await session.exec(
        select(Company.id, Company.name)
        .where(
            sa.exists()
            .where(col(Connection.company_id) == col(Company.id))
            .where(col(Connection.state) != ConnectionState.DISCONNECTED)
        )
        .order_by(col(Company.id))
    )
    return [RunningCompany(company_id, name) for company_id, name in found]
