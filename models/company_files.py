"""How each company file stands: what its PC was last heard to say, its quiet hours, and how long its line is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.company_file import FileStanding, HeardOf, QuietHours, expected_by, file_standing
from accounting.dates import zone
from accounting.states import BEFORE_SENDING, InvoiceState
from models.columns import UtcInstant
from models.database import CompanySession
from models.desktop_readings import COPY_SERVES_FOR, readings_of
from models.desktop_sessions import newest_session
from models.tables import (
    Connection,
    ConnectionAttempt,
    ConnectionSettings,
    DesktopReading,
    ReadingKind,
    WebConnectorLogin,
)
from models.web_connector import login_by_id

UNREAD_BILLS = (
    "The bills of this company file could not be read, and nothing is posted until they are: {why} inBuild tries again."
)
UNREAD_OTHERS = (
    "inBuild could not read {what} of this company file: {why} Posting goes on with what was read before, and inBuild "
    "tries again."
)
# In the order in which they are read.
K = ReadingKind
READ_WORDS = {
    K.TERMS: "terms",
    K.ACCOUNTS: "accounts",
    K.CLASSES: "classes",
    K.VENDORS: "vendors",
    K.CUSTOMERS: "customers and jobs",
    K.ITEMS: "items",
    K.CREDITS: "vendor credits",
    K.CHECK_PAYMENTS: "bill payments by check",
    K.CARD_PAYMENTS: "bill payments by card",
    K.DELETED: "deleted transactions",
}


@dataclass(frozen=True)
class CompanyFileNow:
    """One company file as it stands. Times of day are told in ``zone``, the one of its quiet hours."""

    connection_id: UUID
    heard: HeardOf
    quiet: QuietHours | None
    zone: ZoneInfo
    path: str | None
    user_name: str

    def standing(self, now: datetime) -> FileStanding | None:
        return file_standing(self.heard, self.quiet, self.zone, now)

    def expected_by(self, place: int, now: datetime) -> datetime | None:
        return expected_by(place, self.heard, self.quiet, now)


@dataclass(frozen=True)
class Place:
    """An invoice's place among those that wait for one company file, from 1, and when it is likely to be posted."""

    place: int
    of: int
    expected_at: datetime | None


async def company_files_now(session: CompanySession, connection_ids: Iterable[UUID]) -> dict[UUID, CompanyFileNow]:
    """Those of these connections that are company files, by connection."""
    found = await session.exec(
        select(WebConnectorLogin, ConnectionSettings)
        .join(ConnectionSettings, col(ConnectionSettings.connection_id) == col(WebConnectorLogin.connection_id))
        .where(WebConnectorLogin.company_id == session.company_id, ConnectionSettings.company_id == session.company_id)
        .where(col(WebConnectorLogin.connection_id).in_(set(connection_ids)))
    )
    files = {settings.connection_id: _now(login, settings) for login, settings in found}
    for connection_id, trouble in (await _unread_bills(session, files)).items():
        file = files[connection_id]
        if file.heard.trouble is None:
            files[connection_id] = replace(file, heard=replace(file.heard, trouble=trouble))
    return files


