"""The event log in people's words: what happened to one invoice, when, and who did it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounting.blockers import EXPLANATIONS, BlockerReason
from accounting.money import dollars
from accounting.payment_changes import SENTENCES, WriteHold
from accounting.states import Settled
from models.database import CompanySession
from models.events import timeline
from models.members import names_of
from models.tables import ActorKind, DecisionKind, EventLog

WHO = {
    ActorKind.SUPPORT: "inBuild support",
    ActorKind.WORKFLOW: "inBuild Sync",
    ActorKind.PROVIDER: "Procore or QuickBooks",
    ActorKind.COMMAND: "inBuild",
    ActorKind.USER: "A former user",
}
WHAT = {
    "imported": "Brought into inBuild",
    "changed_in_procore": "Changed in Procore; read again",
    "held": "Held",
    "freed": "A reason was cleared; goes on",
    "tried_again": "Tried again",
    "document_added": "Document added",
    "approved": "Approved in inBuild",
    "approval_withdrawn": "Approval withdrawn in Procore",
    "approved_again": "Approved again in Procore",
    "changed_after_posting": "Invoice and bill differ",
    "removed_in_quickbooks": "Removed in QuickBooks",
    "agrees_again": "Invoice and bill agree again",
    "kept_as_it_is": "Kept as it is",
    "update_wanted": "The bill is to be updated",
    "updating": "Update sent to QuickBooks",
    "updated": "The bill was updated in QuickBooks",
    "not_updated": "The bill was not updated",
    "post_again": "To be posted again",
    "sending": "Sent to QuickBooks",
    "posted": "Posted in QuickBooks",
    "found_in_quickbooks": "Found in QuickBooks under its own mark and linked",
    "not_posted": "QuickBooks did not take the bill",
    "failed_here": "Something went wrong on inBuild's side; tried again",
    "nothing_to_post": "Nothing to post: every line is zero",
    "reason_cleared": "A reason was cleared",
    "decided": "Decided for this invoice",
    "recode_taken_back": "A choice for this invoice only was taken back",
    "file_attached": "File attached to the bill",
    "file_left_out": "File left out",
    "linked": "Linked to a bill that was in QuickBooks already",
    "dont_post": "Set to Don't post",
    "post_after_all": "To be posted after all",
    "take_back_asked": "To be taken back out of QuickBooks",
    "taken_back": "Taken back",
    "not_taken_back": "Not taken back; the bill stays in QuickBooks",
    "payment_read": "Payment in QuickBooks",
    "payment_changed": "Payment changed in QuickBooks",
    "payment_confirmed": "Cash of a payment confirmed",
    "payment_written": "Payment written to Procore",
    "payment_adopted": "Payment found in Procore, entered there by a person",
    "payment_corrected": "Payment corrected in Procore",
    "payment_removed": "Payment removed from Procore",
    "payment_held": "Payment not written to Procore",
    "settled": "Settled in QuickBooks",
}


DECISIONS = {DecisionKind.RECODE: "another vendor, account or item for this invoice only"}
SETTLED = {
    Settled.OPEN: "open again",
    Settled.PART: "in part",
    Settled.PAID: "paid",
    Settled.BY_CREDIT: "by credit",
    Settled.BY_DISCOUNT: "by discount",
    Settled.NO_PAYMENT_FOUND: "no payment found",
}


@dataclass(frozen=True)
class Told:
    """One event as shown. ``details`` are short facts beside the sentence; ``in_temporal``: a workflow's run did it."""

    seq: int
    at: datetime
    who: str
    what: str
    kind: str
    details: tuple[str, ...]
    data: dict[str, Any]
    in_temporal: bool


async def timeline_of(session: CompanySession, invoice_id: UUID) -> list[Told]:
    """Every event of an invoice, oldest first."""
    events = await timeline(session, "invoice", invoice_id)
    names = await names_of(session, _people(events))
    return [
        Told(
            seq=event.seq,
            at=event.occurred_at,
            who=_who(event, names),
            what=WHAT.get(event.kind, event.kind.replace("_", " ").capitalize()),
            kind=event.kind,
            details=_details(event.data),
            data=event.data,
            in_temporal=event.workflow_id is not None and event.run_id is not None,
        )
        for event in events
    ]


def _people(events: Sequence[EventLog]) -> set[UUID]:
    return {UUID(event.actor_id) for event in events if event.actor_kind is ActorKind.USER and event.actor_id}


def _who(event: EventLog, names: dict[UUID, str]) -> str:
    if event.actor_kind is ActorKind.USER and event.actor_id:
        return names.get(UUID(event.actor_id), WHO[ActorKind.USER])
    return WHO[event.actor_kind]


def _details(data: dict[str, Any]) -> tuple[str, ...]:
    """The facts worth reading: reasons in short words, numbers, amounts and QuickBooks' own id."""
    shown: list[str] = []
    for reason in data.get("reasons") or ():
        shown.append(_short(str(reason)))
    for name, label in (("number", "number"), ("bill_id", "QuickBooks id")):
        if data.get(name):
            shown.append(f"{label} {data[name]}")
    for name in ("total", "due", "amount"):
        if data.get(name):
            shown.append(dollars(Decimal(str(data[name]))))
    if data.get("check_number"):
        shown.append(f"check {data['check_number']}")
    if data.get("hold"):
        said = f": {data['said']}" if data.get("said") else ""
        shown.append(f"{SENTENCES[WriteHold(data['hold'])]}{said}"[:200])
    if data.get("settled"):
        shown.append(SETTLED[Settled(data["settled"])])
    if data.get("file"):
        shown.append(str(data["file"]))
    if data.get("decision"):
        shown.append(DECISIONS.get(data["decision"]) or str(data["decision"]).replace("_", " "))
    if data.get("reason"):
        shown.append(str(data["reason"])[:200])
    return tuple(shown)


def _short(reason: str) -> str:
    try:
        sentence = EXPLANATIONS[BlockerReason(reason)].sentence
    except ValueError:
        return reason.replace("_", " ")
    if "{subject}" in sentence:
        return reason.replace("_", " ").capitalize()
    return sentence
