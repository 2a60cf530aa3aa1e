"""Why is this invoice not in QuickBooks? One sentence, the owner, the button; now or as at a past moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from accounting.blockers import EXPLANATIONS, Hold, Owner
from accounting.eligibility import NotImportedReason
from accounting.states import BEFORE_SENDING, HAS_BILL, Badge, InvoiceState


@dataclass(frozen=True)
class Standing:
    """What is known of an invoice at a moment. ``bill`` names its bill in words, empty without one.

    ``holds`` are the reasons open then, the oldest first. ``approved`` is False for an upload nobody approved yet.
    """

    state: InvoiceState
    badge: Badge
    holds: Sequence[Hold]
    bill: str = ""
    withdrawn: bool = False
    approved: bool = True


@dataclass(frozen=True)
class Why:
    """The answer. ``button`` is None where nobody has to press one; ``more`` counts further reasons."""

    sentence: str
    owner: Owner
    button: str | None
    in_quickbooks: bool
    more: int = 0


NOT_SEEN = Why(
    "inBuild has not seen this requisition in Procore. Check the number, and that its project is among the app's "
    "permitted projects.",
    Owner.ADMIN,
    "Check permissions",
    in_quickbooks=False,
)

NOT_YET_IMPORTED = Why(
    "inBuild had seen this requisition by then and brought it in later.", Owner.NOBODY, None, in_quickbooks=False
)

_NOTHING_HOLDS = {
    InvoiceState.IMPORTED: "Nothing holds it: it is on its way to QuickBooks.",
    InvoiceState.WAITING: "Nothing holds it any more: it is on its way to QuickBooks.",
    InvoiceState.NEEDS_YOU: "Nothing holds it any more: it is on its way to QuickBooks.",
    InvoiceState.READY: "It is about to be sent to QuickBooks.",
    InvoiceState.SENDING: "It is being sent to QuickBooks; inBuild waits for the answer.",
}


def why(standing: Standing) -> Why:
    """Why an imported invoice is, or is not, in QuickBooks."""
    if standing.badge is Badge.REMOVED_IN_QUICKBOOKS:
        said = "Its bill was deleted or voided in QuickBooks. It is not posted again unless you say so."
        return Why(said, Owner.ACCOUNTANT, "Post again", in_quickbooks=False)
    if standing.state in HAS_BILL:
        return Why(f"It is in QuickBooks: {standing.bill}.", Owner.NOBODY, None, in_quickbooks=True)
    match standing.state:
        case InvoiceState.DONT_POST:
            said = "Somebody chose Don't post this invoice."
            return Why(said, Owner.ACCOUNTANT, "Post after all", in_quickbooks=False)
        case InvoiceState.NOTHING_TO_POST:
            return Why("Every line of it is zero: there is nothing to post.", Owner.NOBODY, None, in_quickbooks=False)
        case InvoiceState.TAKEN_BACK:
            said = "Its bill was taken back from QuickBooks."
            return Why(said, Owner.ADMIN, "Post again", in_quickbooks=False)
    if standing.withdrawn and standing.state in BEFORE_SENDING:
        said = "Its approval was withdrawn in Procore. Once it is approved again, it goes on by itself."
        return Why(said, Owner.NOBODY, None, in_quickbooks=False)
    if standing.holds:
        # What needs a person says more than what clears by itself.
        first = min(standing.holds, key=lambda hold: hold.shows_as_waiting)
        told = EXPLANATIONS[first.reason]
        return Why(first.sentence, told.owner, told.button, in_quickbooks=False, more=len(standing.holds) - 1)
    if not standing.approved:
        said = "It was uploaded and waits for approval in inBuild."
        return Why(said, Owner.ACCOUNTANT, "Approve", in_quickbooks=False)
    return Why(_NOTHING_HOLDS[standing.state], Owner.NOBODY, None, in_quickbooks=False)


def why_not_imported(reason: NotImportedReason | None, first_approved: date | None = None) -> Why:
    """Why a requisition that inBuild has seen did not come in; None is one that nothing has judged yet."""
    if reason is None:
        said = "inBuild has seen it but not judged it: mirroring is off, or its project has not been looked at again."
        return Why(said, Owner.ADMIN, "Open Procore settings", in_quickbooks=False)
    sentence = reason.sentence
    if first_approved is not None:
        sentence += f" It was first approved on {first_approved:%B} {first_approved.day}, {first_approved.year}."
    owner, button = _WHO_MAY_CHANGE.get(reason, (Owner.NOBODY, None))
    return Why(sentence, owner, button, in_quickbooks=False)


def as_of_today(verdict: Why) -> Why:
    """Today's verdict on what never came in, told for a past moment; earlier ones are not kept, and that is said."""
    said = f"{verdict.sentence} That is today's verdict; inBuild keeps no earlier one of what did not come in."
    return replace(verdict, sentence=said)


_WHO_MAY_CHANGE: dict[NotImportedReason, tuple[Owner, str | None]] = {
    NotImportedReason.APPROVED_AS_NOTED_OFF: (Owner.ADMIN, "Open Procore settings"),
    NotImportedReason.BEFORE_START: (Owner.ADMIN, "Open Procore settings"),
    NotImportedReason.WHILE_DISCONNECTED: (Owner.ADMIN, "Open the list"),
    NotImportedReason.NOT_IN_BOOKS: (Owner.ADMIN, "Choose books"),
}
