"""Where the bills of a batch go: each invoice's place in one connection's books, and what the books hold against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounting.account_choice import AccountUse, refusal
from accounting.bill_types import Books, Terms
from accounting.blockers import BlockerReason, Hold
from accounting.coding import CodeMap, Coding, Target, TargetKind
from accounting.dates import terms_days
from accounting.duplicates import BookedTransaction
from accounting.invoice import Invoice
from accounting.money import ZERO
from accounting.numbers import QBD_REF_NUMBER_LIMIT, QBO_DOC_NUMBER_LIMIT, normalise
from accounting.text import one_line
from models.bill_dates import bill_dates
from models.coding import (
    Entries,
    MappingInForce,
    ScopedMappings,
    as_account,
    checked_target,
    mappings_for,
    scopes_of,
)
from models.database import CompanySession
from models.decisions import Decided, decisions_of
from models.entries_for_bills import entries_for_bills
from models.exact_names import MappedByName, Named, map_by_exact_name
from models.look_alikes import Sought, booked_near, posted_elsewhere
from models.project_books import paid_when_paid
from models.reference_lists import name_key
from models.retainage import OpeningNow, openings_now
from models.settings_of_books import SettingsOfBooks, settings_of_books
from models.tables import DecisionKind, MappingKind, QuickBooksKind

K = MappingKind
_UNDECIDED = Decided()
_INACTIVE = "is inactive, merged or gone in QuickBooks. Make it active there, or choose another one."


@dataclass(frozen=True)
class BooksOfBatch:
    """The books of each invoice, and which versions of mappings and settings they were read from, by invoice id.

    ``by_exact_name`` are the mappings of each that were made just now because the names are the same.
    """

    books: Mapping[UUID, Books]
    versions: Mapping[UUID, str]
    by_exact_name: Mapping[UUID, tuple[MappedByName, ...]]


@dataclass(frozen=True)
class _Shared:
    """What our tables say for the whole batch."""

    settings: SettingsOfBooks
    mappings: ScopedMappings
    code_maps: Mapping[str, CodeMap]
    by_exact_name: Mapping[tuple[MappingKind, str], MappedByName]
    entries: Entries
    terms_by_days: Mapping[int, str]
    ap_account_id: str | None
    decided: Mapping[UUID, Decided]
    openings: Mapping[str, OpeningNow]
    pay_when_paid: frozenset[str]
    bill_dates: Mapping[UUID, date]

    @property
    def is_company_file(self) -> bool:
        return self.settings.kind is QuickBooksKind.DESKTOP


async def books_of_batch(
    session: CompanySession, connection_id: UUID, invoices: Mapping[UUID, Invoice]
) -> BooksOfBatch:
    """The books of each invoice with the versions that its bill remembers."""
    shared = await _shared(session, connection_id, invoices)
    places = {invoice_id: _Place(shared, invoice_id, invoice) for invoice_id, invoice in invoices.items()}
    sought = {
        invoice_id: Sought(vendor_id, normalise(place.invoice.number), place.bill_date)
        for invoice_id, place in places.items()
        if (vendor_id := place.vendor_id) is not None
    }
    near = await booked_near(session, connection_id, sought)
    elsewhere = await posted_elsewhere(session, connection_id, invoices)
    return BooksOfBatch(
        books={
            invoice_id: place.books(near.get(invoice_id, ()), elsewhere.get(invoice_id))
            for invoice_id, place in places.items()
        },
        versions={invoice_id: place.versions() for invoice_id, place in places.items()},
        by_exact_name={invoice_id: place.by_exact_name() for invoice_id, place in places.items()},
    )


class _Place:
    """One invoice's place in the books."""

    def __init__(self, shared: _Shared, invoice_id: UUID, invoice: Invoice) -> None:
        self._shared = shared
        self._settings = shared.settings
        self._decided = shared.decided.get(invoice_id, _UNDECIDED)
        self._invoice_id = invoice_id
        self.invoice = invoice
        self._used: dict[str, str] = {}

    @property
    def bill_date(self) -> date:
        return self._shared.bill_dates.get(self._invoice_id, self.invoice.billing_date)

    @property
    def vendor_id(self) -> str | None:
        """QuickBooks' vendor: the one chosen for this invoice only, else as mapped."""
        if (chosen := self._decided.vendor(self.invoice)) is not None:
            return chosen
        found = self.mapped(K.VENDOR, self.invoice.vendor_id)
        return found.target_id if found else None

    def mapped(self, kind: MappingKind, procore_id: str) -> MappingInForce | None:
        """The mapping in force, noted as used."""
        found = self._shared.mappings.narrowest(kind, procore_id, self.invoice)
        if found is not None:
            self._used[f"{kind}:{found.scope}:{procore_id}"] = f"{found.version}"
        return found

    def books(self, near: tuple[BookedTransaction, ...], posted_in: str | None) -> Books:
        one, settings = self.invoice, self._settings
        vendor_id, project = self.vendor_id, self.mapped(K.PROJECT, one.project_id)
        retainage_id = self._account(K.RETAINAGE_ACCOUNT, settings.retainage_account_id)
        ap_id = self._account(K.AP_ACCOUNT, self._shared.ap_account_id)
        opening = self._shared.openings.get(one.commitment_id)
        return Books(
            vendor_id=vendor_id,
            customer_id=project.target_id if project else None,
            class_id=self._target_id(K.PROJECT_CLASS),
            location_id=self._target_id(K.PROJECT_LOCATION),
            coding=self.coding,
            retainage_account_id=retainage_id,
            ap_account_id=ap_id or "",
            commitment_terms=self._commitment_terms(),
            vendor_terms=self._vendor_terms(vendor_id),
            default_terms=Terms(
                settings.default_terms_days, self._shared.terms_by_days.get(settings.default_terms_days)
            ),
            home_currency=settings.home_currency,
            refused=tuple(self._refused(vendor_id, project, retainage_id, ap_id)),
            settings=settings.rules(pay_when_paid=one.project_id in self._shared.pay_when_paid),
            decisions=self._decided.as_rules_see_them(self._recoded),
            bill_date=self._shared.bill_dates.get(self._invoice_id),
            retainage_opening=opening.amount if opening else ZERO,
            retainage_opening_account_id=opening.account_id if opening else None,
            closed_through=settings.books_closed_through,
            lock_date=settings.lock_date,
            look_alikes=near,
            number_limit=QBD_REF_NUMBER_LIMIT if self._shared.is_company_file else QBO_DOC_NUMBER_LIMIT,
            is_company_file=self._shared.is_company_file,
            posted_in=None if self._decided.one(DecisionKind.POST_HERE) else posted_in,
        )

    def by_exact_name(self) -> tuple[MappedByName, ...]:
        named = self._shared.by_exact_name
        wanted = ((K.PROJECT, self.invoice.project_id), (K.VENDOR, self.invoice.vendor_id))
        return tuple(row for key in wanted if (row := named.get(key))) if named else ()

    def versions(self) -> str:
        """``settings@4 vendor::8881@2 …``: which versions this place was read from."""
        codes = {
            f"{row.kind}:{row.scope}:{row.procore_id}": f"{row.version}"
            for row in self._shared.mappings.of_codes(self.invoice)
        }
        used = {**self._used, **codes}
        return " ".join([f"settings@{self._settings.version}", *(f"{key}@{used[key]}" for key in sorted(used))])

    @property
    def _recoded(self) -> dict[int, Target]:
        return {position: self._checked(target) for position, target in self._decided.recodes(self.invoice).items()}

    @property
    def coding(self) -> Coding:
        settings = self._settings
        default = None
        if settings.posting_basis is TargetKind.ITEM and settings.default_item_id:
            default = self._checked(Target.item(settings.default_item_id))
        elif settings.default_account_id:
            default = self._checked(Target.account(settings.default_account_id))
        # One map per scope, from the narrowest.
        maps = (self._shared.code_maps.get(scope) for scope in scopes_of(self.invoice))
        return Coding(tuple(of_scope for of_scope in maps if of_scope), self._recoded, default)

    def _checked(self, target: Target) -> Target:
        return checked_target(target.kind, target.quickbooks_id, self._shared.entries)

    def _target_id(self, kind: MappingKind) -> str | None:
        found = self.mapped(kind, self.invoice.project_id)
        return found.target_id if found else None

    def _account(self, kind: MappingKind, of_connection: str | None) -> str | None:
        found = self.mapped(kind, "")
        return found.target_id if found else of_connection

    def _refused(
        self, vendor_id: str | None, project: MappingInForce | None, retainage_id: str | None, ap_id: str | None
    ) -> list[Hold]:
        """What is mapped and no longer taken: inactive, merged away, or an account of the wrong type."""
        one, holds = self.invoice, []
        if vendor_id is not None and not self._is_active("Vendor", vendor_id):
            holds.append(Hold(BlockerReason.VENDOR_INACTIVE, one_line(one.vendor_name), one.vendor_id))
        for kind in (K.PROJECT, K.PROJECT_CLASS, K.PROJECT_LOCATION):
            row = project if kind is K.PROJECT else self.mapped(kind, one.project_id)
            if row is not None and not self._is_active(row.target_entity, row.target_id):
                said = f"{one_line(one.project_name)}: its {row.target_entity.lower()} {_INACTIVE}"
                holds.append(Hold(BlockerReason.MAPPING_REFUSED, said, one.project_id))
        for use, account_id, of in (
            (AccountUse.RETAINAGE, retainage_id, "Retainage payable account"),
            (AccountUse.ACCOUNTS_PAYABLE, ap_id, "A/P account"),
        ):
            if account_id is None:
                continue
            said = refusal(use, as_account(self._shared.entries.get(("Account", account_id)))) or ""
            if said:
                holds.append(Hold(BlockerReason.MAPPING_REFUSED, f"{of}: {said}", f"account:{account_id}"))
        return holds

    def _is_active(self, entity: str, quickbooks_id: str) -> bool:
        entry = self._shared.entries.get((entity, quickbooks_id))
        return entry is not None and entry.active

    def _commitment_terms(self) -> Terms | None:
        mapped = self.mapped(K.TERMS, name_key(self.invoice.payment_terms or ""))
        if mapped is not None:
            entry = self._shared.entries.get(("Term", mapped.target_id))
            if entry is not None and entry.terms_days is not None:
                return Terms(entry.terms_days, entry.quickbooks_id)
        days = terms_days(self.invoice.payment_terms)
        return None if days is None else Terms(days, self._shared.terms_by_days.get(days))

    def _vendor_terms(self, vendor_id: str | None) -> Terms | None:
        entry = self._shared.entries.get(("Vendor", vendor_id or ""))
        terms = self._shared.entries.get(("Term", entry.terms_id or "")) if entry else None
        return Terms(terms.terms_days, terms.quickbooks_id) if terms and terms.terms_days is not None else None


