"""A line of the chart of accounts."""

from decimal import Decimal
from typing import ClassVar

from providers.quickbooks_online.types.entity import Entity, Reference, Word


class Account(Entity):
    """`account_type` has spaces ("Other Current Liability"); `account_sub_type` is an open list."""

    entity_name: ClassVar[str] = "Account"
    lists_active_only: ClassVar[bool] = True

    name: Word
    fully_qualified_name: str = ""
    acct_num: str = ""
    account_type: str = ""
    account_sub_type: str = ""
    classification: str = ""
    active: bool = True
    parent_ref: Reference | None = None
    currency_ref: Reference | None = None
    current_balance: Decimal | None = None
