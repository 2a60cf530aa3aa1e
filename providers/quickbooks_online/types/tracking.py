"""Classes and departments (shown as locations): the two ways a company divides its books."""

from typing import ClassVar

from providers.quickbooks_online.types.entity import Entity, Reference, Word


class _Division(Entity):
    lists_active_only: ClassVar[bool] = True

    name: Word
    fully_qualified_name: str = ""
    active: bool = True
    parent_ref: Reference | None = None


class TrackingClass(_Division):
    """QuickBooks' `Class`. Ids have 19 digits."""

    entity_name: ClassVar[str] = "Class"


class Department(_Division):
    """A location; stands on the header of a bill."""

    entity_name: ClassVar[str] = "Department"
