"""A customer, a job of a customer, or a project: one list in QuickBooks, up to five levels deep."""

from typing import ClassVar

from providers.quickbooks_online.types.entity import Entity, Reference, Word


class Customer(Entity):
    """`job` is true for every sub-customer, `is_project` only for a project."""

    entity_name: ClassVar[str] = "Customer"
    lists_active_only: ClassVar[bool] = True

    display_name: Word
    fully_qualified_name: str = ""
    active: bool = True
    job: bool = False
    is_project: bool = False
    parent_ref: Reference | None = None
    currency_ref: Reference | None = None
