"""What of Procore's there is to map in one connection, what is mapped, and what a mapping frees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason
from accounting.coding import budget_code_key, cost_type
from accounting.suggestions import Party, Suggestion, suggest
from models.database import CompanySession
from models.freeing import Resolved, free
from models.mappings import TARGET_ENTITIES, WHOLE_CONNECTION, MappingKey, MappingTarget, live_mappings
from models.procore_vendors import vendor_parties
from models.reference_lists import EntryDetails, NamedEntry, active_entries, entries_by_key, name_key
from models.routes import routes_now
from models.tables import (
    InvoiceBlocker,
    InvoiceLineRow,
    InvoiceRow,
    Mapping,
    MappingKind,
    ProcoreCommitment,
    ProcoreProject,
    ReferenceEntry,
)

K = MappingKind
R = BlockerReason
CODES = (K.COST_CODE, K.COST_TYPE, K.BUDGET_CODE)
_RESOLVES: dict[MappingKind, tuple[BlockerReason, ...]] = {
    K.VENDOR: (R.VENDOR_UNMAPPED, R.VENDOR_INACTIVE, R.LIKELY_DUPLICATE),
    K.PROJECT: (R.PROJECT_UNMAPPED, R.MAPPING_REFUSED),
    K.PROJECT_CLASS: (R.MAPPING_REFUSED,),
    K.PROJECT_LOCATION: (R.MAPPING_REFUSED,),
    K.COST_CODE: (R.COST_CODE_UNMAPPED, R.MAPPING_REFUSED),
    K.COST_TYPE: (R.COST_CODE_UNMAPPED, R.MAPPING_REFUSED),
    K.BUDGET_CODE: (R.COST_CODE_UNMAPPED, R.MAPPING_REFUSED),
    K.TERMS: (),
    K.TAX_CODE: (),
    K.RETAINAGE_ACCOUNT: (R.RETAINAGE_ACCOUNT_MISSING, R.MAPPING_REFUSED),
    K.AP_ACCOUNT: (R.AP_ACCOUNT_MISSING, R.MAPPING_REFUSED),
}


_ACCOUNT_WORDS = {K.RETAINAGE_ACCOUNT: "Retainage payable account", K.AP_ACCOUNT: "Accounts payable account"}


@dataclass(frozen=True)
class MappingSubject:
    """One thing of Procore's: its mapping in force, where it has one, and how many invoices wait for one."""

    kind: MappingKind
    party: Party
    mapping: Mapping | None
    target: ReferenceEntry | None
    waiting: int

    @property
    def procore_id(self) -> str:
        return self.party.id

    @property
    def name(self) -> str:
        return self.party.name

    @property
    def aim(self) -> MappingTarget | None:
        """What it is mapped to, still taken by QuickBooks or not."""
        return MappingTarget(self.mapping.target_entity, self.mapping.target_id) if self.mapping else None


async def mapping_subjects(
    session: CompanySession, connection_id: UUID, kind: MappingKind, scope: str = WHOLE_CONNECTION
) -> list[MappingSubject]:
    """Everything of one kind that may be mapped in one scope, what waits first, then by name."""
    parties = await parties_of(session, connection_id, kind)
    mapped = {one.procore_id: one for one in await live_mappings(session, connection_id, kinds=[kind], scopes=[scope])}
    for procore_id, known in mapped.items():
        parties.setdefault(procore_id, Party(procore_id, known.procore_name))
    chosen: dict[str, set[str]] = {}
    for one in mapped.values():
        chosen.setdefault(one.target_entity, set()).add(one.target_id)
    entries = await entries_by_key(session, connection_id, chosen)
    targets = {key: entry for key, entry in entries.items() if entry.active}
    waiting = await waiting_for(session, connection_id, kind)
    subjects = [
        MappingSubject(
            kind=kind,
            party=party,
            mapping=(row := mapped.get(party.id)),
            target=targets.get((row.target_entity, row.target_id)) if row else None,
            waiting=waiting.get(party.id, 0),
        )
        for party in parties.values()
    ]
    return sorted(subjects, key=lambda one: (-one.waiting, name_key(one.name), one.procore_id))


async def suggestions_for(
    session: CompanySession, connection_id: UUID, kind: MappingKind, shown: Sequence[MappingSubject]
) -> dict[str, tuple[Suggestion, ...]]:
    """Likely counterparts of those that are not mapped, by Procore's id; ids as ``Vendor:56``.

    Comparing costs about a millisecond each with 2,000 targets: ask for what is shown.
    """
    wanted = [one.party for one in shown if one.mapping is None]
    if not wanted:
        return {}
    entries = await active_entries(session, connection_id, TARGET_ENTITIES[kind])
    return suggest(wanted, [_as_party(entry) for entry in entries])


