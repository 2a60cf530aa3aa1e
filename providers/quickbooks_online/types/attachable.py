"""A file that hangs on a transaction."""

from typing import ClassVar

from providers.quickbooks_online.types.entity import Entity


class Attachable(Entity):
    """`note` is free text beside the file; `size` in bytes. (Intuit: all-entities/attachable)"""

    entity_name: ClassVar[str] = "Attachable"

    file_name: str = ""
    note: str = ""
    size: int | None = None
