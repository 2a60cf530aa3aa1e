"""Which contract payment that stands in Procore already is the one a share of a bill payment would become."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

# A payment is typed into Procore some days before or after it is dated in the books, rarely more than a week.
NEAR = timedelta(days=7)


@dataclass(frozen=True)
class IssuedPayment:
    """A contract payment as it stands on the commitment; empty strings for what Procore does not say."""

    id: str
    amount: Decimal
    paid_on: date | None
    check_number: str
    requisition_id: str


@dataclass(frozen=True)
class SoughtPayment:
    """A share that is to be written, as contract payments are compared with it."""

    cash: Decimal
    paid_on: date
    check_number: str
    requisition_id: str


def existing_payment(sought: SoughtPayment, issued: Iterable[IssuedPayment]) -> IssuedPayment | None:
    """The payment on the same commitment with the same amount and the same check number, or dated within 7 days.

    One that names another requisition is it only by its check number. Of several the one with the check number wins,
    then the one that names our requisition, then the nearest day.
    """
    alike = [one for one in issued if one.amount == sought.cash and _is_alike(sought, one)]
    return min(alike, key=lambda one: _distance(sought, one), default=None)


def _is_alike(sought: SoughtPayment, one: IssuedPayment) -> bool:
    if _same_check(sought, one):
        return True
    if one.requisition_id and one.requisition_id != sought.requisition_id:
        return False
    return one.paid_on is not None and abs(one.paid_on - sought.paid_on) <= NEAR


def _same_check(sought: SoughtPayment, one: IssuedPayment) -> bool:
    number = _bare(sought.check_number)
    return bool(number) and number == _bare(one.check_number)


def _bare(check_number: str) -> str:
    return check_number.strip().lstrip("#0").casefold()


def _distance(sought: SoughtPayment, one: IssuedPayment) -> tuple[bool, bool, timedelta, str]:
    days = abs(one.paid_on - sought.paid_on) if one.paid_on is not None else timedelta.max
    return not _same_check(sought, one), one.requisition_id != sought.requisition_id, days, one.id
