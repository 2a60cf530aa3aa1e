"""*Create in QuickBooks*: a vendor that is missing there, created by the worker, mapped and freed once it is there."""

from collections.abc import Sequence
from uuid import UUID

from accounting.desktop_text import known_to_quickbooks, shortened
from accounting.vendor_names import DESKTOP_NAME_LIMIT, DISPLAY_NAME_LIMIT, proposed_name
from api.access import Visitor, require_feature
from api.intents.mapping_versions import check_connection
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models.connections import connection_by_id
from models.database import CompanySession
from models.desktop_vendors import queue_vendor, vendor_guid
from models.mappings import MappingKey, connection_settings, live_mappings
from models.new_vendors import AskedAlready, WantedVendor, ask_for_vendor
from models.procore_vendors import Contact, contact_of, vendor_parties
from models.reference_lists import active_entries, name_key
from models.tables import Connection, ConnectionState, MappingKind, QuickBooksKind
from providers.quickbooks_desktop.message_set import request_text
from providers.quickbooks_desktop.messages.lists import VendorAdd, VendorAddRq
from providers.quickbooks_desktop.values import guid
from providers.quickbooks_online.errors import InvalidRequest
from providers.quickbooks_online.vendor_payload import VendorPayload, serialize_vendor


async def proposal(
    session: CompanySession, connection_id: UUID, procore_name: str, refused: Sequence[str] = ()
) -> str | None:
    """A name that no vendor or customer of the books has yet, nor one that QuickBooks ``refused``."""
    connection = await connection_by_id(session, connection_id)
    if connection is None:
        return None
    taken = await active_entries(session, connection_id, ("Vendor", "Customer"))
    name = known_to_quickbooks(procore_name) if connection.kind is QuickBooksKind.DESKTOP else procore_name
    return proposed_name(name, [*(one.name for one in taken), *refused], _longest(connection)).display_name


def _longest(connection: Connection) -> int:
    return DESKTOP_NAME_LIMIT if connection.kind is QuickBooksKind.DESKTOP else DISPLAY_NAME_LIMIT


async def create_vendor(
    services: Services, visitor: Visitor, connection_id: UUID, procore_id: str, display_name: str
) -> None:
    """Ask for the vendor under this name. Raises Problem 404, 409 and 422."""
    require_feature(visitor)
    name = " ".join(display_name.split())
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        connection = await _check(session, connection_id, procore_id, name)
        parties = await vendor_parties(session)
        if procore_id not in parties:
            raise not_found("vendor")
        contact = await contact_of(session, procore_id)
        procore_name = parties[procore_id].name
        try:
            body = _body(connection, procore_id, procore_name, name, contact)
        except InvalidRequest:
            raise Problem(
                422,
                "bad_name",
                f"A vendor's name has 1 to {_longest(connection)} characters, and no colon among them. Correct it.",
            ) from None
        wanted = WantedVendor(procore_id, procore_name, name)
        try:
            vendor = await ask_for_vendor(session, connection_id, wanted, body, visitor.user_id)
        except AskedAlready:
            raise Problem(
                409, "asked_already", "This vendor is being created in QuickBooks already. It shows here once it is."
            ) from None
        if connection.kind is QuickBooksKind.DESKTOP:
            await queue_vendor(session, vendor)
            return
    await tell(services.workflows.do_paperwork(visitor.company_id, visitor.company.name))


async def _check(session: CompanySession, connection_id: UUID, procore_id: str, name: str) -> Connection:
    await check_connection(session, connection_id)
    connection = await connection_by_id(session, connection_id)
    if connection is None:
        raise not_found("connection")
    if connection.state is not ConnectionState.ACTIVE:
        raise Problem(
            409, "not_connected", "The connection to QuickBooks has expired. Reconnect, then create the vendor."
        )
    if (await connection_settings(session, connection_id)).posting_paused:
        raise Problem(
            409, "paused", "Posting is paused for this connection, so nothing is written there. Resume it first."
        )
    key = MappingKey(MappingKind.VENDOR, procore_id)
    if await live_mappings(session, connection_id, kinds=[key.kind], procore_ids=[procore_id], scopes=[""]):
        raise Problem(409, "mapped_already", "This vendor is matched already. Look at it again. Nothing was created.")
    listed = await active_entries(session, connection_id, ("Vendor", "Customer"))
    same = next((one for one in listed if name_key(one.name) == name_key(name)), None)
    if same is None:
        return connection
    if same.entity == "Vendor":
        raise Problem(422, "name_taken", f"QuickBooks has a vendor called “{same.name}” already. Match it instead.")
    free = proposed_name(name, [one.name for one in listed], _longest(connection)).display_name
    raise Problem(
        422,
        "name_taken",
        f"“{same.name}” is a customer in QuickBooks, and names are unique there. Create the vendor as “{free}”.",
    )


def _body(connection: Connection, procore_id: str, procore_name: str, name: str, contact: Contact) -> bytes:
    """The request as it will be sent. Raises InvalidRequest for a name that QuickBooks does not take."""
    legal = contact.legal_name or procore_name
    if connection.kind is QuickBooksKind.DESKTOP:
        return _in_a_company_file(connection, procore_id, name, legal)
    return serialize_vendor(
        VendorPayload(
            display_name=name,
            company_name=legal,
            print_on_check_name=legal,
            email=contact.email,
            phone=contact.phone,
            notes=f"Created by inBuild for Procore vendor {procore_id}",
        )
    )


def _in_a_company_file(connection: Connection, procore_id: str, name: str, legal: str) -> bytes:
    if not 1 <= len(name) <= DESKTOP_NAME_LIMIT or ":" in name or known_to_quickbooks(name) != name:
        raise InvalidRequest("not a name that QuickBooks Desktop takes")
    legal = shortened(known_to_quickbooks(legal), DESKTOP_NAME_LIMIT)
    stamp = guid(vendor_guid(connection.id, procore_id))
    vendor = VendorAdd(name=name, company_name=legal, name_on_check=legal, external_guid=stamp)
    request = VendorAddRq(request_id=f"inBuild-vendor-{procore_id}"[:50], vendor=vendor)
    return request_text(request).encode("ascii")
