"""Every change of a requisition, whoever makes it: page, control API or REST.

Each writes change histories, moves `updated_at` and fires a webhook event, as Procore does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from simulators.clock import SimulatorClock
from simulators.procore.errors import ApiError, refused
from simulators.procore.records import Records
from simulators.procore.requisition import APPROVED, STATUSES, Requisition
from simulators.procore.requisition_amounts import carry_into_summary, change_work_this_period, line_totals
from simulators.procore.switches import Switches
from simulators.procore.wire import Wire, amount_of, written_time

# "Subcontractor invoices" are called this by the webhooks API (its resources list has no "Requisitions").
RESOURCE = "Draw Requests"
_WITHOUT_LOCK = {"origin_id", "origin_data", "attachments"}
_HEADER_FIELDS = {
    "billing_date",
    "comment",
    "currency_configuration",
    "erp_status",
    "final",
    "invoice_number",
    "invoice_type",
    "origin_data",
    "origin_id",
    "payment_date",
    "percent_complete",
    "period_id",
    "requisition_end",
    "requisition_start",
    "submitted_at",
    "tax_summary",
    "total_claimed_amount",
    "vendor_id",
    "vendor_name",
    "attachments",
    "created_by",
    "custom_fields",
}


@dataclass(frozen=True)
class Actor:
    """Who changes something; `application` is set when it came through the API."""

    user: Wire
    application: str | None = None


class EventSink(Protocol):
    """Takes note of a change for the webhooks."""

    def emit(
        self, resource: str, event: str, resource_id: int, company_id: int, project_id: int | None, actor: Actor
    ) -> None: ...


class RequisitionBook:
    """The one way to change requisitions. All methods raise ApiError for what Procore refuses."""

    def __init__(self, records: Records, switches: Switches, clock: SimulatorClock, events: EventSink) -> None:
        self._records = records
        self._switches = switches
        self._clock = clock
        self._events = events

    def add(self, wire: Wire, actor: Actor) -> Requisition:
        """Enter a complete requisition (see `requisition_drafts`)."""
        self._check_origin(wire.get("origin_id"), None)
        if wire.get("status", "draft") not in STATUSES:
            raise refused("status", "is not included in the list")
        requisition = Requisition(wire)
        self._records.add_requisition(requisition)
        self._mark_latest(requisition.commitment_id)
        self._emit("create", requisition, actor)
        return requisition

    def change(self, requisition: Requisition, wanted: Wire, actor: Actor, *, force: bool = False) -> None:
        """Set header fields, `status`, `items` (by id) and `summary` fields; nothing happens if one is refused.

        A line may bring `work_completed_this_period` alone (gross, net and summary then follow), or its own
        amounts. `summary` entries are taken as they are, after that. `force` ignores the lock.
        """
        unknown = set(wanted) - _HEADER_FIELDS - {"status", "items", "summary"}
        if unknown:
            raise ApiError(406, f"unknown fields: {', '.join(sorted(unknown))}", "errors_text")
        if requisition.lock and not force and set(wanted) - _WITHOUT_LOCK:
            raise refused("base", requisition.lock)
        if "status" in wanted and wanted["status"] not in STATUSES:
            raise refused("status", "is not included in the list")
        if "origin_id" in wanted:
            self._check_origin(wanted["origin_id"], requisition)
        lines = self._changed_lines(requisition, wanted.get("items", []))

        wire = requisition.wire
        history = [(name, wire.get(name), value) for name, value in wanted.items() if name in _HEADER_FIELDS]
        wire.update({name: value for name, value in wanted.items() if name in _HEADER_FIELDS})
        if lines is not None:
            gross, net = line_totals(wire.get("items") or [])
            wire["items"] = lines
            new_gross, new_net = line_totals(lines)
            carry_into_summary(wire, new_gross - gross, new_net - net)
            history.append(("net_amount", str(net), str(new_net)))
        wire["summary"].update(wanted.get("summary", {}))
        if "status" in wanted:
            history.append(("status", wire["status"], wanted["status"]))
            wire["status"] = wanted["status"]
            if self._switches.erp_connector_active and wanted["status"] in APPROVED:
                wire["erp_status"] = "ready_to_export"
        self._write_history(requisition, history, actor)
        wire["updated_at"] = written_time(self._clock.now())
        requisition.touched()
        self._emit("update", requisition, actor)

    def remove(self, requisition: Requisition, actor: Actor, *, force: bool = False) -> None:
        """Delete the latest requisition of its commitment (documentation/tutorials/tutorial_requisitions.md)."""
        if self._records.latest_of_commitment(requisition.commitment_id) is not requisition and not force:
            raise refused("base", "Only the latest invoice of a commitment can be deleted.")
        if requisition.lock and not force:
            raise refused("base", requisition.lock)
        if self._switches.delete_requires_open and requisition.is_approved and not force:
            raise refused("base", "Only an open invoice can be deleted.")
        self._records.remove_requisition(requisition)
        self._mark_latest(requisition.commitment_id)
        self._emit("delete", requisition, actor)

    def record_status(self, requisition: Requisition, old: str | None, actor: Actor) -> None:
        """The history row of a requisition that was entered with a status beyond draft."""
        self._write_history(requisition, [("status", old, requisition.status)], actor)

    def _changed_lines(self, requisition: Requisition, wanted: list[Wire]) -> list[Wire] | None:
        """A new list of lines with the wanted changes, or None when there are none."""
        if not wanted:
            return None
        lines = {int(item["id"]): dict(item) for item in requisition.wire.get("items") or []}
        for change in wanted:
            try:
                line = lines.get(int(change.get("id", 0)))
                if line is None:
                    raise refused("items", "Entity with this ID not found")
                if set(change) == {"id", "work_completed_this_period"}:
                    change_work_this_period(line, amount_of(change["work_completed_this_period"]))
                else:
                    amount_of(change.get("gross_amount"))
                    amount_of(change.get("net_amount"))
                    line.update(change)
            except (AttributeError, TypeError, ValueError) as unreadable:
                raise refused("items", str(unreadable)) from unreadable
        return list(lines.values())

    def _check_origin(self, origin_id: object, own: Requisition | None) -> None:
        """`origin_id` is unique per type in the company (documentation/tutorials/using_sync_actions.md)."""
        if origin_id is None:
            return
        for other in self._records.requisitions.values():
            if other is not own and other.wire.get("origin_id") == origin_id:
                raise refused("origin_id", "has already been taken")

    def _write_history(self, requisition: Requisition, changes: list[tuple[str, object, object]], actor: Actor) -> None:
        for column, old, new in changes:
            if old == new:
                continue
            self._records.change_histories[requisition.id].append(
                {
                    "id": self._records.new_id(),
                    "requisition_id": requisition.id,
                    "column": column,
                    "old_value": self._spelled(column, old),
                    "new_value": self._spelled(column, new),
                    "action_by": actor.user["name"],
                    "action_by_id": actor.user["id"],
                    "created_at": written_time(self._clock.now()),
                    "ref_id": requisition.id,
                    "ref_type": "Billings::Requisition",
                }
            )

    def _spelled(self, column: str, value: object) -> object:
        if column == "status" and isinstance(value, str) and self._switches.history_spelling == "label":
            return value.replace("_", " ").title()
        return value

    def _mark_latest(self, commitment_id: int) -> None:
        rows = self._records.requisitions_of_commitment(commitment_id)
        for row in rows:
            deletable = row is rows[-1]
            if row.wire.get("deletable") != deletable:
                row.wire["deletable"] = deletable
                row.touched()

    def _emit(self, event: str, requisition: Requisition, actor: Actor) -> None:
        project_id = requisition.project_id
        company_id = self._records.company_of_project(project_id)
        self._events.emit(RESOURCE, event, requisition.id, company_id, project_id, actor)
