"""What an invoice's page offers to choose for this invoice only, and what is chosen already."""

from dataclasses import dataclass

from accounting.coding import TargetKind
from api.intents.recoding import moves_retainage
from models.coding import ENTITY_OF_KIND
from models.database import CompanySession
from models.decisions import VENDOR, decisions_of
from models.drafting import Drafting
from models.mappings import connection_settings, list_of
from models.reference_lists import entries_by_key
from models.tables import InvoiceRow, MappingKind

WORDS = {"Account": "Category (account) in QuickBooks", "Item": "Product or service (item) in QuickBooks"}


@dataclass(frozen=True)
class ChosenHere:
    """Something that is as it is for this invoice only; ``about`` names it to whoever takes it back."""

    about: str
    words: str
    target: str


@dataclass(frozen=True)
class LineToRecode:
    position: int
    words: str


@dataclass(frozen=True)
class Recoding:
    """``vendor`` is None where retainage keeps the invoice with its own; ``target_words`` are what a line goes to."""

    vendor: str | None
    lines: tuple[LineToRecode, ...]
    target_words: str
    chosen: tuple[ChosenHere, ...]


async def recoding_of(session: CompanySession, row: InvoiceRow, of: Drafting) -> Recoding | None:
    """What may be chosen for this invoice; None without books."""
    if row.connection_id is None:
        return None
    decided = (await decisions_of(session, [row.id])).get(row.id)
    recodes = decided.recodes(of.invoice) if decided else {}
    chosen_vendor = decided.vendor(of.invoice) if decided else None
    wanted: dict[str, set[str]] = {"Vendor": {of.books.vendor_id or ""}}
    for target in recodes.values():
        wanted.setdefault(ENTITY_OF_KIND[target.kind], set()).add(target.quickbooks_id)
    entries = await entries_by_key(session, row.connection_id, wanted)

    def name(entity: str, quickbooks_id: str | None) -> str:
        entry = entries.get((entity, quickbooks_id or ""))
        return entry.full_name if entry else quickbooks_id or ""

    words = {
        line.position: " · ".join(part for part in (line.description, line.budget_code or line.cost_code_id) if part)
        for line in of.invoice.lines
    }
    chosen = [ChosenHere(VENDOR, "Vendor", name("Vendor", chosen_vendor))] if chosen_vendor else []
    chosen += [
        ChosenHere(str(position), words[position], name(ENTITY_OF_KIND[target.kind], target.quickbooks_id))
        for position, target in sorted(recodes.items())
    ]
    basis: TargetKind = (await connection_settings(session, row.connection_id)).posting_basis
    return Recoding(
        vendor=None if moves_retainage(of.invoice) else name("Vendor", of.books.vendor_id),
        lines=tuple(LineToRecode(position, said) for position, said in words.items()),
        target_words=WORDS[list_of(MappingKind.COST_CODE, basis)],
        chosen=tuple(chosen),
    )
