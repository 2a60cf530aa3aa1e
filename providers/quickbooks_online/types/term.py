"""Payment terms."""

from typing import ClassVar

from providers.quickbooks_online.types.entity import Entity, Word


class Term(Entity):
    """Due so many days after the bill date (`due_days`), or on a day of the month (`day_of_month_due`)."""

    entity_name: ClassVar[str] = "Term"
    lists_active_only: ClassVar[bool] = True

    name: Word
    active: bool = True
    due_days: int | None = None
    day_of_month_due: int | None = None
    due_next_month_days: int | None = None