async def parties_of(session: CompanySession, connection_id: UUID, kind: MappingKind) -> dict[str, Party]:
    """What there is of one kind in Procore, as far as it concerns these books, by the id a mapping has."""
    match kind:
        case K.VENDOR:
            return await vendor_parties(session)
        case K.PROJECT | K.PROJECT_CLASS | K.PROJECT_LOCATION:
            return await _projects(session, connection_id)
        case K.COST_CODE:
            return await _codes(session, connection_id, lambda code, budget: code)
        case K.BUDGET_CODE:
            return await _codes(session, connection_id, lambda code, budget: budget_code_key(budget))
        case K.COST_TYPE:
            return await _codes(session, connection_id, lambda code, budget: cost_type(budget) or "")
        case K.TERMS:
            return await _terms(session)
        case K.RETAINAGE_ACCOUNT | K.AP_ACCOUNT:
            # Nothing of Procore's: in a narrower scope it stands instead of the connection's own account.
            return {"": Party("", _ACCOUNT_WORDS[kind])}
        case _:
            return {}


async def free_for(session: CompanySession, connection_id: UUID, key: MappingKey) -> list[UUID]:
    """Clear what a new version of a mapping resolves, exactly that; the invoices that go on."""
    reasons = _RESOLVES[key.kind]
    if not reasons:
        return []
    within = await _invoices_within(session, connection_id, key)
    if key.kind in (K.VENDOR, K.PROJECT, K.PROJECT_CLASS, K.PROJECT_LOCATION):
        of_key = tuple(one for one in reasons if one is not R.LIKELY_DUPLICATE)
        freed = await free(session, Resolved(of_key, (key.procore_id,), connection_id, within))
        if R.LIKELY_DUPLICATE in reasons:
            # What looked alike in another vendor's books says nothing about this one's.
            of_vendor = await _invoices_of_vendor(session, connection_id, key.procore_id, within)
            freed += await free(session, Resolved((R.LIKELY_DUPLICATE,), None, connection_id, of_vendor))
        return freed
    if key.kind in CODES:
        codes, billing = await _meant(session, connection_id, key)
        among = billing if within is None else tuple(one for one in billing if one in set(within))
        return await free(session, Resolved(reasons, codes, connection_id, among))
    return await free(session, Resolved(reasons, None, connection_id, within))


def _as_party(entry: NamedEntry) -> Party:
    details = EntryDetails.of(entry.details)
    return Party(
        id=f"{entry.entity}:{entry.quickbooks_id}",
        name=entry.name,
        number=details.number,
        email=details.email,
        phone=details.phone,
        address=details.address,
    )


async def _projects(session: CompanySession, connection_id: UUID) -> dict[str, Party]:
    routes = await routes_now(session)
    found = await session.exec(
        select(ProcoreProject.project_id, ProcoreProject.name)
        .where(ProcoreProject.company_id == session.company_id, col(ProcoreProject.is_visible).is_(True))
        .order_by(col(ProcoreProject.name))
    )
    return {
        project_id: Party(project_id, name)
        for project_id, name in found
        if routes.of(project_id).connection_id == connection_id
    }


async def _codes(session: CompanySession, connection_id: UUID, id_of: Callable[[str, str], str]) -> dict[str, Party]:
    """The codes that stand on these books' invoices; one nobody bills needs no mapping."""
    found = await session.exec(
        select(InvoiceLineRow.cost_code_id, InvoiceLineRow.budget_code, sa.func.min(InvoiceLineRow.description))
        .join(
            InvoiceRow,
            sa.and_(
                col(InvoiceRow.company_id) == col(InvoiceLineRow.company_id),
                col(InvoiceRow.id) == col(InvoiceLineRow.invoice_id),
            ),
        )
        .where(InvoiceLineRow.company_id == session.company_id, InvoiceRow.company_id == session.company_id)
        .where(InvoiceRow.connection_id == connection_id)
        .group_by(col(InvoiceLineRow.cost_code_id), col(InvoiceLineRow.budget_code))
        .order_by(col(InvoiceLineRow.budget_code), col(InvoiceLineRow.cost_code_id))
    )
    parties: dict[str, Party] = {}
    for code, budget, description in found:
        procore_id = id_of(code or "", budget or "")
        if procore_id:
            number = budget or code or ""
            parties.setdefault(procore_id, Party(procore_id, f"{number} {description}".strip(), number=number))
    return parties


