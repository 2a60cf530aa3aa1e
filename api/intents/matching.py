"""Matching a vendor, project or budget code to QuickBooks where it is missing: on the invoice that waits for it."""

from uuid import UUID

from accounting.blockers import BlockerReason
from api.access import Visitor, require_feature
from api.intents import mapping
from api.intents.mapping import NotSaved, TypedMapping
from api.problems import Problem, not_found
from api.services import Services
from models.invoice_sheet import invoice_sheet
from models.mappings import live_mappings
from models.open_reasons import OpenReason
from models.tables import InvoiceRow, MappingKind

# Each of them names in its subject key what is to be matched.
MATCHED = {
    BlockerReason.VENDOR_UNMAPPED: MappingKind.VENDOR,
    BlockerReason.VENDOR_INACTIVE: MappingKind.VENDOR,
    BlockerReason.PROJECT_UNMAPPED: MappingKind.PROJECT,
    BlockerReason.COST_CODE_UNMAPPED: MappingKind.COST_CODE,
}


def kind_to_match(row: InvoiceRow, reason: OpenReason) -> MappingKind | None:
    """What another match on the invoice's page settles; None where it is a setting, or one line's own code."""
    if reason.reason is not BlockerReason.MAPPING_REFUSED:
        return MATCHED.get(reason.reason) if reason.subject_key else None
    if reason.subject_key == row.project_id:
        # A project's class and location are refused under its id too.
        return MappingKind.PROJECT if ": its customer " in reason.subject else None
    return None if reason.subject_key.startswith(("account:", "line-")) else MappingKind.COST_CODE


async def match(
    services: Services, visitor: Visitor, invoice_id: UUID, reason: BlockerReason, subject_key: str, name: str
) -> int:
    """Make the mapping an invoice waits for; how many invoices that frees. Raises Problem 404, 409 and 422.

    Nothing is matched for an invoice that does not wait for it any more: what was shown is not what is so now.
    """
    require_feature(visitor)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        sheet = await invoice_sheet(session, invoice_id)
        if sheet is None:
            raise not_found("invoice")
        waits = next((one for one in sheet.reasons if (one.reason, one.subject_key) == (reason, subject_key)), None)
        connection_id = sheet.invoice.connection_id
        kind = kind_to_match(sheet.invoice, waits) if waits is not None else None
        # What is inactive or refused is matched already: its match is replaced, the version seen here.
        known = (
            await live_mappings(session, connection_id, kinds=[kind], procore_ids=[subject_key], scopes=[""])
            if connection_id is not None and kind is not None
            else []
        )
    if waits is None or connection_id is None or kind is None:
        raise Problem(
            409,
            "changed_meanwhile",
            "The invoice does not wait for this match any more: somebody has made it, or its reason has changed. "
            "Nothing was done.",
        )
    if not name.strip():
        raise Problem(422, "no_match_named", "Type the name it has in QuickBooks, then save the match.")
    told = waits.subject.partition(": ")[0] if reason is BlockerReason.MAPPING_REFUSED else waits.subject
    of = known[0].procore_name if known else told or subject_key
    version = known[0].version if known else 0
    typed = TypedMapping(subject_key, of, shown_version=version, shown_name="", name=name.strip())
    try:
        return await mapping.save(services, visitor, connection_id, kind, [typed])
    except NotSaved as wrong:
        raise Problem(422, "not_matched", wrong.rows[subject_key]) from None
