"""Creating one vendor in QuickBooks Online, once: looked for by its name and our note before anything is repeated."""

import asyncio
from uuid import UUID

from activities.acting import acting, acting_for
from activities.failures import quickbooks_failure
from activities.online_lists import list_entry
from activities.outside import Outside
from activities.pacing import RequestPacing
from models.database import CompanySession
from models.mapping_subjects import free_for
from models.mappings import MappingKey, MappingTarget, save_mapping
from models.new_vendors import VendorToCreate, mark_vendor, vendor_created, vendor_refused
from models.reference_lists import store_list
from models.standing import OpenConnection
from models.tables import AttemptState, MappingAuthor, MappingKind
from providers.quickbooks_online.errors import (
    DuplicateName,
    OutcomeUnclear,
    Postponed,
    QuickBooksOnlineError,
    ReconnectNeeded,
    Refused,
    RequestNotSent,
)
from providers.quickbooks_online.query import ACTIVE_OR_NOT, Condition, Select
from providers.quickbooks_online.types import Vendor
from providers.quickbooks_online.wire import read_json

NAME_TAKEN = (
    "QuickBooks already uses the name “{name}” for a vendor, a customer or an employee. Match the vendor that is "
    "there, or create it under another name, such as “{name} (Vendor)”."
)


class VendorCreating:
    """One attempt at one vendor, on behalf of whoever asked for it."""

    def __init__(
        self,
        outside: Outside,
        company_id: UUID,
        connection: OpenConnection,
        vendor: VendorToCreate,
        company_name: str,
    ) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id = company_id
        self._connection = connection
        self._vendor = vendor
        self._company_name = company_name
        self._actor = acting_for(vendor.asked_by)
        self._client = outside.quickbooks(company_id, connection, acting())

    async def create(self) -> int:
        """How many vendors there are more: 1, or 0 for one that QuickBooks refused.

        Raises ReconnectNeeded, and a retryable failure while the outcome is open.
        """
        try:
            made = await self._made_before() if self._vendor.state is not AttemptState.PREPARED else None
            if made is None:
                await self._take_place(AttemptState.SENT)
                answer = await self._client.create(Vendor, self._vendor.body, str(self._vendor.id))
                made = answer.value
        except Refused as refused:
            sentence = refused.sentence
            if isinstance(refused, DuplicateName):
                sentence = NAME_TAKEN.format(name=self._vendor.display_name)
            async with self._database.company(self._company_id, self._actor) as session:
                await vendor_refused(session, self._vendor, sentence)
            return 0
        except ReconnectNeeded:
            raise
        except (RequestNotSent, Postponed) as not_done:
            raise quickbooks_failure(not_done) from None
        except OutcomeUnclear as unclear:
            async with self._database.company(self._company_id, self._actor) as session:
                await mark_vendor(session, self._vendor.id, AttemptState.UNCLEAR)
            raise quickbooks_failure(unclear) from None
        except QuickBooksOnlineError as trouble:
            raise quickbooks_failure(trouble) from None
        async with self._database.company(self._company_id, self._actor) as session:
            freed = await self._map(session, made)
        if freed:
            await self._outside.workflows.wake_company(self._company_id, self._company_name, "a vendor was created")
        return 1

    async def _made_before(self) -> Vendor | None:
        """The vendor that an earlier request made: it has the name, and our note. Others of that name are not ours."""
        await self._take_place(self._vendor.state)
        where = (Condition("DisplayName", "=", self._vendor.display_name), ACTIVE_OR_NOT)
        page = (await self._client.query(Vendor, Select(Vendor.entity_name, where))).value
        note = read_json(self._vendor.body).get("Notes")
        return next((one for one in page.entities if note and one.notes == note), None)

    async def _take_place(self, state: AttemptState) -> None:
        """Wait for a place in line; the state is written down before the first byte leaves."""
        pacing = RequestPacing(self._outside.settings, self._connection.id)
        async with self._database.company(self._company_id, self._actor) as session:
            wait = await pacing.reserve(session, is_batch=False)
            await mark_vendor(session, self._vendor.id, state)
        await asyncio.sleep(wait.total_seconds())

    async def _map(self, session: CompanySession, made: Vendor) -> int:
        """Put the vendor into our copy of the list, map it, and free what waited for it; how many invoices go on."""
        connection_id, vendor = self._connection.id, self._vendor
        await store_list(session, connection_id, "Vendor", [list_entry(made, {})], session.now, whole=False)
        key = MappingKey(MappingKind.VENDOR, vendor.procore_id)
        await save_mapping(
            session,
            connection_id,
            key,
            vendor.procore_name,
            MappingTarget("Vendor", made.id),
            author=MappingAuthor.PERSON,
            author_id=vendor.asked_by,
        )
        await vendor_created(session, vendor, made.id)
        return len(await free_for(session, connection_id, key))
