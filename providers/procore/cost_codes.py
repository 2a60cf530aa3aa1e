"""Cost codes of a project (`/rest/v1.0/cost_codes`)."""

from __future__ import annotations

from typing import Annotated

from providers.procore.wire import NullIsEmpty, Text, TextOrBlank, WireId, WireModel


class LineItemType(WireModel):
    """A cost type that the code may be used with."""

    id: WireId
    name: TextOrBlank = ""
    code: TextOrBlank = ""
    base_type: TextOrBlank = ""


class ParentCostCode(WireModel):
    """The code above; without id at the top of the tree."""

    id: WireId | None = None


class CostCode(WireModel):
    """`full_code` holds the codes of its parents too; `code` only the last part."""

    id: WireId
    code: TextOrBlank = ""
    full_code: TextOrBlank = ""
    name: TextOrBlank = ""
    parent: ParentCostCode | None = None
    origin_id: Text | None = None
    standard_cost_code_id: WireId | None = None
    line_item_types: Annotated[tuple[LineItemType, ...], NullIsEmpty] = ()
