"""What the stories of a connection's life share: an admin's intents, company files, and what must not change."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select
from temporalio.client import WorkflowExecutionStatus

from contracts.connection import CompanyFileIdentity
from contracts.mirroring import Paused
from contracts.timeouts import DESKTOP_ATTEMPT_DEADLINE
from foundation.ids import new_id
from models.attempts import start_attempt
from models.connections import connection_by_id, pause_posting, want_disconnect
from models.events import timeline
from models.mirroring import mirroring_row
from models.tables import (
    BillLink,
    Connection,
    ConnectionAttempt,
    ConnectionSettings,
    Mapping,
    Mirroring,
    QuickBooksKind,
    WebConnectorLogin,
)
from models.web_connector import login_of_connection, make_login
from tests.product import Product, eventually
from tests.workflows.stories import becomes, connection_workflow


async def disconnect(product: Product, connection: Connection, *, ends: bool = True) -> None:
    """An admin disconnects, and the connection's workflow does its part."""
    async with product.session() as session:
        row = await connection_by_id(session, connection.id, lock=True)
        assert row is not None
        await want_disconnect(session, row, product.admin_id)
        asked_at = row.disconnect_wanted_at
    await product.outside.workflows.disconnect(
        product.company_id, connection.id, connection.quickbooks_company_name, "Admin", asked_at
    )

    async def gone() -> bool:
        return (await product.connection(connection.id)).state == "disconnected"

    await eventually(gone)
    if ends:
        await becomes(connection_workflow(product, connection), WorkflowExecutionStatus.COMPLETED)


async def pause(product: Product, connection: Connection, on: bool) -> None:
    async with product.session() as session:
        version = (await pause_posting(session, connection.id, on, product.admin_id)).pause_version
    await say_paused(product, connection.id, on, version)


async def say_paused(product: Product, connection_id: UUID, on: bool, version: int) -> None:
    """The message alone, as it may come late."""
    told = Paused(
        connection_id=connection_id, connection_name="Books", on=on, version=version, actor=f"admin {version}"
    )
    await product.outside.workflows.pause_posting(product.company_id, product.company_name, told)


async def toggle(product: Product) -> Mirroring:
    async with product.session() as session:
        return await mirroring_row(session)


async def kept(product: Product) -> dict[str, list[str]]:
    """Everything that outlives reconnecting and disconnecting, in a form that shows any change."""
    rows: dict[str, list[str]] = {}
    async with product.session() as session:
        for table in (ConnectionSettings, Mapping, BillLink):
            found = await session.exec(select(table).where(table.company_id == product.company_id))
            # Whether files wait to be carried is paperwork's own, and it may be at it now.
            rows[str(table.__tablename__)] = sorted(row.model_dump_json(exclude={"files_due_at"}) for row in found)
    return rows


async def events(product: Product, kind: str, subject_id: UUID | str) -> list[Any]:
    async with product.session() as session:
        return list(await timeline(session, kind, subject_id))


# --- company files


async def begin_file(product: Product, earlier: Connection | None = None) -> tuple[UUID, str]:
    """A Desktop attempt as the route begins it; the attempt and the FileID it was given."""
    deadline = product.outside.clock.now() + DESKTOP_ATTEMPT_DEADLINE
    async with product.session() as session:
        login: WebConnectorLogin | None
        if earlier is None:
            login = await make_login(session, f"inbuild-{new_id(product.outside.clock)}", "hash", str(session.new_id()))
        else:
            login = await login_of_connection(session, earlier.id)
        started = await start_attempt(
            session, QuickBooksKind.DESKTOP, product.admin_id, str(session.new_id()), deadline, login
        )
        assert login is not None
        file_id = login.file_id
    await product.outside.workflows.start_attempt(product.company_id, started.attempt_id, "desktop", deadline)
    return started.attempt_id, file_id


async def open_file(product: Product, attempt_id: UUID, file_id: str, name: str, **more: str) -> ConnectionAttempt:
    """The Web Connector's first session, told as the SOAP endpoint tells it; the attempt once it has ended."""
    file = CompanyFileIdentity(file_id=file_id, company_name=name, path=f"C:\\Books\\{name}.qbw", **more)
    await product.outside.workflows.company_file_verified(attempt_id, file)
    return await product.ended_attempt(attempt_id)


async def connect_file(product: Product, name: str, earlier: Connection | None = None) -> Connection:
    attempt_id, file_id = await begin_file(product, earlier)
    ended = await open_file(product, attempt_id, file_id, name)
    assert ended.connection_id is not None, ended.reason
    return await product.connection(ended.connection_id)


async def live(product: Product) -> list[Connection]:
    async with product.session() as session:
        found = await session.exec(
            select(Connection)
            .where(Connection.company_id == product.company_id, Connection.state != "disconnected")
            .order_by(col(Connection.id))
        )
        return list(found)
