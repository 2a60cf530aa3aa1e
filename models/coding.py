"""From mappings to accounts and items: the codes of each invoice, with what QuickBooks would refuse by now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from accounting.account_choice import AccountUse, ChosenAccount, ChosenItem, item_refusal, refusal
from accounting.coding import CodeMap, Target, TargetKind, budget_code_key, cost_type
from accounting.invoice import Invoice
from models.database import CompanySession
from models.entries_for_bills import EntryForBills
from models.mappings import WHOLE_CONNECTION, commitment_scope, project_scope
from models.reference_lists import EntryDetails, name_key
from models.tables import MappingKind, ReferenceEntry

K = MappingKind
Entry = ReferenceEntry | EntryForBills
Entries = Mapping[tuple[str, str], EntryForBills]
KIND_OF_ENTITY = {"Account": TargetKind.ACCOUNT, "Item": TargetKind.ITEM}
ENTITY_OF_KIND = {kind: entity for entity, kind in KIND_OF_ENTITY.items()}


# In the order in which a CodeMap takes them.
_CODES = (K.BUDGET_CODE, K.COST_CODE, K.COST_TYPE)


@dataclass(frozen=True)
class MappingInForce:
    """A live mapping as the bills of a batch use it."""

    kind: MappingKind
    scope: str
    procore_id: str
    target_entity: str
    target_id: str
    version: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", MappingKind(self.kind))

    @property
    def key(self) -> tuple[MappingKind, str, str]:
        return self.kind, self.scope, self.procore_id


@dataclass(frozen=True)
class ScopedMappings:
    """The mappings that may matter for a batch, by (kind, scope, Procore's id)."""

    by_key: Mapping[tuple[MappingKind, str, str], MappingInForce]

    def narrowest(self, kind: MappingKind, procore_id: str, invoice: Invoice) -> MappingInForce | None:
        """The mapping in force for one invoice: its commitment's word, else its project's, else the connection's."""
        return next(
            (found for scope in scopes_of(invoice) if (found := self.by_key.get((kind, scope, procore_id)))), None
        )

    def code_maps(self, entries: Entries) -> dict[str, CodeMap]:
        """What each scope says of codes, for the whole batch: most of its invoices share their scopes."""
        return {
            scope: CodeMap(*({key: target_of(row, entries) for key, row in rows.items()} for rows in by_kind))
            for scope, by_kind in self._codes_by_scope.items()
        }

    @cached_property
    def _codes_by_scope(self) -> dict[str, tuple[dict[str, MappingInForce], ...]]:
        """The mappings of codes in each scope, by Procore's id, one dictionary per kind in the order of ``_CODES``."""
        by_scope: dict[str, tuple[dict[str, MappingInForce], ...]] = {}
        for (kind, scope, procore_id), row in self.by_key.items():
            if kind in _CODES:
                by_kind = by_scope.setdefault(scope, tuple({} for _ in _CODES))
                by_kind[_CODES.index(kind)][procore_id] = row
        return by_scope

    def of_codes(self, invoice: Invoice) -> list[MappingInForce]:
        """The mappings of codes that stand on this invoice, in every scope that speaks for it."""
        pairs = {budget_code_key(line.budget_code) for line in invoice.lines}
        codes = {line.cost_code_id or "" for line in invoice.lines}
        types = {cost_type(line.budget_code) or "" for line in invoice.lines}
        return [
            rows[procore_id]
            for scope in scopes_of(invoice)
            for rows, on_it in zip(self._codes_by_scope.get(scope, ()), (pairs, codes, types), strict=False)
            for procore_id in rows.keys() & on_it
        ]

    def targets(self) -> dict[str, set[str]]:
        """Every id that is pointed at, by list."""
        wanted: dict[str, set[str]] = {}
        for row in self.by_key.values():
            wanted.setdefault(row.target_entity, set()).add(row.target_id)
        return wanted


def scopes_of(invoice: Invoice) -> tuple[str, ...]:
    """The scopes that speak for an invoice, the narrowest first; one invoice alone is recoded by a decision."""
    return commitment_scope(invoice.commitment_id), project_scope(invoice.project_id), WHOLE_CONNECTION


MAPPINGS = """
    SELECT kind, scope, procore_id, target_entity, target_id, version FROM mapping
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND superseded_at IS NULL
        AND procore_id = ANY(%(procore_ids)s) AND scope = ANY(%(scopes)s)
"""


async def mappings_for(session: CompanySession, connection_id: UUID, invoices: Iterable[Invoice]) -> ScopedMappings:
    """Everything mapped that these invoices could use, in one query."""
    ids, scopes = {""}, set[str]()
    for one in invoices:
        scopes.update(scopes_of(one))
        ids |= {one.vendor_id, one.project_id, name_key(one.payment_terms or "")}
        for line in one.lines:
            ids |= {line.cost_code_id or "", budget_code_key(line.budget_code), cost_type(line.budget_code) or ""}
    found = await session.ask(
        MAPPINGS, MappingInForce, connection_id=connection_id, procore_ids=sorted(ids), scopes=sorted(scopes)
    )
    return ScopedMappings({one.key: one for one in found})


def target_of(row: MappingInForce, entries: Entries) -> Target:
    return checked_target(KIND_OF_ENTITY[row.target_entity], row.target_id, entries)


def checked_target(kind: TargetKind, quickbooks_id: str, entries: Entries) -> Target:
    """A target for cost, with the sentence why QuickBooks would refuse it, where it would."""
    entry = entries.get((ENTITY_OF_KIND[kind], quickbooks_id))
    said = item_refusal(as_item(entry)) if kind is TargetKind.ITEM else refusal(AccountUse.EXPENSE, as_account(entry))
    return Target(kind, quickbooks_id, said)


def as_account(entry: Entry | None) -> ChosenAccount | None:
    if entry is None:
        return None
    return ChosenAccount(entry.full_name, entry.account_type, entry.account_subtype, entry.active)


def as_item(entry: Entry | None) -> ChosenItem | None:
    if entry is None:
        return None
    details = EntryDetails.of(entry.details)
    return ChosenItem(entry.full_name, details.item_type, bool(details.expense_account_id), entry.active)
