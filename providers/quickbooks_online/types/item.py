"""A product or service; cost codes are often kept as service items."""

from typing import ClassVar

from providers.quickbooks_online.types.entity import Entity, Reference, Word


class Item(Entity):
    """`type` is Service, NonInventory, Inventory, Group, Category …; without an expense account it cannot
    stand on a bill."""

    entity_name: ClassVar[str] = "Item"
    lists_active_only: ClassVar[bool] = True

    name: Word
    fully_qualified_name: str = ""
    type: str = ""
    active: bool = True
    parent_ref: Reference | None = None
    expense_account_ref: Reference | None = None
