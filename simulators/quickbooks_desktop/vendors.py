"""Vendors: VendorAdd, and what a person does to one."""

from __future__ import annotations

from lxml import etree

from simulators.quickbooks_desktop.books import Entity
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.references import list_id, resolve
from simulators.quickbooks_desktop.refusals import bad_value, name_in_use, no_personal_data, not_found, required
from simulators.quickbooks_desktop.vendor_documents import TERMS
from simulators.quickbooks_desktop.wire import as_stored, flag_of, text_of

_TEXTS = ("CompanyName", "FirstName", "LastName", "Phone", "Fax", "Email", "Contact", "NameOnCheck", "AccountNumber")


def add_vendor(file: CompanyFile, element: etree._Element) -> Entity:
    """VendorAdd. Raises 3100 when a customer, vendor, employee or other name has the name already."""
    file.check_right("vendors")
    name = as_stored(text_of(element, "Name") or "").strip()
    if not name:
        raise required("Name")
    if ":" in name:
        raise bad_value(name, "Name", "a colon separates the levels of a hierarchy")
    if text_of(element, "VendorTaxIdent"):
        raise no_personal_data("VendorTaxIdent")
    if file.name_taken(name):
        raise name_in_use(name)
    vendor: Entity = {
        "Name": name,
        "IsActive": element.find("IsActive") is None or flag_of(element, "IsActive"),
        "TermsRef": list_id(resolve(file, element, "TermsRef", TERMS, "Vendor")),
        "IsVendorEligibleFor1099": flag_of(element, "IsVendorEligibleFor1099"),
        "ExternalGUID": text_of(element, "ExternalGUID"),
    }
    for field in _TEXTS:
        vendor[field] = as_stored(text_of(element, field) or "") or None
    return file.add_list_entry("Vendor", vendor)


def merge_vendors(file: CompanyFile, kept_id: str, merged_id: str) -> Entity:
    """A person merges `merged_id` into `kept_id`: its transactions move, it is deleted. Raises 3120."""
    kept, merged = file.find("Vendor", kept_id), file.find("Vendor", merged_id)
    if kept is None or merged is None or kept is merged:
        raise not_found(merged_id if kept is not None else kept_id)
    for transactions in file.books.transactions.values():
        for transaction in transactions.values():
            if transaction.get("VendorRef") == merged_id:
                transaction["VendorRef"] = kept_id
                file.touch(transaction)
    file.remove_list_entry("Vendor", merged_id)
    file.touch(kept)
    return kept
