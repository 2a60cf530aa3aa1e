"""QuickBooks Online's objects, typed, one noun per module; fields we do not use are ignored on reading."""

from providers.quickbooks_online.types.account import Account
from providers.quickbooks_online.types.attachable import Attachable
from providers.quickbooks_online.types.bill import Bill, BillLine, LinkedTransaction
from providers.quickbooks_online.types.bill_payment import BillPayment
from providers.quickbooks_online.types.company import CompanyInfo, Preferences
from providers.quickbooks_online.types.customer import Customer
from providers.quickbooks_online.types.entity import (
    DeletedEntity,
    Entity,
    MetaData,
    Reference,
    UnreadableEntity,
)
from providers.quickbooks_online.types.item import Item
from providers.quickbooks_online.types.purchase import Purchase
from providers.quickbooks_online.types.term import Term
from providers.quickbooks_online.types.tracking import Department, TrackingClass
from providers.quickbooks_online.types.vendor import Vendor
from providers.quickbooks_online.types.vendor_credit import VendorCredit

ENTITY_KINDS: tuple[type[Entity], ...] = (
    Account,
    Attachable,
    Bill,
    BillPayment,
    CompanyInfo,
    Customer,
    Department,
    Item,
    Preferences,
    Purchase,
    Term,
    TrackingClass,
    Vendor,
    VendorCredit,
)

__all__ = [
    "ENTITY_KINDS",
    "Account",
    "Attachable",
    "Bill",
    "BillLine",
    "BillPayment",
    "CompanyInfo",
    "Customer",
    "DeletedEntity",
    "Department",
    "Entity",
    "Item",
    "LinkedTransaction",
    "MetaData",
    "Preferences",
    "Purchase",
    "Reference",
    "Term",
    "TrackingClass",
    "UnreadableEntity",
    "Vendor",
    "VendorCredit",
]
