"""Who changed which column of a requisition, and when (`/rest/v1.0/requisitions/{id}/change_histories`)."""

from __future__ import annotations

from providers.procore.wire import Instant, Text, TextOrBlank, WireId, WireModel


class ChangeHistory(WireModel):
    """One changed column.

    How Procore spells the column `status` and its values here is not documented: compare loosely.
    """

    id: WireId
    column: Text
    old_value: TextOrBlank = ""
    new_value: TextOrBlank = ""
    action_by: TextOrBlank = ""
    action_by_id: WireId | None = None
    created_at: Instant
