"""Where the bills of a batch go: each invoice's vendor, customer, accounts and terms in one connection's books."""

from collections.abc import Mapping
from uuid import UUID

from accounting.bill_types import Books, Terms
from accounting.dates import terms_days
from accounting.invoice import Invoice
from accounting.numbers import QBD_REF_NUMBER_LIMIT, QBO_DOC_NUMBER_LIMIT
from models.connections import connection_by_id
from models.database import CompanySession
from models.mappings import (
    Named,
    accounts_of_type,
    connection_settings,
    entries_by_id,
    mapped,
    mapped_accounts,
    terms_of_days,
)
from models.tables import MappingKind, QuickBooksKind


async def books_for(
    session: CompanySession, connection_id: UUID, invoices: Mapping[UUID, Invoice]
) -> dict[UUID, Books]:
    """The books of each invoice, by invoice id. What is not mapped is None; nothing is guessed."""
    settings = await connection_settings(session, connection_id)
    connection = await connection_by_id(session, connection_id)
    is_desktop = connection is not None and connection.kind is QuickBooksKind.DESKTOP
    named = {Named(MappingKind.VENDOR, one.vendor_id, one.vendor_name) for one in invoices.values()}
    named |= {Named(MappingKind.PROJECT, one.project_id, one.project_name) for one in invoices.values()}
    wanted = sorted(named, key=lambda one: (one.kind, one.procore_id))
    targets = await mapped(session, connection_id, wanted, by_exact_name=settings.confirm_exact_matches)
    vendor_ids = {targets[key] for key in targets if key[0] is MappingKind.VENDOR}
    vendors = await entries_by_id(session, connection_id, "Vendor", vendor_ids)
    terms_ids = {vendor.terms_id for vendor in vendors.values() if vendor.terms_id}
    terms = await entries_by_id(session, connection_id, "Term", terms_ids)
    by_days = await terms_of_days(session, connection_id)
    codes = {line.cost_code_id for one in invoices.values() for line in one.lines if line.cost_code_id}
    cost_accounts = await mapped_accounts(session, connection_id, codes)
    ap_account = settings.ap_account_id or await _only_ap_account(session, connection_id)

    def vendor_terms(vendor_id: str | None) -> Terms | None:
        vendor = vendors.get(vendor_id or "")
        entry = terms.get(vendor.terms_id or "") if vendor else None
        return Terms(entry.terms_days, entry.quickbooks_id) if entry and entry.terms_days is not None else None

    def commitment_terms(text: str | None) -> Terms | None:
        days = terms_days(text)
        return None if days is None else Terms(days, by_days.get(days))

    def books(one: Invoice) -> Books:
        vendor_id = targets.get((MappingKind.VENDOR, one.vendor_id))
        return Books(
            vendor_id=vendor_id,
            customer_id=targets.get((MappingKind.PROJECT, one.project_id)),
            class_id=None,
            cost_accounts=cost_accounts,
            default_account_id=settings.default_account_id,
            retainage_account_id=settings.retainage_account_id,
            ap_account_id=ap_account or "",
            commitment_terms=commitment_terms(one.payment_terms),
            vendor_terms=vendor_terms(vendor_id),
            default_terms=Terms(settings.default_terms_days, by_days.get(settings.default_terms_days)),
            home_currency=connection.home_currency if connection else "USD",
            number_limit=QBD_REF_NUMBER_LIMIT if is_desktop else QBO_DOC_NUMBER_LIMIT,
        )

    return {invoice_id: books(one) for invoice_id, one in invoices.items()}


async def _only_ap_account(session: CompanySession, connection_id: UUID) -> str | None:
    """The first A/P account by name, where the admin has not chosen one: most books have exactly one."""
    accounts = await accounts_of_type(session, connection_id, "Accounts Payable")
    return accounts[0].quickbooks_id if accounts else None
