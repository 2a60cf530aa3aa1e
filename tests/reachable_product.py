"""The product with its API on a socket, so that the simulated Procore can deliver webhooks; a small world beside it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from typing import Any

from sqlmodel import select
from starlette.types import ASGIApp, Receive, Scope, Send
from temporalio.client import Client

from api.app import create_app
from api.services import Services, intuit_oauth, procore_oauth
from models.connections import connection_by_id, want_disconnect
from models.tables import Connection, InvoiceBlocker, InvoiceRow, ProcoreHook
from simulators.procore.requisition import Requisition
from simulators.procore.requisition_book import Actor
from simulators.server import serve
from simulators.world.bench import bench_world
from simulators.world.documents import Documents
from tests.product import Product, eventually, running_product

PROJECTS = 4
PER_PROJECT = 4


class Door:
    """An address that is known before the application behind it is: Procore's hooks must name it."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
            return
        assert self.app is not None
        await self.app(scope, receive, send)


def small_world(waiting: int = 0) -> Documents:
    """Approved invoices of four projects, nothing odd; the last ``waiting`` of them are still under review."""
    world = bench_world(PER_PROJECT * 20)
    procore: dict[str, Any] = dict(world.procore)
    kept = [project["id"] for project in procore["projects"][:PROJECTS]]
    for part in ("commitments", "cost_codes", "requisitions"):
        procore[part] = [row for row in procore[part] if row["project_id"] in kept]
    procore["projects"] = procore["projects"][:PROJECTS]
    for row in procore["requisitions"][len(procore["requisitions"]) - waiting :] if waiting else []:
        row["status"] = "under_review"
    unapproved = {row["id"] for row in procore["requisitions"] if row["status"] == "under_review"}
    ids = {row["id"] for row in procore["requisitions"]}
    procore["change_histories"] = [
        row for row in procore["change_histories"] if row["requisition_id"] in ids - unapproved
    ]
    return Documents(procore, world.quickbooks_online, world.expected)


@asynccontextmanager
async def reachable_product(
    documents: Documents, database_url: str, temporal: Client, task_queue: str, **settings: Any
) -> AsyncIterator[Product]:
    """As ``running_product``, with the API reachable and webhooks on."""
    async with AsyncExitStack() as opened:
        door = Door()
        url = await opened.enter_async_context(serve(door, 0))
        product = await opened.enter_async_context(
            running_product(
                documents,
                database_url,
                temporal,
                task_queue,
                **{"public_base_url": url, "procore_webhooks": True, "procore_hourly_allowance": 6000, **settings},
            )
        )
        product.quickbooks.register_app("qbo-client", "qbo-secret", [f"{url}/quickbooks/callback"])
        product.procore.switches.webhook_backoff_scale = 0.05
        door.app = create_app(services_of(product))
        yield product


def services_of(product: Product) -> Services:
    """What the API of a running product is made of."""
    outside = product.outside
    return Services(
        settings=outside.settings,
        database=outside.database,
        clock=outside.clock,
        secret_box=outside.secrets,
        http=outside.http,
        procore_oauth=procore_oauth(outside.settings, outside.http, outside.clock),
        intuit_oauth=intuit_oauth(outside.settings, outside.http, outside.clock),
        workflows=outside.workflows,
    )


async def mirrored(product: Product, documents: Documents) -> Connection:
    """Connect, switch on and wait until everything approved so far is posted."""
    expected = documents.expected
    connection = await product.connect(expected["realm_id"])
    await product.choose_accounts(connection, expected["expense_account"], expected["retainage_account"])
    await product.switch_on(await product.plan(date.fromisoformat(expected["start_date"])))
    await posted(product, [row for row in requisitions(product) if row.wire["status"] == "approved"])
    return connection


def requisitions(product: Product) -> list[Requisition]:
    return list(product.procore.records.requisitions.values())


def under_review(product: Product) -> list[Requisition]:
    return [row for row in requisitions(product) if row.wire["status"] == "under_review"]


def approve(product: Product, requisition: Requisition) -> None:
    """As a person does in Procore: history, time and webhook follow."""
    person = Actor(next(iter(product.procore.records.users.values())))
    product.procore.book.change(requisition, {"status": "approved"}, person)


async def posted(product: Product, wanted: Sequence[Requisition], patience: float = 60) -> None:
    ids = {str(row.id) for row in wanted}

    async def all_posted() -> bool:
        invoices = await product.invoices()
        return {one for one, row in invoices.items() if row.state == "posted"} >= ids

    await eventually(all_posted, patience)


async def blockers(product: Product) -> dict[str, list[InvoiceBlocker]]:
    """Open reasons by requisition id."""
    async with product.session() as session:
        found = await session.exec(
            select(InvoiceRow, InvoiceBlocker)
            .where(InvoiceBlocker.invoice_id == InvoiceRow.id)
            .where(InvoiceBlocker.cleared_at.is_(None))  # type: ignore[union-attr]
        )
        open_reasons: dict[str, list[InvoiceBlocker]] = {}
        for row, blocker in found:
            open_reasons.setdefault(row.source_id, []).append(blocker)
    return open_reasons


async def hooks(product: Product) -> list[ProcoreHook]:
    async with product.session() as session:
        return list(await session.exec(select(ProcoreHook).order_by(ProcoreHook.project_id)))


def bills(product: Product, connection: Connection) -> list[str]:
    """Our bills' memos, one a bill."""
    entities = product.quickbooks.companies[connection.quickbooks_company_id].entities["Bill"].values()
    return [bill["PrivateNote"] for bill in entities if "inBuild" in bill.get("PrivateNote", "")]


async def disconnect(product: Product, connection: Connection) -> None:
    """As the button does."""
    async with product.session() as session:
        row = await connection_by_id(session, connection.id, lock=True)
        assert row is not None
        await want_disconnect(session, row, product.admin_id)
        asked_at = row.disconnect_wanted_at
    await product.outside.workflows.disconnect(
        product.company_id, row.id, row.quickbooks_company_name, "admin", asked_at
    )
