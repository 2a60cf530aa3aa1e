"""Where one invoice alone goes: another vendor, or another account or item for a line. Data mapping stays as it is."""

from uuid import UUID

from accounting.account_choice import AccountUse, item_refusal, refusal
from accounting.blockers import BlockerReason
from accounting.coding import Target, TargetKind
from accounting.invoice import Invoice
from api.access import Visitor
from api.intents.deciding import Decided, drafting_now, free_invoice, row_to_decide, told
from api.intents.mapping_versions import LIST_WORDS
from api.problems import Problem, not_found
from api.services import Services
from models.coding import ENTITY_OF_KIND, KIND_OF_ENTITY, as_account, as_item
from models.database import CompanySession
from models.decisions import VENDOR, decide, end_decisions, line_fingerprint, vendor_value
from models.events import record_event
from models.mappings import connection_settings, list_of
from models.reference_lists import entries_by_key, entries_named, name_key
from models.tables import DecisionKind, MappingKind

R = BlockerReason
OF_VENDOR = (R.VENDOR_UNMAPPED, R.VENDOR_INACTIVE, R.LIKELY_DUPLICATE)
OF_LINE = (R.COST_CODE_MISSING, R.COST_CODE_UNMAPPED, R.MAPPING_REFUSED)


async def recode(services: Services, visitor: Visitor, invoice_id: UUID, position: int, target: Target) -> Decided:
    """Another account or item for one line of this invoice only. Raises Problem 404, 409 and 422."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        of = await drafting_now(session, row)
        line = next((one for one in of.invoice.lines if one.position == position), None)
        if line is None or row.connection_id is None:
            raise not_found("line of this invoice")
        key = (ENTITY_OF_KIND[target.kind], target.quickbooks_id)
        entry = (await entries_by_key(session, row.connection_id, {key[0]: {key[1]}})).get(key)
        is_item = target.kind is TargetKind.ITEM
        said = item_refusal(as_item(entry)) if is_item else refusal(AccountUse.EXPENSE, as_account(entry))
        if said is not None:
            raise Problem(422, "target_refused", said)
        value = f"{target.kind}:{target.quickbooks_id}:{line_fingerprint(line)}"
        await decide(
            session, row.id, DecisionKind.RECODE, decided_by=visitor.user_id, value=value, subject_key=str(position)
        )
        freed = await free_invoice(session, row, *OF_LINE)
    return await told(services, visitor, freed, "a line was recoded")


async def recode_to_name(services: Services, visitor: Visitor, invoice_id: UUID, position: int, name: str) -> Decided:
    """As ``recode``, to the account or item of this name, by how these books post. Raises as it does."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        if row.connection_id is None:
            raise not_found("line of this invoice")
        basis = (await connection_settings(session, row.connection_id)).posting_basis
        entity = list_of(MappingKind.COST_CODE, basis)
        target = Target(KIND_OF_ENTITY[entity], await _id_of(session, row.connection_id, entity, name))
    return await recode(services, visitor, invoice_id, position, target)


async def choose_vendor(services: Services, visitor: Visitor, invoice_id: UUID, name: str) -> Decided:
    """Another vendor for this invoice only. Raises Problem 404, 409 and 422.

    Retainage stays with the vendor it was withheld for, so an invoice that moves any keeps its own.
    """
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        invoice = (await drafting_now(session, row)).invoice
        if row.connection_id is None:
            raise not_found("vendor of this invoice")
        if moves_retainage(invoice):
            raise Problem(
                422,
                "retainage_follows_vendor",
                "This invoice withholds or releases retainage, which stays with one vendor for the whole commitment. "
                "Match the vendor in data mapping instead.",
            )
        vendor_id = await _id_of(session, row.connection_id, "Vendor", name)
        value = vendor_value(invoice, vendor_id)
        await decide(session, row.id, DecisionKind.RECODE, decided_by=visitor.user_id, value=value, subject_key=VENDOR)
        freed = await free_invoice(session, row, *OF_VENDOR)
    return await told(services, visitor, freed, "another vendor was chosen for an invoice")


async def take_back(services: Services, visitor: Visitor, invoice_id: UUID, about: str) -> Decided:
    """Let data mapping decide again about the vendor, or the line at a position. Raises Problem 404 and 409."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await row_to_decide(session, invoice_id)
        if not await end_decisions(session, row.id, [DecisionKind.RECODE], subject_key=about):
            raise Problem(
                409, "not_recoded", "Nothing is chosen for this invoice only there any more. Nothing was changed."
            )
        record_event(session, "invoice", row.id, "recode_taken_back", about=about)
        freed = await free_invoice(session, row, *(OF_VENDOR if about == VENDOR else OF_LINE))
    return await told(services, visitor, freed, "data mapping decides about an invoice again")


def moves_retainage(invoice: Invoice) -> bool:
    return any(line.withheld or line.released for line in invoice.lines)


async def _id_of(session: CompanySession, connection_id: UUID, entity: str, name: str) -> str:
    """The id of the one active entry of that name. Raises Problem 422."""
    what, wanted = LIST_WORDS[entity], name.strip()
    if not wanted:
        raise Problem(422, "no_target_named", f"Type the name of the {what} in QuickBooks, then save it.")
    named = (await entries_named(session, connection_id, entity, [wanted])).get(name_key(wanted), [])
    if len(named) != 1:
        found = f"{len(named)} active {what}s" if named else f"no active {what}"
        raise Problem(
            422, "no_such_target", f"QuickBooks has {found} called “{wanted}”. Choose one from the list as you type."
        )
    return named[0].quickbooks_id
