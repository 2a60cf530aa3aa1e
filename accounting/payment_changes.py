"""What is to be done in Procore about one share of a bill payment: the holds, and the step that follows from them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class WriteHold(StrEnum):
    """Why a share is not written to Procore, or not now."""

    SWITCHED_OFF = "switched_off"
    PAUSED = "paused"
    PROCORE_PAY = "procore_pay"
    BEFORE_START = "before_start"
    TO_PRINT = "to_print"
    DATED_AHEAD = "dated_ahead"
    OTHER_CURRENCY = "other_currency"
    LARGER_THAN_BILL = "larger_than_bill"
    CREDIT_UNCLEAR = "credit_unclear"
    NO_COMMITMENT = "no_commitment"
    NOT_VISIBLE = "not_visible"
    REFUSED = "refused"
    ENTERED_BY_HAND = "entered_by_hand"
    LOCKED = "locked"


H = WriteHold
SENTENCES: dict[WriteHold, str] = {
    H.SWITCHED_OFF: "Shown only: writing payments back to Procore is off for this connection.",
    H.PAUSED: "Posting is paused for this connection. Resume it to go on.",
    H.PROCORE_PAY: "This commitment is paid through Procore Pay. inBuild never writes payments to it.",
    H.BEFORE_START: "Made before the day from which payments are written back.",
    H.TO_PRINT: "The check is still marked to be printed. It is written once it is printed.",
    H.DATED_AHEAD: "Dated ahead. It is written on its day.",
    H.OTHER_CURRENCY: "Paid in another currency than the commitment's. Enter it in Procore by hand.",
    H.LARGER_THAN_BILL: "Payments of this bill come to more than the bill. Correct them in QuickBooks.",
    H.CREDIT_UNCLEAR: "A credit was used, and QuickBooks does not say which of the bills took it. Confirm the amount.",
    H.NO_COMMITMENT: "This invoice has no commitment in Procore to write a payment to.",
    H.NOT_VISIBLE: "Procore does not show inBuild this commitment. Give its service account access; it tries again.",
    H.REFUSED: "Procore refuses it",
    H.ENTERED_BY_HAND: "Somebody entered this payment in Procore, and it differs now. Correct it there.",
    H.LOCKED: "Procore does not let inBuild remove this payment. Remove it in Procore.",
}
# Nothing at all is done while one of these stands.
STOPS_ALL = frozenset({H.SWITCHED_OFF, H.PAUSED, H.PROCORE_PAY, H.NO_COMMITMENT})
# What is in Procore already still follows the books: it was written when it was right to.
STOPS_NEW_ONLY = frozenset({H.BEFORE_START, H.TO_PRINT, H.DATED_AHEAD})
# What only Procore, or a person there, could tell: the share's facts do not show it.
TOLD_BY_PROCORE = frozenset({H.NOT_VISIBLE, H.REFUSED, H.ENTERED_BY_HAND, H.LOCKED})


class Step(StrEnum):
    NOTHING = "nothing"
    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"
    ASK = "ask"


@dataclass(frozen=True)
class InProcore:
    """The contract payment of a share as we know it. ``is_ours``: written by us, not entered by a person.

    ``notes`` is None where Procore shows none.
    """

    amount: Decimal
    paid_on: date | None
    check_number: str
    notes: str | None
    is_ours: bool


@dataclass(frozen=True)
class WantedPayment:
    """What the books say of the share now; ``cash`` is zero once it was voided, deleted or moved to another bill.

    ``notes`` names how it was paid: Procore never shows the method that it was told, and a card and a transfer differ
    in nothing else.
    """

    cash: Decimal
    paid_on: date
    check_number: str
    notes: str


def step_for(known: InProcore | None, wanted: WantedPayment, hold: WriteHold | None) -> Step:
    """What is to be done now.

    Voids, deletions and re-allocations remove what we wrote, edits change it; what a person entered is never touched.
    """
    if hold in STOPS_ALL:
        return Step.NOTHING
    if known is None:
        return Step.CREATE if wanted.cash > 0 and hold is None else Step.NOTHING
    if wanted.cash <= 0:
        return Step.REMOVE if known.is_ours else Step.ASK
    if not known.is_ours:
        # Its date and number may be a person's own; the money must be the same.
        return Step.NOTHING if known.amount == wanted.cash else Step.ASK
    if _says_the_same(known, wanted):
        return Step.NOTHING
    if hold is None or hold in STOPS_NEW_ONLY:
        return Step.UPDATE
    return Step.ASK


def _says_the_same(known: InProcore, wanted: WantedPayment) -> bool:
    money = (known.amount, known.paid_on, known.check_number) == (wanted.cash, wanted.paid_on, wanted.check_number)
    return money and known.notes in (None, wanted.notes)


@dataclass(frozen=True)
class ShareFacts:
    """What decides whether a share may be written. Dates are dates: ``today`` is the project's."""

    cash: Decimal
    paid_on: date
    today: date
    is_to_be_printed: bool
    is_unclear: bool
    currency: str
    invoice_currency: str
    commitment_id: str
    paid_in_all: Decimal
    bill_total: Decimal
    write_back: bool
    write_back_from: date | None
    is_paused: bool
    uses_procore_pay: bool


def hold_of(facts: ShareFacts) -> WriteHold | None:
    """The first reason not to write it; None when nothing stands in the way.

    ``paid_in_all`` is the cash that all payments together put on the bill.
    """
    start = facts.write_back_from
    reasons = (
        (not facts.commitment_id, H.NO_COMMITMENT),
        (not facts.write_back or start is None, H.SWITCHED_OFF),
        (facts.is_paused, H.PAUSED),
        (facts.uses_procore_pay, H.PROCORE_PAY),
        (facts.currency not in ("", facts.invoice_currency), H.OTHER_CURRENCY),
        (facts.is_unclear, H.CREDIT_UNCLEAR),
        (facts.cash > 0 and facts.paid_in_all > facts.bill_total, H.LARGER_THAN_BILL),
        (start is not None and facts.paid_on < start, H.BEFORE_START),
        (facts.is_to_be_printed, H.TO_PRINT),
        (facts.paid_on > facts.today, H.DATED_AHEAD),
    )
    return next((hold for stands, hold in reasons if stands), None)