async def _shared(session: CompanySession, connection_id: UUID, invoices: Mapping[UUID, Invoice]) -> _Shared:
    settings = await settings_of_books(session, connection_id)
    mappings = await mappings_for(session, connection_id, invoices.values())
    by_exact_name: list[MappedByName] = []
    if settings.confirm_exact_matches and (
        by_exact_name := await _by_exact_name(session, connection_id, invoices, mappings)
    ):
        mappings = ScopedMappings({**mappings.by_key, **{one.key: one for one in by_exact_name}})
    decided = await decisions_of(session, invoices)
    wanted = mappings.targets()
    accounts = wanted.setdefault("Account", set())
    items = wanted.setdefault("Item", set())
    accounts |= {
        one for one in (settings.default_account_id, settings.retainage_account_id, settings.ap_account_id) if one
    }
    items |= {one for one in (settings.default_item_id,) if one}
    for invoice_id, of in decided.items():
        if (vendor_id := of.vendor(invoices[invoice_id])) is not None:
            wanted.setdefault("Vendor", set()).add(vendor_id)
        for target in of.recodes(invoices[invoice_id]).values():
            (items if target.kind is TargetKind.ITEM else accounts).add(target.quickbooks_id)
    entries = await entries_for_bills(session, connection_id, wanted)
    return _Shared(
        settings=settings,
        mappings=mappings,
        code_maps=mappings.code_maps(entries.by_key),
        by_exact_name={(one.kind, one.procore_id): one for one in by_exact_name},
        entries=entries.by_key,
        terms_by_days=entries.terms_by_days,
        ap_account_id=settings.ap_account_id or entries.only_ap_account_id,
        decided=decided,
        openings=await openings_now(session, connection_id, {one.commitment_id for one in invoices.values()}),
        pay_when_paid=await paid_when_paid(session, {one.project_id for one in invoices.values()}),
        bill_dates=await bill_dates(session, settings.bill_date_source, invoices),
    )


async def _by_exact_name(
    session: CompanySession, connection_id: UUID, invoices: Mapping[UUID, Invoice], mappings: ScopedMappings
) -> list[MappedByName]:
    """What an exact and unique name maps by itself."""
    missing: dict[tuple[MappingKind, str], Named] = {}
    for one in invoices.values():
        for kind, procore_id, name in (
            (K.VENDOR, one.vendor_id, one.vendor_name),
            (K.PROJECT, one.project_id, one.project_name),
        ):
            if (kind, procore_id) not in missing and mappings.narrowest(kind, procore_id, one) is None:
                missing[kind, procore_id] = Named(kind, procore_id, name)
    if not missing:
        return []
    return await map_by_exact_name(session, connection_id, [missing[key] for key in sorted(missing)])
