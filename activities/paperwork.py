"""What surrounds the bills in QuickBooks Online: vendors created on a click, and files attached to what was posted."""

from datetime import timedelta
from uuid import UUID

from temporalio import activity

from activities.acting import acting, heartbeating
from activities.attaching import FilesOfBill
from activities.creating_vendors import VendorCreating
from activities.failures import wait_for
from activities.outside import Outside
from activities.sessions_ended import session_ended
from contracts.paperwork import PaperworkActivities, PaperworkDone, PaperworkRequest
from models.bill_files import bills_with_files, next_files_due
from models.database import Actor
from models.mirroring import company_rules
from models.new_vendors import vendors_to_create
from models.runnable import is_posting
from models.standing import open_connection
from models.tables import FileState
from providers.quickbooks_online.errors import ReconnectNeeded

# As many bills as one activity looks after before it tells what it did.
AT_ONCE = 50
# Bills go first: both share QuickBooks' requests a second.
AFTER_BILLS = timedelta(seconds=3)


async def carry_files(outside: Outside, company_id: UUID, actor: Actor, company_name: str) -> None:
    """Have the files of posted bills attached, once no bill is on its way any more: whoever ends last asks for it.

    Comes after the commit of what has ended: of two that end at once at least one then sees that both are over.
    """
    async with outside.database.company(company_id, actor) as session:
        if await is_posting(session) or not await bills_with_files(session, 1):
            return
    await outside.workflows.do_paperwork(company_id, company_name)


class PaperworkDesk(PaperworkActivities):
    """Implements what ``contracts/paperwork.py`` declares."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    @activity.defn(name="do_paperwork")
    async def do_paperwork(self, request: PaperworkRequest) -> PaperworkDone:
        return await Paperwork(self._outside, request).work()


class Paperwork:
    """One attempt of ``do_paperwork``."""

    def __init__(self, outside: Outside, request: PaperworkRequest) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._actor: Actor = acting()

    async def work(self) -> PaperworkDone:
        """Raises a benign failure while bills are posted, to be tried again then."""
        async with heartbeating():
            vendors = await self._create_vendors()
            files, left_out, more = await self._attach_files()
        again_in = timedelta(0) if more else await self._again_in()
        return PaperworkDone(vendors=vendors, files=files, left_out=left_out, again_in=again_in)

    async def _create_vendors(self) -> int:
        async with self._database.company(self._company_id, self._actor) as session:
            wanted = await vendors_to_create(session)
            name = (await company_rules(session)).name
        created = 0
        for vendor in wanted:
            async with self._database.company(self._company_id, self._actor) as session:
                connection = await open_connection(session, vendor.connection_id)
            if connection is None:
                continue
            try:
                created += await VendorCreating(self._outside, self._company_id, connection, vendor, name).create()
            except ReconnectNeeded as ended:
                await session_ended(self._outside, self._company_id, connection, ended, self._actor)
        return created

    async def _attach_files(self) -> tuple[int, int, bool]:
        """How many were attached and left out, and whether more bills are due."""
        async with self._database.company(self._company_id, self._actor) as session:
            if await is_posting(session):
                raise wait_for("bills go first", AFTER_BILLS)
            bills = await bills_with_files(session, AT_ONCE)
            procore_company_id = (await company_rules(session)).procore_company_id
        attached = left_out = 0
        for bill in bills:
            async with self._database.company(self._company_id, self._actor) as session:
                connection = await open_connection(session, bill.connection_id)
            if connection is None:
                continue
            try:
                files = FilesOfBill(self._outside, self._company_id, connection, bill, procore_company_id)
                ended = await files.attach()
            except ReconnectNeeded as lost:
                await session_ended(self._outside, self._company_id, connection, lost, self._actor)
                continue
            attached += ended.count(FileState.ATTACHED)
            left_out += ended.count(FileState.LEFT_OUT)
        return attached, left_out, len(bills) == AT_ONCE

    async def _again_in(self) -> timedelta | None:
        """How long until a file that has to wait is looked at again; None when nothing does."""
        async with self._database.company(self._company_id, self._actor) as session:
            due = await next_files_due(session)
            return max(due - session.now, timedelta(0)) if due is not None else None