async def _unread_bills(session: CompanySession, connection_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Why nothing is posted into files whose bills could not be read lately: it might be in them already."""
    reaches = col(Connection.transactions_read_at)
    found = await session.exec(
        select(DesktopReading.connection_id, DesktopReading.trouble)
        .join(Connection, col(Connection.id) == col(DesktopReading.connection_id))
        .where(DesktopReading.company_id == session.company_id, Connection.company_id == session.company_id)
        .where(col(DesktopReading.connection_id).in_(set(connection_ids)), DesktopReading.kind == ReadingKind.BILLS)
        .where(col(DesktopReading.trouble).is_not(None))
        .where(sa.or_(reaches.is_(None), reaches <= sa.literal(session.now - COPY_SERVES_FOR, UtcInstant)))
    )
    return {connection_id: UNREAD_BILLS.format(why=trouble) for connection_id, trouble in found}


async def unread_others(session: CompanySession, connection_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What beside the bills could not be read of a company file lately, and why: nothing waits for it."""
    read_at = col(DesktopReading.read_at)
    found = await session.exec(
        select(DesktopReading)
        .where(DesktopReading.company_id == session.company_id)
        .where(col(DesktopReading.connection_id).in_(set(connection_ids)), DesktopReading.kind != ReadingKind.BILLS)
        .where(col(DesktopReading.trouble).is_not(None))
        .where(sa.or_(read_at.is_(None), read_at <= sa.literal(session.now - COPY_SERVES_FOR, UtcInstant)))
        .order_by(col(DesktopReading.place))
    )
    unread: dict[UUID, list[DesktopReading]] = {}
    for reading in found:
        unread.setdefault(reading.connection_id, []).append(reading)
    return {
        connection_id: UNREAD_OTHERS.format(
            what=", ".join(READ_WORDS[one.kind] for one in readings), why=readings[0].trouble
        )
        for connection_id, readings in unread.items()
    }


async def standings_of_files(session: CompanySession, connection_ids: Iterable[UUID]) -> dict[UUID, FileStanding]:
    """Why nothing can be written into a company file now, by connection; those that can be written into left out."""
    files = await company_files_now(session, connection_ids)
    told = {connection_id: one.standing(session.now) for connection_id, one in files.items()}
    return {connection_id: standing for connection_id, standing in told.items() if standing is not None}


@dataclass(frozen=True)
class SetUp:
    """How far somebody has come with connecting a company file; ``trouble`` is what to do where it does not go on."""

    login_id: UUID
    user_name: str
    downloaded: bool
    signed_in: bool
    verified: bool
    trouble: str | None


async def set_up_of(session: CompanySession, attempt: ConnectionAttempt) -> SetUp | None:
    """The steps of an attempt to connect a company file; None for an attempt at QuickBooks Online.

    A file that was connected earlier begins anew: only what happened since the attempt began counts.
    """
    login = await login_by_id(session, attempt.login_id) if attempt.login_id else None
    if login is None:
        return None
    newest = await newest_session(session, login.id)
    current = newest if newest is not None and newest.opened_at >= attempt.started_at else None
    signed_in = login.seen_at is not None and login.seen_at >= attempt.started_at
    heard = HeardOf(login.seen_at, login.refused_at, login.trouble, login.trouble_at)
    standing = file_standing(heard, None, zone("UTC"), session.now) if signed_in or login.refused_at else None
    return SetUp(
        login_id=login.id,
        user_name=login.user_name,
        downloaded=login.file_downloaded_at is not None and login.file_downloaded_at >= attempt.started_at,
        signed_in=signed_in,
        verified=current is not None and current.verified_at is not None,
        trouble=standing.sentence if standing is not None else None,
    )


async def lists_read(session: CompanySession, connection_id: UUID) -> tuple[int, int]:
    """How many of a company file's lists were read at least once, and how many there are."""
    readings = await readings_of(session, connection_id)
    return sum(one.read_at is not None for one in readings), len(readings)


async def is_quiet(session: CompanySession, connection_id: UUID) -> bool:
    """Whether a company file is to be left alone now."""
    found = await session.exec(
        select(ConnectionSettings).where(
            ConnectionSettings.company_id == session.company_id, ConnectionSettings.connection_id == connection_id
        )
    )
    settings = found.first()
    quiet = quiet_hours(settings) if settings is not None else None
    return quiet is not None and quiet.ends_at(session.now) is not None


def quiet_hours(settings: ConnectionSettings) -> QuietHours | None:
    if settings.quiet_from is None or settings.quiet_until is None:
        return None
    return QuietHours(settings.quiet_from, settings.quiet_until, zone(settings.quiet_time_zone))


# Approval order is the order of the queue; what is being sent is ahead of everything that waits.
PLACE = """
    SELECT place, length FROM (
        SELECT id, count(*) OVER () AS length, row_number() OVER (
            ORDER BY state <> 'sending', approved_at, sequence, id
        ) AS place
        FROM invoice
        WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND state = ANY(%(states)s)
            AND approved_at IS NOT NULL AND NOT approval_withdrawn
            AND NOT EXISTS (
                SELECT FROM invoice_blocker AS blocker
                WHERE blocker.company_id = %(company_id)s AND blocker.invoice_id = invoice.id
                    AND blocker.cleared_at IS NULL
            )
    ) AS line
    WHERE %(invoice_id)s::uuid IS NULL AND place = length OR id = %(invoice_id)s
"""
IN_LINE = sorted({*BEFORE_SENDING, InvoiceState.SENDING})


@dataclass(frozen=True)
class _Place:
    place: int
    length: int


async def place_in_line(session: CompanySession, file: CompanyFileNow, invoice_id: UUID | None = None) -> Place | None:
    """Where an invoice stands in a company file's line, the last one of it unless one is named; None where none is."""
    for found in await session.ask(
        PLACE, _Place, connection_id=file.connection_id, invoice_id=invoice_id, states=IN_LINE
    ):
        return Place(found.place, found.length, file.expected_by(found.place, session.now))
    return None


def _now(login: WebConnectorLogin, settings: ConnectionSettings) -> CompanyFileNow:
    return CompanyFileNow(
        connection_id=settings.connection_id,
        heard=HeardOf(login.seen_at, login.refused_at, login.trouble, login.trouble_at),
        quiet=quiet_hours(settings),
        zone=zone(settings.quiet_time_zone),
        path=login.company_file,
        user_name=login.user_name,
    )