async def _terms(session: CompanySession) -> dict[str, Party]:
    found = await session.exec(
        select(ProcoreCommitment.payment_terms)
        .where(ProcoreCommitment.company_id == session.company_id)
        .where(col(ProcoreCommitment.payment_terms).is_not(None))
        .distinct()
    )
    # A mapping's key holds 64 characters; terms longer than that are prose, and nobody's payment terms.
    return {key: Party(key, text) for text in found if text and (key := name_key(text)) and len(key) <= 64}


# Each held invoice is looked up by itself: few are held, of all there are.
WAITING = """
    SELECT subject_key, count(*)::int AS count FROM invoice_blocker AS blocker
    WHERE company_id = %(company_id)s AND reason = %(reason)s AND cleared_at IS NULL
        AND %(connection_id)s = (
            SELECT connection_id FROM invoice WHERE company_id = %(company_id)s AND id = blocker.invoice_id
        )
    GROUP BY subject_key
"""


@dataclass(frozen=True)
class _Waiting:
    subject_key: str
    count: int


async def waiting_for(session: CompanySession, connection_id: UUID, kind: MappingKind) -> dict[str, int]:
    """How many invoices wait for a mapping of this kind, by its id."""
    reason = {K.VENDOR: R.VENDOR_UNMAPPED, K.PROJECT: R.PROJECT_UNMAPPED, K.COST_CODE: R.COST_CODE_UNMAPPED}.get(kind)
    if reason is None:
        return {}
    found = await session.ask(WAITING, _Waiting, connection_id=connection_id, reason=reason.value)
    return {one.subject_key: one.count for one in found}


async def _invoices_within(session: CompanySession, connection_id: UUID, key: MappingKey) -> tuple[UUID, ...] | None:
    """The invoices a scope speaks for; None for the whole connection."""
    if key.scope == WHOLE_CONNECTION:
        return None
    kind, _, procore_id = key.scope.partition(":")
    column = InvoiceRow.project_id if kind == "project" else InvoiceRow.commitment_id
    found = await session.exec(
        select(InvoiceRow.id)
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.connection_id == connection_id)
        .where(column == procore_id)
    )
    return tuple(found)


async def _invoices_of_vendor(
    session: CompanySession, connection_id: UUID, vendor_id: str, within: tuple[UUID, ...] | None
) -> tuple[UUID, ...]:
    found = await session.exec(
        select(InvoiceRow.id)
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.connection_id == connection_id)
        .where(InvoiceRow.vendor_id == vendor_id)
    )
    return tuple(one for one in found if within is None or one in within)


async def _meant(
    session: CompanySession, connection_id: UUID, key: MappingKey
) -> tuple[tuple[str, ...], tuple[UUID, ...]]:
    """The cost codes that a mapping of a code, a type or a pair speaks for, and the held invoices that bill them."""
    found = await session.exec(
        select(InvoiceLineRow.cost_code_id, InvoiceLineRow.budget_code, InvoiceRow.id)
        .join(
            InvoiceRow,
            sa.and_(
                col(InvoiceRow.company_id) == col(InvoiceLineRow.company_id),
                col(InvoiceRow.id) == col(InvoiceLineRow.invoice_id),
            ),
        )
        .where(InvoiceLineRow.company_id == session.company_id, InvoiceRow.company_id == session.company_id)
        .where(InvoiceRow.connection_id == connection_id, col(InvoiceLineRow.cost_code_id).is_not(None))
        # Of all the lines ever billed, those of held invoices: nobody else waits for a code.
        .where(
            sa.exists()
            .where(col(InvoiceBlocker.company_id) == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
            .where(col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id))
            .where(col(InvoiceBlocker.reason).in_(_RESOLVES[key.kind]))
        )
        .distinct()
    )
    meant = [
        (code or "", invoice_id)
        for code, budget, invoice_id in found
        if key.procore_id == (code if key.kind is K.COST_CODE else _SPEAKS_FOR[key.kind](budget))
    ]
    return tuple(sorted({code for code, _ in meant})), tuple({invoice_id for _, invoice_id in meant})


_SPEAKS_FOR: dict[MappingKind, Callable[[str | None], str | None]] = {
    K.BUDGET_CODE: budget_code_key,
    K.COST_TYPE: cost_type,
}
