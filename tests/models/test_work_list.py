"""The work list: one thing to do for each click, ranked by the money it frees."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlmodel import col, select

from accounting.blockers import EXPLANATIONS, BlockerReason, Hold
from models.database import Actor, CompanySession, Database
from models.tables import ActorKind, ConnectionState, InvoiceRow
from models.work_list import work_list
from tests.api.seeding import add_connection, add_invoice, add_projects

R = BlockerReason
ACTOR = Actor(ActorKind.COMMAND, "test")
CODE = Hold(R.COST_CODE_UNMAPPED, "03-300", "300")
VENDOR = Hold(R.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")


class Work:
    """A company's held invoices, and what they make to do."""

    def __init__(self, session: CompanySession, connection_id: UUID) -> None:
        self.session = session
        self.connection_id = connection_id
        self._numbers = count(1)

    async def held(self, due: str, *holds: Hold, connection_id: UUID | None = None) -> UUID:
        number = str(next(self._numbers))
        of = connection_id or self.connection_id
        return await add_invoice(
            self.session, number, connection_id=of, source_id=number, due=Decimal(due), holds=holds
        )

    async def told(self, limit: int = 100, connection_id: UUID | None = None) -> Sequence[tuple[object, ...]]:
        tasks = await work_list(self.session, limit, connection_id)
        return [(one.reason, one.frees, str(one.frees_amount), one.touches) for one in tasks]


@pytest_asyncio.fixture
async def work(database: Database, company_id: UUID) -> AsyncIterator[Work]:
    async with database.company(company_id, ACTOR) as session:
        connection_id = await add_connection(session, uuid4())
        await add_projects(session)
        yield Work(session, connection_id)


async def test_what_frees_the_most_money_comes_first_and_counts_what_it_frees(work: Work) -> None:
    alone = await work.held("100.00", VENDOR)
    largest, _, _ = [await work.held(due, CODE) for due in ("29370.30", "29370.20", "29370.10")]
    await work.held("99999.00", CODE, VENDOR)
    await work.held("500.00", Hold(R.NEGATIVE_TOTAL, "-$500.00"))
    tasks = await work_list(work.session, 100)
    assert [task.sentence for task in tasks] == [
        "Map budget code 03-300 → frees 3 invoices, $88,110.60",
        "Post as vendor credit -$500.00 → frees 1 invoice, $500.00",
        "Match vendor Ernie's Electrical → frees 1 invoice, $100.00",
    ]
    # What somebody else has to decide about as well is not what is shown first.
    assert (tasks[0].invoice_id, tasks[2].invoice_id) == (str(largest), str(alone))
    # Only what is about one invoice names it.
    assert [task.invoice for task in tasks] == [None, "6, Ernie's Electrical", None]
    assert len(await work_list(work.session, 2)) == 2


async def test_an_invoice_held_twice_is_freed_by_neither_alone(work: Work) -> None:
    await work.held("100.00", CODE, VENDOR)
    await work.held("7.00", VENDOR)
    assert await work.told() == [(R.VENDOR_UNMAPPED, 1, "7.00", 2), (R.COST_CODE_UNMAPPED, 0, "0", 1)]


async def test_the_same_code_in_two_companies_books_is_two_tasks(work: Work) -> None:
    other = await add_connection(work.session, uuid4(), realm_id="9130350000000002", state=ConnectionState.DISCONNECTED)
    await work.held("1.00", CODE)
    await work.held("2.00", CODE, connection_id=other)
    assert [one[2] for one in await work.told()] == ["2.00", "1.00"]
    assert [one[2] for one in await work.told(connection_id=work.connection_id)] == ["1.00"]


async def test_what_concerns_one_invoice_is_one_task_each(work: Work) -> None:
    for _ in range(2):
        await work.held("1.00", Hold(R.AMOUNTS_DISAGREE, "x", "due"))
    assert [one[3] for one in await work.told()] == [1, 1]


@pytest.mark.parametrize("reason", [reason for reason in R if EXPLANATIONS[reason].clears_by_itself])
async def test_what_clears_by_itself_is_nobodys_work(work: Work, reason: BlockerReason) -> None:
    await work.held("1.00", Hold(reason))
    assert await work.told() == []


async def test_what_was_withdrawn_is_nobodys_work(work: Work) -> None:
    invoice_id = await work.held("1.00", VENDOR)
    row = (await work.session.exec(select(InvoiceRow).where(col(InvoiceRow.id) == invoice_id))).one()
    row.approval_withdrawn = True
    work.session.add(row)
    assert await work.told() == []
