"""The lists we keep of QuickBooks Online, and an entry of each as we keep it."""

from collections.abc import Mapping, Sequence

from models.reference_lists import EntryDetails, ListEntry
from providers.quickbooks_online.types import (
    Account,
    Customer,
    Department,
    Entity,
    Item,
    Term,
    TrackingClass,
    Vendor,
)

# Terms come first: a vendor is told only which ones it has. Tax codes are not among them: a US bill carries none.
LISTS: Sequence[type[Entity]] = (Term, Account, Vendor, Customer, Item, TrackingClass, Department)


def list_entry(entity: Entity, terms_days: Mapping[str, int]) -> ListEntry:
    """One entry as we keep it. A customer's name is its own, not its parents': Procore's project has that name.

    ``terms_days`` says how many days the terms give, by their id.
    """
    match entity:
        case Account():
            return ListEntry(
                "Account", entity.id, entity.name, entity.fully_qualified_name or entity.name, entity.active,
                account_type=entity.account_type, account_subtype=entity.account_sub_type,
            )  # fmt: skip
        case Vendor():
            terms_id = entity.term_ref.value if entity.term_ref else None
            return ListEntry(
                "Vendor", entity.id, entity.display_name, entity.display_name, entity.active,
                terms_id=terms_id, terms_days=terms_days.get(terms_id or ""), details=_vendor_details(entity),
            )  # fmt: skip
        case Customer():
            full_name = entity.fully_qualified_name or entity.display_name
            return ListEntry("Customer", entity.id, entity.display_name, full_name, entity.active)
        case Term():
            return ListEntry("Term", entity.id, entity.name, entity.name, entity.active, terms_days=entity.due_days)
        case Item():
            full_name = entity.fully_qualified_name or entity.name
            account = entity.expense_account_ref.value if entity.expense_account_ref else ""
            details = EntryDetails(item_type=entity.type, expense_account_id=account)
            return ListEntry("Item", entity.id, entity.name, full_name, entity.active, details=details)
        case TrackingClass() | Department():
            full_name = entity.fully_qualified_name or entity.name
            return ListEntry(entity.entity_name, entity.id, entity.name, full_name, entity.active)
        case _:
            raise TypeError(f"{entity.entity_name} is no list we keep")


def _vendor_details(vendor: Vendor) -> EntryDetails:
    """What a vendor is recognised by; never its tax id."""
    at = vendor.bill_addr
    return EntryDetails(
        number=vendor.acct_num,
        email=vendor.primary_email_addr.address,
        phone=vendor.primary_phone.free_form_number,
        address=" ".join(part for part in (at.line1, at.line2, at.city, at.postal_code[:5]) if part),
    )
