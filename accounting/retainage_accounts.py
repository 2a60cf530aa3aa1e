"""Which accounts withhold retainage, and which let it go: those it was withheld in, the oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from accounting.bill_types import BillDraft, LineRole, RetainageBalance, WithheldIn
from accounting.money import ZERO
from accounting.retainage import retainage_booked


@dataclass(frozen=True)
class Share:
    """How much of an amount one account lets go."""

    account_id: str
    amount: Decimal


def shares_let_go(
    balance: RetainageBalance, in_force: str, kept: Decimal, amounts: Sequence[Decimal]
) -> list[list[Share]]:
    """For each of ``amounts``, one after the other, the accounts it comes out of; each amount is whole in its shares.

    What was let go before came out of the oldest account too. ``in_force`` is the account that retainage is withheld in
    now, ``kept`` what this invoice withholds there. It also takes what no account is known to hold, and amounts that
    are not positive: those let nothing go.
    """
    left: dict[str, Decimal] = {}
    for one in balance.withheld_in:
        account_id = one.account_id or in_force
        left[account_id] = left.get(account_id, ZERO) + one.amount
    _taken(left, sum(left.values(), ZERO) - balance.open, in_force)
    left[in_force] = left.get(in_force, ZERO) + max(kept, ZERO)
    return [_taken(left, amount, in_force) for amount in amounts]


def withheld_in(draft: BillDraft) -> str | None:
    """The account that a bill withholds retainage in; None where it withholds none."""
    if retainage_booked(draft)[0] <= 0:
        return None
    return next((line.account_id for line in draft.lines if line.role is LineRole.RETAINAGE_WITHHELD), None)


def less(withheld_in: Sequence[WithheldIn], account_id: str | None, amount: Decimal) -> tuple[WithheldIn, ...]:
    """The same without ``amount`` of what that account had; one that is not positive takes nothing off."""
    found, off = [], max(amount, ZERO)
    for one in withheld_in:
        part = min(one.amount, off) if one.account_id == account_id else ZERO
        off -= part
        if one.amount > part:
            found.append(replace(one, amount=one.amount - part))
    return tuple(found)


def _taken(left: dict[str, Decimal], amount: Decimal, in_force: str) -> list[Share]:
    """``amount`` out of what is ``left``, which is less afterwards."""
    shares: dict[str, Decimal] = {}
    wanted = amount
    for account_id, there in left.items():
        share = min(there, wanted)
        if share > 0:
            shares[account_id] = share
            left[account_id] -= share
            wanted -= share
    if wanted != 0:
        shares[in_force] = shares.get(in_force, ZERO) + wanted
    return [Share(account_id, share) for account_id, share in shares.items()]
