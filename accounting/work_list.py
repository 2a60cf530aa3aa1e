"""The work list: what people have to do, ranked by the money that each thing frees."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounting.blockers import EXPLANATIONS, BlockerReason, Hold, Owner
from accounting.money import ZERO, dollars


@dataclass(frozen=True)
class OpenBlocker:
    """One open reason of one invoice; ``scope`` is what the subject key belongs to (a connection's id, or empty)."""

    invoice_id: str
    due: Decimal
    hold: Hold
    scope: str = ""


@dataclass(frozen=True)
class Task:
    """One thing to do. ``frees`` are invoices held by nothing else, ``touches`` all that it holds.

    ``subject_key`` together with reason and scope is what one click clears.
    """

    reason: BlockerReason
    subject_key: str
    subject: str
    scope: str
    frees: int
    frees_amount: Decimal
    touches: int
    touches_amount: Decimal

    @property
    def owner(self) -> Owner:
        return EXPLANATIONS[self.reason].owner

    @property
    def button(self) -> str | None:
        return EXPLANATIONS[self.reason].button

    @property
    def sentence(self) -> str:
        """``Map budget code 03-300 → frees 41 invoices, $1,204,118.20``; what it alone does not free is said so."""
        doing = f"{self.button or EXPLANATIONS[self.reason].sentence} {self.subject}".strip()
        if self.frees:
            return f"{doing} → frees {_invoices(self.frees)}, {dollars(self.frees_amount)}"
        return f"{doing} → one of several things that {_invoices(self.touches)} of {dollars(self.touches_amount)} need"


# One click clears these for every invoice they hold; any other reason is about one invoice at a time.
SHARED = frozenset(
    {
        BlockerReason.VENDOR_UNMAPPED,
        BlockerReason.VENDOR_INACTIVE,
        BlockerReason.PROJECT_UNMAPPED,
        BlockerReason.PROJECT_UNROUTED,
        BlockerReason.COST_CODE_UNMAPPED,
        BlockerReason.MAPPING_REFUSED,
        BlockerReason.AP_ACCOUNT_MISSING,
        BlockerReason.RETAINAGE_ACCOUNT_MISSING,
        BlockerReason.RETAINAGE_OPENING_BALANCE,
        BlockerReason.PERIOD_CLOSED,
        BlockerReason.LOCK_DATE,
        BlockerReason.PROJECT_NOT_VISIBLE,
        BlockerReason.NO_QUICKBOOKS,
        BlockerReason.CONNECTION_EXPIRED,
        BlockerReason.PAUSED,
    }
)


def work_list(blockers: Iterable[OpenBlocker]) -> tuple[Task, ...]:
    """What to do, the most money first: money it frees alone, then money it touches. The same every time."""
    groups: dict[tuple[BlockerReason, str, str], dict[str, OpenBlocker]] = defaultdict(dict)
    held_by: dict[str, set[tuple[BlockerReason, str, str]]] = defaultdict(set)
    for one in blockers:
        if EXPLANATIONS[one.hold.reason].clears_by_itself:
            continue
        own = one.hold.subject_key if one.hold.reason in SHARED else f"{one.invoice_id} {one.hold.subject_key}"
        key = (one.hold.reason, one.scope, own)
        groups[key].setdefault(one.invoice_id, one)
        held_by[one.invoice_id].add(key)
    tasks = [_task(members, held_by) for members in groups.values()]
    order = list(BlockerReason)
    return tuple(
        sorted(
            tasks,
            key=lambda task: (
                -task.frees_amount,
                -task.touches_amount,
                order.index(task.reason),
                task.subject,
                task.scope,
                task.subject_key,
            ),
        )
    )


def _task(members: dict[str, OpenBlocker], held_by: dict[str, set[tuple[BlockerReason, str, str]]]) -> Task:
    first = next(iter(members.values()))
    freed = [one for one in members.values() if len(held_by[one.invoice_id]) == 1]
    return Task(
        reason=first.hold.reason,
        subject_key=first.hold.subject_key,
        subject=first.hold.subject,
        scope=first.scope,
        frees=len(freed),
        frees_amount=sum((one.due for one in freed), ZERO),
        touches=len(members),
        touches_amount=sum((one.due for one in members.values()), ZERO),
    )


def _invoices(count: int) -> str:
    return f"{count:,} {'invoice' if count == 1 else 'invoices'}"
