"""One subcontractor invoice ("requisition") in memory, with its JSON kept ready for each view.

Source of the views: Procore OpenAPI, RestV11RequisitionsGet and RestV10RequisitionsGet.
"""

from __future__ import annotations

from datetime import datetime

from simulators.procore.wire import Wire, encoded, read_time

STATUSES = (
    "draft",
    "under_review",
    "revise_and_resubmit",
    "approved",
    "approved_as_noted",
    "pending_owner_approval",
)
APPROVED = ("approved", "approved_as_noted")
VIEWS = ("default", "extended", "items", "action_policy", "header_only")
V1_0_VIEW = "v1.0"
_LINES = {"items", "item_packages"}
_HEADER_EXTRAS = {"summary_text", "tax_summary", "accounting_method"}
_LEFT_OUT: dict[str, set[str]] = {
    "default": _LINES | _HEADER_EXTRAS | {"action_policy", "comment"},
    "extended": {"action_policy", "comment"},
    "items": _HEADER_EXTRAS | {"action_policy", "comment"},
    "action_policy": _LINES | _HEADER_EXTRAS | {"comment"},
    "header_only": _LINES | {"action_policy", "comment"},
    V1_0_VIEW: _LINES | _HEADER_EXTRAS | {"action_policy"},
}
_LOCKING_ERP_STATUSES = {"ready_to_export", "exporting", "synced"}


class Requisition:
    """`wire` is the extended view; call `touched()` after changing it."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.id = int(wire["id"])
        self.project_id = int(wire["project_id"])
        self.commitment_id = int(wire["commitment_id"])
        self.due_date: str | None = None  # can be written over the API (v2) but never read back
        self._ready: dict[tuple[str, str], bytes] = {}
        self.touched()

    def touched(self) -> None:
        """Forget prepared answers and re-read the times used by filters."""
        self._ready.clear()
        self.updated_at: datetime = read_time(self.wire["updated_at"])
        self.created_at: datetime = read_time(self.wire["created_at"])

    @property
    def status(self) -> str:
        return str(self.wire["status"])

    @property
    def is_approved(self) -> bool:
        return self.status in APPROVED

    @property
    def lock(self) -> str | None:
        """Why people cannot edit it, or None (documentation/tutorials/tutorial_financial_tools.md)."""
        if self.wire.get("origin_id") is not None:
            return "This invoice is synced with an ERP integration and cannot be changed."
        if self.wire.get("erp_status") in _LOCKING_ERP_STATUSES:
            return "This invoice is queued for or synced with ERP and cannot be changed."
        return None

    def json(self, view: str, files_at: str) -> bytes:
        """The JSON of one view; attachment addresses start with `files_at`."""
        ready = self._ready.get((view, files_at))
        if ready is None:
            ready = self._ready[(view, files_at)] = encoded(self.shown(view, files_at))
        return ready

    def shown(self, view: str, files_at: str) -> Wire:
        shown = {name: value for name, value in self.wire.items() if name not in _LEFT_OUT[view]}
        shown["attachments"] = [
            {**attachment, "url": f"{files_at}/files/{attachment['id']}"}
            for attachment in self.wire.get("attachments") or []
        ]
        if view == "action_policy":
            locked = self.lock is not None
            shown["action_policy"] = {"can_update": not locked, "can_delete": bool(self.wire.get("deletable"))}
        return shown
