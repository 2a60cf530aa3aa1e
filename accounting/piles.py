"""Backfill: which of the bills that are in the books already belong to which historical invoices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounting.duplicates import BookedTransaction, Match
from accounting.plan import PlanVerdict


@dataclass(frozen=True)
class Piled:
    """The pile of one invoice that comes in, and what in the books it is, or may be."""

    verdict: PlanVerdict
    booked: BookedTransaction | None = None


CREATED = Piled(PlanVerdict.CREATE)


def pile_up(found: Mapping[str, Sequence[Match]]) -> dict[str, Piled]:
    """Each invoice in exactly one pile, by what the books hold that looks like it.

    Linked: exactly one bill is surely its own, and that bill is surely no other invoice's. A bill so linked is no
    look-alike of anything else. What is left over asks a person; nothing left over: a new bill.
    """
    claims: dict[str, list[str]] = {}
    for invoice, matches in found.items():
        for one in matches:
            if one.is_sure:
                claims.setdefault(one.booked.key, []).append(invoice)
    linked = {
        invoice: sure[0].booked
        for invoice, matches in found.items()
        if len(sure := [one for one in matches if one.is_sure]) == 1 and len(claims[sure[0].booked.key]) == 1
    }
    taken = {booked.key for booked in linked.values()}
    return {
        invoice: Piled(PlanVerdict.LINK, linked[invoice]) if invoice in linked else _left_over(matches, taken)
        for invoice, matches in found.items()
    }


def _left_over(matches: Sequence[Match], taken: set[str]) -> Piled:
    possible = [one for one in matches if one.booked.key not in taken]
    if not possible:
        return CREATED
    # What a person sees first is what looks most like it.
    return Piled(PlanVerdict.ASK, sorted(possible, key=lambda one: not one.is_sure)[0].booked)
